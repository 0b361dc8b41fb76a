package sharing

import (
	"errors"
	"fmt"
	"slices"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The reasons why a share cannot be promoted.
var (
	ErrPromoted     = errors.New("the share is managed through RAM already")
	ErrUnpromotable = errors.New("a share cannot say what the policy says")
	ErrUnmatched    = errors.New("no permission allows just what the policy allows")
)

// Promote makes a share that follows a policy a STANDARD one: what the policy
// said is from now on said by the share, and the policy itself is gone. The
// errors are ErrPromoted, ErrUnpromotable and ErrUnmatched.
//
// Accounts that sharing with the organization does not reach keep their access
// (Granted) and are left ASSOCIATING: RAM invites them.
func Promote(c *operation.Call, s *Share) error {
	if s.Policy == nil {
		return fmt.Errorf("promote %s: %w", s.ARN, ErrPromoted)
	}
	key := *s.Policy
	says, err := readPromotable(c, key)
	if err != nil {
		return fmt.Errorf("promote %s: %w", s.ARN, err)
	}
	principals, err := promoted(c.Tx, s.Owner, says.principals)
	if err != nil {
		return fmt.Errorf("promote %s: %w", s.ARN, err)
	}
	typ, _ := TypeOf(key.ARN)
	ref, err := match(c.Tx, s, typ, says.terms)
	if err != nil {
		return fmt.Errorf("promote %s: %w", s.ARN, err)
	}

	before := s.Permissions
	s.FeatureSet, s.Promoted, s.Policy, s.Said = Standard, c.Now, nil, ""
	s.Permissions = map[string]PermissionRef{typ.Name: ref}
	if err := s.Put(c); err != nil {
		return err
	}
	if err := dropPermissions(c, before); err != nil {
		return err
	}
	if err := c.Tx.DeletePolicy(key.ARN, store.SourceUser, key.Name); err != nil {
		return err
	}
	return Associate(c, s, principals...)
}

// readPromotable reads what a policy says, if a share can say all of it.
func readPromotable(c *operation.Call, key PolicyKey) (*saying, error) {
	resource, err := arn.Parse(key.ARN)
	if err != nil {
		return nil, err
	}
	policies, err := c.Tx.Policies(key.ARN)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(policies, func(p store.Policy) bool { return p.Source == store.SourceUser && p.Name == key.Name })
	if i < 0 {
		return nil, fmt.Errorf("policy %q of %s: %w", key.Name, key.ARN, store.ErrNotFound)
	}
	says, err := readSaying(c, resource, policies[i].Document)
	if err != nil {
		return nil, err
	}
	if says == nil || !says.whole || len(says.principals) == 0 {
		return nil, ErrUnpromotable
	}
	return says, nil
}

// promoted are the principals of a policy as associations of the share that
// takes its place. Users and roles cannot be promoted, and organizations and
// units only where sharing with the organization is on.
func promoted(tx *store.Tx, owner string, principals []string) ([]Association, error) {
	m, err := identity.MembershipOf(tx, owner)
	if err != nil {
		return nil, err
	}
	inside, err := SharingWithOrganization(tx, m.OrganizationID)
	if err != nil {
		return nil, err
	}
	list := make([]Association, len(principals))
	for i, p := range principals {
		outside, err := Outside(tx, owner, p)
		if err != nil {
			return nil, err
		}
		list[i] = Association{Type: Principal, Entity: p, External: outside, Status: Associated}
		switch {
		case inside && !outside && (identity.IsAccountID(p) || consumerOf(p) == p):
		case identity.IsAccountID(p):
			list[i].Status, list[i].Granted = Associating, true
		default:
			return nil, ErrUnpromotable
		}
	}
	return list, nil
}

// match is the permission for a resource type that has just these terms: one
// that AWS manages, or the owner's first.
func match(tx *store.Tx, s *Share, typ ResourceType, t terms) (PermissionRef, error) {
	for _, p := range typ.Managed {
		if equal, err := p.has(t); equal || err != nil {
			return p.ref(), err
		}
	}
	for p, err := range PermissionsOf(tx, s.Owner, s.Region, "") {
		if err != nil {
			return PermissionRef{}, err
		}
		if p.ResourceType != typ.Name || p.FeatureSet != Standard {
			continue
		}
		if equal, err := p.has(t); equal || err != nil {
			return p.ref(), err
		}
	}
	return PermissionRef{}, ErrUnmatched
}
