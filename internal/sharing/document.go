package sharing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
)

// The shares of a resource generate one document, a policy with the source
// store.SourceRAM: one statement per share for all its accounts, users and roles, and one
// for each organization, unit and service. A resource that is not shared has none.
//
// Its shape is that of the samples in
// https://docs.aws.amazon.com/ram/latest/userguide/security-iam-policies.html

// shareGrant is what a share grants on any resource in it.
type shareGrant struct {
	share    string // its ARN
	grantees []grantee
	terms    map[string]terms // by resource type
}

// grantee is the principal of one statement.
type grantee struct {
	principal  string // JSON
	conditions []condition
}

// grantOf returns the grant of a share; nothing unless the share is active and STANDARD.
func grantOf(k *content, o organizations) (*shareGrant, error) {
	g := &shareGrant{share: k.share.ARN, terms: map[string]terms{}}
	if !k.share.isActiveStandard() {
		return g, nil
	}
	var principals, sources []string
	for _, a := range k.associations {
		switch a.Type {
		case Principal:
			if a.grants() {
				principals = append(principals, a.Entity)
			}
		case Source:
			if a.grants() {
				sources = append(sources, a.Entity)
			}
		}
	}
	for typ, ref := range k.share.Permissions {
		t, err := k.terms(ref)
		if err != nil {
			return nil, fmt.Errorf("share %s: %w", k.share.ARN, err)
		}
		g.terms[typ] = t
	}
	g.grantees = granteesOf(partitionOf(k.share.ARN), principals, sources, o)
	return g, nil
}

// granteesOf returns the grantees for the principals of a share, in order, with the
// sources for which a service must act.
func granteesOf(partition string, principals, sources []string, o organizations) (list []grantee) {
	var named []string
	var others []grantee
	for _, p := range principals {
		a, err := arn.Parse(p)
		switch {
		case arn.IsAccountID(p):
			named = append(named, identity.RootARN(partition, p))
		case err != nil:
			others = append(others, ofService(p, sources))
		case a.Service == "organizations":
			if g, ok := ofOrganization(p, o); ok {
				others = append(others, g)
			}
		default:
			named = append(named, p)
		}
	}
	if len(named) > 0 {
		list = append(list, grantee{principal: `{"AWS":` + oneOrMany(named) + `}`})
	}
	return append(list, others...)
}

// The condition keys that name organizations and units in policies.
const (
	principalOrgID    = "aws:PrincipalOrgID"
	principalOrgPaths = "aws:PrincipalOrgPaths"
)

// ofOrganization grants to the accounts of an organization, or to those of a unit and of
// the units below it. A unit that does not exist has none.
func ofOrganization(principal string, o organizations) (grantee, bool) {
	g := grantee{principal: `"*"`}
	if id, ok := organizationID(principal); ok {
		g.conditions = []condition{{"StringEquals", principalOrgID, []string{id}}}
		return g, true
	}
	path, ok := o.paths[principal]
	// The path ends in a slash, so that "*" covers the unit's own accounts, too,
	// and no unit whose id has the same prefix.
	g.conditions = []condition{{"ForAnyValue:StringLike", principalOrgPaths, []string{path + "*"}}}
	return g, ok
}

// ofService grants to a service, restricted to the sources (accounts) of the share, if it
// has any.
func ofService(name string, sources []string) grantee {
	g := grantee{principal: `{"Service":` + quoted(name) + `}`}
	if len(sources) > 0 {
		g.conditions = []condition{{"StringEquals", "aws:SourceAccount", sources}}
	}
	return g
}

// documentOf returns the document with the grants on a resource; "" if there are none.
func documentOf(resource string, grants []*shareGrant) (string, error) {
	typ, ok := TypeOf(resource)
	if !ok {
		return "", nil
	}
	var statements []string
	for _, g := range grants {
		list, err := g.statements(typ.Name, resource)
		if err != nil {
			return "", err
		}
		statements = append(statements, list...)
	}
	if len(statements) == 0 {
		return "", nil
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`, nil
}

// statements are what the share grants on one resource.
func (g *shareGrant) statements(resourceType, resource string) ([]string, error) {
	t, ok := g.terms[resourceType]
	if !ok {
		return nil, nil
	}
	var list []string
	for _, to := range g.grantees {
		for _, c := range to.conditions {
			if slices.ContainsFunc(t.conditions, c.collides) {
				return nil, fmt.Errorf("share %s: its permission and its principal both have a condition on %s", g.share, c.key)
			}
		}
		var b strings.Builder
		b.WriteString(`{"Effect":"Allow","Principal":` + to.principal + `,"Action":` + quotedList(t.actions) + `,"Resource":` + quoted(resource))
		writeConditions(&b, slices.Concat(t.conditions, to.conditions))
		b.WriteString("}")
		list = append(list, b.String())
	}
	return list, nil
}

func partitionOf(text string) string {
	_, rest, _ := strings.Cut(text, ":")
	partition, _, _ := strings.Cut(rest, ":")
	return partition
}
