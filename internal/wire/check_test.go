package wire

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

// required are the required members of a sample.
const required = `"Name": "a", "Color": "red", `

func TestConstraints(t *testing.T) {
	tests := []struct{ body, message string }{
		{`{"Color": "red"}`, "Value null at 'name' failed to satisfy constraint: Member must not be null"},
		{`{` + required + `"Filters": [{}]}`, "Value null at 'filters.1.member.key' failed to satisfy constraint: Member must not be null"},
		{`{` + required + `"Filters": []}`, "Value '[]' at 'filters' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{`{` + required + `"Filters": [{"Key": ""}]}`, "Value '' at 'filters.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{`{"Name": "abcdefghi", "Color": "red"}`, "Value 'abcdefghi' at 'name' failed to satisfy constraint: Member must have length less than or equal to 8"},
		{`{"Name": "a b", "Color": "red"}`, "Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zé]+$"},
		{`{"Name": "a", "Color": "blue"}`, "Value 'blue' at 'color' failed to satisfy constraint: Member must satisfy enum value set: [red, green]"},
		{`{` + required + `"Count": 0}`, "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{`{` + required + `"Count": 26}`, "Value '26' at 'count' failed to satisfy constraint: Member must have value less than or equal to 25"},
		{`{` + required + `"Ratio": 100.5}`, "Value '100.5' at 'ratio' failed to satisfy constraint: Member must have value less than or equal to 100"},
		{`{` + required + `"Blob": "aGVsbG8="}`, "Value 'java.nio.HeapByteBuffer[pos=0 lim=5 cap=5]' at 'blob' failed to satisfy constraint: Member must have length less than or equal to 4"},
		{`{` + required + `"Keys": ["a", "b", "c", "d"]}`, "Value '[a, b, c, d]' at 'keys' failed to satisfy constraint: Member must have length less than or equal to 3"},
		{`{` + required + `"Keys": ["a", "aws:"]}`, "Value '[a, aws:]' at 'keys' failed to satisfy constraint: Member must satisfy constraint: [" +
			"Member must have length less than or equal to 4, Member must have length greater than or equal to 1, " +
			"Member must satisfy regular expression pattern: ^(?!aws:)[a-zA-Z+-=._:/]+$]"},
		{`{` + required + `"Tags": {"": "a", "b": "c"}}`, "Value '{=a, b=c}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [" +
			"Member must have length less than or equal to 4, Member must have length greater than or equal to 1]"},
		{`{` + required + `"Tags": {"b": "12345"}}`, "Value '{b=12345}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [" +
			"Member must have length less than or equal to 4]"},
		{`{` + required + `"Password": "éééé"}`, // eight bytes, four characters
			"Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 8"},
		{`{` + required + `"Password": "secret"}`, "Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 8"},
	}
	for _, tt := range tests {
		t.Run(tt.body, func(t *testing.T) {
			_, err := decode(t, jsonRequest(), tt.body)
			wantError(t, err, "ValidationException", "1 validation error detected: "+tt.message)
			if want := "1 validation error detected: " + tt.message; !strings.HasSuffix(err.Error(), want) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// TestConstraintsHold has values at the bounds of their constraints.
func TestConstraintsHold(t *testing.T) {
	for _, body := range []string{
		`{"Name": "éééééééé", "Color": "green"}`, // eight characters, sixteen bytes
		`{` + required + `"Count": 25, "Ratio": 100, "Blob": "aGVsbA==", "Keys": ["abcd", "b", "c"], "Tags": {"abcd": "éééé"}}`,
		`{` + required + `"Count": 1, "Ratio": 0, "Blob": "", "Keys": [], "Tags": {}}`,
	} {
		if _, err := decode(t, jsonRequest(), body); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestConstraintNaN(t *testing.T) {
	_, err := decode(t, jsonRequest(), `{`+required+`"Ratio": "NaN"}`)
	wantError(t, err, "ValidationException", "2 validation errors detected: Value 'NaN' at 'ratio'")
}

// TestConstraintsOfQuery wants the code that awsQuery has for the same.
func TestConstraintsOfQuery(t *testing.T) {
	_, err := decode(t, formRequest(), "Action=Put&Version=2010-05-08&Name=a&Color=red&Filters.member.3.Values.member.1=x")
	wantError(t, err, "ValidationError", "1 validation error detected: Value null at 'filters.1.member.key'")
	_, err = decode(t, formRequest(), "Action=Put&Version=2010-05-08&Name=B&Color=red")
	wantError(t, err, "ValidationError", "1 validation error detected: Value 'B' at 'name'")
}

// TestConstraintsOfRest wants members outside the body to be checked too.
func TestConstraintsOfRest(t *testing.T) {
	_, err := decode(t, httptest.NewRequest("GET", "/tags/"+strings.Repeat("a", 81)+"?maxResults=26", nil), "")
	wantError(t, err, "ValidationException", "2 validation errors detected: Value 'aaa")
	wantError(t, err, "ValidationException", "; Value '26' at 'maxResults' failed")
}

// TestInvalid wants a service's own wording to see each violation.
func TestInvalid(t *testing.T) {
	custom := Service{Name: "custom", Protocol: AWSJSON, Invalid: func(vs []Violation) error {
		var text string
		for _, v := range vs {
			text += fmt.Sprintf("%s=%s %d %s;", v.Path, v.Value, v.Constraint, v.Detail)
		}
		return errors.New(text)
	}}
	m := Match{Service: &custom, Operation: NewOperation(&custom, API[*sample, *sample]{Name: "Put", Method: "POST", Path: "/"})}
	err := m.Decode(jsonRequest(), []byte(`{"Name": "B", "Filters": [{"Key": "k"}, {"Key": ""}]}`), new(sample))
	want := fmt.Sprintf("Name=B %d ^[a-zé]+$;Filters[1].Key= %d 1;Color= %d ;", Pattern, MinLength, Required)
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestManyViolations wants a bound on what a wholly wrong input costs.
func TestManyViolations(t *testing.T) {
	filters := strings.Repeat(`{"Key": ""},`, 999) + `{}`
	_, err := decode(t, jsonRequest(), `{"Filters": [`+filters+`]}`)
	wantError(t, err, "ValidationException", fmt.Sprintf("%d validation errors detected", maxViolations))
}

func TestPatterns(t *testing.T) {
	long := strings.Repeat("a", 1024)
	tests := []struct {
		pattern  string
		yes, not []string
	}{
		{`^(?!\s*$).+`, []string{"a", " a", "{\n}"}, []string{"", " ", "\n\t"}},
		{`^(?!aws:)[a-zA-Z+-=._:/]+$`, []string{"a", "aws", "AWS:x", "a=b", "1"}, []string{"", "aws:", "aws:x", "a b", "a\n"}},
		{`^(?!aws:)[a-zA-Z0-9\s_.:/=+\-@]*$`, []string{"", "a b", "@"}, []string{"aws:", "é"}},
		{`^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`, []string{"", "é 1"}, []string{"aws:é", "*"}},
		{`^[a-zA-Z]{1,1024}$`, []string{"a", long}, []string{"", long + "a", "1"}},
		{`^[0-9a-zA-Z./_ :-]{1,1024}$`, []string{"a/1 :-", long}, []string{"", long + "a", "{"}},
		{`^[0-9a-zA-Z./_ :,{}"-]{1,1024}$`, []string{`{"a", 1}`, long}, []string{"", long + "a", "é"}},
		{`^[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,2048}$`, []string{"a", long + long + "a"}, []string{"", ":a", "é", long + long + "ab"}},
		{`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`, []string{"abc", "a-b", "a-b-c", long[:63]}, []string{"ab", "a--b", "-ab", "ab-", long[:64], "ABC"}},

		// These compile, and must match the whole value.
		{`[\w+=,.@-]+`, []string{"a@b"}, []string{"", "a b", "a\n"}},
		{`a|b`, []string{"a", "b"}, []string{"ab", "ax"}},
		{`[\u0020-\u007E\u00A1-\u00FF]*`, []string{"", " ~é"}, []string{"\n", "ŵ"}},
	}
	tested := make(map[string]bool)
	for _, tt := range tests {
		tested[tt.pattern] = true
		match, err := compilePattern(tt.pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, s := range tt.yes {
			if !match(s) {
				t.Errorf("%s refuses %q", tt.pattern, s)
			}
		}
		for _, s := range tt.not {
			if match(s) {
				t.Errorf("%s takes %q", tt.pattern, s)
			}
		}
	}
	for pattern := range handWritten {
		if !tested[pattern] {
			t.Errorf("the twin of %s has no test", pattern)
		}
	}
}

// TestLongValue: an error repeats the beginning of a value only, in whole
// characters.
func TestLongValue(t *testing.T) {
	v := Violation{Path: Path{{Name: "Policy"}}, Value: "x" + strings.Repeat("é", 100_000), Constraint: MaxLength, Detail: "10"}
	if text := v.String(); len(text) > 2*maxRepeated || !utf8.ValidString(text) || !strings.Contains(text, "é...' at 'policy'") {
		t.Errorf("%d bytes: %.80q", len(text), text)
	}
}
