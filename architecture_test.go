package writ

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	architecturePage = "docs/architecture.md"
	packagePicture   = "docs/packages.svg"
)

// TestPackagePicture draws the packages from the imports and compares the picture with
// the one in docs. -update writes it.
func TestPackagePicture(t *testing.T) {
	got := drawPackages(packageImports(t))
	if *update {
		if err := os.WriteFile(packagePicture, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(packagePicture)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s does not show the imports; run go test . -run PackagePicture -update", packagePicture)
	}
}

// packageImports maps each package of the binary to the packages of Writ that it
// imports. All services are one package here.
func packageImports(t *testing.T) map[string][]string {
	imports := map[string][]string{}
	for file, list := range sourceImports(t) {
		from := pictureName(filepath.ToSlash(filepath.Dir(file)))
		if from == "" {
			continue
		}
		if _, ok := imports[from]; !ok {
			imports[from] = nil
		}
		for _, imp := range list {
			inside, ok := strings.CutPrefix(imp+"/", modulePath)
			to := pictureName(cmp.Or(strings.TrimSuffix(inside, "/"), "."))
			if ok && to != "" && to != from && !slices.Contains(imports[from], to) {
				imports[from] = append(imports[from], to)
			}
		}
	}
	return imports
}

// pictureName is the box of a package in the picture; "" for packages of tests.
func pictureName(pkg string) string {
	switch {
	case pkg == ".":
		return "writ"
	case strings.Contains(pkg, "test") || strings.HasSuffix(pkg, "/conformance") || strings.HasSuffix(pkg, "/reference") || pkg == "e2e":
		return ""
	case strings.HasPrefix(pkg, "internal/service/"):
		return "service/*"
	}
	return strings.TrimPrefix(pkg, "internal/")
}

// drawPackages draws each package above all that it imports. An arrow that follows from
// others is left out.
func drawPackages(imports map[string][]string) string {
	floors := map[string]int{}
	var floorOf func(string) int
	floorOf = func(pkg string) int {
		if _, ok := floors[pkg]; !ok {
			floor := 0
			for _, to := range imports[pkg] {
				floor = max(floor, floorOf(to)+1)
			}
			floors[pkg] = floor
		}
		return floors[pkg]
	}
	top := 0
	for pkg := range imports {
		top = max(top, floorOf(pkg))
	}
	const width, height, stepX, stepY = 112, 34, 132, 78
	rows := make([][]string, top+1)
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		rows[floors[pkg]] = append(rows[floors[pkg]], pkg)
	}
	widest := 0
	for _, row := range rows {
		widest = max(widest, len(row))
	}
	type point struct{ x, y int }
	at := map[string]point{}
	for floor, row := range rows {
		for i, pkg := range row {
			at[pkg] = point{20 + (widest-len(row))*stepX/2 + i*stepX, 20 + (top-floor)*stepY}
		}
	}
	var b strings.Builder
	w, h := 20+widest*stepX, 20+top*stepY+height+20
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="system-ui, sans-serif" font-size="13">
<title>The packages of Writ</title>
<desc>Each package stands above all packages that it imports. An import that follows from others is not drawn.</desc>
<style>
rect { fill: #f6f8fa; stroke: #57606a } text { fill: #1f2328; text-anchor: middle } path { stroke: #8c959f; fill: none }
@media (prefers-color-scheme: dark) { rect { fill: #161b22; stroke: #8b949e } text { fill: #e6edf3 } path { stroke: #6e7681 } }
</style>
`, w, h, w, h)
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		for _, to := range slices.Sorted(slices.Values(imports[from])) {
			if !followsFromOthers(imports, from, to) {
				f, g := at[from], at[to]
				x1, y1, x2, y2 := f.x+width/2, f.y+height, g.x+width/2, g.y
				fmt.Fprintf(&b, `<path d="M%d %dC%d %d %d %d %d %d"/>`+"\n", x1, y1, x1, y1+stepY/2, x2, y2-stepY/2, x2, y2)
			}
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(at)) {
		p := at[pkg]
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" rx="6"/><text x="%d" y="%d">%s</text>`+"\n",
			p.x, p.y, width, height, p.x+width/2, p.y+height/2+5, html.EscapeString(pkg))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// followsFromOthers reports whether a package that from imports leads to the other one.
func followsFromOthers(imports map[string][]string, from, to string) bool {
	var leads func(string) bool
	leads = func(pkg string) bool { return pkg == to || slices.ContainsFunc(imports[pkg], leads) }
	return slices.ContainsFunc(imports[from], func(pkg string) bool { return pkg != to && leads(pkg) })
}

// walkStep is one line of a walk in the page: a function, which the function one level
// further out calls.
type walkStep struct {
	level          int
	function, file string
}

var walkLine = regexp.MustCompile("^( *)- `([A-Za-z.]+)` in `([a-z0-9_/.]+\\.go)`")

// TestWalks compares the walks in the page with the code: each function is declared in
// its file, and is called by the function under which it stands.
func TestWalks(t *testing.T) {
	page, err := os.ReadFile(architecturePage)
	if err != nil {
		t.Fatal(err)
	}
	var callers []walkStep
	walks := 0
	for line := range strings.Lines(string(page)) {
		m := walkLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		step := walkStep{len(m[1]) / 2, m[2], m[3]}
		declared := functionIn(t, step)
		switch {
		case declared == nil:
			t.Errorf("%s does not declare %s", step.file, step.function)
		case step.level == 0:
			walks++
		case step.level > len(callers):
			t.Errorf("%s stands under no caller", step.function)
		default:
			if caller := callers[step.level-1]; !calls(functionIn(t, caller), step.function) {
				t.Errorf("%s does not call %s", caller.function, step.function)
			}
		}
		callers = append(callers[:min(step.level, len(callers))], step)
	}
	if walks != 2 {
		t.Errorf("%s has %d walks, want 2", architecturePage, walks)
	}
}

// functionIn finds the declaration of a step's function; nil if its file has none.
func functionIn(t *testing.T, step walkStep) *ast.FuncDecl {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), step.file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	receiver, name, isMethod := strings.Cut(step.function, ".")
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		switch {
		case !ok:
		case isMethod && f.Recv != nil && f.Name.Name == name && receiverName(f) == receiver:
			return f
		case f.Recv == nil && f.Name.Name == step.function[strings.LastIndex(step.function, ".")+1:]:
			return f
		}
	}
	return nil
}

func receiverName(f *ast.FuncDecl) string {
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if name, ok := typ.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// calls reports whether a function calls one of a name.
func calls(f *ast.FuncDecl, function string) bool {
	name := function[strings.LastIndex(function, ".")+1:]
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			switch callee := call.Fun.(type) {
			case *ast.Ident:
				found = found || callee.Name == name
			case *ast.SelectorExpr:
				found = found || callee.Sel.Name == name
			}
		}
		return !found
	})
	return found
}
