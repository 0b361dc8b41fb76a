package organizations

import (
	"errors"
	"iter"
	"slices"

	"github.com/writdev/writ/internal/service"
)

// pageSize is how many items a page has unless less is asked. The model allows
// no more.
const pageSize = 20

// page answers a list operation with one page of items, which come in the order
// of their keys and begin after the key given.
func page[T any](operation string, limit *int, token *string, items func(after string) iter.Seq2[service.Keyed[T], error]) (service.Page[T], error) {
	after, err := service.AfterToken(operation, token)
	if errors.Is(err, service.ErrPageToken) {
		return service.Page[T]{}, badInput("INVALID_NEXT_TOKEN", "You specified a pagination token that this operation did not return.")
	}
	if err != nil {
		return service.Page[T]{}, err
	}
	size := pageSize
	if limit != nil {
		size = *limit
	}
	return service.Paginate(operation, size, items(after))
}

// sorted yields the items of a short list by their keys.
func sorted[T any](list []T, key func(T) string) func(after string) iter.Seq2[service.Keyed[T], error] {
	slices.SortFunc(list, func(a, b T) int {
		switch x, y := key(a), key(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return func(after string) iter.Seq2[service.Keyed[T], error] {
		return func(yield func(service.Keyed[T], error) bool) {
			for _, item := range list {
				if k := key(item); k > after && !yield(service.Keyed[T]{Key: k, Item: item}, nil) {
					return
				}
			}
		}
	}
}
