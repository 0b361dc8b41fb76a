package replay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

const before = `accounts: [{id: 111122223333, name: prod}, {id: 444455556666, name: dev}]
parameters:
  - arn: prod:parameter/db
    type: String
    value: v
    tier: Advanced
    policies: [{allow: ssm:GetParameter, to: dev}]
users:
  - arn: dev:user/ann
    policies: [{name: read, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "ssm:GetParameter", Resource: "*"%s}]}}]
  - {arn: dev:user/bob}
`

// serve is a server of a world file.
func serve(t testing.TB, file string, cfg writ.Config) *writ.Server {
	t.Helper()
	s, err := writ.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w, err := writ.ParseWorld("w", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Load(context.Background(), w); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAuditFile records requests with the SDK and replays them under the same policies, and
// under others.
func TestAuditFile(t *testing.T) {
	audit := filepath.Join(t.TempDir(), "audit.jsonl")
	s := writtest.NewFromConfig(t, writ.Config{Audit: audit, Data: t.TempDir()})
	call := func(cfg aws.Config, times int) {
		for range times {
			_, _ = ssm.NewFromConfig(cfg).GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("arn:aws:ssm:us-east-1:111122223333:parameter/db")})
		}
	}
	s.LoadWorld(strings.Replace(before, "%s", "", 1))
	call(s.As("arn:aws:iam::444455556666:user/ann"), 3)
	call(s.As("arn:aws:iam::444455556666:user/bob"), 2)
	call(s.Config("444455556666"), 1)
	record := func() io.Reader {
		var text []byte
		for range 100 { // lines are written soon after the answers
			var err error
			if text, err = os.ReadFile(audit); err != nil {
				t.Fatal(err)
			}
			if bytes.Count(text, []byte("\n")) >= 6 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		return bytes.NewReader(text)
	}
	for _, c := range []struct{ name, world, want string }{
		{"the same", fmt.Sprintf(before, ""), "6 same 6"},
		{"a user loses it", strings.Replace(fmt.Sprintf(before, ""), "Action: \"ssm:GetParameter\"", "Action: \"ssm:PutParameter\"", 1), "6 same 3: denied arn:aws:iam::444455556666:user/ann 3 identity"},
		{"a user gets it", strings.Replace(fmt.Sprintf(before, ""), "- {arn: dev:user/bob}", "- {arn: dev:user/bob, policies: [{allow: ssm:*, on: '*'}]}", 1), "6 same 4: allowed arn:aws:iam::444455556666:user/bob 2 resource+identity"},
		{"a condition on the time", fmt.Sprintf(before, `, Condition: {DateLessThan: {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}`), "6 same 3: denied arn:aws:iam::444455556666:user/ann 3 identity"},
		{"no such user", strings.Replace(fmt.Sprintf(before, ""), "- {arn: dev:user/bob}", "", 1), "4 same 4; 2 × the world has no arn:aws:iam::444455556666:user/bob"},
	} {
		report, err := serve(t, c.world, writ.Config{}).Replay(t.Context(), record())
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := short(report); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func short(r *writ.Replay) string {
	text := fmt.Sprintf("%d same %d", r.Decisions, r.Same)
	for _, c := range r.Changes {
		text += fmt.Sprintf(": %s %s %d %s", map[bool]string{true: "allowed", false: "denied"}[c.Allowed], c.Principal, c.Times, strings.Join(c.DecidedBy, "+"))
	}
	for _, s := range r.Skipped {
		text += fmt.Sprintf("; %d × %s", s.Times, s.Text)
	}
	return text
}

// event is an event of CloudTrail.
func event(arn, source, name, code, parameters string) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDA","arn":%q,"accountId":"444455556666"},"eventTime":"2026-01-02T03:04:05Z","eventSource":%q,"eventName":%q,"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7","userAgent":"aws-cli","errorCode":%q,"requestParameters":%s,"recipientAccountId":"111122223333"}`, arn, source, name, code, parameters)
}

// TestCloudTrail reads event files, compressed and not; what they do not tell is said.
func TestCloudTrail(t *testing.T) {
	const ann, bob = "arn:aws:iam::444455556666:user/ann", "arn:aws:iam::444455556666:user/bob"
	text := `{"Records": [` + strings.Join([]string{
		event(ann, "ssm.amazonaws.com", "GetParameter", "", `{"name":"db"}`),
		event(bob, "ssm.amazonaws.com", "GetParameter", "AccessDenied", `{"name":"db"}`),
		event(bob, "s3.amazonaws.com", "GetObject", "", `{"bucketName":"b","key":"k"}`),
		event(bob, "ec2.amazonaws.com", "DescribeInstances", "Client.UnauthorizedOperation", `null`),
		`{"userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"},"eventTime":"2026-01-02T03:04:05Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","requestParameters":{"roleArn":"arn:aws:iam::444455556666:role/none"}}`,
	}, ",") + `]}`
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	s := serve(t, fmt.Sprintf(before, ""), writ.Config{})
	for name, file := range map[string][]byte{"plain": []byte(text), "gzip": zipped.Bytes()} {
		report, err := s.Replay(t.Context(), bytes.NewReader(file))
		if err != nil {
			t.Fatal(name, err)
		}
		want := "5 same 3: denied " + bob + " 1 identity: denied ec2.amazonaws.com 1 resource"
		if got := short(report); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if len(report.Unknown) != 2 {
			t.Errorf("%s: not known: %v", name, report.Unknown)
		}
	}
	for name, file := range map[string][]byte{
		"cut short": []byte(text[:len(text)/2]), "cut short compressed": zipped.Bytes()[:zipped.Len()/2], "cut after the records": []byte(text[:len(text)-2]),
	} {
		if _, err := s.Replay(t.Context(), bytes.NewReader(file)); err == nil || !strings.Contains(err.Error(), "cut short") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"{}", "[1]", "not JSON", `{"caller":{},"action":1,"verdict":"allow"}`} {
		if _, err := s.Replay(t.Context(), strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), "line 1: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestReplaced: of a line and the one that replaces it the latter counts.
func TestReplaced(t *testing.T) {
	line := func(verdict, more string) string {
		return fmt.Sprintf(`{"version":1,"id":"r1",%s"verdict":%q,"decidedBy":["identity"],"caller":{"type":"user","arn":"arn:aws:iam::444455556666:user/bob"},"action":"ssm:GetParameter","resource":"arn:aws:ssm:us-east-1:111122223333:parameter/db","context":[]}`, more, verdict) + "\n"
	}
	s := serve(t, fmt.Sprintf(before, ""), writ.Config{})
	for text, want := range map[string]string{
		line("allow", "") + line("implicitDeny", `"replaces":true,`): "1 same 1",
		line("allow", ""): "1 same 0: denied arn:aws:iam::444455556666:user/bob 1 identity",
	} {
		report, err := s.Replay(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := short(report); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// BenchmarkReplay makes the decisions of an audit file again: requests of a thousand
// kinds, at different times.
func BenchmarkReplay(b *testing.B) {
	s := serve(b, fmt.Sprintf(before, ""), writ.Config{})
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	const lines = 100_000
	for i := range lines {
		_ = e.Encode(map[string]any{
			"version": 1, "id": fmt.Sprintf("3b1b4ad2-0000-4000-8000-%012d", i), "time": "2026-01-02T03:04:05.123456Z", "latencyMicros": i, "operation": "ssm:GetParameter", "outcome": "allowed", "verdict": "allow", "decidedBy": []string{"identity", "resource"},
			"sentence": "User: arn:aws:iam::444455556666:user/ann is authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:111122223333:parameter/db because an identity-based policy allows the ssm:GetParameter action",
			"caller":   map[string]any{"type": "user", "arn": "arn:aws:iam::444455556666:user/ann", "account": "444455556666", "userId": "AIDAEXAMPLE"},
			"action":   "ssm:GetParameter", "resource": fmt.Sprintf("arn:aws:ssm:us-east-1:111122223333:parameter/p%d", i%1000), "resourceAccount": "111122223333",
			"context": []map[string]any{{"key": "aws:CurrentTime", "values": []string{fmt.Sprint(i)}}, {"key": "aws:EpochTime", "values": []string{fmt.Sprint(i)}}, {"key": "aws:SourceIp", "values": []string{"127.0.0.1"}}, {"key": "aws:PrincipalArn", "values": []string{"arn:aws:iam::444455556666:user/ann"}}, {"key": "aws:UserAgent", "values": []string{"aws-cli/2.31 md/awscrt#0.27 ua/2.1 os/linux"}}},
		})
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		report, err := s.Replay(b.Context(), bytes.NewReader(text.Bytes()))
		if err != nil || report.Decisions != lines {
			b.Fatal(report, err)
		}
	}
	b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "decisions/s")
}

// TestTime: equal requests at different times have answers of their own where a policy asks
// for the time.
func TestTime(t *testing.T) {
	line := func(year int) string {
		return fmt.Sprintf(`{"version":1,"id":"r%d","verdict":"allow","decidedBy":["identity"],"caller":{"type":"user","arn":"arn:aws:iam::444455556666:user/ann"},"action":"ssm:GetParameter","resource":"arn:aws:ssm:us-east-1:111122223333:parameter/db","context":[{"key":"aws:CurrentTime","values":["%d-06-01T00:00:00Z"]}]}`, year, year) + "\n"
	}
	s := serve(t, fmt.Sprintf(before, `, Condition: {DateLessThan: {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}`), writ.Config{})
	report, err := s.Replay(t.Context(), strings.NewReader(line(2019)+line(2021)+line(2018)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := short(report), "3 same 2: denied arn:aws:iam::444455556666:user/ann 1 identity"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestTimeOfGroup: the same of the policy of an OpsItem group, which has no row.
func TestTimeOfGroup(t *testing.T) {
	line := func(year int) string {
		return fmt.Sprintf(`{"version":1,"id":"g%d","verdict":"allow","decidedBy":["resource"],"caller":{"type":"user","arn":"arn:aws:iam::444455556666:user/ann"},"action":"ssm:CreateOpsItem","resource":"arn:aws:ssm:us-east-1:111122223333:opsitemgroup/default","context":[{"key":"aws:CurrentTime","values":["%d-06-01T00:00:00Z"]}]}`, year, year) + "\n"
	}
	s := serve(t, `accounts: [{id: 111122223333, name: prod}, {id: 444455556666, name: dev}]
opsItemGroups:
  - arn: prod:opsitemgroup/default
    policies: [{allow: ssm:CreateOpsItem, to: dev, if: {DateLessThan: {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}}]
users:
  - {arn: dev:user/ann, policies: [{allow: ssm:CreateOpsItem, on: "*"}]}
`, writ.Config{})
	report, err := s.Replay(t.Context(), strings.NewReader(line(2019)+line(2021)+line(2018)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := short(report), "3 same 2: denied arn:aws:iam::444455556666:user/ann 1 resource"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
