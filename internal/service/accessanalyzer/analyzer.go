package accessanalyzer

import (
	"errors"
	"iter"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy/analyze"
)

// analyzer is the stored state of an analyzer.
type analyzer struct {
	ARN, Name string
	Type      Type
	CreatedAt time.Time

	// For an analyzer of unused access.
	Age        int                    // in days
	Exclusions []AnalysisRuleCriteria `json:",omitempty"` // of users and roles
}

// maxAnalyzers is the largest number of analyzers of a type in an account and region.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html
const maxAnalyzers = 1

func (s *accessAnalyzer) newAnalyzer(c *operation.Call, in *CreateAnalyzerInput) (authz.Target, error) {
	tags := in.Tags
	if tags == nil {
		tags = map[string]string{}
	}
	return authz.Target{ARN: analyzerARN(c, in.AnalyzerName), RequestTags: tags}, nil
}

func (s *accessAnalyzer) createAnalyzer(c *operation.Call, in *CreateAnalyzerInput) (*CreateAnalyzerOutput, error) {
	arn := analyzerARN(c, in.AnalyzerName)
	a := analyzer{ARN: arn, Name: in.AnalyzerName, Type: in.Type, CreatedAt: c.Now}
	if err := a.configure(in.Configuration); err != nil {
		return nil, err
	}
	for a, err := range analyzers(c, "") {
		if err != nil {
			return nil, err
		}
		if a.ARN != arn && a.Type == in.Type {
			return nil, tooMany("AWS::AccessAnalyzer::Analyzer", in.AnalyzerName, maxAnalyzers)
		}
	}
	if a.ofOrganization() {
		m, err := identity.MembershipOf(c.Tx, c.Account())
		if err != nil {
			return nil, err
		}
		if m.ManagementAccount != c.Account() {
			return nil, notValid("type", "Only the management account of an organization can create an analyzer for it.")
		}
	}
	r, err := operation.Record(c, store.Resource{ARN: arn, Service: api.Name, Type: analyzerType, Account: c.Account(), Region: c.Region, Name: in.AnalyzerName}, a)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.InsertResource(r); errors.Is(err, store.ErrExists) {
		return nil, exists("Analyzer", in.AnalyzerName)
	} else if err != nil {
		return nil, err
	}
	if len(in.Tags) > 0 {
		if err := operation.SetTags(c, arn, in.Tags, errValidation); err != nil {
			return nil, err
		}
	}
	for _, rule := range in.ArchiveRules {
		if err := insertRule(c, arn, rule.RuleName, rule.Filter); err != nil {
			return nil, err
		}
	}
	return &CreateAnalyzerOutput{ARN: &arn}, nil
}

// ofOrganization reports whether the analyzer covers all accounts of an organization.
func (a *analyzer) ofOrganization() bool {
	return a.Type == TypeOrganization || a.Type == TypeOrganizationUnusedAccess
}

// readAnalyzer reads the analyzer at an ARN.
func readAnalyzer(c *operation.Call, arn string) (*analyzer, error) {
	r, err := c.Tx.Resource(arn)
	if errors.Is(err, store.ErrNotFound) || err == nil && (r.Type != analyzerType || r.Service != api.Name) {
		return nil, notFound("Analyzer", arn)
	}
	if err != nil {
		return nil, err
	}
	return operation.Decode[analyzer](r)
}

// analyzers yields the caller's analyzers in the region, sorted by name.
func analyzers(c *operation.Call, after string) iter.Seq2[*analyzer, error] {
	return func(yield func(*analyzer, error) bool) {
		for r, err := range c.Tx.Resources(store.Query{Service: api.Name, Type: analyzerType, Account: c.Account(), Prefix: analyzerPrefix(c), After: after}) {
			var a *analyzer
			if err == nil {
				a, err = operation.Decode[analyzer](r)
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

func (a *analyzer) summary(c *operation.Call) (AnalyzerSummary, error) {
	tags, err := c.Tx.Tags(a.ARN)
	if tags == nil {
		tags = map[string]string{}
	}
	summary := AnalyzerSummary{ARN: a.ARN, Name: a.Name, Type: a.Type, CreatedAt: a.CreatedAt, Status: AnalyzerStatusActive, Tags: tags}
	summary.Configuration = a.configuration()
	return summary, err
}

// zone returns the analyzer's zone of trust: the account, or the organization with all its accounts.
func (a *analyzer) zone(c *operation.Call) (*analyze.Zone, error) {
	account := accountOf(a.ARN)
	zone := &analyze.Zone{Accounts: []string{account}}
	if !a.ofOrganization() {
		return zone, nil
	}
	m, err := identity.MembershipOf(c.Tx, account)
	if err != nil || m.OrganizationID == "" {
		return zone, err
	}
	zone.Organizations = []string{m.OrganizationID}
	zone.Accounts, err = members(c, m)
	return zone, err
}

// members returns the accounts of an organization.
func members(c *operation.Call, m identity.Membership) ([]string, error) {
	o, err := identity.ReadOrganization(c.Tx, m.ManagementAccount)
	if err != nil {
		return nil, err
	}
	accounts := []string{}
	for n, err := range identity.Nodes(c.Tx, o.Organization, identity.AccountNode, "") {
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, n.ID)
	}
	return accounts, nil
}

func (s *accessAnalyzer) getAnalyzer(c *operation.Call, in *GetAnalyzerInput) (*GetAnalyzerOutput, error) {
	a, err := readAnalyzer(c, analyzerARN(c, in.AnalyzerName))
	if err != nil {
		return nil, err
	}
	summary, err := a.summary(c)
	return &GetAnalyzerOutput{Analyzer: &summary}, err
}

func (s *accessAnalyzer) listAnalyzers(c *operation.Call, in *ListAnalyzersInput) (*ListAnalyzersOutput, error) {
	var list []AnalyzerSummary
	for a, err := range analyzers(c, "") {
		if err != nil {
			return nil, err
		}
		if in.Type != nil && a.Type != *in.Type {
			continue
		}
		summary, err := a.summary(c)
		if err != nil {
			return nil, err
		}
		list = append(list, summary)
	}
	page, err := paginate("ListAnalyzers", in.MaxResults, in.NextToken, keyed(list, func(a AnalyzerSummary) string { return a.ARN }))
	return &ListAnalyzersOutput{Analyzers: page.Items, NextToken: page.Next}, err
}

func (s *accessAnalyzer) deleteAnalyzer(c *operation.Call, in *DeleteAnalyzerInput) (*DeleteAnalyzerOutput, error) {
	a, err := readAnalyzer(c, analyzerARN(c, in.AnalyzerName))
	if err != nil {
		return nil, err
	}
	var below []string
	for r, err := range c.Tx.Resources(store.Query{Prefix: a.ARN + "/"}) {
		if err != nil {
			return nil, err
		}
		below = append(below, r.ARN)
	}
	for _, arn := range append(below, a.ARN) {
		if err := c.Tx.DeleteResource(arn); err != nil {
			return nil, err
		}
	}
	return &DeleteAnalyzerOutput{}, nil
}
