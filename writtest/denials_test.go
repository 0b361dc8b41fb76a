package writtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/writdev/writ/writtest"
)

// recorder is a test whose log and end the test around it sees.
type recorder struct {
	testing.TB
	failed   bool
	log      strings.Builder
	cleanups []func()
}

func (r *recorder) Failed() bool                      { return r.failed }
func (r *recorder) Cleanup(fn func())                 { r.cleanups = append(r.cleanups, fn) }
func (r *recorder) Logf(format string, args ...any)   { fmt.Fprintf(&r.log, format+"\n", args...) }
func (r *recorder) Errorf(format string, args ...any) { r.failed = true; r.Logf(format, args...) }

// end runs the cleanups, the last one first.
func (r *recorder) end() {
	for _, fn := range slices.Backward(r.cleanups) {
		fn()
	}
}

// TestDenialsInLog: a test that fails logs why its requests were denied, one that passes
// does not, and neither logs what another test was denied.
func TestDenialsInLog(t *testing.T) {
	s := writtest.New(t)
	get := func(s *writtest.Server, account, name string) {
		_, err := ssm.NewFromConfig(s.User(account, "bob", deny(name))).GetParameter(t.Context(), &ssm.GetParameterInput{Name: &name})
		if err == nil {
			t.Error("nothing was denied")
		}
	}
	failing, passing, other := &recorder{TB: t}, &recorder{TB: t}, &recorder{TB: t}
	get(s.World(failing, ""), "111122223333", "mine")
	get(s.World(passing, ""), "111122223333", "passed")
	get(s.World(other, ""), "111122223333", "others")
	failing.Errorf("the test failed")
	for _, r := range []*recorder{failing, passing, other} {
		r.end()
	}
	for _, want := range []string{
		"denied by Writ:", "user/bob is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:111122223333:parameter/mine",
		"with an explicit deny", "change: ",
	} {
		if !strings.Contains(failing.log.String(), want) {
			t.Errorf("the log of the failed test has no %q:\n%s", want, failing.log.String())
		}
	}
	if strings.Contains(failing.log.String(), "others") {
		t.Errorf("the log has what another test was denied:\n%s", failing.log.String())
	}
	if passing.log.Len() > 0 {
		t.Errorf("a test that passed logs:\n%s", passing.log.String())
	}
	server := &recorder{TB: t} // whose test has the server's main state
	get(writtest.New(server), "111122223333", "main")
	server.Errorf("the test failed")
	server.end()
	if !strings.Contains(server.log.String(), "parameter/main") {
		t.Errorf("the log of a server's test is:\n%s", server.log.String())
	}
}

// deny is a policy that denies one parameter.
func deny(name string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"arn:aws:ssm:*:*:parameter/` + name + `"}}`
}

// TestLoadWorld: a world file is loaded into the world that is asked, and nowhere else.
func TestLoadWorld(t *testing.T) {
	const file = "accounts: [{id: 111122223333, name: a}]\nparameters: [{arn: a:parameter/p, type: String, value: v}]\n"
	s := writtest.New(t)
	has := func(s *writtest.Server) bool {
		_, err := ssm.NewFromConfig(s.Config("111122223333")).GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("p")})
		return err == nil
	}
	world, empty := s.World(t, ""), s.World(t, "")
	world.LoadWorld(file)
	if !has(world) || has(empty) || has(s) {
		t.Errorf("the parameter is in the world: %v, in another: %v, in the main state: %v", has(world), has(empty), has(s))
	}
	s.LoadWorld(file)
	if !has(s) || has(empty) {
		t.Errorf("the parameter is in the main state: %v, in a world: %v", has(s), has(empty))
	}
}
