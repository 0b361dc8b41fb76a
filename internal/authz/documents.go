package authz

import (
	"crypto/sha256"
	"sync"

	"github.com/writdev/writ/policy"
)

// maxDocuments bounds the compiled documents kept: about 50 MB of typical ones.
const maxDocuments = 10_000

// documents remembers compiled documents by the hash of their text. What a text
// means never changes, so an entry can be dropped but never be wrong.
type documents struct {
	mu     sync.RWMutex
	byHash map[[sha256.Size]byte]*policy.Document
}

func (d *documents) compile(text string) (*policy.Document, error) {
	hash := sha256.Sum256([]byte(text))
	d.mu.RLock()
	doc := d.byHash[hash]
	d.mu.RUnlock()
	if doc != nil {
		return doc, nil
	}
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byHash == nil {
		d.byHash = make(map[[sha256.Size]byte]*policy.Document)
	}
	for old := range d.byHash {
		if len(d.byHash) < maxDocuments {
			break
		}
		delete(d.byHash, old) // any one: map order is random
	}
	d.byHash[hash] = doc
	return doc, nil
}
