package accessanalyzer

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// findings yields the findings of an analyzer that match a filter, ordered by resource, starting after a key.
func (s *accessAnalyzer) findings(c *operation.Call, v *view, filter map[string]Criterion, after string) iter.Seq2[operation.Keyed[*finding], error] {
	if v.analyzer.isUnused() {
		return s.unusedAfter(c, v, filter, after)
	}
	return func(yield func(operation.Keyed[*finding], error) bool) {
		resource, id, _ := strings.Cut(after, "\n")
		if id != "" { // the page ended within a resource
			resource = before(resource)
		}
		for r, err := range subjects(c, v, resource) {
			var found []*finding
			if err == nil {
				found, err = s.findingsOf(c, v, r.Item)
			}
			if err != nil {
				yield(operation.Keyed[*finding]{}, err)
				return
			}
			for _, f := range found {
				key := r.Key + "\n" + f.id
				if key > after && f.matches(filter) && !yield(operation.Keyed[*finding]{Key: key, Item: f}, nil) {
					return
				}
			}
		}
	}
}

// unusedAfter yields the findings of unused access that match a filter.
func (s *accessAnalyzer) unusedAfter(c *operation.Call, v *view, filter map[string]Criterion, after string) iter.Seq2[operation.Keyed[*finding], error] {
	return func(yield func(operation.Keyed[*finding], error) bool) {
		found, err := s.unused(c, v)
		if err != nil {
			yield(operation.Keyed[*finding]{}, err)
			return
		}
		for _, f := range found {
			if f.id > after && f.matches(filter) && !yield(operation.Keyed[*finding]{Key: f.id, Item: f}, nil) {
				return
			}
		}
	}
}

// before returns a key that sorts directly before a key.
func before(key string) string { return key[:len(key)-1] + string(key[len(key)-1]-1) + "\U0010FFFF" }

// pageOf returns a page of findings. Sorted lists are computed completely.
func (s *accessAnalyzer) pageOf(c *operation.Call, op string, v *view, filter map[string]Criterion, sort *SortCriteria, max *int, token *string) (operation.Page[*finding], error) {
	if err := checkFilter(filter); err != nil {
		return operation.Page[*finding]{}, err
	}
	if sort == nil || sort.AttributeName == nil {
		return paginate(op, max, token, func(after string) iter.Seq2[operation.Keyed[*finding], error] { return s.findings(c, v, filter, after) })
	}
	less, ok := sortOrders[*sort.AttributeName]
	if !ok {
		return operation.Page[*finding]{}, notValid("sort", "Findings cannot be sorted by %s.", *sort.AttributeName)
	}
	var all []*finding
	for f, err := range s.findings(c, v, filter, "") {
		if err != nil {
			return operation.Page[*finding]{}, err
		}
		all = append(all, f.Item)
	}
	slices.SortFunc(all, func(a, b *finding) int {
		if sort.OrderBy != nil && *sort.OrderBy == OrderByDesc {
			a, b = b, a
		}
		return cmp.Or(less(a, b), strings.Compare(a.id, b.id))
	})
	position := map[*finding]string{}
	for i, f := range all {
		position[f] = number(i)
	}
	return paginate(op, max, token, keyed(all, func(f *finding) string { return position[f] }))
}

// number encodes a position in a list so that texts sort like positions.
func number(i int) string {
	text := "00000000"
	digits := []byte(text)
	for n := len(digits) - 1; i > 0 && n >= 0; n-- {
		digits[n] = byte('0' + i%10)
		i /= 10
	}
	return string(digits)
}

// sortOrders holds the attributes that findings can be sorted by.
var sortOrders = map[string]func(a, b *finding) int{
	"resource":             func(a, b *finding) int { return strings.Compare(a.resource.arn, b.resource.arn) },
	"resourceType":         func(a, b *finding) int { return cmp.Compare(a.resource.kind, b.resource.kind) },
	"resourceOwnerAccount": func(a, b *finding) int { return strings.Compare(a.resource.owner, b.resource.owner) },
	"status":               func(a, b *finding) int { return cmp.Compare(a.status, b.status) },
	"createdAt":            func(a, b *finding) int { return a.createdAt.Compare(b.createdAt) },
	"updatedAt":            func(a, b *finding) int { return a.updatedAt.Compare(b.updatedAt) },
}

func (s *accessAnalyzer) listFindings(c *operation.Call, in *ListFindingsInput) (*ListFindingsOutput, error) {
	v, err := s.externalView(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	page, err := s.pageOf(c, "ListFindings", v, in.Filter, in.Sort, in.MaxResults, in.NextToken)
	out := &ListFindingsOutput{Findings: []FindingSummary{}, NextToken: page.Next}
	for _, f := range page.Items {
		out.Findings = append(out.Findings, FindingSummary(f.api(c)))
	}
	return out, err
}

func (s *accessAnalyzer) listFindingsV2(c *operation.Call, in *ListFindingsV2Input) (*ListFindingsV2Output, error) {
	v, err := s.view(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	page, err := s.pageOf(c, "ListFindingsV2", v, in.Filter, in.Sort, in.MaxResults, in.NextToken)
	out := &ListFindingsV2Output{Findings: []FindingSummaryV2{}, NextToken: page.Next}
	for _, f := range page.Items {
		out.Findings = append(out.Findings, FindingSummaryV2{
			AnalyzedAt: c.Now, CreatedAt: f.createdAt, Error: f.errorMember(), ID: f.id, Resource: &f.resource.arn, ResourceType: f.resource.kind,
			ResourceOwnerAccount: f.resource.owner, Status: f.status, UpdatedAt: f.updatedAt, FindingType: new(f.findingType()),
		})
	}
	return out, err
}

// api returns the finding in the shape of the API.
func (f *finding) api(c *operation.Call) Finding {
	return Finding{
		ID: f.id, Principal: map[string]string{f.access.Principal[0]: f.access.Principal[1]}, Action: f.access.Actions, Resource: &f.resource.arn,
		IsPublic: &f.access.Public, ResourceType: f.resource.kind, Condition: f.access.Condition, CreatedAt: f.createdAt, AnalyzedAt: c.Now,
		UpdatedAt: f.updatedAt, Status: f.status, ResourceOwnerAccount: f.resource.owner, Error: f.errorMember(),
	}
}

// find returns the finding with an id.
func (s *accessAnalyzer) find(c *operation.Call, v *view, id string) (*finding, error) {
	for f, err := range s.findings(c, v, nil, "") {
		if err != nil || f.Item.id == id {
			return f.Item, err
		}
	}
	return nil, notFound("Finding", id)
}

func (s *accessAnalyzer) getFinding(c *operation.Call, in *GetFindingInput) (*GetFindingOutput, error) {
	v, err := s.externalView(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	f, err := s.find(c, v, in.ID)
	if err != nil {
		return nil, err
	}
	return &GetFindingOutput{Finding: new(f.api(c))}, nil
}

func (s *accessAnalyzer) getFindingV2(c *operation.Call, in *GetFindingV2Input) (*GetFindingV2Output, error) {
	v, err := s.view(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	f, err := s.find(c, v, in.ID)
	if err != nil {
		return nil, err
	}
	shown := f.api(c)
	return &GetFindingV2Output{
		AnalyzedAt: shown.AnalyzedAt, CreatedAt: shown.CreatedAt, Error: shown.Error, ID: shown.ID, Resource: shown.Resource, ResourceType: shown.ResourceType,
		ResourceOwnerAccount: shown.ResourceOwnerAccount, Status: shown.Status, UpdatedAt: shown.UpdatedAt, FindingType: new(f.findingType()), FindingDetails: f.allDetails(shown),
	}, nil
}

// allDetails returns the details of the finding, which shown contains in the shape of the first API version.
func (f *finding) allDetails(shown Finding) []FindingDetails {
	if f.kind != "" {
		return f.details
	}
	return []FindingDetails{{ExternalAccessDetails: &ExternalAccessDetails{
		Action: shown.Action, Condition: shown.Condition, IsPublic: shown.IsPublic, Principal: shown.Principal,
	}}}
}

func (s *accessAnalyzer) updateFindings(c *operation.Call, in *UpdateFindingsInput) (*UpdateFindingsOutput, error) {
	if (in.IDs == nil) == (in.ResourceARN == nil) {
		return nil, notValid("ids", "UpdateFindings requires either ids or a resourceArn.")
	}
	v, err := s.view(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	left := slices.Clone(in.IDs)
	for f, err := range s.findings(c, v, nil, "") {
		if err != nil {
			return nil, err
		}
		if in.ResourceARN != nil && f.Item.resource.arn != *in.ResourceARN || in.IDs != nil && !slices.Contains(left, f.Item.id) {
			continue
		}
		left = slices.DeleteFunc(left, func(id string) bool { return id == f.Item.id })
		if err := putStatus(c, v.analyzer, f.Item.id, FindingStatus(in.Status)); err != nil {
			return nil, err
		}
		if in.IDs != nil && len(left) == 0 {
			break
		}
	}
	if len(left) > 0 {
		return nil, notFound("Finding", left[0])
	}
	return &UpdateFindingsOutput{}, nil
}

// putStatus stores the status that a user sets on a finding.
func putStatus(c *operation.Call, a *analyzer, id string, status FindingStatus) error {
	r, err := operation.Record(c, store.Resource{
		ARN: statusARN(a.ARN, id), Service: api.Name, Type: statusType, Account: accountOf(a.ARN), Region: c.Region, Name: id,
	}, givenStatus{Status: status, UpdatedAt: c.Now})
	if err != nil {
		return err
	}
	return c.Tx.PutResource(r)
}

func (s *accessAnalyzer) listAnalyzedResources(c *operation.Call, in *ListAnalyzedResourcesInput) (*ListAnalyzedResourcesOutput, error) {
	v, err := s.externalView(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	page, err := paginate("ListAnalyzedResources", in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[AnalyzedResourceSummary], error] {
		return func(yield func(operation.Keyed[AnalyzedResourceSummary], error) bool) {
			for r, err := range subjects(c, v, after) {
				item := operation.Keyed[AnalyzedResourceSummary]{Key: r.Key}
				if err == nil {
					if in.ResourceType != nil && r.Item.kind != *in.ResourceType {
						continue
					}
					item.Item = AnalyzedResourceSummary{ResourceARN: r.Item.arn, ResourceOwnerAccount: r.Item.owner, ResourceType: r.Item.kind}
				}
				if !yield(item, err) {
					return
				}
			}
		}
	})
	return &ListAnalyzedResourcesOutput{AnalyzedResources: page.Items, NextToken: page.Next}, err
}

func (s *accessAnalyzer) getAnalyzedResource(c *operation.Call, in *GetAnalyzedResourceInput) (*GetAnalyzedResourceOutput, error) {
	v, err := s.externalView(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	r, err := findSubject(c, v, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	found, err := s.findingsOf(c, v, r)
	if err != nil {
		return nil, err
	}
	out := &AnalyzedResource{
		ResourceARN: r.arn, ResourceType: r.kind, CreatedAt: r.createdAt, AnalyzedAt: c.Now, UpdatedAt: r.updatedAt, ResourceOwnerAccount: r.owner,
	}
	for _, f := range found {
		out.IsPublic = out.IsPublic || f.access.Public
		for _, action := range f.access.Actions {
			if !slices.Contains(out.Actions, action) {
				out.Actions = append(out.Actions, action)
			}
		}
		if out.Status == nil || f.status == FindingStatusActive {
			out.Status = &f.status
		}
		if out.Error == nil {
			out.Error = f.errorMember()
		}
	}
	return &GetAnalyzedResourceOutput{Resource: out}, nil
}

// startResourceScan has no effect: findings are always current.
func (s *accessAnalyzer) startResourceScan(c *operation.Call, in *StartResourceScanInput) (*StartResourceScanOutput, error) {
	v, err := s.externalView(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	_, err = findSubject(c, v, in.ResourceARN)
	return &StartResourceScanOutput{}, err
}
