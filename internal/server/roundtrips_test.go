package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/pgtest"
)

// TestRoundTrips says how often a request waits for PostgreSQL. docs/design/0010-two-engines.md
// has the numbers.
func TestRoundTrips(t *testing.T) {
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), pgtest.Address(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	handler, err := server.New(server.Config{
		Store: st, Directory: &identity.Directory{Sandbox: true, Sealer: sealer}, Gate: &authz.Gate{},
		Services: server.Services(operation.Instant), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	t.Cleanup(h.Close)
	s := countedServer{st, h.URL, sealer}
	role := fillCounted(t, s)
	ctx := t.Context()

	const parameter = "arn:aws:ssm:us-east-1:" + alice + ":parameter/own"
	root := ssm.NewFromConfig(s.config(alice, nil))
	if _, err := root.PutParameter(ctx, &ssm.PutParameterInput{Name: new("own"), Value: new("x"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced}); err != nil {
		t.Fatal(err)
	}
	const statement = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":"` + parameter + `"}]}`
	put, err := root.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: new(parameter), Policy: new(statement)})
	if err != nil {
		t.Fatal(err)
	}
	project, err := rekognition.NewFromConfig(s.config(alice, nil)).CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: new("cats")})
	if err != nil {
		t.Fatal(err)
	}

	get := func(ctx context.Context, cfg aws.Config) error {
		_, err := ssm.NewFromConfig(cfg).GetParameter(ctx, &ssm.GetParameterInput{Name: new(parameter)})
		return err
	}
	replace := func(ctx context.Context, cfg aws.Config, document string) (err error) {
		put, err = ssm.NewFromConfig(cfg).PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{
			ResourceArn: new(parameter), Policy: &document, PolicyId: put.PolicyId, PolicyHash: put.PolicyHash,
		})
		return err
	}
	principals := 0
	for _, c := range []struct {
		name       string
		call       func(context.Context, aws.Config) error
		account    string
		session    *identity.TemporaryKey
		roundTrips uint64
	}{
		// The target, the decision's inputs, the commit.
		{"GetParameter", get, alice, nil, 3},
		{"GetParameter of another account", get, bob, nil, 3},
		// Two more for the signature: the role, the commit.
		{"GetParameter by a role", get, "", &role, 5},
		{"ListProjectPolicies", func(ctx context.Context, cfg aws.Config) error {
			_, err := rekognition.NewFromConfig(cfg).ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: project.ProjectArn})
			return err
		}, alice, nil, 3},
		{"PutParameter", func(ctx context.Context, cfg aws.Config) error {
			_, err := ssm.NewFromConfig(cfg).PutParameter(ctx, &ssm.PutParameterInput{Name: new("own"), Value: new("y"), Overwrite: new(true)})
			return err
		}, alice, nil, 3},
		{"PutResourcePolicy with a hash", func(ctx context.Context, cfg aws.Config) error { return replace(ctx, cfg, statement) }, alice, nil, 3},
		// Seven more: the share of the policy with what is in it, its permissions, and the organization.
		{"PutResourcePolicy that grants something else", func(ctx context.Context, cfg aws.Config) error {
			principals++
			return replace(ctx, cfg, strings.Replace(statement, bob, fmt.Sprint(444455550000+principals), 1))
		}, alice, nil, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.call(ctx, s.config(c.account, c.session)); err != nil {
				t.Fatal(err)
			}
			before := st.Statements()
			if err := c.call(ctx, s.config(c.account, c.session)); err != nil {
				t.Fatal(err)
			}
			after := st.Statements()
			if got := after.RoundTrips - before.RoundTrips; got != c.roundTrips {
				t.Errorf("%d round trips, want %d; %d queries, %d writes", got, c.roundTrips, after.Queries-before.Queries, after.Writes-before.Writes)
			}
		})
	}
}
