package sharing

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Rewrite writes the document that the shares of a resource make of it, as a
// policy of source store.SourceRAM: for each share one statement for all its
// accounts, users and roles, and one for each organization, unit and service.
// A resource that nobody shares has none.
//
// Its shape is that of the samples in
// https://docs.aws.amazon.com/ram/latest/userguide/security-iam-policies.html
func Rewrite(c *operation.Call, arn string) error { return newWriter(c).write(arn) }

// writer writes the documents of resources. It reads each share once.
type writer struct {
	c      *operation.Call
	grants map[string]*grant // by share
}

func newWriter(c *operation.Call) *writer { return &writer{c, map[string]*grant{}} }

// grant is what a share says of whatever is in it.
type grant struct {
	share     *Share
	consumers map[string]bool // who can discover it
	grantees  []grantee
	terms     map[string]terms // by resource type
}

// grantee is whom one statement names.
type grantee struct {
	principal  string // JSON
	conditions []condition
}

// read is what a share says; nothing if it gives nothing.
func (w *writer) read(share string) (*grant, error) {
	if g, ok := w.grants[share]; ok {
		return g, nil
	}
	s, err := ReadShare(w.c.Tx, share)
	if err != nil {
		return nil, err
	}
	return w.load(s)
}

// load is read of a share as its caller has it, which may not be stored yet.
func (w *writer) load(s *Share) (*grant, error) {
	g := &grant{share: s, consumers: map[string]bool{}, terms: map[string]terms{}}
	w.grants[s.ARN] = g
	if !s.standard() {
		return g, nil
	}
	var principals, sources []string
	for a, err := range Associations(w.c.Tx, AssociationQuery{Share: s.ARN, Type: Principal}) {
		if err != nil {
			return nil, err
		}
		if a.gives() {
			principals = append(principals, a.Entity)
		}
		if consumer := consumerOf(a.Entity); a.Status == Associated && consumer != "" {
			g.consumers[consumer] = true
		}
	}
	for a, err := range Associations(w.c.Tx, AssociationQuery{Share: s.ARN, Type: Source}) {
		if err != nil {
			return nil, err
		}
		if a.gives() {
			sources = append(sources, a.Entity)
		}
	}
	for typ, ref := range s.Permissions {
		t, err := readTerms(w.c.Tx, ref)
		if err != nil {
			return nil, fmt.Errorf("share %s: %w", s.ARN, err)
		}
		g.terms[typ] = t
	}
	var err error
	g.grantees, err = granteesOf(w.c.Tx, partitionOf(s.ARN), principals, sources)
	return g, err
}

// readTerms reads what a version of a permission allows.
func readTerms(tx *store.Tx, ref PermissionRef) (terms, error) {
	p, err := ReadPermission(tx, ref.ARN)
	if err != nil {
		return terms{}, err
	}
	version, ok := p.Version(ref.Version)
	if !ok {
		return terms{}, fmt.Errorf("permission %s has no version %d", ref.ARN, ref.Version)
	}
	return parseTemplate(version.Template)
}

// granteesOf makes grantees of the principals of a share, which come in their
// order, and of the sources that a service must act for.
func granteesOf(tx *store.Tx, partition string, principals, sources []string) (list []grantee, err error) {
	var named []string
	var others []grantee
	for _, p := range principals {
		a, err := arn.Parse(p)
		switch {
		case identity.IsAccountID(p):
			named = append(named, identity.RootARN(partition, p))
		case err != nil:
			others = append(others, ofService(p, sources))
		case a.Service == "organizations":
			g, ok, err := ofOrganization(tx, p)
			if err != nil {
				return nil, err
			}
			if ok {
				others = append(others, g)
			}
		default:
			named = append(named, p)
		}
	}
	if len(named) > 0 {
		list = append(list, grantee{principal: `{"AWS":` + oneOrMany(named) + `}`})
	}
	return append(list, others...), nil
}

// ofOrganization grants to the accounts of an organization, or to those of a
// unit and of the units below it. A unit that is gone has none.
func ofOrganization(tx *store.Tx, principal string) (g grantee, ok bool, err error) {
	g.principal = `"*"`
	if id, ok := organizationID(principal); ok {
		g.conditions = []condition{{"StringEquals", principalOrgID, []string{id}}}
		return g, true, nil
	}
	unit, err := identity.ReadNode(tx, principal)
	if errors.Is(err, store.ErrNotFound) {
		return grantee{}, false, nil
	}
	// The path ends in a slash, so that "*" covers the unit's own accounts, too,
	// and no unit whose id only begins alike.
	g.conditions = []condition{{"ForAnyValue:StringLike", principalOrgPaths, []string{unit.Path() + "*"}}}
	return g, err == nil, err
}

// The condition keys that name organizations and units in policies.
const (
	principalOrgID    = "aws:PrincipalOrgID"
	principalOrgPaths = "aws:PrincipalOrgPaths"
)

// organizationID is the id of an organization by its ARN; false for other ARNs.
func organizationID(principal string) (string, bool) {
	a, err := arn.Parse(principal)
	if err != nil || a.Service != "organizations" {
		return "", false
	}
	return strings.CutPrefix(a.Resource, "organization/")
}

// ofService grants to a service, while it acts for one of the sources of the
// share if it has any: accounts.
func ofService(name string, sources []string) grantee {
	g := grantee{principal: `{"Service":` + quoted(name) + `}`}
	if len(sources) > 0 {
		g.conditions = []condition{{"StringEquals", "aws:SourceAccount", sources}}
	}
	return g
}

// write brings the document of a resource in step with its shares.
func (w *writer) write(arn string) error {
	typ, ok := TypeOf(arn)
	if !ok {
		return nil
	}
	var statements []string
	for a, err := range Associations(w.c.Tx, AssociationQuery{Type: Resource, Entity: arn}) {
		if err != nil {
			return err
		}
		if a.Status != Associated {
			continue
		}
		g, err := w.read(a.Share)
		if err != nil {
			return err
		}
		list, err := g.statements(typ.Name, arn)
		if err != nil {
			return err
		}
		statements = append(statements, list...)
	}
	document := ""
	if len(statements) > 0 {
		document = `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	return w.put(arn, document)
}

// statements are what the share says of one resource.
func (g *grant) statements(resourceType, arn string) ([]string, error) {
	t, ok := g.terms[resourceType]
	if !ok || !g.share.standard() {
		return nil, nil
	}
	var list []string
	for _, to := range g.grantees {
		for _, c := range to.conditions {
			if slices.ContainsFunc(t.conditions, c.collides) {
				return nil, fmt.Errorf("share %s: its permission and its principal both ask for %s", g.share.ARN, c.key)
			}
		}
		var b strings.Builder
		b.WriteString(`{"Effect":"Allow","Principal":` + to.principal + `,"Action":` + quotedList(t.actions) + `,"Resource":` + quoted(arn))
		writeConditions(&b, slices.Concat(t.conditions, to.conditions))
		b.WriteString("}")
		list = append(list, b.String())
	}
	return list, nil
}

// put stores the document of a resource, or with "" removes it. What is as it
// was is not written.
func (w *writer) put(arn, document string) error {
	policies, err := w.c.Tx.Policies(arn)
	if err != nil {
		return err
	}
	before := ""
	for _, p := range policies {
		if p.Source == store.SourceRAM {
			before = p.Document
		}
	}
	switch document {
	case before:
		return nil
	case "":
		return w.c.Tx.DeletePolicy(arn, store.SourceRAM, "")
	}
	return w.c.Tx.PutPolicy(store.Policy{
		ARN: arn, Source: store.SourceRAM, Document: document, CreatedAt: w.c.Now, UpdatedAt: w.c.Now,
	})
}

func partitionOf(text string) string {
	_, rest, _ := strings.Cut(text, ":")
	partition, _, _ := strings.Cut(rest, ":")
	return partition
}
