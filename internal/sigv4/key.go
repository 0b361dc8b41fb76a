package sigv4

import (
	"crypto/sha256"
	"strings"
	"sync"
)

// SigningKey is a secret access key narrowed to one day, region and service.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key
type SigningKey [sha256.Size]byte

// SigningKey derives the key that the signature must be made with. It costs four of
// the five HMACs of a verification.
func (s *Signature) SigningKey(secret string) SigningKey {
	key := mac([]byte("AWS4"+secret), []byte(s.Date))
	for _, part := range [...]string{s.Region, s.Service, terminator} {
		key = mac(key[:], []byte(part))
	}
	return key
}

// SigningKeys keeps the signing keys of recent requests: a client signs a day's
// requests to a service with one key. The zero value is ready, and safe for concurrent
// use. It knows secrets, not access key ids, so that an unknown id, for which there is
// no secret, takes the same work as a known one.
type SigningKeys struct {
	mu   sync.RWMutex
	keys map[signingScope]SigningKey
}

// signingScope is all that a signing key follows from.
type signingScope struct{ secret, date, region, service string }

// clone is the scope with strings of its own: those of a signature are parts of a whole
// header.
func (s signingScope) clone() signingScope {
	return signingScope{s.secret, strings.Clone(s.date), strings.Clone(s.region), strings.Clone(s.service)}
}

// maxSigningKeys bounds how many keys are kept.
const maxSigningKeys = 1024

// Of returns the key that a signature must be made with.
func (k *SigningKeys) Of(s *Signature, secret string) SigningKey {
	scope := signingScope{secret, s.Date, s.Region, s.Service}
	k.mu.RLock()
	key, known := k.keys[scope]
	k.mu.RUnlock()
	if known {
		return key
	}
	key = s.SigningKey(secret)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil || len(k.keys) >= maxSigningKeys {
		k.keys = make(map[signingScope]SigningKey)
	}
	k.keys[scope.clone()] = key
	return key
}
