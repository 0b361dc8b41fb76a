package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// MFAKind is the kind of virtual MFA devices. Their serial numbers are their ARNs.
const MFAKind Kind = "mfa"

// MFADevice is a virtual MFA device: a secret from which the device and IAM compute the same one-time codes
// (RFC 6238: SHA-1, 30 seconds, six digits).
type MFADevice struct {
	Entity
	SealedSeed []byte
	Owner      string    // the unique id of its user, or the account of its root user; "" if unassigned
	EnabledAt  time.Time // zero if unassigned

	// LastStep is the time step of the last accepted code. A code is accepted once, and older codes are
	// rejected.
	LastStep int64
}

const (
	seedSize   = 40 // bytes: 64 characters of base 32
	stepLength = 30 // seconds
)

// NewMFADevice returns a device that is not yet stored, and its seed in base 32.
func NewMFADevice(sealer *keys.Sealer, partition, account, path, name string) (d MFADevice, seed string) {
	secret := make([]byte, seedSize)
	rand.Read(secret)
	d.Entity = newEntity(MFAKind, partition, account, path, name)
	d.SealedSeed = sealer.Seal(secret, seedPurpose(d.ARN))
	return d, base32.StdEncoding.EncodeToString(secret)
}

// seedPurpose returns the purpose for which a seed is sealed: its device.
func seedPurpose(arn string) string { return "MFA seed of " + arn }

// ReadMFADevice reads the device with a serial number. It returns store.ErrNotFound if there is none.
func ReadMFADevice(tx *store.Tx, serial string) (MFADevice, error) {
	return readAs[MFADevice](tx, MFAKind, serial)
}

// PutMFADevice creates or replaces a device.
func PutMFADevice(tx *store.Tx, d MFADevice, now time.Time) error {
	var uses []string
	if d.Owner != "" {
		uses = []string{mfaOwnerKey(d.Owner)}
	}
	return write(tx, MFAKind, &d.Entity, &d, uses, now)
}

// mfaOwnerKey returns the key to which an owner's devices refer.
func mfaOwnerKey(owner string) string { return "mfa:" + owner }

// MFADevicesOf returns the devices of a user or a root user, ordered by ARN.
func MFADevicesOf(tx *store.Tx, owner string) ([]MFADevice, error) {
	arns, err := tx.ReferencedBy(mfaOwnerKey(owner), 0)
	if err != nil {
		return nil, err
	}
	devices := make([]MFADevice, len(arns))
	for i, arn := range arns {
		if devices[i], err = ReadMFADevice(tx, arn); err != nil {
			return nil, err
		}
	}
	return devices, nil
}

// MFAOwner returns the owner of the devices with which a caller may authenticate, or "" for callers that are
// neither a user nor a root user.
func (c Caller) MFAOwner() string {
	switch c.Principal.Kind {
	case policy.User:
		return c.UserID
	case policy.Root:
		return c.Account()
	}
	return ""
}

// Accept checks a single code, with a tolerance of one step on either side, and advances LastStep past it.
// The caller stores the device.
func (d *MFADevice) Accept(sealer *keys.Sealer, code string, now time.Time) (bool, error) {
	return d.accept(sealer, []string{code}, now, 1)
}

// AcceptPair checks two consecutive codes, which synchronize a device: they may be a few minutes old.
func (d *MFADevice) AcceptPair(sealer *keys.Sealer, first, second string, now time.Time) (bool, error) {
	return d.accept(sealer, []string{first, second}, now, 10)
}

func (d *MFADevice) accept(sealer *keys.Sealer, codes []string, now time.Time, tolerance int64) (bool, error) {
	seed, err := sealer.Open(d.SealedSeed, seedPurpose(d.ARN))
	if err != nil {
		return false, fmt.Errorf("%s: %w", d.ARN, err)
	}
	current := now.Unix() / stepLength
	accepted := int64(-1)
	for step := current - tolerance; step <= current+1; step++ { // always all of them, whichever matches
		match := 1
		for i, code := range codes {
			match &= subtle.ConstantTimeCompare([]byte(oneTimeCode(seed, step+int64(i))), []byte(code))
		}
		if last := step + int64(len(codes)) - 1; match == 1 && step > d.LastStep && last <= current+1 {
			accepted = last
		}
	}
	if accepted < 0 {
		return false, nil
	}
	d.LastStep = accepted
	return true, nil
}

// oneTimeCode returns the code of a time step.
func oneTimeCode(seed []byte, step int64) string {
	mac := hmac.New(sha1.New, seed)
	binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000)
}
