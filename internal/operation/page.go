package operation

import (
	"encoding/base64"
	"errors"
	"iter"
	"strings"
)

// ErrPageToken is returned for a paging token that this operation did not issue.
var ErrPageToken = errors.New("paging token is not valid")

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  *string // the token of the following page; nil on the last
}

// Keyed is an item of a list with the key that orders it.
type Keyed[T any] struct {
	Key  string
	Item T
}

// Paginate returns a page of at most limit items. items yields them in the order of
// their keys, starting after the key from AfterToken.
func Paginate[T any](operation string, limit int, items iter.Seq2[Keyed[T], error]) (Page[T], error) {
	page := Page[T]{Items: []T{}}
	last := ""
	for item, err := range items {
		if err != nil {
			return Page[T]{}, err
		}
		if len(page.Items) == limit {
			next := base64.RawURLEncoding.EncodeToString([]byte(operation + "\n" + last))
			page.Next = &next
			break
		}
		page.Items = append(page.Items, item.Item)
		last = item.Key
	}
	return page, nil
}

// AfterToken returns the key after which the page of a token starts: "" for the first
// page, which has no token.
func AfterToken(operation string, token *string) (string, error) {
	if token == nil {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*token)
	if err != nil {
		return "", ErrPageToken
	}
	key, ok := strings.CutPrefix(string(text), operation+"\n")
	if !ok || key == "" {
		return "", ErrPageToken
	}
	return key, nil
}
