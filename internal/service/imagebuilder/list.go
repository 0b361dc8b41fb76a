package imagebuilder

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// pageSize is how many items a page has at most, and has unless less is asked.
const pageSize = 25

// filters are the filters that a list offers, by name: each gives the values
// that an item has for it.
type filters[T any] map[string]func(*T) []string

// listing is one call of a list op: T is the shape that is kept, S the
// shape that is listed.
type listing[T, S any] struct {
	op         string
	rows       func(after string) iter.Seq2[store.Resource, error]
	group      func(name) string // if set, of the rows in one group only the newest that passes is listed
	filters    filters[T]
	wanted     []Filter
	maxResults *int
	nextToken  *string
	view       func(store.Resource, *T) (S, error)
}

// list answers a list operation with one page. It reads rows as far as the page
// needs them.
func list[T, S any](c *operation.Call, l listing[T, S]) (operation.Page[S], error) {
	wanted, err := l.filters.predicate(l.wanted)
	if err != nil {
		return operation.Page[S]{}, err
	}
	after, err := afterToken(l.op, l.nextToken)
	if err != nil {
		return operation.Page[S]{}, err
	}
	rows := each(l.rows(after))
	if len(l.wanted) > 0 { // else no row need be decoded that is not listed
		rows = filterRows(rows, wanted)
	}
	if l.group != nil {
		rows = newestOf(rows, l.group)
	}
	return operation.Paginate(l.op, limitOf(l.maxResults), func(yield func(operation.Keyed[S], error) bool) {
		for r, err := range rows {
			if err != nil {
				yield(operation.Keyed[S]{}, err)
				return
			}
			v, err := operation.Decode[T](r.Item)
			if err != nil {
				yield(operation.Keyed[S]{}, err)
				return
			}
			item, err := l.view(r.Item, v)
			if !yield(operation.Keyed[S]{Key: r.Key, Item: item}, err) {
				return
			}
		}
	})
}

// limitOf is how many items a page has.
func limitOf(maxResults *int) int {
	if maxResults == nil {
		return pageSize
	}
	return *maxResults
}

// afterToken is operation.AfterToken with this service's error.
func afterToken(op string, token *string) (string, error) {
	after, err := operation.AfterToken(op, token)
	if errors.Is(err, operation.ErrPageToken) {
		return "", errInvalidPaginationToken("The value of 'nextToken' is not a token that this operation returned.")
	}
	return after, err
}

// pageOf is a page of a list that is short enough to be made whole for each page, and to
// which nothing is added but at its end.
func pageOf[T any](op string, maxResults *int, nextToken *string, all []T) (operation.Page[T], error) {
	after, err := afterToken(op, nextToken)
	if err != nil {
		return operation.Page[T]{}, err
	}
	return operation.Paginate(op, limitOf(maxResults), func(yield func(operation.Keyed[T], error) bool) {
		for i, item := range all {
			if key := fmt.Sprintf("%06d", i); key > after && !yield(operation.Keyed[T]{Key: key, Item: item}, nil) {
				return
			}
		}
	})
}

// each gives every row its ARN for a key.
func each(rows iter.Seq2[store.Resource, error]) iter.Seq2[operation.Keyed[store.Resource], error] {
	return func(yield func(operation.Keyed[store.Resource], error) bool) {
		for r, err := range rows {
			if !yield(operation.Keyed[store.Resource]{Key: r.ARN, Item: r}, err) {
				return
			}
		}
	}
}

// filterRows leaves the rows that pass a test of the shape that is kept.
func filterRows[T any](rows iter.Seq2[operation.Keyed[store.Resource], error], wanted func(*T) bool) iter.Seq2[operation.Keyed[store.Resource], error] {
	return func(yield func(operation.Keyed[store.Resource], error) bool) {
		for r, err := range rows {
			if err != nil {
				yield(r, err)
				return
			}
			v, err := operation.Decode[T](r.Item)
			if err == nil && !wanted(v) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// newestOf leaves of each group the row of the newest version and build. The
// rows of a group are neighbours; its key sorts after all of them, also after
// those that are made while a client walks through the pages.
func newestOf(rows iter.Seq2[operation.Keyed[store.Resource], error], group func(name) string) iter.Seq2[operation.Keyed[store.Resource], error] {
	return func(yield func(operation.Keyed[store.Resource], error) bool) {
		var (
			best     operation.Keyed[store.Resource]
			bestName name
		)
		for r, err := range rows {
			if err != nil {
				yield(r, err)
				return
			}
			n, err := parseName(r.Item.ARN)
			if err != nil {
				yield(r, err)
				return
			}
			key := group(n) + "~"
			switch {
			case key != best.Key:
				if best.Key != "" && !yield(best, nil) {
					return
				}
			case compareNames(n, bestName) < 0:
				continue
			}
			best, bestName = operation.Keyed[store.Resource]{Key: key, Item: r.Item}, n
		}
		if best.Key != "" {
			yield(best, nil)
		}
	}
}

// versionOrName is how ListImages and ListComponents group builds: by version,
// or with byName by name. A group is what the ARNs in it begin with.
func versionOrName(byName *bool) func(name) string {
	if byName != nil && *byName {
		return func(n name) string { return n.prefix() + n.Slug + "/" }
	}
	return func(n name) string { return n.withVersion(n.Version).String() + "/" }
}

// predicate makes the test that an item passes which has, for every filter asked
// for, one of its values. A filter that the list does not offer is an error.
func (f filters[T]) predicate(wanted []Filter) (func(*T) bool, error) {
	for _, w := range wanted {
		if w.Name == nil {
			return nil, notValid("filters", "A filter must have a name.")
		}
		if f[*w.Name] == nil {
			return nil, notValid("filters", "There is no filter named '"+*w.Name+"'.")
		}
	}
	return func(v *T) bool {
		for _, w := range wanted {
			has := f[*w.Name](v)
			if !slices.ContainsFunc(w.Values, func(value string) bool { return slices.Contains(has, value) }) {
				return false
			}
		}
		return true
	}, nil
}

// value is the one value of an item for a filter, or none.
func value[S ~string](v *S) []string {
	if v == nil {
		return nil
	}
	return []string{string(*v)}
}

// ownResources yields the caller's own resources of a type.
func ownResources(c *operation.Call, typ string) func(after string) iter.Seq2[store.Resource, error] {
	return func(after string) iter.Seq2[store.Resource, error] {
		return rows(c, newName(c, typ, "", "").prefix(), after)
	}
}

// resourcesOf yields the resources of a type by their owner, Self if none is given.
// Nothing comes from third parties or from the marketplace.
func resourcesOf(c *operation.Call, owner *Ownership, typ string) func(after string) iter.Seq2[store.Resource, error] {
	if owner == nil {
		return ownResources(c, typ)
	}
	switch *owner {
	case OwnershipSelf:
		return ownResources(c, typ)
	case OwnershipShared:
		return sharedWith(c, typ)
	case OwnershipAmazon:
		return func(after string) iter.Seq2[store.Resource, error] {
			n := newName(c, typ, "", "")
			n.Account = amazon
			return rows(c, n.prefix(), after)
		}
	}
	return noResources
}

// sharedWith yields the resources of a type that other accounts share with the
// caller. A policy gives access by ARN but makes nothing discoverable: that is
// what shares of RAM do.
func sharedWith(c *operation.Call, typ string) func(after string) iter.Seq2[store.Resource, error] {
	return func(after string) iter.Seq2[store.Resource, error] {
		return func(yield func(store.Resource, error) bool) {
			for arn, err := range sharing.SharedWith(c, sharedTypes[typ], after) {
				var r store.Resource
				if err == nil {
					r, err = c.Tx.Resource(arn)
				}
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// sharedTypes are the types that can be shared, as RAM calls them.
var sharedTypes = map[string]string{
	componentType:       "imagebuilder:Component",
	imageType:           "imagebuilder:Image",
	imageRecipeType:     "imagebuilder:ImageRecipe",
	containerRecipeType: "imagebuilder:ContainerRecipe",
}

func noResources(string) iter.Seq2[store.Resource, error] {
	return func(func(store.Resource, error) bool) {}
}

// buildsOf yields the builds of a version, which may have wildcards, or all of the caller's
// own. A version without builds has none to list, which is no error.
func buildsOf(c *operation.Call, version *string, typ string) func(after string) iter.Seq2[store.Resource, error] {
	if version == nil {
		return ownResources(c, typ)
	}
	n, err := parseName(*version)
	if err != nil || !isLocal(c, n) {
		return noResources
	}
	v, err := parseVersion(n.Version)
	if err != nil || !v.hasWildcard() {
		return func(after string) iter.Seq2[store.Resource, error] { return rows(c, *version+"/", after) }
	}
	return func(after string) iter.Seq2[store.Resource, error] {
		return func(yield func(store.Resource, error) bool) {
			for r, err := range rows(c, commonPrefix(n), after) {
				build, nameErr := parseName(r.ARN)
				w, versionErr := parseVersion(build.Version)
				if err = errors.Join(err, nameErr, versionErr); err == nil && !v.covers(w) {
					continue
				}
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// referringTo yields the resources that refer to the one at arn.
func referringTo(c *operation.Call, arn string) func(after string) iter.Seq2[store.Resource, error] {
	return func(after string) iter.Seq2[store.Resource, error] {
		return func(yield func(store.Resource, error) bool) {
			users, err := c.Tx.ReferencedBy(arn, 0)
			if err != nil {
				yield(store.Resource{}, err)
				return
			}
			for _, user := range users {
				if user <= after {
					continue
				}
				r, err := c.Tx.Resource(user)
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}
