package secretsmanager_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ/writtest"
)

// The accounts of the tests: alice owns, bob has access, carol has none.
const (
	alice = "111122223333"
	bob   = "444455556666"
	carol = "777788889999"
)

const (
	accessDenied     = "AccessDeniedException"
	malformed        = "MalformedPolicyDocumentException"
	notFound         = "ResourceNotFoundException"
	invalidParameter = "InvalidParameterException"
	invalidRequest   = "InvalidRequestException"
	exists           = "ResourceExistsException"
	validation       = "ValidationException"
)

var ctx = context.Background()

// client is a client of one account with the calls that most tests begin with. A failing call fails the test.
type client struct {
	*secretsmanager.Client
	cfg aws.Config
	t   *testing.T
}

func newClient(t *testing.T, s *writtest.Server, account string) client {
	return fromConfig(t, s.Config(account))
}

func fromConfig(t *testing.T, cfg aws.Config) client {
	return client{secretsmanager.NewFromConfig(cfg), cfg, t}
}

// in returns the client in another region.
func (c client) in(region string) client {
	cfg := c.cfg.Copy()
	cfg.Region = region
	return fromConfig(c.t, cfg)
}

// as returns a client of a user of the account whose identity policy has the statements.
func as(t *testing.T, s *writtest.Server, account, user string, statements ...string) client {
	return fromConfig(t, s.User(account, user, document(statements...)))
}

// option changes a CreateSecret request.
type option func(*secretsmanager.CreateSecretInput)

func withKey(key string) option {
	return func(in *secretsmanager.CreateSecretInput) { in.KmsKeyId = &key }
}

func withDescription(text string) option {
	return func(in *secretsmanager.CreateSecretInput) { in.Description = &text }
}

func withTag(key, value string) option {
	return func(in *secretsmanager.CreateSecretInput) {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
}

func withToken(token string) option {
	return func(in *secretsmanager.CreateSecretInput) { in.ClientRequestToken = &token }
}

func withReplicas(regions ...string) option {
	return func(in *secretsmanager.CreateSecretInput) {
		for _, region := range regions {
			in.AddReplicaRegions = append(in.AddReplicaRegions, types.ReplicaRegionType{Region: &region})
		}
	}
}

// create creates a secret and returns its ARN; an empty value means none.
func (c client) create(name, value string, options ...option) string {
	c.t.Helper()
	out, err := c.tryCreate(name, value, options...)
	ok(c.t, err)
	return *out.ARN
}

func (c client) tryCreate(name, value string, options ...option) (*secretsmanager.CreateSecretOutput, error) {
	in := &secretsmanager.CreateSecretInput{Name: &name}
	if value != "" {
		in.SecretString = &value
	}
	for _, set := range options {
		set(in)
	}
	return c.CreateSecret(ctx, in)
}

// put puts a value and returns the id of its version.
func (c client) put(id, value string, stages ...string) string {
	c.t.Helper()
	out, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: &value, VersionStages: stages})
	ok(c.t, err)
	return *out.VersionId
}

// get returns the current value of a secret.
func (c client) get(id string) (string, error) {
	out, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err != nil {
		return "", err
	}
	return *out.SecretString, nil
}

// has checks the value of a secret.
func (c client) has(id, value string) {
	c.t.Helper()
	if got, err := c.get(id); err != nil || got != value {
		c.t.Errorf("%s is %q, %v; want %q", id, got, err, value)
	}
}

func (c client) describe(id string) *secretsmanager.DescribeSecretOutput {
	c.t.Helper()
	out, err := c.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	ok(c.t, err)
	return out
}

func (c client) putPolicy(id, document string) error {
	_, err := c.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &id, ResourcePolicy: &document})
	return err
}

// key creates a KMS key with the default policy.
func (c client) key() string {
	c.t.Helper()
	out, err := kms.NewFromConfig(c.cfg).CreateKey(ctx, &kms.CreateKeyInput{})
	ok(c.t, err)
	return *out.KeyMetadata.Arn
}

// openKey creates a KMS key that every account may use through Secrets Manager.
func (c client) openKey() string {
	c.t.Helper()
	out, err := kms.NewFromConfig(c.cfg).CreateKey(ctx, &kms.CreateKeyInput{Policy: new(document(
		`{"Effect":"Allow","Principal":{"AWS":"`+alice+`"},"Action":"kms:*","Resource":"*"}`,
		`{"Effect":"Allow","Principal":"*","Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*",
			"Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.us-east-1.amazonaws.com"}}}`))})
	ok(c.t, err)
	return *out.KeyMetadata.Arn
}

// can returns a statement of an identity policy.
func can(action, resource string) string {
	return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}`
}

// where returns a statement with a condition.
func where(statement, condition string) string {
	return strings.TrimSuffix(statement, "}") + `,"Condition":` + condition + `}`
}

// lets returns a resource policy statement about every secret that it is attached to.
func lets(principal, action string) string {
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"` + action + `","Resource":"*"}`
}

func account(id string) string { return `{"AWS":"` + id + `"}` }

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError checks that err is the API error with a code and a message; "" is any message.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	e, is := errors.AsType[smithy.APIError](err)
	if !is || e.ErrorCode() != code || message != "" && e.ErrorMessage() != message {
		t.Fatalf("error %v, want %s %s", err, code, message)
	}
}
