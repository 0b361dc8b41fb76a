package identity

import (
	"strings"
	"sync"
	"time"
)

// KeyUsage records when each long-term access key was last used. It is kept in memory:
// recording costs no write, and the record ends with the process. The zero value is
// empty and ready to use; a nil KeyUsage stays empty.
type KeyUsage struct {
	mu   sync.Mutex
	last map[string]KeyUse
}

// KeyUse is one use of an access key.
type KeyUse struct {
	At              time.Time
	Service, Region string // as the signature names them
}

// Record records a use of a key that exists. The key ids of the sandbox, one for each
// possible account, are not recorded.
func (u *KeyUsage) Record(accessKeyID string, use KeyUse) {
	if !strings.HasPrefix(accessKeyID, keyPrefix) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[string]KeyUse{}
	}
	u.last[accessKeyID] = use
}

// Last is the last recorded use of a key.
func (u *KeyUsage) Last(accessKeyID string) (KeyUse, bool) {
	if u == nil {
		return KeyUse{}, false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	use, ok := u.last[accessKeyID]
	return use, ok
}
