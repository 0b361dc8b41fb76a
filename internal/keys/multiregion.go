package keys

import (
	"slices"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Multi-Region keys are related keys in several regions with the same id and key
// material, each with its own policy, grants, aliases, tags and state. One of them is the
// primary key; only it can be replicated and rotated.
// https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html

// MultiRegion lists the related keys. Each of them stores the same list.
type MultiRegion struct {
	Primary string // region
	Regions []Region
}

// Region is the region of one of the related keys.
type Region struct {
	Name   string
	GoneAt time.Time // when the key there is deleted; zero if it is not pending deletion
}

func (m *MultiRegion) clone() *MultiRegion {
	if m == nil {
		return nil
	}
	return &MultiRegion{m.Primary, slices.Clone(m.Regions)}
}

// setDeletionDeletion sets when the key in a region is deleted.
func (m *MultiRegion) setDeletion(region string, goneAt time.Time) {
	i := slices.IndexFunc(m.Regions, func(r Region) bool { return r.Name == region })
	if i < 0 {
		m.Regions = append(m.Regions, Region{region, goneAt})
		return
	}
	m.Regions[i].GoneAt = goneAt
}

// IsReplica reports whether the key is a replica of one in another region.
func (k *Key) IsReplica() bool { return k.MultiRegion != nil && k.MultiRegion.Primary != k.Region }

// MultiRegionType is KMS's MultiRegionKeyType: PRIMARY or REPLICA.
func (k *Key) MultiRegionType() string {
	if k.IsReplica() {
		return "REPLICA"
	}
	return "PRIMARY"
}

// In is the scope of the related key in another region.
func (s Scope) In(region string) Scope {
	s.Region = region
	return s
}

// Replicas are the regions in which a replica of the key exists.
func (k *Key) Replicas(now time.Time) []string {
	var regions []string
	if k.MultiRegion == nil {
		return nil
	}
	for _, r := range k.MultiRegion.Regions {
		if r.Name != k.MultiRegion.Primary && (r.GoneAt.IsZero() || now.Before(r.GoneAt)) {
			regions = append(regions, r.Name)
		}
	}
	return regions
}

// hasReplicas reports whether the key is a primary key that is pending replica deletion.
func (k *Key) hasReplicas(now time.Time) bool {
	return k.DeletionAt.IsZero() && k.MultiRegion != nil && !k.IsReplica() && len(k.Replicas(now)) > 0
}

// lastReplica is when the last replica of a primary key is deleted; known is false while
// one is not pending deletion.
func (k *Key) lastReplica() (at time.Time, known bool) {
	if k.MultiRegion == nil {
		return at, false
	}
	for _, r := range k.MultiRegion.Regions {
		switch {
		case r.Name == k.Region:
		case r.GoneAt.IsZero():
			return time.Time{}, false
		case r.GoneAt.After(at):
			at = r.GoneAt
		}
	}
	return at, !at.IsZero()
}

// RelatedKeys are the related keys in the other regions.
func (k *Key) RelatedKeys(tx *store.Tx, now time.Time) ([]*Key, error) {
	var list []*Key
	if k.MultiRegion == nil {
		return nil, nil
	}
	for _, r := range k.MultiRegion.Regions {
		if r.Name == k.Region {
			continue
		}
		other, err := Read(tx, k.In(r.Name).Key(k.ID), now)
		switch {
		case err == nil:
			list = append(list, other)
		case !isNotFound(err):
			return nil, err
		}
	}
	return list, nil
}

// WriteAll stores the key, and copies its shared properties to its related keys.
func (k *Key) WriteAll(tx *store.Tx, now time.Time) error {
	others, err := k.RelatedKeys(tx, now)
	if err != nil {
		return err
	}
	for _, other := range others {
		other.MultiRegion = k.MultiRegion.clone()
		if !k.IsReplica() {
			other.Rotation, other.Rotated = k.Rotation, k.Rotated
			other.Imported = replicaMaterial(k.Imported, other.Imported)
		}
		if err := other.Write(tx, now); err != nil {
			return err
		}
	}
	return k.Write(tx, now)
}

// Replicate creates and stores a replica of a primary key. Imported key material must be
// imported into the replica, too.
func (k *Key) Replicate(tx *store.Tx, region, description string, now time.Time) (*Key, error) {
	replica := &Key{
		Scope: k.In(region), Kind: k.Kind, ID: k.ID, Description: description, Seed: k.Seed, Public: k.Public,
		Rotation: k.Rotation, Rotated: k.Rotated, Imported: replicaMaterial(k.Imported, nil), Root: k.root(), CreatedAt: now,
	}
	if err := deleteRemnants(tx, replica); err != nil {
		return nil, err
	}
	k.MultiRegion.setDeletion(region, time.Time{})
	replica.MultiRegion = k.MultiRegion.clone()
	if err := replica.Write(tx, now); err != nil {
		return nil, err
	}
	return replica, k.WriteAll(tx, now)
}

// deleteRemnants deletes the aliases, grants and policies of a deleted key with the same
// ARN, so that they do not apply to the new key.
func deleteRemnants(tx *store.Tx, k *Key) error {
	arn := k.ARN()
	if _, err := tx.Resource(arn); isNotFound(err) {
		return nil
	}
	grants, err := k.Grants(tx)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := g.Delete(tx); err != nil {
			return err
		}
	}
	users, err := tx.ReferencedBy(arn, 0)
	if err != nil {
		return err
	}
	for _, alias := range users {
		if err := tx.DeleteResource(alias); err != nil {
			return err
		}
	}
	return tx.DeleteResource(arn)
}

// ScheduleDeletion schedules the deletion of the key after so many days; for a primary key, after
// the deletion of its replicas.
func (k *Key) ScheduleDeletion(tx *store.Tx, days int, now time.Time) error {
	k.Window = days
	if !k.hasReplicas(now) {
		k.DeletionAt = now.AddDate(0, 0, days)
	}
	return k.writeDeletion(tx, now)
}

// CancelDeletion cancels the deletion of the key and disables it.
func (k *Key) CancelDeletion(tx *store.Tx, now time.Time) error {
	k.Window, k.DeletionAt, k.Disabled = 0, time.Time{}, true
	return k.writeDeletion(tx, now)
}

func (k *Key) writeDeletion(tx *store.Tx, now time.Time) error {
	if k.MultiRegion == nil {
		return k.Write(tx, now)
	}
	k.MultiRegion.setDeletion(k.Region, k.DeletionAt)
	return k.WriteAll(tx, now)
}
