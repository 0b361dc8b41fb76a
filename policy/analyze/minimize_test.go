package analyze

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/policy"
)

func TestRedundant(t *testing.T) {
	d := doc(t, `{"Sid":"A","Effect":"Allow","Action":["s3:Get*","s3:GetObject"],"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b/x"]},
		{"Sid":"B","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/y"},
		{"Sid":"C","Effect":"Deny","Action":"ec2:*","Resource":"*"},
		{"Sid":"D","Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","10.1.0.0/16"]}}}`)
	var got []string
	for _, r := range Redundant(d, policy.Identity, Options{}) {
		got = append(got, r.String())
	}
	want := []string{
		"statement 1 (B)", "statement 2 (C)", `statement 0 (A): Action "s3:GetObject"`, `statement 0 (A): Resource "arn:aws:s3:::b/x"`,
		`statement 3 (D): IpAddress aws:SourceIp "10.1.0.0/16"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	m, err := Minimize(d, policy.Identity, Options{})
	if err != nil {
		t.Fatal(err)
	}
	small := doc(t, `{"Sid":"A","Effect":"Allow","Action":["s3:Get*"],"Resource":["arn:aws:s3:::b/*"]},
		{"Sid":"D","Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8"]}}}`)
	if got, want := string(m.Document.Source()), string(small.Source()); got != want {
		t.Errorf("minimized to\n%s\nwant\n%s", got, want)
	}
	if len(m.Removed) != 5 {
		t.Errorf("removed %v", m.Removed)
	}
}

func TestMinimizeAllowsTheSame(t *testing.T) {
	d := drawer{Rand: rand.New(rand.NewPCG(*seed, 5)), families: []int{0, 8}}
	removed := 0
	for range 40 {
		before := encode(t, append(d.statements(false), d.statements(false)...))
		m, err := Minimize(before, policy.Identity, Options{})
		if err != nil {
			t.Fatalf("%v: %s", err, before.Source())
		}
		removed += len(m.Removed)
		if gained, lost := enumerate(t, policy.Identity, before, m.Document); gained != nil || lost != nil {
			t.Fatalf("%s\nminimized to\n%s\ngained %+v lost %+v", before.Source(), m.Document.Source(), gained, lost)
		}
		if again, err := Minimize(m.Document, policy.Identity, Options{}); err != nil || len(again.Removed) > 0 {
			t.Fatalf("%v, %v can still be removed from %s", err, again.Removed, m.Document.Source())
		}
	}
	if removed == 0 {
		t.Error("nothing was removed")
	}
}

func TestWhoCan(t *testing.T) {
	d := doc(t, `{"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:user/u","arn:aws:iam::444455556666:role/R"]},"Action":"s3:Get*","Resource":"*"},
		{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}},
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"*"},
		{"Sid":"Net","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}}},
		{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::444455556666:role/R"},"Action":"*","Resource":"*"}`)
	var got []string
	for _, a := range WhoCan(d, policy.Resource, "s3:GetObject", "arn:aws:s3:::b/x", Options{}).Access {
		line := a.Class + " " + a.Name
		for _, c := range a.Conditions {
			line += "; if " + c
		}
		for _, e := range a.Except {
			line += "; except " + e
		}
		got = append(got, line)
		if !allows(d, &a.Witness.Request, policy.Resource) {
			t.Errorf("%s: false witness %+v", line, a.Witness.Request)
		}
	}
	want := []string{
		"account 111122223333; except statement 3 (Net)",
		`everybody ; if StringEquals aws:PrincipalOrgID "o-1"; except statement 3 (Net); except statement 4`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
