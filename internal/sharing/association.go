package sharing

import (
	"cmp"
	"iter"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// AssociationType is the type of an associated entity.
type AssociationType string

const (
	Principal AssociationType = "PRINCIPAL"
	Resource  AssociationType = "RESOURCE"
	Source    AssociationType = "SOURCE"
)

// AssociationStatus is the status of an association.
type AssociationStatus string

const (
	Associating    AssociationStatus = "ASSOCIATING" // a principal with a pending invitation
	Associated     AssociationStatus = "ASSOCIATED"
	Failed         AssociationStatus = "FAILED" // the invitation was rejected or has expired
	Disassociated  AssociationStatus = "DISASSOCIATED"
	Disassociating AssociationStatus = "DISASSOCIATING"
)

// Association is a resource, a principal or a source in a share.
type Association struct {
	Share  string            `json:"-"` // ARN
	Type   AssociationType   `json:"-"`
	Entity string            `json:"-"` // an ARN, an account id or a service principal, as it was given
	Owner  string            `json:"-"` // of the share
	Region string            `json:"-"`
	Status AssociationStatus `json:"-"`

	External      bool   `json:",omitempty"` // a principal outside the owner's organization
	Granted       bool   `json:",omitempty"` // a principal that had access before the share was promoted, and keeps it while its invitation is pending
	StatusMessage string `json:",omitempty"`

	Created, Updated time.Time `json:"-"`
}

// AssociationQuery selects associations; an empty field selects all. Share,
// Entity with Type, or Owner with Region must be given: those are indexed.
type AssociationQuery struct {
	Share         string
	Type          AssociationType
	Entity        string
	Owner, Region string
	After         AssociationKey // only what sorts after it
}

// AssociationKey orders associations: by type, entity and share.
type AssociationKey struct {
	Type          AssociationType
	Entity, Share string
}

// Associations yields the selected associations in the order of their keys.
func Associations(tx *store.Tx, q AssociationQuery) iter.Seq2[Association, error] {
	return func(yield func(Association, error) bool) {
		for row, err := range tx.Associations(store.AssociationQuery{
			Share: q.Share, Kind: string(q.Type), Entity: q.Entity, Account: q.Owner, Region: q.Region,
			After: store.AssociationKey{Kind: string(q.After.Type), Entity: q.After.Entity, Share: q.After.Share},
		}) {
			var a Association
			if err == nil {
				a, err = decodeAssociation(row)
			}
			if err == nil && (q.Owner != "" && a.Owner != q.Owner || q.Region != "" && a.Region != q.Region) {
				continue
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// Associate creates or replaces associations of a share. The policies of its resources
// and the discoverable resources are updated in the same transaction. It sets ARN, owner
// and region of the share in the associations, and their times to now.
func Associate(c *operation.Call, s *Share, list ...Association) error {
	return save(c, update{share: s, add: list})
}

// Disassociate removes associations of a share; their access ends with this transaction.
// An association that does not exist is no error.
func Disassociate(c *operation.Call, s *Share, list ...Association) error {
	return save(c, update{share: s, remove: list})
}

func compareAssociations(a, b Association) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Entity, b.Entity))
}

// grants reports whether the association counts in the policies of resources.
func (a Association) grants() bool {
	return a.Status == Associated || a.Status == Associating && a.Granted
}
