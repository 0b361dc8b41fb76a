package accessanalyzer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	service "github.com/writdev/writ/internal/service/accessanalyzer"
	"github.com/writdev/writ/internal/service/servicetest"
	"github.com/writdev/writ/writtest"
)

// The accounts of the tests: alice owns, bob is outside.
const (
	alice = "111122223333"
	bob   = "444455556666"
)

var ctx = context.Background()

// TestTargets compares the rows with AWS's service authorization reference.
func TestTargets(t *testing.T) { servicetest.Targets(t, service.New()) }

// client is a client of one account. A failing call fails the test.
type client struct {
	*accessanalyzer.Client
	t       testing.TB
	account string
	server  *writtest.Server
}

func newClient(t testing.TB, account string) client {
	return clientOf(t, writtest.New(t), account)
}

func clientOf(t testing.TB, s *writtest.Server, account string) client {
	return client{accessanalyzer.NewFromConfig(s.Config(account)), t, account, s}
}

func (c client) iam() *iam.Client { return iam.NewFromConfig(c.server.Config(c.account)) }

// analyzer creates an analyzer of the account.
func (c client) analyzer(name string, rules ...types.InlineArchiveRule) string {
	c.t.Helper()
	out, err := c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: &name, Type: types.TypeAccount, ArchiveRules: rules})
	return *must(c.t, out, err).Arn
}

// role creates a role that trusts a principal.
func (c client) role(name, principal string) string {
	c.t.Helper()
	out, err := c.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: new(trust(principal))})
	return *must(c.t, out, err).Role.Arn
}

func trust(principal string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}]}`
}

// findings lists findings as "resource principal action status public".
func (c client) findings(analyzer string, filter map[string]types.Criterion) []string {
	c.t.Helper()
	list := []string{}
	p := accessanalyzer.NewListFindingsPaginator(c.Client, &accessanalyzer.ListFindingsInput{AnalyzerArn: &analyzer, Filter: filter, MaxResults: new(int32(2))})
	for p.HasMorePages() {
		page := must2(c.t)(p.NextPage(ctx))
		for _, f := range page.Findings {
			list = append(list, fmt.Sprint(shortName(*f.Resource), " ", compact(f.Principal), " ", strings.Join(f.Action, ","), " ", f.Status, " ", *f.IsPublic))
		}
	}
	return list
}

func shortName(arn string) string {
	f := strings.SplitN(arn, ":", 6)
	return f[len(f)-1]
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func must[T any](t testing.TB, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func must2(t testing.TB) func(*accessanalyzer.ListFindingsOutput, error) *accessanalyzer.ListFindingsOutput {
	return func(v *accessanalyzer.ListFindingsOutput, err error) *accessanalyzer.ListFindingsOutput {
		t.Helper()
		return must(t, v, err)
	}
}

// wantCode checks the code of an error.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func wantList(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
