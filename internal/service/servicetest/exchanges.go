package servicetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
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
// A request may end with names for values of its output, which stand for them from then on.
// Values that differ from run to run are masked: <time>, <uuid>, <id>, <bytes>, <token>.
func Exchanges(t *testing.T, wire Wire) {
	files, err := filepath.Glob("testdata/exchanges/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no exchanges: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
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

// call sends one request. It returns the output, or the code and the message of the error.
func (w Wire) call(t *testing.T, server string, caller aws.Config, operation, input string) (status int, output any, problem string) {
	t.Helper()
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {w.Target + "." + operation}}
	body := input
	if w.Version != "" {
		header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		var members any
		if err := json.Unmarshal([]byte(input), &members); err != nil {
			t.Fatalf("%s %s: %v", operation, input, err)
		}
		form := url.Values{"Action": {operation}, "Version": {w.Version}}
		addForm(form, "", members)
		body = form.Encode()
	}
	req, err := http.NewRequest("POST", server+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	key, err := caller.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), key, req, hex.EncodeToString(sum[:]), w.Service, writtest.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if w.Version != "" {
		return res.StatusCode, resultOf(t, answer, operation), xmlError(answer)
	}
	if len(answer) == 0 {
		return res.StatusCode, nil, ""
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	if err := d.Decode(&output); err != nil {
		t.Fatalf("%s: %q: %v", operation, answer, err)
	}
	return res.StatusCode, output, jsonError(output)
}

// addForm adds a value to a form of the query protocol.
func addForm(form url.Values, name string, value any) {
	within := ""
	if name != "" {
		within = name + "."
	}
	switch value := value.(type) {
	case map[string]any:
		for member, v := range value {
			addForm(form, within+member, v)
		}
	case []any:
		for i, v := range value {
			addForm(form, fmt.Sprintf("%smember.%d", within, i+1), v)
		}
	default:
		form.Set(name, fmt.Sprint(value))
	}
}

// jsonError is the code and the message of an error of the JSON protocol, with the name of
// the member of the message if it is not the usual one.
func jsonError(output any) string {
	members, _ := output.(map[string]any)
	code, _ := members["__type"].(string)
	if text, ok := members["message"].(string); ok {
		return code + ": " + text
	}
	if text, ok := members["Message"].(string); ok {
		return code + " (Message): " + text
	}
	return code
}

// xmlError is jsonError for the query protocol.
func xmlError(answer []byte) string {
	var e struct {
		Error struct{ Code, Message string }
	}
	_ = xml.Unmarshal(answer, &e) // of an output, it is not read
	return strings.TrimSuffix(e.Error.Code+": "+e.Error.Message, ": ")
}

// resultOf is the value in the result element of an output; nil if there is none.
func resultOf(t *testing.T, answer []byte, operation string) any {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(answer))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			t.Fatalf("%s: %q: %v", operation, answer, err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == operation+"Result" {
			return element(t, d)
		}
	}
}

// element reads the value of an element up to its end: a list if it holds elements called
// member, a map if they are called entry, else its members or its text.
func element(t *testing.T, d *xml.Decoder) any {
	t.Helper()
	members, list, text := map[string]any{}, []any{}, ""
	for {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			value := element(t, d)
			switch entry, _ := value.(map[string]any); token.Name.Local {
			case "member":
				list = append(list, value)
			case "entry":
				members[entry["key"].(string)] = entry["value"]
			default:
				members[token.Name.Local] = value
			}
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			switch {
			case len(list) > 0:
				return list
			case len(members) > 0:
				return members
			}
			return strings.TrimSpace(text)
		}
	}
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
