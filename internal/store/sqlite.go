package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

const (
	inMemory = ":memory:"
	dbFile   = "writ.db"
	lockFile = "writ.lock"

	// applicationID marks a SQLite file as Writ's: "Writ" in ASCII.
	applicationID = 0x57726974

	// readers is the number of concurrent Views. They are limited by the processor, not
	// by the disk, so more would only use more memory.
	readers = 4
)

// busyTimeout, in ms, is for the case that someone opens the file with SQLite's own
// shell.
const busyTimeout = `PRAGMA busy_timeout = 5000`

// Default sizes of the page caches of connections, in KiB. Those of readers are small because
// the operating system caches the pages too, and a reader drops its cache at every commit;
// the writer keeps what it wrote.
const (
	readerPages = 1 << 10
	writerPages = 6 << 10
)

// Settings of each connection.
var (
	commonSettings = []string{
		busyTimeout,
		`PRAGMA temp_store = MEMORY`,
		`PRAGMA trusted_schema = OFF`,
	}
	readerSettings = slices.Concat(commonSettings, []string{
		`PRAGMA query_only = ON`,
	})
	writerSettings = slices.Concat(commonSettings, []string{
		// The log is flushed when it is copied into the database, and before it restarts.
		// The flusher makes each commit durable.
		`PRAGMA synchronous = NORMAL`,
		`PRAGMA fullfsync = ON`, // macOS: the fsync that reaches the disk
		// The log is copied into the database every so many pages of 4 KiB. That takes
		// two fsyncs, so it should be rare; but a longer log takes longer to read after a
		// crash.
		`PRAGMA wal_autocheckpoint = 4000`,
		fmt.Sprintf(`PRAGMA journal_size_limit = %d`, logSizeLimit),
	})
)

// OpenSQLite opens the state in a directory, which it creates (mode 0700) if it does not
// exist. ":memory:" is an empty state until Close, with one connection: its Views and
// Updates take turns.
//
// It returns ErrInUse if another store has the directory open, and ErrIncompatible if the
// content of the directory is not Writ's or was written by a newer version. It writes
// nothing into an incompatible directory.
func OpenSQLite(dir string) (*Store, error) {
	if dir == inMemory {
		s, err := openSQLite(inMemory, "file::memory:")
		if err != nil {
			return nil, fmt.Errorf("open in memory: %w", err)
		}
		return &Store{s, &s.counts}, nil
	}
	s, err := openDirectory(dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return &Store{s, &s.counts}, nil
}

func openDirectory(dir string) (*sqlite, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := createDirectory(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, lockFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		// Nobody has the directory open; if it is not Writ's, no lock file must be
		// created.
		if err := checkDirectory(dir); err != nil {
			return nil, err
		}
	}
	lock, err := lockDirectory(path)
	if err != nil {
		return nil, err
	}
	// Checked under the lock, because the previous owner may have written, and because
	// reading a database that this process has open would release its locks.
	s, err := (*sqlite)(nil), checkDirectory(dir)
	if err == nil {
		err = writePID(lock)
	}
	if err == nil {
		s, err = openSQLite(dir, fileURI(filepath.Join(dir, dbFile)))
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	return s, nil
}

// fileURI is the URI of a file for SQLite, for any characters in its path.
func fileURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// openSQLite opens the database at a URI, updates its schema and starts the writer.
func openSQLite(path, uri string) (*sqlite, error) {
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		return nil, err
	}
	s := &sqlite{path: path, db: db, queue: newQueue(), cache: newCache(), ended: make(chan struct{})}
	s.closing = sync.OnceValue(s.closeAll)
	s.pages.Store(DefaultCacheBytes)
	open := func(settings []string, pages int) func(context.Context) (*conn, error) {
		return func(context.Context) (*conn, error) {
			return openConn(db, append(slices.Clone(settings), cachePages(pages, int(s.pages.Load()))))
		}
	}
	s.writers = newPool(1, open(writerSettings, writerPages))
	s.readers = s.writers
	if path != inMemory {
		s.readers = newPool(readers, open(readerSettings, readerPages))
	}
	if err := s.prepareSQLite(); err != nil {
		return nil, errors.Join(err, s.writers.close(), db.Close())
	}
	if path != inMemory {
		file, err := openWAL(filepath.Join(path, dbFile+"-wal"))
		if err != nil {
			return nil, errors.Join(err, s.writers.close(), db.Close())
		}
		if err := s.recoverWAL(file); err != nil {
			return nil, errors.Join(err, file.Close(), s.writers.close(), db.Close())
		}
		s.flusher = newFlusher(file.flush)
		s.log = &checkpointer{file: file, tooLong: maxLogSize, patience: checkpointTimeout}
	}
	go s.runWriter(nil)
	return s, nil
}

// cachePages is the setting of the page cache of a connection: its default size, in KiB, in
// proportion to the size of the cache.
func cachePages(pages, cacheBytes int) string {
	return fmt.Sprintf(`PRAGMA cache_size = -%d`, int64(pages)*int64(cacheBytes)/DefaultCacheBytes)
}

// openConn opens a connection with its settings.
func openConn(db *sql.DB, settings []string) (*conn, error) {
	pinned, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	c := &conn{pinned: pinned, statements: make(map[string]statement)}
	for _, text := range settings {
		if err := c.execScript(text); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", text, err), c.close())
		}
	}
	return c, nil
}

// recoverWAL makes durable what a process that died has left in the log, before anything
// is read: its last commit may have been in the system's memory only. Pages that were
// copied into the database are written again.
func (s *sqlite) recoverWAL(log walFile) error {
	if log.size() == 0 {
		return nil
	}
	c, err := s.writers.get(context.Background())
	if err != nil {
		return err
	}
	defer s.writers.put(c)
	if err := c.execScript(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return err
	}
	return log.flush() // if another process reads, the log is still complete
}

// prepareSQLite initializes a new database, and updates the schema.
func (s *sqlite) prepareSQLite() error {
	if s.path != inMemory {
		// SQLite gives its other files the mode of this one.
		f, err := os.OpenFile(filepath.Join(s.path, dbFile), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	c, err := s.writers.get(context.Background())
	if err != nil {
		return err
	}
	defer s.writers.put(c)

	// Before the log exists, so that the id is in the file itself and checkDirectory
	// finds it there after any crash.
	if id, err := c.queryInt(`PRAGMA application_id`); err != nil {
		return err
	} else if id != applicationID {
		if err := c.execScript(fmt.Sprintf(`PRAGMA application_id = %d`, applicationID)); err != nil {
			return err
		}
	}
	if s.path != inMemory {
		var mode string
		if err := c.pinned.QueryRowContext(context.Background(), `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
			return err
		}
		if mode != "wal" {
			return fmt.Errorf("the file system does not support a write-ahead log (journal mode %q)", mode)
		}
	}
	at, err := c.queryInt(`PRAGMA user_version`)
	if err != nil {
		return err
	}
	texts, err := migrationTexts()
	if err != nil {
		return err
	}
	if at == len(texts) {
		return nil
	}
	if err := rejectNewer(at, len(texts)); err != nil {
		return err
	}
	err = migrate(c, texts, at, func(number int) error {
		return c.execScript(fmt.Sprintf(`PRAGMA user_version = %d`, number))
	})
	if err != nil {
		return err
	}
	// So that the number is in the file itself, too.
	return c.execScript(`PRAGMA wal_checkpoint(TRUNCATE)`)
}
