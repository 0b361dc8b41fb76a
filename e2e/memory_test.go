package e2e

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// TestMemory writes and reads more than a server with little memory can cache, and finds that
// it took up no more than it was told: 80 MiB, of which 30 are for the pages of its binary.
//
// The values keep responses under 4 KiB: larger ones run into the defect of the AWS SDK for
// Go that docs/divergences.md describes.
func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells how much memory a process has taken up")
	}
	const most = (80 - 30) << 20
	p := startWrit(t, t.TempDir(), "--memory", "80MiB")
	const clients, each = 8, 500
	var wait sync.WaitGroup
	for client := range clients {
		wait.Go(func() {
			c := p.parameters()
			for i := range each {
				name := aws.String(fmt.Sprintf("/memory/%d/%d", client, i))
				_, err := c.PutParameter(t.Context(), &ssm.PutParameterInput{Name: name, Value: aws.String(strings.Repeat("x", 3000)), Type: types.ParameterTypeString, Tier: types.ParameterTierAdvanced})
				if err == nil {
					_, err = c.PutResourcePolicy(t.Context(), &ssm.PutResourcePolicyInput{ResourceArn: aws.String("arn:aws:ssm:us-east-1:" + crashAccount + ":parameter" + *name),
						Policy: aws.String(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":%q,"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":"arn:aws:ssm:us-east-1:%s:parameter%s"}]}`,
							"S"+strings.Repeat("x", 500), crashAccount, *name))})
				}
				if err == nil {
					_, err = c.GetParameter(t.Context(), &ssm.GetParameterInput{Name: name})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	taken := anonymousMemory(t, p)
	t.Logf("%d parameters with policies: %d MiB", clients*each, taken>>20)
	if taken > most {
		t.Errorf("the server takes up %d MiB, want at most %d", taken>>20, most>>20)
	}
}

var anonymous = regexp.MustCompile(`(?m)^RssAnon:\s+(\d+) kB`)

// anonymousMemory is the memory that a server has taken up, in bytes, without the pages of
// files.
func anonymousMemory(t *testing.T, p *process) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	m := anonymous.FindSubmatch(status)
	if m == nil {
		t.Fatalf("no RssAnon in %s", status)
	}
	kib, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}
