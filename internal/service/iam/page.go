package iam

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// pageSize is the default number of items of a page.
const pageSize = 100

// page is one page of the output of a list operation.
type page[T any] struct {
	items     []T
	truncated *bool
	marker    *string
}

// paginate returns the requested page. from yields the items whose keys sort after a given
// one, in the order of their keys.
func paginate[T any](op string, marker *string, maxItems *int, from func(after string) iter.Seq2[operation.Keyed[T], error]) (page[T], error) {
	after, err := operation.AfterToken(op, marker)
	if err != nil {
		return page[T]{}, invalid("Invalid Marker.")
	}
	limit := pageSize
	if maxItems != nil {
		limit = *maxItems
	}
	p, err := operation.Paginate(op, limit, from(after))
	if err != nil {
		return page[T]{}, err
	}
	return page[T]{items: p.Items, truncated: new(p.Next != nil), marker: p.Next}, nil
}

// stored is a page of the account's entities of a kind below a path.
func stored[T, S any](c *operation.Call, op string, kind identity.Kind, path, marker *string, maxItems *int, view func(T) (S, error)) (page[S], error) {
	return paginate(op, marker, maxItems, func(after string) iter.Seq2[operation.Keyed[S], error] {
		return func(yield func(operation.Keyed[S], error) bool) {
			for r, err := range c.Tx.Resources(entities(c, kind, pathOr(path), after, 0)) {
				var item S
				if err == nil {
					item, err = decoded(r, view)
				}
				if !yield(operation.Keyed[S]{Key: r.ARN, Item: item}, err) {
					return
				}
			}
		}
	})
}

func decoded[T, S any](r store.Resource, view func(T) (S, error)) (S, error) {
	var v T
	if err := json.Unmarshal(r.Data, &v); err != nil {
		var none S
		return none, fmt.Errorf("decode %s: %w", r.ARN, err)
	}
	return view(v)
}

// listed is a page of a list in memory, in the order of keys.
func listed[T, S any](op string, marker *string, maxItems *int, all []T, key func(T) string, view func(T) (S, error)) (page[S], error) {
	all = slices.SortedFunc(slices.Values(all), func(a, b T) int { return strings.Compare(key(a), key(b)) })
	return paginate(op, marker, maxItems, func(after string) iter.Seq2[operation.Keyed[S], error] {
		return func(yield func(operation.Keyed[S], error) bool) {
			for _, v := range all {
				if key(v) <= after {
					continue
				}
				item, err := view(v)
				if !yield(operation.Keyed[S]{Key: key(v), Item: item}, err) {
					return
				}
			}
		}
	})
}

// inOrder is a page of a list in memory, in the order it has. Its markers are places in it.
func inOrder[T, S any](op string, marker *string, maxItems *int, all []T, view func(T) (S, error)) (page[S], error) {
	return paginate(op, marker, maxItems, func(after string) iter.Seq2[operation.Keyed[S], error] {
		return func(yield func(operation.Keyed[S], error) bool) {
			for i, v := range all {
				key := fmt.Sprintf("%06d", i)
				if key <= after {
					continue
				}
				item, err := view(v)
				if !yield(operation.Keyed[S]{Key: key, Item: item}, err) {
					return
				}
			}
		}
	})
}

// identityKey and same are a key and a view that return their argument.
func identityKey(s string) string { return s }
func same[T any](v T) (T, error)  { return v, nil }
