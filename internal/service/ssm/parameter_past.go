package ssm

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// maxVersions is the number of stored versions of a parameter.
const maxVersions = 100

// Versions are stored in chapters of four, by number. The chapter of the current version is part of the
// parameter's own row, so most new versions write only one row; each earlier chapter has its own row. There
// are as many of these rows as the history requires, and a new chapter replaces the oldest. This raises the
// rate of PutParameter by a third: docs/design/0009-measured-optimizations.md.
const (
	chapterSize = 4
	chapterRows = maxVersions / chapterSize
)

// chapter is the stored form of a chapter.
type chapter struct{ Versions []version }

func chapterOf(number int64) int64 { return number / chapterSize }

// chapterARN returns the key of the row of a chapter.
func chapterARN(parameter string, chapter int64) string {
	return fmt.Sprintf("%s:%02d", parameter, chapter%chapterRows)
}

// archive moves old to the past versions, and writes its chapter if the current version begins a new one.
func (p *parameter) archive(c *operation.Call, old *parameter) error {
	p.Past = append(slices.Clip(old.Past), old.version)
	over := chapterOf(old.Number)
	if over == chapterOf(p.Number) {
		return nil
	}
	r, err := operation.Record(c, store.Resource{
		ARN: chapterARN(p.arn(), over), Service: api.Name, Type: chapterType,
		Account: p.row.Account, Region: p.row.Region, Name: p.name(),
	}, chapter{p.Past})
	if err != nil {
		return err
	}
	p.Past = nil
	return c.Tx.PutResource(r)
}

// chapter reads the versions of a chapter. Some of the oldest chapter may no longer be part of the history. A
// missing row means that there are none: data directories from before chapters stored past versions in
// another form, which is no longer read.
func (p *parameter) chapter(c *operation.Call, number int64) ([]version, error) {
	if number == chapterOf(p.Number) {
		return append(slices.Clip(p.Past), p.version), nil
	}
	r, err := c.Tx.Resource(chapterARN(p.arn(), number))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	past, err := operation.Decode[chapter](r)
	if err != nil {
		return nil, err
	}
	return past.Versions, nil
}

// versions yields the stored versions, starting at a number.
func (p *parameter) versions(c *operation.Call, from int64) iter.Seq2[*version, error] {
	return func(yield func(*version, error) bool) {
		from = max(from, p.Oldest)
		for n := chapterOf(from); n <= chapterOf(p.Number); n++ {
			list, err := p.chapter(c, n)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range list {
				if list[i].Number >= from && !yield(&list[i], nil) {
					return
				}
			}
		}
	}
}

// findVersion returns a stored version; found is false if it is no longer stored, or never was.
func (p *parameter) findVersion(c *operation.Call, number int64) (v *version, found bool, err error) {
	switch {
	case number == p.Number:
		return &p.version, true, nil
	case !p.hasVersion(number):
		return nil, false, nil
	}
	list, err := p.chapter(c, chapterOf(number))
	for i := range list {
		if list[i].Number == number {
			return &list[i], true, nil
		}
	}
	return nil, false, err
}

// hasVersion reports whether a version is stored.
func (p *parameter) hasVersion(number int64) bool { return p.Oldest <= number && number <= p.Number }

// removePast deletes all rows of past versions.
func (p *parameter) removePast(c *operation.Call) error {
	for r, err := range c.Tx.Resources(store.Query{Prefix: p.arn() + ":"}) {
		if err != nil {
			return err
		}
		if err := c.Tx.DeleteResource(r.ARN); err != nil {
			return err
		}
	}
	return nil
}
