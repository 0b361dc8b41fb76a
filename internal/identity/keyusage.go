package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/writdev/writ/internal/store"
)

// KeyUsage records when each long-term access key was last used. It is kept in memory, so that recording
// costs no write, and saved periodically: see Save. The zero value is empty and ready to use; a nil KeyUsage
// stays empty.
type KeyUsage struct {
	mu      sync.Mutex
	last    map[string]KeyUse
	unsaved map[string]bool // keys of last
}

// KeyUse is one use of an access key.
type KeyUse struct {
	At              time.Time
	Service, Region string // as named in the signature
}

// Record records a use of an existing key. The key ids of the sandbox, one for each possible account, are not
// recorded.
func (u *KeyUsage) Record(accessKeyID string, use KeyUse) {
	if !strings.HasPrefix(accessKeyID, keyPrefix) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.set(accessKeyID, use)
	u.unsaved[accessKeyID] = true
}

func (u *KeyUsage) set(accessKeyID string, use KeyUse) {
	if u.last == nil {
		u.last, u.unsaved = map[string]KeyUse{}, map[string]bool{}
	}
	u.last[accessKeyID] = use
}

// keyUsageService is the service of the rows in which uses are saved. No other package reads these rows.
const keyUsageService = "access-key-usage"

// Load reads the saved uses, of this process and of others.
func (u *KeyUsage) Load(ctx context.Context, s *store.Store) error {
	return s.View(ctx, func(tx *store.Tx) error {
		for r, err := range tx.Resources(store.Query{Service: keyUsageService}) {
			if err != nil {
				return err
			}
			var use KeyUse
			if err := json.Unmarshal(r.Data, &use); err != nil {
				return fmt.Errorf("last use of %s: %w", r.Name, err)
			}
			u.mu.Lock()
			if known, ok := u.last[r.Name]; !ok || known.At.Before(use.At) {
				u.set(r.Name, use)
			}
			u.mu.Unlock()
		}
		return nil
	})
}

// Save saves the uses that are not yet saved.
func (u *KeyUsage) Save(ctx context.Context, s *store.Store) error {
	u.mu.Lock()
	uses := map[string]KeyUse{}
	for id := range u.unsaved {
		uses[id] = u.last[id]
	}
	u.mu.Unlock()
	if len(uses) == 0 {
		return nil
	}
	err := s.Update(ctx, func(tx *store.Tx) error {
		for id, use := range uses {
			data, err := json.Marshal(use)
			if err != nil {
				return fmt.Errorf("last use of %s: %w", id, err)
			}
			err = tx.PutResource(store.Resource{
				ARN: keyUsageService + ":" + id, Service: keyUsageService, Type: "use", Name: id, Data: data, CreatedAt: use.At, UpdatedAt: use.At,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, use := range uses {
		if u.last[id] == use { // otherwise the key was used in the meantime
			delete(u.unsaved, id)
		}
	}
	return nil
}

// Last returns the last recorded use of a key.
func (u *KeyUsage) Last(accessKeyID string) (KeyUse, bool) {
	if u == nil {
		return KeyUse{}, false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	use, ok := u.last[accessKeyID]
	return use, ok
}
