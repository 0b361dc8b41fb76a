package ram

import (
	"errors"
	"iter"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// maxPage is the largest and the default number of items on a page.
const maxPage = 500

// paginate returns one page of a list operation. The items are in the order of their
// keys and start after a key. It reads no more of them than the page needs.
func paginate[T any](op string, maxResults *int, token *string, items func(after string) iter.Seq2[operation.Keyed[T], error]) (operation.Page[T], error) {
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

// convertItems converts each item to the one that is listed. It omits items that are
// not listed.
func convertItems[A, B any](items iter.Seq2[A, error], convert func(A) (item operation.Keyed[B], listed bool, err error)) iter.Seq2[operation.Keyed[B], error] {
	return func(yield func(operation.Keyed[B], error) bool) {
		for a, err := range items {
			var item operation.Keyed[B]
			listed := true
			if err == nil {
				item, listed, err = convert(a)
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

// joinKey returns a key that sorts by its first part, then by its second: ARNs and
// account ids contain no line feed.
func joinKey(first, second string) string { return first + "\n" + second }

// splitKey is the inverse of joinKey.
func splitKey(key string) (first, second string) {
	first, second, _ = strings.Cut(key, "\n")
	return first, second
}

// noItems yields nothing.
func noItems[T any](func(operation.Keyed[T], error) bool) {}
