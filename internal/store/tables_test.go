package store

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTablesAreThoseOfTheSchema compares the list of tables with what SQLite has.
func TestTablesAreThoseOfTheSchema(t *testing.T) {
	column := regexp.MustCompile(`(\w+) (?:TEXT|BIGINT) NOT NULL`)
	s := openMemory(t)
	want := map[string][]string{}
	for name, text := range schemaOf(t, lend(t, s)) {
		if strings.HasPrefix(text, "CREATE TABLE") {
			for _, match := range column.FindAllStringSubmatch(text, -1) {
				want[name] = append(want[name], match[1])
			}
			slices.Sort(want[name])
		}
	}
	got := map[string][]string{}
	for _, table := range tables {
		got[table.name] = slices.Sorted(slices.Values(table.all()))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tables (-schema +list):\n%s", diff)
	}
}
