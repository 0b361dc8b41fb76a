package sharing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// parseTemplate reads the template of a permission.
func parseTemplate(template string) (terms, error) {
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":` + template + `}`))
	if err != nil {
		return terms{}, fmt.Errorf("template of a permission: %w", err)
	}
	if len(doc.Statements()) != 1 {
		return terms{}, fmt.Errorf("template of a permission: %d statements", len(doc.Statements()))
	}
	return termsOf(&doc.Statements()[0]), nil
}

// template is the inverse of parseTemplate.
func (t terms) template() string {
	var b strings.Builder
	b.WriteString(`{"Effect":"Allow","Action":` + quotedList(t.actions))
	writeConditions(&b, t.conditions)
	b.WriteString("}")
	return b.String()
}

// writeConditions writes the Condition of a statement, if there is any, with the
// comma before it. The keys of one operator are adjacent.
func writeConditions(b *strings.Builder, list []condition) {
	lead := `,"Condition":{`
	for i, first := range list {
		if slices.ContainsFunc(list[:i], first.sameOperator) {
			continue
		}
		b.WriteString(lead + quoted(first.operator) + ":")
		comma := "{"
		for _, c := range list[i:] {
			if first.sameOperator(c) {
				b.WriteString(comma + quoted(c.key) + ":" + oneOrMany(c.values))
				comma = ","
			}
		}
		b.WriteString("}")
		lead = ","
	}
	if len(list) > 0 {
		b.WriteString("}")
	}
}

func oneOrMany(values []string) string {
	if len(values) == 1 {
		return quoted(values[0])
	}
	return quotedList(values)
}

func quotedList(values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = quoted(v)
	}
	return "[" + strings.Join(list, ",") + "]"
}

// quoted is a JSON string; it leaves "<" and "&" as they are.
func quoted(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string is always JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}
