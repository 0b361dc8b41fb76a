package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

var errNotInstalled = errors.New("no PostgreSQL is installed (Debian: apt-get install postgresql)")

// Cluster is a running server.
type Cluster struct {
	Address string // of its database, as its superuser

	dir     string
	process *exec.Cmd // the script, which ends when its input does
	input   io.Closer
}

// script makes a server and runs it until its input ends, as it does when the process
// that has started it ends, even by SIGKILL. The database sorts by a language, so that
// tests show that Writ's tables do not. $1 is the directory of the binaries, $2 an empty one.
const script = `
trap '' INT
rules="--locale=C.UTF-8"
case $("$1/initdb" --version) in
*" 14."*) ;;
*) rules="$rules --locale-provider=icu --icu-locale=en" ;;
esac
"$1/initdb" --no-sync --auth=trust --username=writ --encoding=UTF8 $rules -D "$2/data" >"$2/log" 2>&1 || exit 1
while [ -d "$2/data" ]; do
	"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off \
		-c max_connections=400 -c shared_buffers=64MB -c max_pred_locks_per_transaction=256 \
		-c restart_after_crash=on >>"$2/log" 2>&1
	sleep 0.05
done &
loop=$!
cat
kill -KILL $loop
server=$(head -n 1 "$2/data/postmaster.pid") && kill -QUIT "$server"
while kill -0 "$server" 2>/dev/null; do sleep 0.02; done
rm -rf "$2"
`

func start() (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "writ-postgres-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, process: exec.Command("sh", "-c", script, "sh", bin, dir)}
	if err := asUser(c.process, dir); err != nil {
		return nil, err
	}
	c.process.Dir = dir
	if c.input, err = c.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	c.Address = (&url.URL{Scheme: "postgres", User: url.User("writ"), Path: "/postgres", RawQuery: url.Values{"host": {dir}}.Encode()}).String()
	if err := c.wait(); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		c.stop()
		return nil, fmt.Errorf("start PostgreSQL: %w\n%s", err, log)
	}
	return c, nil
}

// wait waits until the server answers.
func (c *Cluster) wait() (err error) {
	for range 600 {
		var server *pgconn.PgConn
		if server, err = pgconn.Connect(context.Background(), c.Address); err == nil {
			return server.Close(context.Background())
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// Crash kills the server with SIGKILL and waits until a new one answers, which has what
// was committed.
func (c *Cluster) Crash() error {
	text, err := os.ReadFile(filepath.Join(c.dir, "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := process.Kill(); err != nil {
		return err
	}
	return c.wait()
}

func (c *Cluster) stop() {
	_ = c.input.Close()
	_ = c.process.Wait()
}

// binaries finds the directory of the newest server that is installed.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.Sort(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	for _, name := range []string{"postgres"} {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Dir(path), nil
		}
	}
	return "", errNotInstalled
}
