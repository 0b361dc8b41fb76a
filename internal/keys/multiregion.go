package keys

import (
	"slices"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Multi-Region keys are one key in several regions: related keys of one id and one
// material, each with its own policy, grants, aliases, tags and state. One of them is the
// primary key, which alone can be replicated and rotated.
// https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html

// MultiRegion says which keys are related. All of them keep the same.
type MultiRegion struct {
	Primary string // region
	Regions []Region
}

// Region is where one of the related keys is.
type Region struct {
	Name   string
	GoneAt time.Time // when the key there is deleted; zero if it stays
}

func (m *MultiRegion) clone() *MultiRegion {
	if m == nil {
		return nil
	}
	return &MultiRegion{m.Primary, slices.Clone(m.Regions)}
}

// set sets when the key in a region goes.
func (m *MultiRegion) set(region string, goneAt time.Time) {
	i := slices.IndexFunc(m.Regions, func(r Region) bool { return r.Name == region })
	if i < 0 {
		m.Regions = append(m.Regions, Region{region, goneAt})
		return
	}
	m.Regions[i].GoneAt = goneAt
}

// IsReplica reports whether the key is a replica of one in another region.
func (k *Key) IsReplica() bool { return k.MultiRegion != nil && k.MultiRegion.Primary != k.Region }

// MultiRegionType is what KMS calls a key that is related to others.
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

// Replicas are the regions that have a replica of the key by now.
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

// hasReplicas reports whether the key is a primary key that waits for its replicas to be
// deleted before it is.
func (k *Key) hasReplicas(now time.Time) bool {
	return k.DeletionAt.IsZero() && k.MultiRegion != nil && !k.IsReplica() && len(k.Replicas(now)) > 0
}

// lastReplica is when the last replica of a primary key goes; known is false while one
// stays.
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

// Relatives are the keys in the other regions that are related to the key.
func (k *Key) Relatives(tx *store.Tx, now time.Time) ([]*Key, error) {
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

// WriteAll stores the key, and what it shares with its relatives in theirs.
func (k *Key) WriteAll(tx *store.Tx, now time.Time) error {
	others, err := k.Relatives(tx, now)
	if err != nil {
		return err
	}
	for _, other := range others {
		other.MultiRegion = k.MultiRegion.clone()
		if !k.IsReplica() {
			other.Rotation, other.Rotated = k.Rotation, k.Rotated
			other.Imported = shared(k.Imported, other.Imported)
		}
		if err := other.Write(tx, now); err != nil {
			return err
		}
	}
	return k.Write(tx, now)
}

// Replicate makes a replica of a primary key, and stores it. An imported key's replica
// has no material until it is imported there, too.
func (k *Key) Replicate(tx *store.Tx, region, description string, now time.Time) (*Key, error) {
	replica := &Key{
		Scope: k.In(region), Kind: k.Kind, ID: k.ID, Description: description, Seed: k.Seed, Public: k.Public,
		Rotation: k.Rotation, Rotated: k.Rotated, Imported: shared(k.Imported, nil), Root: k.root(), CreatedAt: now,
	}
	if err := erase(tx, replica); err != nil {
		return nil, err
	}
	k.MultiRegion.set(region, time.Time{})
	replica.MultiRegion = k.MultiRegion.clone()
	if err := replica.Write(tx, now); err != nil {
		return nil, err
	}
	return replica, k.WriteAll(tx, now)
}

// erase removes what is left of a deleted key of the same ARN: it is not to come to life
// with its successor.
func erase(tx *store.Tx, k *Key) error {
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

// ScheduleDeletion lets the key go after so many days. A primary key waits for its replicas first.
func (k *Key) ScheduleDeletion(tx *store.Tx, days int, now time.Time) error {
	k.Window = days
	if !k.hasReplicas(now) {
		k.DeletionAt = now.AddDate(0, 0, days)
	}
	return k.writeDeletion(tx, now)
}

// CancelDeletion lets the key stay. It is disabled from then on.
func (k *Key) CancelDeletion(tx *store.Tx, now time.Time) error {
	k.Window, k.DeletionAt, k.Disabled = 0, time.Time{}, true
	return k.writeDeletion(tx, now)
}

func (k *Key) writeDeletion(tx *store.Tx, now time.Time) error {
	if k.MultiRegion == nil {
		return k.Write(tx, now)
	}
	k.MultiRegion.set(k.Region, k.DeletionAt)
	return k.WriteAll(tx, now)
}
