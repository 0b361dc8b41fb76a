package worldfile

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/writdev/writ/internal/server"
)

// TestEverySection loads a world with an entry in every section, and finds each in its
// export, in a world that was loaded from that, and with the same bytes.
func TestEverySection(t *testing.T) {
	w := readEverySection(t)
	for section := range sections() {
		if len(w.Entries[section]) == 0 {
			t.Errorf("the world has no %s", section)
		}
	}
	first := emptyServer(t)
	if err := Load(t.Context(), first, w); err != nil {
		t.Fatal(err)
	}
	second := again(t, first)
	for _, s := range []*server.Server{first, second} {
		exported, err := format(t).Export(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(exported)) {
			if strings.HasPrefix(line, "# Not written") && !strings.HasSuffix(line, "1 × secret of imported key material.\n") {
				t.Errorf("something is left out: %s", line)
			}
		}
		got, err := format(t).Read("export.yaml", exported, nil)
		if err != nil {
			t.Fatal(err)
		}
		for section := range sections() {
			compareEntries(t, w, got, section)
		}
	}
}

// compareEntries compares the members of what a file declares with those of an export.
func compareEntries(t *testing.T, declared, exported *World, section string) {
	t.Helper()
	for _, want := range declared.Entries[section] {
		long, err := declared.source.names.full(want.ARN)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(exported.Entries[section], func(e Entry) bool { return e.ARN == long })
		if i < 0 {
			t.Errorf("%s: %s is not in the export", section, long)
			continue
		}
		got := exported.Entries[section][i]
		for _, name := range sortedKeys(want.Members) {
			if got.Members[name] == nil {
				t.Errorf("%s: %s has no %s in the export", section, long, name)
			}
		}
		for _, name := range sortedKeys(want.Own) {
			if got.Own[name] == nil {
				t.Errorf("%s: %s has no %s in the export", section, long, name)
			}
		}
		// A key without a policy has the default one.
		if len(got.Policies) < len(want.Policies) || len(got.Tags) != len(want.Tags) {
			t.Errorf("%s: %s has %d policies and %d tags in the export, want %d and %d", section, long, len(got.Policies), len(got.Tags), len(want.Policies), len(want.Tags))
		}
	}
}

// readEverySection reads the world with an entry in every section.
func readEverySection(t *testing.T) *World {
	t.Helper()
	text, err := os.ReadFile("testdata/every-section.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w, err := format(t).Read("every-section.yaml", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
