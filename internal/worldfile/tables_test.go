package worldfile

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
)

// fates is what becomes of the rows of each table when a world is exported and loaded.
// kept tables have as many rows afterwards.
var fates = map[string]struct {
	kept   bool
	reason string // of a table that is not
}{
	"resources":          {kept: true},
	"policies":           {kept: true},
	"tags":               {kept: true},
	"dependencies":       {kept: true},
	"share_associations": {kept: true},
	"discoverable":       {kept: true},
	"timers":             {reason: "what a due time is for is made again, with the time of loading"},
	"client_tokens":      {reason: "they recognize the repeated requests of clients, for some hours"},
	"access_keys":        {reason: "credentials are not exported"},
}

// TestEveryTable loads a world with an entry in every section, exports and loads it again:
// no table has fewer rows afterwards, except those with a reason.
func TestEveryTable(t *testing.T) {
	schema, err := os.ReadFile("../store/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	w := readEverySection(t)
	tables := regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`).FindAllStringSubmatch(string(schema), -1)
	if len(tables) != len(fates) {
		t.Errorf("the schema has %d tables, of which %d have a fate", len(tables), len(fates))
	}
	first, before := serverInDirectory(t)
	if err := Load(t.Context(), first, w); err != nil {
		t.Fatal(err)
	}
	exported, err := format(t).Export(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	again, err := format(t).Read("export.yaml", exported, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, after := serverInDirectory(t)
	if err := Load(t.Context(), second, again); err != nil {
		t.Fatal(err)
	}
	for _, match := range tables {
		fate, known := fates[match[1]]
		want, got := rowsOf(t, before, match[1]), rowsOf(t, after, match[1])
		switch {
		case !known:
			t.Errorf("%s: say whether world files keep its rows, or why not", match[1])
		case !fate.kept && fate.reason == "":
			t.Errorf("%s has no reason", match[1])
		case fate.kept && (want == 0 || got != want):
			t.Errorf("%s has %d rows after loading an export, and %d before", match[1], got, want)
		}
	}
}

// serverInDirectory is emptyServer with its database in a file.
func serverInDirectory(t *testing.T) (*server.Server, string) {
	dir := t.TempDir()
	state, err := store.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { state.Close() })
	return serverOf(t, state), filepath.Join(dir, "writ.db")
}

// rowsOf counts the rows of a table.
func rowsOf(t *testing.T, file, table string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
