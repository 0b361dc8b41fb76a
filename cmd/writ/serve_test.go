package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
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
