package sharing

import (
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Every change of shares is made in three steps: load what the decision needs,
// plan the changes in a function that reads and writes nothing, save them with
// store.Tx.Apply.

// loaded is what the plan of some updates needs.
type loaded struct {
	shares        map[string]*content // by ARN: those to update, and those that hold a resource whose document may change
	documents     map[string]string   // those that RAM has put, by resource
	organizations organizations
}

// load reads what the plan of updates needs: the shares to update, then, where
// the documents of resources may change, the other shares that hold them and the
// documents themselves.
func load(tx *store.Tx, updates []update) (*loaded, error) {
	l := &loaded{shares: map[string]*content{}, documents: map[string]string{}}
	var arns []string
	for _, u := range updates {
		arns = append(arns, u.share.ARN)
	}
	rows, err := tx.Shares(arns)
	if err != nil {
		return nil, err
	}
	if err := l.add(rows); err != nil {
		return nil, err
	}
	var resources []string
	for _, u := range updates {
		resources = append(resources, u.resources(l.shares[u.share.ARN])...)
	}
	if len(resources) == 0 {
		return l, nil
	}
	if rows, err = tx.SharesByResources(distinct(resources)); err != nil {
		return nil, err
	}
	if err := l.add(rows); err != nil {
		return nil, err
	}
	policies, err := tx.PoliciesBySource(store.SourceRAM, distinct(resources))
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		l.documents[p.ARN] = p.Document
	}
	l.organizations, err = loadOrganizations(tx, nil, l.units(updates))
	return l, err
}

// add adds shares as the store has them. Of a share that is there already it
// keeps what it has.
func (l *loaded) add(rows []store.ShareRows) error {
	for _, row := range rows {
		if l.shares[row.Share.ARN] != nil || row.Share.Service != ramService || row.Share.Type != shareType {
			continue
		}
		k, err := contentOf(row)
		if err != nil {
			return err
		}
		l.shares[row.Share.ARN] = k
	}
	return nil
}

// units lists the units that shares have as principals.
func (l *loaded) units(updates []update) []string {
	var list []string
	collect := func(associations []Association) {
		for _, a := range associations {
			if a.Type == Principal && isUnit(a.Entity) {
				list = append(list, a.Entity)
			}
		}
	}
	for _, k := range l.shares {
		collect(k.associations)
	}
	for _, u := range updates {
		collect(u.add)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// update is a change of one share, for save.
type update struct {
	share       *Share // as it is to be
	put         bool   // its row is to be written
	erase       bool   // it is to be removed with all that is in it
	add, remove []Association
	everything  bool          // what it grants on each resource in it may change
	created     []*Permission // that are to be made for it
	attached    []*Permission // that it does not have yet
}

// resources are the resources whose documents may change, given the share as it
// is; nil is one that does not exist yet.
func (u *update) resources(before *content) []string {
	if u.share.FeatureSet != Standard {
		return nil
	}
	var list []string
	everything := u.everything || u.erase
	for _, a := range slices.Concat(u.add, u.remove) {
		if a.Type == Resource {
			list = append(list, a.Entity)
		} else {
			everything = true
		}
	}
	if everything && before != nil {
		list = append(list, before.resources()...)
	}
	return list
}

// save loads, plans and makes updates, in one transaction with what else the
// call does.
func save(c *operation.Call, updates ...update) error {
	l, err := load(c.Tx, updates)
	if err != nil {
		return err
	}
	changes, err := plan(l, updates, c.Now)
	if err != nil {
		return err
	}
	return c.Tx.Apply(changes)
}

// shareARN is the ARN of a share of an account.
func shareARN(partition, region, account, id string) string {
	return strings.Join([]string{"arn", partition, ramService, region, account, shareType + "/" + id}, ":")
}
