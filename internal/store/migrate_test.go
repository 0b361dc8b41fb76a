package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func openMemory(t *testing.T) *Store {
	t.Helper()
	s, err := OpenSQLite(inMemory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// schemaOf reads the definitions in a database, by name, without comments and
// layout.
func schemaOf(t *testing.T, c *conn) map[string]string {
	t.Helper()
	rows, err := c.pinned.QueryContext(t.Context(), `SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	schema := make(map[string]string)
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		var words []string
		for line := range strings.Lines(text) {
			code, _, _ := strings.Cut(line, "--")
			words = append(words, strings.Fields(code)...)
		}
		schema[name] = strings.Join(words, " ")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return schema
}

// lend borrows the connection of the writer until the test ends.
func lend(t *testing.T, s *Store) *conn {
	t.Helper()
	c, err := s.sqlite().writers.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.sqlite().writers.put(c) })
	return c
}

func TestSchemaIsWhatTheMigrationsComeTo(t *testing.T) {
	text, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := openConn(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if err := c.execScript(string(text)); err != nil {
		t.Fatal(err)
	}
	want, got := schemaOf(t, lend(t, openMemory(t))), schemaOf(t, c)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema.sql differs from the migrations (-migrations +schema):\n%s", diff)
	}
}

func TestMigrationsAreNumberedWithoutGap(t *testing.T) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		number, _, _ := strings.Cut(file.Name(), "_")
		if want := "000" + string(rune('1'+i)); number != want {
			t.Errorf("%s stands where %s should", file.Name(), want)
		}
	}
}

func TestMigrate(t *testing.T) {
	c := lend(t, openMemory(t))
	texts := []string{
		`CREATE TABLE one (a TEXT)`,
		`CREATE TABLE two (a TEXT); INSERT INTO two (a) VALUES ('x');`,
		`CREATE TABLE three (a TEXT); INSERT INTO nowhere (a) VALUES ('x');`,
	}
	var noted []int
	note := func(number int) error { noted = append(noted, number); return nil }
	if err := migrate(c, texts[:1], 0, note); err != nil {
		t.Fatal(err)
	}
	if err := migrate(c, texts, 1, note); err == nil || !strings.Contains(err.Error(), "migration 3") {
		t.Errorf("a broken migration: %v", err)
	}
	if diff := cmp.Diff([]int{1, 2}, noted); diff != "" {
		t.Errorf("noted (-want +got):\n%s", diff)
	}
	failing := errors.New("cannot note")
	if err := migrate(c, []string{`CREATE TABLE four (a TEXT)`}, 0, func(int) error { return failing }); !errors.Is(err, failing) {
		t.Errorf("a number that cannot be noted: %v", err)
	}
	schema := schemaOf(t, c)
	for table, want := range map[string]bool{"one": true, "two": true, "three": false, "four": false} {
		if _, got := schema[table]; got != want {
			t.Errorf("table %s exists: %t, want %t", table, got, want)
		}
	}
}

func TestResetKnowsEveryTable(t *testing.T) {
	s := openMemory(t)
	var tables []string
	func() {
		c, err := s.sqlite().writers.get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer s.sqlite().writers.put(c)
		for name, text := range schemaOf(t, c) {
			if strings.HasPrefix(text, "CREATE TABLE") {
				tables = append(tables, name)
			}
		}
	}()
	texts := statements(t)
	for _, table := range tables {
		found := false
		for _, text := range texts {
			found = found || text == "DELETE FROM "+table
		}
		if !found {
			t.Errorf("no statement empties %s", table)
		}
	}
}

// TestWideSharesAreMigrated brings the rows of a share with many consumers into their new
// form, and leaves those of a share with few.
func TestWideSharesAreMigrated(t *testing.T) {
	s := openMemory(t)
	text, err := migrations.ReadFile("migrations/0005_wide_shares.sql")
	if err != nil {
		t.Fatal(err)
	}
	of := func(share string, consumers int) (list []Discovery) {
		for i := range consumers {
			for _, arn := range []string{"a", "b"} {
				list = append(list, Discovery{Consumer: fmt.Sprintf("%012d", i), Region: "r", Type: "image", ARN: arn, Share: share})
			}
		}
		return list
	}
	err = s.Update(t.Context(), func(tx *Tx) error {
		for _, d := range append(of("few", 16), of("many", 17)...) {
			if err := tx.PutDiscovery(d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.sqlite().writers.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = c.execScript(string(text))
	s.sqlite().writers.put(c)
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx *Tx) error {
		few, err := tx.Discoveries("few")
		if err != nil {
			return err
		}
		if len(few) != 32 {
			t.Errorf("the share with few consumers has %d rows", len(few))
		}
		many, err := tx.Discoveries("many")
		want := []Discovery{
			{Consumer: "many", Region: "r", Type: "image", ARN: "a", Share: "many"},
			{Consumer: "many", Region: "r", Type: "image", ARN: "b", Share: "many"},
		}
		for i := range 17 {
			want = append(want, Discovery{Consumer: fmt.Sprintf("%012d", i), Region: "r", Type: "resource-share", ARN: "many", Share: "many"})
		}
		if diff := cmp.Diff(want, many); diff != "" {
			t.Errorf("the share with many consumers (-want +got):\n%s", diff)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
