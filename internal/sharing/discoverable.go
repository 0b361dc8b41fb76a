package sharing

import (
	"cmp"
	"slices"

	"github.com/writdev/writ/internal/store"
)

// Rows of the table discoverable say who can discover the resources of a share. Those of a
// share with few consumers name each resource for each consumer, so that a list reads one
// index. With many consumers the share itself is the consumer of its resources, and each
// consumer discovers the share: n resources and m consumers are at most n + m rows, or
// fewConsumers * n.

// fewConsumers is the most consumers of a share whose rows name them.
const fewConsumers = 16

// consumers are those that can discover the share's resources, in order, each once.
func (k *content) consumers() []string {
	var list []string
	for _, a := range k.associations {
		if a.Type != Principal || a.Status != Associated {
			continue
		}
		if consumer := consumerOf(a.Entity); consumer != "" {
			list = append(list, consumer)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// discoveries are the rows of a share; none unless it is active and STANDARD.
func (k *content) discoveries() map[store.Discovery]bool {
	rows := map[store.Discovery]bool{}
	if k == nil || !k.share.isActiveStandard() {
		return rows
	}
	consumers := k.consumers()
	direct := consumers
	if len(consumers) > fewConsumers {
		direct = []string{k.share.ARN}
	}
	for _, a := range k.associations {
		if a.Type != Resource || a.Status != Associated {
			continue
		}
		typ, _ := TypeOf(a.Entity)
		for _, consumer := range direct {
			rows[store.Discovery{Consumer: consumer, Region: k.share.Region, Type: typ.Name, ARN: a.Entity, Share: k.share.ARN}] = true
		}
	}
	if len(rows) == 0 || len(consumers) <= fewConsumers {
		return rows
	}
	for _, consumer := range consumers {
		rows[store.Discovery{Consumer: consumer, Region: k.share.Region, Type: shareType, ARN: k.share.ARN, Share: k.share.ARN}] = true
	}
	return rows
}

// planDiscoveries lists the writes that turn the rows of a share into those that it has
// after an update. A share that is new has none before: nil.
func planDiscoveries(before, after *content) []store.Change {
	old, now := before.discoveries(), after.discoveries()
	if len(now) == 0 && len(old) > 0 {
		return []store.Change{store.DeleteDiscoveries{Share: after.share.ARN}}
	}
	var changes []store.Change
	for _, d := range without(old, now) {
		changes = append(changes, store.DeleteDiscovery{Discovery: d})
	}
	for _, d := range without(now, old) {
		changes = append(changes, store.PutDiscovery{Discovery: d})
	}
	return changes
}

// without are the rows of a set that another has not, in order.
func without(rows, others map[store.Discovery]bool) []store.Discovery {
	var list []store.Discovery
	for d := range rows {
		if !others[d] {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b store.Discovery) int {
		return cmp.Or(cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.Consumer, b.Consumer))
	})
	return list
}
