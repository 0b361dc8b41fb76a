package sharing

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// The accounts of the stories: alice and bob are in boss's organization, bob in
// the inner unit of the outer one; carol is outside.
const (
	boss  = "100000000001"
	alice = "111122223333"
	bob   = "444455556666"
	carol = "777788889999"

	region = "us-east-1"
)

var (
	org   = identity.Organization{Partition: "aws", ID: "o-1234567890", Management: boss}
	root  = identity.Node{Organization: org, ID: "r-1234"}
	outer = identity.Node{Organization: org, ID: "ou-1234-00000001", Parents: []string{root.ID}}
	inner = identity.Node{Organization: org, ID: "ou-1234-00000002", Parents: []string{root.ID, outer.ID}}
	other = identity.Node{Organization: org, ID: "ou-1234-00000003", Parents: []string{root.ID}}
)

// world is a store, and the calls that are made on it.
type world struct {
	testing.TB
	store *store.Store
	now   time.Time
	ids   int
	gate  authz.Gate
}

func newWorld(t testing.TB) *world {
	t.Helper()
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return &world{TB: t, store: st, now: time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)}
}

// rootOf is the root user of an account.
func rootOf(account string) identity.Caller {
	return identity.Caller{
		Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", account), Account: account}, UserID: account,
	}
}

// call is a call of a caller in a transaction.
func (w *world) call(tx *store.Tx, who identity.Caller) *operation.Call {
	return &operation.Call{
		Context: context.Background(), Tx: tx, Now: w.now, Partition: "aws", Region: region, Caller: who, Gate: &w.gate,
		NewID: func() string { w.ids++; return fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids) },
	}
}

// try does something as a caller, in one transaction.
func (w *world) try(who identity.Caller, do func(c *operation.Call) error) error {
	w.now = w.now.Add(time.Second)
	return w.store.Update(context.Background(), func(tx *store.Tx) error { return do(w.call(tx, who)) })
}

// as is try as the root user of an account, of what must succeed.
func (w *world) as(account string, do func(c *operation.Call) error) {
	w.Helper()
	if err := w.try(rootOf(account), do); err != nil {
		w.Fatal(err)
	}
}

// organize makes the organization, with sharing turned on.
func (w *world) organize() {
	w.Helper()
	w.as(boss, func(c *operation.Call) error {
		for _, n := range []identity.Node{root, outer, inner, other, member(boss, root), member(alice, root), member(bob, inner)} {
			if err := identity.PutNode(c.Tx, n, c.Now); err != nil {
				return err
			}
		}
		return EnableSharingWithOrganization(c, org.ID)
	})
}

// member is an account's node in a place.
func member(account string, in identity.Node) identity.Node {
	return identity.Node{
		Organization: org, ID: account, Parents: append(slices.Clone(in.Parents), in.ID), Account: &identity.MemberAccount{Status: "ACTIVE"},
	}
}

// leave takes an account out of the organization.
func (w *world) leave(account string) {
	w.Helper()
	w.as(account, func(c *operation.Call) error {
		n, err := identity.MemberNode(c.Tx, account)
		if err != nil {
			return err
		}
		if err := identity.DeleteNode(c.Tx, n); err != nil {
			return err
		}
		return AccountLeft(c, account, org.ID)
	})
}

// image makes an image of an account and returns its ARN.
func (w *world) image(owner, name string) string {
	w.Helper()
	arn := "arn:aws:imagebuilder:" + region + ":" + owner + ":image/" + name + "/1.0.0/1"
	w.as(owner, func(c *operation.Call) error {
		return c.Tx.PutResource(store.Resource{ARN: arn, Service: "imagebuilder", Type: "image", Account: owner, Region: region, Data: []byte("{}")})
	})
	return arn
}

// share makes a STANDARD share of images with the managed permission.
func (w *world) share(owner string, list ...Association) *Share {
	w.Helper()
	var s *Share
	w.as(owner, func(c *operation.Call) error {
		s = newShare(c, owner)
		if err := s.Put(c); err != nil {
			return err
		}
		return Associate(c, s, list...)
	})
	return s
}

func newShare(c *operation.Call, owner string) *Share {
	id := c.NewID()
	return &Share{
		ARN: "arn:aws:ram:" + region + ":" + owner + ":resource-share/" + id, Owner: owner, Region: region, Name: id,
		AllowExternal: true, FeatureSet: Standard, Permissions: map[string]PermissionRef{"imagebuilder:Image": imagePermission},
	}
}

var imagePermission = PermissionRef{ARN: "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionImageBuilderImage", Version: 1}

// with is a principal of a share.
func with(principal string) Association {
	return Association{Type: Principal, Entity: principal, Status: Associated}
}

// of is a resource of a share.
func of(arn string) Association { return Association{Type: Resource, Entity: arn, Status: Associated} }

// putPolicy puts a document on a resource, or with "" deletes it, and has its
// share follow.
func putPolicy(c *operation.Call, key PolicyKey, document string) error {
	before := ""
	policies, err := c.Tx.Policies(key.ARN)
	if err != nil {
		return err
	}
	for _, p := range policies {
		if p.Source == store.SourceUser && p.Name == key.Name {
			before = p.Document
		}
	}
	p := store.Policy{ARN: key.ARN, Source: store.SourceUser, Name: key.Name, Document: document, CreatedAt: c.Now, UpdatedAt: c.Now}
	if document == "" {
		p.Document = before
		return DeletePolicy(c, p)
	}
	return PutPolicy(c, p, before)
}

// ramPolicy is what shares made of a resource; "" if nothing.
func ramPolicy(c *operation.Call, arn string) (string, error) {
	policies, err := c.Tx.Policies(arn)
	for _, p := range policies {
		if p.Source == store.SourceRAM {
			return p.Document, err
		}
	}
	return "", err
}

// may reports whether a caller may read an image.
func (w *world) may(who identity.Caller, arn string) (may bool) {
	w.Helper()
	if err := w.try(who, func(c *operation.Call) (err error) {
		may, err = c.May("imagebuilder:GetImage", authz.Target{ARN: arn})
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return may
}

// discovers are the images that a caller can discover.
func (w *world) discovers(who identity.Caller) (list []string) {
	w.Helper()
	if err := w.try(who, func(c *operation.Call) (err error) { list, err = discovered(c); return err }); err != nil {
		w.Fatal(err)
	}
	return list
}

func discovered(c *operation.Call) (list []string, err error) {
	for arn, err := range SharedWith(c, "imagebuilder:Image", "") {
		if err != nil {
			return nil, err
		}
		list = append(list, arn)
	}
	return list, nil
}

// policyShareOf is the share that was created from a policy; nil if there is
// none.
func policyShareOf(c *operation.Call, key PolicyKey) (*Share, error) {
	rows, err := c.Tx.SharesByReference(key.reference())
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return decodeShare(rows[0].Share)
}
