package lsp

import (
	"slices"
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy/lint"
)

// place describes a position in JSON that may be incomplete: the enclosing keys, and
// whether the position is in a key itself.
type place struct {
	path   []string
	isKey  bool
	start  int // of the string that contains the position, after its quote
	inText bool
}

// placeAt scans the text up to an offset.
func placeAt(text string, offset int) (p place) {
	type level struct {
		object, value bool // value: after a colon
		key           string
	}
	var stack []level
	for i := 0; i < offset; i++ {
		switch c := text[i]; c {
		case '{', '[':
			stack = append(stack, level{object: c == '{'})
		case '}', ']':
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		case ':', ',':
			if n := len(stack); n > 0 && stack[n-1].object {
				stack[n-1].value = c == ':'
			}
		case '"':
			end := stringEnd(text, i)
			if end < 0 || end >= offset {
				p.inText, p.start = true, i+1
				i = offset
				continue
			}
			if n := len(stack); n > 0 && stack[n-1].object && !stack[n-1].value {
				stack[n-1].key = text[i+1 : end]
			}
			i = end
		}
	}
	for i, l := range stack {
		last := i == len(stack)-1
		if l.object && (!last || l.value) {
			p.path = append(p.path, l.key)
		}
		p.isKey = last && l.object && !l.value
	}
	return p
}

// stringEnd returns the end of the string that starts at an offset, or -1 if it does not end on its line.
func stringEnd(text string, start int) int {
	for i := start + 1; i < len(text) && text[i] != '\n'; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// The kinds of completion items, for which editors show icons.
const (
	kindFunction = 3
	kindModule   = 9
	kindProperty = 10
	kindValue    = 12
	kindKeyword  = 14
)

// maxItems limits the items of a list; the client requests more items as the user types.
const maxItems = 500

// complete returns the completion items for a position.
func (s *Server) complete(p *positionParams) (any, error) {
	f, err := s.file(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	offset := f.offset(p.Position)
	at := placeAt(f.text, offset)
	start := at.start
	if !at.inText {
		_, start, _ = f.wordAt(offset)
	}
	typed := f.text[start:offset]
	list := completionList{Items: []completionItem{}}
	for _, c := range candidates(at, typed) {
		if !strings.HasPrefix(strings.ToLower(c.Label), strings.ToLower(typed)) {
			continue
		}
		if len(list.Items) == maxItems {
			list.IsIncomplete = true
			break
		}
		c.TextEdit = &textEdit{span{f.positionAt(start), p.Position}, c.Label}
		list.Items = append(list.Items, c)
	}
	return list, nil
}

// candidates returns the items for a place; typed only selects the service whose actions or keys are listed.
func candidates(p place, typed string) []completionItem {
	if !p.inText { // YAML, or outside a string: the typed text decides
		if prefix, _, ok := strings.Cut(typed, ":"); ok {
			return append(actions(prefix), keys(prefix)...)
		}
		return nil
	}
	last := ""
	if n := len(p.path); n > 0 {
		last = p.path[n-1]
	}
	switch {
	case last == "Action" || last == "NotAction":
		if prefix, _, ok := strings.Cut(typed, ":"); ok {
			return actions(prefix)
		}
		return services()
	case p.isKey && last == "Condition":
		return operators(typed)
	case p.isKey && len(p.path) > 1 && p.path[len(p.path)-2] == "Condition":
		if prefix, _, ok := strings.Cut(typed, ":"); ok {
			return keys(prefix)
		}
		return append(keys("aws"), services()...)
	case p.isKey && (last == "Statement" || len(p.path) == 0):
		return words(kindProperty, "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition", "Version", "Statement")
	case last == "Effect":
		return words(kindKeyword, "Allow", "Deny")
	case last == "Version":
		return words(kindKeyword, "2012-10-17")
	case p.isKey && (last == "Principal" || last == "NotPrincipal"):
		return words(kindProperty, "AWS", "Service", "Federated", "CanonicalUser")
	case last == "Service" || strings.EqualFold(last, "iam:PassedToService"):
		return words(kindValue, catalog.ServicePrincipals()...)
	case strings.EqualFold(last, "aws:RequestedRegion"):
		return words(kindValue, regions()...)
	}
	return nil
}

func words(kind int, names ...string) []completionItem {
	items := make([]completionItem, len(names))
	for i, name := range names {
		items[i] = completionItem{Label: name, Kind: kind}
	}
	return items
}

func services() (items []completionItem) {
	for _, prefix := range catalog.Prefixes() {
		items = append(items, completionItem{Label: prefix + ":", Kind: kindModule})
	}
	return items
}

func actions(prefix string) (items []completionItem) {
	s, ok := catalog.Lookup(prefix)
	if !ok {
		return nil
	}
	for i := range s.Actions {
		items = append(items, completionItem{Label: prefix + ":" + s.Actions[i].Name, Kind: kindFunction, Detail: s.Actions[i].Access.String()})
	}
	return items
}

// keys returns the condition keys with a prefix. A key with a variable part ends before
// that part.
func keys(prefix string) (items []completionItem) {
	add := func(k *catalog.ConditionKey) {
		if p, _, _ := strings.Cut(k.Name, ":"); strings.EqualFold(p, prefix) {
			items = append(items, completionItem{Label: k.Stem(), Kind: kindProperty, Detail: k.Type.String()})
		}
	}
	if strings.EqualFold(prefix, "aws") {
		all := catalog.GlobalKeys()
		for i := range all {
			add(&all[i])
		}
	} else if s, ok := catalog.Lookup(prefix); ok {
		for i := range s.ConditionKeys {
			add(&s.ConditionKeys[i])
		}
	}
	return items
}

// operators returns the condition operators, with the qualifier that is typed.
func operators(typed string) (items []completionItem) {
	qualifier := ""
	if i := strings.IndexByte(typed, ':'); i >= 0 {
		qualifier = typed[:i+1]
	}
	for _, name := range lint.Operators() {
		items = append(items, completionItem{Label: qualifier + name, Kind: kindKeyword})
		if name != "Null" {
			items = append(items, completionItem{Label: qualifier + name + "IfExists", Kind: kindKeyword})
		}
	}
	if qualifier == "" {
		items = append(items, words(kindKeyword, "ForAllValues:", "ForAnyValue:")...)
	}
	return items
}

func regions() (names []string) {
	for _, p := range catalog.Partitions() {
		names = append(names, p.Regions...)
	}
	slices.Sort(names)
	return names
}
