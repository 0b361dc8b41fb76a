package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// ErrNoImage is returned for a state in a database server, of which no image can be made.
var ErrNoImage = errors.New("the state is in a database server; only states in memory or in a directory can be copied")

// Image is a snapshot of a whole state.
type Image struct{ database []byte } // in SQLite's file format

// Size is the size of the image in bytes.
func (i *Image) Size() int { return len(i.database) }

// imageSettings are the settings of a connection to a state that was opened from an
// image: there can be many, so each has a small page cache.
var imageSettings = slices.Concat(commonSettings, []string{`PRAGMA cache_size = -256`}) // KiB

// Image returns an image of the state.
func (s *Store) Image(ctx context.Context) (*Image, error) {
	engine, ok := s.engine.(*sqlite)
	if !ok {
		return nil, ErrNoImage
	}
	image := new(Image)
	err := engine.view(ctx, func(tx *Tx) error {
		if _, err := queryAll(tx, scanText, `SELECT arn FROM resources LIMIT 1`); err != nil { // opens the snapshot
			return err
		}
		return tx.session.(*sqliteSession).conn.pinned.Raw(func(dc any) (err error) {
			image.database, err = dc.(interface{ Serialize() ([]byte, error) }).Serialize()
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("make an image of the state: %w", err)
	}
	// The bytes of the file header for a write-ahead log, which a database in memory does not
	// have: https://www.sqlite.org/fileformat2.html#file_format_version_numbers
	if header := image.database; len(header) > 20 {
		header[18], header[19] = 1, 1
	}
	return image, nil
}

// OpenImage opens a state in memory with the content of an image. Later writes do not
// affect the image or the state it came from.
func OpenImage(image *Image) (*Store, error) {
	s, err := openImage(image)
	if err != nil {
		return nil, fmt.Errorf("open an image of a state: %w", err)
	}
	return &Store{s, &s.counts}, nil
}

func openImage(image *Image) (*sqlite, error) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		return nil, err
	}
	c, err := openConn(db, nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	err = c.pinned.Raw(func(dc any) error {
		return dc.(interface{ Deserialize([]byte) error }).Deserialize(image.database)
	})
	for _, setting := range imageSettings {
		err = errors.Join(err, c.execScript(setting))
	}
	if err != nil {
		return nil, errors.Join(err, c.close(), db.Close())
	}
	s := &sqlite{path: inMemory, db: db, queue: newQueue(), cache: newCache(), ended: make(chan struct{})}
	s.closing = sync.OnceValue(s.closeAll)
	s.writers = newPool(1, func(context.Context) (*conn, error) { return c, nil })
	s.readers = s.writers
	go s.runWriter(nil)
	return s, nil
}
