package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrNoImage is returned for a state in a database server, of which no image can be made.
var ErrNoImage = errors.New("the state is in a database server; only states in memory or in a directory can be copied")

// Image is an immutable snapshot of a whole state: a database in SQLite's file format, in
// pages. An image shares the pages that did not change with the image that its state was
// opened from.
type Image struct{ pages [][]byte }

// imagePage is the size of a page in bytes; only the last can be smaller. It is the page size of
// SQLite, so that a small write changes few pages.
const imagePage = 4096

// Size is the size of the image in bytes, shared pages included.
func (i *Image) Size() int {
	last := len(i.pages) - 1
	return last*imagePage + len(i.pages[last])
}

// newImage returns the image of a database, which shares the pages of another image that
// are equal; nil for none.
func newImage(database []byte, other *Image) *Image {
	image := &Image{make([][]byte, 0, (len(database)+imagePage-1)/imagePage)}
	for page := range slices.Chunk(database, imagePage) {
		n := len(image.pages)
		if other != nil && n < len(other.pages) && bytes.Equal(page, other.pages[n]) {
			page = other.pages[n]
		} else {
			page = bytes.Clone(page) // alone, so that it does not keep the others in memory
		}
		image.pages = append(image.pages, page)
	}
	return image
}

// appendTo appends the database.
func (i *Image) appendTo(database []byte) []byte {
	for _, page := range i.pages {
		database = append(database, page...)
	}
	return database
}

// Image returns an image of the state.
func (s *Store) Image(ctx context.Context) (*Image, error) {
	engine, ok := s.engine.(*sqlite)
	if !ok {
		return nil, ErrNoImage
	}
	if image := engine.currentImage(); image != nil {
		return image, nil
	}
	var image *Image
	err := engine.view(ctx, func(tx *Tx) error {
		if _, err := queryAll(tx, scanText, `SELECT arn FROM resources LIMIT 1`); err != nil { // opens the snapshot
			return err
		}
		var err error
		image, err = engine.takeImage(tx.session.(*sqliteSession).conn)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make an image of the state: %w", err)
	}
	return image, nil
}

// takeImage returns an image of what a connection reads.
func (s *sqlite) takeImage(c *conn) (*Image, error) {
	if image := s.currentImage(); image != nil {
		return image, nil
	}
	attempts := s.attempts.Load() // no other follows: in memory, the only connection is lent
	var database []byte
	err := c.pinned.Raw(func(dc any) (err error) {
		database, err = dc.(interface{ Serialize() ([]byte, error) }).Serialize()
		return err
	})
	if err != nil {
		return nil, err
	}
	// The bytes of the file header for a write-ahead log, which a database in memory does not
	// have: https://www.sqlite.org/fileformat2.html#file_format_version_numbers
	if len(database) > 20 {
		database[18], database[19] = 1, 1
	}
	if s.images == nil {
		return newImage(database, nil), nil
	}
	image := newImage(database, s.last.Load().image)
	s.last.Store(&lastImage{image, attempts})
	return image, nil
}

// lastImage is the last image of a state, with the number of commit attempts before it.
type lastImage struct {
	image    *Image
	attempts uint64
}

// currentImage returns the last image if nothing was committed since; nil if there is
// none.
func (s *sqlite) currentImage() *Image {
	last := s.last.Load()
	if last == nil || last.attempts != s.attempts.Load() {
		return nil
	}
	return last.image
}
