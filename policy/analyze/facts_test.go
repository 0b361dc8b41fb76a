package analyze

import (
	"iter"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

// smallFacts describes a service with two actions.
type smallFacts struct{}

func (smallFacts) Source() string { return "the test" }

func (smallFacts) Actions(pattern string) iter.Seq[Action] {
	return func(yield func(Action) bool) {
		for _, a := range []smallAction{{"s:List", "", ""}, {"s:Read", "arn:${Partition}:s:${Region}:${Account}:thing/${Name}/part/${Part}", "s:k"}} {
			p := globLanguage(foldKey(pattern))
			if p.contains(foldKey(a.name), newBudget(Options{})) && !yield(a) {
				return
			}
		}
	}
}

type smallAction struct{ name, form, key string }

func (a smallAction) FullName() string { return a.name }

func (a smallAction) Forms() iter.Seq[string] {
	return func(yield func(string) bool) {
		if a.form != "" {
			yield(a.form)
		}
	}
}

func (a smallAction) HasKey(key string) bool {
	return strings.HasPrefix(key, "aws:") || key == a.key
}

func TestFactsChooseWitnesses(t *testing.T) {
	none := doc(t, `{"Effect":"Deny","Action":"*","Resource":"*"}`)
	for _, c := range []struct{ statement, action, resource string }{
		{`{"Effect":"Allow","Action":"s:*","Resource":"*"}`, "s:List", "*"},
		{`{"Effect":"Allow","Action":"S:R*","Resource":"*"}`, "s:Read", "arn:aws:s:us-east-1:111122223333:thing/a/part/a"},
		{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s:*:*:thing/b*"}`, "s:Read", "arn:aws:s:us-east-1:111122223333:thing/b/part/a"},
		{`{"Effect":"Allow","NotAction":"s:List","Resource":"arn:aws:s:eu-1:*"}`, "s:Read", "arn:aws:s:eu-1:111122223333:thing/a/part/a"},
		{`{"Effect":"Allow","Action":"s:*","Resource":"*","Condition":{"StringEquals":{"s:k":"v"}}}`, "s:Read", "arn:aws:s:us-east-1:111122223333:thing/a/part/a"},
		{`{"Effect":"Allow","Action":"s:Read","Resource":"arn:aws:s:::other"}`, "s:Read", "arn:aws:s:::other"},
		{`{"Effect":"Allow","Action":["s:Reads","s:Read"],"Resource":"arn:aws:s:*:*:thing/a/part/b"}`, "s:Read", "arn:aws:s:us-east-1:111122223333:thing/a/part/b"},
	} {
		got := Compare(none, doc(t, c.statement), policy.Identity, Options{Facts: smallFacts{}})
		if got.Verdict != More || got.Gained.Invented || got.Reason != "" {
			t.Errorf("%s: %v (%s)", c.statement, got.Verdict, got.Reason)
		} else if r := got.Gained.Request; r.Action != c.action || r.Resource != c.resource {
			t.Errorf("%s: %s on %s, want %s on %s", c.statement, r.Action, r.Resource, c.action, c.resource)
		}
	}
	got := Compare(none, doc(t, `{"Effect":"Allow","Action":"s:Readers","Resource":"*"}`), policy.Identity, Options{Facts: smallFacts{}})
	if got.Verdict != More || !got.Gained.Invented || !strings.Contains(got.Reason, "no action of the test") {
		t.Errorf("%v (%s), invented %v", got.Verdict, got.Reason, got.Gained.Invented)
	}
}

func TestInstances(t *testing.T) {
	form := "arn:${Partition}:s:${Region}:${Account}:thing/${Name}/part/${Part}"
	for arn, want := range map[string]bool{
		exampleOf(form): true, "arn:aws:s:r:1:thing/a/b/part/c": true, "arn:aws:s:r:1:thing//part/c": false, "arn:aws:s:r:1:thing/a/part/": false,
		"arn:aws:s::1:thing/a/part/c": false, "arn:aws:t:r:1:thing/a/part/c": false, "": false,
	} {
		if isInstance(form, arn) != want {
			t.Errorf("%q is an instance: %v", arn, !want)
		}
	}
}
