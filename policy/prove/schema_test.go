package prove

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the JSON Schema of world files")

// TestSchema compares the JSON Schema of world files with the Go types.
func TestSchema(t *testing.T) {
	const file = "../../docs/reference/world.schema.json"
	docs := fieldDocs(t)
	defs := map[string]any{}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[World](), reflect.TypeFor[Account](), reflect.TypeFor[Organization](), reflect.TypeFor[Unit](),
		reflect.TypeFor[User](), reflect.TypeFor[Role](), reflect.TypeFor[Resource](), reflect.TypeFor[Invariant](),
	} {
		properties, required := map[string]any{}, []string{}
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			member := schemaOf(f.Type)
			if member["description"] = docs[typ.Name()+"."+f.Name]; member["description"] == "" {
				t.Errorf("%s.%s has no comment", typ.Name(), f.Name)
			}
			properties[name] = member
			if options != "omitempty" {
				required = append(required, name)
			}
		}
		defs[typ.Name()] = map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Writ world", "$ref": "#/$defs/World", "$defs": defs,
	}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%s is not what the types say (%v); run go test ./policy/prove -run Schema -update", file, err)
	}
}

// fieldDocs are the comments of the fields of world.go, without the field's name.
func fieldDocs(t *testing.T) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "world.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]string{}
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
	return docs
}

func schemaOf(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[Document]():
		return map[string]any{"type": []string{"object", "string"}}
	case t == reflect.TypeFor[json.RawMessage]():
		return map[string]any{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	case reflect.Int:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	}
	return map[string]any{"type": "string"}
}
