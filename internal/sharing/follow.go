package sharing

import (
	"slices"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// FollowPolicy brings the share that a user's policy makes in step with it: a
// document that names principals outside the owner's account has a share of
// feature set CREATED_FROM_POLICY, one that names none has none. It is called in
// the transaction that writes the policy, before or after, with the documents
// before and after; "" is for none. What a share cannot hold (anyone, an identity
// provider, a session) makes a share all the same, without that principal.
// Nothing is written if the policy says what it said.
//
// https://docs.aws.amazon.com/ram/latest/APIReference/API_PromoteResourceShareCreatedFromPolicy.html
func FollowPolicy(c *operation.Call, key PolicyKey, before, after string) error {
	typ, ok := TypeOf(key.ARN)
	if !ok {
		return nil
	}
	if same, err := alike(c, before, after); same || err != nil {
		return err
	}
	resource, err := arn.Parse(key.ARN)
	if err != nil {
		return err
	}
	var says *saying
	if after != "" {
		if says, err = readSaying(c, resource, after); err != nil {
			return err
		}
	}
	if says != nil {
		same, err := c.Tx.ReferencedBy(key.saying(says.digest()), 1)
		if len(same) > 0 || err != nil {
			return err
		}
	}
	s, err := follower(c.Tx, key)
	switch {
	case err != nil || says == nil && s == nil:
		return err
	case says == nil:
		return s.Delete(c)
	case s == nil:
		s = &Share{
			ARN: arn.ARN{
				Partition: resource.Partition, Service: ramService, Region: resource.Region, Account: resource.Account,
				Resource: shareType + "/" + c.NewID(),
			}.String(),
			Owner: resource.Account, Region: resource.Region, Name: c.NewID(), AllowExternal: true,
			FeatureSet: CreatedFromPolicy, Policy: &key,
		}
	}
	return s.say(c, typ, says)
}

// A share that follows a policy refers to it, and to what it says: so it is
// found by either.
func (k PolicyKey) reference() string           { return "policy " + k.Name + " of " + k.ARN }
func (k PolicyKey) saying(digest string) string { return k.reference() + " says " + digest }

// follower is the share that follows a policy; nil if there is none.
func follower(tx *store.Tx, key PolicyKey) (*Share, error) {
	found, err := tx.ReferencedBy(key.reference(), 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return ReadShare(tx, found[0])
}

// say brings a share that follows a policy in step with what it says.
func (s *Share) say(c *operation.Call, typ ResourceType, says *saying) error {
	ref, err := s.permissionFor(c, typ, says.terms)
	if err != nil {
		return err
	}
	before := s.Permissions
	s.Permissions, s.Said = map[string]PermissionRef{typ.Name: ref}, says.digest()
	if err := s.Put(c); err != nil {
		return err
	}
	if before[typ.Name] != ref {
		if err := dropPermissions(c, before); err != nil {
			return err
		}
	}
	add := []Association{{Type: Resource, Entity: s.Policy.ARN, Status: Associated}}
	var remove []Association
	for a, err := range Associations(c.Tx, AssociationQuery{Share: s.ARN}) {
		if err != nil {
			return err
		}
		switch {
		case a.Type == Resource:
			add = nil
		case !slices.Contains(says.principals, a.Entity):
			remove = append(remove, a)
		default:
			says.principals = slices.DeleteFunc(says.principals, func(p string) bool { return p == a.Entity })
		}
	}
	for _, p := range says.principals {
		outside, err := Outside(c.Tx, s.Owner, p)
		if err != nil {
			return err
		}
		add = append(add, Association{Type: Principal, Entity: p, Status: Associated, External: outside})
	}
	if err := Disassociate(c, s, remove...); err != nil {
		return err
	}
	return Associate(c, s, add...)
}

// permissionFor is the permission that AWS manages with just these terms, or one
// that is made for them.
func (s *Share) permissionFor(c *operation.Call, typ ResourceType, t terms) (PermissionRef, error) {
	for _, p := range typ.Managed {
		if equal, err := p.has(t); equal || err != nil {
			return p.ref(), err
		}
	}
	if ref, ok := s.Permissions[typ.Name]; ok {
		p, err := ReadPermission(c.Tx, ref.ARN)
		if err != nil {
			return ref, err
		}
		if equal, err := p.has(t); equal || err != nil {
			return ref, err
		}
	}
	name := c.NewID()
	p := &Permission{
		ARN:   arn.ARN{Partition: partitionOf(s.ARN), Service: ramService, Region: s.Region, Account: s.Owner, Resource: permissionType + "/" + name}.String(),
		Owner: s.Owner, Region: s.Region, Name: name, ResourceType: typ.Name, FeatureSet: CreatedFromPolicy,
		Default: 1, Last: 1, Versions: []PermissionVersion{{Number: 1, Template: t.template(), Created: c.Now}},
	}
	return p.ref(), p.Put(c)
}

// has reports whether the default version of the permission has just these terms.
func (p *Permission) has(t terms) (bool, error) {
	version, _ := p.Version(p.Default)
	its, err := parseTemplate(version.Template)
	return its.text() == t.text(), err
}
