package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/store"
)

// The sandbox credentials of an account's root user: the access key id is the account id (or "test" for
// account 000000000000), and this is the secret.
const (
	SandboxSecret  = "test"
	sandboxKeyID   = "test"
	sandboxAccount = "000000000000"
)

// ErrUnknownKey is returned for an access key that does not exist or is not active.
var ErrUnknownKey = errors.New("unknown access key")

// Directory resolves access keys to callers.
type Directory struct {
	// Sandbox accepts the sandbox credentials. It is for loopback addresses only.
	Sandbox bool
	// Sealer decrypts the secrets in the store.
	Sealer *keys.Sealer
	// World is the name of the world of the store; "" for the main one. Session tokens and authorization
	// messages of one world are not valid in another.
	World string
}

// sealPurpose returns the purpose for which data outside the store is sealed.
func (d *Directory) sealPurpose(purpose string) string {
	if d.World == "" {
		return purpose
	}
	return purpose + " in world " + d.World
}

// Credential is an access key's secret and principal.
type Credential struct {
	Secret string
	Caller Caller
}

// SandboxCredential resolves an access key of the sandbox, in the request's partition. These keys are not
// stored, so it needs no transaction.
func (d *Directory) SandboxCredential(partition, accessKeyID string) (c Credential, ok bool) {
	account, ok := d.sandboxAccount(accessKeyID)
	if !ok {
		return Credential{}, false
	}
	return Credential{SandboxSecret, rootCaller(partition, account, accessKeyID)}, true
}

// Credential resolves a stored access key, in the request's partition. It returns ErrUnknownKey if there is
// none.
func (d *Directory) Credential(tx *store.Tx, partition, accessKeyID string) (Credential, error) {
	key, err := tx.AccessKey(accessKeyID)
	if errors.Is(err, store.ErrNotFound) || err == nil && key.Status != KeyActive {
		return Credential{}, ErrUnknownKey
	}
	if err != nil {
		return Credential{}, err
	}
	secret, err := d.Sealer.Open(key.SealedSecret, key.ID)
	if err != nil {
		return Credential{}, fmt.Errorf("secret of %s: %w", key.ID, err)
	}
	if key.Principal == RootARN(partition, key.Account) {
		return Credential{string(secret), rootCaller(partition, key.Account, key.ID)}, nil
	}
	user, err := ReadUser(tx, key.Principal)
	if errors.Is(err, store.ErrNotFound) {
		return Credential{}, ErrUnknownKey
	}
	if err != nil {
		return Credential{}, err
	}
	return Credential{string(secret), user.caller(key.ID)}, nil
}

// sandboxAccount returns the account of a sandbox access key id.
func (d *Directory) sandboxAccount(accessKeyID string) (account string, ok bool) {
	switch {
	case !d.Sandbox:
		return "", false
	case accessKeyID == sandboxKeyID:
		return sandboxAccount, true
	}
	return accessKeyID, arn.IsAccountID(accessKeyID)
}

// The statuses of access keys.
const (
	KeyActive   = "Active"
	KeyInactive = "Inactive"
)

// AccessKey is a new access key with its secret, which is returned only once.
type AccessKey struct{ ID, Secret string }

// CreateAccessKey creates an access key for a principal: the ARN of a user, or of the account's root user.
func (d *Directory) CreateAccessKey(tx *store.Tx, principal, account string, now time.Time) (AccessKey, error) {
	key := AccessKey{ID: newID(keyPrefix, 16), Secret: newSecret()}
	return key, tx.PutAccessKey(store.AccessKey{
		ID:           key.ID,
		Principal:    principal,
		Account:      account,
		Status:       KeyActive,
		SealedSecret: d.Sealer.Seal([]byte(key.Secret), key.ID),
		CreatedAt:    now,
	})
}

// keyPrefix is the prefix of long-term access key ids.
const keyPrefix = "AKIA"

// newID returns a unique id in the format of IAM: a prefix for the kind, then n
// characters of A-Z and 2-7.
func newID(prefix string, n int) string {
	random := make([]byte, n)
	rand.Read(random)
	return prefix + base32.StdEncoding.EncodeToString(random)[:n]
}

// NewID returns a unique id: a prefix for the kind, then n random characters of A-Z and 2-7.
func NewID(prefix string, n int) string { return newID(prefix, n) }

// stableID derives a unique id from a name.
func stableID(prefix, name string) string {
	sum := sha256.Sum256([]byte(name))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// newSecret returns a secret access key: 40 characters, 200 random bits.
func newSecret() string {
	random := make([]byte, 25)
	rand.Read(random)
	return base32.StdEncoding.EncodeToString(random)
}
