package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

const (
	auditKills   = 10 // PROOF_KILLS sets another number
	auditClients = 16
)

// TestAuditSurvivesKill kills a server whose audit lines are required with SIGKILL
// while many clients write, again and again. Every write that was acknowledged has
// its line, a line is torn only where the server was killed, and the file goes on
// with whole lines after a restart.
func TestAuditSurvivesKill(t *testing.T) {
	kills := auditKills
	if text := os.Getenv("PROOF_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	directory := t.TempDir()
	file := filepath.Join(directory, "audit.jsonl")
	var mutex sync.Mutex
	acknowledged := map[string]string{} // request id, name of the parameter
	for round := range kills {
		p := startWrit(t, filepath.Join(directory, "data"), "--audit", file, "--audit-required")
		var clients sync.WaitGroup
		for i := range auditClients {
			clients.Go(func() {
				c := p.parameters()
				for n := 0; ; n++ {
					name := fmt.Sprintf("/audit/%d", i)
					out, err := c.PutParameter(context.Background(), &ssm.PutParameterInput{
						Name: &name, Value: aws.String(fmt.Sprint(n)), Type: types.ParameterTypeString, Overwrite: aws.Bool(true)})
					if err != nil {
						return
					}
					id, _ := middleware.GetRequestIDMetadata(out.ResultMetadata)
					mutex.Lock()
					acknowledged[id] = name
					mutex.Unlock()
				}
			})
		}
		time.Sleep(time.Duration(100+17*(round%10)) * time.Millisecond)
		p.kill()
		clients.Wait()
	}
	written, torn := readAudit(t, file)
	lost := 0
	for id, name := range acknowledged {
		if got := written[id]; len(got) != 1 || got[0] != "ssm:PutParameter on arn:aws:ssm:us-east-1:"+crashAccount+":parameter"+name {
			lost++
			t.Logf("the write %s of %s has the lines %v", id, name, got)
		}
	}
	t.Logf("%d writes were acknowledged over %d kills; %d requests have lines, %d lines are torn", len(acknowledged), kills, len(written), torn)
	if lost > 0 || torn > kills {
		t.Errorf("%d acknowledged writes do not have one line; %d lines are torn after %d kills", lost, torn, kills)
	}
	if len(acknowledged) < kills*auditClients {
		t.Errorf("only %d writes were acknowledged: the test shows nothing", len(acknowledged))
	}
}

// readAudit reads the lines of an audit file by request id, and counts those that
// are not whole.
func readAudit(t *testing.T, file string) (written map[string][]string, torn int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	written = map[string][]string{}
	for line := range bytes.Lines(text) {
		var r struct{ ID, Operation, Resource, Outcome string }
		if !bytes.HasSuffix(line, []byte("\n")) || json.Unmarshal(line, &r) != nil {
			torn++
			continue
		}
		written[r.ID] = append(written[r.ID], r.Operation+" on "+r.Resource)
	}
	return written, torn
}

// parameters is a client of the account that writes, which does not try again.
func (p *process) parameters() *ssm.Client {
	return ssm.New(ssm.Options{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String("http://" + p.address),
		Credentials:      credentials.NewStaticCredentialsProvider(crashAccount, "test", ""),
		RetryMaxAttempts: 1,
	})
}
