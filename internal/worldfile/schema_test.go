package worldfile

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
)

var update = flag.Bool("update", false, "rewrite the JSON Schema of world files and the tables of their reference")

var formatOnce = sync.OnceValues(func() (*Format, error) { return NewFormat(server.Services(operation.Instant)) })

func format(t tester) *Format {
	t.Helper()
	f, err := formatOnce()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// object is a schema or a part of one.
type object = map[string]any

// TestSchema compares the JSON Schema of world files with the Go types and the operations.
func TestSchema(t *testing.T) {
	const file = "../../docs/reference/world-file.schema.json"
	s := &schema{docs: fieldDocs(t), defs: object{}}
	root := s.structure(reflect.TypeFor[File]())
	s.defs["Document"] = object{
		"description": "A policy document, the name of one of the file's policies, the ARN of a managed policy, a document with a name, or a document of one statement.",
		"anyOf": []any{
			object{"type": "string"},
			object{"type": "object", "required": []string{"Statement"}, "properties": object{"Version": object{"enum": []string{"2012-10-17", "2008-10-17"}}, "Id": object{"type": "string"}, "Statement": object{"type": []string{"object", "array"}}}},
			object{"type": "object", "required": []string{"document"}, "additionalProperties": false, "properties": object{"name": object{"type": "string"}, "document": object{"type": "object"}}},
			s.structure(reflect.TypeFor[short]()),
		},
	}
	s.defs["List"] = object{"anyOf": []any{object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}}}
	inputs := format(t).inputs
	for i := range kinds {
		k := &kinds[i]
		root["properties"].(object)[k.section] = object{"type": "array", "items": s.entry(k, inputs[k.section])}
	}
	root["$schema"], root["title"], root["$defs"] = "https://json-schema.org/draft/2020-12/schema", "Writ world file", s.defs
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		t.Fatal(err)
	}
	if len(s.undocumented) > 0 {
		t.Errorf("no comment: %v", s.undocumented)
	}
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%s is not what the types say (%v); run go test ./internal/worldfile -run Schema -update", file, err)
	}
}

type schema struct {
	docs         map[string]string
	defs         object
	undocumented []string
}

func (s *schema) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		member := s.of(f.Type)
		if text := s.docs[t.Name()+"."+f.Name]; text != "" {
			member["description"] = text
		} else {
			s.undocumented = append(s.undocumented, t.Name()+"."+f.Name)
		}
		properties[name] = member
		if options == "" {
			required = append(required, name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func (s *schema) of(t reflect.Type) object {
	switch {
	case t == documentType:
		return object{"$ref": "#/$defs/Document"}
	case t == listType:
		return object{"$ref": "#/$defs/List"}
	case t == rawType:
		return object{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		if _, known := s.defs[t.Name()]; !known {
			s.defs[t.Name()] = nil // it may have members of its own type
			s.defs[t.Name()] = s.structure(t)
		}
		return object{"$ref": "#/$defs/" + t.Name()}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer", "minimum": 0}
	}
	return object{"type": []string{"string", "integer"}} // an account id needs no quotes
}

// entry is the schema of the entries of a section.
func (s *schema) entry(k *kind, input reflect.Type) object {
	out := s.structure(reflect.TypeFor[Entry]())
	properties := out["properties"].(object)
	if k.policy == (policyCall{}) {
		delete(properties, "policies")
	}
	for i := range input.NumField() {
		f := input.Field(i)
		if name := wireName(f); k.isGiven(name) {
			properties[k.spelled(name)] = s.member(f.Type, f.Tag)
		}
	}
	for name, own := range k.own {
		properties[name] = s.of(own.typ)
		properties[name].(object)["description"] = own.text
	}
	return out
}

// member is the schema of a member of an API's input.
func (s *schema) member(t reflect.Type, tag reflect.StructTag) object {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case tag.Get("enum") != "":
		return object{"enum": strings.Split(tag.Get("enum"), "|")}
	case t.Kind() == reflect.String:
		return object{"type": []string{"string", "number", "boolean", "object", "array"}} // a mapping is written as JSON
	case t.Kind() == reflect.Bool:
		return object{"type": "boolean"}
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return object{"type": "array", "items": s.member(t.Elem(), "")}
	case t.Kind() == reflect.Map:
		return object{"type": "object", "additionalProperties": s.member(t.Elem(), "")}
	case t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Tag.Get("wire") != "":
		properties := object{}
		for i := range t.NumField() {
			properties[wireName(t.Field(i))] = s.member(t.Field(i).Type, t.Field(i).Tag)
		}
		return object{"type": "object", "properties": properties, "additionalProperties": false}
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64, t.Kind() == reflect.Float64:
		return object{"type": "number"}
	}
	return object{"type": []string{"string", "number"}}
}

// fieldDocs are the comments of the fields of this package's types.
func fieldDocs(t *testing.T) map[string]string {
	docs := map[string]string{}
	for _, name := range []string{"file.go", "document.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if st, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range st.Fields.List {
					docs[spec.Name.Name+"."+f.Names[0].Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
				}
			}
			return true
		})
	}
	return docs
}

// TestReferenceTable compares the table of sections in the reference with the kinds.
func TestReferenceTable(t *testing.T) {
	const file = "../../docs/reference/world-file.md"
	const begin, end = "<!-- sections: written by `go test ./internal/worldfile -run ReferenceTable -update` -->\n", "<!-- /sections -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| section | `arn` | made by | resource-based policies | other members |\n|---|---|---|---|---|\n")
	for i := range kinds {
		k := &kinds[i]
		policies := map[bool]string{true: "one", false: "several"}[k.policy.one]
		if k.policy == (policyCall{}) {
			policies = "none"
		}
		made := k.service + ":" + k.create
		if k.create == "" {
			made = "is there by itself"
		}
		var own []string
		for _, name := range sortedKeys(k.own) {
			own = append(own, "`"+name+"`")
		}
		b.WriteString("| `" + k.section + "` | `" + strings.NewReplacer("{}", "…", "{", "", "}", "", "Path", "/", "now", "TIME").Replace(k.resource) + "` | " + made + " | " + policies + " | " + strings.Join(own, ", ") + " |\n")
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no %s", file, strconv.Quote(begin))
	}
	want := before + begin + b.String() + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Error("the table is not what the kinds say; run go test ./internal/worldfile -run ReferenceTable -update")
	}
}
