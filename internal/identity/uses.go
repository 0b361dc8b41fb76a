package identity

import (
	"strings"
	"sync"
	"time"
)

// KeyUses remembers when each long-term access key was last used. It remembers
// in memory: telling it costs no write, and what it knows ends with the process.
// The zero value is empty and ready; a nil one stays empty.
type KeyUses struct {
	mu   sync.Mutex
	last map[string]KeyUse
}

// KeyUse is one use of an access key.
type KeyUse struct {
	At              time.Time
	Service, Region string // as the signature names them
}

// Note remembers a use of a key that exists. The sandbox's key ids, of which
// there are as many as accounts, are not remembered.
func (u *KeyUses) Note(accessKeyID string, use KeyUse) {
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

// Last is the last use of a key, if one is remembered.
func (u *KeyUses) Last(accessKeyID string) (KeyUse, bool) {
	if u == nil {
		return KeyUse{}, false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	use, ok := u.last[accessKeyID]
	return use, ok
}
