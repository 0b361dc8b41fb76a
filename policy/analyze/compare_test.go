package analyze

import (
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

func mustDocument(t testing.TB, text string) *policy.Document {
	t.Helper()
	d, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return d
}

func doc(t testing.TB, statements string) *policy.Document {
	t.Helper()
	return mustDocument(t, `{"Version":"2012-10-17","Statement":[`+statements+`]}`)
}

// comparisons holds pairs of documents whose verdict follows from the policy language.
var comparisons = []struct {
	name, kind, old, new string
	want                 Verdict
}{
	{"narrower action", "identity", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, `{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`, Less},
	{"the same in another case", "identity", `{"Effect":"Allow","Action":"s3:GET*","Resource":"*"}`, `{"Effect":"Allow","Action":"S3:get*","Resource":"*"}`, Equal},
	{"prefix against object pattern", "identity", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b*"}`, More},
	{"a hole", "identity", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, `{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"}`, Less},
	{"NotAction is the complement", "identity", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}`, Equal},
	{"swapped", "identity", `{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`, `{"Effect":"Allow","Action":"s3:Put*","Resource":"*"}`, Different},
	{"absent key", "identity", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"k:a":"1"}}}`, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqualsIfExists":{"k:a":"1"}}}`, More},
	{"numbers", "identity", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"k:n":"10"}}}`, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThanEquals":{"k:n":"10.0"}}}`, More},
	{"CIDR", "identity", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/9","10.128.0.0/9"]}}}`, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`, Equal},
	{"variable", "identity", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::h/${aws:username}/*"}`, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::h/*"}`, More},
	{"same variable", "identity", `{"Effect":"Allow","Action":["s3:*"],"Resource":"arn:aws:s3:::h/${aws:username}/*"}`, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::h/${aws:Username}/*"}`, Equal},
	{"variable is not a wildcard", "identity", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::h/?"}`, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::h/${aws:username}"}`, Different},
	{"variable with the value that is denied", "identity", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::h/${aws:username}"},{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::h/abc"}`, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::h/${aws:username}"}`, More},
	{"NotPrincipal exempts those listed with their account", "resource", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"},{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`, `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"},{"Effect":"Deny","NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:user/a"]},"Action":"s3:*","Resource":"*"}`, More},
	{"public", "resource", `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`, `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`, More},
	{"account of a role", "resource", `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/R"},"Action":"s3:*","Resource":"*"}`, Less},
	{"role by condition", "resource", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/R"}}}`, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/R"},"Action":"s3:*","Resource":"*"}`, Equal},
	{"set operators", "identity", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}}`, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}}`, Different},
	{"trust", "trust", `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}`, `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`, Less},
	{"deny-only SCP", "scp", `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`, `{"Effect":"Deny","Action":["s3:*","ec2:*"],"Resource":"*"}`, Less},
	{"RCP", "rcp", `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`, `{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*"}`, More},
	{"boundary", "boundary", `{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`, Less},
	{"assume role by identity policy", "identity", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, `{"Effect":"Allow","Action":["s3:*","sts:AssumeRole"],"Resource":"*"}`, More},
	{"resource account", "identity", `{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceAccount":"111122223333"}}}`, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, More},
}

func TestCompare(t *testing.T) {
	for _, c := range comparisons {
		t.Run(c.name, func(t *testing.T) {
			kind, _ := policy.ParseKind(c.kind)
			got := Compare(doc(t, c.old), doc(t, c.new), kind, Options{})
			if got.Verdict != c.want {
				t.Errorf("%v (%s), want %v", got.Verdict, got.Reason, c.want)
			}
			for _, w := range []*Witness{got.Gained, got.Lost} {
				if w != nil {
					t.Logf("%+v %v", w.Request, w.Statements)
				}
			}
		})
	}
}

// TestOnlyConfirmedRequestsAreWitnesses passes drafts to the final check that the engine decides differently
// from the search.
func TestOnlyConfirmedRequestsAreWitnesses(t *testing.T) {
	c := &documents{kind: policy.Identity, docs: [2]*policy.Document{
		doc(t, `{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`), doc(t, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`),
	}}
	who, err := policy.ParsePrincipal("arn:aws:iam::111122223333:user/a")
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string]bool{"s3:PutObject": true, "s3:GetObject": false, "ec2:RunInstances": false} {
		d := &draft{request: policy.Request{Principal: who, Action: action, Resource: "arn:aws:s3:::b/x"}}
		if _, ok := c.try(d, newSide); ok != want {
			t.Errorf("%s: confirmed %v, want %v", action, ok, want)
		}
		if _, ok := c.try(d, oldSide); ok {
			t.Errorf("%s: confirmed as lost", action)
		}
	}
}

// TestBudget stops searches early: the verdict is then unknown, even with a difference in one direction, and
// the reason names a statement.
func TestBudget(t *testing.T) {
	old := doc(t, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::?*"}`)
	new := doc(t, `{"Sid":"Hard","Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::?","arn:aws:s3:::??*"]}`)
	if c := Compare(old, new, policy.Identity, Options{}); c.Verdict != Equal {
		t.Fatalf("%v (%s), want equal", c.Verdict, c.Reason)
	}
	for _, b := range []Options{{Work: 1}, {Work: 40}} {
		c := Compare(old, new, policy.Identity, b)
		if c.Verdict != Unknown || !strings.Contains(c.Reason, "statement 0 of the new policy (Hard)") {
			t.Errorf("%+v: %v (%s), want unknown", b, c.Verdict, c.Reason)
		}
	}
}
