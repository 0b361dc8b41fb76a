package ssm

import (
	"errors"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// The filter keys, except for tags, whose keys begin with tagFilter.
const (
	pathFilter     = "Path"
	nameFilter     = "Name"
	typeFilter     = "Type"
	keyFilter      = "KeyId"
	tierFilter     = "Tier"
	dataTypeFilter = "DataType"
	labelFilter    = "Label"
	tagFilter      = "tag:"
)

// The options of filters.
const (
	equals     = "Equals"
	beginsWith = "BeginsWith"
	contains   = "Contains"
	recursive  = "Recursive"
	oneLevel   = "OneLevel"
)

// filter selects parameters by one of their properties.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
type filter struct {
	key, option string
	values      []string // one of them must match; for a tag, an empty list matches any value
}

// parseFilters checks the filters of a request. valid are the keys that the operation accepts and its error
// message lists; more are accepted keys that the message does not list.
func parseFilters(list []ParameterStringFilter, valid []string, more ...string) ([]filter, error) {
	var filters []filter
	for _, in := range list {
		f := filter{in.Key, equals, in.Values}
		if f.key == pathFilter {
			f.option = oneLevel
		}
		set(&f.option, in.Option)
		kind := f.key
		if strings.HasPrefix(kind, tagFilter) {
			kind = tagFilter
		}
		switch {
		case !slices.Contains(valid, kind) && !slices.Contains(more, kind):
			return nil, errInvalidFilterKey("The following filter key is not valid: %s. Valid filter keys include: [%s].", f.key, strings.Join(valid, ", "))
		case slices.ContainsFunc(filters, func(other filter) bool { return other.key == f.key }):
			return nil, errInvalidFilterKey("The following filter is duplicated in the request: %s. A request can contain only one occurrence of a specific filter.", f.key)
		case len(f.values) == 0 && kind != tagFilter:
			return nil, errInvalidFilterValue("The following filter values are missing : null for filter key %s.", f.key)
		}
		if err := f.check(kind); err != nil {
			return nil, err
		}
		filters = append(filters, f)
	}
	return filters, nil
}

// check returns an error for an option or a value that the kind of filter does not support. Name filters also
// support Contains, which the error does not list.
func (f filter) check(kind string) error {
	options := []string{beginsWith, equals}
	var values []string
	switch kind {
	case pathFilter:
		options = []string{recursive, oneLevel}
	case labelFilter:
		options = []string{equals}
	case typeFilter:
		values = []string{string(ParameterTypeString), string(ParameterTypeStringList), string(ParameterTypeSecureString)}
	case tierFilter:
		values = []string{string(ParameterTierStandard), string(ParameterTierAdvanced), string(ParameterTierIntelligentTiering)}
	}
	if !slices.Contains(options, f.option) && (kind != nameFilter || f.option != contains) {
		return errInvalidFilterOption("The following filter option is not valid: %s. Valid options include: [%s].", f.option, strings.Join(options, ", "))
	}
	for _, value := range f.values {
		if kind == pathFilter {
			if err := checkPathFilter(value); err != nil {
				return err
			}
		}
		if values != nil && f.option == equals && !slices.Contains(values, value) {
			return errInvalidFilterOption("The following filter value is not valid: %s. Valid values include: [%s].", value, strings.Join(values, ", "))
		}
	}
	return nil
}

// checkPathFilter is checkPath for a filter, which does not select AWS's own parameters.
func checkPathFilter(path string) error {
	lower := strings.ToLower(path)
	if strings.HasPrefix(lower, "/aws") || strings.HasPrefix(lower, "/ssm") {
		return notValid(`Filters for common parameters can't be prefixed with "aws" or "ssm" (case-insensitive).`)
	}
	return checkPath(path)
}

// matches reports whether a parameter is selected. Labels select versions and are not considered here.
func (f filter) matches(c *operation.Call, p *parameter) (bool, error) {
	if key, found := strings.CutPrefix(f.key, tagFilter); found {
		return f.matchesTag(c, p, key)
	}
	have, want := "", f.values
	switch f.key {
	case labelFilter:
		return true, nil
	case pathFilter:
		return slices.ContainsFunc(want, func(path string) bool { return isBelow(p.name(), path, f.option == recursive) }), nil
	case nameFilter: // with or without the leading slash
		if have = p.name(); f.option != contains {
			have = strings.TrimPrefix(have, "/")
			want = slices.Clone(want)
			for i := range want {
				want[i] = strings.TrimPrefix(want[i], "/")
			}
		}
	case typeFilter:
		have = string(p.Type)
	case keyFilter:
		have = p.KeyID
	case tierFilter:
		have = string(p.Tier)
	case dataTypeFilter:
		have = p.DataType
	}
	return slices.ContainsFunc(want, func(value string) bool {
		switch f.option {
		case beginsWith:
			return strings.HasPrefix(have, value)
		case contains:
			return strings.Contains(have, value)
		}
		return have == value
	}), nil
}

// matchesTag reports whether a parameter has the tag. The caller may not query the tags of another account.
func (f filter) matchesTag(c *operation.Call, p *parameter, key string) (bool, error) {
	if p.row.Account != c.Account() {
		return false, nil
	}
	tags, err := c.Tx.Tags(p.arn())
	have, found := tags[key]
	return found && (len(f.values) == 0 || slices.ContainsFunc(f.values, func(value string) bool {
		return have == value || f.option == beginsWith && strings.HasPrefix(have, value)
	})), err
}

// matchesAll reports whether all filters select a parameter.
func matchesAll(c *operation.Call, filters []filter, p *parameter) (bool, error) {
	for _, f := range filters {
		if match, err := f.matches(c, p); err != nil || !match {
			return false, err
		}
	}
	return true, nil
}

// isBelow reports whether a name is in the hierarchy of a path: directly, or with recursive anywhere below.
// Names without a hierarchy belong to "/".
func isBelow(name, path string, recursive bool) bool {
	rest, found := strings.CutPrefix(strings.TrimPrefix(name, "/"), pathPrefix(path))
	return found && (recursive || !strings.Contains(rest, "/"))
}

// pathPrefix returns the prefix of names in the hierarchy of a path, without the leading slash as in ARNs.
func pathPrefix(path string) string {
	if path = strings.Trim(path, "/"); path != "" {
		path += "/"
	}
	return path
}

// afterToken is operation.AfterToken with the error of this service.
func afterToken(op string, token *string) (string, error) {
	after, err := operation.AfterToken(op, token)
	if errors.Is(err, operation.ErrPageToken) {
		err = errInvalidNextToken("%s", textNextToken)
	}
	return after, err
}
