package ssm

import (
	"strconv"

	"github.com/writdev/writ/internal/operation"
)

// maxHistory is the largest number of versions on a page of a history, and of parameters on a page of
// descriptions.
const maxHistory = 50

// getParameterHistory returns the stored versions, oldest first. It does not support selectors: a name with
// one does not exist.
func (s ssm) getParameterHistory(c *operation.Call, in *GetParameterHistoryInput) (*GetParameterHistoryOutput, error) {
	first, err := firstVersion(in.NextToken)
	if err != nil {
		return nil, err
	}
	r := parseReference(c, in.Name)
	if r.selected {
		return nil, notFound(in.Name)
	}
	p, err := r.find(c)
	if err != nil {
		return nil, err
	}
	limit := maxHistory
	set(&limit, in.MaxResults)
	page, err := operation.Paginate(apiGetParameterHistory.Name, limit, func(yield func(operation.Keyed[*version], error) bool) {
		for v, err := range p.versions(c, first) {
			if err != nil {
				yield(operation.Keyed[*version]{}, err)
				return
			}
			if !yield(operation.Keyed[*version]{Key: strconv.FormatInt(v.Number, 10), Item: v}, nil) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := &GetParameterHistoryOutput{Parameters: []ParameterHistory{}, NextToken: page.Next}
	for _, v := range page.Items {
		value, err := p.value(c, v, in.WithDecryption)
		if err != nil {
			return nil, err
		}
		out.Parameters = append(out.Parameters, ParameterHistory{
			Name: &p.row.Name, Type: &v.Type, KeyID: optional(v.KeyID), LastModifiedDate: timestamp(v.ModifiedAt), LastModifiedUser: &v.ModifiedBy,
			Description: optional(v.Description), Value: value, AllowedPattern: optional(v.AllowedPattern), Version: &v.Number,
			Labels: p.labelsOf(v.Number), Tier: &v.Tier, Policies: v.inlinePolicies(c.Now), DataType: &v.DataType,
		})
	}
	return out, nil
}

// firstVersion returns the first version number of the page for a token.
func firstVersion(token *string) (int64, error) {
	after, err := afterToken(apiGetParameterHistory.Name, token)
	if err != nil || after == "" {
		return 0, err
	}
	number, err := strconv.ParseInt(after, 10, 62) // the successor must also be a valid number
	if err != nil {
		return 0, errInvalidNextToken("%s", textNextToken)
	}
	return number + 1, nil
}
