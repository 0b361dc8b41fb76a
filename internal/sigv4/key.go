package sigv4

import (
	"crypto/sha256"
	"strings"
	"sync"
)

// SigningKey is derived from a secret access key for one day, region and service.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key
type SigningKey [sha256.Size]byte

// SigningKey derives the key of the signature. It takes four of the five HMACs of a
// verification.
func (s *Signature) SigningKey(secret string) SigningKey {
	key := mac([]byte("AWS4"+secret), []byte(s.Date))
	for _, part := range [...]string{s.Region, s.Service, terminator} {
		key = mac(key[:], []byte(part))
	}
	return key
}

// SigningKeys caches the signing keys of recent requests: a client signs a day's requests
// to a service with one key. The zero value is ready for use, and safe for concurrent
// use. The cache is by secret, not by access key id, so that an unknown id, for which
// there is no secret, takes as long as a known one.
type SigningKeys struct {
	mu   sync.RWMutex
	keys map[signingScope]SigningKey
}

// signingScope is the input of the derivation of a signing key.
type signingScope struct{ secret, date, region, service string }

// clone returns the scope with copies of its strings, which otherwise keep a whole header
// in memory.
func (s signingScope) clone() signingScope {
	return signingScope{s.secret, strings.Clone(s.date), strings.Clone(s.region), strings.Clone(s.service)}
}

// maxSigningKeys limits the number of cached keys.
const maxSigningKeys = 1024

// Of returns the key of a signature.
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
