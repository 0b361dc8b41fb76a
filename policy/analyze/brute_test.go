package analyze

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/writdev/writ/policy"
)

// smallRequests visits every request that can be made of the small names and the keys that the documents
// read, without action and resource.
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
	return visit(req)
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
		if d.Statements()[i].Effect.Text != "Allow" {
			return false
		}
		allowed = true
	}
	return allowed
}

// bruteForce evaluates every small request against two documents. A statement applies if its action, its
// resource and its remaining elements apply, so each of the three is evaluated once and combined, for the
// statements of both documents together. A sample of requests is also evaluated directly.
type bruteForce struct {
	old, new  *policy.Document
	kind      policy.Kind
	effects   [2]effects       // by side
	actions   []uint64         // for each of smallActions, the statements that apply to it
	resources *policy.Document // the statements of both, reduced to their resources
	varies    bool             // a resource contains one of the drawer's variables
	rest      *policy.Document // the statements of both, without action and resource
	visited   int
}

// checkedOne is the number of key assignments for each request that is evaluated directly.
const checkedOne = 7

// effects holds the Allow and the Deny statements of one document, as bit sets.
type effects struct{ allow, deny uint64 }

func (e effects) allows(applying uint64) bool { return applying&e.allow != 0 && applying&e.deny == 0 }

func newBruteForce(t testing.TB, kind policy.Kind, old, new *policy.Document) *bruteForce {
	t.Helper()
	b := &bruteForce{old: old, new: new, kind: kind}
	known := make(map[string]int) // statements by their text
	var actions, resources, rest []map[string]any
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
				n = len(known)
				known[string(text)] = n
				actions = append(actions, only(s, kind, "Action", "NotAction"))
				resources = append(resources, only(s, kind, "Resource", "NotResource"))
				rest = append(rest, only(s, kind, "Principal", "NotPrincipal", "Condition"))
			}
			if s["Effect"] == "Allow" {
				b.effects[i].allow |= 1 << n
			} else {
				b.effects[i].deny |= 1 << n
			}
		}
	}
	b.resources, b.rest = encode(t, resources), encode(t, rest)
	b.varies = bytes.Contains(b.resources.Source(), []byte("${"))
	who, err := policy.ParsePrincipal(smallCallers[3])
	if err != nil {
		t.Fatal(err)
	}
	ofActions := encode(t, actions)
	for _, action := range smallActions {
		b.actions = append(b.actions, b.applying(ofActions, &policy.Request{Principal: who, Action: action, Resource: "*"}))
	}
	return b
}

// only returns a statement reduced to some of its elements; the others are replaced by ones that always
// apply.
func only(s map[string]any, kind policy.Kind, elements ...string) map[string]any {
	part := map[string]any{"Effect": s["Effect"]}
	for _, e := range elements {
		if v, ok := s[e]; ok {
			part[e] = v
		}
	}
	for _, e := range []string{"Action", "Resource", "Principal"} {
		if !slices.Contains(elements, e) && (e != "Principal" || kind == policy.Resource) {
			part[e] = "*"
		}
	}
	return part
}

func (b *bruteForce) applying(d *policy.Document, req *policy.Request) (mask uint64) {
	for _, i := range d.Applying(req, noPolicies, b.kind) {
		mask |= 1 << i
	}
	return mask
}

var noPolicies = new(policy.Policies)

// withResources returns, for each of smallResources, the statements that apply to it.
func (b *bruteForce) withResources(req *policy.Request) []uint64 {
	masks := make([]uint64, len(smallResources))
	for i := range smallResources {
		req.Action, req.Resource = smallActions[0], smallResources[i]
		masks[i] = b.applying(b.resources, req)
	}
	return masks
}

// differences returns a request that only the new document allows, and one that only the old document allows.
func (b *bruteForce) differences(t testing.TB) (gained, lost *policy.Request) {
	resourcesOf := make(map[string][]uint64) // by the values of variables
	type situation struct {
		variables string
		rest      uint64
	}
	seen := make(map[situation]bool)
	smallRequests(t, b.kind == policy.Resource, []*policy.Document{b.old, b.new}, func(req *policy.Request) bool {
		req.Action, req.Resource = smallActions[0], "*"
		rest := b.applying(b.rest, req)
		variables := ""
		if b.varies {
			variables = fmt.Sprintf("%q %q", req.Context.Get("aws:username"), req.Context.Get("k:s"))
		}
		resources := resourcesOf[variables]
		if resources == nil {
			resources = b.withResources(req)
			resourcesOf[variables] = resources
		}
		if b.visited++; b.visited%checkedOne == 0 {
			b.check(t, req, rest, resources)
		}
		now := situation{variables, rest}
		if seen[now] {
			return true
		}
		seen[now] = true
		for r, ofResource := range resources {
			for a, ofAction := range b.actions {
				applying := rest & ofResource & ofAction
				before, after := b.effects[oldSide].allows(applying), b.effects[newSide].allows(applying)
				if before == after {
					continue
				}
				found := *req
				found.Resource, found.Action = smallResources[r], smallActions[a]
				if after && gained == nil {
					gained = &found
				}
				if before && lost == nil {
					lost = &found
				}
			}
		}
		return gained == nil || lost == nil
	})
	return gained, lost
}

// check evaluates one request directly.
func (b *bruteForce) check(t testing.TB, req *policy.Request, rest uint64, resources []uint64) {
	n := b.visited / checkedOne
	r, a := n%len(resources), n/len(resources)%len(b.actions)
	whole := *req
	whole.Resource, whole.Action = smallResources[r], smallActions[a]
	applying := rest & resources[r] & b.actions[a]
	for i, d := range []*policy.Document{b.old, b.new} {
		if b.effects[i].allows(applying) != allows(d, &whole, b.kind) {
			t.Fatalf("%+v is decided differently by parts and as a whole under %s", whole, d.Source())
		}
	}
}

// enumerate evaluates every small request.
func enumerate(t testing.TB, kind policy.Kind, old, new *policy.Document) (gained, lost *policy.Request) {
	return newBruteForce(t, kind, old, new).differences(t)
}
