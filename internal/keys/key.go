package keys

import (
	"crypto/rand"
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

// Key is a symmetric key of KMS. What changes with time follows from the times
// that are kept: ask State, Generations and Gone.
type Key struct {
	Scope
	ID          string // a UUID
	Description string
	Disabled    bool
	// Manager is the service that an AWS managed key belongs to, "ssm"; "" of a
	// key that a customer made.
	Manager string

	// DeletionAt is when the key goes, after Window days; zero if it stays.
	DeletionAt time.Time
	Window     int

	Seed     []byte // sealed for the key's ARN
	Rotation Rotation
	Rotated  []Rotated // the rotations until Rotation.Since

	CreatedAt time.Time
}

// New makes a key that is not in the store yet.
func New(sealer *Sealer, scope Scope, id string, now time.Time) *Key {
	seed := make([]byte, keySize)
	rand.Read(seed)
	k := &Key{Scope: scope, ID: id, CreatedAt: now}
	k.Seed = sealer.Seal(seed, k.ARN())
	return k
}

// ARN is the key's ARN.
func (k *Key) ARN() string { return k.Scope.Key(k.ID) }

// State is a key's state.
type State string

// The states that Writ's keys have.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
const (
	Enabled         State = "Enabled"
	Disabled        State = "Disabled"
	PendingDeletion State = "PendingDeletion"
)

// State is the key's state. A key whose deletion is due is gone, not read.
func (k *Key) State() State {
	switch {
	case !k.DeletionAt.IsZero():
		return PendingDeletion
	case k.Disabled:
		return Disabled
	}
	return Enabled
}

// Stays returns an error if the key is to be deleted: a KMSInvalidStateException.
func (k *Key) Stays() error {
	if k.State() == PendingDeletion {
		return awserr.New("KMSInvalidStateException", 400, "%s is pending deletion.", k.ARN())
	}
	return nil
}

// Works returns an error if the key cannot be used: that of Stays, or a
// DisabledException.
func (k *Key) Works() error {
	if k.State() == Disabled {
		return awserr.New("DisabledException", 400, "%s is disabled.", k.ARN())
	}
	return k.Stays()
}

// Read returns the key at an ARN; store.ErrNotFound if there is none, or if it
// has been deleted by now.
func Read(tx *store.Tx, arn string, now time.Time) (*Key, error) {
	kept, err := store.Cached(tx, arn, decodeKey)
	if err != nil {
		return nil, err
	}
	if kept.gone(now) {
		return nil, fmt.Errorf("%s was deleted: %w", arn, store.ErrNotFound)
	}
	k := *kept // which others read, while the caller may change its own
	k.Seed, k.Rotated = slices.Clip(k.Seed), slices.Clip(k.Rotated)
	return &k, nil
}

func decodeKey(r store.Resource) (*Key, error) {
	if r.Service != Service || r.Type != keyType {
		return nil, fmt.Errorf("%s is no key: %w", r.ARN, store.ErrNotFound)
	}
	return decode[Key](r)
}

func (k *Key) gone(now time.Time) bool { return !k.DeletionAt.IsZero() && !now.Before(k.DeletionAt) }

// Write stores the key.
func (k *Key) Write(tx *store.Tx, now time.Time) error {
	return write(tx, store.Resource{ARN: k.ARN(), Type: keyType, Account: k.Account, Region: k.Region, Name: k.ID}, k, now)
}

// List returns the keys of an account in a region, in the order of their ids.
func List(tx *store.Tx, scope Scope, now time.Time) ([]*Key, error) {
	var list []*Key
	for r, err := range tx.Resources(store.Query{Service: Service, Type: keyType, Account: scope.Account, Prefix: scope.Key("")}) {
		if err != nil {
			return nil, err
		}
		k, err := decode[Key](r)
		if err != nil {
			return nil, err
		}
		if !k.gone(now) {
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
