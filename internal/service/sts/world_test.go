package sts_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	ours "github.com/writdev/writ/internal/service/imagebuilder"
	"github.com/writdev/writ/internal/service/sts"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
)

// The accounts of the tests: alice's account has the roles, bob's is another account.
const (
	alice  = "111122223333"
	bob    = "444455556666"
	region = "us-east-1"
)

var ctx = context.Background()

// world is a server with an adjustable clock and access to its store.
type world struct {
	t         testing.TB
	url       string
	store     *store.Store
	directory *identity.Directory
	ahead     atomic.Int64 // nanoseconds by which the server's clock is ahead
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldIn(t, authz.Enforce)
}

func newWorldIn(t testing.TB, mode authz.Mode) *world {
	t.Helper()
	st, err := store.OpenSQLite(":memory:")
	ok(t, err)
	sealer, err := keys.NewSealer()
	ok(t, err)
	w := &world{t: t, store: st, directory: &identity.Directory{Sandbox: true, Sealer: sealer}}
	s, err := server.New(server.Config{
		Store:     st,
		Directory: w.directory,
		Gate:      &authz.Gate{Mode: mode},
		Ring:      trail.NewRing(10, 1<<20),
		Services:  []*operation.Service{sts.New(), ours.New(ours.Config{})},
		Log:       slog.New(slog.DiscardHandler),
		Now:       w.now,
	})
	ok(t, err)
	h := httptest.NewServer(s)
	w.url = h.URL
	t.Cleanup(func() {
		h.Close()
		ok(t, st.Close())
	})
	return w
}

func (w *world) now() time.Time           { return time.Now().Add(time.Duration(w.ahead.Load())) }
func (w *world) setAhead(d time.Duration) { w.ahead.Store(int64(d)) }

func (w *world) update(fn func(*store.Tx) error) {
	w.t.Helper()
	ok(w.t, w.store.Update(ctx, fn))
}

// role creates a role in alice's account with a trust policy of the given statements and an identity policy;
// edit may change it before it is stored.
func (w *world) role(name, trust, policy string, edit ...func(*identity.Role)) identity.Role {
	w.t.Helper()
	role := identity.NewRole("aws", alice, "/", name)
	role.TrustPolicy = document(trust)
	if policy != "" {
		role.SetPolicy("inline", document(policy))
	}
	for _, e := range edit {
		e(&role)
	}
	w.update(func(tx *store.Tx) error {
		if err := tx.SetTags(role.ARN, role.Tags); err != nil {
			return err
		}
		return identity.PutRole(tx, role, w.now())
	})
	return role
}

// user creates a user with an identity policy, and returns the configuration of a client that is this user.
func (w *world) user(account, name, policy string) aws.Config {
	w.t.Helper()
	user := identity.NewUser("aws", account, "/", name)
	user.SetPolicy("inline", document(policy))
	var key identity.AccessKey
	w.update(func(tx *store.Tx) (err error) {
		if err = identity.PutUser(tx, user, w.now()); err == nil {
			key, err = w.directory.CreateAccessKey(tx, user.ARN, account, w.now())
		}
		return err
	})
	return w.config(key.ID, key.Secret, "")
}

// managed creates a managed policy in alice's account and returns its ARN.
func (w *world) managed(name, policy string) string {
	w.t.Helper()
	p := identity.NewPolicy("aws", alice, "/", name, document(policy), w.now())
	w.update(func(tx *store.Tx) error { return identity.PutPolicy(tx, p, w.now()) })
	return p.ARN
}

// root returns the configuration of an account's root user.
func (w *world) root(account string) aws.Config { return w.config(account, "test", "") }

func (w *world) config(id, secret, token string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: &w.url, RetryMaxAttempts: 1,
		HTTPClient: &http.Client{Transport: &http.Transport{}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}, nil
		}),
	}
}

// as returns the configuration of a client with the credentials of a session.
func (w *world) as(c *types.Credentials) aws.Config {
	w.t.Helper()
	return w.config(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

// assume assumes a role as "session", with what edit adds to the request.
func assume(cfg aws.Config, role string, edit ...func(*awssts.AssumeRoleInput)) (*awssts.AssumeRoleOutput, error) {
	in := &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("session")}
	for _, e := range edit {
		e(in)
	}
	return awssts.NewFromConfig(cfg).AssumeRole(ctx, in)
}

// assumed is assume for calls that must succeed; it returns the configuration of the session.
func (w *world) assumed(cfg aws.Config, role string, edit ...func(*awssts.AssumeRoleInput)) aws.Config {
	w.t.Helper()
	out, err := assume(cfg, role, edit...)
	ok(w.t, err)
	return w.as(out.Credentials)
}

// lists calls imagebuilder:ListComponents, which a session may call only if its policies allow it.
func lists(cfg aws.Config) error {
	_, err := imagebuilder.NewFromConfig(cfg).ListComponents(ctx, &imagebuilder.ListComponentsInput{})
	return err
}

func identityOf(t *testing.T, cfg aws.Config) *awssts.GetCallerIdentityOutput {
	t.Helper()
	out, err := awssts.NewFromConfig(cfg).GetCallerIdentity(ctx, &awssts.GetCallerIdentityInput{})
	ok(t, err)
	return out
}

// document returns a policy with the given statements.
func document(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

// The statements of most tests.
const (
	everything  = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	listing     = `{"Effect":"Allow","Action":"imagebuilder:ListComponents","Resource":"*"}`
	nothing     = `{"Effect":"Allow","Action":"none:None","Resource":"*"}`
	trustAlice  = `{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}`
	trustBob    = `{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":"sts:AssumeRole"}`
	mayAssume   = `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}`
	denyAssume  = `{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}`
	roleAccount = "arn:aws:iam::" + alice + ":role/"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// code returns the code of an API error; "" for no error.
func code(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Fatalf("%v is no API error", err)
	}
	return e.ErrorCode()
}

// want checks the code of an error, "" for none, and a part of its message.
func want(t testing.TB, err error, wanted string, part ...string) {
	t.Helper()
	if got := code(t, err); got != wanted {
		t.Fatalf("got %v, want code %q", err, wanted)
	}
	for _, p := range part {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %v does not say %q", err, p)
		}
	}
}

// denied checks a denial of AssumeRole, whose message ends at the role's ARN, and that its
// decision's record says why.
func (w *world) denied(err error, role, reason string) {
	w.t.Helper()
	if code(w.t, err) != "AccessDenied" || !strings.HasSuffix(err.Error(), " is not authorized to perform: sts:AssumeRole on resource: "+role) {
		w.t.Fatalf("got %v", err)
	}
	res, err := http.Get(w.url + "/_writ/decisions/last")
	ok(w.t, err)
	defer res.Body.Close()
	var last struct{ Sentence string }
	ok(w.t, json.NewDecoder(res.Body).Decode(&last))
	if !strings.Contains(last.Sentence, reason) {
		w.t.Errorf("the record says %q, not %q", last.Sentence, reason)
	}
}
