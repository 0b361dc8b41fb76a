package server_test

import (
	"bufio"
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/writtest"
)

// threeProtocols starts a server whose clock stands at now.
func threeProtocols(t *testing.T, now time.Time) string {
	t.Helper()
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Config{
		Store:     st,
		Directory: &identity.Directory{Sandbox: true, Sealer: sealer},
		Gate:      &authz.Gate{},
		Services:  server.Services(operation.Instant),
		Log:       slog.New(slog.DiscardHandler),
		Now:       func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return h.URL
}

// requests makes one good request per protocol.
var requests = map[string]func(url string) (req *http.Request, body []byte, scope string){
	"query": func(url string) (*http.Request, []byte, string) {
		body := []byte("Action=GetCallerIdentity&Version=2011-06-15")
		return post(url, body, "Content-Type", "application/x-www-form-urlencoded"), body, "sts"
	},
	"awsJson": func(url string) (*http.Request, []byte, string) {
		body := []byte(`{"MaxResults":1}`)
		return post(url, body, "X-Amz-Target", "RekognitionService.DescribeProjects"), body, "rekognition"
	},
	"restJson": func(url string) (*http.Request, []byte, string) {
		body := []byte(`{}`)
		return post(url+"/ListImages", body, "Content-Type", "application/json"), body, "imagebuilder"
	},
}

func post(url string, body []byte, header, value string) *http.Request {
	req, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		panic(err) // the URL is the test's own
	}
	req.Header.Set(header, value)
	return req
}

const (
	signatureText = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	past   = "Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)"
	future = "Signature not yet current: 20220127T032427Z is still later than 20220127T021428Z (20220127T015928Z + 15 min.)"
)

// TestUnauthenticated has every row of the table of authentication failures, in
// each protocol.
func TestUnauthenticated(t *testing.T) {
	now := time.Date(2022, 1, 27, 1, 59, 28, 0, time.UTC)
	url := threeProtocols(t, now)
	type row struct{ code, message string }
	good := credentials(alice, "test")
	cases := []struct {
		name    string
		prepare func(t *testing.T, req *http.Request, body []byte, scope string)
		want    map[string]row
	}{
		{"signed", func(t *testing.T, req *http.Request, body []byte, scope string) {
			sign(t, req, body, scope, good, now)
		}, map[string]row{"query": {" 200", ""}, "awsJson": {" 200", ""}, "restJson": {" 200", ""}}},
		{"no credentials", func(*testing.T, *http.Request, []byte, string) {}, map[string]row{
			"query":    {"MissingAuthenticationToken 403", "Request is missing Authentication Token"},
			"awsJson":  {"MissingAuthenticationTokenException 400", "Missing Authentication Token"},
			"restJson": {"MissingAuthenticationTokenException 403", "Missing Authentication Token"},
		}},
		{"unknown key", func(t *testing.T, req *http.Request, body []byte, scope string) {
			sign(t, req, body, scope, credentials("AKIAIOSFODNN7EXAMPLE", "test"), now)
		}, map[string]row{
			"query":    {"InvalidClientTokenId 403", "The security token included in the request is invalid"},
			"awsJson":  {"UnrecognizedClientException 400", "The security token included in the request is invalid."},
			"restJson": {"UnrecognizedClientException 403", "The security token included in the request is invalid."},
		}},
		{"wrong secret", func(t *testing.T, req *http.Request, body []byte, scope string) {
			sign(t, req, body, scope, credentials(alice, "tset"), now)
		}, map[string]row{
			"query":    {"SignatureDoesNotMatch 403", signatureText},
			"awsJson":  {"InvalidSignatureException 400", signatureText},
			"restJson": {"InvalidSignatureException 403", signatureText},
		}},
		{"clock behind", func(t *testing.T, req *http.Request, body []byte, scope string) {
			sign(t, req, body, scope, good, time.Date(2022, 1, 27, 0, 14, 27, 0, time.UTC))
		}, map[string]row{
			"query":    {"SignatureDoesNotMatch 403", past},
			"awsJson":  {"InvalidSignatureException 400", past},
			"restJson": {"InvalidSignatureException 403", past},
		}},
		{"clock ahead", func(t *testing.T, req *http.Request, body []byte, scope string) {
			sign(t, req, body, scope, good, time.Date(2022, 1, 27, 3, 24, 27, 0, time.UTC))
		}, map[string]row{
			"query":    {"SignatureDoesNotMatch 403", future},
			"awsJson":  {"InvalidSignatureException 400", future},
			"restJson": {"InvalidSignatureException 403", future},
		}},
		{"malformed header", func(_ *testing.T, req *http.Request, _ []byte, _ string) {
			req.Header.Set("Authorization", "AWS4-HMAC-SHA256 nonsense")
		}, map[string]row{
			"query":    {"IncompleteSignature 400", "not a valid key=value pair (missing equal-sign) in Authorization header"},
			"awsJson":  {"IncompleteSignatureException 400", "not a valid key=value pair (missing equal-sign) in Authorization header"},
			"restJson": {"IncompleteSignatureException 403", "not a valid key=value pair (missing equal-sign) in Authorization header"},
		}},
	}
	for _, c := range cases {
		for protocol, make := range requests {
			t.Run(c.name+"/"+protocol, func(t *testing.T) {
				req, body, scope := make(url)
				c.prepare(t, req, body, scope)
				got := do(t, req)
				if want := strings.TrimSpace(c.want[protocol].code); got.String() != want {
					t.Errorf("got %s, want %s", got, want)
				}
				text := strings.NewReplacer("&#39;", "'", "&apos;", "'").Replace(got.body)
				if !strings.Contains(text, c.want[protocol].message) {
					t.Errorf("the body %s does not say %q", got.body, c.want[protocol].message)
				}
				if got.header.Get("X-Amzn-Requestid") == "" || got.header.Get("Date") == "" {
					t.Errorf("no request id or no date in %v", got.header)
				}
			})
		}
	}
}

// TestScope signs for one service and calls another.
func TestScope(t *testing.T) {
	url := threeProtocols(t, time.Now())
	req, body, _ := requests["awsJson"](url)
	sign(t, req, body, "sts", credentials(alice, "test"), time.Now())
	got := do(t, req)
	got.want(t, "InvalidSignatureException 400")
	if !strings.Contains(got.body, "Credential should be scoped to correct service: 'rekognition'.") {
		t.Errorf("body: %s", got.body)
	}
}

// TestScopeOfPath signs a path of one service for another, which has no such path.
func TestScopeOfPath(t *testing.T) {
	s := writtest.New(t)
	for scope, path := range map[string]string{"ram": "/ListComponents", "iam": "/ListComponents", "imagebuilder": "/getresourceshares"} {
		req, err := http.NewRequest("POST", s.URL+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		sign(t, req, []byte("{}"), scope, credentials(alice, "test"), time.Now())
		do(t, req).want(t, "InvalidSignatureException 403")
	}
}

// TestUnknownService asks services that Writ does not have, in each protocol.
func TestUnknownService(t *testing.T) {
	s := writtest.New(t)
	for protocol, want := range map[string]string{"query": "InvalidAction 400", "awsJson": "UnknownOperationException 400", "restJson": "UnknownOperationException 404"} {
		t.Run(protocol, func(t *testing.T) {
			body := "Action=DescribeInstances&Version=2016-11-15"
			req, err := http.NewRequest("POST", s.URL+"/", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			switch protocol {
			case "query":
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			case "awsJson":
				req.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
			}
			sign(t, req, []byte(body), "ec2", credentials(alice, "test"), time.Now())
			got := do(t, req)
			got.want(t, want)
			if !strings.Contains(got.body, "does not serve the service") {
				t.Errorf("body: %s", got.body)
			}
		})
	}
}

// TestReboundName signs for the names under which a request may come: the sandbox
// credentials are public, so only names that nobody else can own will do.
func TestReboundName(t *testing.T) {
	s := writtest.New(t)
	for host, want := range map[string]string{
		"localhost:4566": "", "writ.localhost": "", "127.0.0.1": "", "[::1]:4566": "", "10.0.0.1:4566": "", "sts.us-east-1.amazonaws.com": "",
		"writ:4566": "", "host.docker.internal:4566": "", "writ.test": "", "internal.example": "AccessDenied 403", "evil.example.": "AccessDenied 403",
		"evil.example:4566": "AccessDenied 403", "localhost.evil.example": "AccessDenied 403", "amazonaws.com.evil.example": "AccessDenied 403",
	} {
		t.Run(host, func(t *testing.T) {
			req, err := http.NewRequest("GET", s.URL+"/?Action=GetCallerIdentity&Version=2011-06-15", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = host
			sign(t, req, nil, "sts", credentials(alice, "test"), time.Now())
			if got := do(t, req); want != "" {
				got.want(t, want)
			} else if got.status != http.StatusOK {
				t.Errorf("%d: %s", got.status, got.body)
			}
		})
	}
}

// TestScopeRegion signs for what cannot be the name of a region: it would become a
// part of ARNs.
func TestScopeRegion(t *testing.T) {
	url := threeProtocols(t, time.Now())
	for region, want := range map[string]string{
		"us-east-1": "", "us-gov-west-1": "", "x": "",
		"*": "InvalidSignatureException 400", "us-east-1:222222222222": "InvalidSignatureException 400", "US-EAST-1": "InvalidSignatureException 400",
		"a b": "InvalidSignatureException 400", strings.Repeat("x", 33): "InvalidSignatureException 400",
	} {
		t.Run(region, func(t *testing.T) {
			req, body, _ := requests["awsJson"](url)
			signIn(t, req, body, "rekognition", region, credentials(alice, "test"), time.Now())
			got := do(t, req)
			if want == "" {
				if got.status >= 400 {
					t.Errorf("%d: %s", got.status, got.body)
				}
				return
			}
			got.want(t, want)
			if !strings.Contains(got.body, "Credential should be scoped to a valid region.") {
				t.Errorf("body: %s", got.body)
			}
		})
	}
}

// TestUnsignedProbes sends what clients and scanners send without credentials.
func TestUnsignedProbes(t *testing.T) {
	s := writtest.New(t)
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
		req, err := http.NewRequest(method, s.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		do(t, req).want(t, "MissingAuthenticationTokenException 403")
	}
}

// TestBadInput sends what no client should: each gets an error of its service
// and below 500, and nothing is stored.
func TestBadInput(t *testing.T) {
	s := writtest.New(t)
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	for _, c := range []struct{ name, method, path, body, want string }{
		{"not JSON", "PUT", "/CreateComponent", `{"name":`, "SerializationException 400"},
		{"not an object", "PUT", "/CreateComponent", `[]`, "SerializationException 400"},
		{"trailing data", "PUT", "/CreateComponent", `{} {}`, "SerializationException 400"},
		{"wrong type", "PUT", "/CreateComponent", `{"name":7}`, "SerializationException 400"},
		{"deep JSON", "PUT", "/CreateComponent", `{"x":` + deep + `}`, "SerializationException 400"},
		{"bad UTF-8", "PUT", "/CreateComponent", "{\"name\":\"\xff\"}", "SerializationException 400"},
		{"duplicate member", "PUT", "/CreateComponent", `{"name":"a","name":"b"}`, "SerializationException 400"},
		{"missing members", "PUT", "/CreateComponent", `{}`, "InvalidParameterValueException 400"},
		{"bad UTF-8 in the query", "GET", "/GetImage?imageBuildVersionArn=%ff", "", "SerializationException 400"},
		{"bad escape in the path", "GET", "/tags/%zz", "", "bad request 400"},
		{"bad ARN", "GET", "/GetImage?imageBuildVersionArn=x", "", "InvalidParameterValueException 400"},
		{"unknown operation", "GET", "/GetNothing", "", "UnknownOperationException 404"},
		{"wrong method", "DELETE", "/GetImage", "", "UnknownOperationException 404"},
		{"too large", "PUT", "/CreateComponent", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, "RequestEntityTooLargeException 413"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want == "bad request 400" { // net/http itself refuses it
				raw(t, s.URL, c.method+" "+c.path+" HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request")
				return
			}
			req, err := http.NewRequest(c.method, s.URL+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			sign(t, req, []byte(c.body), "imagebuilder", credentials(alice, "test"), time.Now())
			got := do(t, req)
			got.want(t, c.want)
			if !strings.HasPrefix(got.body, `{"message":"`) {
				t.Errorf("no lower-case message in %s", got.body)
			}
		})
	}
	req, body, scope := requests["restJson"](s.URL)
	req.URL.Path = "/ListComponents"
	sign(t, req, body, scope, credentials(alice, "test"), time.Now())
	if got := do(t, req); !strings.Contains(got.body, `"componentVersionList":[]`) {
		t.Errorf("bad input left something behind: %s", got.body)
	}
}

// TestExpectTooMuch announces a body that is too large, and waits to be asked for it:
// it is not.
func TestExpectTooMuch(t *testing.T) {
	s := writtest.New(t)
	raw(t, s.URL, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10000000\r\n\r\n", "413 Request Entity Too Large")
}

// TestCutConnection cuts a request off in the middle of its body, and a chunked
// one; the server answers the next request.
func TestCutConnection(t *testing.T) {
	s := writtest.New(t)
	for _, head := range []string{
		"PUT /CreateComponent HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"name\":",
		"PUT /CreateComponent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"name\":\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, head)
		conn.Close()
	}
	raw(t, s.URL, "GET /_writ/health HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK")
}

// raw sends bytes and checks the status line of the answer.
func raw(t *testing.T, url, request, want string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, request)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, want) {
		t.Errorf("got %q, %v; want %s", line, err, want)
	}
}
