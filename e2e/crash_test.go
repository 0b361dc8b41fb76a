package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
)

const (
	crashAccount = "111122223333"
	crashClients = 8
	crashRounds  = 3
)

// TestKill kills the server with SIGKILL while many clients write policies, and
// finds every acknowledged one after the restart.
func TestKill(t *testing.T) {
	data := t.TempDir()
	acknowledged := make([]int, crashClients) // per recipe, the last revision that was answered with success
	p := startWrit(t, data)
	recipes := makeRecipes(t, p.client())
	for round := range crashRounds {
		var clients sync.WaitGroup
		for i := range crashClients {
			clients.Go(func() {
				for revision := acknowledged[i] + 1; p.client().put(recipes[i], revision) == nil; revision++ {
					acknowledged[i] = revision
				}
			})
		}
		time.Sleep(150 * time.Millisecond)
		p.kill()
		clients.Wait()

		p = startWrit(t, data)
		for i, arn := range recipes {
			if got := p.client().revision(t, arn); got < acknowledged[i] || got > acknowledged[i]+1 {
				t.Errorf("round %d: %s has revision %d; %d was acknowledged and at most one more was under way",
					round, arn, got, acknowledged[i])
			}
			acknowledged[i] = p.client().revision(t, arn)
		}
	}
	p.kill()
	t.Logf("%d policies were acknowledged over %d kills, none was lost", sum(acknowledged), crashRounds)
	if sum(acknowledged) < crashClients*crashRounds {
		t.Errorf("only %d writes were acknowledged: the test shows nothing", sum(acknowledged))
	}
}

// process is a running writ serve.
type process struct {
	address string
	cmd     *exec.Cmd
}

func startWrit(t *testing.T, data string, flags ...string) *process {
	t.Helper()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return startWritAt(t, address, data, flags...)
}

// startWritAt is startWrit at an address.
func startWritAt(t *testing.T, address, data string, flags ...string) *process {
	t.Helper()
	p := &process{address, exec.Command(writ, append([]string{"serve", "--listen", address, "--data", data}, flags...)...)}
	var said bytes.Buffer
	p.cmd.Stderr = &said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for range 3000 { // a busy machine may take seconds
		if resp, err := http.Get("http://" + address + "/_writ/health"); err == nil {
			resp.Body.Close()
			return p
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.kill()
	t.Fatalf("writ serve does not answer on %s: %s", address, said.Bytes())
	return nil
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// client is an Image Builder client of the account that owns the recipes.
type client struct{ *imagebuilder.Client }

func (p *process) client() client {
	return client{imagebuilder.New(imagebuilder.Options{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String("http://" + p.address),
		Credentials:      credentials.NewStaticCredentialsProvider(crashAccount, "test", ""),
		RetryMaxAttempts: 1,
	})}
}

func makeRecipes(t *testing.T, c client) []string {
	component, err := c.CreateComponent(t.Context(), &imagebuilder.CreateComponentInput{
		Name: aws.String("agent"), SemanticVersion: aws.String("1.0.0"), Platform: types.PlatformLinux,
		Data: aws.String("schemaVersion: 1.0\nphases:\n  - name: build\n    steps: []\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var arns []string
	for i := range crashClients {
		out, err := c.CreateImageRecipe(t.Context(), &imagebuilder.CreateImageRecipeInput{
			Name: aws.String(fmt.Sprintf("recipe-%d", i)), SemanticVersion: aws.String("1.0.0"),
			ParentImage: aws.String("ami-0123456789abcdef0"),
			Components:  []types.ComponentConfiguration{{ComponentArn: component.ComponentBuildVersionArn}},
		})
		if err != nil {
			t.Fatal(err)
		}
		arns = append(arns, *out.ImageRecipeArn)
	}
	return arns
}

// put writes a policy that carries its revision as the Sid of its statement.
func (c client) put(arn string, revision int) error {
	_, err := c.PutImageRecipePolicy(context.Background(), &imagebuilder.PutImageRecipePolicyInput{
		ImageRecipeArn: &arn,
		Policy: aws.String(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"Revision%d","Effect":"Allow",`+
			`"Principal":{"AWS":["444455556666"]},"Action":"imagebuilder:GetImageRecipe","Resource":%q}]}`, revision, arn)),
	})
	return err
}

// revision reads the revision back; 0 for no policy.
func (c client) revision(t *testing.T, arn string) int {
	t.Helper()
	out, err := c.GetImageRecipePolicy(t.Context(), &imagebuilder.GetImageRecipePolicyInput{ImageRecipeArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(*out.Policy, `"Sid":"Revision`)
	if !found {
		return 0
	}
	var revision int
	if _, err := fmt.Sscanf(text, "%d", &revision); err != nil {
		t.Fatal(err)
	}
	return revision
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}
