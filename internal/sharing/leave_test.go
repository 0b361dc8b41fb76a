package sharing

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/operation"
)

// TestAccountLeft tells what stays with whom when bob leaves the organization:
// among what others shared with him, and among what he shared.
func TestAccountLeft(t *testing.T) {
	for _, retain := range []bool{false, true} {
		w := newWorld(t)
		w.organize()
		with := func(principal string, external bool) Association {
			return Association{Type: Principal, Entity: principal, Status: Associated, External: external}
		}
		give := func(owner, name string, list ...Association) *Share {
			s := w.share(owner, append(list, of(w.image(owner, name)))...)
			s.RetainOnLeave = retain
			w.as(owner, func(c *operation.Call) error { return s.Put(c) })
			return s
		}
		toBob := give(alice, "to-bob", with(bob, false), with(annOf(bob), false), with(alice, false))
		toAll := give(alice, "to-all", with(org.ARN(), false))
		before := give(alice, "before", with(bob, true)) // he was outside when he accepted
		elsewhere := give(carol, "elsewhere", with(bob, true))
		his := give(bob, "his", with(alice, false), with(annOf(bob), false), with(carol, true), with(org.ARN(), false), with(inner.ARN(), false), with("ec2.amazonaws.com", false))
		w.leave(bob)

		want := map[*Share][]Association{
			toBob:     {with(alice, false)},
			toAll:     {with(org.ARN(), false)},
			before:    {with(bob, true)},
			elsewhere: {with(bob, true)},
			his:       {with(carol, true), with(annOf(bob), false), with("ec2.amazonaws.com", false)},
		}
		if retain {
			want[toBob] = append(want[toBob], with(bob, true), with(annOf(bob), true))
			want[his] = append(want[his], with(alice, true))
		}
		for s, want := range want {
			var got []Association
			w.as(boss, func(c *operation.Call) error {
				got = nil
				for a, err := range Associations(c.Tx, AssociationQuery{Share: s.ARN, Type: Principal}) {
					if err != nil {
						return err
					}
					got = append(got, Association{Type: a.Type, Entity: a.Entity, Status: a.Status, External: a.External})
				}
				return nil
			})
			slices.SortFunc(want, func(a, b Association) int {
				if a.Entity < b.Entity {
					return -1
				}
				return 1
			})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("retain %t, a share of %s (-want +got):\n%s", retain, s.Owner, diff)
			}
		}
		names := []string{imageOf(alice, "before"), imageOf(carol, "elsewhere")}
		if retain {
			names = []string{imageOf(alice, "before"), imageOf(alice, "to-bob"), imageOf(carol, "elsewhere")}
		}
		if diff := cmp.Diff(names, w.discovers(rootOf(bob))); diff != "" {
			t.Errorf("retain %t, bob discovers (-want +got):\n%s", retain, diff)
		}
		if w.may(rootOf(boss), imageOf(bob, "his")) {
			t.Error("the organization reads what bob has taken with him")
		}
	}
}

// TestDeleted deletes a resource that is in shares and has policies.
func TestDeleted(t *testing.T) {
	w := newWorld(t)
	web, app := w.image(alice, "web"), w.image(alice, "app")
	s := w.share(alice, of(web), of(app), with(bob))
	key := PolicyKey{ARN: web}
	w.as(alice, func(c *operation.Call) error { return putPolicy(c, key, allow(web, "imagebuilder:GetImage", carol)) })
	made := w.follower(key)
	w.as(alice, func(c *operation.Call) error {
		if err := c.Tx.DeleteResource(web); err != nil {
			return err
		}
		return Deleted(c, web)
	})
	if _, found := w.find(made.ARN); found {
		t.Error("the share of its policy is there")
	}
	if _, found := w.find(s.ARN); !found {
		t.Error("a share that has more in it is gone")
	}
	w.image(alice, "web")
	if got := w.discovers(rootOf(bob)); !slices.Equal(got, []string{app}) {
		t.Errorf("bob discovers %s", got)
	}
	for _, who := range []string{bob, carol} {
		if w.may(rootOf(who), web) {
			t.Errorf("%s may read what only has the name of what was shared", who)
		}
	}
}
