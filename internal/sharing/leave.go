package sharing

import (
	"iter"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Deleted removes a deleted resource from all shares, and deletes the shares that were
// created from its policies. It must be called in the transaction that deletes the
// resource.
func Deleted(c *operation.Call, arn string) error {
	if _, ok := TypeOf(arn); !ok {
		return nil
	}
	rows, err := c.Tx.SharesByResources([]string{arn})
	if err != nil || len(rows) == 0 {
		return err
	}
	var updates []update
	for _, row := range rows {
		s, err := decodeShare(row.Share)
		if err != nil {
			return err
		}
		if s.Policy != nil {
			updates = append(updates, s.erasure(c.Now))
		} else {
			updates = append(updates, update{share: s, remove: []Association{{Type: Resource, Entity: arn}}})
		}
	}
	return save(c, updates...)
}

// AccountLeft ends the access that shares gave to an account as a member of an
// organization that it has left, and that its own shares gave to that organization: its
// accounts, its units and itself. Principals that were external when they were associated
// have accepted an invitation, and are kept. A share with RetainOnLeave keeps the
// accounts, with their users and roles, as external principals. Policies that users wrote
// are not changed.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-create.html
func AccountLeft(c *operation.Call, account, organizationID string) error {
	departure, err := loadDeparture(c.Tx, account, organizationID)
	if err != nil {
		return err
	}
	return save(c, planDeparture(departure)...)
}

// departure is the data that depends on the membership of an account that has left an
// organization.
type departure struct {
	account string
	own     []*content // its shares
	with    []*content // shares of the organization with it
}

// loadDeparture reads the shares of an account, and those of the organization
// with it.
func loadDeparture(tx *store.Tx, account, organizationID string) (departure, error) {
	d := departure{account: account}
	var with, own []string
	for _, status := range []AssociationStatus{Associated, Associating} {
		for share, err := range sharesWith(tx, account, status, "") {
			if err != nil {
				return d, err
			}
			with = append(with, share)
		}
	}
	for s, err := range SharesOf(tx, account, "", "") {
		if err != nil {
			return d, err
		}
		own = append(own, s.ARN)
	}
	for k, err := range contents(tx, distinct(with)) {
		if err != nil {
			return d, err
		}
		m, err := identity.MembershipOf(tx, k.share.Owner)
		if err != nil {
			return d, err
		}
		if m.OrganizationID == organizationID {
			d.with = append(d.with, k)
		}
	}
	for k, err := range contents(tx, own) {
		if err != nil {
			return d, err
		}
		d.own = append(d.own, k)
	}
	return d, nil
}

// contents yields shares with their associations.
func contents(tx *store.Tx, shares []string) iter.Seq2[*content, error] {
	return func(yield func(*content, error) bool) {
		rows, err := tx.Shares(shares)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, row := range rows {
			k, err := contentOf(row)
			if !yield(k, err) || err != nil {
				return
			}
		}
	}
}

// planDeparture decides which access ends. It reads and writes nothing.
func planDeparture(d departure) []update {
	var updates []update
	for _, k := range d.with {
		if u, ok := k.part(func(consumer string) bool { return consumer == d.account }); ok {
			updates = append(updates, u)
		}
	}
	for _, k := range d.own {
		if u, ok := k.part(func(consumer string) bool { return consumer != d.account }); ok {
			updates = append(updates, u)
		}
	}
	return updates
}

// part ends the access of consumers that are no longer in the owner's organization; false
// if there are none.
func (k *content) part(from func(consumer string) bool) (update, bool) {
	u := update{share: k.share}
	if !k.share.isActiveStandard() {
		return u, false
	}
	for _, a := range k.associations {
		consumer := consumerOf(a.Entity)
		_, many := organizationOf(a.Entity)
		switch {
		case a.Type != Principal || consumer == "" || a.External || !from(consumer):
		case k.share.RetainOnLeave && !many:
			a.External = true
			u.add = append(u.add, a)
		default:
			u.remove = append(u.remove, a)
		}
	}
	return u, len(u.add)+len(u.remove) > 0
}
