package writ

import (
	"cmp"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/writdev/writ/"

// lattice says who may import whom inside Writ. A line reads "package: what it
// may import", and each group says why. A name that ends in /* stands for any
// package below. What is not allowed here is not allowed.
const lattice = `
# The engine is a pure library; whoever embeds it gets nothing else.
arn:
policy: arn

# What AWS publishes of its services; whoever does not ask pays nothing.
catalog:
catalog/internal/build:
catalog/internal/authorization: catalog

# Questions about all requests at once, over the engine's own compiled forms.
policy/analyze: arn policy

# Invariants of a world of accounts, over those questions.
policy/prove: arn policy policy/analyze

# Findings that need knowledge of services; what cannot change meaning is proved.
policy/lint: catalog policy policy/analyze

# A service that embeds the engine needs nothing else of Writ.
examples/embed: policy

# The model that the engine is compared with shares no code with it.
policy/internal/reference:

# Policy documents inside infrastructure code.
internal/template: policy

# The language server: what editors ask, over the linter and the catalog.
internal/lsp: catalog policy policy/analyze policy/lint internal/template

# The decision record: data, made by the engine, and its pictures.
internal/decision: policy
internal/fix: arn internal/decision

# Leaves: each knows one thing and none of the others.
internal/awserr:
internal/clock:
internal/keypair:
internal/offheap:
internal/sigv4:
internal/store: internal/offheap
internal/store/storetest: internal/store
internal/store/castest:
internal/store/pgtest: internal/store
internal/wire: internal/awserr
internal/wire/conformance: internal/wire internal/awserr

# Secrets and keys; principals and their policies; which principals see which resource. They read the store and decide nothing.
internal/keys: arn internal/awserr internal/keypair internal/store
internal/identity: arn policy internal/keys internal/store
internal/sharing: arn policy internal/authz internal/identity internal/operation internal/store

# Verifies what identity providers issue; its test issuer keeps a key.
internal/federation: internal/keys internal/store

# The one gate: loads the inputs inside the transaction and calls the engine.
internal/authz: arn policy internal/identity internal/store

# The vocabulary of operations, which every service uses.
internal/operation: arn policy internal/authz internal/awserr internal/federation internal/identity internal/keys internal/store internal/wire
internal/service/servicetest: policy writtest internal/authz internal/identity internal/operation internal/store

# Secrets, which Secrets Manager keeps and parameters refer to.
internal/secrets: arn internal/authz internal/awserr internal/keys internal/operation internal/store

# A service never imports another: they meet in identity, sharing, secrets, keys or store.
internal/service/*: arn policy internal/authz internal/awserr internal/federation internal/identity internal/keypair internal/keys internal/operation internal/secrets internal/sharing internal/store internal/wire

# Secrets Manager refuses policies that let everyone in, which the analysis decides.
internal/service/secretsmanager: policy policy/analyze internal/authz internal/awserr internal/identity internal/keys internal/operation internal/secrets internal/store internal/wire

# Access Analyzer answers with what the linter and the analysis say.
internal/service/accessanalyzer: arn catalog policy policy/analyze policy/lint internal/authz internal/awserr internal/identity internal/keys internal/operation internal/store internal/wire

# What the gate decided, kept to be explained.
internal/trail: policy internal/authz internal/decision internal/identity internal/offheap

# What a world holds, and who shares what with whom.
internal/overview: arn policy internal/identity internal/sharing internal/store

# The example worlds, as files.
examples:

# The console: pages over the same paths and calls as a client's, which the server hands it. Of identity
# it has the settings of sessions.
internal/console: arn catalog examples policy policy/analyze policy/lint internal/decision internal/fix internal/identity internal/lsp internal/overview

# The pipeline lists the services and runs them; it holds no rule of theirs.
internal/server: arn policy internal/authz internal/awserr internal/clock internal/console internal/decision internal/federation internal/identity internal/operation internal/overview internal/service/* internal/sigv4 internal/store internal/trail internal/wire

# World files: read, loaded through the operations of a server, and tested. It knows no service.
internal/worldfile: arn policy policy/prove internal/awserr internal/decision internal/identity internal/operation internal/server internal/sharing internal/store

# Recorded requests, decided again by a server's state.
internal/replay: arn internal/decision internal/identity internal/server internal/store

# Isolated states beside the main one, each with a server of its own.
internal/worlds: internal/server internal/store internal/worldfile

# The product: everything is wired by hand in one place.
.: arn policy policy/prove internal/authz internal/federation internal/identity internal/keys internal/operation internal/replay internal/server internal/service/* internal/store internal/trail internal/worldfile internal/worlds
writtest: . internal/decision internal/store/pgtest
cmd/writ: . arn catalog policy internal/decision internal/fix internal/lsp internal/sigv4 internal/template policy/analyze policy/lint policy/prove
e2e: .
`

// pure packages are standard library only, and reach no network, database,
// clock or context.
var (
	pure      = []string{"arn", "catalog", "policy", "policy/analyze", "policy/lint", "policy/prove"}
	forbidden = []string{"net", "net/http", "database/sql", "context", "os", "log", "log/slog", "math/rand", "crypto/rand"}
)

func TestLattice(t *testing.T) {
	rules := parseLattice(lattice)
	for file, imports := range sourceImports(t) {
		pkg := filepath.ToSlash(filepath.Dir(file))
		allowed, known := rulesFor(rules, pkg)
		if !known {
			t.Errorf("%s: package %s has no line in the lattice", file, pkg)
			continue
		}
		for _, imp := range imports {
			inside, ok := strings.CutPrefix(imp+"/", modulePath)
			switch inside = strings.TrimSuffix(inside, "/"); {
			case ok && !matches(allowed, cmp.Or(inside, ".")):
				t.Errorf("%s: %s may not import %s", file, pkg, cmp.Or(inside, "the root package"))
			case !ok && slices.Contains(pure, pkg) && slices.Contains(forbidden, imp):
				t.Errorf("%s: %s is pure and may not import %s", file, pkg, imp)
			case !ok && slices.Contains(pure, pkg) && strings.Contains(strings.SplitN(imp, "/", 2)[0], "."):
				t.Errorf("%s: %s is standard library only and may not import %s", file, pkg, imp)
			}
		}
	}
}

// TestLatticeRefuses shows that the rules can fail.
func TestLatticeRefuses(t *testing.T) {
	rules := parseLattice(lattice)
	for _, c := range []struct{ from, to string }{
		{"internal/service/sts", "internal/service/imagebuilder"},
		{"internal/store", "policy"},
		{"policy", "internal/store"},
		{"internal/authz", "internal/operation"},
		{"internal/sharing", "internal/service/ram"},
	} {
		if allowed, _ := rulesFor(rules, c.from); matches(allowed, c.to) {
			t.Errorf("%s may import %s", c.from, c.to)
		}
	}
}

// sourceImports maps each Go file of the module, without tests, to its imports.
func sourceImports(t *testing.T) map[string][]string {
	files := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" || ownModule(path)):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files[path] = nil
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			files[path] = append(files[path], imp)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d source files found", len(files))
	}
	return files
}

// ownModule reports whether a folder has a go.mod of its own.
func ownModule(dir string) bool {
	found, _ := filepath.Glob(filepath.Join(dir, "go.mod"))
	return found != nil
}

func parseLattice(text string) map[string][]string {
	rules := map[string][]string{}
	for line := range strings.Lines(text) {
		if pkg, allowed, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && !strings.HasPrefix(pkg, "#") {
			rules[pkg] = strings.Fields(allowed)
		}
	}
	return rules
}

// rulesFor finds the line of a package: its own, or that of its parent's "/*".
func rulesFor(rules map[string][]string, pkg string) (allowed []string, known bool) {
	if allowed, known = rules[pkg]; known {
		return allowed, true
	}
	allowed, known = rules[filepath.ToSlash(filepath.Dir(pkg))+"/*"]
	return allowed, known
}

func matches(allowed []string, pkg string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		parent, any := strings.CutSuffix(a, "/*")
		return a == pkg || any && strings.HasPrefix(pkg, parent+"/")
	})
}
