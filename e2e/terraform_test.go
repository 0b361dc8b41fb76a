package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
)

const (
	terraformOwner    = "111122223333"
	terraformConsumer = "444455556666"
)

// TestTerraform applies and destroys a share between two accounts with the real
// Terraform and the real hashicorp/aws provider.
func TestTerraform(t *testing.T) {
	provider := terraformProvider(t)
	p := startWrit(t, t.TempDir())
	tf := newTerraform(t, p.address, provider)

	tf.run("apply", "-auto-approve")
	recipe, parameter := tf.output("recipe"), tf.output("parameter")
	if got := tf.output("account"); got != terraformOwner {
		t.Errorf("the provider is of account %s, want %s", got, terraformOwner)
	}
	owner, consumer := p.reader(terraformOwner), p.reader(terraformConsumer)
	owner.want(t, "the owner", recipe, parameter, "")
	consumer.want(t, "the consumer before the share is accepted", recipe, parameter, "AccessDeniedException")

	tf.run("apply", "-auto-approve", "-var=accept=true")
	consumer.want(t, "the consumer after the share is accepted", recipe, parameter, "")
	if got := tf.output("shared"); got != "correct horse" {
		t.Errorf("the data source of the consumer reads %q, want the owner's value", got)
	}

	// Exit code 2 would tell of a change, which run takes as a failure.
	tf.run("plan", "-detailed-exitcode", "-var=accept=true")

	tf.run("destroy", "-auto-approve", "-var=accept=true")
	if left := tf.run("state", "list"); left != "" {
		t.Errorf("the state still has\n%s", left)
	}
	consumer.want(t, "the consumer after the destruction", recipe, parameter, "AccessDeniedException")
	_, err := owner.recipes.GetImageRecipe(t.Context(), &imagebuilder.GetImageRecipeInput{ImageRecipeArn: &recipe})
	if got := errorCode(err); got != "ResourceNotFoundException" {
		t.Errorf("the owner's recipe after the destruction: %v, want ResourceNotFoundException", err)
	}
	_, err = owner.parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &parameter})
	if got := errorCode(err); got != "ParameterNotFound" {
		t.Errorf("the owner's parameter after the destruction: %v, want ParameterNotFound", err)
	}
}

// terraformProvider is the path of the provider's binary. Terraform and its
// provider are no packages of Go, Debian or npm, so a machine may lack them.
func terraformProvider(t *testing.T) string {
	if os.Getenv("E2E") == "" {
		t.Skip("the real clients run with E2E=1")
	}
	provider := os.Getenv("TERRAFORM_PROVIDER_AWS")
	if provider == "" {
		t.Skip("no Terraform provider: run `TERRAFORM_PROVIDER_AWS=.../terraform-provider-aws_vX E2E=1 go test ./e2e -run Terraform`; `terraform providers mirror` downloads it")
	}
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Fatalf("TERRAFORM_PROVIDER_AWS is set, but this machine has no terraform: %v", err)
	}
	provider, err := filepath.Abs(provider)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(provider); err != nil || info.IsDir() {
		t.Fatalf("TERRAFORM_PROVIDER_AWS names no file: %s", provider)
	}
	return provider
}

// terraform runs commands in a directory of their own, against one server.
type terraform struct {
	t   *testing.T
	dir string
	env []string
}

// newTerraform takes the provider from the given file, never from a registry.
func newTerraform(t *testing.T, address, provider string) *terraform {
	t.Helper()
	dir, plugins := t.TempDir(), t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "terraform"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(provider, filepath.Join(plugins, "terraform-provider-aws")); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(plugins, "terraform.rc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  dev_overrides {\n    \"hashicorp/aws\" = %q\n  }\n}\n", plugins)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &terraform{t, dir, append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+config,
		"TF_IN_AUTOMATION=1",
		"TF_INPUT=0",
		"AWS_ENDPOINT_URL=http://"+address,
		"AWS_CONFIG_FILE="+filepath.Join(plugins, "no-config"),
		"AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(plugins, "no-credentials"),
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1",
	)}
}

// run fails the test unless the command exits with 0, and gives what it prints
// on standard output.
func (tf *terraform) run(args ...string) string {
	tf.t.Helper()
	cmd := exec.CommandContext(tf.t.Context(), "terraform", args...)
	cmd.Dir, cmd.Env = tf.dir, tf.env
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out = append(out, exit.Stderr...)
		}
		tf.t.Fatalf("terraform %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// output is an output value of the configuration, a string.
func (tf *terraform) output(name string) string {
	tf.t.Helper()
	var value string
	if err := json.Unmarshal([]byte(tf.run("output", "-json", name)), &value); err != nil {
		tf.t.Fatalf("terraform output %s: %v", name, err)
	}
	return value
}

// reader reads as the root user of an account.
type reader struct {
	recipes    *imagebuilder.Client
	parameters *ssm.Client
}

func (p *process) reader(account string) reader {
	config := aws.Config{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String("http://" + p.address),
		Credentials:      credentials.NewStaticCredentialsProvider(account, "test", ""),
		RetryMaxAttempts: 1,
	}
	return reader{imagebuilder.NewFromConfig(config), ssm.NewFromConfig(config)}
}

// want reads the recipe and the decrypted parameter, and expects the error code
// of both, "" for success.
func (r reader) want(t *testing.T, who, recipe, parameter, code string) {
	t.Helper()
	_, err := r.recipes.GetImageRecipe(t.Context(), &imagebuilder.GetImageRecipeInput{ImageRecipeArn: &recipe})
	if got := errorCode(err); got != code {
		t.Errorf("%s reads the recipe: %v, want code %q", who, err, code)
	}
	_, err = r.parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &parameter, WithDecryption: aws.Bool(true)})
	if got := errorCode(err); got != code {
		t.Errorf("%s reads the parameter: %v, want code %q", who, err, code)
	}
}

// errorCode is the code of an AWS error, "" for none, the text of another error.
func errorCode(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	default:
		return err.Error()
	}
}
