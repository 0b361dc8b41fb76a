package ssm

import (
	"iter"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// maxByPath is the largest number of parameters on a page of a hierarchy.
const maxByPath = 10

// pathTarget returns the target of GetParametersByPath: only the path. AWS documents that a principal with
// access to a path has access to everything below it, even to parameters that a policy denies by name.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
func pathTarget(c *operation.Call, in *GetParametersByPathInput) (authz.Target, error) {
	t := authz.Target{ARN: ownARN(c, in.Path), Keys: map[string][]string{
		"ssm:Recursive": {strconv.FormatBool(isSet(in.Recursive))},
	}}
	if isPublic(in.Path) {
		t.ARN = publicARN(c, in.Path)
	}
	return t, nil
}

// getParametersByPath returns the caller's own parameters, or public ones: no path selects those of another
// account.
func (s ssm) getParametersByPath(c *operation.Call, in *GetParametersByPathInput) (*GetParametersByPathOutput, error) {
	if err := checkPath(in.Path); err != nil {
		return nil, err
	}
	filters, err := parseFilters(in.ParameterFilters, []string{typeFilter, keyFilter}, labelFilter)
	if err != nil {
		return nil, err
	}
	after, err := afterToken(apiGetParametersByPath.Name, in.NextToken)
	if err != nil {
		return nil, err
	}
	limit := maxByPath
	set(&limit, in.MaxResults)
	below := ownParameters(c, pathPrefix(in.Path), after)
	if isPublic(in.Path) {
		below = publicParameters(c, after)
	}
	page, err := operation.Paginate(apiGetParametersByPath.Name, limit, matching(below, func(p *parameter) (bool, error) {
		if !isBelow(p.name(), in.Path, isSet(in.Recursive)) {
			return false, nil
		}
		v, found, err := p.findVersion(c, p.versionByLabel(filters))
		if err != nil || !found {
			return false, err
		}
		selected := *p
		selected.version = *v
		return matchesAll(c, filters, &selected)
	}))
	if err != nil {
		return nil, err
	}
	out := &GetParametersByPathOutput{Parameters: []Parameter{}, NextToken: page.Next}
	for _, p := range page.Items {
		v, _, err := p.findVersion(c, p.versionByLabel(filters))
		if err != nil {
			return nil, err
		}
		answer, err := p.output(c, v, in.WithDecryption)
		if err != nil {
			return nil, err
		}
		out.Parameters = append(out.Parameters, *answer)
	}
	return out, nil
}

// ownParameters yields the caller's parameters that have not expired, ordered by ARN, starting after the
// given one. prefix is the beginning of their names, without the leading slash.
func ownParameters(c *operation.Call, prefix, after string) iter.Seq2[*parameter, error] {
	return func(yield func(*parameter, error) bool) {
		for r, err := range c.Tx.Resources(store.Query{
			Service: api.Name, Type: parameterType, Account: c.Account(), Prefix: parameters(c) + prefix, After: after,
		}) {
			var p *parameter
			if err == nil {
				p, err = decodeParameter(r)
			}
			if err == nil && p.expired(c.Now) {
				continue
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// matching yields the parameters that match, with the keys that order them.
func matching(list iter.Seq2[*parameter, error], match func(*parameter) (bool, error)) iter.Seq2[operation.Keyed[*parameter], error] {
	return func(yield func(operation.Keyed[*parameter], error) bool) {
		for p, err := range list {
			matches := false
			if err == nil {
				matches, err = match(p)
			}
			if err != nil {
				yield(operation.Keyed[*parameter]{}, err)
				return
			}
			if matches && !yield(operation.Keyed[*parameter]{Key: p.arn(), Item: p}, nil) {
				return
			}
		}
	}
}

// versionByLabel returns the version of a parameter that filters select by label: the current one without a
// label filter, 0 if no version has the label.
func (p *parameter) versionByLabel(filters []filter) int64 {
	number := p.Number
	for _, f := range filters {
		if f.key != labelFilter {
			continue
		}
		number = 0
		for _, label := range f.values {
			if at := p.Labels[strings.TrimPrefix(label, ":")]; at > number {
				number = at
			}
		}
	}
	return number
}
