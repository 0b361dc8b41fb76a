package writ

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/worlds"
)

// TestEndpoints compares the reference of Writ's own paths with the tables that route them.
// -update writes it.
func TestEndpoints(t *testing.T) {
	const file = "docs/reference/endpoints.md"
	var b strings.Builder
	b.WriteString("# Endpoints\n\nWritten by `go test . -run TestEndpoints -update` from the tables that route them.\n\n" +
		"AWS APIs are served at `/`, and for each [world](worlds.md) at `/_writ/w/NAME/` and `http://NAME.localhost:4566`. Beside them Writ has paths of its own. " +
		"Their errors are JSON with a `message`.\n\n" +
		"Operators are the programs on this machine; at a server that other machines can reach, whoever has the admin token. " +
		"A request of a page in a browser is refused at all that are not for anyone.\n")
	table := func(title, text string, list []server.Endpoint) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| request | for | |\n|---|---|---|\n", title, text)
		for _, e := range list {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.NewReplacer("{rest...}", "ISSUER/…", "{id}", "ID", "{name}", "NAME").Replace(e.Pattern), e.For, e.Text)
		}
	}
	table("Of each world", "They follow the endpoint of a world: `http://127.0.0.1:4566/_writ/w/NAME/_writ/decisions`. The [console](../console.md) is at `/_writ/console`.", server.Endpoints())
	table("Of the server", "[Worlds](worlds.md) are made and deleted here.", worlds.Endpoints())
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != b.String() {
		t.Errorf("%s is not what the tables say (%v); run go test . -run TestEndpoints -update", file, err)
	}
}

// TestEndpointsGuarded: at a server that other machines can reach, another machine is
// refused wherever the table says so.
func TestEndpointsGuarded(t *testing.T) {
	w, err := New(Config{Public: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, e := range slices.Concat(server.Endpoints(), worlds.Endpoints()) {
		method, path, _ := strings.Cut(e.Pattern, " ")
		req := httptest.NewRequest(method, strings.NewReplacer("{rest...}", "issuer.example/token", "{id}", "last", "{name}", "one").Replace(path), nil)
		req.RemoteAddr = "203.0.113.9:40000"
		answer := httptest.NewRecorder()
		w.ServeHTTP(answer, req)
		if refused := answer.Code == http.StatusForbidden; refused == (e.For == server.Anyone) {
			t.Errorf("%s, for %s: %d", e.Pattern, e.For, answer.Code)
		}
	}
}
