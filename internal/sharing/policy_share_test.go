package sharing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// TestPolicies puts policies on an image of alice's: what share each makes, and
// what becomes of that when it is promoted.
func TestPolicies(t *testing.T) {
	files, err := filepath.Glob("testdata/policies/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			w.organize()
			key := PolicyKey{ARN: w.image(alice, "web")}
			document := strings.ReplaceAll(expand(strings.TrimSpace(string(archive.Files[0].Data))), "IMAGE", key.ARN)
			w.as(alice, func(c *operation.Call) error { return putPolicy(c, key, document) })
			got := w.describe(key)
			if s := w.follower(key); s != nil {
				err := w.try(rootOf(alice), func(c *operation.Call) error { return Promote(c, s) })
				switch {
				case err == nil:
					got += "\npromoted\n" + w.describe(key) + w.describeShare(s.ARN)
				case errors.Is(err, ErrUnpromotable):
					got += "\nunpromotable\n"
				case errors.Is(err, ErrUnmatched):
					got += "\nunmatched\n"
				default:
					t.Fatal(err)
				}
			}
			want := &archive.Files[1]
			if text := fold(strings.ReplaceAll(got, key.ARN, "IMAGE")); *updateGoldens {
				want.Data = []byte(text)
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(want.Data), text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// follower is the share that follows a policy; nil if there is none.
func (w *world) follower(key PolicyKey) (s *Share) {
	w.Helper()
	w.as(alice, func(c *operation.Call) (err error) { s, err = policyShareOf(c, key); return err })
	return s
}

// describe tells of the share that follows a policy, and of the policies.
func (w *world) describe(key PolicyKey) (text string) {
	w.Helper()
	s := w.follower(key)
	if s == nil {
		text = "no share follows\n"
	} else {
		text = w.describeShare(s.ARN)
	}
	w.as(alice, func(c *operation.Call) error {
		policies, err := c.Tx.Policies(key.ARN)
		for _, p := range policies {
			if p.Source == store.SourceRAM {
				text += p.Document + "\n"
			} else if s == nil {
				text += "the policy stays\n"
			}
		}
		return err
	})
	return text
}

// describeShare tells what is in a share.
func (w *world) describeShare(arn string) (text string) {
	w.Helper()
	w.as(alice, func(c *operation.Call) error {
		s, err := ReadShare(c.Tx, arn)
		if err != nil {
			return err
		}
		text = string(s.FeatureSet) + "\n"
		for typ, ref := range s.Permissions {
			p, err := ReadPermission(c.Tx, ref.ARN)
			if err != nil {
				return err
			}
			v, _ := p.Version(ref.Version)
			name := p.Name
			if p.FeatureSet == CreatedFromPolicy {
				name = "made from the policy"
			}
			text += fmt.Sprintf("%s: %s %s\n", typ, name, v.Template)
		}
		for a, err := range Associations(c.Tx, AssociationQuery{Share: arn}) {
			if err != nil {
				return err
			}
			text += fmt.Sprintf("%s %s %s", a.Type, a.Entity, a.Status)
			if a.External {
				text += " external"
			}
			if a.Granted {
				text += " granted"
			}
			text += "\n"
		}
		return nil
	})
	return text
}

// allow is a policy on a resource for principals.
func allow(arn, actions string, principals ...string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["` + strings.Join(principals, `","`) +
		`"]},"Action":["` + actions + `"],"Resource":"` + arn + `"}]}`
}

// TestFollow changes a policy: its share is changed in place, and only if the
// policy says something else.
func TestFollow(t *testing.T) {
	const get, list, both = "imagebuilder:GetImage", "imagebuilder:ListImages", `imagebuilder:GetImage","imagebuilder:ListImages`
	w := newWorld(t)
	key := PolicyKey{ARN: w.image(alice, "web")}
	put := func(document string) *Share {
		t.Helper()
		w.as(alice, func(c *operation.Call) error { return putPolicy(c, key, document) })
		return w.follower(key)
	}
	permissions := func() (n int) {
		t.Helper()
		w.as(alice, func(c *operation.Call) error {
			n = 0
			for range PermissionsOf(c.Tx, alice, region, "") {
				n++
			}
			return nil
		})
		return n
	}
	if s := put(allow(key.ARN, get, alice)); s != nil {
		t.Errorf("a policy for its owner makes %+v", s)
	}
	first := put(allow(key.ARN, get, bob))
	if first == nil || first.FeatureSet != CreatedFromPolicy || !first.Created.Equal(w.now.Add(-time.Second)) || permissions() != 1 {
		t.Fatalf("the first policy makes %+v", first)
	}
	for what, same := range map[string]string{
		"the same":      allow(key.ARN, get, bob),
		"another Sid":   strings.Replace(allow(key.ARN, get, bob), `{"Effect"`, `{"Sid":"other","Effect"`, 1),
		"a root ARN":    allow(key.ARN, get, "arn:aws:iam::"+bob+":root"),
		"another case":  allow(key.ARN, "ImageBuilder:getimage", bob),
		"the owner too": allow(key.ARN, get, bob, alice),
	} {
		if s := put(same); !s.Updated.Equal(first.Updated) || s.ARN != first.ARN {
			t.Errorf("%s: the share is written: %+v", what, s)
		}
	}
	second := put(allow(key.ARN, get, carol, bob))
	if second.ARN != first.ARN || !second.Created.Equal(first.Created) || !second.Updated.After(first.Updated) {
		t.Errorf("another principal makes %+v of %+v", second, first)
	}
	if diff := cmp.Diff(first.Permissions, second.Permissions); diff != "" {
		t.Errorf("its permission changed: %s", diff)
	}
	if got := w.describeShare(first.ARN); !strings.Contains(got, bob) || !strings.Contains(got, carol) {
		t.Errorf("with carol: %s", got)
	}
	third := put(allow(key.ARN, list, carol))
	if third.Permissions["imagebuilder:Image"] == first.Permissions["imagebuilder:Image"] || permissions() != 1 {
		t.Errorf("other actions make %+v, %d permissions", third, permissions())
	}
	if got := w.describeShare(first.ARN); strings.Contains(got, bob) || !strings.Contains(got, `["imagebuilder:ListImages"]`) {
		t.Errorf("without bob: %s", got)
	}
	if fourth := put(allow(key.ARN, both, carol)); fourth.Permissions["imagebuilder:Image"] != imagePermission || permissions() != 0 {
		t.Errorf("the actions of the managed permission make %+v, %d permissions", fourth, permissions())
	}
	put(allow(key.ARN, get, carol))
	if s := put(allow(key.ARN, get, alice)); s != nil || permissions() != 0 {
		t.Errorf("nobody outside leaves %+v, %d permissions", s, permissions())
	}
	if _, found := w.find(first.ARN); found {
		t.Error("the share is still there")
	}
	if again := put(allow(key.ARN, get, bob)); again.ARN == first.ARN {
		t.Error("another share has the ARN of one that is gone")
	}
	if s := put(""); s != nil {
		t.Errorf("a deleted policy leaves %+v", s)
	}
}

// TestFollowSlots keeps the policies of one resource apart, and those of what
// cannot be shared away.
func TestFollowSlots(t *testing.T) {
	w := newWorld(t)
	parameter := "arn:aws:ssm:us-east-1:" + alice + ":parameter/one"
	one, two := PolicyKey{parameter, "1"}, PolicyKey{parameter, "2"}
	group := PolicyKey{"arn:aws:ssm:us-east-1:" + alice + ":opsitemgroup/default", "1"}
	w.as(alice, func(c *operation.Call) error {
		return errors.Join(
			putPolicy(c, one, allow(parameter, "ssm:GetParameter", bob)),
			putPolicy(c, two, allow(parameter, "ssm:GetParameter", carol)),
			putPolicy(c, group, allow(group.ARN, "ssm:GetOpsItem", carol)))
	})
	if w.follower(group) != nil {
		t.Error("a group of OpsItems has a share")
	}
	first, second := w.follower(one), w.follower(two)
	if first == nil || second == nil || first.ARN == second.ARN {
		t.Fatalf("shares %+v and %+v", first, second)
	}
	w.as(alice, func(c *operation.Call) error { return putPolicy(c, one, "") })
	if w.follower(one) != nil || w.follower(two) == nil {
		t.Error("the wrong share is gone")
	}
}

// TestPromoted promotes, takes the access away, and puts a new policy beside it.
func TestPromoted(t *testing.T) {
	const both = `imagebuilder:GetImage","imagebuilder:ListImages`
	w := newWorld(t)
	w.organize()
	key := PolicyKey{ARN: w.image(alice, "web")}
	w.as(alice, func(c *operation.Call) error { return putPolicy(c, key, allow(key.ARN, both, bob, carol)) })
	s := w.follower(key)
	if got := w.discovers(rootOf(bob)); got != nil {
		t.Errorf("before, bob discovers %s", got)
	}
	w.as(alice, func(c *operation.Call) error { return Promote(c, s) })
	if s.FeatureSet != Standard || s.Promoted.IsZero() || s.Policy != nil {
		t.Errorf("promoted: %+v", s)
	}
	if got := w.discovers(rootOf(bob)); len(got) != 1 {
		t.Errorf("bob, inside, discovers %s", got)
	}
	if got := w.discovers(rootOf(carol)); got != nil {
		t.Errorf("carol, not invited yet, discovers %s", got)
	}
	if !w.may(rootOf(carol), key.ARN) {
		t.Error("carol lost the access that she had")
	}
	if err := w.try(rootOf(alice), func(c *operation.Call) error { return Promote(c, s) }); !errors.Is(err, ErrPromoted) {
		t.Errorf("promoted again: %v", err)
	}
	w.as(alice, func(c *operation.Call) error { return Associate(c, s, with(carol)) })
	if got := w.discovers(rootOf(carol)); len(got) != 1 {
		t.Errorf("carol, who accepted, discovers %s", got)
	}
	w.as(alice, func(c *operation.Call) error { return putPolicy(c, key, allow(key.ARN, both, bob)) })
	if again := w.follower(key); again == nil || again.ARN == s.ARN {
		t.Errorf("a policy beside the share makes %+v", again)
	}
	w.as(alice, func(c *operation.Call) error { return Disassociate(c, s, with(bob), with(carol)) })
	if w.may(rootOf(carol), key.ARN) || !w.may(rootOf(bob), key.ARN) {
		t.Error("who is let in by the policy alone, and who by nothing?")
	}
	w.as(alice, func(c *operation.Call) error { return putPolicy(c, key, "") })
	if w.may(rootOf(bob), key.ARN) {
		t.Error("bob gets in by nothing")
	}
}

// TestPromoteWithoutSharing promotes where sharing with the organization is off:
// members are invited as anyone, and the whole organization cannot be.
func TestPromoteWithoutSharing(t *testing.T) {
	const both = `imagebuilder:GetImage","imagebuilder:ListImages`
	w := newWorld(t)
	w.organize()
	w.as(boss, func(c *operation.Call) error { return DisableSharingWithOrganization(c, org.ID) })
	one, two := PolicyKey{ARN: w.image(alice, "one")}, PolicyKey{ARN: w.image(alice, "two")}
	everybody := strings.Replace(allow(two.ARN, both, "*"), `"Resource"`, `"Condition":{"StringEquals":{"aws:PrincipalOrgID":"`+org.ID+`"}},"Resource"`, 1)
	w.as(alice, func(c *operation.Call) error {
		return errors.Join(putPolicy(c, one, allow(one.ARN, both, bob)), putPolicy(c, two, everybody))
	})
	s := w.follower(one)
	w.as(alice, func(c *operation.Call) error { return Promote(c, s) })
	if got := w.describeShare(s.ARN); !strings.Contains(got, "PRINCIPAL "+bob+" ASSOCIATING granted\n") {
		t.Errorf("a member is promoted to %s", got)
	}
	all := w.follower(two)
	if err := w.try(rootOf(alice), func(c *operation.Call) error { return Promote(c, all) }); !errors.Is(err, ErrUnpromotable) {
		t.Errorf("the organization is promoted: %v", err)
	}
}

// TestPermissionInUse keeps a permission that was made from a policy while
// another share uses it.
func TestPermissionInUse(t *testing.T) {
	w := newWorld(t)
	key := PolicyKey{ARN: w.image(alice, "web")}
	w.as(alice, func(c *operation.Call) error { return putPolicy(c, key, allow(key.ARN, "imagebuilder:GetImage", bob)) })
	s := w.share(alice)
	s.Permissions = w.follower(key).Permissions
	read := func(want error) {
		t.Helper()
		err := w.try(rootOf(alice), func(c *operation.Call) error {
			_, err := ReadPermission(c.Tx, s.Permissions["imagebuilder:Image"].ARN)
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("the permission: %v, want %v", err, want)
		}
	}
	w.as(alice, func(c *operation.Call) error {
		if err := s.Put(c); err != nil {
			return err
		}
		return putPolicy(c, key, "")
	})
	read(nil)
	w.as(alice, func(c *operation.Call) error { return s.Delete(c) })
	read(store.ErrNotFound)
}
