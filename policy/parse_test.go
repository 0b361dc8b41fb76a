package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/writdev/writ/policy"
)

// manyKeys lists the members of an object with more keys than keyMapThreshold.
var manyKeys = func() (members string) {
	for i := range 20 {
		members += fmt.Sprintf(`"k%02d":"x",`, i)
	}
	return members
}()

func TestParseErrors(t *testing.T) {
	const statement = `"Effect":"Allow","Action":"s3:GetObject","Resource":"*"`
	for _, c := range []struct{ name, src, want string }{
		{"empty", ``, `line 1, column 0: expected a policy document, found the end of the document`},
		{"white space", " \n ", `line 2, column 1: expected a policy document, found the end of the document`},
		{"not an object", `[]`, `line 1, column 0: expected a policy document, found a list`},
		{"a string", `"x"`, `line 1, column 0: expected a policy document, found a string`},
		{"byte order mark", "\ufeff{}", `line 1, column 0: expected a JSON value, found '\ufeff'`},
		{"unclosed", `{`, `line 1, column 1: expected a key in quotes or "}", found the end of the document`},
		{"trailing data", `{} {}`, `line 1, column 3: expected nothing after the document, found an object`},
		{"trailing word", "{}\nx", `line 2, column 0: expected a JSON value, found 'x'`},
		{"trailing comma", `{"Version":"2012-10-17",}`, `line 1, column 23: expected another member after ",", found "}"`},
		{"trailing comma in list", `{"Statement":[{` + statement + `},]}`, `line 1, column 71, Statement: expected another member after ",", found "]"`},
		{"no comma", `{"Version":"2012-10-17" "Id":"x"}`, `line 1, column 24: expected "," or "}", found a string`},
		{"no colon", `{"Version" "2012-10-17"}`, `line 1, column 11, Version: expected ":", found a string`},
		{"key without quotes", `{Version:"2012-10-17"}`, `line 1, column 1: expected a JSON value, found 'V'`},
		{"key is a number", `{1:2}`, `line 1, column 1: expected a key in quotes or "}", found a number`},
		{"unclosed string", `{"Version":"2012`, `line 1, column 11, Version: the string has no closing quote`},
		{"newline in string", "{\"Version\":\"20\n12\"}", `line 1, column 14, Version: control character U+000A must be escaped in a string`},
		{"bad escape", `{"Id":"a\x"}`, `line 1, column 8, Id: invalid JSON escape sequence`},
		{"half a surrogate pair", `{"Id":"\ud800"}`, `line 1, column 7, Id: invalid JSON escape sequence`},
		{"low surrogate", `{"Id":"\udc00\ud800"}`, `line 1, column 7, Id: invalid JSON escape sequence`},
		{"two low surrogates", `{"Id":"\udc00\udc00"}`, `line 1, column 7, Id: invalid JSON escape sequence`},
		{"short escape", `{"Id":"\u12"}`, `line 1, column 7, Id: invalid JSON escape sequence`},
		{"bad UTF-8", "{\"Id\":\"é\xff\"}", `line 1, column 8: the text is not UTF-8 here`},
		{"bad UTF-8 on line two", "{\n\"Id\":\"\xff\"}", `line 2, column 6: the text is not UTF-8 here`},
		{"leading zero", `{"Statement":{"Condition":{"NumericEquals":{"k":01}}}}`, `line 1, column 48, Statement.Condition.NumericEquals.k: invalid JSON number`},
		{"bare minus", `{"Statement":{"Condition":{"NumericEquals":{"k":-}}}}`, `line 1, column 48, Statement.Condition.NumericEquals.k: invalid JSON number`},
		{"misspelled word", `{"Statement":{"Condition":{"Bool":{"k":truth}}}}`, `line 1, column 39, Statement.Condition.Bool.k: expected a JSON value, found 't'`},
		{"column counts code points", `{"Id":"éé",}`, `line 1, column 10: expected another member after ",", found "}"`},
		{"unknown element", `{"Statements":[]}`, `line 1, column 1, Statements: expected Version, Id or Statement, found "Statements"`},
		{"element in other case", `{"version":"2012-10-17"}`, `line 1, column 1, version: expected Version, Id or Statement, found "version"`},
		{"unknown element of a statement", `{"Statement":[{"Effects":"Allow"}]}`, `line 1, column 15, Statement[0].Effects: expected an element of a statement, found "Effects"`},
		{"element twice", `{"Statement":[{"Action":"a:b","Effect":"Allow","Action":"c:d"}]}`, `line 1, column 47, Statement[0].Action: duplicate key "Action"; the first is at line 1, column 15`},
		{"element twice in other case", `{"Statement":[{"Action":"a:b","action":"c:d"}]}`, `line 1, column 30, Statement[0].action: duplicate key "action" in a different case; the first is at line 1, column 15`},
		{"operator twice", `{"Statement":{"Condition":{"Bool":{},"Bool":{}}}}`, `line 1, column 37, Statement.Condition.Bool: duplicate key "Bool"; the first is at line 1, column 27`},
		{"condition key in two cases", `{"Statement":{"Condition":{"Bool":{"aws:a":"true","AWS:A":"true"}}}}`, `line 1, column 50, Statement.Condition.Bool.AWS:A: duplicate key "AWS:A" in a different case; the first is at line 1, column 35`},
		{"one of many keys twice", `{"Statement":{"Condition":{"StringEquals":{` + manyKeys + `"K03":"x"}}}}`, `line 1, column 243, Statement.Condition.StringEquals.K03: duplicate key "K03" in a different case; the first is at line 1, column 73`},
		{"principal type", `{"Statement":{"Principal":{"aws":"*"}}}`, `line 1, column 27, Statement.Principal.aws: expected AWS, Federated, Service or CanonicalUser, found "aws"`},
		{"version is a number", `{"Version":2012}`, `line 1, column 11, Version: expected a string, found a number`},
		{"statement is a string", `{"Statement":"x"}`, `line 1, column 13, Statement: expected a statement or a list of statements, found a string`},
		{"statement in list is a list", `{"Statement":[[]]}`, `line 1, column 14, Statement[0]: expected a statement, found a list`},
		{"effect is a list", `{"Statement":{"Effect":["Allow"]}}`, `line 1, column 23, Statement.Effect: expected a string, found a list`},
		{"action is an object", `{"Statement":{"Action":{}}}`, `line 1, column 23, Statement.Action: expected a string or a list of strings, found an object`},
		{"action is a number", `{"Statement":{"Action":["a:b",7]}}`, `line 1, column 30, Statement.Action[1]: expected a string or a list of strings, found a number`},
		{"action is null", `{"Statement":{"Action":[null]}}`, `line 1, column 24, Statement.Action[0]: expected a string or a list of strings, found null`},
		{"principal is a list", `{"Statement":{"Principal":["*"]}}`, `line 1, column 26, Statement.Principal: expected "*" or an object of principals, found a list`},
		{"condition is a string", `{"Statement":{"Condition":"x"}}`, `line 1, column 26, Statement.Condition: expected an object of condition operators, found a string`},
		{"operator is a list", `{"Statement":{"Condition":{"Bool":[]}}}`, `line 1, column 34, Statement.Condition.Bool: expected an object of condition keys, found a list`},
		{"condition value is null", `{"Statement":{"Condition":{"Bool":{"k":null}}}}`, `line 1, column 39, Statement.Condition.Bool.k: expected a string, number or boolean, or a list of them, found null`},
		{"condition value is an object", `{"Statement":{"Condition":{"Bool":{"k":[{}]}}}}`, `line 1, column 40, Statement.Condition.Bool.k[0]: expected a string, number or boolean, or a list of them, found an object`},
		{"deep", `{"Statement":` + strings.Repeat("[", 100), `line 1, column 14, Statement[0]: expected a statement, found a list`},
		{"deep condition", `{"Statement":{"Condition":{"Bool":{"k":` + strings.Repeat("[", 100), `line 1, column 40, Statement.Condition.Bool.k[0]: expected a string, number or boolean, or a list of them, found a list`},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := policy.Parse([]byte(c.src))
			if err == nil {
				t.Fatalf("parsed; document %s", doc.Canonical())
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, ok := errors.AsType[*policy.SyntaxError](err); !ok {
				t.Errorf("error is %T", err)
			}
		})
	}
}

func TestSyntaxErrorCodes(t *testing.T) {
	for src, want := range map[string]string{
		`{`:                                       "JSON_SYNTAX_ERROR",
		`{"Id":"a","Id":"b"}`:                     "JSON_SYNTAX_ERROR",
		`{"Id":"a","ID":"b"}`:                     "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
		`{"Version":2012}`:                        "DATA_TYPE_MISMATCH",
		`{"Statement":{"Action":null}}`:           "DATA_TYPE_MISMATCH",
		`{"Statement":{"Effects":"x"}}`:           "INVALID_POLICY_ELEMENT",
		`{"Statement":{"Principal":{"aws":"*"}}}`: "INVALID_PRINCIPAL_KEY",
	} {
		_, err := policy.Parse([]byte(src))
		if e, ok := errors.AsType[*policy.SyntaxError](err); !ok || e.Code != want {
			t.Errorf("%s: error %v, want code %s", src, err, want)
		}
	}
}

// TestPositions checks the position and path of every element.
func TestPositions(t *testing.T) {
	doc, err := policy.Parse([]byte(`{
  "Version": "2012-10-17", "Id": "é\u0041",
  "Statement": [{
    "Sid": "S", "Effect": "Allow",
    "Principal": {"AWS": ["111122223333", "*"]},
    "Action": "s3:*",
    "NotResource": ["a", "é", "b"],
    "Condition": {"NumericEquals": {"k": [1, -2.5e+3]}, "Bool": {"b": true}}
  }]
}`))
	if err != nil {
		t.Fatal(err)
	}
	s := doc.Statements()[0]
	line := func(n policy.Node, text string) string {
		return fmt.Sprintf("%d:%d-%d:%d %v %s %s", n.Span.Start.Line, n.Span.Start.Column, n.Span.End.Line, n.Span.End.Column,
			n.Path(), doc.Source()[n.Span.Start.Offset:n.Span.End.Offset], text)
	}
	got := []string{
		line(doc.Version().Node, doc.Version().Text),
		line(doc.ID().Node, doc.ID().Text),
		line(s.Sid.Node, s.Sid.Text),
		line(s.Principal.Key, ""),
		line(s.Principal.Entries[0].Values.Values[1].Node, ""),
		line(s.Action.Node, s.Action.Values[0].Text),
		line(s.Action.Values[0].Node, ""),
		line(s.NotResource.Key, ""),
		line(s.NotResource.Node, ""),
		line(s.NotResource.Values[2].Node, s.NotResource.Values[2].Text),
		line(s.Condition.Operators[0].Key, s.Condition.Operators[0].Name),
		line(s.Condition.Operators[0].Keys[0].Values.Key, s.Condition.Operators[0].Keys[0].Name),
		line(s.Condition.Operators[0].Keys[0].Values.Values[1].Node, s.Condition.Operators[0].Keys[0].Values.Values[1].Text),
		line(s.Condition.Operators[1].Keys[0].Values.Node, s.Condition.Operators[1].Keys[0].Values.Values[0].Text),
	}
	want := []string{
		`2:13-2:25 Version "2012-10-17" 2012-10-17`,
		`2:33-2:42 Id "é\u0041" éA`,
		`4:11-4:14 Statement[0].Sid "S" S`,
		`5:4-5:15 Statement[0].Principal "Principal" `,
		`5:42-5:45 Statement[0].Principal.AWS[1] "*" `,
		`6:14-6:20 Statement[0].Action "s3:*" s3:*`,
		`6:14-6:20 Statement[0].Action "s3:*" `,
		`7:4-7:17 Statement[0].NotResource "NotResource" `,
		`7:19-7:34 Statement[0].NotResource ["a", "é", "b"] `,
		`7:30-7:33 Statement[0].NotResource[2] "b" b`,
		`8:18-8:33 Statement[0].Condition.NumericEquals "NumericEquals" NumericEquals`,
		`8:36-8:39 Statement[0].Condition.NumericEquals.k "k" k`,
		`8:45-8:52 Statement[0].Condition.NumericEquals.k[1] -2.5e+3 -2.5e+3`,
		`8:70-8:74 Statement[0].Condition.Bool.b true true`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := s.Principal.Key.Path(); got[len(got)-1].Kind != policy.KeyPath {
		t.Errorf("the path of a key ends in %v", got[len(got)-1])
	}
}

// TestCanonical checks that documents that differ only in notation have one canonical
// form.
func TestCanonical(t *testing.T) {
	const want = `{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"S","Effect":"Deny",` +
		`"Principal":{"AWS":["arn:aws:iam::111122223333:root"],"Service":["ec2.amazonaws.com"]},` +
		`"Action":["s3:*","s3:getobject"],"Resource":["a<b","b"],` +
		`"Condition":{"Bool":{"aws:x":["true"]},"ForAllValues:StringLike":{"a":["1"],"b":["x","y"]}}}]}`
	for _, src := range []string{
		want,
		`{"Statement": {"Condition":{"forallvalues:stringlike":{"B":["y","x","y"],"a":1},"Bool":{"AWS:X":true}},
		  "Resource":["b","a\u003cb"], "Action":["S3:GetObject","s3:***"], "Effect":"Deny", "Sid":"S",
		  "Principal":{"Service":"ec2.amazonaws.com","AWS":["arn:aws:iam::111122223333:root","111122223333"]}}, "Id":"i", "Version":"2012-10-17"}`,
	} {
		doc, err := policy.Parse([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(doc.Canonical())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if string(doc.Source()) != src {
			t.Errorf("the source of %s is %s", src, doc.Source())
		}
	}
}

// TestCanonicalVersion: without Version a document has version 2008-10-17.
func TestCanonicalVersion(t *testing.T) {
	doc, err := policy.Parse([]byte(`{"Statement":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"Version":"2008-10-17","Statement":[]}`, string(doc.Canonical())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCanonicalIdentity: printing, parsing and printing again gives the same
// bytes, and the same decision.
func TestCanonicalIdentity(t *testing.T) {
	cases := loadCases(t)
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(cases).Draw(t, "case")
		reprint := func(list []policy.Attached) []policy.Attached {
			for i, a := range list {
				text := a.Document.Canonical()
				doc, err := policy.Parse(text)
				if err != nil {
					t.Fatalf("%s: %v\n%s", c.name, err, text)
				}
				if diff := cmp.Diff(string(text), string(doc.Canonical())); diff != "" {
					t.Errorf("%s (-first +second):\n%s", c.name, diff)
				}
				list[i].Document = doc
			}
			return list
		}
		before := policy.Decide(&c.request, &c.policies)
		p := &c.policies
		for _, list := range [][]policy.Attached{p.Identity, p.Boundary, p.Session, p.Resource, p.Endpoint} {
			reprint(list)
		}
		for _, level := range append(p.ServiceControl, p.ResourceControl...) {
			reprint(level)
		}
		if after := policy.Decide(&c.request, &c.policies); after != before {
			t.Errorf("%s: %v as written, %v as printed", c.name, before, after)
		}
	})
}
