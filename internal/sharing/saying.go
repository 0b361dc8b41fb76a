package sharing

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// saying is what a policy says to whom outside its owner's account, as far as a
// share can say it.
type saying struct {
	principals []string // as a share names them, each once
	terms      terms    // of all statements together

	// whole says that a share can say all of it: with these principals and terms,
	// and nothing else.
	whole bool
}

// readSaying reads a document on a resource; nil if it lets nobody in.
func readSaying(c *operation.Call, resource arn.ARN, document string) (*saying, error) {
	doc, err := c.Gate.Parse(document)
	if err != nil {
		return nil, fmt.Errorf("read the policy of %s: %w", resource, err)
	}
	if !External(doc, resource.Account) {
		return nil, nil
	}
	// Before 2012-10-17 a variable in a value is plain text.
	says := &saying{whole: doc.Version.Text == "2012-10-17" || !strings.Contains(document, "${")}
	first := ""
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if !plain(st, resource.String()) {
			says.whole = false
		}
		if st.Effect.Text != "Allow" {
			continue
		}
		part, err := readStatement(c.Tx, resource, st)
		if err != nil {
			return nil, err
		}
		if !part.whole {
			says.whole = false
		}
		if !st.NotPrincipal.Present() && !external(st.Principal, resource.Account) {
			continue
		}
		text := part.terms.text()
		if first == "" {
			first = text
		} else if text != first {
			says.whole = false
		}
		says.add(part)
	}
	return says, nil
}

// plain reports whether a statement has only what a share can say: it allows
// actions that are named in full on the resource and nothing else.
func plain(st *policy.Statement, resource string) bool {
	wild := func(v policy.Value) bool { return strings.ContainsAny(v.Text, "*?") }
	return st.Effect.Text == "Allow" && st.Principal.Present() && !st.NotPrincipal.Present() &&
		st.Action.Present() && !st.NotAction.Present() && !slices.ContainsFunc(st.Action.Values, wild) &&
		!st.NotResource.Present() && len(st.Resource.Values) == 1 && st.Resource.Values[0].Text == resource
}

// add adds what another statement says. Of conditions that collide the first
// stays.
func (s *saying) add(part saying) {
	for _, p := range part.principals {
		if !slices.Contains(s.principals, p) {
			s.principals = append(s.principals, p)
		}
	}
	t := &s.terms
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

// digest is a text that is equal for what makes equal shares.
func (s *saying) digest() string {
	sum := sha256.Sum256([]byte(s.terms.text() + quotedList(distinct(s.principals))))
	return hex.EncodeToString(sum[:])
}

// readStatement reads whom outside the owner's account a statement names, and
// its terms without the conditions that are a principal by themselves: "*" in
// the owner's organization or in units of it.
func readStatement(tx *store.Tx, resource arn.ARN, st *policy.Statement) (saying, error) {
	says := saying{terms: termsOf(st), whole: true}
	everybody := st.Principal.Any.Present()
	for _, entry := range st.Principal.Entries {
		for _, v := range entry.Values.Values {
			p, ok := shareable(v.Text)
			switch {
			case entry.Type == "AWS" && v.Text == "*":
				everybody = true
			case entry.Type != "AWS" || !ok:
				says.whole = false
			case p == resource.Account: // its own account: its policies decide, with or without
			case accountOf(p) == resource.Account:
				says.whole = false
			default:
				says.principals = append(says.principals, p)
			}
		}
	}
	if !everybody {
		return says, nil
	}
	says.whole = says.whole && len(st.Principal.Entries) < 2
	err := says.limit(tx, resource)
	return says, err
}

// limit makes principals of the conditions on the caller's organization.
func (s *saying) limit(tx *store.Tx, resource arn.ARN) error {
	s.principals = nil // there is nobody beside everybody
	m, err := identity.MembershipOf(tx, resource.Account)
	if err != nil {
		return err
	}
	own := identity.Organization{Partition: resource.Partition, ID: m.OrganizationID, Management: m.ManagementAccount}
	for i, c := range s.terms.conditions {
		switch {
		case own.ID == "":
		case c.is("StringEquals", principalOrgID):
			if len(c.values) == 1 && c.values[0] == own.ID {
				s.principals = []string{own.ARN()}
			}
		case c.is("ForAnyValue:StringLike", principalOrgPaths):
			if s.principals, err = units(tx, own, c.values); err != nil {
				return err
			}
		}
		if s.principals != nil {
			s.terms.conditions = slices.Delete(slices.Clone(s.terms.conditions), i, i+1)
			return nil
		}
	}
	s.whole = false
	return nil
}

// units are the ARNs of the units that patterns of paths cover, each with all
// that lies below it; nil if one pattern is not of that form.
func units(tx *store.Tx, o identity.Organization, patterns []string) ([]string, error) {
	var list []string
	for _, pattern := range patterns {
		path, ok := strings.CutSuffix(pattern, "/*")
		id := path[strings.LastIndex(path, "/")+1:]
		if !ok || !strings.HasPrefix(id, "ou-") {
			return nil, nil
		}
		unit, err := identity.ReadNode(tx, o.NodeARN(id))
		if errors.Is(err, store.ErrNotFound) || err == nil && unit.Path() != path+"/" {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, unit.ARN())
	}
	return list, nil
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
