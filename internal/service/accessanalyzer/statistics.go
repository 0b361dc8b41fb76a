package accessanalyzer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// maxTopAccounts is the largest number of accounts in the statistics of an organization.
const maxTopAccounts = 10

// getFindingsStatistics counts the present findings. None is resolved: a finding whose access has ended is no
// longer listed.
func (s *accessAnalyzer) getFindingsStatistics(c *operation.Call, in *GetFindingsStatisticsInput) (*GetFindingsStatisticsOutput, error) {
	v, err := s.view(c, in.AnalyzerARN)
	if err != nil {
		return nil, err
	}
	var active []*finding
	archived := 0
	for f, err := range s.findings(c, v, nil, "") {
		if err != nil {
			return nil, err
		}
		if f.Item.status == FindingStatusActive {
			active = append(active, f.Item)
		} else {
			archived++
		}
	}
	var statistics FindingsStatistics
	if v.analyzer.isUnused() {
		statistics.UnusedAccessFindingsStatistics = unusedStatistics(v.analyzer, active, archived)
	} else {
		statistics.ExternalAccessFindingsStatistics = externalStatistics(active, archived)
	}
	return &GetFindingsStatisticsOutput{FindingsStatistics: []FindingsStatistics{statistics}, LastUpdatedAt: &c.Now}, nil
}

func externalStatistics(active []*finding, archived int) *ExternalAccessFindingsStatistics {
	byType := map[ResourceType]ResourceTypeDetails{}
	for _, f := range active {
		d, ok := byType[f.resource.kind]
		if !ok {
			d = ResourceTypeDetails{TotalActivePublic: new(0), TotalActiveCrossAccount: new(0), TotalActiveErrors: new(0)}
			byType[f.resource.kind] = d
		}
		switch {
		case f.errorText() != "":
			*d.TotalActiveErrors++
		case f.access.Public:
			*d.TotalActivePublic++
		default:
			*d.TotalActiveCrossAccount++
		}
	}
	return &ExternalAccessFindingsStatistics{
		ResourceTypeStatistics: byType, TotalActiveFindings: new(len(active)), TotalArchivedFindings: &archived, TotalResolvedFindings: new(0),
	}
}

func unusedStatistics(a *analyzer, active []*finding, archived int) *UnusedAccessFindingsStatistics {
	byType, byAccount := map[string]int{}, map[string]map[string]int{}
	for _, f := range active {
		kind, account := string(f.kind), f.resource.owner
		byType[kind]++
		if byAccount[account] == nil {
			byAccount[account] = map[string]int{}
		}
		byAccount[account][kind]++
	}
	out := &UnusedAccessFindingsStatistics{TotalActiveFindings: new(len(active)), TotalArchivedFindings: &archived, TotalResolvedFindings: new(0)}
	for _, kind := range slices.Sorted(maps.Keys(byType)) {
		out.UnusedAccessTypeStatistics = append(out.UnusedAccessTypeStatistics, UnusedAccessTypeStatistics{UnusedAccessType: &kind, Total: new(byType[kind])})
	}
	if a.ofOrganization() {
		out.TopAccounts = topAccounts(byAccount)
	}
	return out
}

// topAccounts returns the accounts with the most findings, in descending order.
func topAccounts(byAccount map[string]map[string]int) []FindingAggregationAccountDetails {
	var list []FindingAggregationAccountDetails
	for account, kinds := range byAccount {
		total := 0
		for _, n := range kinds {
			total += n
		}
		list = append(list, FindingAggregationAccountDetails{Account: &account, NumberOfActiveFindings: &total, Details: kinds})
	}
	slices.SortFunc(list, func(a, b FindingAggregationAccountDetails) int {
		return cmp.Or(cmp.Compare(*b.NumberOfActiveFindings, *a.NumberOfActiveFindings), strings.Compare(*a.Account, *b.Account))
	})
	return list[:min(len(list), maxTopAccounts)]
}
