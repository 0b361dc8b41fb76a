package sharing

import (
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// How principals are named: in policies by ARNs and accounts, in shares also by
// organizations, units and services.

// consumerOf is the consumer that a principal of a share makes: the account that
// it is or is in, or the organization or the unit that it is. A service makes
// none.
func consumerOf(principal string) string {
	a, err := arn.Parse(principal)
	switch {
	case err != nil && !identity.IsAccountID(principal):
		return ""
	case err != nil:
		return principal
	case a.Service == "organizations":
		return principal
	}
	return a.Account
}

// organizationOf is the id of the organization that a principal is or that it is
// a unit of; false if it is neither.
func organizationOf(principal string) (string, bool) {
	a, err := arn.Parse(principal)
	if err != nil || a.Service != "organizations" {
		return "", false
	}
	_, path, _ := strings.Cut(a.Resource, "/") // of a unit "o-.../ou-..."
	id, _, _ := strings.Cut(path, "/")
	return id, id != ""
}

// organizationID is the id of an organization by its ARN; false for other ARNs.
func organizationID(principal string) (string, bool) {
	a, err := arn.Parse(principal)
	if err != nil || a.Service != "organizations" {
		return "", false
	}
	return strings.CutPrefix(a.Resource, "organization/")
}

// isUnit reports whether a principal is a unit of an organization.
func isUnit(principal string) bool {
	_, isOrganization := organizationID(principal)
	_, some := organizationOf(principal)
	return some && !isOrganization
}

// shareable is an AWS principal of a policy as a share names it: an account by
// its id, a role or a user by its ARN.
func shareable(principal string) (string, bool) {
	if identity.IsAccountID(principal) {
		return principal, true
	}
	a, err := arn.Parse(principal)
	switch {
	case err != nil || a.Service != "iam" || !identity.IsAccountID(a.Account):
		return "", false
	case a.Resource == "root":
		return a.Account, true
	}
	return principal, strings.HasPrefix(a.Resource, "role/") || strings.HasPrefix(a.Resource, "user/")
}

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
