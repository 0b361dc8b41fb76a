package secretsmanager

import (
	"slices"
	"strings"
	"unicode"

	"github.com/writdev/writ/internal/secrets"
)

// filters holds the compiled filters of a list: a secret must satisfy each of them.
type filters []filter

// filter matches a secret that has one of its values, and none of those that begin with an exclamation mark.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html
type filter struct {
	key            FilterNameStringType
	wanted, banned []string
}

func compileFilters(list []Filter) (filters, error) {
	var all filters
	for _, f := range list {
		if f.Key == nil || len(f.Values) == 0 {
			return nil, errInvalidParameter("A filter needs a Key and Values.")
		}
		compiled := filter{key: *f.Key}
		for _, value := range f.Values {
			if banned, isBanned := strings.CutPrefix(value, "!"); isBanned {
				compiled.banned = append(compiled.banned, banned)
			} else {
				compiled.wanted = append(compiled.wanted, value)
			}
		}
		all = append(all, compiled)
	}
	return all, nil
}

func (all filters) match(s *secrets.Secret, tags map[string]string) bool {
	return !slices.ContainsFunc(all, func(f filter) bool { return !f.match(s, tags) })
}

func (f filter) match(s *secrets.Secret, tags map[string]string) bool {
	finds := func(value string) bool { return f.hasValue(s, tags, value) }
	return (len(f.wanted) == 0 || slices.ContainsFunc(f.wanted, finds)) && !slices.ContainsFunc(f.banned, finds)
}

// hasValue reports whether a secret has a value: as a prefix of its name, of a tag or of its primary region, or
// as words of its description, or of any of its attributes.
func (f filter) hasValue(s *secrets.Secret, tags map[string]string, value string) bool {
	var keys, values []string
	for key, value := range tags {
		keys, values = append(keys, key), append(values, value)
	}
	begins := func(text string) bool { return strings.HasPrefix(text, value) }
	switch f.key {
	case FilterNameStringTypeName:
		return begins(s.Name())
	case FilterNameStringTypeDescription:
		return hasWords(value, s.Description)
	case FilterNameStringTypeTagKey:
		return slices.ContainsFunc(keys, begins)
	case FilterNameStringTypeTagValue:
		return slices.ContainsFunc(values, begins)
	case FilterNameStringTypePrimaryRegion:
		return (s.Primary != "" || len(s.Replicas) > 0) && begins(s.PrimaryRegion())
	case FilterNameStringTypeAll:
		return hasWords(value, slices.Concat([]string{s.Name(), s.Description, s.PrimaryRegion()}, keys, values)...)
	}
	return false // secrets in Writ are never owned by another service
}

// hasWords reports whether each word of a value is a prefix of a word of the texts, ignoring case.
func hasWords(value string, texts ...string) bool {
	var known []string
	for _, text := range texts {
		known = append(known, words(text)...)
	}
	for _, word := range words(value) {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, word) }) {
			return false
		}
	}
	return true
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
