package sharing

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// FeatureSet says who manages a share or a permission, and what it can do.
type FeatureSet string

const (
	CreatedFromPolicy   FeatureSet = "CREATED_FROM_POLICY"   // created from a policy; visible to its owner alone
	PromotingToStandard FeatureSet = "PROMOTING_TO_STANDARD" // being promoted
	Standard            FeatureSet = "STANDARD"              // managed through RAM; visible to its consumers
)

// Share is a RAM resource share.
type Share struct {
	ARN    string `json:"-"`
	Owner  string `json:"-"` // 12 digits
	Region string `json:"-"`

	Name          string
	AllowExternal bool       // principals outside the owner's organization
	RetainOnLeave bool       // keep sharing with an account that leaves the organization
	FeatureSet    FeatureSet // never PromotingToStandard: that is a matter of Promoted
	Deleted       time.Time  // zero while it is active
	Promoted      time.Time  // zero if it never was

	// Permissions are what the share allows, by resource type: one permission
	// each, at the version that was its default when it was attached.
	Permissions map[string]PermissionRef `json:",omitempty"`

	// Policy is the policy that this share was created from; nil for a STANDARD share.
	// GrantDigest is the digest of the policy's grant when the share was last written.
	Policy      *PolicyKey `json:",omitempty"`
	GrantDigest string     `json:"Said,omitempty"`

	Created, Updated time.Time `json:"-"`
}

// PermissionRef names a version of a permission.
type PermissionRef struct {
	ARN     string
	Version int
}

// PolicyKey identifies a policy that a user put on a resource: its ARN, and the name
// where the service has several.
type PolicyKey struct{ ARN, Name string }

// ReadShare reads the share at an ARN; store.ErrNotFound if there is none.
func ReadShare(tx *store.Tx, arn string) (*Share, error) {
	r, err := tx.Resource(arn)
	if err != nil {
		return nil, err
	}
	if r.Service != ramService || r.Type != shareType {
		return nil, fmt.Errorf("read share %s: %w", arn, store.ErrNotFound)
	}
	return decodeShare(r)
}

// Put creates or replaces the share's own row. Its associations are not changed: call
// Refresh if Permissions, FeatureSet or Deleted changed.
func (s *Share) Put(c *operation.Call) error {
	if s.Created.IsZero() {
		s.Created = c.Now
	}
	s.Updated = c.Now
	row, err := s.row(c.Now)
	if err != nil {
		return err
	}
	return c.Tx.Apply([]store.Change{store.PutResource{Resource: row, References: s.references()}})
}

// Refresh updates the policies and the discoverability of all resources of a share.
func Refresh(c *operation.Call, s *Share) error { return save(c, update{share: s, everything: true}) }

// references are the permissions that an active share has attached, and the
// policy that it follows.
func (s *Share) references() []string {
	if !s.Deleted.IsZero() {
		return nil
	}
	var list []string
	for _, typ := range slices.Sorted(maps.Keys(s.Permissions)) {
		list = append(list, s.Permissions[typ].ARN)
	}
	if s.Policy != nil {
		list = append(list, s.Policy.reference())
	}
	return list
}

// Delete deletes the share and its associations. Their access ends with this transaction.
func (s *Share) Delete(c *operation.Call) error { return save(c, s.erasure(c.Now)) }

// erasure is the update that removes the share.
func (s *Share) erasure(now time.Time) update {
	deleted := *s
	deleted.Deleted = now
	return update{share: &deleted, erase: true}
}

// isActiveStandard reports whether the share gives access: one that was created
// from a policy does not, since the policy does.
func (s *Share) isActiveStandard() bool { return s.FeatureSet == Standard && s.Deleted.IsZero() }

// SharesOf yields the shares that an account owns in a region, by ARN, from the
// one that sorts after the given one. A region of "" is all.
func SharesOf(tx *store.Tx, owner, region, after string) iter.Seq2[*Share, error] {
	return decoded(tx, store.Query{Service: ramService, Type: shareType, Account: owner, Region: region, After: after}, decodeShare)
}

// decoded yields rows as what decode makes of them.
func decoded[T any](tx *store.Tx, q store.Query, decode func(store.Resource) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for r, err := range tx.Resources(q) {
			var v T
			if err == nil {
				v, err = decode(r)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}
