package accessanalyzer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	service "github.com/writdev/writ/internal/service/accessanalyzer"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// clockwork is the service on a store, with a clock and recorded uses.
type clockwork struct {
	t      *testing.T
	store  *store.Store
	ops    map[string]*operation.Operation
	now    time.Time
	access identity.AccessUsage
	keys   identity.KeyUsage
}

func newClockwork(t *testing.T) *clockwork {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	w := &clockwork{t: t, store: st, ops: map[string]*operation.Operation{}, now: time.Date(2026, time.January, 1, 8, 0, 0, 0, time.UTC)}
	svc := service.New()
	for i := range svc.Operations {
		w.ops[svc.Operations[i].Wire.Name] = &svc.Operations[i]
	}
	return w
}

// do handles an operation.
func (w *clockwork) do(name string, in any) (out any) {
	w.t.Helper()
	w.update(func(tx *store.Tx) (err error) {
		out, err = w.ops[name].Handle(&operation.Call{
			Context: context.Background(), Tx: tx, Now: w.now, Partition: "aws", Region: "us-east-1", Gate: &authz.Gate{Mode: authz.Off},
			Caller:      identity.Caller{Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", alice), Account: alice}},
			AccessUsage: &w.access, KeyUsage: &w.keys, NewID: func() string { return "00000000-0000-4000-8000-000000000000" },
		}, in)
		return err
	})
	return out
}

func (w *clockwork) update(f func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.store.Update(context.Background(), f); err != nil {
		w.t.Fatal(err)
	}
}

// role creates a role with an identity-based policy.
func (w *clockwork) role(name, actions string) string {
	role := identity.NewRole("aws", alice, "/", name)
	role.TrustPolicy = trust(`{"AWS":"` + alice + `"}`)
	w.update(func(tx *store.Tx) error {
		p := identity.NewPolicy("aws", alice, "/", name, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":`+actions+`,"Resource":"*"}}`, w.now)
		if err := identity.PutPolicy(tx, p, w.now); err != nil {
			return err
		}
		role.Attached = []string{p.ARN}
		return identity.PutRole(tx, role, w.now)
	})
	return role.ARN
}

// use records that a role was allowed an action.
func (w *clockwork) use(role, action string) {
	w.access.Record(identity.Caller{Principal: policy.Principal{Kind: policy.RoleSession, ARN: role, Issuer: role, Account: alice}}, action, identity.Access{At: w.now, Region: "us-east-1"})
}

// unused lists the findings as "type resource details".
func (w *clockwork) unused(analyzer string) []string {
	list := []string{}
	for _, f := range w.do("ListFindingsV2", &service.ListFindingsV2Input{AnalyzerARN: analyzer}).(*service.ListFindingsV2Output).Findings {
		one := w.do("GetFindingV2", &service.GetFindingV2Input{AnalyzerARN: analyzer, ID: f.ID}).(*service.GetFindingV2Output)
		text := fmt.Sprint(*f.FindingType, " ", shortName(*f.Resource))
		for _, d := range one.FindingDetails {
			if p := d.UnusedPermissionDetails; p != nil {
				text += " " + p.ServiceNamespace
				for _, a := range p.Actions {
					text += ":" + a.Action
				}
			}
			if k := d.UnusedIamUserAccessKeyDetails; k != nil {
				text += " " + k.AccessKeyID
			}
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// TestUnusedAccess advances the clock: an action is unused 30 days after its last use, and not earlier.
func TestUnusedAccess(t *testing.T) {
	w := newClockwork(t)
	idle := w.role("idle", `"s3:GetObject"`)
	busy := w.role("busy", `["s3:GetObject","s3:PutObject","ssm:Get*","sqs:SendMessage"]`)
	w.update(func(tx *store.Tx) error {
		user := identity.NewUser("aws", alice, "/", "bob")
		if err := identity.PutUser(tx, user, w.now); err != nil {
			return err
		}
		return tx.PutAccessKey(store.AccessKey{ID: "AKIAEXAMPLE", Principal: user.ARN, Account: alice, Status: "Active", SealedSecret: []byte("x"), CreatedAt: w.now})
	})
	arn := *w.do("CreateAnalyzer", &service.CreateAnalyzerInput{
		AnalyzerName: "unused", Type: service.TypeAccountUnusedAccess,
		Configuration: &service.AnalyzerConfiguration{UnusedAccess: &service.UnusedAccessConfiguration{UnusedAccessAge: new(30)}},
	}).(*service.CreateAnalyzerOutput).ARN
	wantList(t, w.unused(arn))

	w.now = w.now.AddDate(0, 0, 10)
	w.use(busy, "s3:GetObject")
	w.use(busy, "ssm:GetParameter")
	w.keys.Record("AKIAEXAMPLE", identity.KeyUse{At: w.now})
	w.now = w.now.AddDate(0, 0, 20).Add(-time.Second)
	wantList(t, w.unused(arn))
	w.now = w.now.Add(time.Second)
	wantList(t, w.unused(arn), "UnusedIAMRole "+shortName(idle), "UnusedPermission "+shortName(busy)+" s3:PutObject sqs")

	w.use(idle, "s3:GetObject")
	w.use(busy, "sqs:SendMessage")
	w.use(busy, "s3:PutObject")
	wantList(t, w.unused(arn))
	w.now = w.now.AddDate(0, 0, 10)
	wantList(t, w.unused(arn), "UnusedIAMUserAccessKey user/bob AKIAEXAMPLE", "UnusedPermission "+shortName(busy)+" s3:GetObject ssm")
	w.now = w.now.AddDate(0, 0, 300)
	if got := w.unused(arn); len(got) != 3 {
		t.Errorf("after a year: %q", got)
	}
}

// TestRecommendation checks that only unused actions are removed from a policy.
func TestRecommendation(t *testing.T) {
	w := newClockwork(t)
	busy := w.role("busy", `["s3:GetObject","s3:PutObject","sqs:SendMessage"]`)
	arn := *w.do("CreateAnalyzer", &service.CreateAnalyzerInput{AnalyzerName: "unused", Type: service.TypeAccountUnusedAccess}).(*service.CreateAnalyzerOutput).ARN
	w.now = w.now.AddDate(0, 0, 100)
	w.use(busy, "s3:GetObject")
	id := w.do("ListFindingsV2", &service.ListFindingsV2Input{AnalyzerARN: arn}).(*service.ListFindingsV2Output).Findings[0].ID
	w.do("GenerateFindingRecommendation", &service.GenerateFindingRecommendationInput{AnalyzerARN: arn, ID: id})
	recommended := func() service.UnusedPermissionsRecommendedStep {
		got := w.do("GetFindingRecommendation", &service.GetFindingRecommendationInput{AnalyzerARN: arn, ID: id}).(*service.GetFindingRecommendationOutput)
		if got.ResourceARN != busy || got.Status != service.StatusSucceeded || len(got.RecommendedSteps) != 1 {
			t.Fatalf("recommendation %s", compact(got))
		}
		return *got.RecommendedSteps[0].UnusedPermissionsRecommendedStep
	}
	const want = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*"}}`
	step := recommended()
	if step.RecommendedAction != service.RecommendedRemediationActionCreatePolicy || *step.RecommendedPolicy != want || *step.ExistingPolicyID != "arn:aws:iam::"+alice+":policy/busy" {
		t.Errorf("step %s", compact(step))
	}
	w.use(busy, "ec2:RunInstances") // allowed by another policy that the role had
	w.now = w.now.AddDate(0, 0, 89) // s3:GetObject is still in use
	w.use(busy, "ec2:RunInstances") // and so is the role
	w.now = w.now.AddDate(0, 0, 5)  // now s3:GetObject is unused
	if step := recommended(); step.RecommendedAction != service.RecommendedRemediationActionDetachPolicy || step.RecommendedPolicy != nil {
		t.Errorf("step %s", compact(step))
	}
}

func TestAnalyzersOfUnusedAccess(t *testing.T) {
	c := newClient(t, alice)
	for _, age := range []int32{0, 366} {
		_, err := c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{
			AnalyzerName: new("unused"), Type: types.TypeAccountUnusedAccess,
			Configuration: &types.AnalyzerConfigurationMemberUnusedAccess{Value: types.UnusedAccessConfiguration{UnusedAccessAge: &age}},
		})
		wantCode(t, err, "ValidationException")
	}
	made, err := c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: new("unused"), Type: types.TypeAccountUnusedAccess})
	must(t, made, err)
	got, err := c.GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: new("unused")})
	if age := must(t, got, err).Analyzer.Configuration.(*types.AnalyzerConfigurationMemberUnusedAccess).Value.UnusedAccessAge; *age != 90 {
		t.Errorf("age %d", *age)
	}
	_, err = c.ListFindings(ctx, &accessanalyzer.ListFindingsInput{AnalyzerArn: made.Arn})
	wantCode(t, err, "ValidationException")
	list, err := c.ListFindingsV2(ctx, &accessanalyzer.ListFindingsV2Input{AnalyzerArn: made.Arn})
	if must(t, list, err); len(list.Findings) != 0 {
		t.Errorf("findings %s", compact(list.Findings))
	}
}

// TestPolicyGeneration generates a policy from a user's actions, which allows exactly those.
func TestPolicyGeneration(t *testing.T) {
	c := newClient(t, alice)
	params := ssm.NewFromConfig(c.server.User(alice, "worker", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	put, err := params.PutParameter(ctx, &ssm.PutParameterInput{Name: new("web"), Value: new("x"), Type: ssmtypes.ParameterTypeString})
	must(t, put, err)
	listed, err := params.DescribeParameters(ctx, &ssm.DescribeParametersInput{})
	must(t, listed, err)

	principal := "arn:aws:iam::" + alice + ":user/worker"
	start := func(principal string) (*accessanalyzer.StartPolicyGenerationOutput, error) {
		return c.StartPolicyGeneration(ctx, &accessanalyzer.StartPolicyGenerationInput{PolicyGenerationDetails: &types.PolicyGenerationDetails{PrincipalArn: &principal}})
	}
	job, err := start(principal)
	must(t, job, err)
	for placeholders, want := range map[bool]string{
		false: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:DescribeParameters","ssm:PutParameter"],"Resource":"*"}]}`,
		true: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:DescribeParameters"],"Resource":"*"},` +
			`{"Effect":"Allow","Action":["ssm:PutParameter"],"Resource":"arn:${Partition}:ssm:${Region}:${Account}:parameter/${ParameterNameWithoutLeadingSlash}"}]}`,
	} {
		got, err := c.GetGeneratedPolicy(ctx, &accessanalyzer.GetGeneratedPolicyInput{JobId: job.JobId, IncludeResourcePlaceholders: &placeholders})
		if must(t, got, err); len(got.GeneratedPolicyResult.GeneratedPolicies) != 1 || *got.GeneratedPolicyResult.GeneratedPolicies[0].Policy != want ||
			got.JobDetails.Status != types.JobStatusSucceeded || *got.GeneratedPolicyResult.Properties.PrincipalArn != principal {
			t.Errorf("placeholders %v: %s", placeholders, compact(got.GeneratedPolicyResult))
		}
		if !json.Valid([]byte(want)) {
			t.Error("not JSON")
		}
	}
	jobs, err := c.ListPolicyGenerations(ctx, &accessanalyzer.ListPolicyGenerationsInput{PrincipalArn: &principal})
	if must(t, jobs, err); len(jobs.PolicyGenerations) != 1 || *jobs.PolicyGenerations[0].JobId != *job.JobId {
		t.Errorf("jobs %s", compact(jobs.PolicyGenerations))
	}
	_, err = c.CancelPolicyGeneration(ctx, &accessanalyzer.CancelPolicyGenerationInput{JobId: job.JobId})
	must(t, 0, err)
	for bad, code := range map[string]string{
		"arn:aws:iam::" + alice + ":user/nobody": "ValidationException", "arn:aws:iam::" + alice + ":group/g": "ValidationException",
		"arn:aws:iam::" + bob + ":user/worker": "AccessDeniedException",
	} {
		_, err := start(bad)
		wantCode(t, err, code)
	}
	_, err = c.GetGeneratedPolicy(ctx, &accessanalyzer.GetGeneratedPolicyInput{JobId: new("nothing")})
	wantCode(t, err, "ValidationException")
}
