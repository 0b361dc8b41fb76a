package worlds_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/writdev/writ/writtest"
)

// seed makes a world of a hundred parameters with a policy each.
func seed(b *testing.B, s *writtest.Server) {
	b.Helper()
	var file strings.Builder
	file.WriteString("accounts: [{id: 111122223333, name: a}, {id: 444455556666, name: b}]\nparameters:\n")
	for i := range 100 {
		fmt.Fprintf(&file, "  - {arn: a:parameter/p%d, type: String, value: v, tier: Advanced, policies: [{allow: ssm:GetParameter, to: b}]}\n", i)
	}
	change(b, s, "PUT", "seed", file.String(), http.StatusCreated)
}

func change(b *testing.B, s *writtest.Server, method, target, body string, want int) {
	b.Helper()
	req, err := http.NewRequest(method, s.URL+"/_writ/worlds/"+target, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != want {
		b.Fatalf("%s %s: %d", method, target, resp.StatusCode)
	}
}

// use makes the first request of a world, which opens it.
func use(b *testing.B, s *writtest.Server, name string) {
	b.Helper()
	resp, err := http.Get(s.URL + "/_writ/w/" + name + "/_writ/clock")
	if err != nil {
		b.Fatal(err)
	}
	resp.Body.Close()
}

// BenchmarkCopy copies a world of a hundred resources and makes its first request.
func BenchmarkCopy(b *testing.B) {
	s := writtest.New(b)
	seed(b, s)
	use(b, s, "seed")
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprintf("c%d", i)
		change(b, s, "PUT", name+"?from=seed", "", http.StatusCreated)
		use(b, s, name)
		b.StopTimer()
		change(b, s, "DELETE", name, "", http.StatusNoContent)
		b.StartTimer()
	}
}

// BenchmarkDelete deletes an open copy.
func BenchmarkDelete(b *testing.B) {
	s := writtest.New(b)
	seed(b, s)
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		name := fmt.Sprintf("c%d", i)
		change(b, s, "PUT", name+"?from=seed", "", http.StatusCreated)
		use(b, s, name)
		b.StartTimer()
		change(b, s, "DELETE", name, "", http.StatusNoContent)
	}
}
