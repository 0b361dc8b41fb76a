package writ

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// publicPackages are those of which docs/embed.md promises compatibility.
var publicPackages = []string{".", "arn", "catalog", "policy", "policy/analyze", "policy/lint", "policy/prove", "writtest"}

// apiFile lists what they export, one declaration a line: what a change adds to it and takes
// away from it is what it does to the programs of others.
const apiFile = "docs/reference/api.txt"

// TestAPI keeps the list equal to the code.
func TestAPI(t *testing.T) {
	var all []string
	for _, pkg := range publicPackages {
		all = append(all, exported(t, pkg)...)
	}
	want := strings.Join(all, "\n") + "\n"
	if *update {
		if err := os.WriteFile(apiFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(apiFile)
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Split(strings.TrimSpace(string(got)), "\n")
	for _, line := range all {
		if !slices.Contains(known, line) {
			t.Errorf("new: %s", line)
		}
	}
	for _, line := range known {
		if !slices.Contains(all, line) {
			t.Errorf("gone, or changed, so that programs may no longer compile: %s", line)
		}
	}
	if t.Failed() {
		t.Error("run: make api; and say in CHANGELOG.md what is gone")
	}
}

// exported are the exported declarations of a package, in order.
func exported(t *testing.T, dir string) (lines []string) {
	t.Helper()
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	d, err := doc.NewFromFiles(fset, files, dir)
	if err != nil {
		t.Fatal(err)
	}
	add := func(node any) { lines = append(lines, "pkg "+d.Name+", "+onLine(t, fset, node)) }
	values := slices.Concat(d.Consts, d.Vars)
	functions := slices.Clone(d.Funcs)
	for _, typ := range d.Types {
		values = slices.Concat(values, typ.Consts, typ.Vars)
		functions = slices.Concat(functions, typ.Funcs, typ.Methods)
		addType(typ.Decl.Specs[0].(*ast.TypeSpec), add)
	}
	for _, v := range values {
		for _, name := range v.Names {
			if ast.IsExported(name) {
				add(v.Decl.Tok.String() + " " + name)
			}
		}
	}
	for _, f := range functions {
		f.Decl.Body, f.Decl.Doc = nil, nil
		add(f.Decl)
	}
	slices.Sort(lines)
	return lines
}

// addType adds a type: a struct by its exported fields, an interface by its methods.
func addType(spec *ast.TypeSpec, add func(any)) {
	var members *ast.FieldList
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		add("type " + spec.Name.Name + " struct")
		members = typ.Fields
	case *ast.InterfaceType:
		add("type " + spec.Name.Name + " interface")
		members = typ.Methods
	default:
		spec.Doc, spec.Comment = nil, nil
		add([]any{"type ", spec})
		return
	}
	for _, m := range members.List {
		m.Doc, m.Comment, m.Tag = nil, nil, nil
		for _, name := range m.Names {
			if name.IsExported() {
				add([]any{"type " + spec.Name.Name + ", " + name.Name + " ", m.Type})
			}
		}
		if len(m.Names) == 0 {
			add([]any{"type " + spec.Name.Name + ", embedded ", m.Type})
		}
	}
}

// onLine prints a declaration on one line.
func onLine(t *testing.T, fset *token.FileSet, node any) string {
	t.Helper()
	switch n := node.(type) {
	case string:
		return n
	case []any:
		text := ""
		for _, part := range n {
			text += onLine(t, fset, part)
		}
		return text
	}
	var b bytes.Buffer
	if err := printer.Fprint(&b, fset, node); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
