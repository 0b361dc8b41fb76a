package sharing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// terms are what a permission allows, to whomever: the actions, and under which
// conditions. The template of a permission is their text.
type terms struct {
	actions    []string
	conditions []condition
}

// condition is one condition key with its operator and values, all as written.
type condition struct {
	operator, key string
	values        []string
}

func (c condition) sameOperator(d condition) bool { return lower(c.operator) == lower(d.operator) }

// is reports whether the condition has an operator and a key.
func (c condition) is(operator, key string) bool {
	return c.collides(condition{operator: operator, key: key})
}

// collides reports whether the two cannot both stand in one statement.
func (c condition) collides(d condition) bool {
	return c.sameOperator(d) && lower(c.key) == lower(d.key)
}

// parseTemplate reads the template of a permission.
func parseTemplate(template string) (terms, error) {
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":` + template + `}`))
	if err != nil {
		return terms{}, fmt.Errorf("template of a permission: %w", err)
	}
	if len(doc.Statements) != 1 {
		return terms{}, fmt.Errorf("template of a permission: %d statements", len(doc.Statements))
	}
	return termsOf(&doc.Statements[0]), nil
}

// termsOf are the terms of a statement.
func termsOf(st *policy.Statement) (t terms) {
	t.actions = texts(st.Action)
	for _, operator := range st.Condition.Operators {
		for _, key := range operator.Keys {
			t.conditions = append(t.conditions, condition{operator.Name, key.Name, texts(key.Values)})
		}
	}
	return t
}

func texts(list policy.List) []string {
	all := make([]string, len(list.Values))
	for i, v := range list.Values {
		all[i] = v.Text
	}
	return all
}

// add adds actions and conditions. Of conditions that collide the first stays.
func (t *terms) add(other terms) {
	for _, action := range other.actions {
		if !slices.ContainsFunc(t.actions, func(a string) bool { return lower(a) == lower(action) }) {
			t.actions = append(t.actions, action)
		}
	}
	for _, c := range other.conditions {
		if !slices.ContainsFunc(t.conditions, c.collides) {
			t.conditions = append(t.conditions, c)
		}
	}
}

// template is the inverse of parseTemplate.
func (t terms) template() string {
	var b strings.Builder
	b.WriteString(`{"Effect":"Allow","Action":` + quotedList(t.actions))
	writeConditions(&b, t.conditions)
	b.WriteString("}")
	return b.String()
}

// text is the same for terms that mean the same, and only for those: order,
// repetition and case count for nothing but in the values of conditions, whose
// case does.
func (t terms) text() string {
	actions := make([]string, len(t.actions))
	for i, action := range t.actions {
		actions[i] = lower(action)
	}
	conditions := make([]string, len(t.conditions))
	for i, c := range t.conditions {
		conditions[i] = quoted(lower(c.operator)) + quoted(lower(c.key)) + quotedList(distinct(c.values))
	}
	return quotedList(distinct(actions)) + strings.Join(distinct(conditions), "")
}

// distinct is a list in order and without repetition.
func distinct(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// lower folds case as policies do: that of ASCII letters, and of no others.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// writeConditions writes the Condition of a statement, if there is any, with the
// comma before it. The keys of one operator stand together.
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
