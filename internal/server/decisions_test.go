package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/writtest"
)

const sharedParameter = "arn:aws:ssm:us-east-1:" + alice + ":parameter/p"

// fetch gets one of Writ's own paths.
func fetch(t *testing.T, target string, into any) int {
	t.Helper()
	resp, err := http.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
	}
	return resp.StatusCode
}

// deny has bob read a parameter of alice's that is not shared, and returns the
// header that points to the record.
func deny(t *testing.T, s *writtest.Server) string {
	t.Helper()
	client := ssm.NewFromConfig(s.Config(alice))
	_, err := client.PutParameter(context.Background(), &ssm.PutParameterInput{Name: new("p"), Value: new("v"), Type: types.ParameterTypeString, Overwrite: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	body := `{"Name":"` + sharedParameter + `"}`
	req, err := http.NewRequest("POST", s.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	sign(t, req, []byte(body), "ssm", credentials(bob, "test"), time.Now())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header.Get("X-Writ-Decision")
}

type listed struct {
	Kept, Size int
	Since      *time.Time
	Decisions  []decision.Record
}

func TestDecisionRecord(t *testing.T) {
	s := writtest.New(t)
	at := deny(t, s)
	if !strings.HasPrefix(at, s.URL+"/_writ/decisions/") {
		t.Fatalf("X-Writ-Decision: %q", at)
	}
	var r decision.Record
	if status := fetch(t, at, &r); status != 200 {
		t.Fatalf("status %d", status)
	}
	if r.Outcome != decision.Denied || r.Verdict != "implicitDeny" || r.Operation != "ssm:GetParameter" || r.ErrorCode != "AccessDeniedException" ||
		r.Resource != sharedParameter || r.Caller.Account != bob || len(r.Sides) != 2 || r.Change == nil || len(r.Change.Edits) != 1 || r.LatencyMicros == 0 {
		t.Errorf("record %+v", r)
	}
	var last decision.Record
	if fetch(t, s.URL+"/_writ/decisions/last", &last); last.ID != r.ID {
		t.Errorf("the last denial is %s, want %s", last.ID, r.ID)
	}
	for query, want := range map[string]int{
		"":                                   2,
		"outcome=denied":                     1,
		"outcome=allowed&service=ssm":        1,
		"principal=*" + bob + "*":            1,
		"action=ssm:Put*":                    1,
		"resource=" + url.QueryEscape("*/q"): 0,
		"since=1h":                           2,
		"since=2999-01-01T00:00:00Z":         0,
		"limit=1":                            1,
	} {
		var got listed
		if status := fetch(t, s.URL+"/_writ/decisions?"+query, &got); status != 200 || len(got.Decisions) != want || got.Kept != 2 || got.Size != writ.DefaultDecisions {
			t.Errorf("%s: status %d, %d decisions, %d of %d kept", query, status, len(got.Decisions), got.Kept, got.Size)
		}
	}
	for _, query := range []string{"outcome=no", "limit=0", "limit=x", "limit=1001", "since=yesterday", "outcom=denied", "limit=1&limit=2"} {
		if status := fetch(t, s.URL+"/_writ/decisions?"+query, nil); status != 400 {
			t.Errorf("%s: status %d", query, status)
		}
	}
	var fault struct{ Message string }
	if status := fetch(t, s.URL+"/_writ/decisions/none", &fault); status != 404 || !strings.Contains(fault.Message, "The last 2 (of 10000 at most) are kept, since") {
		t.Errorf("an unknown id: %d %s", status, fault.Message)
	}
}

// TestNoDecisions: with a ring of no size nothing is kept, and no denial points
// anywhere.
func TestNoDecisions(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Decisions: -1})
	if at := deny(t, s); at != "" {
		t.Errorf("X-Writ-Decision: %q", at)
	}
	var fault struct{ Message string }
	if status := fetch(t, s.URL+"/_writ/decisions/last", &fault); status != 404 || !strings.Contains(fault.Message, "--decisions") {
		t.Errorf("%d %s", status, fault.Message)
	}
	if status := fetch(t, s.URL+"/_writ/decisions/stream", nil); status != 404 {
		t.Errorf("stream: %d", status)
	}
}

// TestChildren: a SecureString's decision has that of its key as a child.
func TestChildren(t *testing.T) {
	s := writtest.New(t)
	c := ssm.NewFromConfig(s.Config(alice))
	if _, err := c.PutParameter(context.Background(), &ssm.PutParameterInput{Name: new("s"), Value: new("v"), Type: types.ParameterTypeSecureString}); err != nil {
		t.Fatal(err)
	}
	var got listed
	fetch(t, s.URL+"/_writ/decisions", &got)
	if len(got.Decisions) != 1 || len(got.Decisions[0].Children) != 1 {
		t.Fatalf("decisions %+v", got.Decisions)
	}
	child := got.Decisions[0].Children[0]
	if child.Action != "kms:Encrypt" || child.ID != got.Decisions[0].ID+".1" || child.Outcome != decision.Allowed {
		t.Errorf("child %+v", child)
	}
}

// TestNoSecrets plants marker values in what records must not hold and looks for
// them in every record and in the audit file.
func TestNoSecrets(t *testing.T) {
	const marker = "M4RKER-VALUE"
	audit := filepath.Join(t.TempDir(), "audit.jsonl")
	s := writtest.NewFromConfig(t, writ.Config{Audit: audit})
	parameters, keys := ssm.NewFromConfig(s.Config(alice)), kms.NewFromConfig(s.Config(alice))
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, typ := range map[string]types.ParameterType{"a": types.ParameterTypeString, "b": types.ParameterTypeSecureString, "c": types.ParameterTypeStringList} {
		_, err := parameters.PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: new(marker), Type: typ})
		must(err)
		_, err = parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: new(true)})
		must(err)
	}
	key, err := keys.CreateKey(ctx, &kms.CreateKeyInput{})
	must(err)
	sealed, err := keys.Encrypt(ctx, &kms.EncryptInput{KeyId: key.KeyMetadata.KeyId, Plaintext: []byte(marker)})
	must(err)
	_, err = keys.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob})
	must(err)
	user := s.User(alice, "ann", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}`)
	held, err := user.Credentials.Retrieve(ctx)
	must(err)
	_, err = ssm.NewFromConfig(user).GetParameter(ctx, &ssm.GetParameterInput{Name: new("a")})
	if err == nil {
		t.Fatal("ann may read a parameter")
	}
	var all strings.Builder
	resp, err := http.Get(s.URL + "/_writ/decisions?limit=1000")
	must(err)
	defer resp.Body.Close()
	_, err = io.Copy(&all, resp.Body)
	must(err)
	deadline := time.Now().Add(10 * time.Second)
	for {
		text, err := os.ReadFile(audit)
		must(err)
		if strings.Count(string(text), "\n") >= 10 || time.Now().After(deadline) {
			all.Write(text)
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if strings.Count(all.String(), `"ssm:GetParameter"`) < 8 || !strings.Contains(all.String(), "kms:Decrypt") {
		t.Fatalf("the records are not there: %.500s", all.String())
	}
	for _, secret := range []string{marker, held.SecretAccessKey, `"test"`, fmt.Sprintf("%x", sealed.CiphertextBlob)} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("a record holds %q", secret)
		}
	}
}

// TestAuditRequired: a request whose line cannot be written fails, and nothing of
// it is kept.
func TestAuditRequired(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full, the file on a full disk")
	}
	s := writtest.NewFromConfig(t, writ.Config{Audit: "/dev/full", AuditRequired: true})
	c := ssm.NewFromConfig(s.Config(alice), func(o *ssm.Options) { o.RetryMaxAttempts = 1 })
	_, err := c.PutParameter(context.Background(), &ssm.PutParameterInput{Name: new("p"), Value: new("v"), Type: types.ParameterTypeString})
	if err == nil || !strings.Contains(err.Error(), "InternalFailure") {
		t.Errorf("the request succeeds: %v", err)
	}
	if status := fetch(t, s.URL+"/_writ/what-can?principal="+alice, nil); status != 200 {
		t.Errorf("status %d", status)
	}
	var got struct{ Resources []struct{ Resource string } }
	fetch(t, s.URL+"/_writ/what-can?principal="+alice, &got)
	for _, r := range got.Resources {
		if strings.Contains(r.Resource, ":parameter/p") {
			t.Error("the parameter was kept")
		}
	}
}

func ask(t *testing.T, s *writtest.Server, body string) (decision.Record, int) {
	t.Helper()
	resp, err := http.Post(s.URL+"/_writ/decide", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var r decision.Record
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r, resp.StatusCode
}

func TestDecide(t *testing.T) {
	s := writtest.New(t)
	deny(t, s)
	s.User(alice, "ann", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}`)
	ann := "arn:aws:iam::" + alice + ":user/ann"
	question := func(principal, context string) string {
		return `{"principal":"` + principal + `","action":"ssm:GetParameter","resource":"` + sharedParameter + `"` + context + `}`
	}
	for _, test := range []struct {
		body string
		want decision.Outcome
	}{
		{question(alice, ""), decision.Allowed},
		{question(bob, ""), decision.Denied},
		{question(ann, ""), decision.Denied},
		{question(ann, `,"context":{"aws:SourceIp":"203.0.113.7"}`), decision.Allowed},
		{question(ann, `,"context":{"aws:SourceIp":["203.0.113.7"]}`), decision.Allowed},
		{question("*", ""), decision.Denied},
		{question("sns.amazonaws.com", ""), decision.Denied},
		{`{"principal":"` + alice + `","action":"ssm:DescribeParameters"}`, decision.Allowed},
	} {
		r, status := ask(t, s, test.body)
		if status != 200 || r.Outcome != test.want || r.Operation != "" {
			t.Errorf("%s: %d %s, want %s", test.body, status, r.Outcome, test.want)
		}
	}
	for body, want := range map[string]int{
		``: 400, `{`: 400, `{} {}`: 400, `{"principle":"x"}`: 400, question("nobody", ""): 400,
		question("arn:aws:iam::"+alice+":user/none", ""):                                    404,
		question("arn:aws:iam::"+alice+":role/none", ""):                                    404,
		`{"principal":"` + alice + `","action":"ssm:Get*","resource":"*"}`:                  400,
		`{"principal":"` + alice + `","action":"GetParameter","resource":"*"}`:              400,
		`{"principal":"` + alice + `","action":"ssm:GetParameter","resource":"parameter"}`:  400,
		`{"principal":"` + alice + `","action":"kms:Decrypt","resource":"arn:aws:kms:::x"}`: 400,
	} {
		if _, status := ask(t, s, body); status != want {
			t.Errorf("%s: status %d, want %d", body, status, want)
		}
	}
	var got listed
	if fetch(t, s.URL+"/_writ/decisions", &got); got.Kept != 2 {
		t.Errorf("%d requests are kept: a hypothetical one counts", got.Kept)
	}
}

// TestWhoCan compares the answer with one question about each principal.
func TestWhoCan(t *testing.T) {
	s := writtest.New(t)
	deny(t, s)
	allow := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*"}}`
	s.User(alice, "ann", allow)
	s.User(alice, "eve", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`)
	s.User(bob, "bo", allow)
	var got struct {
		Asked      int
		Principals []struct {
			Principal string
			DecidedBy []string
		}
	}
	fetch(t, s.URL+"/_writ/who-can?action=ssm:GetParameter&resource="+sharedParameter, &got)
	found := map[string]bool{}
	for _, p := range got.Principals {
		found[p.Principal] = true
	}
	everybody := []string{"arn:aws:iam::" + alice + ":user/ann", "arn:aws:iam::" + alice + ":user/eve", "arn:aws:iam::" + bob + ":user/bo", "arn:aws:iam::" + alice + ":root", "arn:aws:iam::" + bob + ":root", "*"}
	if got.Asked != len(everybody) {
		t.Errorf("%d principals were asked about, want %d", got.Asked, len(everybody))
	}
	for _, principal := range everybody {
		r, _ := ask(t, s, `{"principal":"`+principal+`","action":"ssm:GetParameter","resource":"`+sharedParameter+`"}`)
		if (r.Outcome == decision.Allowed) != found[principal] {
			t.Errorf("%s: decided %s, listed %t", principal, r.Outcome, found[principal])
		}
	}
	if !found[everybody[0]] || found[everybody[1]] {
		t.Errorf("found %v", found)
	}
	if status := fetch(t, s.URL+"/_writ/who-can?action=x&resource=y", nil); status != 400 {
		t.Errorf("status %d", status)
	}
}

// TestDecisionsGuarded: the paths are closed to pages, to foreign names, and on a
// public address to those without the token.
func TestDecisionsGuarded(t *testing.T) {
	paths := []string{"/_writ/decisions", "/_writ/decisions/last", "/_writ/decisions/stream", "/_writ/who-can", "/_writ/what-can"}
	try := func(s *writtest.Server, path string, change func(*http.Request)) int {
		t.Helper()
		req, err := http.NewRequest("GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	const token = "a-token-of-the-administrator"
	local, off, public := writtest.New(t), writtest.NewFromConfig(t, writ.Config{Public: true}), writtest.NewFromConfig(t, writ.Config{Public: true, AdminToken: token})
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	for _, path := range paths {
		for name, got := range map[string]int{
			"a page":      try(local, path, func(r *http.Request) { r.Header.Set("Origin", "http://example.com") }),
			"a name":      try(local, path, func(r *http.Request) { r.Host = "rebound.example.com" }),
			"no token":    try(off, path, func(*http.Request) {}),
			"any token":   try(off, path, bearer("")),
			"the wrong":   try(public, path, bearer(token+"x")),
			"none":        try(public, path, func(*http.Request) {}),
			"token, page": try(public, path, func(r *http.Request) { bearer(token)(r); r.Header.Set("Origin", "http://example.com") }),
		} {
			if got != http.StatusForbidden && got != http.StatusUnauthorized {
				t.Errorf("%s with %s: status %d", path, name, got)
			}
		}
	}
	if got := try(public, "/_writ/decisions", bearer(token)); got != 200 {
		t.Errorf("with the token: status %d", got)
	}
}

// TestStream reads a decision as it is made.
func TestStream(t *testing.T) {
	s := writtest.New(t)
	resp, err := http.Get(s.URL + "/_writ/decisions/stream?outcome=denied")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	if first, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(first, ":") {
		t.Fatalf("%q, %v", first, err)
	}
	at := deny(t, s)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		text, found := bytes.CutPrefix(line, []byte("data: "))
		if !found {
			continue
		}
		var r decision.Record
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(at, r.ID) || r.Outcome != decision.Denied {
			t.Errorf("event %+v, want %s", r, at)
		}
		return
	}
}
