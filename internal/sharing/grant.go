package sharing

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// externalGrant is what a policy grants to principals outside its owner's
// account, as far as a share can express it.
type externalGrant struct {
	principals []grantPrincipal // each once
	digest     string           // equal for grants that make equal shares
	terms      terms            // of all statements together

	// expressible says that a share with these principals and terms grants just
	// what the policy grants.
	expressible bool
}

// grantPrincipal is a principal to whom a policy grants access.
type grantPrincipal struct {
	name     string // as a share names it
	account  string // that it is or belongs to; "" for an organization or a unit of it
	external bool   // outside the owner's organization
}

func (p grantPrincipal) association() Association {
	return Association{Type: Principal, Entity: p.name, Status: Associated, External: p.external}
}

// names reports whether a principal of a share is one of the grant's.
func (g *externalGrant) names(principal string) bool {
	return slices.ContainsFunc(g.principals, func(p grantPrincipal) bool { return p.name == principal })
}

// policyDocument is a policy on a resource, parsed.
type policyDocument struct {
	*policy.Document
	resource arn.ARN
	own      bool // a grant to the owner's own account counts: see ResourceType.OwnAccount
}

// readExternalGrant reads a document; nil if it grants nothing to principals that
// count.
func readExternalGrant(doc policyDocument, o organizations) *externalGrant {
	if !doc.grants() {
		return nil
	}
	// Before 2012-10-17 a variable in a value is text.
	grant := &externalGrant{expressible: doc.Version.Text == "2012-10-17" || !strings.Contains(string(doc.Source()), "${")}
	first := ""
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if !isExpressible(st, doc.resource.String()) {
			grant.expressible = false
		}
		if st.Effect.Text != "Allow" {
			continue
		}
		part := doc.readStatement(st, o)
		if !part.expressible {
			grant.expressible = false
		}
		if !doc.statementGrants(st) {
			continue
		}
		text := part.terms.text()
		if first == "" {
			first = text
		} else if text != first {
			grant.expressible = false
		}
		grant.add(part)
	}
	grant.digest = grant.sum()
	return grant
}

// grants reports whether the document grants anything to principals that count.
func (doc policyDocument) grants() bool {
	for i := range doc.Statements {
		if st := &doc.Statements[i]; st.Effect.Text == "Allow" && doc.statementGrants(st) {
			return true
		}
	}
	return false
}

func (doc policyDocument) statementGrants(st *policy.Statement) bool {
	if st.NotPrincipal.Present() || external(st.Principal, doc.resource.Account) {
		return true
	}
	return doc.own && slices.ContainsFunc(st.Principal.Entries, func(e policy.PrincipalEntry) bool {
		return e.Type == "AWS" && slices.ContainsFunc(e.Values.Values, func(v policy.Value) bool {
			name, _, ok := shareable(v.Text)
			return ok && name == doc.resource.Account
		})
	})
}

// isExpressible reports whether a statement has only what a share can express:
// it allows actions that are named in full, on the resource and nothing else.
func isExpressible(st *policy.Statement, resource string) bool {
	wild := func(v policy.Value) bool { return strings.ContainsAny(v.Text, "*?") }
	return st.Effect.Text == "Allow" && st.Principal.Present() && !st.NotPrincipal.Present() &&
		st.Action.Present() && !st.NotAction.Present() && !slices.ContainsFunc(st.Action.Values, wild) &&
		!st.NotResource.Present() && len(st.Resource.Values) == 1 && st.Resource.Values[0].Text == resource
}

// add adds what another statement grants.
func (g *externalGrant) add(part externalGrant) {
	for _, p := range part.principals {
		if !g.names(p.name) {
			g.principals = append(g.principals, p)
		}
	}
	g.terms.add(part.terms)
}

// sum returns a digest that is equal for grants that make equal shares.
func (g *externalGrant) sum() string {
	var names []string
	for _, p := range g.principals {
		names = append(names, p.name)
	}
	sum := sha256.Sum256([]byte(g.terms.text() + quotedList(distinct(names))))
	return hex.EncodeToString(sum[:])
}

// readStatement reads the principals that a statement grants to, and its terms
// without the conditions that are a principal by themselves: "*" in the owner's
// organization or in units of it.
func (doc policyDocument) readStatement(st *policy.Statement, o organizations) externalGrant {
	owner := doc.resource.Account
	grant := externalGrant{terms: termsOf(st), expressible: true}
	everybody := st.Principal.Any.Present()
	for _, entry := range st.Principal.Entries {
		for _, v := range entry.Values.Values {
			name, account, ok := shareable(v.Text)
			switch {
			case entry.Type == "AWS" && v.Text == "*":
				everybody = true
			case entry.Type != "AWS" || !ok:
				grant.expressible = false
			case name == owner && !doc.own: // the account's own policies decide, with or without this
			case account == owner && name != owner:
				grant.expressible = false
			default:
				grant.principals = append(grant.principals, grantPrincipal{name, account, o.outsideAccount(owner, account)})
			}
		}
	}
	if everybody {
		grant.expressible = grant.expressible && len(st.Principal.Entries) < 2
		grant.limit(doc.resource, o)
	}
	return grant
}

// limit makes principals of the conditions on the caller's organization.
func (g *externalGrant) limit(resource arn.ARN, o organizations) {
	g.principals = nil // everybody includes those that are named
	own := ownOrganization(resource, o)
	for i, c := range g.terms.conditions {
		switch {
		case own.ID == "":
		case c.is("StringEquals", principalOrgID):
			if len(c.values) == 1 && c.values[0] == own.ID {
				g.principals = []grantPrincipal{{name: own.ARN()}}
			}
		case c.is("ForAnyValue:StringLike", principalOrgPaths):
			g.principals = units(own, c.values, o)
		}
		if g.principals != nil {
			g.terms.conditions = slices.Delete(slices.Clone(g.terms.conditions), i, i+1)
			return
		}
	}
	g.expressible = false
}

// units are the ARNs of the units that patterns of paths cover, each with all
// units below it; nil if one pattern is not of that form.
func units(own identity.Organization, patterns []string, o organizations) []grantPrincipal {
	var list []grantPrincipal
	for _, pattern := range patterns {
		path, id, ok := unitPath(pattern)
		if !ok || o.paths[own.NodeARN(id)] != path+"/" {
			return nil
		}
		list = append(list, grantPrincipal{name: own.NodeARN(id)})
	}
	return list
}

// unitPath takes a pattern such as "o-a/r-b/ou-c/*" apart.
func unitPath(pattern string) (path, id string, ok bool) {
	path, ok = strings.CutSuffix(pattern, "/*")
	id = path[strings.LastIndex(path, "/")+1:]
	return path, id, ok && strings.HasPrefix(id, "ou-")
}

// accounts lists the owner and the accounts of the principals of a document.
func (doc policyDocument) accounts() []string {
	list := []string{doc.resource.Account}
	for _, st := range doc.Statements {
		for _, entry := range st.Principal.Entries {
			for _, v := range entry.Values.Values {
				if _, account, ok := shareable(v.Text); ok && entry.Type == "AWS" {
					list = append(list, account)
				}
			}
		}
	}
	return list
}

// unitIDs lists the ids of the units that conditions of a document name.
func (doc policyDocument) unitIDs() []string {
	var list []string
	for i := range doc.Statements {
		for _, c := range termsOf(&doc.Statements[i]).conditions {
			if !c.is("ForAnyValue:StringLike", principalOrgPaths) {
				continue
			}
			for _, pattern := range c.values {
				if _, id, ok := unitPath(pattern); ok {
					list = append(list, id)
				}
			}
		}
	}
	return list
}

// shareable returns an AWS principal of a policy as a share names it, and its account:
// an account is named by its id, a role or a user by its ARN. A share cannot name others.
func shareable(principal string) (name, account string, ok bool) {
	if identity.IsAccountID(principal) {
		return principal, principal, true
	}
	a, err := arn.Parse(principal)
	switch {
	case err != nil || a.Service != "iam" || !identity.IsAccountID(a.Account):
		return "", "", false
	case a.Resource == "root":
		return a.Account, a.Account, true
	}
	return principal, a.Account, strings.HasPrefix(a.Resource, "role/") || strings.HasPrefix(a.Resource, "user/")
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
