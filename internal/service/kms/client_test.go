package kms_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
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

const (
	accessDenied = "AccessDeniedException"
	notFound     = "NotFoundException"
	malformed    = "MalformedPolicyDocumentException"
	validation   = "ValidationException"
	noCiphertext = "InvalidCiphertextException"
	invalidState = "KMSInvalidStateException"
	unsupported  = "UnsupportedOperationException"
	wrongUsage   = "InvalidKeyUsageException"
)

var ctx = context.Background()

// client is a client of one account with the calls that most tests begin with. A failing call fails the test.
type client struct {
	*kms.Client
	t *testing.T
}

func fromConfig(t *testing.T, cfg aws.Config) client { return client{kms.NewFromConfig(cfg), t} }

// root returns a client that is the root user of an account.
func root(t *testing.T, s *writtest.Server, account string) client {
	return fromConfig(t, s.Config(account))
}

// as returns a client of a user of the account whose identity policy has the
// statements.
func as(t *testing.T, s *writtest.Server, account, user string, statements ...string) client {
	return fromConfig(t, s.User(account, user, document(statements...)))
}

// asRole returns a client of a session of a role of the account whose identity policy
// has the statements.
func asRole(t *testing.T, s *writtest.Server, account, role string, statements ...string) client {
	t.Helper()
	admin := iam.NewFromConfig(s.Config(account))
	_, err := admin.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: new(
		document(`{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}`))})
	ok(t, err)
	_, err = admin.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &role, PolicyName: new("inline"), PolicyDocument: new(document(statements...))})
	ok(t, err)
	out, err := sts.NewFromConfig(s.User(account, "assumer-of-"+role, document(can("sts:AssumeRole")))).AssumeRole(ctx,
		&sts.AssumeRoleInput{RoleArn: new(roleARN(account, role)), RoleSessionName: new("session")})
	ok(t, err)
	cfg := s.Config(account)
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	return fromConfig(t, cfg)
}

func userARN(account, name string) string { return "arn:aws:iam::" + account + ":user/" + name }
func roleARN(account, name string) string { return "arn:aws:iam::" + account + ":role/" + name }

// clock is a clock that the test advances: the server's, and that of clients who sign by it.
type clock struct {
	signer *v4.Signer
	now    time.Time
}

// SignHTTP signs at the time of the clock.
func (c *clock) SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	return c.signer.SignHTTP(ctx, credentials, r, hash, service, region, c.now, options...)
}

// pass advances the clock by days.
func (c *clock) pass(days int) { c.now = c.now.AddDate(0, 0, days) }

// onClock starts a server with a clock that the test advances, and returns a client of alice's.
func onClock(t *testing.T) (client, *clock) {
	c := &clock{v4.NewSigner(), time.Now()}
	s := writtest.NewFromConfig(t, writ.Config{Now: func() time.Time { return c.now }})
	return client{kms.NewFromConfig(s.Config(alice), func(o *kms.Options) { o.HTTPSignerV4 = c }), t}, c
}

// key makes a key and returns its ARN.
func (c client) key() string {
	c.t.Helper()
	out, err := c.CreateKey(ctx, &kms.CreateKeyInput{})
	ok(c.t, err)
	return *out.KeyMetadata.Arn
}

func (c client) describe(key string) *types.KeyMetadata {
	c.t.Helper()
	out, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	ok(c.t, err)
	return out.KeyMetadata
}

func (c client) put(key, policy string) {
	c.t.Helper()
	ok(c.t, c.tryPut(key, policy))
}

func (c client) tryPut(key, policy string) error {
	_, err := c.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &key, Policy: &policy})
	return err
}

func (c client) policy(key string) string {
	c.t.Helper()
	out, err := c.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key})
	ok(c.t, err)
	return *out.Policy
}

func (c client) encrypt(key, text string, context map[string]string) []byte {
	c.t.Helper()
	out, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte(text), EncryptionContext: context})
	ok(c.t, err)
	return out.CiphertextBlob
}

func (c client) tryDecrypt(blob []byte, context map[string]string) (string, error) {
	out, err := c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: context})
	if err != nil {
		return "", err
	}
	return string(out.Plaintext), nil
}

// decrypts checks that the caller can read a blob.
func (c client) decrypts(blob []byte, context map[string]string, want string) {
	c.t.Helper()
	if got, err := c.tryDecrypt(blob, context); err != nil || got != want {
		c.t.Fatalf("decrypt: %q, %v; want %q", got, err, want)
	}
}

// cannot checks that the caller is not allowed to decrypt a blob.
func (c client) cannot(blob []byte, context map[string]string) {
	c.t.Helper()
	_, err := c.tryDecrypt(blob, context)
	wantCode(c.t, err, accessDenied)
}

func (c client) alias(name, key string) {
	c.t.Helper()
	_, err := c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &name, TargetKeyId: &key})
	ok(c.t, err)
}

func (c client) schedule(key string, days int32) error {
	_, err := c.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &key, PendingWindowInDays: &days})
	return err
}

// can returns a statement of an identity policy.
func can(actions ...string) string {
	return `{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}`
}

// lets returns a statement of a key policy.
func lets(principal string, actions ...string) string {
	return `{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}`
}

// where adds a condition to a statement.
func where(statement, condition string) string {
	return strings.TrimSuffix(statement, "}") + `,"Condition":` + condition + `}`
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// owned returns a key policy that delegates to alice's account, with further statements.
func owned(statements ...string) string {
	return document(append([]string{lets("arn:aws:iam::"+alice+":root", "kms:*")}, statements...)...)
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

// wantError is wantCode for a known message.
func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	if got := wantCode(t, err, code); got != text {
		t.Errorf("message %q, want %q", got, text)
	}
}
