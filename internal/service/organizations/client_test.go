package organizations_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// The accounts of the stories: boss has an organization, bob joins it, carol
// stays outside.
const (
	boss  = "111122223333"
	bob   = "444455556666"
	carol = "777788889999"
)

var ctx = context.Background()

// client is a client of one account, with the calls that most tests begin with.
// A call fails the test if it fails.
type client struct {
	*organizations.Client
	t       *testing.T
	account string
}

func newClient(t *testing.T, s *writtest.Server, account string) client {
	return client{organizations.NewFromConfig(s.Config(account)), t, account}
}

// as is a client of a user of the account that has one identity policy.
func as(t *testing.T, s *writtest.Server, account, user, policy string) client {
	return client{organizations.NewFromConfig(s.User(account, user, policy)), t, account}
}

const everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

// clock is a clock that the test moves: the server's, and that of clients who
// sign by it.
type clock struct {
	*v4.Signer
	now time.Time
}

func (c *clock) read() time.Time { return c.now }

// SignHTTP signs at the time of the clock.
func (c *clock) SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	return c.Signer.SignHTTP(ctx, credentials, r, hash, service, region, c.now, options...)
}

// client is a client of one account that signs by the clock.
func (c *clock) client(t *testing.T, s *writtest.Server, account string) client {
	return client{organizations.NewFromConfig(s.Config(account), func(o *organizations.Options) { o.HTTPSignerV4 = c }), t, account}
}

// serveAt starts a server whose clock the test moves.
func serveAt(t *testing.T, cfg writ.Config) (*writtest.Server, *clock) {
	c := &clock{v4.NewSigner(), time.Now()}
	cfg.Now = c.read
	return writtest.NewFromConfig(t, cfg), c
}

func (c client) organization() types.Organization {
	c.t.Helper()
	out, err := c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	ok(c.t, err)
	return *out.Organization
}

func (c client) root() string {
	c.t.Helper()
	out, err := c.ListRoots(ctx, &organizations.ListRootsInput{})
	ok(c.t, err)
	return *out.Roots[0].Id
}

func (c client) unit(parent, name string) string {
	c.t.Helper()
	out, err := c.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
	ok(c.t, err)
	return *out.OrganizationalUnit.Id
}

// newAccount makes an account and returns its id.
func (c client) newAccount(name string) string {
	c.t.Helper()
	out, err := c.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@writ.example")})
	ok(c.t, err)
	if out.CreateAccountStatus.State != types.CreateAccountStateSucceeded {
		c.t.Fatalf("the account is %+v", out.CreateAccountStatus)
	}
	return *out.CreateAccountStatus.AccountId
}

func (c client) move(account, from, to string) {
	c.t.Helper()
	_, err := c.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &to})
	ok(c.t, err)
}

func (c client) policy(kind types.PolicyType, name, content string) string {
	c.t.Helper()
	out, err := c.CreatePolicy(ctx, &organizations.CreatePolicyInput{Type: kind, Name: &name, Description: aws.String(""), Content: &content})
	ok(c.t, err)
	return *out.Policy.PolicySummary.Id
}

func (c client) attach(policy, target string) {
	c.t.Helper()
	_, err := c.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target})
	ok(c.t, err)
}

func (c client) detach(policy, target string) {
	c.t.Helper()
	_, err := c.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target})
	ok(c.t, err)
}

// invite invites an account and returns the id of the handshake.
func (c client) invite(account string) string {
	c.t.Helper()
	out, err := c.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Id: &account, Type: types.HandshakePartyTypeAccount},
	})
	ok(c.t, err)
	return *out.Handshake.Id
}

func (c client) accept(handshake string) {
	c.t.Helper()
	_, err := c.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: &handshake})
	ok(c.t, err)
}

// accounts lists the ids of the accounts of the organization.
func (c client) accounts() []string {
	c.t.Helper()
	var ids []string
	pages := organizations.NewListAccountsPaginator(c.Client, &organizations.ListAccountsInput{MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		p, err := pages.NextPage(ctx)
		ok(c.t, err)
		for _, a := range p.Accounts {
			ids = append(ids, *a.Id)
		}
	}
	slices.Sort(ids)
	return ids
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode checks that err is the API error with a code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("error %v, want %s", err, code)
	}
}

// wantViolation checks for a ConstraintViolationException with a reason.
func wantViolation(t *testing.T, err error, reason types.ConstraintViolationExceptionReason) {
	t.Helper()
	if e, is := errors.AsType[*types.ConstraintViolationException](err); !is || e.Reason != reason {
		t.Fatalf("error %v, want %s", err, reason)
	}
}

// wantInvalid checks for an InvalidInputException with a reason.
func wantInvalid(t *testing.T, err error, reason types.InvalidInputExceptionReason) {
	t.Helper()
	if e, is := errors.AsType[*types.InvalidInputException](err); !is || e.Reason != reason {
		t.Fatalf("error %v, want %s", err, reason)
	}
}
