package sharing

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The reasons why a share cannot be promoted.
var (
	ErrPromoted     = errors.New("the share is a standard share already")
	ErrUnpromotable = errors.New("a share cannot express what the policy grants")
	ErrUnmatched    = errors.New("no permission allows exactly what the policy allows")
)

// Promote makes a share that was created from a policy a STANDARD one: the share then
// grants what the policy granted, and the policy itself is deleted. The errors are
// ErrPromoted, ErrUnpromotable and ErrUnmatched.
//
// Accounts that sharing with the organization does not include keep their access
// (Granted) and are ASSOCIATING until they accept RAM's invitation.
func Promote(c *operation.Call, s *Share) error {
	if s.Policy == nil {
		return fmt.Errorf("promote %s: %w", s.ARN, ErrPromoted)
	}
	key := *s.Policy
	state, err := loadPromotion(c, s)
	if err != nil {
		return fmt.Errorf("promote %s: %w", s.ARN, err)
	}
	u, err := planPromotion(state, c.Now)
	if err != nil {
		return fmt.Errorf("promote %s: %w", s.ARN, err)
	}
	*s = *u.share
	if err := save(c, u); err != nil {
		return err
	}
	return c.Tx.Apply([]store.Change{store.DeletePolicy{ARN: key.ARN, Source: store.SourceUser, Name: key.Name}})
}

// promotion is the data that determines the promotion of a share.
type promotion struct {
	share       *Share
	typ         ResourceType
	document    policyDocument
	owner       ownerScope
	inside      bool          // sharing with the owner's organization is enabled
	permissions []*Permission // the owner's STANDARD ones for the type
}

// loadPromotion reads what the promotion of a share depends on.
func loadPromotion(c *operation.Call, s *Share) (promotion, error) {
	p := promotion{share: s}
	p.typ, _ = TypeOf(s.Policy.ARN)
	resource, err := arn.Parse(s.Policy.ARN)
	if err != nil {
		return p, err
	}
	policies, err := c.Tx.Policies(s.Policy.ARN)
	if err != nil {
		return p, err
	}
	i := slices.IndexFunc(policies, func(q store.Policy) bool { return q.Source == store.SourceUser && q.Name == s.Policy.Name })
	if i < 0 {
		return p, fmt.Errorf("policy %q of %s: %w", s.Policy.Name, s.Policy.ARN, store.ErrNotFound)
	}
	document, err := c.Gate.Parse(policies[i].Document)
	if err != nil {
		return p, err
	}
	p.document = policyDocument{document, resource, p.typ.OwnAccount}
	if p.owner, err = loadOwnerScope(c.Tx, p.document); err != nil {
		return p, err
	}
	if p.inside, err = SharingWithOrganization(c.Tx, p.owner.organization.ID); err != nil {
		return p, err
	}
	for permission, err := range PermissionsOf(c.Tx, s.Owner, s.Region, "") {
		if err != nil {
			return p, err
		}
		if permission.ResourceType == p.typ.Name && permission.FeatureSet == Standard {
			p.permissions = append(p.permissions, permission)
		}
	}
	return p, nil
}

// planPromotion returns the update of a promotion. It reads and writes nothing.
func planPromotion(p promotion, now time.Time) (update, error) {
	grant := readExternalGrant(p.document, p.owner)
	if grant == nil || !grant.expressible || len(grant.principals) == 0 {
		return update{}, ErrUnpromotable
	}
	share := *p.share
	u := update{share: &share, put: true, everything: true}
	for _, principal := range grant.principals {
		a, ok := p.association(principal)
		if !ok {
			return update{}, ErrUnpromotable
		}
		u.add = append(u.add, a)
	}
	permission := p.match(grant.terms)
	if permission == nil {
		return update{}, ErrUnmatched
	}
	u.attached = []*Permission{permission}
	share.FeatureSet, share.Promoted, share.Policy, share.GrantDigest = Standard, now, nil, ""
	share.Permissions = map[string]PermissionRef{p.typ.Name: permission.ref()}
	return u, nil
}

// association returns a principal of the policy as an association of the share. Users and
// roles cannot be promoted, and organizations and units only if sharing with the
// organization is enabled.
func (p *promotion) association(principal grantPrincipal) (Association, bool) {
	a := principal.association()
	isAccount, isOrganization := principal.name == principal.account, principal.account == ""
	switch {
	case principal.name == p.share.Owner:
	case p.inside && !principal.external && (isAccount || isOrganization):
	case isAccount:
		a.Status, a.Granted = Associating, true
	default:
		return a, false
	}
	return a, true
}

// match is the permission with just the given terms: one that AWS manages, or
// the owner's first; nil if there is none.
func (p *promotion) match(t terms) *Permission {
	if permission := managedWith(p.typ, t); permission != nil {
		return permission
	}
	for _, permission := range p.permissions {
		if permission.has(t) {
			return permission
		}
	}
	return nil
}
