package ssm

import (
	"errors"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// The keys of filters, but for the tags, whose keys begin with tagFilter.
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
	values      []string // of which one must match; of a tag, none stands for any
}

// parseFilters checks the filters of a request. valid are the keys that the
// operation takes, as its error names them; more are those that it does not name.
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

// check reports an option or a value that a filter of this kind has not. Names may also
// contain a text, which the error does not tell.
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

// checkPathFilter returns checkPath for a filter, which does not lead to AWS's own parameters.
func checkPathFilter(path string) error {
	lower := strings.ToLower(path)
	if strings.HasPrefix(lower, "/aws") || strings.HasPrefix(lower, "/ssm") {
		return notValid(`Filters for common parameters can't be prefixed with "aws" or "ssm" (case-insensitive).`)
	}
	return checkPath(path)
}

// matches reports whether a parameter is selected. Labels select versions, and
// are not its business.
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
	case nameFilter: // with or without the slash it begins with
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

// matchesTag reports whether a parameter has the tag. The tags of another account
// are not the caller's to ask for.
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

// selects reports whether a parameter is selected by all filters.
func selects(c *operation.Call, filters []filter, p *parameter) (bool, error) {
	for _, f := range filters {
		if match, err := f.matches(c, p); err != nil || !match {
			return false, err
		}
	}
	return true, nil
}

// isBelow reports whether a name is in the hierarchy of a path: right in it, or
// recursively anywhere below. Names without a hierarchy are in that of "/".
func isBelow(name, path string, recursive bool) bool {
	rest, found := strings.CutPrefix(strings.TrimPrefix(name, "/"), pathPrefix(path))
	return found && (recursive || !strings.Contains(rest, "/"))
}

// pathPrefix begins the names in the hierarchy of a path, their first slash left
// out as in ARNs.
func pathPrefix(path string) string {
	if path = strings.Trim(path, "/"); path != "" {
		path += "/"
	}
	return path
}

// afterToken returns operation.AfterToken with the error of this service.
func afterToken(op string, token *string) (string, error) {
	after, err := operation.AfterToken(op, token)
	if errors.Is(err, operation.ErrPageToken) {
		err = errInvalidNextToken("%s", textNextToken)
	}
	return after, err
}
