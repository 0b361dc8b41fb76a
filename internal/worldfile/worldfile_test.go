package worldfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestFaults reads and loads each file of testdata/faults and compares all that is told of
// it. A file is a txtar archive of world.yaml and the wanted faults.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	f := format(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			world, err := f.Read("world.yaml", archive.Files[0].Data, func(name string) ([]byte, error) {
				return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
			})
			if err == nil {
				err = Load(t.Context(), emptyServer(t), world)
			}
			if err == nil {
				t.Fatal("the file is accepted")
			}
			if *update {
				archive.Files[1].Data = []byte(err.Error() + "\n")
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(archive.Files[1].Data); err.Error()+"\n" != want {
				t.Errorf("%s\nwant:\n%s", err, want)
			}
		})
	}
}

// TestTooMuch refuses a file that is too large or nested too deeply, at once.
func TestTooMuch(t *testing.T) {
	for name, text := range map[string]string{
		"too large":     "accounts: # " + strings.Repeat("x", MaxBytes),
		"nested deeper": "accounts: [{id: '111122223333'}]\npolicies: {p: {Statement: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}}",
		"YAML":          "a: " + strings.Repeat("[", 200_000),
	} {
		_, err := format(t).Read("w", []byte(text), nil)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

// TestNotEmpty: a file is loaded into an empty state, and a refused one leaves it empty.
func TestNotEmpty(t *testing.T) {
	s := emptyServer(t)
	read := func(text string) *World {
		t.Helper()
		w, err := format(t).Read("w", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	refused := read("accounts: [{id: 111122223333}]\nparameters: [{arn: '111122223333:parameter/a', type: String, value: v}, {arn: '111122223333:parameter/aws/b', type: String, value: v}]")
	if err := Load(t.Context(), s, refused); err == nil || !strings.Contains(err.Error(), "w:2:73: parameters[1]: PutParameter refuses: ") {
		t.Errorf("a parameter of AWS: %v", err)
	}
	good := read("accounts: [{id: 111122223333, name: a}]")
	if err := Load(t.Context(), s, good); err != nil {
		t.Errorf("after a refused file: %v", err)
	}
	if err := Load(t.Context(), s, good); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("into a state that is not empty: %v", err)
	}
}
