package accessanalyzer

import (
	"errors"
	"slices"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// rule is the stored state of an archive rule.
type rule struct {
	Name                 string
	Filter               map[string]Criterion
	CreatedAt, UpdatedAt time.Time
	// AppliedAt is the time at which the rule was last applied to existing findings.
	AppliedAt time.Time
}

// maxRules is the largest number of archive rules of an analyzer.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html
const maxRules = 100

func insertRule(c *operation.Call, analyzer, name string, filter map[string]Criterion) error {
	if err := checkFilter(filter); err != nil {
		return err
	}
	known, err := rulesOf(c, analyzer)
	if err != nil {
		return err
	}
	if len(known) >= maxRules {
		return tooMany("AWS::AccessAnalyzer::ArchiveRule", name, maxRules)
	}
	r, err := operation.Record(c, store.Resource{
		ARN: ruleARN(analyzer, name), Service: api.Name, Type: ruleType, Account: accountOf(analyzer), Region: c.Region, Name: name,
	}, rule{Name: name, Filter: filter, CreatedAt: c.Now, UpdatedAt: c.Now})
	if err != nil {
		return err
	}
	if err := c.Tx.InsertResource(r); errors.Is(err, store.ErrExists) {
		return exists("ArchiveRule", name)
	} else if err != nil {
		return err
	}
	return nil
}

// readRule reads a rule of an existing analyzer.
func readRule(c *operation.Call, analyzer, name string) (store.Resource, *rule, error) {
	if _, err := readAnalyzer(c, analyzer); err != nil {
		return store.Resource{}, nil, err
	}
	r, err := c.Tx.Resource(ruleARN(analyzer, name))
	if errors.Is(err, store.ErrNotFound) {
		return r, nil, notFound("ArchiveRule", name)
	}
	if err != nil {
		return r, nil, err
	}
	v, err := operation.Decode[rule](r)
	return r, v, err
}

// rulesOf returns the rules of an analyzer, sorted by name.
func rulesOf(c *operation.Call, analyzer string) ([]*rule, error) {
	var rules []*rule
	for r, err := range c.Tx.Resources(store.Query{Prefix: ruleARN(analyzer, "")}) {
		if err != nil {
			return nil, err
		}
		v, err := operation.Decode[rule](r)
		if err != nil {
			return nil, err
		}
		rules = append(rules, v)
	}
	return rules, nil
}

func (r *rule) summary() ArchiveRuleSummary {
	return ArchiveRuleSummary{RuleName: r.Name, Filter: r.Filter, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
}

// archives reports whether the rule archives a finding: one that is newer than the rule, or existed when the
// rule was applied.
func (r *rule) archives(f *finding) bool {
	since := !f.createdAt.Before(r.UpdatedAt)
	applied := !r.AppliedAt.IsZero() && !f.createdAt.After(r.AppliedAt)
	return (since || applied) && f.matches(r.Filter)
}

func (s *accessAnalyzer) createArchiveRule(c *operation.Call, in *CreateArchiveRuleInput) (*CreateArchiveRuleOutput, error) {
	a, err := readAnalyzer(c, analyzerARN(c, in.AnalyzerName))
	if err != nil {
		return nil, err
	}
	return &CreateArchiveRuleOutput{}, insertRule(c, a.ARN, in.RuleName, in.Filter)
}

func (s *accessAnalyzer) getArchiveRule(c *operation.Call, in *GetArchiveRuleInput) (*GetArchiveRuleOutput, error) {
	_, r, err := readRule(c, analyzerARN(c, in.AnalyzerName), in.RuleName)
	if err != nil {
		return nil, err
	}
	return &GetArchiveRuleOutput{ArchiveRule: new(r.summary())}, nil
}

func (s *accessAnalyzer) listArchiveRules(c *operation.Call, in *ListArchiveRulesInput) (*ListArchiveRulesOutput, error) {
	a, err := readAnalyzer(c, analyzerARN(c, in.AnalyzerName))
	if err != nil {
		return nil, err
	}
	rules, err := rulesOf(c, a.ARN)
	if err != nil {
		return nil, err
	}
	list := make([]ArchiveRuleSummary, len(rules))
	for i, r := range rules {
		list[i] = r.summary()
	}
	page, err := paginate("ListArchiveRules", in.MaxResults, in.NextToken, keyed(list, func(r ArchiveRuleSummary) string { return r.RuleName }))
	return &ListArchiveRulesOutput{ArchiveRules: page.Items, NextToken: page.Next}, err
}

func (s *accessAnalyzer) updateArchiveRule(c *operation.Call, in *UpdateArchiveRuleInput) (*UpdateArchiveRuleOutput, error) {
	if err := checkFilter(in.Filter); err != nil {
		return nil, err
	}
	row, r, err := readRule(c, analyzerARN(c, in.AnalyzerName), in.RuleName)
	if err != nil {
		return nil, err
	}
	r.Filter, r.UpdatedAt, r.AppliedAt = in.Filter, c.Now, time.Time{}
	return &UpdateArchiveRuleOutput{}, saveRule(c, row, r)
}

func saveRule(c *operation.Call, row store.Resource, r *rule) error {
	row, err := operation.Record(c, row, r)
	if err != nil {
		return err
	}
	return c.Tx.UpdateResource(row)
}

func (s *accessAnalyzer) deleteArchiveRule(c *operation.Call, in *DeleteArchiveRuleInput) (*DeleteArchiveRuleOutput, error) {
	row, _, err := readRule(c, analyzerARN(c, in.AnalyzerName), in.RuleName)
	if err != nil {
		return nil, err
	}
	return &DeleteArchiveRuleOutput{}, c.Tx.DeleteResource(row.ARN)
}

func (s *accessAnalyzer) applyArchiveRule(c *operation.Call, in *ApplyArchiveRuleInput) (*ApplyArchiveRuleOutput, error) {
	row, r, err := readRule(c, in.AnalyzerARN, in.RuleName)
	if err != nil {
		return nil, err
	}
	r.AppliedAt = c.Now
	return &ApplyArchiveRuleOutput{}, saveRule(c, row, r)
}

// filterKeys lists the filter keys of findings of external access.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html
var filterKeys = []string{
	"resource", "resourceType", "resourceOwnerAccount", "isPublic", "id", "status", "error", "findingType",
	"principal.AWS", "principal.Federated", "principal.CanonicalUser", "changeType", "existingFindingId", "existingFindingStatus",
	"condition.aws:PrincipalArn", "condition.aws:PrincipalOrgID", "condition.aws:PrincipalOrgPaths", "condition.aws:SourceArn",
	"condition.aws:SourceAccount", "condition.aws:SourceIp", "condition.aws:SourceVpc", "condition.aws:SourceVpce",
	"condition.aws:UserId", "condition.kms:CallerAccount", "condition.s3:DataAccessPointAccount", "condition.s3:DataAccessPointArn",
}

func checkFilter(filter map[string]Criterion) error {
	for key, criterion := range filter {
		if !slices.Contains(filterKeys, key) {
			return notValid("filter", "%s is not a filter key.", key)
		}
		if criterion.Eq == nil && criterion.Neq == nil && criterion.Contains == nil && criterion.Exists == nil {
			return notValid("filter", "The criterion of %s is empty.", key)
		}
	}
	return nil
}
