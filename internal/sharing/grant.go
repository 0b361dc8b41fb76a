package sharing

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/policy"
)

// externalGrant is the access that a policy grants to principals outside its owner's
// account, as far as a share can express it.
type externalGrant struct {
	principals []grantPrincipal // each once
	digest     string           // equal for grants that result in equal shares
	terms      terms            // of all statements together

	// expressible says that a share with these principals and terms grants exactly the
	// same.
	expressible bool
}

// grantPrincipal is a principal to which a policy grants access.
type grantPrincipal struct {
	name     string // as a share names it
	account  string // its account; "" for an organization or organizational unit
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
	own      bool // grants to the owner's own account count: see ResourceType.OwnAccount
}

// readExternalGrant reads a document; nil if it grants nothing to principals that count.
func readExternalGrant(doc policyDocument, owner ownerScope) *externalGrant {
	// Before 2012-10-17 a variable in a value is text.
	grant := &externalGrant{expressible: doc.Version().Text == "2012-10-17" || !strings.Contains(string(doc.Source()), "${")}
	granted := false
	for i := range doc.Statements() {
		st := &doc.Statements()[i]
		if !isExpressible(st, doc.resource.String()) {
			grant.expressible = false
		}
		if st.Effect.Text != "Allow" {
			continue
		}
		part, counts := doc.readStatement(st, owner)
		grant.expressible = grant.expressible && part.expressible
		if !counts {
			continue
		}
		if granted && part.terms.text() != grant.terms.text() {
			grant.expressible = false
		}
		grant.add(part)
		granted = true
	}
	if !granted {
		return nil
	}
	grant.digest = grant.sum()
	return grant
}

// isExpressible reports whether a share can express a statement: it allows actions named
// in full, on exactly the resource.
func isExpressible(st *policy.Statement, resource string) bool {
	wild := func(v policy.Value) bool { return strings.ContainsAny(v.Text, "*?") }
	return st.Effect.Text == "Allow" && st.Principal.Present() && !st.NotPrincipal.Present() &&
		st.Action.Present() && !st.NotAction.Present() && !slices.ContainsFunc(st.Action.Values, wild) &&
		!st.NotResource.Present() && len(st.Resource.Values) == 1 && st.Resource.Values[0].Text == resource
}

// readStatement returns the principals of a statement, and its terms without conditions
// that act as a principal: "*" within the owner's organization or units of it. counts
// says that the statement allows something to a principal outside the owner's account, or
// to the account itself if that counts.
func (doc policyDocument) readStatement(st *policy.Statement, owner ownerScope) (grant externalGrant, counts bool) {
	grant = externalGrant{terms: termsOf(st), expressible: true}
	account := doc.resource.Account
	everybody := st.Principal.Any.Present()
	counts = allowsExternal(st, account)
	for _, entry := range st.Principal.Entries {
		for _, v := range entry.Values.Values {
			p, ok := shareable(v.Text)
			p.external = !owner.members[p.account]
			switch {
			case entry.Type == "AWS" && v.Text == "*":
				everybody = true
			case entry.Type != "AWS" || !ok:
				grant.expressible = false
			case p.name == account && !doc.own: // the account's own policies decide anyway
			case p.account == account && p.name != account:
				grant.expressible = false
			default:
				grant.principals = append(grant.principals, p)
				counts = true
			}
		}
	}
	if everybody {
		grant.expressible = grant.expressible && len(st.Principal.Entries) < 2
		grant.limit(owner)
	}
	return grant, counts
}

// limit replaces everyone by the principals in conditions on the caller's organization.
func (g *externalGrant) limit(owner ownerScope) {
	g.principals = nil // everyone includes the named principals
	own := owner.organization
	for i, c := range g.terms.conditions {
		switch {
		case own.ID == "":
		case c.is("StringEquals", principalOrgID):
			if len(c.values) == 1 && c.values[0] == own.ID {
				g.principals = []grantPrincipal{{name: own.ARN()}}
			}
		case c.is("ForAnyValue:StringLike", principalOrgPaths):
			g.principals = owner.units(c.values)
		}
		if g.principals != nil {
			g.terms.conditions = slices.Delete(slices.Clone(g.terms.conditions), i, i+1)
			return
		}
	}
	g.expressible = false
}

// units are the organizational units that patterns of paths cover, each with all
// units below it; nil if one pattern is not of that form.
func (owner ownerScope) units(patterns []string) []grantPrincipal {
	var list []grantPrincipal
	for _, pattern := range patterns {
		path, id, ok := unitPath(pattern)
		unit := owner.organization.NodeARN(id)
		if !ok || owner.paths[unit] != path+"/" {
			return nil
		}
		list = append(list, grantPrincipal{name: unit})
	}
	return list
}

// unitPath parses a pattern such as "o-a/r-b/ou-c/*".
func unitPath(pattern string) (path, id string, ok bool) {
	path, ok = strings.CutSuffix(pattern, "/*")
	id = path[strings.LastIndex(path, "/")+1:]
	return path, id, ok && strings.HasPrefix(id, "ou-")
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

// sum returns a digest that is equal for grants that result in equal shares.
func (g *externalGrant) sum() string {
	var names []string
	for _, p := range g.principals {
		names = append(names, p.name)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%q", g.terms.text(), distinct(names)))
	return hex.EncodeToString(sum[:])
}

// accounts lists the owner and the accounts of the principals of a document.
func (doc policyDocument) accounts() []string {
	list := []string{doc.resource.Account}
	for _, st := range doc.Statements() {
		for _, entry := range st.Principal.Entries {
			for _, v := range entry.Values.Values {
				if p, ok := shareable(v.Text); ok && entry.Type == "AWS" {
					list = append(list, p.account)
				}
			}
		}
	}
	return list
}

// unitIDs lists the ids of the units that conditions of a document name.
func (doc policyDocument) unitIDs() []string {
	var list []string
	for i := range doc.Statements() {
		for _, c := range termsOf(&doc.Statements()[i]).conditions {
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

// shareable converts an AWS principal of a policy to the form in shares: the id of an
// account, the ARN of a role or a user. Others are not shareable.
func shareable(principal string) (p grantPrincipal, ok bool) {
	p, ok = grantPrincipal{name: principal, account: principal}, true
	if a, err := arn.Parse(principal); err == nil {
		p.account = a.Account
		switch {
		case a.Service != "iam":
			ok = false
		case a.Resource == "root":
			p.name = a.Account
		default:
			ok = strings.HasPrefix(a.Resource, "role/") || strings.HasPrefix(a.Resource, "user/")
		}
	}
	return p, ok && arn.IsAccountID(p.account)
}

// External reports whether the document allows anything to a principal outside the
// owner's account, which is 12 digits. In doubt it is true: "*" counts with any
// conditions, and so does Allow with NotPrincipal. AWS services do not count; the
// accounts for which they act are named elsewhere.
func External(doc *policy.Document, owner string) bool {
	return slices.ContainsFunc(doc.Statements(), func(st policy.Statement) bool {
		return st.Effect.Text == "Allow" && allowsExternal(&st, owner)
	})
}

func allowsExternal(st *policy.Statement, owner string) bool {
	if st.NotPrincipal.Present() || st.Principal.Any.Present() {
		return true
	}
	for _, entry := range st.Principal.Entries {
		for _, v := range entry.Values.Values {
			// For "*" and unique ids the result is never an account id.
			p, _ := shareable(v.Text)
			switch entry.Type {
			case "AWS":
				if p.account != owner {
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

// terms are the actions and conditions of a permission, without principals. The template
// of a permission is their text.
type terms struct {
	actions    []string
	conditions []condition
}

// condition is one condition key with its operator and values, all as written.
type condition struct {
	operator, key string
	values        []string
}

func (c condition) sameOperator(d condition) bool { return lower(c.operator) == lower(d.operator) }

// is reports whether the condition has an operator and a key.
func (c condition) is(operator, key string) bool {
	return c.collides(condition{operator: operator, key: key})
}

// collides reports whether the two conditions cannot be in one statement.
func (c condition) collides(d condition) bool {
	return c.sameOperator(d) && lower(c.key) == lower(d.key)
}

// termsOf are the terms of a statement.
func termsOf(st *policy.Statement) (t terms) {
	t.actions = texts(st.Action)
	for _, operator := range st.Condition.Operators {
		for _, key := range operator.Keys {
			t.conditions = append(t.conditions, condition{operator.Name, key.Name, texts(key.Values)})
		}
	}
	return t
}

func texts(list policy.List) []string {
	all := make([]string, len(list.Values))
	for i, v := range list.Values {
		all[i] = v.Text
	}
	return all
}

// add adds actions and conditions. Of colliding conditions the first is kept.
func (t *terms) add(other terms) {
	for _, action := range other.actions {
		if !slices.ContainsFunc(t.actions, func(a string) bool { return lower(a) == lower(action) }) {
			t.actions = append(t.actions, action)
		}
	}
	for _, c := range other.conditions {
		if !slices.ContainsFunc(t.conditions, c.collides) {
			t.conditions = append(t.conditions, c)
		}
	}
}

// text is equal exactly for terms with the same meaning: it ignores order, repetition and
// case, except the case of values in conditions.
func (t terms) text() string {
	actions := make([]string, len(t.actions))
	for i, action := range t.actions {
		actions[i] = lower(action)
	}
	conditions := make([]string, len(t.conditions))
	for i, c := range t.conditions {
		conditions[i] = fmt.Sprintf("%q%q%q", lower(c.operator), lower(c.key), distinct(c.values))
	}
	return fmt.Sprintf("%q", distinct(actions)) + strings.Join(distinct(conditions), "")
}

// distinct sorts a list and removes duplicates.
func distinct(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// lower converts ASCII letters to lower case, as policies compare them.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
