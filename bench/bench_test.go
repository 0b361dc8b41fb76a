package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writdev/writ/internal/sigv4"
)

// fakeWrit answers the requests of the benchmark, and verifies signatures as Writ does.
type fakeWrit struct {
	mutex    sync.Mutex
	builds   map[string]int // images so far, by recipe
	policies map[string]string
	asked    []string // operations of other services, and their callers
	down     bool
	lax      bool // let the session write
}

// fakeKeys are the credentials that the fake accepts.
var fakeKeys = map[string]credentials{
	account:    rootOf(account),
	management: rootOf(management),
	"AKIAUSER": {id: "AKIAUSER", secret: "of the user"},
	"ASIAROLE": {id: "ASIAROLE", secret: "of the session", token: "a token"},
}

// fakeAnswers are the fake's responses to operations of other services.
var fakeAnswers = map[string]string{
	"InviteAccountToOrganization": `{"Handshake": {"Id": "h-1"}}`,
	"ListRoots":                   `{"Roots": [{"Id": "r-1"}]}`,
	"CreateOrganizationalUnit":    `{"OrganizationalUnit": {"Id": "ou-1"}}`,
	"CreateAccessKey": `<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><AccessKeyId>AKIAUSER</AccessKeyId>
		<SecretAccessKey>of the user</SecretAccessKey></AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>`,
	"AssumeRole": `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>
		<SecretAccessKey>of the session</SecretAccessKey><SessionToken>a token</SessionToken></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
}

func (f *fakeWrit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if strings.HasPrefix(string(body), "Action=AssumeRoleWithWebIdentity&") { // which has no signature
		io.WriteString(w, "{}")
		return
	}
	claim, err := sigv4.Parse(r)
	if err == nil {
		key := fakeKeys[claim.AccessKeyID]
		err = claim.Verify(r, body, claim.SigningKey(key.secret), time.Now())
		if err == nil && claim.SessionToken != key.token {
			err = errors.New("not the token of the session")
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	if r.URL.Path == "/" {
		operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AWSOrganizationsV20161128.")
		if form, err := url.ParseQuery(string(body)); err == nil && operation == "" {
			operation = form.Get("Action")
		}
		f.asked = append(f.asked, claim.AccessKeyID+" "+claim.Service+" "+operation)
		io.WriteString(w, cmp.Or(fakeAnswers[operation], "{}"))
		return
	}
	if r.URL.Path == "/PutImagePolicy" && claim.AccessKeyID == "ASIAROLE" && !f.lax {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	input := map[string]any{}
	json.Unmarshal(body, &input)
	answer := map[string]any{}
	switch r.URL.Path {
	case "/CreateComponent":
		answer["componentBuildVersionArn"] = "component"
	case "/CreateInfrastructureConfiguration":
		answer["infrastructureConfigurationArn"] = "infrastructure"
	case "/CreateImageRecipe":
		answer["imageRecipeArn"] = input["name"]
	case "/CreateImage":
		recipe := input["imageRecipeArn"].(string)
		f.builds[recipe]++
		answer["imageBuildVersionArn"] = fmt.Sprintf("arn:aws:imagebuilder:us-east-1:123456789012:image/%s/1.0.0/%d", recipe, f.builds[recipe])
	case "/PutImagePolicy":
		f.policies[input["imageArn"].(string)] = input["policy"].(string)
	case "/GetImagePolicy":
		answer["policy"] = f.policies[r.URL.Query().Get("imageArn")]
	}
	json.NewEncoder(w).Encode(answer)
}

func startFake(t *testing.T) (*fakeWrit, string) {
	t.Helper()
	f := &fakeWrit{builds: map[string]int{}, policies: map[string]string{}}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, strings.TrimPrefix(s.URL, "http://")
}

func TestFillAndLoad(t *testing.T) {
	f, address := startFake(t)
	const images = imagesPerRecipe + 5
	if _, err := fill(address, images); err != nil {
		t.Fatal(err)
	}
	if len(f.policies) != images || f.builds[recipeName(1)] != 5 {
		t.Fatalf("%d policies, %v builds", len(f.policies), f.builds)
	}
	for name, workload := range workloads {
		requests := workload(newSigner(address, rootOf(account)), images)
		r, err := load(address, requests, 4, 10*time.Millisecond, 100*time.Millisecond)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.Requests == 0 || r.Answered <= r.Requests || r.P50 == 0 || r.P99 < r.P50 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	f.mutex.Lock()
	f.down = true
	f.mutex.Unlock()
	if _, err := load(address, workloads["get"](newSigner(address, rootOf(account)), 1), 2, 0, time.Second); err == nil || !strings.Contains(err.Error(), "status 503: down") {
		t.Errorf("a failing server was measured: %v", err)
	}
	late := newSigner(address, rootOf(account))
	late.now = late.now.Add(-time.Hour)
	if _, err := load(address, workloads["get"](late, 1), 1, 0, time.Second); err == nil {
		t.Error("the fake does not verify signatures")
	}
}

func TestFillRefusesOtherARNs(t *testing.T) {
	f, address := startFake(t)
	f.builds[recipeName(0)] = 7
	if _, err := fill(address, 3); err == nil || !strings.Contains(err.Error(), "unexpected or repeated ARN") {
		t.Error(err)
	}
}

func TestGovern(t *testing.T) {
	f, address := startFake(t)
	session, err := govern(address)
	if err != nil {
		t.Fatal(err)
	}
	if session != fakeKeys["ASIAROLE"] {
		t.Errorf("the session is %+v", session)
	}
	want := []string{
		"111122223333 organizations CreateOrganization",
		"111122223333 organizations InviteAccountToOrganization",
		"123456789012 organizations AcceptHandshake",
		"111122223333 organizations ListRoots",
		"111122223333 organizations CreateOrganizationalUnit",
		"111122223333 organizations MoveAccount",
		"111122223333 organizations CreatePolicy",
		"111122223333 organizations AttachPolicy",
		"111122223333 organizations AttachPolicy",
		"123456789012 iam CreateUser",
		"123456789012 iam PutUserPolicy",
		"123456789012 iam CreateAccessKey",
		"123456789012 iam CreatePolicy",
		"123456789012 iam CreatePolicy",
		"123456789012 iam CreatePolicy",
		"123456789012 iam CreatePolicy",
		"123456789012 iam CreateRole",
		"123456789012 iam AttachRolePolicy",
		"123456789012 iam AttachRolePolicy",
		"123456789012 iam AttachRolePolicy",
		"AKIAUSER sts AssumeRole",
	}
	if !slices.Equal(f.asked, want) {
		t.Errorf("asked:\n%s\nwant:\n%s", strings.Join(f.asked, "\n"), strings.Join(want, "\n"))
	}
	if _, err := load(address, workloads["get"](newSigner(address, session), 5), 2, 0, 50*time.Millisecond); err != nil {
		t.Errorf("the session cannot read: %v", err)
	}
	f.mutex.Lock()
	f.lax = true
	f.mutex.Unlock()
	if _, err := govern(address); err == nil || !strings.Contains(err.Error(), "can write images") {
		t.Errorf("a server that allows everything was accepted: %v", err)
	}
}

// TestDocuments checks that the documents stay within the quotas that Writ and AWS share.
func TestDocuments(t *testing.T) {
	for name, document := range map[string]string{"everything": everything, "assume": assume, "trust": trust,
		"boundary": boundary, "images": imagePolicy, "buckets": bucketPolicy, "instances": instancePolicy} {
		var parsed struct{ Statement []any }
		if err := json.Unmarshal([]byte(document), &parsed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if long := name == "buckets" || name == "instances"; long != (len(parsed.Statement) == 10) {
			t.Errorf("%s has %d statements", name, len(parsed.Statement))
		}
		if n := len(strings.Join(strings.Fields(document), "")); n > 6144 {
			t.Errorf("%s has %d characters", name, n)
		}
	}
}

// TestExchange covers the responses that the fast path does not parse.
func TestExchange(t *testing.T) {
	tests := map[string]http.HandlerFunc{
		"short":   func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") },
		"chunked": func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); io.WriteString(w, "hello") },
		"closes": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			io.WriteString(w, "hello")
		},
	}
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(handler)
			defer s.Close()
			c := &conn{address: strings.TrimPrefix(s.URL, "http://")}
			defer c.close()
			for range 3 {
				if body, err := c.exchange(get("/")); err != nil || string(body) != "hello" {
					t.Fatalf("%q, %v", body, err)
				}
			}
		})
	}
	t.Run("large", func(t *testing.T) {
		want := strings.Repeat("x", 100_000)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100000")
			io.WriteString(w, want)
		}))
		defer s.Close()
		c := &conn{address: strings.TrimPrefix(s.URL, "http://")}
		defer c.close()
		if body, err := c.exchange(get("/")); err != nil || string(body) != want {
			t.Fatalf("%d bytes, %v", len(body), err)
		}
	})
}

func TestParseHeader(t *testing.T) {
	tests := map[string]responseHeader{
		"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n":                             {200, 12, false},
		"HTTP/1.1 403 Forbidden\r\nDate: x\r\ncontent-length:0\r\n":             {403, 0, false},
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: Close\r\n":         {200, 1, true},
		"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n":                              {200, 1, true},
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: x\r\n": {200, -1, false},
		"nonsense\r\n": {0, -1, false},
	}
	for text, want := range tests {
		if got := parseHeader([]byte(text)); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestContestTakesTurnsAndMedians(t *testing.T) {
	var order strings.Builder
	turn := func(name string, rates ...float64) contender {
		return contender{name: name, run: func(context.Context, int, time.Duration) (outcome, error) {
			order.WriteString(name)
			o := outcome{rate: rates[0]}
			rates = rates[1:]
			return o, nil
		}}
	}
	m, err := contest(t.Context(), []contender{turn("A", 3, 1, 2), turn("B", 30, 10, 99)}, 1, 3, time.Second)
	if err != nil || order.String() != "ABABAB" || m[0].rate != 2 || m[1].rate != 30 {
		t.Errorf("%s %+v %v", order.String(), m, err)
	}
}

// TestFailureOfARival checks that only a contender with mayFail can fail without ending
// the run.
func TestFailureOfARival(t *testing.T) {
	asked := 0
	mute := func(mayFail bool) contender {
		return contender{name: "moto", mayFail: mayFail, run: func(context.Context, int, time.Duration) (outcome, error) {
			asked++
			return outcome{}, errors.New("no answer | at all\nand more")
		}}
	}
	writ := contender{name: "Writ", run: func(context.Context, int, time.Duration) (outcome, error) { return outcome{rate: 7}, nil }}
	contenders := []contender{mute(true), writ}
	m, err := contest(t.Context(), contenders, 16, 3, time.Second)
	if err != nil || asked != 1 || m[0].failure == nil || m[1].failure != nil || m[1].rate != 7 {
		t.Fatalf("asked %d times: %+v, %v", asked, m, err)
	}
	var r report
	r.contests("", contenders, []int{16}, [][]outcome{m})
	for _, row := range []string{"| 16 | moto | failed: no answer ¦ at all | | | | | |\n", "| 16 | Writ | 7 |  |"} {
		if !strings.Contains(r.String(), row) {
			t.Errorf("no row %q in\n%s", row, r.String())
		}
	}
	if _, err := contest(t.Context(), []contender{writ, mute(false)}, 16, 3, time.Second); err == nil {
		t.Error("the failure of a contender that may not fail was ignored")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := contest(over, contenders, 16, 3, time.Second); err == nil {
		t.Error("the end of the run was reported as a failure of the rival")
	}
}

// TestDeadline uses a server that accepts connections and never answers.
func TestDeadline(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c := &conn{address: listener.Addr().String(), deadline: time.Now().Add(50 * time.Millisecond)}
	defer c.close()
	if _, err := c.exchange(get("/")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

func TestPoliciesAreJSON(t *testing.T) {
	for edition := range 3 {
		if !json.Valid([]byte(policy(imageARN(0), edition))) {
			t.Error(policy(imageARN(0), edition))
		}
	}
	if got, want := imageARN(12_345), "arn:aws:imagebuilder:us-east-1:123456789012:image/bench-617/1.0.0/6"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
