package sharing

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// TestSharedWith shares in every way there is: what bob discovers comes in
// order, once, and from where he asks.
func TestSharedWith(t *testing.T) {
	w := newWorld(t)
	w.organize()
	var want []string
	add := func(owner, name string, principals ...string) string {
		t.Helper()
		image := w.image(owner, name)
		list := []Association{of(image)}
		for _, p := range principals {
			list = append(list, with(p))
		}
		w.share(owner, list...)
		return image
	}
	for i := range 100 { // more than is read at a time
		want = append(want, add(alice, fmt.Sprintf("many%03d", i), []string{bob, org.ARN(), outer.ARN(), inner.ARN()}[i%4]))
	}
	twice := add(alice, "twice", bob, org.ARN(), annOf(bob))
	w.share(alice, of(twice), with(outer.ARN()))
	want = append(want, twice, add(carol, "one", bob), add(boss, "one", org.ARN()))
	slices.Sort(want)
	for i := range 50 { // his own, in the middle of the organization's
		add(bob, fmt.Sprintf("mine%03d", i), org.ARN())
	}
	add(alice, "others", carol)
	add(alice, "sister", other.ARN())
	add(alice, "role", "arn:aws:iam::"+bob+":role/build") // bob's root user is not that role
	w.share(alice, of(w.image(alice, "pending")), Association{Type: Principal, Entity: bob, Status: Associating})
	w.share(alice, Association{Type: Resource, Entity: w.image(alice, "leaving"), Status: Disassociated}, with(bob))

	if diff := cmp.Diff(want, w.discovers(rootOf(bob))); diff != "" {
		t.Errorf("bob discovers (-want +got):\n%s", diff)
	}
	w.as(bob, func(c *operation.Call) error {
		for i, after := range want {
			var got []string
			for arn, err := range SharedWith(c, "imagebuilder:Image", after) {
				if err != nil {
					return err
				}
				if got = append(got, arn); len(got) == 3 {
					break
				}
			}
			if rest := want[i+1:]; !slices.Equal(got, rest[:min(3, len(rest))]) {
				t.Errorf("after %s come %s", after, got)
			}
		}
		for _, none := range []string{"imagebuilder:Component", "ssm:Parameter", "nothing"} {
			for arn, err := range SharedWith(c, none, "") {
				t.Errorf("a %s: %s %v", none, arn, err)
			}
		}
		c.Region = "eu-west-1"
		for arn, err := range SharedWith(c, "imagebuilder:Image", "") {
			t.Errorf("in another region: %s %v", arn, err)
		}
		return nil
	})
}

// TestSharesWith lists the shares of others that share with an account.
func TestSharesWith(t *testing.T) {
	w := newWorld(t)
	w.organize()
	image := w.image(alice, "web")
	var want []string
	for _, principal := range []string{bob, annOf(bob), org.ARN(), outer.ARN(), inner.ARN()} {
		want = append(want, w.share(alice, of(image), with(principal)).ARN)
	}
	several := w.share(alice, with(bob), with(org.ARN()), with(annOf(bob)))
	want = append(want, several.ARN)
	slices.Sort(want)
	w.share(alice, with(carol))
	w.share(bob, with(org.ARN()))
	w.share(alice, Association{Type: Principal, Entity: bob, Status: Associating})
	deleted := w.share(alice, with(bob))
	w.as(alice, func(c *operation.Call) error {
		deleted.Deleted = c.Now
		if err := deleted.Put(c); err != nil {
			return err
		}
		for _, region := range []string{"eu-west-1", "us-west-2"} {
			far := newShare(c, alice)
			far.ARN, far.Region = "arn:aws:ram:"+region+":"+alice+":resource-share/far", region
			if err := far.Put(c); err != nil {
				return err
			}
			if err := Associate(c, far, with(bob)); err != nil {
				return err
			}
		}
		key := PolicyKey{ARN: image}
		return putPolicy(c, key, allow(image, "imagebuilder:GetImage", bob))
	})
	w.as(bob, func(c *operation.Call) error {
		for i, after := range append([]string{""}, want...) {
			got := []string{}
			for s, err := range SharesWith(c, after) {
				if err != nil {
					return err
				}
				got = append(got, s.ARN)
			}
			if diff := cmp.Diff(want[i:], got); diff != "" {
				t.Errorf("after %q (-want +got):\n%s", after, diff)
			}
		}
		return nil
	})
}

// BenchmarkSharedWith reads a page of what is shared with bob, who is in an
// inner unit, with few and with many shares: with him, with others, and of his
// own. The page costs the same.
func BenchmarkSharedWith(b *testing.B) {
	const page = 25
	for _, shares := range []struct{ name, owner, principal string }{
		{"with the caller", alice, bob}, {"with the organization", alice, org.ARN()}, {"with others", alice, carol}, {"of the caller", bob, org.ARN()},
	} {
		for _, n := range []int{100, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", shares.name, n), func(b *testing.B) {
				w := newWorld(b)
				w.organize()
				for i := range page {
					w.share(carol, of(w.image(carol, fmt.Sprintf("last%02d", i))), with(bob))
				}
				for i := range n {
					w.share(shares.owner, of(w.image(shares.owner, fmt.Sprintf("web%05d", i))), with(shares.principal))
				}
				for b.Loop() {
					err := w.store.View(b.Context(), func(tx *store.Tx) error {
						c := w.call(tx, rootOf(bob))
						read := 0
						for _, err := range SharedWith(c, "imagebuilder:Image", "") {
							if err != nil {
								return err
							}
							if read++; read == page {
								return nil
							}
						}
						return fmt.Errorf("read %d", read)
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
