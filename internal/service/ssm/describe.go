package ssm

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// sharedType is RAM's resource type for a parameter.
const sharedType = "ssm:Parameter"

// describeParameters describes the caller's own parameters, or those that others share with the caller,
// without their values.
func (s ssm) describeParameters(c *operation.Call, in *DescribeParametersInput) (*DescribeParametersOutput, error) {
	filters, err := describeFilters(in)
	if err != nil {
		return nil, err
	}
	after, err := afterToken(apiDescribeParameters.Name, in.NextToken)
	if err != nil {
		return nil, err
	}
	candidates := ownCandidates(c, filters, after)
	if isSet(in.Shared) {
		candidates = sharedParameters(c, after)
	}
	limit := maxHistory
	set(&limit, in.MaxResults)
	page, err := operation.Paginate(apiDescribeParameters.Name, limit, matching(candidates, func(p *parameter) (bool, error) {
		return matchesAll(c, filters, p)
	}))
	if err != nil {
		return nil, err
	}
	out := &DescribeParametersOutput{Parameters: []ParameterMetadata{}, NextToken: page.Next}
	for _, p := range page.Items {
		out.Parameters = append(out.Parameters, ParameterMetadata{
			Name: &p.row.Name, ARN: &p.row.ARN, Type: &p.Type, KeyID: optional(p.KeyID), LastModifiedDate: timestamp(p.ModifiedAt),
			LastModifiedUser: &p.ModifiedBy, Description: optional(p.Description), AllowedPattern: optional(p.AllowedPattern),
			Version: &p.Number, Tier: &p.Tier, Policies: p.inlinePolicies(c.Now), DataType: &p.DataType,
		})
	}
	return out, nil
}

// describeFilters returns the filters of a request, in their current or their old form.
func describeFilters(in *DescribeParametersInput) ([]filter, error) {
	if len(in.Filters) > 0 && len(in.ParameterFilters) > 0 {
		return nil, notValid("You can use either Filters or ParameterFilters in a single request.")
	}
	list := in.ParameterFilters
	for _, f := range in.Filters {
		list = append(list, ParameterStringFilter{Key: string(f.Key), Values: f.Values})
	}
	return parseFilters(list, []string{pathFilter, nameFilter, typeFilter, keyFilter, tierFilter}, dataTypeFilter, tagFilter)
}

// ownCandidates yields the caller's parameters, ordered by ARN: at least those that the filters select, and
// few more if the filters contain names. Parameters selected by full name are read individually, for clients
// that look them up one by one.
func ownCandidates(c *operation.Call, filters []filter, after string) iter.Seq2[*parameter, error] {
	prefix := ""
	for _, f := range filters {
		switch {
		case f.key == nameFilter && f.option == equals:
			return namedParameters(c, f.values, after)
		case len(f.values) != 1:
		case f.key == nameFilter && f.option == beginsWith:
			prefix = strings.TrimPrefix(f.values[0], "/")
		case f.key == pathFilter:
			prefix = pathPrefix(f.values[0])
		}
	}
	return ownParameters(c, prefix, after)
}

// namedParameters yields the caller's parameters with the given names, ordered by ARN.
func namedParameters(c *operation.Call, names []string, after string) iter.Seq2[*parameter, error] {
	var arns []string
	for _, name := range names {
		arns = append(arns, ownARN(c, name))
	}
	slices.Sort(arns)
	return readAll(c, func(yield func(string, error) bool) {
		for _, arn := range slices.Compact(arns) {
			if arn > after && !yield(arn, nil) {
				return
			}
		}
	})
}

// sharedParameters yields the parameters that others share with the caller, ordered by ARN.
func sharedParameters(c *operation.Call, after string) iter.Seq2[*parameter, error] {
	return readAll(c, sharing.SharedWith(c, sharedType, after))
}

// readAll yields the existing parameters at the ARNs.
func readAll(c *operation.Call, arns iter.Seq2[string, error]) iter.Seq2[*parameter, error] {
	return func(yield func(*parameter, error) bool) {
		for arn, err := range arns {
			var p *parameter
			if err == nil {
				p, err = readParameter(c, arn)
			}
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}
