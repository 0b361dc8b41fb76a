package server_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
	"github.com/writdev/writ/writtest"
)

// assembled is a server with services of the test's own, which keeps decisions and
// has an audit file that is required.
type assembled struct {
	url, audit string
	ring       *trail.Ring
	handler    http.Handler
}

func assemble(t testing.TB, services []*operation.Service) *assembled {
	t.Helper()
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	a := &assembled{audit: filepath.Join(t.TempDir(), "audit.jsonl"), ring: trail.NewRing(100, trail.DefaultBytes)}
	file, err := trail.OpenFile(a.audit)
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Config{
		Store: st, Directory: &identity.Directory{Sandbox: true, Sealer: sealer}, Gate: &authz.Gate{}, Services: services,
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Ring: a.ring, Audit: file, AuditRequired: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	a.url, a.handler = h.URL, s
	t.Cleanup(func() {
		h.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// put sends PutParameter by alice and returns the status and the request id.
func (a *assembled) put(t *testing.T, name string) (status int, id string) {
	body := `{"Name":"` + name + `","Value":"v","Type":"String","Overwrite":true}`
	req, err := http.NewRequest("POST", a.url, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	req.Header.Set("X-Amz-Target", "AmazonSSM.PutParameter")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	sign(t, req, []byte(body), "ssm", credentials(alice, "test"), time.Now())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("X-Amzn-Requestid")
}

// auditLines reads an audit file, the lines of each request id in order.
func auditLines(t *testing.T, path string) map[string][]decision.Record {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string][]decision.Record{}
	for line := range bytes.Lines(text) {
		var r decision.Record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		byID[r.ID] = append(byID[r.ID], r)
	}
	return byID
}

// TestAuditOfTransactionRunAgain has a write share its transaction with one that
// fails after it has written, so that both run again. Each has one line.
func TestAuditOfTransactionRunAgain(t *testing.T) {
	services := server.Services(operation.Instant)
	var runs, failed atomic.Int32
	queued := make(chan struct{}, 1)
	put := rowOf(t, services, "ssm:PutParameter")
	handle := put.Handle
	put.Handle = func(c *operation.Call, in any) (any, error) {
		out, err := handle(c, in)
		switch name := c.Decisions[0].Target.ARN; {
		case strings.HasSuffix(name, "/first") && runs.Add(1) == 1:
			<-queued
			time.Sleep(50 * time.Millisecond) // until the other waits for the writer
		case strings.HasSuffix(name, "/fails"):
			failed.Add(1)
			return nil, awserr.New("ParameterLimitExceeded", 400, "after it has written")
		}
		return out, err
	}
	a := assemble(t, services)
	for range 20 {
		runs.Store(0)
		failed.Store(0)
		var both sync.WaitGroup
		var ids [2]string
		both.Go(func() { _, ids[0] = a.put(t, "first") })
		for runs.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		both.Go(func() { _, ids[1] = a.put(t, "fails") })
		queued <- struct{}{}
		both.Wait()
		if runs.Load() < 2 {
			continue // the second came too late to share the transaction
		}
		lines := auditLines(t, a.audit)
		if first := lines[ids[0]]; len(first) != 1 || first[0].ErrorCode != "" || first[0].Replaces {
			t.Errorf("%d runs left the lines %+v", runs.Load(), first)
		}
		if fails := lines[ids[1]]; len(fails) != 1 || fails[0].ErrorCode != "ParameterLimitExceeded" {
			t.Errorf("the failed request left the lines %+v", fails)
		}
		return
	}
	t.Error("no transaction ran again: the test shows nothing")
}

// rowOf is the row of an action.
func rowOf(t *testing.T, services []*operation.Service, action string) *operation.Operation {
	t.Helper()
	for _, svc := range services {
		for i := range svc.Operations {
			if svc.Operations[i].Action == action {
				return &svc.Operations[i]
			}
		}
	}
	t.Fatalf("there is no operation %s", action)
	return nil
}

// TestAuditReplaced: a request whose line was written and that failed all the same,
// here since its answer cannot be encoded, has a second line that replaces the first.
func TestAuditReplaced(t *testing.T) {
	services := server.Services(operation.Instant)
	put := rowOf(t, services, "ssm:PutParameter")
	handle := put.Handle
	put.Handle = func(c *operation.Call, in any) (any, error) {
		if _, err := handle(c, in); err != nil {
			return nil, err
		}
		return struct{}{}, nil // not the output of the operation
	}
	a := assemble(t, services)
	status, id := a.put(t, "p")
	if status != http.StatusInternalServerError {
		t.Fatalf("status %d", status)
	}
	lines := auditLines(t, a.audit)[id]
	if len(lines) != 2 || lines[0].ErrorCode != "" || lines[0].Replaces || lines[1].ErrorCode != "InternalFailure" || !lines[1].Replaces {
		t.Errorf("lines %+v", lines)
	}
}

// TestRecordOfOwnership: an operation that only the owner of a resource may call is
// recorded as denied by ownership, even where the policies allow it, and in audit mode.
func TestRecordOfOwnership(t *testing.T) {
	for _, mode := range []writ.Enforcement{writ.EnforceOn, writ.EnforceAudit} {
		var log bytes.Buffer
		s := writtest.NewFromConfig(t, writ.Config{Enforce: mode, Log: slog.New(slog.NewTextHandler(&log, nil))})
		deny(t, s) // makes the parameter
		call := func(account, operation, body string) response {
			req, err := http.NewRequest("POST", s.URL, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Amz-Target", "AmazonSSM."+operation)
			req.Header.Set("Content-Type", "application/x-amz-json-1.1")
			sign(t, req, []byte(body), "ssm", credentials(account, "test"), time.Now())
			return do(t, req)
		}
		policy := `{"ResourceArn":"` + sharedParameter + `","Policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"` + bob + `\"},\"Action\":[\"ssm:GetParameter\",\"ssm:GetParameters\",\"ssm:DescribeParameters\",\"ssm:GetParameterHistory\"],\"Resource\":\"` + sharedParameter + `\"}}"}`
		refused := call(bob, "PutResourcePolicy", policy)
		if refused.status == 200 {
			t.Fatalf("mode %d: bob's PutResourcePolicy: %s %s", mode, refused, refused.body)
		}
		var r decision.Record
		if status := fetch(t, s.URL+"/_writ/decisions/"+refused.header.Get("X-Amzn-Requestid"), &r); status != 200 {
			t.Fatalf("mode %d: status %d", mode, status)
		}
		const why = "because only account " + alice + ", which owns the resource, can"
		if r.Outcome != decision.Denied || len(r.DecidedBy) != 1 || r.DecidedBy[0] != decision.Ownership || r.ErrorCode != refused.code ||
			!strings.HasSuffix(r.Sentence, why) || r.Change == nil || len(r.Change.Edits) != 0 {
			t.Errorf("mode %d: %+v", mode, r)
		}
		var last decision.Record
		if fetch(t, s.URL+"/_writ/decisions/last", &last); last.ID != r.ID {
			t.Errorf("mode %d: the last denial is %s", mode, last.Sentence)
		}
		if !strings.Contains(log.String(), why) || !strings.Contains(log.String(), "layer="+decision.Ownership) {
			t.Errorf("mode %d: the log is %s", mode, log.String())
		}
	}
}
