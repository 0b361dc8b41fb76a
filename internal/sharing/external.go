package sharing

import (
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/policy"
)

// External reports whether the document allows anything to a principal outside
// the owner's account, which is 12 digits. It errs towards yes: "*" counts,
// whatever its conditions, and so does Allow with NotPrincipal. AWS services do
// not count; they act for accounts, which are named elsewhere.
func External(doc *policy.Document, owner string) bool {
	for _, st := range doc.Statements {
		if st.Effect.Text == "Allow" && (st.NotPrincipal.Present() || external(st.Principal, owner)) {
			return true
		}
	}
	return false
}

func external(p policy.Principals, owner string) bool {
	if p.Any.Present() {
		return true
	}
	for _, entry := range p.Entries {
		for _, v := range entry.Values.Values {
			switch entry.Type {
			case "AWS":
				if accountOf(v.Text) != owner {
					return true
				}
			case "Service":
			default:
				return true
			}
		}
	}
	return false
}

// accountOf is the account of a principal as a policy names it: an account id
// or an ARN. Of "*" and of unique ids it is what no account is called.
func accountOf(principal string) string {
	if !strings.HasPrefix(principal, "arn:") {
		return principal
	}
	a, err := arn.Parse(principal)
	if err != nil {
		return principal
	}
	return a.Account
}
