package decision_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	owner  = "111122223333"
	caller = "444455556666"
)

// sample is a decision to render.
type sample struct {
	name     string
	request  policy.Request
	policies policy.Policies
	audit    bool
	children []string // the names of samples
}

func attached(t *testing.T, name, text string) policy.Attached {
	t.Helper()
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return policy.Attached{Name: name, Document: doc}
}

func samples(t *testing.T) []sample {
	const parameter = "arn:aws:ssm:us-east-1:" + owner + ":parameter/db/password"
	bob := policy.Principal{Kind: policy.User, ARN: "arn:aws:iam::" + caller + ":user/bob", Account: caller}
	read := attached(t, "arn:aws:iam::"+caller+":user/bob/policy/read", `{"Version":"2012-10-17","Statement":[
  {"Sid":"Read","Effect":"Allow","Action":"ssm:GetParameter","Resource":"*"},
  {"Sid":"Office","Effect":"Deny","Action":"ssm:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}
]}`)
	shared := attached(t, parameter, `{"Version":"2012-10-17","Statement":{"Sid":"Partners","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+caller+`:role/app"},"Action":"ssm:GetParameter","Resource":"`+parameter+`"}}`)
	scp := func(text string) []policy.Attached {
		return []policy.Attached{attached(t, "arn:aws:organizations::999999999999:policy/o-example/service_control_policy/p-limit", text)}
	}
	full := scp(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	request := policy.Request{Principal: bob, Action: "ssm:GetParameter", Resource: parameter}
	request.Context.Set("aws:SourceIp", "203.0.113.7")
	elsewhere := request
	elsewhere.Context = policy.Context{}
	elsewhere.Context.Set("aws:SourceIp", "198.51.100.1")
	elsewhere.Context.Set("aws:PrincipalArn", bob.ARN)
	own := request
	own.Resource = "arn:aws:ssm:us-east-1:" + caller + ":parameter/own"
	key := request
	key.Action, key.Resource = "kms:Decrypt", "arn:aws:kms:us-east-1:"+owner+":key/1234abcd-12ab-34cd-56ef-1234567890ab"
	return []sample{
		{name: "across-denied", request: request, policies: policy.Policies{
			Identity: []policy.Attached{read}, Resource: []policy.Attached{shared}, ServiceControl: [][]policy.Attached{full, full},
		}},
		{name: "across-allowed", request: request, policies: policy.Policies{
			Identity: []policy.Attached{read},
			Resource: []policy.Attached{attached(t, parameter, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+caller+`"},"Action":"ssm:GetParameter","Resource":"`+parameter+`"}}`)},
		}, children: []string{"no-policy"}},
		{name: "no-policy", request: key, policies: policy.Policies{Identity: []policy.Attached{read}}},
		{name: "own-explicit", request: func() policy.Request { r := elsewhere; r.Resource = own.Resource; return r }(), policies: policy.Policies{Identity: []policy.Attached{read}}},
		{name: "organization", request: own, policies: policy.Policies{
			Identity: []policy.Attached{read}, ServiceControl: [][]policy.Attached{full, scp(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)},
		}, audit: true},
		{name: "root", request: policy.Request{Principal: policy.Principal{Kind: policy.Root, ARN: "arn:aws:iam::" + caller + ":root", Account: caller}, Action: "ssm:GetParameter", Resource: own.Resource}},
		{name: "anonymous", request: policy.Request{Action: "sts:AssumeRoleWithWebIdentity", Resource: "arn:aws:iam::" + owner + ":role/web"}},
	}
}

func (s sample) record(t *testing.T) decision.Record {
	r := decision.New(decision.Input{
		ID: "5a1f8e0c-0000-4000-8000-000000000000", Time: time.Date(2026, time.November, 27, 8, 0, 0, 0, time.UTC),
		Request: &s.request, Policies: &s.policies, Audit: s.audit, Caller: decision.Caller{UserID: "AIDAEXAMPLE"},
	})
	r.Operation = s.request.Action
	for _, name := range s.children {
		for _, other := range samples(t) {
			if other.name == name {
				child := other.record(t)
				child.ID = r.ID + ".1"
				r.Children = append(r.Children, child)
			}
		}
	}
	return r
}

// TestForms compares each output format of each sample with its golden file.
func TestForms(t *testing.T) {
	for _, s := range samples(t) {
		r := s.record(t)
		for extension, write := range map[string]func(io.Writer) error{
			"txt":  func(w io.Writer) error { return r.WriteText(w, false) },
			"md":   r.WriteMarkdown,
			"svg":  r.WriteSVG,
			"json": func(w io.Writer) error { return writeJSON(w, r) },
		} {
			t.Run(s.name+"."+extension, func(t *testing.T) {
				var b bytes.Buffer
				if err := write(&b); err != nil {
					t.Fatal(err)
				}
				golden(t, s.name+"."+extension, b.Bytes())
			})
		}
	}
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestAgrees checks that a record agrees with the engine's decision.
func TestAgrees(t *testing.T) {
	for _, s := range samples(t) {
		r, want := s.record(t), policy.Decide(&s.request, &s.policies)
		if r.Verdict != want.Verdict.String() || strings.Join(r.DecidedBy, "+") != want.Layer.String() {
			t.Errorf("%s: the record says %s by %v, the engine %v", s.name, r.Verdict, r.DecidedBy, want)
		}
		if (r.Outcome == decision.Allowed) != want.Allowed() || (r.Change == nil) != want.Allowed() {
			t.Errorf("%s: outcome %q and change %v for %v", s.name, r.Outcome, r.Change, want)
		}
	}
}

// TestHostileSVG renders names that contain markup, control characters or very long texts.
func TestHostileSVG(t *testing.T) {
	s := sample{request: policy.Request{
		Principal: policy.Principal{Kind: policy.User, ARN: "arn:aws:iam::" + caller + ":user/<script>\"&'\x00\x1b\uFFFF" + strings.Repeat("x", 5000), Account: caller},
		Action:    "s3:Get]]><!--", Resource: "arn:aws:s3:::" + strings.Repeat("ä", 3000),
	}, policies: policy.Policies{Identity: []policy.Attached{attached(t, "</text>", `{"Statement":{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}}`)}}}
	r := s.record(t)
	var b bytes.Buffer
	if err := r.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "<script") {
		t.Error("the picture contains a script")
	}
	d := xml.NewDecoder(&b)
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestColor checks that ANSI escapes occur only when requested.
func TestColor(t *testing.T) {
	r := samples(t)[0].record(t)
	for _, color := range []bool{false, true} {
		var b bytes.Buffer
		if err := r.WriteText(&b, color); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "\x1b[") != color {
			t.Errorf("color %t:\n%q", color, b.String())
		}
	}
}
