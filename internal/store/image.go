package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// ErrNoImage is returned for a state of which no image can be made, since a database
// server has it.
var ErrNoImage = errors.New("the state is in a database server; images are made of states in memory or in a folder")

// Image is a whole state as it was at one moment.
type Image struct{ database []byte } // as SQLite's file format has it

// Size is how many bytes the image takes up.
func (i *Image) Size() int { return len(i.database) }

// imageSettings are those of the connection of a state that was made of an image: there
// may be many, and each keeps few pages beside its database.
var imageSettings = slices.Concat(commonSettings, []string{`PRAGMA cache_size = -256`}) // KiB

// Image makes an image of the state.
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
	// The bytes that say that there is a write-ahead log, which a database in memory has not:
	// https://www.sqlite.org/fileformat2.html#file_format_version_numbers
	if header := image.database; len(header) > 20 {
		header[18], header[19] = 1, 1
	}
	return image, nil
}

// OpenImage makes a state in memory of an image. It is a state of its own: neither sees
// what is written to the other.
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
