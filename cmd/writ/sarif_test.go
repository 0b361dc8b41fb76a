package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/writdev/writ/policy"
)

// TestSARIF checks documents of findings against what SARIF 2.1.0 requires of the objects
// that they have.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json
func TestSARIF(t *testing.T) {
	doc, err := policy.Parse([]byte("{\n \"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]\n}"))
	if err != nil {
		t.Fatal(err)
	}
	at := policy.Location{Span: doc.Statements()[0].Span}
	for _, findings := range [][]fileFinding{nil, {
		{file: "a b/ü.json", Finding: policy.Finding{Code: "ONE", Severity: policy.Error, Message: "one", Location: at}},
		{file: "c.json", Finding: policy.Finding{Code: "ONE", Severity: policy.SecurityWarning, Message: "again", Location: at}},
		{file: "c.json", Finding: policy.Finding{Code: "TWO", Severity: policy.Suggestion, Message: "two", Location: at}},
	}} {
		var text bytes.Buffer
		if err := printSARIF(&text, findings); err != nil {
			t.Fatal(err)
		}
		var log any
		if err := json.Unmarshal(text.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		if err := sarifObject(log, "log", nil); err != nil {
			t.Errorf("%d findings: %v", len(findings), err)
		}
	}
	for name, bad := range map[string]string{
		"another version":       `{"version":"2.0.0","runs":[]}`,
		"no runs":               `{"version":"2.1.0"}`,
		"a run without tool":    `{"version":"2.1.0","runs":[{"results":[]}]}`,
		"an unknown member":     `{"version":"2.1.0","runs":[],"findings":[]}`,
		"a result without text": `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"writ"}},"results":[{"message":{}}]}]}`,
		"a rule that is none":   `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"writ","rules":[]}},"results":[{"ruleId":"ONE","message":{"text":"x"}}]}]}`,
		"a column of 0": `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"writ"}},"results":[{"message":{"text":"x"},"locations":[{"physicalLocation":` +
			`{"artifactLocation":{"uri":"a"},"region":{"startLine":1,"startColumn":0}}}]}]}]}`,
		"an address with a space": `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"writ"}},"results":[{"message":{"text":"x"},"locations":[{"physicalLocation":` +
			`{"artifactLocation":{"uri":"a b"}}}]}]}]}`,
	} {
		var log any
		if err := json.Unmarshal([]byte(bad), &log); err != nil {
			t.Fatal(err)
		}
		if sarifObject(log, "log", nil) == nil {
			t.Errorf("%s: nothing is wrong with it", name)
		}
	}
}

// sarifForm is what SARIF requires of an object: the form of each member it may have, and
// the members that it must have.
type sarifForm struct {
	members  map[string]string
	required []string
}

// sarifForms are the objects of SARIF as far as findings use them. A form of a member is
// another object, a list of objects, or what checks a plain value.
var sarifForms = map[string]sarifForm{
	"log":              {map[string]string{"$schema": "uri", "version": "version", "runs": "[]run"}, []string{"version", "runs"}},
	"run":              {map[string]string{"tool": "tool", "columnKind": "columnKind", "results": "[]result"}, []string{"tool"}},
	"tool":             {map[string]string{"driver": "toolComponent"}, []string{"driver"}},
	"toolComponent":    {map[string]string{"name": "text", "version": "text", "informationUri": "uri", "rules": "[]rule"}, []string{"name"}},
	"rule":             {map[string]string{"id": "text", "helpUri": "uri"}, []string{"id"}},
	"result":           {map[string]string{"ruleId": "text", "level": "level", "message": "message", "locations": "[]location"}, []string{"message"}},
	"message":          {map[string]string{"text": "text"}, []string{"text"}},
	"location":         {map[string]string{"physicalLocation": "physicalLocation"}, nil},
	"physicalLocation": {map[string]string{"artifactLocation": "artifactLocation", "region": "region"}, []string{"artifactLocation"}},
	"artifactLocation": {map[string]string{"uri": "reference"}, nil},
	"region":           {map[string]string{"startLine": "position", "startColumn": "position", "endLine": "position", "endColumn": "position"}, nil},
}

// sarifValues check plain values.
var sarifValues = map[string]func(any) bool{
	"text":       func(v any) bool { _, ok := v.(string); return ok },
	"version":    func(v any) bool { return v == "2.1.0" },
	"columnKind": func(v any) bool { return v == "utf16CodeUnits" || v == "unicodeCodePoints" },
	"level":      func(v any) bool { return slices.Contains([]any{"none", "note", "warning", "error"}, v) },
	"position":   func(v any) bool { n, ok := v.(float64); return ok && n >= 1 && n == float64(int(n)) },
	"uri":        func(v any) bool { return isReference(v, true) },
	"reference":  func(v any) bool { return isReference(v, false) },
}

// isReference reports whether a value is a URI, which may have to be absolute: in ASCII,
// with what is no character of a URI escaped.
func isReference(v any, absolute bool) bool {
	text, ok := v.(string)
	u, err := url.Parse(text)
	return ok && err == nil && u.String() == text && (u.IsAbs() || !absolute)
}

// sarifObject returns what is wrong with an object of a form. rules are those of the run.
func sarifObject(v any, name string, rules []any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("the %s is no object", name)
	}
	form := sarifForms[name]
	for _, member := range form.required {
		if _, ok := object[member]; !ok {
			return fmt.Errorf("the %s has no %s", name, member)
		}
	}
	if name == "run" {
		tool, _ := object["tool"].(map[string]any)
		driver, _ := tool["driver"].(map[string]any)
		rules, _ = driver["rules"].([]any)
	}
	for member, value := range object {
		kind, known := form.members[member]
		check := sarifValues[kind]
		switch {
		case !known:
			return fmt.Errorf("the %s has an unknown %s", name, member)
		case check != nil:
			if !check(value) {
				return fmt.Errorf("the %s of the %s is %v", member, name, value)
			}
		case kind[0] == '[':
			list, ok := value.([]any)
			if !ok {
				return fmt.Errorf("the %s of the %s are no list", member, name)
			}
			for _, item := range list {
				if err := sarifObject(item, kind[2:], rules); err != nil {
					return err
				}
			}
		default:
			if err := sarifObject(value, kind, rules); err != nil {
				return err
			}
		}
	}
	if id, ok := object["ruleId"]; ok && name == "result" && !slices.ContainsFunc(rules, func(r any) bool { return r.(map[string]any)["id"] == id }) {
		return fmt.Errorf("the result's rule %v is none of the tool's", id)
	}
	return nil
}
