package iam_test

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// The accounts of the stories: alice's is the one that most is about.
const (
	alice = "111122223333"
	bob   = "444455556666"
)

const (
	readOnly      = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
)

var ctx = context.Background()

// client is a client of one account, with the calls that most tests begin with.
// A call fails the test if it fails.
type client struct {
	*iam.Client
	t      testing.TB
	config aws.Config
}

func newClient(t testing.TB, cfg aws.Config) client { return client{iam.NewFromConfig(cfg), t, cfg} }

// root is a client of an account's root user.
func root(t testing.TB, s *writtest.Server, account string) client {
	return newClient(t, s.Config(account))
}

// as is a client of a user of alice's account who may do what the statements
// allow.
func as(t testing.TB, s *writtest.Server, user, statements string) client {
	return newClient(t, s.User(alice, user, document(statements)))
}

// document is a policy of statements.
func document(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

func allow(action, resource string) string {
	return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}`
}

// trust is a trust policy that lets an AWS principal in.
func trust(principal string) string {
	return document(`{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}`)
}

func arnOf(resource string) string { return "arn:aws:iam::" + alice + ":" + resource }

func (c client) user(name string) string {
	c.t.Helper()
	out, err := c.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
	ok(c.t, err)
	return *out.User.Arn
}

func (c client) group(name string) {
	c.t.Helper()
	_, err := c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &name})
	ok(c.t, err)
}

func (c client) role(name, trust string) string {
	c.t.Helper()
	out, err := c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	ok(c.t, err)
	return *out.Role.Arn
}

func (c client) policy(name, document string) string {
	c.t.Helper()
	out, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &document})
	ok(c.t, err)
	return *out.Policy.Arn
}

// login is a client of a user, through an access key made for it.
func (c client) login(s *writtest.Server, user string) client {
	c.t.Helper()
	out, err := c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &user})
	ok(c.t, err)
	return newClient(c.t, s.ConfigFor(writ.AccessKey{ID: *out.AccessKey.AccessKeyId, Secret: *out.AccessKey.SecretAccessKey}))
}

// assume is a client of a session of a role.
func (c client) assume(role string) (client, error) {
	out, err := sts.NewFromConfig(c.config).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("test")})
	if err != nil {
		return client{}, err
	}
	cfg := c.config
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken,
		}, nil
	})
	return newClient(c.t, cfg), nil
}

// trustOf reads a role's trust policy.
func (c client) trustOf(name string) string {
	c.t.Helper()
	out, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	ok(c.t, err)
	return unescape(c.t, out.Role.AssumeRolePolicyDocument)
}

func unescape(t testing.TB, text *string) string {
	t.Helper()
	s, err := url.PathUnescape(*text)
	ok(t, err)
	return s
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// code is the code of an API error; "" for none.
func code(err error) string {
	if e, is := errors.AsType[smithy.APIError](err); is {
		return e.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// fails checks the code and the message of an error.
func fails(t testing.TB, err error, want, message string) {
	t.Helper()
	e, is := errors.AsType[smithy.APIError](err)
	if !is || e.ErrorCode() != want || message != "" && e.ErrorMessage() != message {
		t.Errorf("got %v\nwant %s: %s", err, want, message)
	}
}
