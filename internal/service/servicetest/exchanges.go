package servicetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata/exchanges")

// Wire is how a service is called without an SDK, which would hide which members an
// answer has.
type Wire struct {
	Service string // name in the credential scope: "iam"
	Target  string // prefix of X-Amz-Target, for the JSON protocol: "AmazonSSM"
	Version string // version of the API, for the query protocol: "2010-05-08"

	// Caller prepares a server and returns who calls; nil stands for the root user of
	// alice's account.
	Caller func(*testing.T, *writtest.Server) aws.Config
}

// Exchanges runs the files of testdata/exchanges, each on a new server. A file holds requests with the answers to them, every member of which is
// compared: a line with the operation and its input, and a line with the status and the
// output, or the status, code and message of the error. Lines that begin with # are comments.
//
//	CreateUser {"UserName":"ann"} > id=User.UserId
//	200 {"User":{"UserId":"${id}","UserName":"ann",...}}
//
// Every operation that Writ serves has an exchange. A request may end with names for values of its output, which stand for them from then on.
// Values that differ from run to run are masked: <time>, <uuid>, <id>, <bytes>, <token>.
func Exchanges(t *testing.T, wire Wire) {
	files, err := filepath.Glob("testdata/exchanges/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	missing := servedOperations(t, wire.Service)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			operation, _, _ := strings.Cut(line, " ")
			delete(missing, operation)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			got := replay(t, wire, string(text))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.Split(string(text), "\n"), strings.Split(got, "\n")); diff != "" && !*update {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
	if len(missing) > 0 {
		t.Errorf("operations without an exchange: %v", slices.Sorted(maps.Keys(missing)))
	}
}

// servedOperations are the operations that Writ serves of a service.
func servedOperations(t *testing.T, service string) map[string]bool {
	text, err := os.ReadFile("../../../models/" + service + ".ops")
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		name, _, _ := strings.Cut(line, "#")
		if name = strings.TrimSpace(name); name != "" {
			served[name] = true
		}
	}
	return served
}

// replay sends the requests of a file and returns it with the answers that came.
func replay(t *testing.T, wire Wire, text string) string {
	s := writtest.New(t)
	caller := s.Config(alice)
	if wire.Caller != nil {
		caller = wire.Caller(t, s)
	}
	named := map[string]string{} // values by their names
	var out strings.Builder
	for line := range strings.Lines(text) {
		if c := line[0]; c == '#' || c == '\n' {
			out.WriteString(line)
		}
		operation, rest, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found || line[0] < 'A' || line[0] > 'Z' {
			continue
		}
		input, names, _ := strings.Cut(rest, " > ")
		for name, value := range named {
			input = strings.ReplaceAll(input, "${"+name+"}", value)
		}
		status, output, problem := wire.call(t, s.URL, caller, operation, input)
		for _, name := range strings.Fields(names) {
			name, path, _ := strings.Cut(name, "=")
			named[name] = valueAt(output, path)
			if named[name] == "" {
				t.Fatalf("%s: no %s in the answer %v", line, path, output)
			}
		}
		answer := problem
		if status == http.StatusOK {
			answer = masked(output, named)
		} else {
			answer = withNames(answer, named)
		}
		fmt.Fprintf(&out, "%s%d %s\n", line, status, answer)
	}
	return out.String()
}

// valueAt is the text of the member at a path: Key.KeyId.
func valueAt(output any, path string) string {
	for member := range strings.SplitSeq(path, ".") {
		members, _ := output.(map[string]any)
		output = members[member]
	}
	text, _ := output.(string)
	return text
}

// masks are the values that differ from run to run.
var masks = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`"(NextToken|NextMarker|Marker|SessionToken|GrantToken)":"[^"]+"`), `"$1":"<token>"`},
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9.]+Z`), "<time>"},
	{regexp.MustCompile(`":[12][0-9]{9}(\.[0-9]+)?\b`), `":<time>`},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`\b(A[KSIRGNPC][IDOPC]A)[A-Z0-9]{12,20}\b`), "$1<id>"},
	{regexp.MustCompile(`\b(o|r|ou|p|h|car)-[0-9a-z]{4,32}(-[0-9a-z]{8,32})?\b`), "$1-<id>"},
	{regexp.MustCompile(`:"[A-Za-z0-9+/_-]{32,}=*"`), `:"<bytes>"`},
}

// masked is an output as JSON, with names and masks.
func masked(output any, named map[string]string) string {
	if output == nil || output == "" {
		return "{}"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(output); err != nil {
		return err.Error()
	}
	return withNames(strings.TrimSpace(b.String()), named)
}

// withNames puts names and masks in place of values.
func withNames(text string, named map[string]string) string {
	for name, value := range named {
		text = strings.ReplaceAll(text, value, "${"+name+"}")
	}
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.text)
	}
	return text
}
