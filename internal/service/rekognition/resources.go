package rekognition

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// read returns the row at an ARN. Without one, and for an ARN of another
// region than the call's, it is a ResourceNotFoundException.
func read(c *operation.Call, arn string) (name, store.Resource, error) {
	n, err := parseName(arn)
	if err != nil || !isLocal(c, n) {
		return name{}, store.Resource{}, errResourceNotFound(textNotFound)
	}
	r, err := c.Tx.Resource(arn)
	if errors.Is(err, store.ErrNotFound) {
		err = errResourceNotFound(textNotFound)
	}
	return n, r, err
}

// isLocal reports whether n is of the partition and the region that are called.
func isLocal(c *operation.Call, n name) bool {
	return n.Partition == c.Partition && n.Region == c.Region
}

// load is read with what is kept of the resource.
func load[T any](c *operation.Call, arn string) (name, store.Resource, *T, error) {
	n, r, err := read(c, arn)
	if err != nil {
		return n, r, nil, err
	}
	v, err := operation.Decode[T](r)
	return n, r, v, err
}

// find returns the row of a name, whenever it was made: there is one at most.
func find(c *operation.Call, n name) (r store.Resource, found bool, err error) {
	for r, err := range c.Tx.Resources(store.Query{
		Service: api.Name, Type: n.Type, Account: n.Account, Prefix: n.prefix(), Limit: 1,
	}) {
		return r, err == nil, err
	}
	return store.Resource{}, false, nil
}

// partsOf yields the rows of one type that belong to a project.
func partsOf(c *operation.Call, project name, typ string) iter.Seq2[store.Resource, error] {
	return c.Tx.Resources(store.Query{Service: api.Name, Type: typ, Account: project.Account, Prefix: project.partsPrefix(typ)})
}

// insert adds a resource whose name is free; taken says what it is if not.
func insert(c *operation.Call, n name, v any, tags map[string]string, taken error) error {
	if _, found, err := find(c, n); found || err != nil {
		return cmp.Or(err, taken)
	}
	r, err := operation.Record(c, store.Resource{
		ARN: n.String(), Service: api.Name, Type: n.Type, Account: n.Account, Region: n.Region, Name: cmp.Or(n.Part, n.Project),
	}, v)
	if err != nil {
		return err
	}
	if err := c.Tx.InsertResource(r); err != nil {
		return err
	}
	return c.Tx.SetTags(r.ARN, tags)
}

// update replaces what is kept of a resource.
func update(c *operation.Call, r store.Resource, v any) error {
	r, err := operation.Record(c, r, v)
	if err != nil {
		return err
	}
	return c.Tx.UpdateResource(r)
}

// order is how a list is sorted by the times of creation.
type order uint8

const (
	oldestFirst order = iota
	newestFirst
)

// page takes one page of rows, sorted by their creation; the ARN sorts those
// of one instant.
func page(op string, rows []store.Resource, o order, maxResults *int, token *string) (operation.Page[store.Resource], error) {
	after, err := afterToken(op, token)
	if err != nil {
		return operation.Page[store.Resource]{}, err
	}
	key := func(r store.Resource) string {
		at := r.CreatedAt.UnixMicro()
		if o == newestFirst {
			at = lastInstant.UnixMicro() - at
		}
		return fmt.Sprintf("%020d %s", at, r.ARN)
	}
	slices.SortFunc(rows, func(a, b store.Resource) int { return cmp.Compare(key(a), key(b)) })
	return operation.Paginate(op, limitOf(maxResults, defaultPage), func(yield func(operation.Keyed[store.Resource], error) bool) {
		for _, r := range rows {
			if k := key(r); k > after && !yield(operation.Keyed[store.Resource]{Key: k, Item: r}, nil) {
				return
			}
		}
	})
}

// afterToken is operation.AfterToken with this service's error.
func afterToken(op string, token *string) (string, error) {
	after, err := operation.AfterToken(op, token)
	if errors.Is(err, operation.ErrPageToken) {
		err = errInvalidPaginationToken(textPaginationToken)
	}
	return after, err
}

// limitOf returns how many items a page has; 0 asks for as many as there can be.
func limitOf(maxResults *int, most int) int {
	if maxResults == nil || *maxResults == 0 {
		return most
	}
	return *maxResults
}

// pageOf returns a page of a list that is made whole for each page.
func pageOf[T any](op string, maxResults *int, token *string, all []T) (operation.Page[T], error) {
	after, err := afterToken(op, token)
	if err != nil {
		return operation.Page[T]{}, err
	}
	return operation.Paginate(op, limitOf(maxResults, defaultPage), func(yield func(operation.Keyed[T], error) bool) {
		for i, item := range all {
			if key := fmt.Sprintf("%08d", i); key > after && !yield(operation.Keyed[T]{Key: key, Item: item}, nil) {
				return
			}
		}
	})
}

// defaultPage is how long the pages of descriptions are unless less is asked.
const defaultPage = 100

// lastInstant comes after all that the store can hold.
var lastInstant = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// timestamp returns an instant as answers give it: to the millisecond.
func timestamp(t time.Time) *time.Time { return new(t.Truncate(time.Millisecond)) }
