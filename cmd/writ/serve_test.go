package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/writdev/writ"
)

// TestStalledClients has clients that stop in the middle of a request: each is
// cut off, and the server goes on.
func TestStalledClients(t *testing.T) {
	w, err := writ.New(writ.Config{})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	short := patience{header: 100 * time.Millisecond, read: 200 * time.Millisecond, write: time.Second, idle: 100 * time.Millisecond}
	server := newHTTPServer(w, short, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	for name, c := range map[string]struct{ send, want string }{
		"nothing":           {"", ""},
		"half a header":     {"PUT /CreateComponent HTTP/1.1\r\nHost: x\r\nX-Am", "400 Bad Request"},
		"half a body":       {"PUT /CreateComponent HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"na", "SerializationException"},
		"half a chunk":      {"PUT /CreateComponent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"na", "SerializationException"},
		"a header too long": {"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", writ.MaxHeaderBytes+8192), "431 Request Header Fields Too Large"},
	} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, c.send)
		answer, err := io.ReadAll(conn) // to the end: the server closes
		if err != nil && c.want != "" && len(answer) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(string(answer), c.want) {
			t.Errorf("%s: got %q, want %s in it", name, answer, c.want)
		}
		conn.Close()
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	<-served
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// stall opens a connection whose request never ends, and returns once the server
// is at it: the server asks for the body that does not come.
func stall(t *testing.T, addr net.Addr) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "PUT /CreateComponent HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n")
	line := make([]byte, len("HTTP/1.1 100 Continue"))
	if _, err := io.ReadFull(conn, line); err != nil || string(line) != "HTTP/1.1 100 Continue" {
		t.Fatalf("got %q, %v", line, err)
	}
	return conn
}

// isCut waits until the server has closed a connection.
func isCut(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); os.IsTimeout(err) {
		t.Error("the connection is still open")
	}
}

// TestDrainCuts has a client that stalls past the time to drain: it is cut off,
// which is no failure.
func TestDrainCuts(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	server := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }), usualPatience, slog.New(slog.DiscardHandler))
	go server.Serve(listener)
	conn := stall(t, listener.Addr())
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := drain(ctx, server, logger); err != nil {
		t.Error(err)
	}
	isCut(t, conn)
	if !strings.Contains(log.String(), "cut off") {
		t.Errorf("log %q", log.String())
	}
}

// lines is a log that can be waited for.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// TestSecondSignal has an impatient user: the second signal ends the wait for a
// client that stalls.
func TestSecondSignal(t *testing.T) {
	w, err := writ.New(writ.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := make(lines, 10)
	served := make(chan error, 1)
	go func() { served <- new(serveCmd).serve(w, listener, slog.New(slog.NewTextHandler(log, nil))) }()
	conn := stall(t, listener.Addr())
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if line := <-log; !strings.Contains(line, "draining") {
		t.Errorf("log %q", line)
	}
	start := time.Now()
	if err := self.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	isCut(t, conn)
	if waited := time.Since(start); waited >= drainTimeout {
		t.Errorf("served for another %s", waited)
	}
}
