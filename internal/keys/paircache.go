package keys

import (
	"sync"

	"github.com/writdev/writ/internal/keypair"
)

// pairCache remembers private keys by the sealed text that they were read from, and the
// key that has it: opening and reading one costs as much as a signature. What it remembers
// cannot be out of date.
type pairCache struct {
	mu    sync.Mutex
	pairs map[pairSource]keypair.Private
}

// pairSource is where a private key was read from.
type pairSource struct{ key, sealed string }

// maxPairs bounds the cache. It is emptied when it is full.
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
