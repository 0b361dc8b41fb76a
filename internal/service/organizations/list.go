package organizations

import (
	"errors"
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
)

// pageSize is the default number of items of a page, and the maximum of the model.
const pageSize = 20

// page returns one page of items. items yields them in the order of their keys, after a
// given key.
func page[T any](op string, limit *int, token *string, items func(after string) iter.Seq2[operation.Keyed[T], error]) (operation.Page[T], error) {
	after, err := operation.AfterToken(op, token)
	if errors.Is(err, operation.ErrPageToken) {
		return operation.Page[T]{}, badInput("INVALID_NEXT_TOKEN", "You specified a pagination token that this operation did not return.")
	}
	if err != nil {
		return operation.Page[T]{}, err
	}
	size := pageSize
	if limit != nil {
		size = *limit
	}
	return operation.Paginate(op, size, items(after))
}

// sorted yields the items of a short list in the order of their keys.
func sorted[T any](list []T, key func(T) string) func(after string) iter.Seq2[operation.Keyed[T], error] {
	slices.SortFunc(list, func(a, b T) int {
		switch x, y := key(a), key(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
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
