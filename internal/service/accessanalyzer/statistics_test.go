package accessanalyzer_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	service "github.com/writdev/writ/internal/service/accessanalyzer"
	"github.com/writdev/writ/internal/store"
)

// TestUpdateAnalyzer changes the age and the exclusions of an analyzer of unused access, and checks its
// findings.
func TestUpdateAnalyzer(t *testing.T) {
	w := newClockwork(t)
	idle, tagged := w.role("idle", `"s3:GetObject"`), w.role("tagged", `"s3:GetObject"`)
	w.update(func(tx *store.Tx) error { return tx.SetTags(tagged, map[string]string{"team": "red"}) })
	arn := *w.do("CreateAnalyzer", &service.CreateAnalyzerInput{AnalyzerName: "unused", Type: service.TypeAccountUnusedAccess}).(*service.CreateAnalyzerOutput).ARN
	w.now = w.now.AddDate(0, 0, 60)
	wantList(t, w.unused(arn))

	update := func(age int, tags ...map[string]string) {
		t.Helper()
		configuration := &service.AnalyzerConfiguration{UnusedAccess: &service.UnusedAccessConfiguration{UnusedAccessAge: &age}}
		if tags != nil {
			configuration.UnusedAccess.AnalysisRule = &service.AnalysisRule{Exclusions: []service.AnalysisRuleCriteria{{ResourceTags: tags}}}
		}
		got := w.do("UpdateAnalyzer", &service.UpdateAnalyzerInput{AnalyzerName: "unused", Configuration: configuration}).(*service.UpdateAnalyzerOutput)
		read := w.do("GetAnalyzer", &service.GetAnalyzerInput{AnalyzerName: "unused"}).(*service.GetAnalyzerOutput)
		for _, configured := range []*service.AnalyzerConfiguration{got.Configuration, read.Analyzer.Configuration} {
			if diff := cmp.Diff(configuration, configured); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		}
	}
	update(30)
	wantList(t, w.unused(arn), "UnusedIAMRole "+shortName(idle), "UnusedIAMRole "+shortName(tagged))
	update(30, map[string]string{"team": "red"})
	wantList(t, w.unused(arn), "UnusedIAMRole "+shortName(idle))
	update(30, map[string]string{"team": "red", "stage": ""})
	wantList(t, w.unused(arn), "UnusedIAMRole "+shortName(idle), "UnusedIAMRole "+shortName(tagged))
	update(30, map[string]string{"team": ""})
	wantList(t, w.unused(arn), "UnusedIAMRole "+shortName(idle))

	got := w.do("GetFindingsStatistics", &service.GetFindingsStatisticsInput{AnalyzerARN: arn}).(*service.GetFindingsStatisticsOutput)
	want := []service.FindingsStatistics{{UnusedAccessFindingsStatistics: &service.UnusedAccessFindingsStatistics{
		UnusedAccessTypeStatistics: []service.UnusedAccessTypeStatistics{{UnusedAccessType: new("UnusedIAMRole"), Total: new(1)}},
		TotalActiveFindings:        new(1), TotalArchivedFindings: new(0), TotalResolvedFindings: new(0),
	}}}
	if diff := cmp.Diff(want, got.FindingsStatistics); diff != "" {
		t.Errorf("statistics (-want +got):\n%s", diff)
	}
}

// TestFindingsStatistics counts the external access to roles, over the API.
func TestFindingsStatistics(t *testing.T) {
	c := newClient(t, alice)
	a := c.analyzer("outside")
	want := func(active, archived int32, byType map[string]types.ResourceTypeDetails) {
		t.Helper()
		out, err := c.GetFindingsStatistics(ctx, &accessanalyzer.GetFindingsStatisticsInput{AnalyzerArn: &a})
		if err != nil || len(out.FindingsStatistics) != 1 || out.LastUpdatedAt == nil {
			t.Fatal(out, err)
		}
		all := &types.FindingsStatisticsMemberExternalAccessFindingsStatistics{Value: types.ExternalAccessFindingsStatistics{
			ResourceTypeStatistics: byType, TotalActiveFindings: &active, TotalArchivedFindings: &archived, TotalResolvedFindings: new(int32(0)),
		}}
		ignored := cmpopts.IgnoreUnexported(types.ResourceTypeDetails{}, types.ExternalAccessFindingsStatistics{}, *all)
		if diff := cmp.Diff(types.FindingsStatistics(all), out.FindingsStatistics[0], ignored); diff != "" {
			t.Errorf("statistics (-want +got):\n%s", diff)
		}
	}
	roles := func(public, crossAccount int32) map[string]types.ResourceTypeDetails {
		return map[string]types.ResourceTypeDetails{"AWS::IAM::Role": {
			TotalActivePublic: &public, TotalActiveCrossAccount: &crossAccount, TotalActiveErrors: new(int32(0)),
		}}
	}
	want(0, 0, map[string]types.ResourceTypeDetails{})
	c.role("bobs", `{"AWS":"`+bob+`"}`)
	c.role("public", `{"AWS":"*"}`)
	want(2, 0, roles(1, 1))
	_, err := c.CreateArchiveRule(ctx, &accessanalyzer.CreateArchiveRuleInput{
		AnalyzerName: new("outside"), RuleName: new("known"), Filter: map[string]types.Criterion{"isPublic": {Eq: []string{"true"}}},
	})
	must(t, 0, err)
	_, err = c.ApplyArchiveRule(ctx, &accessanalyzer.ApplyArchiveRuleInput{AnalyzerArn: &a, RuleName: new("known")})
	must(t, 0, err)
	want(1, 1, roles(0, 1))

	_, err = c.UpdateAnalyzer(ctx, &accessanalyzer.UpdateAnalyzerInput{AnalyzerName: new("outside")})
	wantCode(t, err, "ValidationException")
}
