package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// diskCalls are the system calls with which SQLite writes: to the log, to the database
// file, and to the disk.
const diskCalls = "pwrite64,fsync,fdatasync"

// inject makes system calls of a running server fail, or kill it, with strace: what is an
// expression of strace's -e inject. It returns when strace is attached; stop detaches it.
func (p *process) inject(t *testing.T, what string) (stop func()) {
	t.Helper()
	said := filepath.Join(t.TempDir(), "strace.txt")
	file, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command("strace", "-f", "-o", os.DevNull, "-p", fmt.Sprint(p.cmd.Process.Pid), "-e", "trace="+diskCalls, "-e", "inject="+what)
	cmd.Stderr = file
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		text, err := os.ReadFile(said)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "attached") {
			return func() {
				_ = cmd.Process.Signal(os.Interrupt)
				_ = cmd.Wait()
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	text, _ := os.ReadFile(said)
	t.Fatalf("strace does not attach: %s", text)
	return nil
}

// needStrace skips the test where strace is missing or may not attach to a process; CI
// installs it, and a test that finds none fails there.
func needStrace(t *testing.T) {
	t.Helper()
	err := exec.Command("strace", "-qq", "-o", os.DevNull, "true").Run()
	if err == nil {
		return
	}
	if os.Getenv("E2E") != "" {
		t.Fatalf("strace cannot trace a process: %v", err)
	}
	t.Skipf("strace cannot trace a process here (%v), so no system call can be made to fail", err)
}

// putNumbered stores a parameter and returns the error's text; "" for success.
func putNumbered(c *ssm.Client, n int) string {
	_, err := c.PutParameter(context.Background(), &ssm.PutParameterInput{
		Name: aws.String(fmt.Sprintf("/fault/%d", n)), Value: aws.String(strings.Repeat("x", 3000)), Type: types.ParameterTypeString})
	if err != nil {
		return err.Error()
	}
	return ""
}

// wantNumbered checks that the parameters that were acknowledged are there.
func wantNumbered(t *testing.T, p *process, acknowledged []int) {
	t.Helper()
	for _, n := range acknowledged {
		_, err := p.parameters().GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String(fmt.Sprintf("/fault/%d", n))})
		if err != nil {
			t.Errorf("parameter %d was acknowledged: %v", n, err)
		}
	}
}

// wantWhole runs writ verify on a data directory that no server has open.
func wantWhole(t *testing.T, data string) {
	t.Helper()
	if out, err := exec.Command(writ, "verify", data).CombinedOutput(); err != nil {
		t.Errorf("writ verify: %v\n%s", err, out)
	}
}

// TestFullDisk lets the disk be full for some writes. The requests fail and say why; when
// there is space again the same server goes on, and nothing that it acknowledged is lost.
func TestFullDisk(t *testing.T) {
	needStrace(t)
	data := t.TempDir()
	p := startWrit(t, data)
	stop := p.inject(t, "pwrite64:error=ENOSPC:when=20..30")
	var acknowledged []int
	failures := 0
	put := func(n int) {
		switch text := putNumbered(p.parameters(), n); {
		case text == "":
			acknowledged = append(acknowledged, n)
		case strings.Contains(text, "disk that holds Writ's data is full"):
			failures++
		default:
			t.Errorf("parameter %d: %s", n, text)
		}
	}
	for n := range 60 {
		put(n)
	}
	stop()
	before := len(acknowledged)
	for n := 60; n < 70; n++ {
		put(n)
	}
	if failures == 0 || before == 0 || len(acknowledged) != before+10 {
		t.Errorf("%d writes failed, %d succeeded, then %d of 10 with space on the disk", failures, before, len(acknowledged)-before)
	}
	p.kill()
	wantWhole(t, data)
	wantNumbered(t, startWrit(t, data), acknowledged)
}

// TestFailedFlush lets flushing fail once. What the server acknowledges afterwards could
// be lost, since the kernel forgets what it could not write: the server acknowledges nothing
// more, and says so, until it is started again.
func TestFailedFlush(t *testing.T) {
	needStrace(t)
	data := t.TempDir()
	p := startWrit(t, data)
	defer p.inject(t, "fsync,fdatasync:error=EIO:when=5")()
	var acknowledged []int
	failed := false
	for n := range 60 {
		switch text := putNumbered(p.parameters(), n); {
		case text == "" && !failed:
			acknowledged = append(acknowledged, n)
		case text == "":
			t.Errorf("parameter %d is acknowledged after a flush failed", n)
		case strings.Contains(text, "disk that holds Writ's data failed"):
			failed = true
		default:
			t.Errorf("parameter %d: %s", n, text)
		}
	}
	if !failed || len(acknowledged) == 0 {
		t.Errorf("%d writes were acknowledged; failed: %v", len(acknowledged), failed)
	}
	if status := readiness(t, p); status != 503 {
		t.Errorf("/_writ/ready answers %d", status)
	}
	p.kill()
	wantWhole(t, data)
	p = startWrit(t, data)
	wantNumbered(t, p, acknowledged)
	if text := putNumbered(p.parameters(), 1000); text != "" {
		t.Errorf("after the restart: %s", text)
	}
}

// readiness is the status of /_writ/ready.
func readiness(t *testing.T, p *process) int {
	t.Helper()
	resp, err := http.Get("http://" + p.address + "/_writ/ready")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
