package console

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAssetsAreBuilt compares the digest of the sources with the digest recorded by the build.
func TestAssetsAreBuilt(t *testing.T) {
	files := []string{"build.mjs", "package.json", "package-lock.json"}
	err := fs.WalkDir(os.DirFS("web"), "src", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	digest := sha256.New()
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join("web", f))
		if err != nil {
			t.Fatal(err)
		}
		digest.Write([]byte(f + "\x00" + string(text) + "\x00"))
	}
	if got, want := strings.TrimSpace(string(assets()["sources.txt"].plain)), hex.EncodeToString(digest.Sum(nil)); got != want {
		t.Error("the assets are not built from web/src: npm ci && npm run build in internal/console/web")
	}
}

// TestAssetSize limits the size of the files that the browser loads.
func TestAssetSize(t *testing.T) {
	total := 0
	for _, f := range assets() {
		total += len(f.gzipped())
	}
	t.Logf("%d bytes compressed", total)
	if total > 350<<10 {
		t.Errorf("the assets are %d bytes compressed, want at most 350 KiB", total)
	}
}

// TestTexts checks that all texts of the pages are in one file, and that each is used.
func TestTexts(t *testing.T) {
	var used strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "assets"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") && !strings.HasSuffix(path, ".js"), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		used.Write(source)
		if strings.HasSuffix(path, ".html") {
			bare := regexp.MustCompile(`(?s)\{\{.*?\}\}|<[^>]*>`).ReplaceAllString(string(source), "")
			if words := regexp.MustCompile(`[A-Za-z]{3,}`).FindString(bare); words != "" {
				t.Errorf("%s has the text %q, which belongs in texts.json", path, words)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range texts() {
		if short := strings.TrimPrefix(name, "js."); !usesText(used.String(), short) {
			t.Errorf("nothing uses the text %q", name)
		}
	}
}

// usesText reports whether the sources contain a text's name, or the prefix of a group of texts: "nav." of
// (print "nav." .Section).
func usesText(sources, name string) bool {
	for i, c := range name {
		if (c == '.' || c == '-') && strings.Contains(sources, `"`+name[:i+1]+`"`) {
			return true
		}
	}
	return strings.Contains(sources, `"`+name+`"`)
}
