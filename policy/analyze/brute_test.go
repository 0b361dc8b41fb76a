package analyze

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/writdev/writ/policy"
)

// smallRequests visits every request over the small names that has the keys that
// the documents read, without its action.
func smallRequests(t testing.TB, caller bool, docs []*policy.Document, visit func(req *policy.Request) bool) {
	keys := []string{}
	for key := range smallKeys {
		if newKeyReader(docs).key(key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	who := smallCallers
	if !caller {
		who = []string{"arn:aws:iam::111122223333:user/a"}
		if newKeyReader(docs).caller() {
			who = append(who, "arn:aws:iam::111122223333:user/p/b", "arn:aws:iam::111122223333:role/R", "arn:aws:iam::111122223333:user/ab")
		}
	}
	for _, name := range who {
		p, err := policy.ParsePrincipal(name)
		if err != nil {
			t.Fatal(err)
		}
		req := policy.Request{Principal: p}
		p.SetKeys(&req.Context)
		if !visitKeys(&req, keys, visit) {
			return
		}
	}
}

func visitKeys(req *policy.Request, keys []string, visit func(req *policy.Request) bool) bool {
	if len(keys) > 0 {
		for _, values := range smallKeys[keys[0]] {
			next := *req
			if values != nil {
				next.Context = copyContext(&req.Context)
				next.Context.Set(keys[0], values...)
			}
			if !visitKeys(&next, keys[1:], visit) {
				return false
			}
		}
		return true
	}
	for _, req.Resource = range smallResources {
		if !visit(req) {
			return false
		}
	}
	return true
}

func copyContext(c *policy.Context) policy.Context {
	var copied policy.Context
	for _, key := range []string{
		"k:s", "aws:tagkeys", "k:n", "k:d", "aws:sourceip", "k:arn", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType",
		"aws:username", "aws:userid", "aws:PrincipalIsAWSService", "aws:PrincipalServiceName", "aws:FederatedProvider",
	} {
		if values := c.Get(key); values != nil {
			copied.Set(key, values...)
		}
	}
	return copied
}

// allows reports whether a document alone allows a request.
func allows(d *policy.Document, req *policy.Request, kind policy.Kind) bool {
	allowed := false
	for _, i := range d.Applying(req, noPolicies, kind) {
		if d.Statements[i].Effect.Text != "Allow" {
			return false
		}
		allowed = true
	}
	return allowed
}

// bruteForce decides every small request under two documents. That a statement
// applies where its action does and the rest of it does spares it most of the work:
// the engine judges the rest once for all actions, and the statements of both
// documents at once. Every checkedOne-th request is decided without that.
type bruteForce struct {
	old, new *policy.Document
	kind     policy.Kind
	effects  [2]effects       // by side
	rest     *policy.Document // the statements of both, with every action
	actions  [6]uint64        // the statements that have each of smallActions
	visited  int
}

const checkedOne = 97

// effects are the statements of one document that allow and that deny.
type effects struct{ allow, deny uint64 }

func (e effects) allows(applying uint64) bool { return applying&e.allow != 0 && applying&e.deny == 0 }

func newBruteForce(t testing.TB, kind policy.Kind, old, new *policy.Document) *bruteForce {
	t.Helper()
	b := &bruteForce{old: old, new: new, kind: kind}
	known := make(map[string]int) // statements by their text
	var statements []map[string]any
	for i, d := range []*policy.Document{old, new} {
		var parsed struct{ Statement []map[string]any }
		if err := json.Unmarshal(d.Source(), &parsed); err != nil {
			t.Fatal(err)
		}
		for _, s := range parsed.Statement {
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			n, ok := known[string(text)]
			if !ok {
				n = len(statements)
				known[string(text)] = n
				statements = append(statements, s)
			}
			bit := uint64(1) << n
			if s["Effect"] == "Allow" {
				b.effects[i].allow |= bit
			} else {
				b.effects[i].deny |= bit
			}
		}
	}
	var rest, actions []map[string]any
	for _, s := range statements {
		r, a := map[string]any{"Action": "*"}, map[string]any{"Effect": s["Effect"], "Resource": "*"}
		for k, v := range s {
			if k == "Action" || k == "NotAction" {
				a[k] = v
			} else {
				r[k] = v
			}
		}
		if kind == policy.Resource {
			a["Principal"] = "*"
		}
		rest, actions = append(rest, r), append(actions, a)
	}
	b.rest = encode(t, rest)
	only := encode(t, actions)
	who, err := policy.ParsePrincipal(smallCallers[3])
	if err != nil {
		t.Fatal(err)
	}
	for i, action := range smallActions {
		b.actions[i] = b.applying(only, &policy.Request{Principal: who, Action: action, Resource: "*"})
	}
	return b
}

func (b *bruteForce) applying(d *policy.Document, req *policy.Request) (mask uint64) {
	for _, i := range d.Applying(req, noPolicies, b.kind) {
		mask |= 1 << i
	}
	return mask
}

var noPolicies = new(policy.Policies)

// differences finds a request that only the new document allows, and one that only
// the old one does.
func (b *bruteForce) differences(t testing.TB) (gained, lost *policy.Request) {
	smallRequests(t, b.kind == policy.Resource, []*policy.Document{b.old, b.new}, func(req *policy.Request) bool {
		req.Action = smallActions[0]
		rest := b.applying(b.rest, req)
		for i, mask := range b.actions {
			before, after := b.effects[oldSide].allows(rest&mask), b.effects[newSide].allows(rest&mask)
			if b.visited++; b.visited%checkedOne == 0 {
				req.Action = smallActions[i]
				if before != allows(b.old, req, b.kind) || after != allows(b.new, req, b.kind) {
					t.Fatalf("%+v is decided in two ways", *req)
				}
			}
			if before == after {
				continue
			}
			found := *req
			found.Action = smallActions[i]
			if after && gained == nil {
				gained = &found
			}
			if before && lost == nil {
				lost = &found
			}
		}
		return gained == nil || lost == nil
	})
	return gained, lost
}

// brute looks at every small request.
func brute(t testing.TB, kind policy.Kind, old, new *policy.Document) (gained, lost *policy.Request) {
	return newBruteForce(t, kind, old, new).differences(t)
}
