package keys

import (
	"sync"

	"github.com/writdev/writ/internal/keypair"
)

// pairCache caches decrypted private keys by key and sealed text: decrypting and parsing
// one costs as much as a signature. Entries cannot become stale.
type pairCache struct {
	mu    sync.Mutex
	pairs map[pairSource]keypair.Private
}

// pairSource identifies a private key by its key and sealed text.
type pairSource struct{ key, sealed string }

// maxPairs limits the number of entries. A full cache is emptied.
const maxPairs = 256

func (c *pairCache) get(key string, sealed []byte) (keypair.Private, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pair, ok := c.pairs[pairSource{key, string(sealed)}]
	return pair, ok
}

func (c *pairCache) put(key string, sealed []byte, pair keypair.Private) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pairs == nil || len(c.pairs) >= maxPairs {
		c.pairs = map[pairSource]keypair.Private{}
	}
	c.pairs[pairSource{key, string(sealed)}] = pair
}
