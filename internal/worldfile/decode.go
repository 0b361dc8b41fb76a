package worldfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	documentType = reflect.TypeFor[Document]()
	listType     = reflect.TypeFor[List]()
	rawType      = reflect.TypeFor[json.RawMessage]()
)

// decode decodes the tree of a whole file.
func (s *source) decode(root *yaml.Node) *File {
	f := &File{Entries: map[string][]Entry{}}
	if root.Kind != yaml.MappingNode {
		s.fault("", "expected a mapping with accounts and what is in them")
		return f
	}
	v := reflect.ValueOf(f).Elem()
	for i := 0; i+1 < len(root.Content); i += 2 { // the accounts first: short names have theirs
		switch root.Content[i].Value {
		case "accounts":
			quiet := &source{places: map[string]position{}}
			quiet.value("", root.Content[i+1], reflect.ValueOf(&f.Accounts).Elem(), 1)
		case "region":
			f.Region = root.Content[i+1].Value
		}
	}
	s.names = newNames(f)
	f.Accounts = nil
	s.members("", root, false, func(name, path string, value *yaml.Node) {
		if field, ok := fieldNamed(v.Type(), name); ok {
			s.value(path, value, v.FieldByIndex(field.Index), 1)
			return
		}
		kind, ok := kindOfSection(name)
		if !ok {
			known := append(fieldNames(v.Type()), slices.Collect(sections())...)
			s.fault(path, "there is no member %q here; known are %s", name, strings.Join(known, ", "))
			return
		}
		if value.Kind != yaml.SequenceNode {
			s.fault(path, "expected a list")
			return
		}
		for i, item := range value.Content {
			f.Entries[name] = append(f.Entries[name], s.entry(fmt.Sprintf("%s[%d]", path, i), kind, item))
		}
	})
	if len(f.Accounts) == 0 && !s.has("accounts") {
		s.fault("accounts", "a world has at least one account")
	}
	return f
}

// value decodes a value of any type of File.
func (s *source) value(path string, n *yaml.Node, v reflect.Value, depth int) {
	if !s.see(path, n, depth) {
		return
	}
	switch v.Type() {
	case documentType:
		v.Set(reflect.ValueOf(s.document(path, n, depth)))
		return
	case listType:
		if n.Kind == yaml.ScalarNode {
			if text, ok := s.text(path, n); ok {
				v.Set(reflect.ValueOf(List{text}))
			}
			return
		}
	case rawType:
		if n.Kind != yaml.MappingNode {
			s.fault(path, "expected a mapping")
			return
		}
		v.SetBytes(s.json(path, n, depth))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.value(path, n, v.Elem(), depth)
	case reflect.Struct:
		s.structure(path, n, v, depth)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			s.fault(path, "expected a list")
			return
		}
		for i, item := range n.Content {
			element := reflect.New(v.Type().Elem()).Elem()
			s.value(fmt.Sprintf("%s[%d]", path, i), item, element, depth+1)
			v.Set(reflect.Append(v, element))
		}
	case reflect.Map:
		if n.Kind != yaml.MappingNode {
			s.fault(path, "expected a mapping")
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		s.members(path, n, true, func(name, member string, value *yaml.Node) {
			element := reflect.New(v.Type().Elem()).Elem()
			s.value(member, value, element, depth+1)
			v.SetMapIndex(reflect.ValueOf(name), element)
		})
	case reflect.String:
		if text, ok := s.text(path, n); ok {
			v.SetString(text)
		}
	case reflect.Bool:
		if n.ShortTag() != "!!bool" || n.Decode(v.Addr().Interface()) != nil {
			s.fault(path, "expected true or false")
		}
	case reflect.Int:
		if n.ShortTag() != "!!int" || n.Decode(v.Addr().Interface()) != nil {
			s.fault(path, "expected a whole number")
		}
	}
}

// text is a string as it is written: an account id needs no quotes.
func (s *source) text(path string, n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		s.fault(path, "expected a string")
		return "", false
	}
	return n.Value, true
}

func (s *source) structure(path string, n *yaml.Node, v reflect.Value, depth int) {
	if n.Kind != yaml.MappingNode {
		s.fault(path, "expected a mapping")
		return
	}
	given := map[string]bool{}
	s.members(path, n, false, func(name, member string, value *yaml.Node) {
		field, ok := fieldNamed(v.Type(), name)
		if !ok {
			s.fault(member, "there is no member %q here; known are %s", name, strings.Join(fieldNames(v.Type()), ", "))
			return
		}
		given[name] = true
		s.value(member, value, v.FieldByIndex(field.Index), depth+1)
	})
	for name, required := range jsonFields(v.Type()) {
		if required && !given[name] {
			s.fault(path, "expected a member %q", name)
		}
	}
}

// jsonFields maps the members of a type to whether they are required.
func jsonFields(t reflect.Type) map[string]bool {
	fields := map[string]bool{}
	for i := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = option == ""
		}
	}
	return fields
}

func fieldNames(t reflect.Type) []string { return slices.Sorted(maps.Keys(jsonFields(t))) }

func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name && name != "-" {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

// document decodes a document in any of its forms.
func (s *source) document(path string, n *yaml.Node, depth int) Document {
	d := Document{path: path}
	if n.Kind == yaml.ScalarNode {
		d.Reference, _ = s.text(path, n)
		return d
	}
	if n.Kind != yaml.MappingNode {
		s.fault(path, "expected a policy document, or the name of one")
		return d
	}
	names := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		names[n.Content[i].Value] = true
	}
	switch {
	case names["document"]:
		var named struct {
			Name     string          `json:"name"`
			Document json.RawMessage `json:"document"`
		}
		s.structure(path, n, reflect.ValueOf(&named).Elem(), depth)
		d.Name, d.Text, d.path = named.Name, named.Document, path+".document"
	case names["Statement"]:
		d.Text = s.json(path, n, depth)
	default:
		d.Short = new(short)
		s.structure(path, n, reflect.ValueOf(d.Short).Elem(), depth)
	}
	return d
}
