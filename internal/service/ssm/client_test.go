package ssm_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// The accounts of the tests: alice owns, bob has access, carol has none.
const (
	alice = "111122223333"
	bob   = "444455556666"
	carol = "777788889999"
)

// The error codes that most tests expect.
const (
	accessDenied = "AccessDeniedException"
	validation   = "ValidationException"
	notFound     = "ParameterNotFound"
)

var ctx = context.Background()

// client is a client of one account with the calls that most tests begin with. A failing call fails the test.
type client struct {
	*ssm.Client
	t *testing.T
}

func newClient(t *testing.T, s *writtest.Server, account string) client {
	return fromConfig(t, s.Config(account))
}

func fromConfig(t *testing.T, cfg aws.Config) client {
	return client{ssm.NewFromConfig(cfg), t}
}

// as returns a client of a user of the account whose identity policy has the statements.
func as(t *testing.T, s *writtest.Server, account, user string, statements ...string) client {
	return fromConfig(t, s.User(account, user, document(statements...)))
}

// clock is a clock that the test advances: the server's, and that of clients who sign by it.
type clock struct {
	signer *v4.Signer
	ahead  atomic.Int64
	server *writtest.Server
}

func newClock(t *testing.T) *clock {
	c := &clock{signer: v4.NewSigner()}
	c.server = writtest.NewFromConfig(t, writ.Config{Now: c.now})
	return c
}

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// SignHTTP signs at the time of the clock.
func (c *clock) SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	return c.signer.SignHTTP(ctx, credentials, r, hash, service, region, c.now(), options...)
}

// client returns a client of an account who signs by the clock.
func (c *clock) client(t *testing.T, account string) client {
	return client{ssm.NewFromConfig(c.server.Config(account), func(o *ssm.Options) { o.HTTPSignerV4 = c }), t}
}

// put puts a parameter and returns its version. Without a type in change it is a
// String.
func (c client) put(name, value string, change ...func(*ssm.PutParameterInput)) int64 {
	c.t.Helper()
	out, err := c.tryPut(name, value, change...)
	ok(c.t, err)
	return out.Version
}

func (c client) tryPut(name, value string, change ...func(*ssm.PutParameterInput)) (*ssm.PutParameterOutput, error) {
	in := &ssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString}
	for _, f := range change {
		f(in)
	}
	return c.PutParameter(ctx, in)
}

// Options of put and tryPut.
func overwrite(in *ssm.PutParameterInput) { in.Overwrite = new(true) }
func secure(in *ssm.PutParameterInput)    { in.Type = types.ParameterTypeSecureString }
func advanced(in *ssm.PutParameterInput)  { in.Tier = types.ParameterTierAdvanced }
func untyped(in *ssm.PutParameterInput)   { in.Type = "" }

func key(id string) func(*ssm.PutParameterInput) {
	return func(in *ssm.PutParameterInput) { in.KeyId = &id }
}

func tier(tier types.ParameterTier) func(*ssm.PutParameterInput) {
	return func(in *ssm.PutParameterInput) { in.Tier = tier }
}

func policies(text string) func(*ssm.PutParameterInput) {
	return func(in *ssm.PutParameterInput) { in.Policies = &text }
}

// get reads a parameter by name or ARN, decrypted.
func (c client) get(name string) (*types.Parameter, error) {
	out, err := c.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: new(true)})
	if err != nil {
		return nil, err
	}
	return out.Parameter, nil
}

// value returns the value of a parameter, decrypted.
func (c client) value(name string) string {
	c.t.Helper()
	p, err := c.get(name)
	ok(c.t, err)
	return *p.Value
}

// describe returns the metadata of a parameter of the caller.
func (c client) describe(name string) types.ParameterMetadata {
	c.t.Helper()
	out, err := c.DescribeParameters(ctx, &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{
		{Key: new("Name"), Option: new("Equals"), Values: []string{name}},
	}})
	ok(c.t, err)
	if len(out.Parameters) != 1 {
		c.t.Fatalf("%d parameters are called %s", len(out.Parameters), name)
	}
	return out.Parameters[0]
}

func (c client) delete(name string) error {
	_, err := c.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &name})
	return err
}

// parameterARN returns the ARN of a parameter; its name is given without a slash at
// the beginning.
func parameterARN(account, name string) string {
	return "arn:aws:ssm:" + writtest.Region + ":" + account + ":parameter/" + name
}

// share puts a policy on a parameter that allows the principal the action, and returns the policy's id.
func (c client) share(arn, principal, action string) string {
	c.t.Helper()
	out, err := c.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &arn, Policy: new(document(
		`{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"` + action + `","Resource":"` + arn + `"}`))})
	ok(c.t, err)
	return *out.PolicyId
}

// identity returns a statement of an identity policy.
func identity(effect, action, resource string) string {
	return `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"}`
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode checks that err is the API error with a code, and returns its message.
func wantCode(t *testing.T, err error, code string) string {
	t.Helper()
	e, is := errors.AsType[smithy.APIError](err)
	if !is || e.ErrorCode() != code {
		t.Fatalf("error %v, want %s", err, code)
	}
	return e.ErrorMessage()
}

// wantError checks the code and the whole message of an API error.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	if got := wantCode(t, err, code); got != message {
		t.Errorf("message %q, want %q", got, message)
	}
}

// raw sends a request that no SDK would send and returns its status and body.
func raw(t *testing.T, s *writtest.Server, account, operation, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequest("POST", s.URL+"/", strings.NewReader(body))
	ok(t, err)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonSSM."+operation)
	key, err := s.Config(account).Credentials.Retrieve(ctx)
	ok(t, err)
	sum := sha256.Sum256([]byte(body))
	ok(t, v4.NewSigner().SignHTTP(ctx, key, req, hex.EncodeToString(sum[:]), "ssm", writtest.Region, time.Now()))
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
		t.Errorf("content type %s", got)
	}
	var text bytes.Buffer
	_, err = text.ReadFrom(res.Body)
	ok(t, err)
	answer := map[string]any{}
	if err := json.Unmarshal(text.Bytes(), &answer); err != nil {
		t.Fatalf("answer %q: %v", &text, err)
	}
	return res.StatusCode, answer
}
