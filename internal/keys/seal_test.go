package keys

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestSealOpens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	first, err := OpenSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed := first.Seal([]byte("hush"), "AKIA1")
	if bytes.Contains(sealed, []byte("hush")) {
		t.Error("the sealed text shows the secret")
	}
	again, err := OpenSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open(sealed, "AKIA1"); err != nil || string(got) != "hush" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file mode = %v, %v; want 0600", info.Mode(), err)
	}
}

func TestSealRefuses(t *testing.T) {
	s, err := NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.Seal([]byte("hush"), "AKIA1")
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, try := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return s.Open(sealed, "AKIA2") },
		"another key":     func() ([]byte, error) { return other.Open(sealed, "AKIA1") },
		"a flipped bit":   func() ([]byte, error) { return s.Open(flipped, "AKIA1") },
		"too short":       func() ([]byte, error) { return s.Open(sealed[:4], "AKIA1") },
	} {
		if got, err := try(); err != ErrSealed {
			t.Errorf("%s: Open = %q, %v; want ErrSealed", name, got, err)
		}
	}
	if path := filepath.Join(t.TempDir(), "key"); true {
		if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenSealer(path); err == nil {
			t.Error("a key file of five bytes was taken")
		}
	}
}
