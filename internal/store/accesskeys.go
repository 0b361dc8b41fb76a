package store

import (
	"encoding/base64"
	"fmt"
	"time"
)

// AccessKey is a long-term access key of a principal.
type AccessKey struct {
	ID           string // "AKIA..."
	Principal    string // the ARN of the user or root user
	Account      string
	Status       string // "Active" or "Inactive"
	SealedSecret []byte // encrypted by the caller
	CreatedAt    time.Time
}

// AccessKey reads an access key by its id; ErrNotFound if there is none.
func (tx *Tx) AccessKey(id string) (AccessKey, error) {
	k := AccessKey{ID: id}
	var sealed string
	var created int64
	err := tx.queryOne([]any{&k.Principal, &k.Account, &k.Status, &sealed, &created},
		`SELECT principal, account, status, sealed_secret, created_at FROM access_keys WHERE id = $1`, id)
	if err == nil {
		k.CreatedAt = fromMicros(created)
		k.SealedSecret, err = base64.StdEncoding.DecodeString(sealed)
	}
	if err != nil {
		return AccessKey{}, fmt.Errorf("read access key %s: %w", id, err)
	}
	return k, nil
}

// AccessKeys reads the access keys of a principal, in the order of their ids.
func (tx *Tx) AccessKeys(principal string) ([]AccessKey, error) {
	list, err := queryAll(tx, func(r row) (AccessKey, error) {
		k := AccessKey{Principal: principal}
		var sealed string
		var created int64
		err := r.Scan(&k.ID, &k.Account, &k.Status, &sealed, &created)
		if err == nil {
			k.CreatedAt = fromMicros(created)
			k.SealedSecret, err = base64.StdEncoding.DecodeString(sealed)
		}
		return k, err
	}, `SELECT id, account, status, sealed_secret, created_at FROM access_keys WHERE principal = $1 ORDER BY id`, principal)
	if err != nil {
		return nil, fmt.Errorf("read access keys of %s: %w", principal, err)
	}
	return list, nil
}

// PutAccessKey adds an access key or replaces everything of it except CreatedAt.
func (tx *Tx) PutAccessKey(k AccessKey) error {
	err := tx.write(
		`INSERT INTO access_keys (id, principal, account, status, sealed_secret, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET principal = excluded.principal, account = excluded.account,
			status = excluded.status, sealed_secret = excluded.sealed_secret`,
		k.ID, k.Principal, k.Account, k.Status, base64.StdEncoding.EncodeToString(k.SealedSecret), toMicros(k.CreatedAt))
	if err != nil {
		return fmt.Errorf("put access key %s: %w", k.ID, err)
	}
	return nil
}

// DeleteAccessKey removes an access key; ErrNotFound if there is none.
func (tx *Tx) DeleteAccessKey(id string) error {
	if err := tx.execOne(`DELETE FROM access_keys WHERE id = $1`, id); err != nil {
		return fmt.Errorf("delete access key %s: %w", id, err)
	}
	return nil
}
