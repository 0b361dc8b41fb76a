package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/pgtest"
	"github.com/writdev/writ/internal/store/storetest"
)

func TestPostgreSQL(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store { return openPostgres(t, pgtest.Address(t)) })
}

func openPostgres(t testing.TB, address string) *store.Store {
	t.Helper()
	s, err := store.OpenPostgreSQL(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// closeAtEnd closes a store when the test ends, before its tables go.
func closeAtEnd(t testing.TB, s *store.Store) *store.Store {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOpenRefusesUnknownSchemes(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, data := range []string{"mysql://root@localhost/writ", "sqlite://data", "file:///data", "://x"} {
		if _, err := store.Open(t.Context(), data); err == nil || !strings.Contains(err.Error(), "want a directory, :memory: or postgres://") {
			t.Errorf("%s: %v", data, err)
		}
	}
	s, err := store.Open(t.Context(), "a:directory")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestPasswordStaysSecret: neither an error nor the name of a state has the password.
func TestPasswordStaysSecret(t *testing.T) {
	const secret = "s3cr3t"
	for _, address := range []string{
		"postgres://writ:s3cr3t@127.0.0.1:1/writ",
		"postgres://writ:s3cr3t@127.0.0.1:port/writ",
		"postgres://writ:s3cr3t%zz@127.0.0.1/writ",
		"postgres://writ:s3cr3t@127.0.0.1/writ?sslmode=s3cr3t",
		"postgres://writ@127.0.0.1:1/writ?password=s3cr3t",
		"postgres://writ:s3cr3t@127.0.0.1/writ?pool_max_conns=s3cr3t",
		"postgres://writ:s3cr3t @127.0.0.1/ writ",
		"postgres://writ:s3cr3t@127.0.0.1/writ?connect_timeout=s3cr3t",
	} {
		s, err := store.Open(t.Context(), address)
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", address)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells the password: %v", address, err)
		}
		err = store.Migrate(t.Context(), address, func(int, int) {})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: migrate: %v", address, err)
		}
	}
	u, err := url.Parse(pgtest.Address(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), secret)
	s := closeAtEnd(t, openPostgres(t, u.String()))
	if strings.Contains(s.Path(), secret) || !strings.HasPrefix(s.Path(), "postgres://"+u.User.Username()+"@") {
		t.Errorf("path %s", s.Path())
	}
}

// TestSchemaNumber: a node refuses a schema that is not the one it knows.
func TestSchemaNumber(t *testing.T) {
	address := pgtest.Empty(t)
	refused := func(want string) {
		t.Helper()
		s, err := store.Open(t.Context(), address)
		if err == nil {
			s.Close()
		}
		if !errors.Is(err, store.ErrIncompatible) || !strings.Contains(err.Error(), want) {
			t.Errorf("opened: %v, want %q", err, want)
		}
	}
	migrate := func() (made []int) {
		t.Helper()
		if err := store.Migrate(t.Context(), address, func(number, _ int) { made = append(made, number) }); err != nil {
			t.Fatal(err)
		}
		return made
	}
	refused("no schema of Writ; run: writ migrate")
	if made := migrate(); len(made) < 3 {
		t.Errorf("made %v", made)
	}
	if made := migrate(); len(made) > 0 {
		t.Errorf("a second time: %v", made)
	}
	closeAtEnd(t, openPostgres(t, address))
	pgtest.Exec(t, address, `INSERT INTO migrations (number) VALUES (9999)`)
	refused("of a newer version (migration 9999")
	if err := store.Migrate(t.Context(), address, func(int, int) {}); !errors.Is(err, store.ErrIncompatible) {
		t.Errorf("migrate: %v", err)
	}
	pgtest.Exec(t, address, `DELETE FROM migrations WHERE number <> 1`)
	refused("of an older version (migration 1,")
}

// TestSchemaIsWhatMigrateMakes compares schema.sql with the tables of a database.
func TestSchemaIsWhatMigrateMakes(t *testing.T) {
	text, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	want := pgtest.Empty(t)
	pgtest.Exec(t, want, regexp.MustCompile(`(?m)^(\t\w+ +)TEXT\b`).ReplaceAllString(string(text), `${1}TEXT COLLATE "C"`))
	if diff := cmp.Diff(definitions(t, want), definitions(t, pgtest.Address(t))); diff != "" {
		t.Errorf("schema.sql differs from the migrations (-schema +migrations):\n%s", diff)
	}
}

// definitions lists the columns and indexes of a schema.
func definitions(t *testing.T, address string) (list []string) {
	t.Helper()
	c, err := pgconn.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	results, err := c.Exec(t.Context(), `
		SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name <> 'migrations' ORDER BY table_name, ordinal_position;
		SELECT replace(indexdef, current_schema(), 'schema') FROM pg_indexes
			WHERE schemaname = current_schema() AND tablename <> 'migrations' ORDER BY indexname`).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		for _, row := range result.Rows {
			list = append(list, string(bytes.Join(row, []byte(" "))))
		}
	}
	if len(list) < 50 {
		t.Fatalf("only %d columns and indexes: %s", len(list), list)
	}
	return list
}

// TestMigrateTogether has several nodes migrate one database.
func TestMigrateTogether(t *testing.T) {
	address := pgtest.Empty(t)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if err := store.Migrate(t.Context(), address, func(int, int) {}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	closeAtEnd(t, openPostgres(t, address))
}

// TestMigrateResumes ends Migrate before each of its migrations, and within one.
func TestMigrateResumes(t *testing.T) {
	address := pgtest.Start(t).Address
	killed := errors.New("killed")
	for number := 1; ; number++ {
		ctx, cancel := context.WithCancelCause(t.Context())
		cut := false
		err := store.Migrate(ctx, address, func(at, of int) {
			if at == number {
				cut = true
				cancel(killed)
				pgtest.Exec(t, address, terminateOthers) // in the transaction of the migration, or just before
			}
		})
		if !cut {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if err == nil {
			t.Errorf("migration %d: it was not cut off", number)
		}
		if err := store.Migrate(t.Context(), address, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		closed := openPostgres(t, address)
		if err := closed.Close(); err != nil {
			t.Error(err)
		}
		pgtest.Exec(t, address, fmt.Sprintf(`DELETE FROM migrations WHERE number > %d`, number))
		// The next must be made on what this one left.
		if number < 2 {
			pgtest.Exec(t, address, `DROP TABLE share_associations; DROP TABLE discoverable`)
		}
		if number < 4 {
			pgtest.Exec(t, address, `DROP TABLE timers; DROP INDEX client_tokens_by_age`)
		}
	}
}

// terminateOthers ends the other connections that use the schema of this one.
const terminateOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'writ'`

// TestUpdateSurvivesKilledBackends ends all connections again and again while clients count:
// nothing that was acknowledged is lost, and nothing is done twice.
func TestUpdateSurvivesKilledBackends(t *testing.T) {
	cluster := pgtest.Start(t)
	if err := store.Migrate(t.Context(), cluster.Address, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	s := closeAtEnd(t, openPostgres(t, cluster.Address))
	const clients, each = 8, 60
	var wg sync.WaitGroup
	var mu sync.Mutex
	acknowledged, unknown := make([]int, clients), 0
	for client := range clients {
		arn := fmt.Sprint("counter/", client)
		wg.Go(func() {
			for n := 1; n <= each; n++ {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					if _, err := tx.Resource(arn); err != nil && !errors.Is(err, store.ErrNotFound) {
						return err
					}
					return tx.PutResource(store.Resource{ARN: arn, Service: "test", Data: fmt.Append(nil, n)})
				})
				switch {
				case err == nil:
					acknowledged[client] = n
				case errors.Is(err, store.ErrUnknownOutcome):
					mu.Lock()
					unknown++
					mu.Unlock()
				default:
					t.Error(err)
				}
				read := ""
				err = s.View(t.Context(), func(tx *store.Tx) error {
					r, err := tx.Resource(arn)
					if errors.Is(err, store.ErrNotFound) && acknowledged[client] == 0 {
						return nil
					}
					if err == nil && string(r.Data) != fmt.Sprint(n) && string(r.Data) != fmt.Sprint(acknowledged[client]) {
						t.Errorf("client %d reads %s after %d was acknowledged and %d tried", client, r.Data, acknowledged[client], n)
					}
					read = string(r.Data)
					return err
				})
				if read == fmt.Sprint(n) {
					acknowledged[client] = n // an unknown outcome that is known now
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()
	kills := 0
	for running := true; running; kills++ {
		select {
		case <-over:
			running = false
		default:
			pgtest.Exec(t, cluster.Address, terminateOthers)
		}
	}
	t.Logf("%d times all connections ended; %d unknown outcomes, %d transactions ran again", kills, unknown, s.Statements().Retries)
	if s.Statements().Retries == 0 {
		t.Error("no transaction met a killed backend")
	}
}

// TestWriteSkew has two Updates that each read what the other writes: no order of
// them explains that both succeed with what they saw, so one must see the other's.
func TestWriteSkew(t *testing.T) {
	s := closeAtEnd(t, openPostgres(t, pgtest.Address(t)))
	for round := range 20 {
		arns := [2]string{fmt.Sprint("left/", round), fmt.Sprint("right/", round)}
		var saw [2]bool
		var both, wg sync.WaitGroup
		both.Add(2)
		for i := range arns {
			wg.Go(func() {
				met := false
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					_, err := tx.Resource(arns[1-i])
					saw[i] = err == nil
					if err != nil && !errors.Is(err, store.ErrNotFound) {
						return err
					}
					if !met {
						met = true
						both.Done()
						both.Wait()
					}
					return tx.PutResource(store.Resource{ARN: arns[i], Service: "test"})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if saw[0] == saw[1] {
			t.Errorf("round %d: both or none saw the other's write: %v", round, saw)
		}
	}
}

// TestKeysSortByteByByte in a database that sorts otherwise.
func TestKeysSortByteByByte(t *testing.T) {
	address := pgtest.Address(t)
	s := closeAtEnd(t, openPostgres(t, address))
	want := []string{"arn:B", "arn:Z", "arn:_", "arn:a", "arn:a-b", "arn:aa", "arn:\u00e9"}
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for _, arn := range want {
			if err := tx.InsertResource(store.Resource{ARN: arn, Service: "test"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = s.View(t.Context(), func(tx *store.Tx) error {
		got = nil
		for r, err := range tx.Resources(store.Query{Service: "test"}) {
			if err != nil {
				return err
			}
			got = append(got, r.ARN)
		}
		return nil
	})
	if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v, %v", got, err)
	}
	// The database itself must sort otherwise, or this test shows nothing.
	c, err := pgconn.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	result := c.ExecParams(t.Context(), `SELECT 'B' < 'a'`, nil, nil, nil, nil).Read()
	if result.Err != nil || string(result.Rows[0][0]) != "f" {
		t.Skipf("this server sorts byte by byte anyway: %v", result.Err)
	}
}
