package analyze

import (
	"testing"

	"github.com/writdev/writ/policy"
)

// TestNamesOutsideTheBasicPlane compares principals that differ in a character that UTF-16 encodes as a
// surrogate pair.
func TestNamesOutsideTheBasicPlane(t *testing.T) {
	user := func(name string) *policy.Document {
		return doc(t, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/`+name+`"},"Action":"s3:*","Resource":"*"}`)
	}
	if c := Compare(user("\U0001F600"), user("\U0001F601"), policy.Resource, Options{}); c.Verdict != Different {
		t.Errorf("%v (%s), want different", c.Verdict, c.Reason)
	}
}

// TestEscapedKey grants access where aws:ResourceAccount, spelled with an escaped letter, differs from the
// account in the ARN: no such request exists.
func TestEscapedKey(t *testing.T) {
	impossible := doc(t, `{"Effect":"Allow","Action":"*","Resource":"arn:aws:sqs:us-east-1:111122223333:q",`+
		`"Condition":{"StringEquals":{"aws:\u0052esourceAccount":"444455556666"}}}`)
	if c := Compare(doc(t, ""), impossible, policy.Identity, Options{}); c.Verdict != Equal {
		t.Errorf("%v (%s), want equal", c.Verdict, c.Reason)
	}
}

// TestCanonicalUserOfOneSet compares a set with two policies that name a canonical user with a set that has
// none.
func TestCanonicalUserOfOneSet(t *testing.T) {
	named := `{"Effect":"Allow","Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},"Action":"s3:*","Resource":"*"}`
	old := &policy.Policies{Resource: []policy.Attached{{Document: doc(t, named)}, {Document: doc(t, named)}}}
	c := CompareSets(old, new(policy.Policies), Subject{}, Options{})
	if c.Verdict != Unknown {
		t.Errorf("%v (%s), want unknown", c.Verdict, c.Reason)
	}
}
