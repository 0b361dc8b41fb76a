package lsp

import (
	"fmt"
	"strings"

	"github.com/writdev/writ/catalog"
)

// isWordByte reports whether a byte can be part of an action or a key.
func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(":*?-._/${}", c) >= 0
}

// wordAt returns the word around an offset, with its position.
func (f *file) wordAt(offset int) (word string, start, end int) {
	start, end = offset, offset
	for start > 0 && isWordByte(f.text[start-1]) {
		start--
	}
	for end < len(f.text) && isWordByte(f.text[end]) {
		end++
	}
	return f.text[start:end], start, end
}

// hover describes the action or the condition key at a position.
func (s *Server) hover(p *positionParams) (any, error) {
	f, err := s.file(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	word, start, end := f.wordAt(f.offset(p.Position))
	text := describe(word)
	if text == "" {
		return nil, nil
	}
	return hover{markup{"markdown", text}, span{f.positionAt(start), f.positionAt(end)}}, nil
}

// describe returns the catalog's description of a word; "" if there is none.
func describe(word string) string {
	prefix, name, ok := strings.Cut(word, ":")
	if !ok || name == "" {
		return ""
	}
	if a, ok := catalog.FindAction(word); ok {
		return describeAction(a)
	}
	if k, ok := catalog.FindKey(word); ok {
		return describeKey(k)
	}
	if s, ok := catalog.Lookup(prefix); ok && strings.ContainsAny(name, "*?") {
		return describePattern(s, word, name)
	}
	return ""
}

func describeAction(a *catalog.Action) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** (%s, %s)\n", a.FullName(), a.Service.Name, a.Access)
	if len(a.Resources) == 0 {
		b.WriteString("\nNo resource types: requires `\"Resource\": \"*\"`\n")
	}
	for _, r := range a.Resources {
		required := ""
		if r.Required {
			required = ", required"
		}
		fmt.Fprintf(&b, "\n- %s%s: `%s`", r.Type.Name, required, r.Type.ARN)
	}
	if names := keyNames(a); len(names) > 0 {
		fmt.Fprintf(&b, "\n\nCondition keys: %s", strings.Join(names, ", "))
	}
	if len(a.Dependent) > 0 {
		fmt.Fprintf(&b, "\n\nAlso needs: %s", strings.Join(a.Dependent, ", "))
	}
	return b.String()
}

// keyNames returns the condition keys of an action and of its resources, each once.
func keyNames(a *catalog.Action) (names []string) {
	seen := map[string]bool{}
	add := func(keys []*catalog.ConditionKey) {
		for _, k := range keys {
			if !seen[k.Name] {
				seen[k.Name] = true
				names = append(names, "`"+k.Name+"`")
			}
		}
	}
	add(a.ConditionKeys)
	for _, r := range a.Resources {
		add(r.ConditionKeys)
		add(r.Type.ConditionKeys)
	}
	return names
}

func describeKey(k *catalog.ConditionKey) string {
	text := fmt.Sprintf("**%s** (%v)", k.Name, k.Type)
	if k.Type.Multivalued() {
		text += "\n\nHas several values in a request: use `ForAnyValue` or `ForAllValues`."
	}
	return text
}

// maxNames limits the names in a hover.
const maxNames = 20

func describePattern(s *catalog.Service, word, pattern string) string {
	var names []string
	total := 0
	for a := range s.Match(pattern) {
		if total++; total <= maxNames {
			names = append(names, fmt.Sprintf("- %s (%s)", a.Name, a.Access))
		}
	}
	if total > maxNames {
		names = append(names, fmt.Sprintf("- and %d more", total-maxNames))
	}
	return fmt.Sprintf("**%s** matches %d actions of %s as of %s\n\n%s", word, total, s.Name, catalog.AsOf(), strings.Join(names, "\n"))
}
