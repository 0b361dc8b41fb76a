package authz

import (
	"cmp"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// maxText limits the compiled documents in the cache, by the bytes of their text; compiled they take about
// four times as much memory. Few documents apply to many requests: those of callers, of organizations, and
// recently written ones.
const maxText = 1 << 20

// documents is a cache of compiled documents by text. The meaning of a text never changes, so entries never
// become stale and can be dropped at any time.
type documents struct {
	mu     sync.RWMutex
	byText map[string]compiled
	size   int // bytes of text of all entries
	limit  int // the limit of size; 0 means maxText
}

// compiled is a compiled document with the condition keys that it may read.
type compiled struct {
	*policy.Document
	keys bool // it may read condition keys
	tags bool // it may read tags of the resource or the principal
}

func (d *documents) compile(text string) (compiled, error) {
	d.mu.RLock()
	doc, known := d.byText[text]
	d.mu.RUnlock()
	if known {
		return doc, nil
	}
	parsed, err := policy.Compile(text)
	if err != nil {
		return compiled{}, err
	}
	doc = compiled{Document: parsed, keys: parsed.ReadsContext()}
	doc.tags = doc.keys && (mayName(text, "resourcetag") || mayName(text, "principaltag"))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byText == nil {
		d.byText = make(map[string]compiled)
	}
	if _, known := d.byText[text]; known {
		return doc, nil
	}
	d.size += len(text)
	for old := range d.byText {
		if d.size <= cmp.Or(d.limit, maxText) {
			break
		}
		d.size -= len(old)
		delete(d.byText, old) // any one: map order is random
	}
	d.byText[text] = doc
	return doc, nil
}

// LimitDocuments limits the compiled documents in the cache, by the bytes of their text. It must be called
// before the first request.
func (g *Gate) LimitDocuments(text int) { g.documents.limit = text }

// mayName reports whether a document may contain a condition key with these lower-case letters. For a text
// with an escaped letter it returns true.
func mayName(text, letters string) bool {
	return strings.Contains(text, `\u`) || strings.Contains(strings.ToLower(text), letters)
}
