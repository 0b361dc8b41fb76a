package authz

import (
	"slices"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// maxText bounds the compiled documents kept, by the bytes of their text;
// compiled they take about fifteen times as much. There are few that many
// requests ask for: those of callers, of organizations, and of what was just put.
const maxText = 1 << 20

// documents remembers compiled documents by their text. What a text means never
// changes, so an entry can be dropped but never be wrong.
type documents struct {
	mu     sync.RWMutex
	byText map[string]compiled
	size   int // bytes of text, of all that are kept
}

// compiled is a document with what the gate wants to know of it.
type compiled struct {
	*policy.Document
	keys          bool // it may ask for condition keys at all
	resourceTags  bool // it may ask for the tags of the resource
	principalTags bool // it may ask for those of the caller
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
	doc = compiled{Document: parsed, keys: asks(text, parsed)}
	if doc.keys {
		doc.resourceTags, doc.principalTags = mayName(text, "resourcetag"), mayName(text, "principaltag")
	}
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
		if d.size <= maxText {
			break
		}
		d.size -= len(old)
		delete(d.byText, old) // any one: map order is random
	}
	d.byText[text] = doc
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
