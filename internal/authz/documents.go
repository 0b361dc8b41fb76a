package authz

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// maxText bounds the compiled documents in the cache, by the bytes of their text;
// compiled they take about fifteen times as much. Few documents apply to many
// requests: those of callers, of organizations, and of what was just written.
const maxText = 1 << 20

// documents is a cache of compiled documents by their text. What a text means never
// changes, so an entry can be dropped and is never wrong.
type documents struct {
	mu     sync.RWMutex
	byText map[string]compiled
	size   int // bytes of text of all entries
	most   int // what size is bounded by; 0 is maxText
}

// compiled is a document with what the gate needs to know of it.
type compiled struct {
	*policy.Document
	keys bool // it can ask for condition keys
	tags bool // it can ask for tags of the resource or of the principal
}

func (d *documents) compile(text string) (compiled, error) {
	d.mu.RLock()
	doc, known := d.byText[text]
	d.mu.RUnlock()
	if known {
		return doc, nil
	}
	parsed, err := policy.Parse([]byte(text))
	if err != nil {
		return compiled{}, err
	}
	doc = compiled{Document: parsed, keys: canAsk(text, parsed)}
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
		if d.size <= cmp.Or(d.most, maxText) {
			break
		}
		d.size -= len(old)
		delete(d.byText, old) // any one: map order is random
	}
	d.byText[text] = doc
	return doc, nil
}

// LimitDocuments bounds the compiled documents in the cache, by the bytes of their text. It
// is called before the first request.
func (g *Gate) LimitDocuments(text int) { g.documents.most = text }

// canAsk reports whether a document can name a condition key: only a condition or a
// policy variable does.
func canAsk(text string, doc *policy.Document) bool {
	return strings.Contains(text, "$") || strings.Contains(text, `\u`) ||
		slices.ContainsFunc(doc.Statements, func(st policy.Statement) bool { return st.Condition.Present() })
}

// mayName reports whether a document could name a condition key that contains these
// lower-case letters. An escaped letter makes it report true for any.
func mayName(text, letters string) bool {
	return strings.Contains(text, `\u`) || strings.Contains(strings.ToLower(text), letters)
}
