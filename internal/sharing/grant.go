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
	principals []string // as a share names them, each once
	terms      terms    // of all statements together

	// expressible says that a share with these principals and terms grants just
	// what the policy grants.
	expressible bool
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
			p, ok := shareable(v.Text)
			return ok && p == doc.resource.Account
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

// add adds what another statement grants. Of conditions that collide the first
// stays.
func (g *externalGrant) add(part externalGrant) {
	for _, p := range part.principals {
		if !slices.Contains(g.principals, p) {
			g.principals = append(g.principals, p)
		}
	}
	t := &g.terms
	for _, action := range part.terms.actions {
		if !slices.ContainsFunc(t.actions, func(a string) bool { return lower(a) == lower(action) }) {
			t.actions = append(t.actions, action)
		}
	}
	for _, c := range part.terms.conditions {
		if !slices.ContainsFunc(t.conditions, c.collides) {
			t.conditions = append(t.conditions, c)
		}
	}
}

// digest is equal for grants that make equal shares.
func (g *externalGrant) digest() string {
	sum := sha256.Sum256([]byte(g.terms.text() + quotedList(distinct(g.principals))))
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
			p, ok := shareable(v.Text)
			switch {
			case entry.Type == "AWS" && v.Text == "*":
				everybody = true
			case entry.Type != "AWS" || !ok:
				grant.expressible = false
			case p == owner && !doc.own: // the account's own policies decide, with or without this
			case accountOf(p) == owner && p != owner:
				grant.expressible = false
			default:
				grant.principals = append(grant.principals, p)
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
				g.principals = []string{own.ARN()}
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

func ownOrganization(resource arn.ARN, o organizations) identity.Organization {
	m := o.members[resource.Account]
	return identity.Organization{Partition: resource.Partition, ID: m.OrganizationID, Management: m.ManagementAccount}
}

// units are the ARNs of the units that patterns of paths cover, each with all
// units below it; nil if one pattern is not of that form.
func units(own identity.Organization, patterns []string, o organizations) []string {
	var list []string
	for _, pattern := range patterns {
		path, id, ok := unitPath(pattern)
		if !ok || o.paths[own.NodeARN(id)] != path+"/" {
			return nil
		}
		list = append(list, own.NodeARN(id))
	}
	return list
}

// unitPath takes a pattern such as "o-a/r-b/ou-c/*" apart.
func unitPath(pattern string) (path, id string, ok bool) {
	path, ok = strings.CutSuffix(pattern, "/*")
	id = path[strings.LastIndex(path, "/")+1:]
	return path, id, ok && strings.HasPrefix(id, "ou-")
}

// principals lists the AWS principals of a document, as a share names them.
func (doc policyDocument) principals() []string {
	var list []string
	for _, st := range doc.Statements {
		for _, entry := range st.Principal.Entries {
			for _, v := range entry.Values.Values {
				if p, ok := shareable(v.Text); ok && entry.Type == "AWS" {
					list = append(list, p)
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
