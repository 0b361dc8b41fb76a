package decision_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/decision"
)

// The documentation of a record is generated from its Go type and the comments of its fields:
// docs/reference/decision-record.md and the JSON Schema.
const (
	referenceFile = "../../docs/reference/decision-record.md"
	schemaFile    = "../../docs/reference/decision-record.schema.json"
)

func TestReference(t *testing.T) {
	types := structs(t)
	for file, want := range map[string][]byte{referenceFile: reference(types), schemaFile: schema(t, types)} {
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(got), string(want)); diff != "" {
			t.Errorf("%s differs from the types; run go test ./internal/decision -update (-file +types):\n%s", filepath.Base(file), diff)
		}
	}
}

// TestRecordsHaveForm checks each golden record against the type: it has no undocumented member, and decoding
// and encoding it changes nothing.
func TestRecordsHaveForm(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d golden records, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		var r decision.Record
		if err := d.Decode(&r); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var b bytes.Buffer
		if err := writeJSON(&b, r); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), b.String()); diff != "" {
			t.Errorf("%s, decoded and encoded (-before +after):\n%s", file, diff)
		}
	}
}

// structType is a documented type.
type structType struct {
	name, doc string
	fields    []field
}

type field struct {
	name, doc string
	optional  bool
	typ       reflect.Type
}

// structs lists the struct types of record.go, the record first, with their JSON members.
func structs(t *testing.T) []structType {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "record.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]reflect.Type{}
	collect(reflect.TypeFor[decision.Record](), known)
	var list []structType
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		spec := gen.Specs[0].(*ast.TypeSpec)
		st, ok := spec.Type.(*ast.StructType)
		if !ok {
			continue
		}
		typ := known[spec.Name.Name]
		if typ == nil {
			t.Fatalf("type %s is not part of a record", spec.Name.Name)
		}
		s := structType{name: spec.Name.Name, doc: oneLine(gen.Doc.Text())}
		for _, f := range st.Fields.List {
			goField, _ := typ.FieldByName(f.Names[0].Name)
			name, options, _ := strings.Cut(goField.Tag.Get("json"), ",")
			doc := oneLine(f.Doc.Text())
			if name == "" || doc == "" {
				t.Fatalf("%s.%s has no JSON name or no comment", s.name, goField.Name)
			}
			for _, prefix := range []string{goField.Name + " ", "is ", "are ", "lists ", "has "} {
				doc = strings.TrimPrefix(doc, prefix)
			}
			s.fields = append(s.fields, field{name, strings.ToUpper(doc[:1]) + doc[1:], strings.Contains(options, "omitempty"), goField.Type})
		}
		list = append(list, s)
	}
	return list
}

// collect adds the struct types of the package below a type, by name.
func collect(t reflect.Type, into map[string]reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collect(t.Elem(), into)
	case reflect.Struct:
		if into[t.Name()] != nil || t.PkgPath() != reflect.TypeFor[decision.Record]().PkgPath() {
			return
		}
		into[t.Name()] = t
		for i := range t.NumField() {
			collect(t.Field(i).Type, into)
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func reference(types []structType) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `# Decision record

A decision record describes one request, the result of each layer of policies, and the smallest change that would allow it. This is
version %d of its JSON form; [decision-record.schema.json](decision-record.schema.json) is the JSON Schema. A new member does not change the version; a
reader ignores unknown members. A record contains no parameter value, secret, token, plaintext or ciphertext.

This page is generated from the Go type by `+"`go test ./internal/decision -update`"+`.
`, decision.Version)
	for _, s := range types {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| member | type | |\n|---|---|---|\n", s.name, s.doc)
		for _, f := range s.fields {
			name := "`" + f.name + "`"
			if f.optional {
				name += " (optional)"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", name, typeText(f.typ), strings.ReplaceAll(f.doc, "|", `\|`))
		}
	}
	return []byte(b.String())
}

func typeText(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeText(t.Elem())
	case reflect.Slice:
		return "list of " + typeText(t.Elem())
	case reflect.Map:
		return "object of " + typeText(t.Elem())
	case reflect.Struct:
		if t.Name() == "Time" {
			return "RFC 3339 time"
		}
		return fmt.Sprintf("[%s](#%s)", t.Name(), strings.ToLower(t.Name()))
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Bool:
		return "boolean"
	}
	if t == reflect.TypeFor[decision.Outcome]() {
		return fmt.Sprintf("%q, %q or %q", decision.Allowed, decision.Denied, decision.WouldBeDenied)
	}
	return t.Kind().String()
}

func schema(t *testing.T, types []structType) []byte {
	defs := map[string]any{}
	for _, s := range types {
		properties, required := map[string]any{}, []string{}
		for _, f := range s.fields {
			member := typeSchema(f.typ)
			member["description"] = f.doc
			properties[f.name] = member
			if !f.optional {
				required = append(required, f.name)
			}
		}
		slices.Sort(required)
		defs[s.name] = map[string]any{"type": "object", "description": s.doc, "properties": properties, "required": required}
	}
	var b bytes.Buffer
	if err := writeJSON(&b, map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     fmt.Sprintf("https://github.com/writdev/writ/decision-record.v%d.schema.json", decision.Version),
		"title":   "Writ decision record",
		"$ref":    "#/$defs/Record",
		"$defs":   defs,
	}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func typeSchema(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return typeSchema(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": typeSchema(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": typeSchema(t.Elem())}
	case reflect.Struct:
		if t.Name() == "Time" {
			return map[string]any{"type": "string", "format": "date-time"}
		}
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	}
	if t == reflect.TypeFor[decision.Outcome]() {
		return map[string]any{"type": "string", "enum": []decision.Outcome{decision.Allowed, decision.Denied, decision.WouldBeDenied}}
	}
	return map[string]any{"type": "string"}
}
