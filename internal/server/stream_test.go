package server_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/writtest"
)

// TestManyStreams has 1,000 readers of the stream at once. Each receives every
// denial, and a reader that reads nothing delays nobody.
func TestManyStreams(t *testing.T) {
	const readers, denials = 1000, 3
	s := writtest.New(t)
	stalled, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	if _, err := stalled.Write([]byte("GET /_writ/decisions/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{}}
	var ready, done sync.WaitGroup
	var received atomic.Int32
	ready.Add(readers)
	for range readers {
		done.Go(func() {
			began := sync.OnceFunc(ready.Done)
			defer began()
			req, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/_writ/decisions/stream?outcome=denied", nil)
			if err != nil {
				t.Error(err)
				return
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			lines := bufio.NewScanner(resp.Body)
			lines.Buffer(nil, 1<<20)
			for n := 0; n < denials && lines.Scan(); {
				began() // the stream begins with a comment
				if bytes.HasPrefix(lines.Bytes(), []byte("data: ")) {
					n++
					received.Add(1)
				}
			}
		})
	}
	ready.Wait()
	slowest := time.Duration(0)
	for range denials {
		began := time.Now()
		deny(t, s)
		slowest = max(slowest, time.Since(began))
	}
	done.Wait()
	if got := received.Load(); got != readers*denials {
		t.Errorf("%d events were received, want %d", got, readers*denials)
	}
	t.Logf("the slowest of the requests took %v", slowest)
}

// TestStalledReaderIsDropped: a reader that reads nothing is cut off when it has fallen too
// far behind; requests are served meanwhile.
func TestStalledReaderIsDropped(t *testing.T) {
	s := writtest.New(t)
	stalled, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	if _, err := stalled.Write([]byte("GET /_writ/decisions/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	begun := make([]byte, 1)
	if _, err := io.ReadFull(stalled, begun); err != nil {
		t.Fatal(err)
	}
	deny(t, s)
	req, err := http.NewRequest("POST", s.URL+"/", strings.NewReader(`{"Name":"`+strings.Repeat("p", 900)+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	body, err := io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	sign(t, req, body, "ssm", credentials(alice, "test"), time.Now())
	for range 6000 {
		again := req.Clone(t.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := http.DefaultClient.Do(again)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	if err := stalled.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	received, err := io.ReadAll(stalled)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the reader is still connected")
	}
	if n := bytes.Count(received, []byte("\ndata: ")); n == 0 || n >= 6000 {
		t.Errorf("%d of 6000 events were received before the end", n)
	}
}

// TestDeletedResource: the record of a resource that was deleted since is explained
// as before.
func TestDeletedResource(t *testing.T) {
	s := writtest.New(t)
	at := deny(t, s)
	var before, after decision.Record
	fetch(t, at, &before)
	if _, err := ssm.NewFromConfig(s.Config(alice)).DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: new("p")}); err != nil {
		t.Fatal(err)
	}
	if status := fetch(t, at, &after); status != 200 || after.Sentence != before.Sentence || after.Outcome != decision.Denied || len(after.Layers) != len(before.Layers) {
		t.Errorf("status %d, %+v, before %+v", status, after, before)
	}
}

// TestExpiredDecision: an id that the ring has dropped is answered as one that never
// was, with how many are kept and since when.
func TestExpiredDecision(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Decisions: 3})
	at := deny(t, s)
	for range 3 {
		deny(t, s)
	}
	var fault struct{ Message string }
	if status := fetch(t, at, &fault); status != 404 || !strings.Contains(fault.Message, "The last 3 (of 3 at most) are kept, since 20") {
		t.Errorf("%d %s", status, fault.Message)
	}
}

// TestAuditFileErrors: an audit file that cannot be is an error at the start; one that
// fills up fails no request unless it is required.
func TestAuditFileErrors(t *testing.T) {
	if w, err := writ.New(writ.Config{Audit: t.TempDir()}); err == nil {
		t.Error("a folder is taken as an audit file")
		w.Close()
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full, the file on a full disk")
	}
	w, err := writ.New(writ.Config{Audit: "/dev/full"})
	if err != nil {
		t.Fatal(err)
	}
	h := &http.Server{Handler: w}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go h.Serve(l)
	t.Cleanup(func() {
		h.Close()
		if err := w.Close(); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("closing does not tell of the lines that are lost: %v", err)
		}
	})
	s := writtest.New(t)
	cfg := s.Config(alice)
	cfg.BaseEndpoint = new("http://" + l.Addr().String())
	if _, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("p"), Value: new("v"), Type: types.ParameterTypeString}); err != nil {
		t.Errorf("a full disk fails a request whose line is not required: %v", err)
	}
}
