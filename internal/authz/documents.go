package authz

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/writdev/writ/internal/identity"
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

// compileAll keeps nil and empty apart: an absent layer limits nothing, an
// empty one allows nothing.
func (d *documents) compileAll(texts []identity.Text) ([]policy.Attached, error) {
	if texts == nil {
		return nil, nil
	}
	list := make([]policy.Attached, 0, len(texts))
	for _, t := range texts {
		doc, err := d.compile(t.Document)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", t.Name, err)
		}
		list = append(list, policy.Attached{Name: t.Name, Document: doc})
	}
	return list, nil
}

// compileLevels compiles the levels of an organization, from the root down.
func (d *documents) compileLevels(levels [][]identity.Text) ([][]policy.Attached, error) {
	if levels == nil {
		return nil, nil
	}
	list := make([][]policy.Attached, 0, len(levels))
	for _, texts := range levels {
		level, err := d.compileAll(texts)
		if err != nil {
			return nil, err
		}
		list = append(list, level)
	}
	return list, nil
}
