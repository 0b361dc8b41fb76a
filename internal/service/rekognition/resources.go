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

// read returns the row at an ARN. It returns a ResourceNotFoundException if there is none, or if the ARN is
// in another region than the call.
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

// isLocal reports whether n is in the call's partition and region.
func isLocal(c *operation.Call, n name) bool {
	return n.Partition == c.Partition && n.Region == c.Region
}

// load is read with the decoded record of the resource.
func load[T any](c *operation.Call, arn string) (name, store.Resource, *T, error) {
	n, r, err := read(c, arn)
	if err != nil {
		return n, r, nil, err
	}
	v, err := operation.Decode[T](r)
	return n, r, v, err
}

// find returns the row with a name, whatever its creation time: there is at most one.
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

// insert adds a resource with an unused name; taken is the error for a name in use.
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
	return operation.SetTags(c, r.ARN, tags, errInvalidParameter)
}

// update replaces the record of a resource.
func update(c *operation.Call, r store.Resource, v any) error {
	r, err := operation.Record(c, r, v)
	if err != nil {
		return err
	}
	return c.Tx.UpdateResource(r)
}

// order is the sort order of a list by creation time.
type order uint8

const (
	oldestFirst order = iota
	newestFirst
)

// page returns one page of rows, sorted by creation time and then by ARN.
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

// limitOf returns the page size; 0 requests the largest.
func limitOf(maxResults *int, most int) int {
	if maxResults == nil || *maxResults == 0 {
		return most
	}
	return *maxResults
}

// pageOf returns a page of a list that is computed completely for each page.
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

// defaultPage is the default page size of descriptions.
const defaultPage = 100

// lastInstant is after all times in the store.
var lastInstant = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// timestamp returns a time with the precision of outputs: milliseconds.
func timestamp(t time.Time) *time.Time { return new(t.Truncate(time.Millisecond)) }
