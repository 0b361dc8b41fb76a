package worlds_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

const alice = "111122223333"

func put(t *testing.T, s *writtest.Server, name string) {
	t.Helper()
	_, err := ssm.NewFromConfig(s.Config(alice)).PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: new("of " + s.Name()), Type: types.ParameterTypeString})
	if err != nil {
		t.Fatal(err)
	}
}

// value reads a parameter; "" if there is none.
func value(t *testing.T, cfg aws.Config, name string) string {
	t.Helper()
	out, err := ssm.NewFromConfig(cfg).GetParameter(t.Context(), &ssm.GetParameterInput{Name: &name})
	if _, missing := errors.AsType[*types.ParameterNotFound](err); missing {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return *out.Parameter.Value
}

// TestIsolation writes the same names in the main state and in two worlds; each client
// reads only its own, through all three protocols.
func TestIsolation(t *testing.T) {
	main := writtest.New(t)
	one, two := main.World(t, ""), main.World(t, "")
	for _, s := range []*writtest.Server{main, one, two} {
		put(t, s, "p")
		put(t, s, "only-"+s.Name())
		cfg := s.Config(alice)
		if _, err := iam.NewFromConfig(cfg).CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("bob")}); err != nil { // query
			t.Errorf("%s: %v", s.Name(), err)
		}
		if out, err := imagebuilder.NewFromConfig(cfg).ListImages(t.Context(), &imagebuilder.ListImagesInput{}); err != nil || len(out.ImageVersionList) != 0 { // REST
			t.Errorf("%s: %v", s.Name(), err)
		}
	}
	for _, s := range []*writtest.Server{main, one, two} {
		if got := value(t, s.Config(alice), "p"); got != "of "+s.Name() {
			t.Errorf("%s reads %q", s.Name(), got)
		}
		for _, other := range []*writtest.Server{main, one, two} {
			if got := value(t, s.Config(alice), "only-"+other.Name()); (got != "") != (s == other) {
				t.Errorf("%s reads %q of %s", s.Name(), got, other.Name())
			}
		}
	}
}

// TestCopy copies a world with its users and their policies; later changes do not affect
// the other.
func TestCopy(t *testing.T) {
	main := writtest.New(t)
	seed := main.World(t, "")
	put(t, seed, "p")
	bob := seed.User(alice, "bob", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*"}}`)
	a, b := main.World(t, seed.Name()), main.World(t, seed.Name())
	put(t, a, "later")
	for s, want := range map[*writtest.Server]string{seed: "", a: "of " + a.Name(), b: ""} {
		as := bob.Copy()
		as.BaseEndpoint = &s.URL
		if got := value(t, as, "p"); got != "of "+seed.Name() {
			t.Errorf("bob reads %q in %s", got, s.Name())
		}
		if got := value(t, s.Config(alice), "later"); got != want {
			t.Errorf("%s reads %q, want %q", s.Name(), got, want)
		}
	}
	put(t, main, "of-main")
	if got := value(t, main.World(t, "main").Config(alice), "of-main"); got != "of main" {
		t.Errorf("a copy of the main state reads %q", got)
	}
}

// TestSessionsStayInTheirWorld: the credentials of a session are not valid in a copy.
func TestSessionsStayInTheirWorld(t *testing.T) {
	main := writtest.New(t)
	seed := main.World(t, "")
	put(t, seed, "p")
	role, err := iam.NewFromConfig(seed.Config(alice)).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: new("reader"),
		AssumeRolePolicyDocument: new(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":"sts:AssumeRole"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = iam.NewFromConfig(seed.Config(alice)).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: new("reader"), PolicyName: new("p"),
		PolicyDocument: new(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	caller := seed.User(alice, "caller", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}`)
	copied := main.World(t, seed.Name())
	session, err := sts.NewFromConfig(caller).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: new("tester")})
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[*writtest.Server]string{seed: "", copied: "UnrecognizedClientException", main: "UnrecognizedClientException"} {
		cfg := s.Config(alice)
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			c := session.Credentials
			return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}, nil
		})
		_, err := ssm.NewFromConfig(cfg).GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("p")})
		code := ""
		if e, ok := errors.AsType[smithy.APIError](err); ok {
			code = e.ErrorCode()
		}
		if code != want {
			t.Errorf("in %s: %v, want %q", s.Name(), err, want)
		}
	}
}

// TestHostName reaches a world by its host name.
func TestHostName(t *testing.T) {
	main := writtest.New(t)
	world := main.World(t, "")
	put(t, world, "p")
	cfg := world.Config(alice)
	port := main.URL[strings.LastIndexByte(main.URL, ':'):]
	cfg.BaseEndpoint = new("http://" + world.Name() + ".localhost" + port)
	cfg.HTTPClient = &http.Client{Transport: &http.Transport{ // not every system resolves the name
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1"+port)
		},
	}}
	if got := value(t, cfg, "p"); got != "of "+world.Name() {
		t.Errorf("read %q", got)
	}
}

// TestDecisionsOfWorld: each world has its own decision records, at the address in a
// denial.
func TestDecisionsOfWorld(t *testing.T) {
	main := writtest.New(t)
	world := main.World(t, "")
	put(t, world, "p")
	_, err := ssm.NewFromConfig(world.User(alice, "bob", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`)).
		GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("p")})
	if err == nil {
		t.Fatal("not denied")
	}
	for s, want := range map[*writtest.Server]int{main: 0, world: 1} {
		resp, err := http.Get(s.URL + "/_writ/decisions?outcome=denied")
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Decisions []struct{ ID string } }
		err = json.NewDecoder(resp.Body).Decode(&got)
		resp.Body.Close()
		if err != nil || len(got.Decisions) != want {
			t.Errorf("%s has %d denials: %v", s.Name(), len(got.Decisions), err)
		}
	}
}

func send(t *testing.T, method, target string, header http.Header) (status int, code string) {
	t.Helper()
	req, err := http.NewRequest(method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name := range header {
		req.Header.Set(name, header.Get(name))
	}
	if host := header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("X-Amzn-Errortype")
}

func TestBadInput(t *testing.T) {
	s := writtest.New(t)
	worlds := s.URL + "/_writ/worlds/"
	for _, c := range []struct {
		method, target string
		header         http.Header
		status         int
		code           string
	}{
		{"PUT", worlds + "one", nil, 201, ""},
		{"PUT", worlds + "one", nil, 409, "WorldExists"},
		{"PUT", worlds + "main", nil, 400, "InvalidName"},
		{"PUT", worlds + "writ", nil, 400, "InvalidName"},
		{"GET", s.URL + "/_writ/health", http.Header{"Host": {"writ.localhost"}}, 200, ""},
		{"GET", s.URL + "/_writ/health", http.Header{"Host": {"sts.us-east-1.localhost:4566"}}, 200, ""},
		{"GET", s.URL + "/_writ/health", http.Header{"Host": {"none.localhost"}}, 404, "WorldNotFound"},
		{"PUT", worlds + "Upper", nil, 400, "InvalidName"},
		{"PUT", worlds + "-dash", nil, 400, "InvalidName"},
		{"PUT", worlds + "a.b", nil, 400, "InvalidName"},
		{"PUT", worlds + "%2e%2e", nil, 400, "InvalidName"},
		{"PUT", worlds + strings.Repeat("a", 64), nil, 400, "InvalidName"},
		{"PUT", worlds + "two?from=none", nil, 404, "WorldNotFound"},
		{"PUT", worlds + "two", http.Header{"Origin": {"http://evil.example"}}, 403, ""},
		{"PUT", worlds + "two", http.Header{"Host": {"evil.example"}}, 403, ""},
		{"DELETE", worlds + "one", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403, ""},
		{"GET", worlds + "one", nil, 200, ""},
		{"GET", worlds + "none", nil, 404, "WorldNotFound"},
		{"DELETE", worlds + "one", nil, 204, ""},
		{"DELETE", worlds + "one", nil, 404, "WorldNotFound"},
		{"POST", s.URL + "/_writ/w/one/", nil, 404, "WorldNotFound"},
		{"POST", s.URL + "/_writ/w/", nil, 404, ""},
		{"GET", s.URL + "/_writ/w/<img>/x", nil, 404, "WorldNotFound"},
	} {
		status, code := send(t, c.method, c.target, c.header)
		if status != c.status || c.code != "" && code != c.code {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.target, status, code, c.status, c.code)
		}
	}
}

// TestIdleWorldIsDeleted: a world disappears when it has had no request for its lifetime.
func TestIdleWorldIsDeleted(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{WorldTTL: 300 * time.Millisecond})
	if status, _ := send(t, "PUT", s.URL+"/_writ/worlds/idle", nil); status != 201 {
		t.Fatal(status)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if status, _ := send(t, "GET", s.URL+"/_writ/worlds/idle", nil); status == 404 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the world is still there")
		}
	}
}

// TestParallel creates, copies, uses and deletes worlds concurrently.
func TestParallel(t *testing.T) {
	s := writtest.New(t)
	seed := s.World(t, "")
	put(t, seed, "seed")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for round := range 5 {
				name := fmt.Sprintf("w-%d-%d", i, round)
				if status, _ := send(t, "PUT", s.URL+"/_writ/worlds/"+name+"?from="+seed.Name(), nil); status != 201 {
					t.Errorf("%s is made: %d", name, status)
					return
				}
				var users sync.WaitGroup
				for range 3 {
					users.Go(func() {
						cfg := s.Config(alice)
						cfg.BaseEndpoint = new(s.URL + "/_writ/w/" + name)
						out, err := ssm.NewFromConfig(cfg).GetParameter(context.Background(), &ssm.GetParameterInput{Name: new("seed")})
						if err == nil && *out.Parameter.Value != "of "+seed.Name() {
							t.Errorf("%s reads %s", name, *out.Parameter.Value)
						}
						if e, ok := errors.AsType[smithy.APIError](err); err != nil && (!ok || e.ErrorCode() != "WorldNotFound") {
							t.Errorf("%s: %v", name, err)
						}
					})
				}
				if round%2 == 0 {
					users.Wait()
				}
				if status, _ := send(t, "DELETE", s.URL+"/_writ/worlds/"+name, nil); status != 204 {
					t.Errorf("%s is deleted: %d", name, status)
				}
				users.Wait()
			}
		})
	}
	all.Wait()
}

// TestClock: expiry follows the clock of the world, and no other clock.
func TestClock(t *testing.T) {
	main := writtest.New(t)
	world, other := main.World(t, ""), main.World(t, "")
	for _, s := range []*writtest.Server{world, other} {
		_, err := ssm.NewFromConfig(s.Config(alice)).PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: new("p"), Value: new("v"), Type: types.ParameterTypeString, Tier: types.ParameterTierAdvanced,
			Policies: new(`[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"` + time.Now().Add(48*time.Hour).UTC().Format(time.RFC3339) + `"}}]`),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	world.Advance(47 * time.Hour)
	if got := value(t, world.Config(alice), "p"); got != "v" {
		t.Errorf("an hour before it ends the parameter is %q", got)
	}
	world.Advance(2 * time.Hour)
	if got := value(t, world.Config(alice), "p"); got != "" {
		t.Errorf("after its end the parameter is %q", got)
	}
	if got := value(t, other.Config(alice), "p"); got != "v" {
		t.Errorf("in another world the parameter is %q", got)
	}
	world.SetClock(time.Date(2030, time.March, 1, 0, 0, 0, 0, time.UTC))
	put(t, world, "q")
	out, err := ssm.NewFromConfig(world.Config(alice)).GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("q")})
	if err != nil || !out.Parameter.LastModifiedDate.Equal(time.Date(2030, time.March, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("written at %v, %v", out, err)
	}
	world.RunClock()
	for body, want := range map[string]int{
		`{}`: 400, `{"advance":"-1h"}`: 400, `{"advance":"soon"}`: 400, `{"freeze":true,"run":true}`: 400, `{"set":"2020-01-01T00:00:00Z"}`: 400,
		`{"set":"9999-01-01T00:00:00Z"}`: 400, `{"back":true}`: 400, `[]`: 400, `{"advance":"1s"}`: 200,
	} {
		resp, err := http.Post(world.URL+"/_writ/clock", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", body, resp.StatusCode, want)
		}
	}
}

// TestNoAuditOfWorlds: the audit file contains the decisions of the main state only.
func TestNoAuditOfWorlds(t *testing.T) {
	file := t.TempDir() + "/audit.jsonl"
	main := writtest.NewFromConfig(t, writ.Config{Audit: file, AuditRequired: true})
	put(t, main, "in-main")
	put(t, main.World(t, ""), "in-world")
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "parameter/in-main") || strings.Contains(string(text), "parameter/in-world") {
		t.Errorf("%v: %s", err, text)
	}
}
