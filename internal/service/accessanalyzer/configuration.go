package accessanalyzer

import (
	"slices"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Limits of a configuration.
// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UnusedAccessConfiguration.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html
const (
	maxAge        = 365 // days
	maxExclusions = 100 // accounts, and sets of tags
)

// configure sets the configuration of an analyzer.
func (a *analyzer) configure(given *AnalyzerConfiguration) error {
	switch {
	case !a.isUnused() && given != nil:
		return notValid("configuration", "An analyzer of external access has no configuration.")
	case !a.isUnused():
		return nil
	}
	a.Age, a.Exclusions = defaultAge, nil
	if given == nil || given.UnusedAccess == nil {
		return nil
	}
	if age := given.UnusedAccess.UnusedAccessAge; age != nil {
		a.Age = *age
	}
	if a.Age < 1 || a.Age > maxAge {
		return notValid("configuration", "unusedAccessAge is from 1 to %d days.", maxAge)
	}
	if rule := given.UnusedAccess.AnalysisRule; rule != nil {
		a.Exclusions = rule.Exclusions
	}
	return a.checkExclusions()
}

func (a *analyzer) checkExclusions() error {
	accounts, tags := 0, 0
	for _, e := range a.Exclusions {
		accounts, tags = accounts+len(e.AccountIDs), tags+len(e.ResourceTags)
		for _, account := range e.AccountIDs {
			switch {
			case !arn.IsAccountID(account):
				return notValid("configuration", "accountIds: %s is not an account.", account)
			case !a.ofOrganization():
				return notValid("configuration", "accountIds excludes accounts of an organization, but the analyzer covers one account.")
			}
		}
	}
	if accounts > maxExclusions || tags > maxExclusions {
		return notValid("configuration", "An analyzer excludes at most %d accounts and %d sets of tags.", maxExclusions, maxExclusions)
	}
	return nil
}

// configuration returns the configuration in the API's shape, or nil if there is none.
func (a *analyzer) configuration() *AnalyzerConfiguration {
	if !a.isUnused() {
		return nil
	}
	unused := &UnusedAccessConfiguration{UnusedAccessAge: &a.Age}
	if len(a.Exclusions) > 0 {
		unused.AnalysisRule = &AnalysisRule{Exclusions: a.Exclusions}
	}
	return &AnalyzerConfiguration{UnusedAccess: unused}
}

// excludes reports whether the analyzer excludes a user or role, by account or by tags. The resource must
// have every tag of a set; an empty value matches any.
func (a *analyzer) excludes(tx *store.Tx, r store.Resource) (bool, error) {
	for _, e := range a.Exclusions {
		if slices.Contains(e.AccountIDs, r.Account) {
			return true, nil
		}
		if len(e.ResourceTags) == 0 {
			continue
		}
		has, err := tx.Tags(r.ARN)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(e.ResourceTags, func(set map[string]string) bool { return hasTags(has, set) }) {
			return true, nil
		}
	}
	return false, nil
}

func hasTags(has, set map[string]string) bool {
	for key, value := range set {
		if got, ok := has[key]; !ok || value != "" && got != value {
			return false
		}
	}
	return len(set) > 0
}

func (s *accessAnalyzer) updateAnalyzer(c *operation.Call, in *UpdateAnalyzerInput) (*UpdateAnalyzerOutput, error) {
	a, err := readAnalyzer(c, analyzerARN(c, in.AnalyzerName))
	if err != nil {
		return nil, err
	}
	if !a.isUnused() {
		return nil, notValid("analyzerName", "The configuration of an analyzer of external access cannot be changed.")
	}
	if in.Configuration == nil {
		return &UpdateAnalyzerOutput{Configuration: a.configuration()}, nil
	}
	if err := a.configure(in.Configuration); err != nil {
		return nil, err
	}
	r, err := c.Tx.Resource(a.ARN)
	if err != nil {
		return nil, err
	}
	if r, err = operation.Record(c, r, a); err != nil {
		return nil, err
	}
	return &UpdateAnalyzerOutput{Configuration: a.configuration()}, c.Tx.UpdateResource(r)
}
