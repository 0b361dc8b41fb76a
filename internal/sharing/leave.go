package sharing

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// Deleted takes a resource that was deleted out of all shares, with the shares
// that its policies made. Call it in the transaction that deletes the resource.
func Deleted(c *operation.Call, arn string) error {
	if _, ok := TypeOf(arn); !ok {
		return nil
	}
	for a, err := range Associations(c.Tx, AssociationQuery{Type: Resource, Entity: arn}) {
		if err != nil {
			return err
		}
		s, err := ReadShare(c.Tx, a.Share)
		if err != nil {
			return err
		}
		if s.Policy != nil {
			err = s.Delete(c)
		} else {
			err = Disassociate(c, s, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AccountLeft ends what shares gave an account as a member of an organization
// that it has left, and what its own shares gave to that organization: its
// accounts, its units and all of it. Whoever was outside when the share was made
// came in by an invitation, and stays. A share with RetainOnLeave keeps the
// accounts, with their users and roles, as ones outside. Policies stay as they
// are: they are the word of their owner.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-create.html
func AccountLeft(c *operation.Call, account, organizationID string) error {
	for _, status := range []AssociationStatus{Associated, Associating} {
		for share, err := range sharesWith(c.Tx, account, status, "") {
			if err != nil {
				return err
			}
			s, err := ReadShare(c.Tx, share)
			if err != nil {
				return err
			}
			m, err := identity.MembershipOf(c.Tx, s.Owner)
			if err != nil {
				return err
			}
			if m.OrganizationID != organizationID {
				continue
			}
			if err := s.part(c, func(consumer string) bool { return consumer == account }); err != nil {
				return err
			}
		}
	}
	for s, err := range SharesOf(c.Tx, account, "", "") {
		if err != nil {
			return err
		}
		if err := s.part(c, func(consumer string) bool { return consumer != account }); err != nil {
			return err
		}
	}
	return nil
}

// part ends what a share gives to consumers that were in its owner's
// organization, and are not any more.
func (s *Share) part(c *operation.Call, from func(consumer string) bool) error {
	if !s.standard() {
		return nil
	}
	var gone, stay []Association
	for a, err := range Associations(c.Tx, AssociationQuery{Share: s.ARN, Type: Principal}) {
		if err != nil {
			return err
		}
		consumer := consumerOf(a.Entity)
		_, many := organizationOf(a.Entity)
		switch {
		case consumer == "" || a.External || !from(consumer):
		case s.RetainOnLeave && !many:
			a.External = true
			stay = append(stay, a)
		default:
			gone = append(gone, a)
		}
	}
	if err := Disassociate(c, s, gone...); err != nil {
		return err
	}
	return Associate(c, s, stay...)
}
