// Package servicetest is the suite that every service passes whose resources
// have policies: Run drives one type of resource through a real server, with
// the service's own SDK behind a few functions.
//
// It tests what all such services have in common: who may use a resource of
// another account, who may write its policy, and that a refused document leaves
// nothing behind. What a service has of its own (revisions, slots, document
// rules) its own tests show. Start reading at Resource, then Run.
package servicetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ/writtest"
)

// Resource is one type of resource, as the suite drives it. Every field but
// Tolerates is needed.
type Resource struct {
	// Action is the one that Use asks permission for: "imagebuilder:GetImage".
	Action string
	// NotOwner and Malformed are the error codes of a Put by another account,
	// and of a Put of a document that is no policy.
	NotOwner, Malformed string
	// Tolerates names the malformed documents of the suite that the service
	// takes, since to it they are not.
	Tolerates []string

	// Make makes a resource, as its owner.
	Make func(t *testing.T, owner aws.Config) Made
	// Put makes a document the only policy of the resource.
	Put func(t *testing.T, caller aws.Config, m Made, document string) error
	// Get returns the document that Put put.
	Get func(t *testing.T, caller aws.Config, m Made) (string, error)
	// Use does what the policy can allow. It is called many times.
	Use func(t *testing.T, caller Caller, m Made) error
}

// Made is a resource that exists.
type Made struct {
	ARN      string // the resource of the policy
	Resource string // the Resource that the policy's statements name
}

// Caller is who uses a resource.
type Caller struct {
	aws.Config
	Root aws.Config // the root user of the caller's account, for preparations
}

// The accounts: alice owns, bob is let in, carol is not.
const (
	alice = "111122223333"
	bob   = "444455556666"
	carol = "777788889999"
)

// Run tests that policies on the resource are enforced and kept.
func Run(t *testing.T, r Resource) {
	t.Parallel()
	w := newWorld(t, r)
	t.Run("the owner's side alone", w.ownSide)
	t.Run("shared with an account", w.shared)
	t.Run("shared with one user", w.sharedWithUser)
	t.Run("an explicit deny wins", w.denied)
	t.Run("revoked", w.revoked)
	t.Run("who writes the policy", w.writers)
	t.Run("malformed documents", w.malformed)
}

// world is a server with one resource, and who is after it.
type world struct {
	Resource
	s     *writtest.Server
	owner aws.Config
	made  Made
	// Users of bob's: ann may do all of it, eve nothing, dan is denied it.
	ann, eve, dan Caller
	bob, carol    Caller
}

func newWorld(t *testing.T, r Resource) *world {
	s := writtest.New(t)
	w := &world{Resource: r, s: s, owner: s.Config(alice)}
	w.made = r.Make(t, w.owner)
	user := func(account, name, statements string) Caller {
		return Caller{s.User(account, name, `{"Version":"2012-10-17","Statement":[`+statements+`]}`), s.Config(account)}
	}
	const all = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	w.bob, w.carol = Caller{s.Config(bob), s.Config(bob)}, Caller{s.Config(carol), s.Config(carol)}
	w.ann = user(bob, "ann", all)
	w.eve = user(bob, "eve", `{"Effect":"Allow","Action":"none:*","Resource":"*"}`)
	w.dan = user(bob, "dan", all+`,{"Effect":"Deny","Action":"`+r.Action+`","Resource":"*"}`)
	return w
}

// statement is one statement about the resource; principal is JSON.
func (w *world) statement(effect, principal, more string) string {
	return `{"Effect":"` + effect + `","Principal":` + principal + `,"Action":"` + w.Action +
		`","Resource":"` + w.made.Resource + `"` + more + `}`
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func account(id string) string      { return `{"AWS":"` + id + `"}` }
func user(id, name string) string   { return account("arn:aws:iam::" + id + ":user/" + name) }
func (w *world) ownersOnly() string { return document(w.statement("Allow", account(alice), "")) }

// put puts a policy and reads it back, byte for byte.
func (w *world) put(t *testing.T, document string) {
	t.Helper()
	if err := w.Put(t, w.owner, w.made, document); err != nil {
		t.Fatalf("put %s: %v", document, err)
	}
	w.has(t, document)
}

// has checks that the policy is the document.
func (w *world) has(t *testing.T, document string) {
	t.Helper()
	got, err := w.Get(t, w.owner, w.made)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if got != document {
		t.Errorf("the policy is\n %s\nwant\n %s", got, document)
	}
}

// use checks who may use the resource and who may not.
func (w *world) use(t *testing.T, allowed, denied map[string]Caller) {
	t.Helper()
	for name, c := range allowed {
		if err := w.Use(t, c, w.made); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range denied {
		if code := codeOf(w.Use(t, c, w.made)); !strings.HasPrefix(code, "AccessDenied") {
			t.Errorf("%s: %q, want AccessDenied", name, code)
		}
	}
}

type callers = map[string]Caller

func (w *world) ownSide(t *testing.T) {
	own := func(name, effect string) Caller {
		return Caller{w.s.User(alice, name, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"none:*","Resource":"*"},
			{"Effect":"`+effect+`","Action":"`+w.Action+`","Resource":"*"}]}`), w.owner}
	}
	root, may, mayNot := Caller{w.owner, w.owner}, own("may", "Allow"), own("may-not", "Deny")
	w.use(t, callers{"root": root, "user": may},
		callers{"denied user": mayNot, "bob": w.bob, "bob's user": w.ann, "carol": w.carol})
}

func (w *world) shared(t *testing.T) {
	w.put(t, document(w.statement("Allow", account(bob), "")))
	w.use(t, callers{"bob": w.bob, "bob's user": w.ann},
		callers{"a user without permission": w.eve, "a user who is denied": w.dan, "carol": w.carol})
}

func (w *world) sharedWithUser(t *testing.T) {
	w.put(t, document(w.statement("Allow", user(bob, "ann"), "")))
	w.use(t, callers{"ann": w.ann}, callers{"bob": w.bob, "carol": w.carol})
	w.put(t, document(w.statement("Allow", `"*"`, `,"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::`+bob+`:user/ann"}}`)))
	w.use(t, callers{"ann": w.ann}, callers{"bob": w.bob, "carol": w.carol})
}

func (w *world) denied(t *testing.T) {
	w.put(t, document(w.statement("Allow", account(bob), ""), w.statement("Deny", user(bob, "ann"), "")))
	w.use(t, callers{"bob": w.bob}, callers{"ann": w.ann})
	// It binds the owner's own account, too.
	w.put(t, document(w.statement("Allow", account(bob), ""), w.statement("Deny", account(alice), "")))
	w.use(t, callers{"bob": w.bob}, callers{"the owner": {w.owner, w.owner}})
}

func (w *world) revoked(t *testing.T) {
	w.put(t, document(w.statement("Allow", account(bob), "")))
	w.use(t, callers{"bob": w.bob, "ann": w.ann}, nil)
	w.put(t, w.ownersOnly())
	w.use(t, nil, callers{"bob": w.bob, "ann": w.ann})
}

func (w *world) writers(t *testing.T) {
	w.put(t, document(w.statement("Allow", account(bob), "")))
	mine := document(w.statement("Allow", account(carol), ""))
	for name, c := range (callers{"bob": w.bob, "bob's user": w.ann, "carol": w.carol}) {
		if code := codeOf(w.Put(t, c.Config, w.made, mine)); code != w.NotOwner {
			t.Errorf("put by %s: %q, want %s", name, code, w.NotOwner)
		}
	}
	reader := w.s.User(alice, "reader", document(`{"Effect":"Allow","Action":"none:*","Resource":"*"}`))
	if code := codeOf(w.Put(t, reader, w.made, mine)); !strings.HasPrefix(code, "AccessDenied") {
		t.Errorf("put by a user without permission: %q, want AccessDenied", code)
	}
	w.has(t, document(w.statement("Allow", account(bob), "")))
}

func (w *world) malformed(t *testing.T) {
	share := w.statement("Allow", account(bob), "")
	w.put(t, w.ownersOnly())
	for name, text := range map[string]string{
		"no JSON":               `{"Version":`,
		"a list":                `[` + share + `]`,
		"no statement":          `{"Version":"2012-10-17"}`,
		"no Effect":             document(strings.Replace(share, `"Effect":"Allow",`, "", 1)),
		"another Effect":        document(strings.Replace(share, "Allow", "ALLOW", 1)),
		"no Principal":          document(strings.Replace(share, `"Principal":`+account(bob)+`,`, "", 1)),
		"NotPrincipal":          document(strings.Replace(share, "Principal", "NotPrincipal", 1)),
		"no Action":             document(strings.Replace(share, `"Action":"`+w.Action+`",`, "", 1)),
		"another service":       document(strings.Replace(share, w.Action, "s3:GetObject", 1)),
		"no Resource":           document(strings.Replace(share, `,"Resource":"`+w.made.Resource+`"`, "", 1)),
		"another resource":      document(strings.Replace(share, w.made.Resource, "arn:aws:s3:::bucket", 1)),
		"no action named":       document(strings.Replace(share, `"`+w.Action+`"`, `[]`, 1)),
		"no resource named":     document(strings.Replace(share, `"`+w.made.Resource+`"`, `[]`, 1)),
		"nobody named":          document(strings.Replace(share, account(bob), `{"AWS":[]}`, 1)),
		"a Principal of nobody": document(strings.Replace(share, account(bob), `{}`, 1)),
		"an unknown element":    document(strings.Replace(share, `"Effect"`, `"Affect":"Allow","Effect"`, 1)),
		"an unknown operator":   document(w.statement("Allow", account(bob), `,"Condition":{"StringLooksLike":{"aws:userid":"x"}}`)),
		"text after the policy": document(share) + `{}`,
	} {
		if slices.Contains(w.Tolerates, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if code := codeOf(w.Put(t, w.owner, w.made, text)); code != w.Malformed {
				t.Errorf("put %s: %q, want %s", text, code, w.Malformed)
			}
		})
	}
	w.has(t, w.ownersOnly())
	w.use(t, nil, callers{"bob": w.bob})
}

// codeOf is the code of an API error, "" for nil, else the error's own text.
func codeOf(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return err.Error()
}
