package analyze

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

var edits = flag.Int("edits", 300, "random edits of the documents of testdata compared with drawn requests")

// editor edits documents at random: any element, operator, key or value.
type editor struct{ drawer }

var (
	editedOperators = []string{
		"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "ArnLike", "ArnNotEquals", "IpAddress", "NotIpAddress",
		"Bool", "NumericLessThan", "NumericGreaterThanEquals", "DateLessThan", "DateGreaterThan", "Null",
	}
	editedValues = []string{
		"${aws:username}", "${aws:PrincipalTag/team}", "*", "a*", "us-east-1", "true", "3600", "2026-05-01T00:00:00Z", "203.0.113.0/24", "arn:aws:iam::*:role/*",
		"${aws:PrincipalTag/team, 'none'}", "home/${aws:username}/*", "AES256", "",
	}
	editedKeys = []string{
		"aws:SourceIp", "aws:PrincipalOrgID", "aws:MultiFactorAuthPresent", "aws:CurrentTime", "aws:RequestedRegion", "aws:ResourceTag/team", "aws:PrincipalArn",
		"aws:TagKeys", "aws:username", "aws:SourceVpce", "s3:prefix", "ec2:InstanceType", "aws:PrincipalAccount", "aws:ResourceAccount", "aws:userid",
	}
	editedActions   = []string{"*", "s3:*", "s3:Get*", "ec2:Describe*", "iam:PassRole", "s3:GetObject", "kms:*", "ec2:RunInstances", "*:Get*", "s3:?etObject"}
	editedResources = []string{
		"*", "arn:aws:s3:::amzn-s3-demo-bucket/*", "arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}/*", "arn:aws:ec2:*:*:instance/*", "arn:aws:iam::*:role/*",
		"arn:aws:s3:::${aws:PrincipalAccount}-logs/*", "arn:aws:s3:::amzn-s3-demo-*",
	}
	editedPrincipals = []any{
		"*", map[string]any{"AWS": "*"}, map[string]any{"AWS": "111122223333"}, map[string]any{"AWS": []string{"arn:aws:iam::111122223333:role/Admin", "444455556666"}},
		map[string]any{"Service": "ec2.amazonaws.com"}, map[string]any{"AWS": []string{"111122223333", "arn:aws:iam::111122223333:user/Bob"}},
	}
)

// edit changes one statement.
func (e editor) edit(s map[string]any, kind policy.Kind) {
	block := e.block(s)
	operator := draw(e.drawer, "", "", "", "ForAllValues:", "ForAnyValue:") + draw(e.drawer, editedOperators...)
	if !strings.HasSuffix(operator, "Null") {
		operator += draw(e.drawer, ifExists...)
	} else {
		operator = "Null"
	}
	switch e.IntN(10) {
	case 0:
		s["Effect"] = draw(e.drawer, "Allow", "Deny")
	case 1:
		delete(s, "NotAction")
		s["Action"] = e.list(2, func() string { return draw(e.drawer, editedActions...) })
	case 2:
		if s["Resource"] != nil || s["NotResource"] != nil {
			delete(s, "NotResource")
			s["Resource"] = e.list(2, func() string { return draw(e.drawer, editedResources...) })
		}
	case 3:
		if s["Resource"] != nil {
			s["NotResource"] = s["Resource"]
			delete(s, "Resource")
		}
	case 4:
		if s["Action"] != nil {
			s["NotAction"] = s["Action"]
			delete(s, "Action")
		}
	case 5:
		if s["Principal"] != nil {
			s["Principal"] = draw(e.drawer, editedPrincipals...)
		}
	case 6:
		for name := range block {
			delete(block, name)
			break
		}
	case 7, 8:
		block[operator] = map[string]any{draw(e.drawer, editedKeys...): e.list(3, func() string { return draw(e.drawer, editedValues...) })}
	case 9:
		for name, keys := range block {
			delete(block, name)
			block[operator] = keys
			break
		}
	}
	if s["Condition"] = block; len(block) == 0 {
		delete(s, "Condition")
	}
	if s["Effect"] == "Deny" && s["Principal"] != nil && kind == policy.Resource && e.chance(20) {
		s["NotPrincipal"] = draw(e.drawer, editedPrincipals[2:]...)
		delete(s, "Principal")
	}
}

// block returns a copy of a statement's condition block.
func (e editor) block(s map[string]any) map[string]any {
	block := map[string]any{}
	if old, ok := s["Condition"].(map[string]any); ok {
		for k, v := range old {
			block[k] = v
		}
	}
	return block
}

// TestEdits compares documents of testdata with random edits of them and checks the verdicts against requests
// drawn near both. The long run is
//
//	go test ./policy/analyze -run Edits -edits 100000 -timeout 4h
func TestEdits(t *testing.T) {
	e := editor{drawer{Rand: rand.New(rand.NewPCG(*seed, 13))}}
	type base struct {
		kind policy.Kind
		text string
	}
	var bases []base
	for _, name := range []string{"testdata/realistic.txt", "testdata/services.txt"} {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(src), "\n") {
			if rest, ok := strings.CutPrefix(line, "base "); ok {
				name, text, _ := strings.Cut(rest, " ")
				kind, _ := policy.ParseKind(name)
				bases = append(bases, base{kind, text})
			}
		}
	}
	var counts [Different + 1]int
	for n := range *edits {
		b := draw(e.drawer, bases...)
		var parsed struct {
			Version   string
			Statement []map[string]any
		}
		if err := json.Unmarshal([]byte(b.text), &parsed); err != nil {
			t.Fatal(err)
		}
		old := mustDocument(t, b.text)
		for range 1 + e.IntN(3) {
			e.edit(draw(e.drawer, parsed.Statement...), b.kind)
		}
		new := encode(t, parsed.Statement)
		c := Compare(old, new, b.kind, Options{})
		counts[c.Verdict]++
		if c.Verdict == Unknown && testing.Verbose() {
			t.Logf("edit %d, %v: %s\nold %s\nnew %s", n, b.kind, c.Reason, old.Source(), new.Source())
		}
		near := newNearby(*seed+uint64(n), b.kind, old, new)
		for range 200 {
			req := near.request(t)
			before, after := allows(old, &req, b.kind), allows(new, &req, b.kind)
			if missed := after && !before && c.Gained == nil || before && !after && c.Lost == nil; missed && c.Verdict != Unknown {
				t.Fatalf("edit %d, %v: %v, but %+v is %v and then %v\nold %s\nnew %s", n, b.kind, c.Verdict, req, before, after, old.Source(), new.Source())
			}
		}
	}
	t.Logf("unknown, equal, more, less, different: %v", counts)
	if counts[Unknown]*50 > *edits {
		t.Errorf("%d of %d edits are unknown", counts[Unknown], *edits)
	}
}
