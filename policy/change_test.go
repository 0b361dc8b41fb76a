package policy_test

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/writdev/writ/policy"
)

// TestChange applies the change of each explanation and decides again: with all of its edits the request is
// allowed, and without any one of them it is not.
func TestChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t)
		w := g.policySet()
		g.ask(w)
		checkChange(t, w, policy.Explain(&w.request, &w.policies))
	})
}

var changes = flag.Int("changes", 500, "the number of random denials for which TestChangeShare searches for a change")

// TestChangeShare measures for which share of denials a change is found, among those that edits of only the
// caller's or only the owner's policies can resolve.
func TestChangeShare(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	g := generator{func(n int) int { return random.IntN(n) }}
	denied, helpable, offered := 0, 0, 0
	ops := map[policy.EditOp]int{}
	for denied < *changes {
		w := g.policySet()
		g.ask(w)
		x := policy.Explain(&w.request, &w.policies)
		if x.Decision.Allowed() {
			continue
		}
		denied++
		checkChange(t, w, x)
		if openSide(w) {
			helpable++
			if x.Change.Edits != nil {
				offered++
			} else if t.Failed() {
				break
			}
		}
		for _, e := range x.Change.Edits {
			ops[e.Op]++
		}
	}
	t.Logf("%d denials; one side alone can help %d, of which %d (%.1f %%) get a change; edits: %v",
		denied, helpable, offered, 100*float64(offered)/float64(helpable), ops)
	if offered*100 < helpable*95 {
		t.Errorf("only %d of %d denials that one side can help get a change", offered, helpable)
	}
}

// openSide reports whether edits of only the caller's or only the resource's policies
// can allow the request: it replaces all policies of that side by one that allows
// everything.
func openSide(w *world) bool {
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	if err != nil {
		panic(err)
	}
	open := []policy.Attached{{Name: "open", Document: doc}}
	caller := w.policies
	caller.Identity = open
	if caller.Boundary != nil {
		caller.Boundary = open
	}
	caller.Session = open
	if policy.Decide(&w.request, &caller).Allowed() {
		return true
	}
	doc, err = policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`))
	if err != nil {
		panic(err)
	}
	owner := w.policies
	owner.Resource = []policy.Attached{{Name: "open", Document: doc}}
	return policy.Decide(&w.request, &owner).Allowed()
}

type failer interface {
	Helper()
	Errorf(string, ...any)
	Fatal(...any)
}

func checkChange(t failer, w *world, x policy.Explanation) {
	t.Helper()
	edits := x.Change.Edits
	if len(edits) == 0 {
		return
	}
	all := edited(t, w.policies, edits, true)
	if after := policy.Decide(&w.request, all); !after.Allowed() {
		t.Errorf("after the change %v: %v\n%v", edits, after, w)
	}
	for i := range edits {
		fewer := slices.Delete(slices.Clone(edits), i, i+1)
		if after := policy.Decide(&w.request, edited(t, w.policies, fewer, false)); after.Allowed() {
			t.Errorf("edit %d of the change %v is not needed\n%v", i, edits, w)
		}
	}
	for _, e := range edits {
		if e.Op == policy.WidenStatement || e.Op == policy.AddStatement {
			checkNoWildcard(t, w, e)
		}
	}
}

// checkNoWildcard checks that an edit grants no more names than the request has.
func checkNoWildcard(t failer, w *world, e policy.Edit) {
	t.Helper()
	text := strings.NewReplacer("${*}", "", "${?}", "").Replace(strings.Join(e.Values, " ") + e.Add)
	if w.request.Principal.Kind == policy.Anonymous || e.Kind == policy.Endpoint {
		text = strings.ReplaceAll(text, `"Principal":"*"`, "")
	}
	if w.request.Resource == "*" {
		text = strings.ReplaceAll(text, `"Resource":"*"`, "")
	}
	text = strings.ReplaceAll(text, w.request.Action, "")
	if strings.ContainsAny(text, "*?") && e.Element != policy.ResourceElement {
		t.Errorf("a wildcard in the edit %v\n%v", e, w)
	}
}

// edited applies edits to the decoded policies, independently of package policy. A
// removed statement becomes one that never applies, so that the others keep their
// indexes. If whole, it also compares each document with that of the edit.
func edited(t failer, p policy.Policies, edits []policy.Edit, whole bool) *policy.Policies {
	t.Helper()
	p.ServiceControl, p.ResourceControl = slices.Clone(p.ServiceControl), slices.Clone(p.ResourceControl)
	for _, e := range edits {
		layer := layerOf(&p, e.Kind, e.Level)
		*layer = slices.Clone(*layer)
		i := slices.IndexFunc(*layer, func(a policy.Attached) bool { return a.Name == e.Policy })
		d := map[string]any{"Version": "2012-10-17", "Statement": []any{}}
		if e.Policy == "" {
			*layer = append(*layer, policy.Attached{})
			i = len(*layer) - 1
		} else {
			d = decode(string((*layer)[i].Document.Source())).(map[string]any)
		}
		list, ok := d["Statement"].([]any)
		if !ok {
			list = []any{d["Statement"]}
		}
		d["Statement"] = editedStatements(list, e)
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if (*layer)[i].Document, err = policy.Parse(text); err != nil {
			t.Fatal(err)
		}
		if whole {
			compareDocument(t, d["Statement"].([]any), e.Document, edits)
		}
	}
	return &p
}

func layerOf(p *policy.Policies, kind policy.Kind, level int) *[]policy.Attached {
	switch kind {
	case policy.ServiceControl:
		return &p.ServiceControl[level]
	case policy.ResourceControl:
		return &p.ResourceControl[level]
	case policy.Resource, policy.Trust:
		return &p.Resource
	case policy.Boundary:
		return &p.Boundary
	case policy.Session:
		return &p.Session
	case policy.Endpoint:
		return &p.Endpoint
	}
	return &p.Identity
}

var inert = map[string]any{"Effect": "Allow", "Action": []any{}, "Resource": "*"}

func editedStatements(list []any, e policy.Edit) []any {
	switch e.Op {
	case policy.AddStatement:
		return append(list, decode(e.Add))
	case policy.RemoveStatement:
		list[e.Statement] = inert
		return list
	}
	s := list[e.Statement].(map[string]any)
	operator, key, _ := strings.Cut(e.Key, " ")
	for _, value := range e.Values {
		switch {
		case e.Element == policy.PrincipalElement && e.Op == policy.NarrowStatement:
			block := s["Principal"].(map[string]any)
			for kind := range block {
				block[kind] = slices.DeleteFunc(values(block[kind]), func(v any) bool { return v == value })
			}
		case e.Op == policy.NarrowStatement && e.Element != policy.ConditionElement:
			s[e.Element.String()] = slices.DeleteFunc(values(s[e.Element.String()]), func(v any) bool { return v == value })
		case e.Element == policy.PrincipalElement:
			block := s["Principal"].(map[string]any)
			kind := "AWS"
			switch {
			case strings.HasSuffix(value, ".amazonaws.com"):
				kind = "Service"
			case strings.Contains(value, ":saml-provider/"), !strings.HasPrefix(value, "arn:"):
				kind = "Federated"
			}
			block[kind] = append(values(block[kind]), value)
		case e.Element == policy.ConditionElement:
			if s["Condition"] == nil {
				s["Condition"] = map[string]any{}
			}
			block := s["Condition"].(map[string]any)
			if block[operator] == nil {
				block[operator] = map[string]any{}
			}
			keys := block[operator].(map[string]any)
			for k := range keys {
				if strings.EqualFold(k, key) {
					key = k
				}
			}
			keys[key] = append(values(keys[key]), value)
		default:
			s[e.Element.String()] = append(values(s[e.Element.String()]), value)
		}
	}
	return list
}

// values returns a value or list as a list.
func values(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// compareDocument compares the statements of a document with those expected after its
// edits; the last edit of a document contains the result of all.
func compareDocument(t failer, want []any, document string, edits []policy.Edit) {
	t.Helper()
	last := 0
	for _, e := range edits {
		if e.Document == document {
			last++
		}
	}
	if last > 1 {
		return // the statements reflect one edit of several
	}
	want = slices.DeleteFunc(slices.Clone(want), func(s any) bool { return reflect.DeepEqual(s, inert) })
	if document == "" {
		if len(want) > 0 {
			t.Errorf("the edits delete a policy that still has %v", want)
		}
		return
	}
	got := values(decode(document).(map[string]any)["Statement"])
	if !reflect.DeepEqual(normal(got), normal(want)) {
		t.Errorf("the edits %v lead to %v, want %v", edits, got, want)
	}
}

// normal replaces every list of one value in a decoded document by that value.
func normal(v any) any {
	switch v := v.(type) {
	case []any:
		if len(v) == 1 {
			return normal(v[0])
		}
		list := make([]any, len(v))
		for i := range v {
			list[i] = normal(v[i])
		}
		return list
	case map[string]any:
		m := map[string]any{}
		for k, e := range v {
			m[k] = normal(e)
		}
		return m
	}
	return v
}
