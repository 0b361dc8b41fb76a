package authz

import (
	"crypto/sha256"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// maxDocuments bounds the compiled documents kept: about 10 MB of typical ones.
// There are few that many requests ask for: those of callers and organizations.
const maxDocuments = 1000

// documents remembers compiled documents by the hash of their text. What a text
// means never changes, so an entry can be dropped but never be wrong.
type documents struct {
	mu     sync.RWMutex
	byHash map[[sha256.Size]byte]compiled
}

// compiled is a document with what the gate wants to know of it.
type compiled struct {
	*policy.Document
	resourceTags  bool // it may ask for the tags of the resource
	principalTags bool // it may ask for those of the caller
}

func (d *documents) compile(text string) (compiled, error) {
	hash := sha256.Sum256([]byte(text))
	d.mu.RLock()
	doc, known := d.byHash[hash]
	d.mu.RUnlock()
	if known {
		return doc, nil
	}
	parsed, err := policy.Parse([]byte(text))
	if err != nil {
		return compiled{}, err
	}
	doc = compiled{parsed, mayName(text, "resourcetag"), mayName(text, "principaltag")}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byHash == nil {
		d.byHash = make(map[[sha256.Size]byte]compiled)
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

// mayName reports whether a document could name a condition key with these
// lower-case letters in it. It may say yes too often: to a letter that is
// written as an escape.
func mayName(text, letters string) bool {
	return strings.Contains(text, `\u`) || strings.Contains(strings.ToLower(text), letters)
}
