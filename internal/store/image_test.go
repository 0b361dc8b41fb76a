package store

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// fillState writes so many resources with a policy and tags each.
func fillState(t testing.TB, s *Store, n int) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *Tx) error {
		for i := range n {
			arn := fmt.Sprintf("arn:aws:ssm:us-east-1:111122223333:parameter/p%03d", i)
			if err := tx.InsertResource(Resource{ARN: arn, Service: "ssm", Type: "parameter", Account: "111122223333", Region: "us-east-1", Name: fmt.Sprint("p", i), Data: []byte(strings.Repeat("x", 300))}); err != nil {
				return err
			}
			if err := tx.PutPolicy(Policy{ARN: arn, Source: SourceUser, Document: strings.Repeat("d", 400), Revision: "1"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestImage: an image has what the state had, in memory and in a directory, and the two
// states are apart from then on.
func TestImage(t *testing.T) {
	for name, open := range map[string]func() (*Store, error){
		"in memory":      func() (*Store, error) { return OpenSQLite(inMemory) },
		"in a directory": func() (*Store, error) { return OpenSQLite(t.TempDir()) },
	} {
		t.Run(name, func(t *testing.T) {
			source, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer source.Close()
			fillState(t, source, 100)
			image, err := source.Image(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			copied := NewImages(1 << 20).Open(image)
			defer copied.Close()
			write := func(s *Store, arn string) {
				t.Helper()
				if err := s.Update(t.Context(), func(tx *Tx) error { return tx.InsertResource(Resource{ARN: arn}) }); err != nil {
					t.Fatal(err)
				}
			}
			write(source, "only in the source")
			write(copied, "only in the copy")
			for _, c := range []struct {
				state *Store
				arn   string
				want  bool
			}{
				{copied, "arn:aws:ssm:us-east-1:111122223333:parameter/p099", true}, {copied, "only in the source", false}, {copied, "only in the copy", true},
				{source, "only in the source", true}, {source, "only in the copy", false},
			} {
				err := c.state.View(t.Context(), func(tx *Tx) error { _, err := tx.Resource(c.arn); return err })
				if found := err == nil; found != c.want || err != nil && !errors.Is(err, ErrNotFound) {
					t.Errorf("%s is there: %t, %v", c.arn, found, err)
				}
			}
			again, err := copied.Image(t.Context())
			if err != nil || again.Size() == 0 {
				t.Errorf("an image of a copy: %v", err)
			}
		})
	}
}

func resident(t testing.TB) int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("this system does not tell the resident memory of a process: ", err)
	}
	var size, pages int
	fmt.Sscan(string(text), &size, &pages)
	return pages * os.Getpagesize()
}

// BenchmarkOpenImage opens a copy of a state of 100 resources and closes it.
func BenchmarkOpenImage(b *testing.B) {
	source, err := OpenSQLite(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer source.Close()
	fillState(b, source, 100)
	image, err := source.Image(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(image.Size()), "bytes")
	images := NewImages(1 << 40)
	var open []*Store
	before := resident(b)
	for b.Loop() {
		s := images.Open(image)
		if err := s.Ready(b.Context()); err != nil {
			b.Fatal(err)
		}
		open = append(open, s)
	}
	runtime.GC()
	b.Logf("%d open: %d KiB each", len(open), (resident(b)-before)/len(open)>>10)
	began := time.Now()
	for _, s := range open {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%v for each Close", time.Since(began)/time.Duration(len(open)))
}
