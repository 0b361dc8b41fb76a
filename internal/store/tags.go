package store

import (
	"fmt"
	"maps"
	"slices"
)

// Tags returns the tags on an ARN; without tags an empty map and no error.
func (tx *Tx) Tags(arn string) (map[string]string, error) {
	pairs, err := queryAll(tx, func(r row) (pair [2]string, err error) {
		err = r.Scan(&pair[0], &pair[1])
		return pair, err
	}, `SELECT key, value FROM tags WHERE arn = $1`, arn)
	if err != nil {
		return nil, fmt.Errorf("read tags of %s: %w", arn, err)
	}
	tags := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		tags[pair[0]] = pair[1]
	}
	return tags, nil
}

// SetTags adds tags to an ARN; values of existing keys are replaced.
func (tx *Tx) SetTags(arn string, tags map[string]string) error {
	if err := tx.invalidateTags(arn); err != nil {
		return fmt.Errorf("tag %s: %w", arn, err)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		err := tx.write(
			`INSERT INTO tags (arn, key, value) VALUES ($1, $2, $3) ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value`,
			arn, key, tags[key])
		if err != nil {
			return fmt.Errorf("tag %s: %w", arn, err)
		}
	}
	return nil
}

// DeleteTags removes tags from an ARN. A missing key is no error.
func (tx *Tx) DeleteTags(arn string, keys []string) error {
	if err := tx.invalidateTags(arn); err != nil {
		return fmt.Errorf("untag %s: %w", arn, err)
	}
	for _, key := range keys {
		if err := tx.write(`DELETE FROM tags WHERE arn = $1 AND key = $2`, arn, key); err != nil {
			return fmt.Errorf("untag %s: %w", arn, err)
		}
	}
	return nil
}

// invalidateTags drops the cached tags on an ARN before a write; an error if the
// transaction cannot write.
func (tx *Tx) invalidateTags(arn string) error {
	if err := tx.checkWritable(); err != nil {
		return err
	}
	tx.session.forgetTags(arn)
	return nil
}
