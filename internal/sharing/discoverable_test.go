package sharing

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// account is one of many accounts.
func account(i int) string { return fmt.Sprintf("2000000%05d", i) }

// reached are the resources that an account discovers by rows of one share.
func reached(rows map[store.Discovery]bool, account string) []string {
	consumers := []string{account}
	for d := range rows {
		if d.Type == shareType && d.Consumer == account {
			consumers = append(consumers, d.ARN)
		}
	}
	var list []string
	for d := range rows {
		if d.Type != shareType && slices.Contains(consumers, d.Consumer) {
			list = append(list, d.ARN)
		}
	}
	slices.Sort(list)
	return list
}

// TestPlanDiscoveries changes random shares around the number from which their rows have
// another form. The planned writes make the rows of the share as it becomes; by them each
// consumer discovers each resource and nobody else anything; and they are few.
func TestPlanDiscoveries(t *testing.T) {
	share := &Share{ARN: shareARN("aws", region, alice, "s"), Owner: alice, Region: region, FeatureSet: Standard}
	draw := func(rt *rapid.T, name string) *content {
		k := &content{share: share}
		if rapid.IntRange(0, 9).Draw(rt, name+" deleted") == 0 {
			deleted := *share
			deleted.FeatureSet = CreatedFromPolicy
			k.share = &deleted
		}
		for i := range rapid.IntRange(0, 4).Draw(rt, name+" resources") {
			k.associations = append(k.associations, of(imageOf(alice, fmt.Sprint("i", i))))
		}
		for i := range rapid.IntRange(fewConsumers-2, fewConsumers+3).Draw(rt, name+" consumers") {
			a := with(account(i))
			if rapid.IntRange(0, 9).Draw(rt, "pending") == 0 {
				a.Status = Associating
			}
			k.associations = append(k.associations, a)
		}
		return k
	}
	rapid.Check(t, func(rt *rapid.T) {
		before, after := draw(rt, "before"), draw(rt, "after")
		rows := before.discoveries()
		for _, c := range planDiscoveries(before, after) {
			switch c := c.(type) {
			case store.PutDiscovery:
				if rows[c.Discovery] {
					rt.Errorf("puts %v, which is there", c.Discovery)
				}
				rows[c.Discovery] = true
			case store.DeleteDiscovery:
				delete(rows, c.Discovery)
			case store.DeleteDiscoveries:
				clear(rows)
			}
		}
		var resources []string
		for _, a := range after.associations {
			if a.Type == Resource && after.share.isActiveStandard() {
				resources = append(resources, a.Entity)
			}
		}
		for i := range fewConsumers + 4 {
			var want []string
			if slices.ContainsFunc(after.associations, func(a Association) bool { return a.Entity == account(i) && a.Status == Associated }) {
				want = resources
			}
			if diff := cmp.Diff(want, reached(rows, account(i))); diff != "" {
				rt.Errorf("account %d discovers (-want +got):\n%s", i, diff)
			}
		}
		if n, m := len(resources), len(after.consumers()); len(rows) > max(n*fewConsumers, n+m) {
			rt.Errorf("%d resources and %d consumers are %d rows", n, m, len(rows))
		}
	})
}

// TestWideShare shares 50 resources with 50 accounts: they are 100 rows, and all discover all
// of them, also after the share has become small and large again.
func TestWideShare(t *testing.T) {
	const n = 50
	w := newWorld(t)
	var images []string
	var list []Association
	for i := range n {
		images = append(images, w.image(alice, fmt.Sprintf("web%02d", i)))
		list = append(list, of(images[i]))
	}
	var principals []Association
	for i := range n {
		principals = append(principals, with(account(i)))
	}
	s := w.share(alice, append(list, principals...)...)
	check := func(consumers, rows int) {
		t.Helper()
		w.as(alice, func(c *operation.Call) error {
			kept, err := c.Tx.Discoveries(s.ARN)
			if len(kept) != rows {
				t.Errorf("%d rows, want %d", len(kept), rows)
			}
			return err
		})
		for _, i := range []int{0, consumers - 1, consumers} {
			want := images
			if i == consumers {
				want = nil
			}
			if diff := cmp.Diff(want, w.discovers(rootOf(account(i)))); diff != "" {
				t.Errorf("account %d of %d discovers (-want +got):\n%s", i, consumers, diff)
			}
		}
	}
	check(n, 2*n)
	w.as(alice, func(c *operation.Call) error { return Disassociate(c, s, principals[fewConsumers:]...) })
	check(fewConsumers, fewConsumers*n)
	w.as(alice, func(c *operation.Call) error { return Associate(c, s, principals[fewConsumers]) })
	check(fewConsumers+1, fewConsumers+1+n)
	w.as(alice, func(c *operation.Call) error { return Disassociate(c, s, list...) })
	images = nil
	check(fewConsumers+1, 0)
}

// BenchmarkAssociate adds a principal to a share of n resources with n principals.
func BenchmarkAssociate(b *testing.B) {
	for _, n := range []int{50, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := newWorld(b)
			var list []Association
			for i := range n {
				list = append(list, of(w.image(alice, fmt.Sprintf("web%04d", i))), with(account(i)))
			}
			s := w.share(alice, list...)
			for b.Loop() {
				w.as(alice, func(c *operation.Call) error { return Associate(c, s, with(account(n))) })
				w.as(alice, func(c *operation.Call) error { return Disassociate(c, s, with(account(n))) })
			}
		})
	}
}
