package worlds_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	imagetypes "github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// TestManyWorlds uses more worlds than the server keeps open. What a world has besides its
// tables is there when it is used again: its time, decisions, sessions, client tokens.
func TestManyWorlds(t *testing.T) {
	main := writtest.NewFromConfig(t, writ.Config{Memory: writ.MinMemory})
	seed := main.World(t, "")
	if _, err := iam.NewFromConfig(seed.Config(alice)).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: new("reader"),
		AssumeRolePolicyDocument: new(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":"sts:AssumeRole"}}`)}); err != nil {
		t.Fatal(err)
	}
	caller := seed.User(alice, "caller", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sts:AssumeRole","ssm:PutParameter"],"Resource":"*"}}`)
	at := time.Date(2031, time.May, 1, 12, 0, 0, 0, time.UTC)
	worlds := make([]*usedWorld, 40)
	for i := range worlds {
		worlds[i] = useWorld(t, main.World(t, seed.Name()), caller, at)
	}
	for _, w := range worlds {
		w.useAgain(t, at)
	}
}

// usedWorld is a world that had some requests.
type usedWorld struct {
	*writtest.Server
	session   aws.Config // of the role reader, which may do nothing
	component string     // made with a client token
}

func useWorld(t *testing.T, w *writtest.Server, caller aws.Config, at time.Time) *usedWorld {
	t.Helper()
	put(t, w, "p")
	w.SetClock(at)
	caller.BaseEndpoint = &w.URL
	out, err := sts.NewFromConfig(caller).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::" + alice + ":role/reader"), RoleSessionName: new("session")})
	if err != nil {
		t.Fatal(err)
	}
	used := &usedWorld{Server: w, session: w.Config(alice)}
	c := out.Credentials
	used.session.Credentials = credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	used.component = used.createComponent(t)
	if code := used.readAsSession(t); code != "AccessDeniedException" {
		t.Errorf("the session reads: %q", code)
	}
	return used
}

// createComponent repeats the same request with the same client token.
func (w *usedWorld) createComponent(t *testing.T) string {
	t.Helper()
	out, err := imagebuilder.NewFromConfig(w.Config(alice)).CreateComponent(t.Context(), &imagebuilder.CreateComponentInput{
		Name: new("component"), SemanticVersion: new("1.0.0"), Platform: imagetypes.PlatformLinux, ClientToken: new("once"),
		Data: new("name: component\nschemaVersion: 1.0\nphases: [{name: build, steps: [{name: s, action: ExecuteBash, inputs: {commands: [ls]}}]}]\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.ComponentBuildVersionArn
}

func (w *usedWorld) readAsSession(t *testing.T) (code string) {
	t.Helper()
	_, err := ssm.NewFromConfig(w.session).GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("p")})
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

func (w *usedWorld) useAgain(t *testing.T, at time.Time) {
	t.Helper()
	if got := value(t, w.Config(alice), "p"); got != "of "+w.Name() {
		t.Errorf("%s reads %q", w.Name(), got)
	}
	if got := w.createComponent(t); got != w.component {
		t.Errorf("%s: a repeated request created %s after %s", w.Name(), got, w.component)
	}
	if code := w.readAsSession(t); code != "AccessDeniedException" { // the session is valid, but may not
		t.Errorf("%s: its session reads: %q", w.Name(), code)
	}
	var clock struct{ Now time.Time }
	get(t, w.URL+"/_writ/clock", &clock)
	if late := clock.Now.Sub(at); late < 0 || late > time.Hour {
		t.Errorf("in %s it is %s", w.Name(), clock.Now)
	}
	var denied struct{ Decisions []struct{ Action string } }
	get(t, w.URL+"/_writ/decisions?outcome=denied", &denied)
	if len(denied.Decisions) != 2 || denied.Decisions[0].Action != "ssm:GetParameter" {
		t.Errorf("%s has the denials %v", w.Name(), denied.Decisions)
	}
}

func get(t *testing.T, target string, into any) {
	t.Helper()
	resp, err := http.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// TestManyWorldsInParallel writes and reads more worlds than the server keeps open from
// several clients, and copies and deletes some meanwhile.
func TestManyWorldsInParallel(t *testing.T) {
	main := writtest.NewFromConfig(t, writ.Config{Memory: writ.MinMemory})
	worlds := make([]*writtest.Server, 40)
	for i := range worlds {
		worlds[i] = main.World(t, "")
	}
	var all sync.WaitGroup
	for user := range 4 {
		all.Go(func() {
			name := "p-" + string(rune('a'+user))
			for _, w := range worlds {
				put(t, w, name)
			}
			for i, w := range worlds {
				if got := value(t, w.Config(alice), name); got != "of "+w.Name() {
					t.Errorf("%s reads %q", w.Name(), got)
				}
				if i%10 != user {
					continue
				}
				copied := "copy-" + w.Name()
				if status, _ := send(t, "PUT", main.URL+"/_writ/worlds/"+copied+"?from="+w.Name(), nil); status != http.StatusCreated {
					t.Errorf("%s is copied: %d", w.Name(), status)
				}
				cfg := w.Config(alice)
				cfg.BaseEndpoint = new(main.URL + "/_writ/w/" + copied)
				if got := value(t, cfg, name); got != "of "+w.Name() {
					t.Errorf("%s reads %q", copied, got)
				}
				if status, _ := send(t, "DELETE", main.URL+"/_writ/worlds/"+copied, nil); status != http.StatusNoContent {
					t.Errorf("%s is deleted: %d", copied, status)
				}
			}
		})
	}
	all.Wait()
}
