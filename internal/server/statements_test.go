package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// countedServer is a server on disk whose statements can be counted.
type countedServer struct {
	store  *store.Store
	url    string
	sealer *keys.Sealer
}

func openCounted(t *testing.T, dir string, sealer *keys.Sealer) countedServer {
	t.Helper()
	st, err := store.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Config{
		Store: st, Directory: &identity.Directory{Sandbox: true, Sealer: sealer}, Gate: &authz.Gate{},
		Services: server.Services(operation.Instant), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return countedServer{st, h.URL, sealer}
}

// config is for the root user of an account, or for a session.
func (s countedServer) config(account string, session *identity.TemporaryKey) aws.Config {
	provider := awscredentials.NewStaticCredentialsProvider(account, "test", "")
	if session != nil {
		provider = awscredentials.NewStaticCredentialsProvider(session.ID, session.Secret, session.Token)
	}
	return aws.Config{Region: "us-east-1", BaseEndpoint: &s.url, Credentials: provider}
}

// TestStatements says how many SQL statements a request runs when nothing is cached,
// right after a start, and when it is repeated.
func TestStatements(t *testing.T) {
	dir := t.TempDir()
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	const recipe = "arn:aws:imagebuilder:us-east-1:" + alice + ":image-recipe/web/1.0.0"
	const shared = "arn:aws:ssm:us-east-1:" + alice + ":parameter/shared"
	var role identity.TemporaryKey
	t.Run("fill", func(t *testing.T) { // which closes the store at its end
		s := openCounted(t, dir, sealer)
		role = fillCounted(t, s)
		ctx, params, images := t.Context(), ssm.NewFromConfig(s.config(alice, nil)), imagebuilder.NewFromConfig(s.config(alice, nil))
		for _, in := range []*ssm.PutParameterInput{
			{Name: new("own"), Value: new("x"), Type: ssmtypes.ParameterTypeString},
			{Name: new("other"), Value: new("x"), Type: ssmtypes.ParameterTypeString},
			{Name: new("shared"), Value: new("x"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced},
		} {
			if _, err := params.PutParameter(ctx, in); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := params.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: new(shared), Policy: new(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":"` + shared + `"}]}`)}); err != nil {
			t.Fatal(err)
		}
		if _, err := images.CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{
			Name: new("web"), SemanticVersion: new("1.0.0"), ParentImage: new("ami-0123456789abcdef0"), ClientToken: new("x"),
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := images.PutImageRecipePolicy(ctx, &imagebuilder.PutImageRecipePolicyInput{ImageRecipeArn: new(recipe), Policy: new(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["` + bob + `"]},"Action":["imagebuilder:GetImageRecipe"],"Resource":["` + recipe + `"]}]}`)}); err != nil {
			t.Fatal(err)
		}
	})
	getParameter := func(name string) func(context.Context, aws.Config) error {
		return func(ctx context.Context, cfg aws.Config) error {
			_, err := ssm.NewFromConfig(cfg).GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
			return err
		}
	}
	getPolicy := func(ctx context.Context, cfg aws.Config) error {
		_, err := imagebuilder.NewFromConfig(cfg).GetImageRecipePolicy(ctx, &imagebuilder.GetImageRecipePolicyInput{ImageRecipeArn: new(recipe)})
		return err
	}
	value := 0
	putParameter := func(name string) func(context.Context, aws.Config) error {
		return func(ctx context.Context, cfg aws.Config) error {
			value++
			_, err := ssm.NewFromConfig(cfg).PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: new(fmt.Sprint(value)), Overwrite: new(true)})
			return err
		}
	}
	// A decision takes two queries: one for the policies of the principal and of the
	// organizations, one for those on the target. The verification of a session takes one
	// more for its role, which a View without a snapshot does not read from the cache. The
	// first request after a start looks for what is due. The other queries are the handler's.
	count := func(queries, writes uint64) store.Statements {
		return store.Statements{Queries: queries, Writes: writes}
	}
	for _, c := range []struct {
		name       string
		call       func(context.Context, aws.Config) error
		account    string
		session    *identity.TemporaryKey
		cold, warm store.Statements
	}{
		{"GetParameter", getParameter("own"), alice, nil, count(4, 0), count(0, 0)},
		{"GetParameter of another account", getParameter(shared), bob, nil, count(4, 0), count(0, 0)},
		{"GetParameter by a role", getParameter("own"), "", &role, count(5, 0), count(0, 0)},
		{"GetImageRecipePolicy", getPolicy, alice, nil, count(3, 0), count(0, 0)},
		{"GetImageRecipePolicy by a role", getPolicy, "", &role, count(4, 0), count(0, 0)},
		{"PutParameter", putParameter("own"), alice, nil, count(5, 1), count(0, 1)},
		{"PutParameter by a role", putParameter("other"), "", &role, count(6, 1), count(1, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openCounted(t, dir, sealer)
			for _, round := range []struct {
				name string
				want store.Statements
			}{{"cold", c.cold}, {"warm", c.warm}} {
				before := s.store.Statements()
				if err := c.call(t.Context(), s.config(c.account, c.session)); err != nil {
					t.Fatal(err)
				}
				after := s.store.Statements()
				got := count(after.Queries-before.Queries, after.Writes-before.Writes)
				if got != round.want {
					t.Errorf("%s: %+v, want %+v", round.name, got, round.want)
				}
			}
		})
	}
}

// fillCounted puts alice's account into a unit of an organization, with service control
// policies at each level, and creates a role with three managed policies and a
// permissions boundary. It returns the credentials of a session of the role.
func fillCounted(t *testing.T, s countedServer) identity.TemporaryKey {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	role := identity.NewRole("aws", alice, "/", "builder")
	role.TrustPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":"sts:AssumeRole"}]}`
	err := s.store.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 4 {
			p := identity.NewPolicy("aws", alice, "/", fmt.Sprint("p", i), `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["imagebuilder:*","ssm:*"],"Resource":"*"}}`, now)
			if err := identity.PutPolicy(tx, p, now); err != nil {
				return err
			}
			if i < 3 {
				role.Attached = append(role.Attached, p.ARN)
			} else {
				role.Boundary = p.ARN
			}
		}
		org := identity.Organization{Partition: "aws", ID: "o-1234567890", Management: "999988887777"}
		attached := map[string][]string{identity.ServiceControlPolicy: {"p-FullAWSAccess", "p-00000001"}}
		root := identity.Node{Organization: org, ID: "r-1234", Attached: attached, PolicyTypes: []string{identity.ServiceControlPolicy}}
		unit := identity.Node{Organization: org, ID: "ou-1234-00000001", Parents: []string{root.ID}, Attached: attached}
		member := identity.Node{Organization: org, ID: alice, Parents: []string{root.ID, unit.ID}, Attached: attached, Account: &identity.MemberAccount{Status: "ACTIVE"}}
		for _, n := range []identity.Node{root, unit, member} {
			if err := identity.PutNode(tx, n, now); err != nil {
				return err
			}
		}
		scp := identity.OrganizationPolicy{ID: "p-00000001", Type: identity.ServiceControlPolicy, Name: "s", Content: `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`}
		if err := identity.PutOrganizationPolicy(tx, org, scp, now); err != nil {
			return err
		}
		return identity.PutRole(tx, role, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	directory := &identity.Directory{Sealer: s.sealer}
	principal := policy.Principal{Kind: policy.RoleSession, ARN: "arn:aws:sts::" + alice + ":assumed-role/builder/s", Account: alice, Issuer: role.ARN}
	key, err := directory.StartSession(identity.Session{
		Principal: principal, UserID: role.ID + ":s", IssuerID: role.ID, IssuedAt: now, ExpiresAt: now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}
