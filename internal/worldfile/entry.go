package worldfile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// entry decodes an entry of a section: the members that all have, and those of the call.
func (s *source) entry(path string, k *kind, n *yaml.Node) Entry {
	e := Entry{Members: map[string]any{}, Own: map[string]any{}}
	if !s.see(path, n, 1) {
		return e
	}
	if n.Kind != yaml.MappingNode {
		s.fault(path, "expected a mapping with an arn")
		return e
	}
	v, input := reflect.ValueOf(&e).Elem(), s.inputs[k.section]
	s.members(path, n, false, func(name, member string, value *yaml.Node) {
		if field, ok := fieldNamed(v.Type(), name); ok {
			s.value(member, value, v.FieldByIndex(field.Index), 2)
			return
		}
		for i := range input.NumField() {
			field := input.Field(i)
			wired := wireName(field)
			if k.isGiven(wired) && k.spelled(wired) == name {
				e.Members[wired] = s.member(member, value, field.Type, wired, 2)
				return
			}
		}
		if own, ok := k.own[name]; ok {
			into := reflect.New(own.typ).Elem()
			s.value(member, value, into, 2)
			e.Own[name] = into.Interface()
			return
		}
		known := append(fieldNames(v.Type()), sortedKeys(k.own)...)
		for i := range input.NumField() {
			if wired := wireName(input.Field(i)); k.isGiven(wired) {
				known = append(known, k.spelled(wired))
			}
		}
		s.fault(member, "there is no member %q here; known are %s", name, strings.Join(known, ", "))
	})
	switch {
	case e.ARN == "":
		s.fault(path, "expected a member %q", "arn")
	case len(e.Policies) > 0 && k.policy == policyCall{}:
		s.fault(path+".policies", "these have no resource-based policies")
	case len(e.Policies) > 1 && k.policy.one:
		s.fault(path+".policies", "these have one resource-based policy at most")
	}
	return e
}

func wireName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("wire"), ",")
	return name
}

// member is a value of an API call, as it is in JSON. Where the API takes a text of JSON, a
// mapping may stand; members below the first level are spelled as the API spells them.
func (s *source) member(path string, n *yaml.Node, t reflect.Type, name string, depth int) any {
	if !s.see(path, n, depth) {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.String && n.Kind != yaml.ScalarNode:
		return string(s.json(path, n, depth))
	case t.Kind() == reflect.String:
		text, _ := s.text(path, n)
		if isReference(name) {
			text = s.names.reference(text)
		}
		return text
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return s.list(path, n, t, name, depth)
	case t.Kind() == reflect.Map:
		return s.table(path, n, t, name, depth)
	case t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Tag.Get("wire") != "":
		return s.shape(path, n, t, depth)
	}
	if n.Kind != yaml.ScalarNode {
		s.fault(path, "expected a single value")
		return nil
	}
	kinds := map[reflect.Kind]string{reflect.Bool: "!!bool", reflect.Int: "!!int", reflect.Int32: "!!int", reflect.Int64: "!!int"}
	if want := kinds[t.Kind()]; want != "" && n.ShortTag() != want {
		s.fault(path, "expected %s", map[string]string{"!!bool": "true or false", "!!int": "a whole number"}[want])
		return nil
	}
	return json.RawMessage(scalar(n))
}

func (s *source) list(path string, n *yaml.Node, t reflect.Type, name string, depth int) any {
	if n.Kind != yaml.SequenceNode {
		s.fault(path, "expected a list")
		return nil
	}
	list := []any{}
	for i, item := range n.Content {
		list = append(list, s.member(fmt.Sprintf("%s[%d]", path, i), item, t.Elem(), name, depth+1))
	}
	return list
}

func (s *source) table(path string, n *yaml.Node, t reflect.Type, name string, depth int) any {
	if n.Kind != yaml.MappingNode {
		s.fault(path, "expected a mapping")
		return nil
	}
	table := map[string]any{}
	s.members(path, n, true, func(key, at string, value *yaml.Node) {
		table[key] = s.member(at, value, t.Elem(), name, depth+1)
	})
	return table
}

func (s *source) shape(path string, n *yaml.Node, t reflect.Type, depth int) any {
	if n.Kind != yaml.MappingNode {
		s.fault(path, "expected a mapping")
		return nil
	}
	shape := map[string]any{}
	s.members(path, n, false, func(name, at string, value *yaml.Node) {
		var known []string
		for i := range t.NumField() {
			field := t.Field(i)
			if wireName(field) == name {
				shape[name] = s.member(at, value, field.Type, name, depth+1)
				return
			}
			known = append(known, wireName(field))
		}
		s.fault(at, "there is no member %q here; known are %s", name, strings.Join(known, ", "))
	})
	return shape
}
