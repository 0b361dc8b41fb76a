package store

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// emptyImage returns an image of an empty state.
func emptyImage(t testing.TB) *Image {
	t.Helper()
	s, err := OpenSQLite(inMemory)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	image, err := s.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// allTables returns the rows of all tables as text.
func allTables(t testing.TB, s *Store) (text string) {
	t.Helper()
	err := s.View(t.Context(), func(tx *Tx) error {
		var b strings.Builder
		for _, table := range tables {
			rows, err := queryAll(tx, func(r row) (string, error) { return fmt.Sprint([]driver.Value(r)), nil }, `SELECT `+strings.Join(table.all(), ", ")+` FROM `+table.name+` ORDER BY `+strings.Join(table.key, ", "))
			if err != nil {
				return err
			}
			fmt.Fprintln(&b, table.name, rows)
		}
		text = b.String()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func isSuspended(s *Store) bool { return len(s.engine.(*sqlite).writers.idle) == 0 }

// TestSuspendedStateIsSame runs the same transactions on two states, one of which is
// suspended at random moments; their results and contents are equal.
func TestSuspendedStateIsSame(t *testing.T) {
	empty := emptyImage(t)
	suspended := 0
	rapid.Check(t, func(r *rapid.T) {
		usual, other := NewImages(1<<30).Open(empty), NewImages(1<<30).Open(empty)
		defer usual.Close()
		defer other.Close()
		arn := rapid.SampledFrom([]string{"a", "b", "c"})
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			if rapid.Bool().Draw(r, "suspend") && other.engine.(*sqlite).suspend() {
				suspended++
				if !isSuspended(other) {
					t.Fatal("a suspended state has a connection")
				}
			}
			arn, text := arn.Draw(r, "arn"), rapid.StringMatching(`[a-z]{1,9}`).Draw(r, "text")
			at := time.Unix(rapid.Int64Range(1, 1e9).Draw(r, "at"), 0)
			var read string
			steps := map[string]func(*Tx) error{
				"insert": func(tx *Tx) error {
					return tx.InsertResource(Resource{ARN: arn, Service: "s", Data: []byte(strings.Repeat(text, 900)), CreatedAt: at, UpdatedAt: at})
				},
				"update": func(tx *Tx) error { return tx.UpdateResource(Resource{ARN: arn, Data: []byte(text), UpdatedAt: at}) },
				"delete": func(tx *Tx) error { return tx.DeleteResource(arn) },
				"put policy": func(tx *Tx) error {
					return tx.PutPolicy(Policy{ARN: arn, Source: SourceUser, Document: text, CreatedAt: at})
				},
				"cached text": func(tx *Tx) (err error) { read, err = cachedText(tx, arn); return err },
				"rows":        sameRows,
				"policies":    sameInDatabase,
				"fail after a write": func(tx *Tx) error {
					return errors.Join(tx.PutResource(Resource{ARN: arn, Data: []byte(text)}), errUndone)
				},
				"token": func(tx *Tx) error {
					return tx.PutToken(Token{TokenKey: TokenKey{"1", "r", "o", arn}, Fingerprint: text, CreatedAt: at})
				},
			}
			step := rapid.SampledFrom([]string{"insert", "update", "delete", "put policy", "cached text", "rows", "policies", "fail after a write", "token"}).Draw(r, "step")
			run := func(s *Store) string {
				read = ""
				do := s.Update
				if step == "cached text" || step == "rows" || step == "policies" {
					do = s.View
				}
				return fmt.Sprint(read, do(t.Context(), steps[step]))
			}
			if want, got := run(usual), run(other); want != got {
				r.Fatalf("%s: %s, want %s", step, got, want)
			}
		}
		if diff := gocmp.Diff(allTables(t, usual), allTables(t, other)); diff != "" {
			r.Fatal(diff)
		}
	})
	if suspended == 0 {
		t.Error("nothing was suspended")
	}
}

// TestSuspendUnderLoad counts in several states at once, which suspend each other all the
// time; no acknowledged write is lost, and no state sees another's.
func TestSuspendUnderLoad(t *testing.T) {
	const states, users, each = 6, 8, 60
	images, empty := NewImages(0), emptyImage(t)
	var open [states]*Store
	for i := range open {
		open[i] = images.Open(empty)
		add(t, open[i], fmt.Sprint("state ", i), 0)
	}
	var all sync.WaitGroup
	var written [users][states]int
	for user := range users {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(user), 1))
			for range each {
				i := random.IntN(states)
				if random.IntN(4) > 0 {
					add(t, open[i], fmt.Sprint("state ", i), 1)
					written[user][i]++
					continue
				}
				image, err := open[i].Image(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				copied := images.Open(image)
				add(t, copied, fmt.Sprint("state ", i), 1) // fails if it is not there
				if err := copied.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	suspended := 0
	for i, s := range open {
		want := 0
		for user := range users {
			want += written[user][i]
		}
		if isSuspended(s) {
			suspended++
		}
		if got := add(t, s, fmt.Sprint("state ", i), 0); got != want {
			t.Errorf("state %d counted to %d, want %d", i, got, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if suspended < states-2 {
		t.Errorf("%d of %d states are suspended", suspended, states)
	}
	if len(images.open) != 0 || images.bytes != 0 {
		t.Errorf("%d states of %d bytes are open after all were closed", len(images.open), images.bytes)
	}
}

// add adds to the number that a state has under an ARN, which it returns; 0 creates it.
func add(t *testing.T, s *Store, arn string, n int) (sum int) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *Tx) error {
		r, err := tx.Resource(arn)
		if errors.Is(err, ErrNotFound) && n == 0 {
			sum = 0
			return tx.InsertResource(Resource{ARN: arn, Data: []byte("0")})
		}
		if err != nil {
			return err
		}
		if sum, err = strconv.Atoi(string(r.Data)); err != nil {
			return err
		}
		sum += n
		r.Data = []byte(strconv.Itoa(sum))
		return tx.UpdateResource(r)
	})
	if err != nil {
		t.Errorf("add to %s: %v", arn, err)
	}
	return sum
}

// TestImagesLimitMemory: the states that were not used are suspended when the others grow
// over the limit, and the images of a suspended state and its copies share pages.
func TestImagesLimitMemory(t *testing.T) {
	empty := emptyImage(t)
	const most = 4 * (connectionBytes + 256<<10)
	images := NewImages(most)
	var open []*Store
	connection := func(s *Store) *conn { return s.engine.(*sqlite).writers.idle[0] }
	var first *conn
	for range 8 {
		s := images.Open(empty)
		defer s.Close()
		open = append(open, s)
		add(t, s, "n", 0)
		if err := s.View(t.Context(), sameRows); err != nil || s.Load().KeptBytes == 0 {
			t.Fatalf("nothing is cached, %v", err)
		}
		add(t, open[0], "n", 1) // is always in use
		first = cmp.Or(first, connection(open[0]))
	}
	if connection(open[0]) != first {
		t.Error("the state that was used most was suspended")
	}
	if kept := open[1].Load().KeptBytes; kept != 0 {
		t.Errorf("a suspended state keeps %d bytes in its cache", kept)
	}
	if isSuspended(open[0]) || isSuspended(open[7]) || !isSuspended(open[1]) {
		t.Errorf("suspended: %t, %t, %t; want only the state that was not used", isSuspended(open[0]), isSuspended(open[7]), isSuspended(open[1]))
	}
	if got := add(t, open[0], "n", 0); got != 8 {
		t.Errorf("counted to %d, want 8", got)
	}
	fillState(t, open[0], 3000) // more than all others together
	for i, s := range open[1:] {
		if !isSuspended(s) {
			t.Errorf("state %d is open beside one that takes up everything", i+1)
		}
	}
	before, err := open[1].Image(t.Context())
	if err != nil || !isSuspended(open[1]) {
		t.Fatalf("an image of a suspended state opens it, %v", err)
	}
	add(t, open[1], "m", 0)
	after, err := open[1].Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shared := 0
	for i, page := range before.pages {
		if &page[0] == &after.pages[i][0] {
			shared++
		}
	}
	if shared == len(before.pages) || shared < len(before.pages)/2 {
		t.Errorf("%d of %d pages are shared after a small write", shared, len(before.pages))
	}
}
