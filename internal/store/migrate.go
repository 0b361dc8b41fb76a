package store

import (
	"embed"
	"fmt"
	"path"
)

// migrations holds the files NNNN_what.sql, numbered from 0001 without gaps. A released
// migration is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationTexts returns the migrations in order: number n at index n-1.
func migrationTexts() ([]string, error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, file := range files {
		text, err := migrations.ReadFile(path.Join("migrations", file.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}

// checkSchemaNumber returns ErrIncompatible for a database server's schema of another
// version.
func checkSchemaNumber(at int) error {
	texts, err := migrationTexts()
	switch known := len(texts); {
	case err != nil:
		return err
	case at == 0:
		return fmt.Errorf("%w: the database has no schema of Writ; run: writ migrate --data ADDRESS", ErrIncompatible)
	case at < known:
		return fmt.Errorf("%w: its schema is of an older version (migration %d, this version has %d); run: writ migrate --data ADDRESS", ErrIncompatible, at, known)
	case at > known:
		return fmt.Errorf("%w: its schema is of a newer version (migration %d, this version has %d)", ErrIncompatible, at, known)
	}
	return nil
}

// migrate runs the texts after the current number of the database, each in its own
// transaction together with note, which stores the new number.
func migrate(c *conn, texts []string, at int, note func(number int) error) error {
	for number := at + 1; number <= len(texts); number++ {
		if err := c.begin(beginWrite); err != nil {
			return fmt.Errorf("migration %d: %w", number, err)
		}
		err := c.execScript(texts[number-1])
		if err == nil {
			err = note(number)
		}
		if err == nil {
			_, err = c.exec(commit)
		}
		if err != nil {
			c.rollback()
			return fmt.Errorf("migration %d: %w", number, err)
		}
	}
	return nil
}
