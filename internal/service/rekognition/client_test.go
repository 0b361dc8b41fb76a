package rekognition_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ/writtest"
)

// The accounts of the tests: alice owns, bob copies, carol has no permission.
const (
	alice = "111122223333"
	bob   = "444455556666"
	carol = "777788889999"
)

var ctx = context.Background()

// client is a client of one account with the calls that most tests begin with. A failing call fails the test.
type client struct {
	*rekognition.Client
	t *testing.T
}

func newClient(t *testing.T, s *writtest.Server, account string) client {
	return fromConfig(t, s.Config(account))
}

func fromConfig(t *testing.T, cfg aws.Config) client {
	return client{rekognition.NewFromConfig(cfg), t}
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
	root := iam.NewFromConfig(s.Config(account))
	_, err := root.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: new(
		document(`{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}`))})
	ok(t, err)
	_, err = root.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &role, PolicyName: new("inline"), PolicyDocument: new(document(statements...))})
	ok(t, err)
	out, err := sts.NewFromConfig(s.User(account, "assumer", document(identity("Allow", "sts:AssumeRole", "*")))).AssumeRole(ctx,
		&sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::" + account + ":role/" + role), RoleSessionName: new("session")})
	ok(t, err)
	cfg := s.Config(account)
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	return fromConfig(t, cfg)
}

func (c client) project(name string) string {
	c.t.Helper()
	out, err := c.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: &name})
	ok(c.t, err)
	return *out.ProjectArn
}

func (c client) version(project, name string) string {
	c.t.Helper()
	out, err := c.CreateProjectVersion(ctx, &rekognition.CreateProjectVersionInput{
		ProjectArn: &project, VersionName: &name, OutputConfig: output,
	})
	ok(c.t, err)
	return *out.ProjectVersionArn
}

var output = &types.OutputConfig{S3Bucket: new("results"), S3KeyPrefix: new("birds/")}

// put puts a policy and returns its revision.
func (c client) put(project, name, document string, revision *string) string {
	c.t.Helper()
	out, err := c.tryPut(project, name, document, revision)
	ok(c.t, err)
	return *out.PolicyRevisionId
}

func (c client) tryPut(project, name, document string, revision *string) (*rekognition.PutProjectPolicyOutput, error) {
	return c.PutProjectPolicy(ctx, &rekognition.PutProjectPolicyInput{
		ProjectArn: &project, PolicyName: &name, PolicyDocument: &document, PolicyRevisionId: revision,
	})
}

func (c client) tryDelete(project, name string, revision *string) error {
	_, err := c.DeleteProjectPolicy(ctx, &rekognition.DeleteProjectPolicyInput{
		ProjectArn: &project, PolicyName: &name, PolicyRevisionId: revision,
	})
	return err
}

func (c client) policies(project string) []types.ProjectPolicy {
	c.t.Helper()
	out, err := c.ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &project})
	ok(c.t, err)
	return out.ProjectPolicies
}

// revision returns the latest revision of a policy, or nil if none is visible.
func (c client) revision(project, name string) *string {
	out, err := c.ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &project})
	if err != nil {
		return nil
	}
	for _, p := range out.ProjectPolicies {
		if *p.PolicyName == name {
			return p.PolicyRevisionId
		}
	}
	return nil
}

// model is a version and its project.
type model struct{ project, version string }

// model creates a project with one version.
func (c client) model(project string) model {
	c.t.Helper()
	arn := c.project(project)
	return model{arn, c.version(arn, "v1")}
}

// copy copies a version into another project.
func (c client) copy(m model, destination, name string) (string, error) {
	out, err := c.CopyProjectVersion(ctx, &rekognition.CopyProjectVersionInput{
		SourceProjectArn: &m.project, SourceProjectVersionArn: &m.version, DestinationProjectArn: &destination,
		VersionName: &name, OutputConfig: output,
	})
	if err != nil {
		return "", err
	}
	return *out.ProjectVersionArn, nil
}

func (c client) versions(project string, names ...string) []types.ProjectVersionDescription {
	c.t.Helper()
	out, err := c.DescribeProjectVersions(ctx, &rekognition.DescribeProjectVersionsInput{ProjectArn: &project, VersionNames: names})
	ok(c.t, err)
	return out.ProjectVersionDescriptions
}

// statement returns a statement that allows or denies the principal to copy the resource.
func statement(effect, principal, resource string) string {
	return `{"Effect":"` + effect + `","Principal":{"AWS":"` + principal +
		`"},"Action":"rekognition:CopyProjectVersion","Resource":"` + resource + `"}`
}

// identity returns a statement of an identity policy.
func identity(effect, action, resource string) string {
	return `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"}`
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// share returns the document of the developer guide: the account may copy every version.
func share(account string) string { return document(statement("Allow", account, "*")) }

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

// raw sends a request that no SDK would send and returns its status and body.
func raw(t *testing.T, s *writtest.Server, account, operation, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequest("POST", s.URL+"/", strings.NewReader(body))
	ok(t, err)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "RekognitionService."+operation)
	key, err := s.Config(account).Credentials.Retrieve(ctx)
	ok(t, err)
	sum := sha256.Sum256([]byte(body))
	ok(t, v4.NewSigner().SignHTTP(ctx, key, req, hex.EncodeToString(sum[:]), "rekognition", writtest.Region, time.Now()))
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
