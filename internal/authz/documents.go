package authz

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// maxText bounds the compiled documents kept, by the bytes of their text;
// compiled they take about fifteen times as much. There are few that many
// requests ask for: those of callers, of organizations, and of what was just put.
const maxText = 1 << 20

// documents remembers compiled documents by the hash of their text. What a text
// means never changes, so an entry can be dropped but never be wrong.
type documents struct {
	mu     sync.RWMutex
	byHash map[[sha256.Size]byte]compiled
	text   int // bytes, of all that are kept
}

// compiled is a document with what the gate wants to know of it.
type compiled struct {
	*policy.Document
	text          int  // bytes
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
	doc = compiled{Document: parsed, text: len(text)}
	if asks(text, parsed) {
		doc.resourceTags, doc.principalTags = mayName(text, "resourcetag"), mayName(text, "principaltag")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byHash == nil {
		d.byHash = make(map[[sha256.Size]byte]compiled)
	}
	if _, known := d.byHash[hash]; known {
		return doc, nil
	}
	d.text += doc.text
	for hash, old := range d.byHash {
		if d.text <= maxText {
			break
		}
		d.text -= old.text
		delete(d.byHash, hash) // any one: map order is random
	}
	d.byHash[hash] = doc
	return doc, nil
}

// asks reports whether a document can name a condition key at all: it needs a
// condition for that, or a variable.
func asks(text string, doc *policy.Document) bool {
	return strings.Contains(text, "$") || strings.Contains(text, `\u`) ||
		slices.ContainsFunc(doc.Statements, func(st policy.Statement) bool { return st.Condition.Present() })
}

// mayName reports whether a document could name a condition key with these
// lower-case letters in it. It may say yes too often: to a letter that is
// written as an escape.
func mayName(text, letters string) bool {
	return strings.Contains(text, `\u`) || strings.Contains(strings.ToLower(text), letters)
}
