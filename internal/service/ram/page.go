package ram

import (
	"errors"
	"iter"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// maxPage is how many items a page has at most, and has unless less is asked.
const maxPage = 500

// page answers a list operation with one page. The items come in the order of
// their keys, from the first that sorts after a given key, and are read as far
// as the page needs them.
func page[T any](op string, maxResults *int, token *string, items func(after string) iter.Seq2[operation.Keyed[T], error]) (operation.Page[T], error) {
	after, err := operation.AfterToken(op, token)
	if errors.Is(err, operation.ErrPageToken) {
		err = errInvalidNextToken("The specified value for nextToken is not one that %s returned.", op)
	}
	if err != nil {
		return operation.Page[T]{}, err
	}
	limit := maxPage
	if maxResults != nil {
		limit = *maxResults
	}
	return operation.Paginate(op, limit, items(after))
}

// view makes of each item what is listed; false leaves it out.
func view[A, B any](items iter.Seq2[A, error], of func(A) (item operation.Keyed[B], listed bool, err error)) iter.Seq2[operation.Keyed[B], error] {
	return func(yield func(operation.Keyed[B], error) bool) {
		for a, err := range items {
			var item operation.Keyed[B]
			listed := true
			if err == nil {
				item, listed, err = of(a)
			}
			if err != nil {
				yield(operation.Keyed[B]{}, err)
				return
			}
			if listed && !yield(item, nil) {
				return
			}
		}
	}
}

// A key of two parts sorts by the first, then by the second: no ARN and no
// account id has a line feed.

func joinKey(first, second string) string { return first + "\n" + second }

func splitKey(key string) (first, second string) {
	first, second, _ = strings.Cut(key, "\n")
	return first, second
}
