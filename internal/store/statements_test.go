package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// statements returns every SQL text of the package: those that stand in its
// source as one string, found there so that none can be forgotten, and those
// that Query builds, for every set of fields.
func statements(t *testing.T) []string {
	t.Helper()
	var texts []string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				// The one that does not end here is the beginning of what Query builds.
				if isStatement.MatchString(text) && !strings.HasSuffix(text, "WHERE ") {
					texts = append(texts, text)
				}
			}
			return true
		})
	}
	if len(texts) < 25 {
		t.Fatalf("found %d statements in the source, there must be more", len(texts))
	}
	for mask := range 1 << 6 {
		pick := func(bit int, value string) string {
			if mask&(1<<bit) == 0 {
				return ""
			}
			return value
		}
		text, _ := Query{
			Service: pick(0, "s"), Type: pick(1, "t"), Account: pick(2, "a"),
			Region: pick(3, "r"), Prefix: pick(4, "p"), After: pick(5, "z"),
		}.statement()
		texts = append(texts, text)
	}
	return texts
}

var (
	isStatement = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)
	parameter   = regexp.MustCompile(`\$\d+|[?:@]\w*`)
)

// outOfOrder returns the first parameter of a statement that is not numbered by
// its first use. SQLite numbers parameters that way whatever their names are,
// and PostgreSQL goes by the names.
func outOfOrder(text string) string {
	var seen []string
	for _, p := range parameter.FindAllString(text, -1) {
		if slices.Contains(seen, p) {
			continue
		}
		seen = append(seen, p)
		if p != "$"+strconv.Itoa(len(seen)) {
			return p
		}
	}
	return ""
}

func TestParametersAreNumberedInOrderOfUse(t *testing.T) {
	for text, want := range map[string]string{
		`SELECT a FROM t WHERE b = $1 AND c = $2 AND d = $1`: "",
		`UPDATE t SET a = $2 WHERE b = $1`:                   "$2",
		`SELECT a FROM t WHERE b = ?`:                        "?",
	} {
		if got := outOfOrder(text); got != want {
			t.Errorf("the check of %s finds %q, want %q", text, got, want)
		}
	}
	for _, text := range statements(t) {
		if p := outOfOrder(text); p != "" {
			t.Errorf("%s is out of order in: %s", p, text)
		}
	}
}

func TestStatementsArePortable(t *testing.T) {
	foreign := regexp.MustCompile(`(?i)\bOR (REPLACE|IGNORE|ABORT)\b|\bREPLACE INTO\b|\bWITHOUT ROWID\b|\browid\b|\bGLOB\b|json_|SELECT \*|INSERT INTO \w+ VALUES|\bNOCASE\b|"`)
	for _, text := range statements(t) {
		if found := foreign.FindString(text); found != "" {
			t.Errorf("%q in: %s", found, text)
		}
	}
}

// TestListsAreReadFromAnIndex asks SQLite how it goes about the lists that
// services make, so that none of them sorts or reads the whole table.
func TestListsAreReadFromAnIndex(t *testing.T) {
	s := openMemory(t)
	for name, q := range map[string]Query{
		"all of an account":  {Service: "iam", Type: "user", Account: "1"},
		"all of a region":    {Service: "ssm", Type: "parameter", Account: "1", Region: "r"},
		"the next page":      {Service: "ssm", Type: "parameter", Account: "1", Region: "r", After: "arn:b"},
		"a path":             {Service: "ssm", Type: "parameter", Account: "1", Region: "r", Prefix: "arn:a/"},
		"the versions of it": {Prefix: "arn:a/"},
		"everything":         {},
	} {
		text, args := q.statement()
		err := s.View(t.Context(), func(tx *Tx) error {
			rows, err := tx.sqlite().conn.pinned.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					return err
				}
				if !strings.HasPrefix(detail, "SEARCH resources USING INDEX") {
					t.Errorf("%s: %s", name, detail)
				}
			}
			return rows.Err()
		})
		if err != nil {
			t.Error(err)
		}
	}
}
