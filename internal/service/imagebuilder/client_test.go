package imagebuilder_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ/writtest"
)

// The accounts of the stories: alice owns, bob is let in, carol is not.
const (
	alice = "111122223333"
	bob   = "444455556666"
	carol = "777788889999"
)

var ctx = context.Background()

// client is a client of one account, with the calls that most tests begin with.
// A call fails the test if it fails.
type client struct {
	*imagebuilder.Client
	t       *testing.T
	account string
}

func newClient(t *testing.T, s *writtest.Server, account string) client {
	return client{imagebuilder.NewFromConfig(s.Config(account)), t, account}
}

// as is a client of a user of the account that has one identity policy.
func as(t *testing.T, s *writtest.Server, account, user, policy string) client {
	return client{imagebuilder.NewFromConfig(s.User(account, user, policy)), t, account}
}

func (c client) arn(resource string) string {
	return "arn:aws:imagebuilder:" + writtest.Region + ":" + c.account + ":" + resource
}

const shell = `
schemaVersion: 1.0
parameters:
  - Greeting:
      type: string
      default: hello
      description: What to say.
phases:
  - name: build
    steps:
      - name: Say
        action: ExecuteBash
        inputs: {commands: ["echo {{ Greeting }}"]}
`

func (c client) component(name, version string) string {
	c.t.Helper()
	out, err := c.CreateComponent(ctx, &imagebuilder.CreateComponentInput{
		Name: &name, SemanticVersion: &version, Platform: types.PlatformLinux, Data: new(shell),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.ComponentBuildVersionArn
}

func (c client) recipe(name, version, parent string, components ...string) string {
	c.t.Helper()
	in := &imagebuilder.CreateImageRecipeInput{Name: &name, SemanticVersion: &version, ParentImage: &parent}
	for _, component := range components {
		in.Components = append(in.Components, types.ComponentConfiguration{ComponentArn: &component})
	}
	out, err := c.CreateImageRecipe(ctx, in)
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.ImageRecipeArn
}

func (c client) containerRecipe(name, version string) string {
	c.t.Helper()
	out, err := c.CreateContainerRecipe(ctx, &imagebuilder.CreateContainerRecipeInput{
		Name: &name, SemanticVersion: &version, ContainerType: types.ContainerTypeDocker,
		ParentImage: new("amazonlinux:latest"),
		TargetRepository: &types.TargetContainerRepository{
			Service: types.ContainerRepositoryServiceEcr, RepositoryName: new("apps"),
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.ContainerRecipeArn
}

func (c client) infrastructure(name string) string {
	c.t.Helper()
	out, err := c.CreateInfrastructureConfiguration(ctx, &imagebuilder.CreateInfrastructureConfigurationInput{
		Name: &name, InstanceProfileName: new("builder"),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.InfrastructureConfigurationArn
}

func (c client) image(recipe, infrastructure string) string {
	c.t.Helper()
	out, err := c.CreateImage(ctx, &imagebuilder.CreateImageInput{
		ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.ImageBuildVersionArn
}

// anImage makes an image with all that it needs.
func (c client) anImage(name string) string {
	c.t.Helper()
	return c.image(c.recipe(name, "1.0.0", "ami-0123456789abcdef0"), c.infrastructure(name))
}

func (c client) putImagePolicy(arn, policy string) {
	c.t.Helper()
	if _, err := c.PutImagePolicy(ctx, &imagebuilder.PutImagePolicyInput{ImageArn: &arn, Policy: &policy}); err != nil {
		c.t.Fatal(err)
	}
}

// canonical is the policy that the user guide shows for sharing a resource.
func canonical(arn, principal string, actions ...string) string {
	list := make([]string, len(actions))
	for i, action := range actions {
		list[i] = `"imagebuilder:` + action + `"`
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["` + principal +
		`"]},"Action":[` + strings.Join(list, ",") + `],"Resource":["` + arn + `"]}]}`
}

// wantCode checks that err is the API error with a code, and returns its message.
func wantCode(t *testing.T, err error, code string) string {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("error %v, want %s", err, code)
	}
	return e.ErrorMessage()
}

func wantMessage(t *testing.T, err error, code, message string) {
	t.Helper()
	if got := wantCode(t, err, code); got != message {
		t.Errorf("message:\n got %s\nwant %s", got, message)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// raw sends a request as no SDK would and returns its status, its error type
// and its body.
func raw(t *testing.T, s *writtest.Server, account, method, target, body string) (int, string, map[string]any) {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+target, strings.NewReader(body))
	ok(t, err)
	req.Header.Set("Content-Type", "application/json")
	credentials, err := s.Config(account).Credentials.Retrieve(ctx)
	ok(t, err)
	sum := sha256.Sum256([]byte(body))
	ok(t, v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "imagebuilder", writtest.Region, time.Now()))
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ok(t, err)
	var answer map[string]any
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&answer); err != nil {
		t.Fatalf("answer %q: %v", text, err)
	}
	return res.StatusCode, res.Header.Get("X-Amzn-Errortype"), answer
}
