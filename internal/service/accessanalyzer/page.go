package accessanalyzer

import (
	"errors"
	"iter"

	"github.com/writdev/writ/internal/operation"
)

// maxPage is the largest and the default number of items on a page.
const maxPage = 100

// paginate returns one page of a list, whose items start after a key.
func paginate[T any](op string, maxResults *int, token *string, items func(after string) iter.Seq2[operation.Keyed[T], error]) (operation.Page[T], error) {
	after, err := operation.AfterToken(op, token)
	if errors.Is(err, operation.ErrPageToken) {
		return operation.Page[T]{}, notValid("nextToken", "The nextToken is not one that %s returned.", op)
	}
	limit := maxPage
	if maxResults != nil {
		if *maxResults < 1 {
			return operation.Page[T]{}, notValid("maxResults", "maxResults must be at least 1.")
		}
		limit = min(limit, *maxResults)
	}
	return operation.Paginate(op, limit, items(after))
}

// keyed yields the items of a complete list, starting after a key.
func keyed[T any](list []T, key func(T) string) func(after string) iter.Seq2[operation.Keyed[T], error] {
	return func(after string) iter.Seq2[operation.Keyed[T], error] {
		return func(yield func(operation.Keyed[T], error) bool) {
			for _, item := range list {
				if k := key(item); k > after && !yield(operation.Keyed[T]{Key: k, Item: item}, nil) {
					return
				}
			}
		}
	}
}
