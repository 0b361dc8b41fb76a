package sharing

import (
	"maps"
	"slices"
	"time"

	"github.com/writdev/writ/internal/store"
)

// plan lists the writes of updates of shares: the shares' own rows, the documents of
// their resources, and the discoverable resources. It reads and writes nothing. It
// changes the loaded shares to their new state.
func plan(l *loaded, updates []update, now time.Time) ([]store.Change, error) {
	var changes []store.Change
	affected := map[string]bool{} // resources whose documents may change
	for _, u := range updates {
		before := l.shares[u.share.ARN]
		for _, resource := range u.resources(before) {
			affected[resource] = true
		}
		rows, err := u.rows(before, now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, rows...)
		after := u.after(before)
		l.shares[u.share.ARN] = after
		if u.everything { // the share may have been put in its new state already
			changes = append(changes, store.DeleteDiscoveries{Share: u.share.ARN})
			before = nil
		}
		changes = append(changes, planDiscoveries(before, after)...)
	}
	documents, err := l.planDocuments(slices.Sorted(maps.Keys(affected)), now)
	return append(changes, documents...), err
}

// rows returns the writes of the share's own rows.
func (u *update) rows(before *content, now time.Time) ([]store.Change, error) {
	var changes []store.Change
	for _, p := range u.created {
		row, err := p.row(now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, store.PutResource{Resource: row})
	}
	if u.put {
		row, err := u.share.row(now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, store.PutResource{Resource: row, References: u.share.references()})
	}
	for _, a := range u.remove {
		changes = append(changes, store.DeleteAssociation{Share: u.share.ARN, Kind: string(a.Type), Entity: a.Entity})
	}
	for _, a := range u.add {
		row, err := u.share.associationRow(a, now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, store.PutAssociation{Association: row})
	}
	if u.erase {
		changes = append(changes, store.DeleteAssociations{Share: u.share.ARN}, store.DeleteResource{ARN: u.share.ARN})
	}
	for _, arn := range u.replaced(before) {
		changes = append(changes, store.DeleteResource{ARN: arn})
	}
	return changes, nil
}

// replaced returns the permissions, by ARN, that were created from the share's policy and
// that no share has any more.
func (u *update) replaced(before *content) []string {
	if before == nil || !u.put && !u.erase {
		return nil
	}
	attached := map[string]bool{}
	if !u.erase {
		for _, ref := range u.share.Permissions {
			attached[ref.ARN] = true
		}
	}
	var list []string
	for _, arn := range slices.Sorted(maps.Keys(before.permissions)) {
		if p := before.permissions[arn]; p.FeatureSet == CreatedFromPolicy && !p.shared && !attached[arn] {
			list = append(list, arn)
		}
	}
	return list
}

// after returns the share with its associations after the update.
func (u *update) after(before *content) *content {
	after := &content{share: u.share, permissions: map[string]attachedPermission{}}
	if before != nil {
		after.associations, after.permissions = slices.Clone(before.associations), before.permissions
	}
	for _, arn := range u.replaced(before) {
		delete(after.permissions, arn)
	}
	for _, p := range slices.Concat(u.created, u.attached) {
		after.permissions[p.ARN] = attachedPermission{Permission: p}
	}
	same := func(a Association) func(Association) bool {
		return func(b Association) bool { return a.Type == b.Type && a.Entity == b.Entity }
	}
	for _, a := range u.remove {
		after.associations = slices.DeleteFunc(after.associations, same(a))
	}
	for _, a := range u.add {
		after.associations = append(slices.DeleteFunc(after.associations, same(a)), a)
	}
	if u.erase {
		after.associations = nil
	}
	slices.SortFunc(after.associations, compareAssociations)
	return after
}

// planDocuments lists the writes of the documents of resources. A document that
// does not change is not written.
func (l *loaded) planDocuments(resources []string, now time.Time) ([]store.Change, error) {
	holders := map[string][]*shareGrant{}
	for _, share := range slices.Sorted(maps.Keys(l.shares)) {
		k := l.shares[share]
		grant, err := grantOf(k, l.organizations)
		if err != nil {
			return nil, err
		}
		for _, a := range k.associations {
			if a.Type == Resource && a.Status == Associated {
				holders[a.Entity] = append(holders[a.Entity], grant)
			}
		}
	}
	var changes []store.Change
	for _, resource := range resources {
		document, err := documentOf(resource, holders[resource])
		switch {
		case err != nil:
			return nil, err
		case document == l.documents[resource]:
		case document == "":
			changes = append(changes, store.DeletePolicy{ARN: resource, Source: store.SourceRAM})
		default:
			changes = append(changes, store.PutPolicy{Policy: store.Policy{
				ARN: resource, Source: store.SourceRAM, Document: document, CreatedAt: now, UpdatedAt: now,
			}})
		}
	}
	return changes, nil
}
