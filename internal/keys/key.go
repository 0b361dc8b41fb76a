package keys

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/store"
)

// The store uses the same type names for keys, aliases and grants.
const (
	Service   = "kms"
	keyType   = "key"
	aliasType = "alias"
	grantType = "grant"
)

// Key is a key of KMS. Its state and its rotations are computed from stored times: see
// State and Rotations.
type Key struct {
	Scope
	Kind
	ID          string // a UUID; "mrk-..." of a multi-Region key
	Description string
	Disabled    bool
	// Manager is the service of an AWS managed key, "ssm"; "" for a customer managed key.
	Manager string

	// DeletionAt is when the key is deleted, Window days after the request; zero if it is
	// not to be deleted, or if the Window begins only when the last replica is deleted:
	// see DeletionDate.
	DeletionAt time.Time
	Window     int

	// Seed is the sealed secret that KMS generated: the seed of the backing keys, an HMAC
	// key, or a private key in PKCS #8. It is nil for imported key material.
	Seed []byte
	// Public is the public key of a key pair, DER.
	Public []byte `json:",omitempty"`

	Rotation Rotation
	Rotated  []Rotated // rotations before Rotation.Since

	Imported []Imported `json:",omitempty"` // imported key material, the oldest first

	MultiRegion *MultiRegion `json:",omitempty"`
	// Root is the ARN from which backing keys are derived and for which secrets are
	// sealed, if it is not the key's own ARN: that of the first of the related
	// multi-Region keys.
	Root string `json:",omitempty"`

	CreatedAt time.Time
}

// New returns a key that is not stored yet; secret comes from NewSecret for its kind.
func New(sealer *Sealer, scope Scope, kind Kind, id string, secret []byte, now time.Time) (*Key, error) {
	public, err := kind.public(secret)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	k := &Key{Scope: scope, Kind: kind, ID: id, Public: public, CreatedAt: now}
	if secret != nil {
		k.Seed = sealer.Seal(secret, k.root())
	}
	return k, nil
}

// ARN is the key's ARN.
func (k *Key) ARN() string { return k.Scope.Key(k.ID) }

func (k *Key) root() string {
	if k.Root != "" {
		return k.Root
	}
	return k.ARN()
}

// State is a key's state.
type State string

// The states of keys in Writ.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
const (
	Creating               State = "Creating" // only in the response that creates a replica
	Enabled                State = "Enabled"
	Disabled               State = "Disabled"
	PendingImport          State = "PendingImport"
	PendingDeletion        State = "PendingDeletion"
	PendingReplicaDeletion State = "PendingReplicaDeletion"
)

// State is the key's state. Read does not return a key whose deletion date has passed.
func (k *Key) State(now time.Time) State {
	switch {
	case k.Window > 0 && k.hasReplicas(now):
		return PendingReplicaDeletion
	case k.Window > 0:
		return PendingDeletion
	case k.Origin == External && !k.hasAllMaterial(now):
		return PendingImport
	case k.Disabled:
		return Disabled
	}
	return Enabled
}

// CheckNotPendingDeletion returns a KMSInvalidStateException if the key is pending
// deletion.
func (k *Key) CheckNotPendingDeletion(now time.Time) error {
	switch k.State(now) {
	case PendingDeletion:
		return invalidState("%s is pending deletion.", k.ARN())
	case PendingReplicaDeletion:
		return invalidState("%s is pending replica deletion.", k.ARN())
	}
	return nil
}

// CheckUsable returns an error if the key cannot be used: that of
// CheckNotPendingDeletion, a DisabledException, or a KMSInvalidStateException if its
// material is not imported.
func (k *Key) CheckUsable(now time.Time) error {
	switch k.State(now) {
	case Disabled:
		return awserr.New("DisabledException", 400, "%s is disabled.", k.ARN())
	case PendingImport:
		return invalidState("%s is pending import.", k.ARN())
	}
	return k.CheckNotPendingDeletion(now)
}

func invalidState(format string, args ...any) *awserr.Error {
	return awserr.New("KMSInvalidStateException", 400, format, args...)
}

// Read returns the key at an ARN; store.ErrNotFound if there is none, or if it
// has been deleted by now.
func Read(tx *store.Tx, arn string, now time.Time) (*Key, error) {
	kept, err := store.Cached(tx, arn, decodeKey)
	if err != nil {
		return nil, err
	}
	if kept.isDeleted(now) {
		return nil, fmt.Errorf("%s was deleted: %w", arn, store.ErrNotFound)
	}
	k := *kept // the cached key is shared; the caller may change the copy
	k.Seed, k.Rotated, k.Imported = slices.Clip(k.Seed), slices.Clip(k.Rotated), slices.Clone(k.Imported)
	k.MultiRegion = k.MultiRegion.clone()
	return &k, nil
}

// decodeKey decodes a key. Rows of versions that had only symmetric keys have no kind.
func decodeKey(r store.Resource) (*Key, error) {
	if r.Service != Service || r.Type != keyType {
		return nil, fmt.Errorf("%s is not a key: %w", r.ARN, store.ErrNotFound)
	}
	k, err := decode[Key](r)
	if err == nil && k.Kind == (Kind{}) {
		k.Kind = Symmetric
	}
	return k, err
}

// DeletionDate is when the key is deleted; zero if it is not pending deletion, or if
// replicas still exist.
func (k *Key) DeletionDate() time.Time {
	if k.Window == 0 || !k.DeletionAt.IsZero() {
		return k.DeletionAt
	}
	last, known := k.lastReplica()
	if !known {
		return time.Time{}
	}
	return last.AddDate(0, 0, k.Window)
}

func (k *Key) isDeleted(now time.Time) bool {
	at := k.DeletionDate()
	return !at.IsZero() && !now.Before(at)
}

// Write stores the key.
func (k *Key) Write(tx *store.Tx, now time.Time) error {
	return write(tx, store.Resource{ARN: k.ARN(), Type: keyType, Account: k.Account, Region: k.Region, Name: k.ID}, k, now)
}

// List returns the keys of an account in a region, ordered by id.
func List(tx *store.Tx, scope Scope, now time.Time) ([]*Key, error) {
	var list []*Key
	for r, err := range tx.Resources(store.Query{Service: Service, Type: keyType, Account: scope.Account, Prefix: scope.Key("")}) {
		if err != nil {
			return nil, err
		}
		k, err := decodeKey(r)
		if err != nil {
			return nil, err
		}
		if !k.isDeleted(now) {
			list = append(list, k)
		}
	}
	return list, nil
}

// write stores v as the data of a row of this service.
func write(tx *store.Tx, r store.Resource, v any, now time.Time) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s: %w", r.ARN, err)
	}
	r.Service, r.Data, r.CreatedAt, r.UpdatedAt = Service, data, now, now
	return tx.PutResource(r)
}

func decode[T any](r store.Resource) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(r.Data, v); err != nil {
		return nil, fmt.Errorf("decode %s: %w", r.ARN, err)
	}
	return v, nil
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
