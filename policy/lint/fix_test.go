package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// TestFixesOfReference applies the fix of each example of the page: the text still parses, and the finding is
// gone from its location.
func TestFixesOfReference(t *testing.T) {
	fixes := 0
	for _, r := range referenceRows(t) {
		c, kind := config(t, r.kind)
		text := strings.NewReplacer("⟦", "", "⟧", "").Replace(document(kind, r.triggers))
		for _, f := range findings(text, c) {
			if f.Code != r.code || f.Fix == nil {
				continue
			}
			fixes++
			changed := f.Fix.Apply(text)
			if changed == text || f.Fix.Title == "" {
				t.Errorf("%s: the fix changes nothing in %s", r.code, text)
			}
			if _, err := policy.Parse([]byte(changed)); err != nil {
				t.Errorf("%s: the fix results in %s: %v", r.code, changed, err)
			}
			for _, after := range findings(changed, c) {
				if after.Code == r.code {
					t.Errorf("%s is still in %s", r.code, changed)
				}
			}
			break
		}
	}
	if fixes < 20 {
		t.Errorf("only %d findings of the page have a fix", fixes)
	}
}

func TestFixed(t *testing.T) {
	const before = `{"Version": "2012-10-17", "Statement": [{"Sid": "", "Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject", "s3:PutObjct"],
		"Resource": ["arn:aws:s3:::a*", "arn:aws:s3:::ab"], "Condition": {"StringLike": {"aws:ResourceTag/x": "*"}, "StringLikeIfExists": {"aws:username": "*"}}}]}`
	const want = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:PutObjct"],
		"Resource": ["arn:aws:s3:::a*"], "Condition": {"Null": {"aws:ResourceTag/x": "false"}}}]}`
	doc := parse(t, before)
	text, done, left := ApplyFixes(doc, Config{})
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if len(done) != 5 || len(left) != 1 || left[0].Code != "INVALID_ACTION" || left[0].Fix.Title != "Change the action to PutObject" {
		t.Errorf("done %v, left %v", done, left)
	}
	if v := analyze.Compare(doc, parse(t, text), policy.Identity, analyze.Options{}).Verdict; v != analyze.Equal {
		t.Errorf("the fixes change the meaning: %v", v)
	}
}

// TestFixedKeepsWhatCannotBeProved checks that a fix that would grant access is not applied.
func TestFixedKeepsWhatCannotBeProved(t *testing.T) {
	for _, text := range []string{
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*"}}`,
		`{"Version": "2012-10-17", "Statement": {"Effect": "allow", "Action": "s3:GetObject", "Resource": "*"}}`,
		`{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}}`,
		`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}"}}`,
	} {
		got, done, left := ApplyFixes(parse(t, text), Config{})
		if got != text || len(done) > 0 || len(left) == 0 {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func parse(t *testing.T, text string) *policy.Document {
	t.Helper()
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}

func TestNearest(t *testing.T) {
	candidates := []string{"GetObject", "GetObjectAcl", "PutObject", "aws:SourceAccount", "ec2", "ecs"}
	for word, want := range map[string]string{
		"GetObjct": "GetObject", "getobject": "GetObject", "GteObject": "GetObject", "aws:SourceAcount": "aws:SourceAccount",
		"Delete": "", "ec": "ec2", "": "", "GetObjectACL": "GetObjectAcl",
	} {
		if got := nearest(word, slices.Values(candidates)); got != want {
			t.Errorf("%q: %q, not %q", word, got, want)
		}
	}
}
