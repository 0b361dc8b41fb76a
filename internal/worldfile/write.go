package worldfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// text writes the file.
func (x *exporter) text() ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	v := reflect.ValueOf(x.out)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "shares" { // which refer to the sections
			for j := range kinds {
				x.entries(root, &kinds[j])
			}
		}
		if name != "-" && !v.Field(i).IsZero() {
			add(root, name, node(v.Field(i)))
		}
	}
	var b bytes.Buffer
	b.WriteString("# A Writ world file: writ serve --world FILE. Secrets of credentials are not in it.\n")
	for _, what := range sortedKeys(x.left) {
		fmt.Fprintf(&b, "# Not written: %d × %s.\n", x.left[what], what)
	}
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// entries adds a section.
func (x *exporter) entries(root *yaml.Node, k *kind) {
	if len(x.out.Entries[k.section]) == 0 {
		return
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, e := range x.out.Entries[k.section] {
		one := &yaml.Node{Kind: yaml.MappingNode}
		add(one, "arn", text(e.ARN))
		input := x.format.inputs[k.section]
		for i := range input.NumField() {
			if name := wireName(input.Field(i)); e.Members[name] != nil {
				add(one, k.spelled(name), value(e.Members[name]))
			}
		}
		for _, name := range sortedKeys(e.Own) {
			add(one, name, node(reflect.ValueOf(e.Own[name])))
		}
		for _, rest := range []struct {
			name string
			v    reflect.Value
		}{{"tags", reflect.ValueOf(e.Tags)}, {"policies", reflect.ValueOf(e.Policies)}} {
			if rest.v.Len() > 0 {
				add(one, rest.name, node(rest.v))
			}
		}
		list.Content = append(list.Content, one)
	}
	add(root, k.section, list)
}

func add(to *yaml.Node, name string, v *yaml.Node) { to.Content = append(to.Content, text(name), v) }

// text is a string, which is not taken for anything else when it is read.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	plain := strings.IndexFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff
	}) < 0
	if !plain || s != strings.TrimSpace(s)+"\n" && s != strings.TrimSpace(s) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// node writes a value of the types of File.
func node(v reflect.Value) *yaml.Node {
	switch v.Kind() {
	case reflect.Pointer:
		return node(v.Elem())
	case reflect.Struct:
		if d, ok := v.Interface().(Document); ok {
			return d.node()
		}
		n := &yaml.Node{Kind: yaml.MappingNode}
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if name != "" && name != "-" && !v.Field(i).IsZero() {
				add(n, name, node(v.Field(i)))
			}
		}
		return n
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			n.Content = append(n.Content, node(v.Index(i)))
		}
		return n
	case reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, key := range sortedKeys(v.Interface().(map[string]string)) {
			add(n, key, text(v.MapIndex(reflect.ValueOf(key)).String()))
		}
		return n
	case reflect.String:
		return text(v.String())
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(v.Interface())}
}

func (d Document) node() *yaml.Node {
	switch {
	case d.Reference != "":
		return text(d.Reference)
	case d.Name == "":
		return value(d.Text)
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	add(n, "name", text(d.Name))
	add(n, "document", value(d.Text))
	return n
}

// value writes a value of an API, or a text of JSON with its members in their order.
func value(v any) *yaml.Node {
	switch v := v.(type) {
	case json.RawMessage:
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		return next(d)
	case string:
		return text(v)
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, one := range v {
			n.Content = append(n.Content, value(one))
		}
		return n
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, key := range sortedKeys(v) {
			add(n, key, value(v[key]))
		}
		return n
	}
	return plain(v)
}

// next reads the next value of a text of JSON, which is valid.
func next(d *json.Decoder) *yaml.Node {
	token, _ := d.Token()
	n := &yaml.Node{}
	switch token {
	case json.Delim('{'):
		n.Kind = yaml.MappingNode
		for d.More() {
			name, _ := d.Token()
			key, _ := name.(string)
			add(n, key, next(d))
		}
	case json.Delim('['):
		n.Kind = yaml.SequenceNode
		for d.More() {
			n.Content = append(n.Content, next(d))
		}
	default:
		if s, ok := token.(string); ok {
			return text(s)
		}
		return plain(token)
	}
	_, _ = d.Token() // the end
	return n
}

// plain is a number, a boolean or null. A number of twelve digits is read as the text that
// it is: an account.
func plain(v any) *yaml.Node {
	s := fmt.Sprint(v)
	switch {
	case v == nil:
		s = "null"
	case wholeNumber.MatchString(s) && len(s) == 12:
		return text(s)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: s}
}
