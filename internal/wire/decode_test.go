package wire

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// wantSample is what the JSON and the form of TestDecode both say.
var wantSample = &sample{
	Name:    "é",
	Color:   "red",
	Count:   new(5),
	Long:    new(int64(9007199254740993)),
	Ratio:   new(0.5),
	On:      new(false),
	At:      new(time.UnixMilli(1422172800250).UTC()),
	Blob:    []byte("hi"),
	Keys:    []string{},
	Tags:    map[string]string{"a.b": "c", "d": ""},
	Filters: []filter{{Key: "k", Values: []string{"v", "w"}}, {Key: "l"}},
	Nested:  &sampleTree{Left: &sampleTree{Leaf: new("x")}, More: []sampleTree{{}, {Leaf: new("")}}},
}

func TestDecode(t *testing.T) {
	const body = ` {"Name": "\u00e9", "Color": "red", "Count": 5.0, "Long": 9007199254740993, "Ratio": 5e-1, "On": false,
		"At": 1422172800.25, "Blob": "aGk=", "Keys": [], "Tags": {"a.b": "c", "d": ""}, "Unknown": [{"a": [null]}, 1],
		"Password": null, "name": "of another case",
		"Filters": [{"Key": "k", "Values": ["v", "w"]}, {"Key": "l"}],
		"Nested": {"Left": {"Leaf": "x"}, "More": [{}, {"Leaf": ""}]}} `
	got, err := decode(t, jsonRequest(), body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantSample, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}

	const form = "Action=Put&Version=2010-05-08&Name=%C3%A9&Color=red&Count=5&Long=9007199254740993&Ratio=5e-1&On=false" +
		"&At=2015-01-25T09:00:00.25%2B01:00&Blob=aGk%3D&Keys=&Tags.entry.1.key=a.b&Tags.entry.1.value=c" +
		"&Tags.entry.2.key=d&Tags.entry.2.value=&Unknown.member.1=x" +
		"&Filters.member.10.Key=l&Filters.member.2.Key=k&Filters.member.2.Values.member.1=v&Filters.member.2.Values.member.2=w" +
		"&Nested.Left.Leaf=x&Nested.More.member.1=&Nested.More.member.2.Leaf="
	got, err = decode(t, formRequest(), form)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantSample, got); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

func TestDecodeRest(t *testing.T) {
	r := httptest.NewRequest("POST", "/tags/arn%3Aaws%3Ax%2F1%2B+?tagKeys=b&tagKeys=a&maxResults=7&nextToken=&since=2015-01-25T08:00:00Z&X-Amz-Date=1", nil)
	r.Header.Set("X-Amz-Digest", "d")
	r.Header.Add("X-Amz-Dates", "2015-01-25T08:00:00Z, 2015-01-25T08:00:01Z")
	r.Header.Add("X-Amz-Dates", "2015-01-25T08:00:02Z")
	r.Header.Set("X-Amz-Meta-One", "1")
	got, err := decode(t, r, `{"policy": "{}"}`)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1422172800, 0).UTC()
	want := &bound{
		ARN:    "arn:aws:x/1++",
		Keys:   []string{"b", "a"},
		Max:    new(7),
		Token:  new(""),
		Since:  &at,
		Digest: new("d"),
		Dates:  []time.Time{at, at.Add(time.Second), at.Add(2 * time.Second)},
		Meta:   map[string]string{"One": "1"},
		Policy: new("{}"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodePayload(t *testing.T) {
	got, err := decode(t, httptest.NewRequest("PUT", "/document?kind=k&a=1&b=", nil), `{"Key": "x"}`)
	want := &document{Kind: new("k"), Rest: map[string]string{"a": "1", "b": ""}, Entry: &filter{Key: "x"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	got, err = decode(t, httptest.NewRequest("PUT", "/note?title=", nil), "text")
	if diff := cmp.Diff(&note{Text: new("text")}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}

	tests := []struct{ url, body, code, part string }{
		{"/document", `{}`, "ValidationException", "Value null at 'entry.key'"},
		{"/document", `{"Key": 1}`, "SerializationException", "entry.Key: expected a string, found a number"},
		{"/document?%ff=a", ``, "SerializationException", "name is not valid UTF-8"},
		{"/document?a=%ff", ``, "SerializationException", "not valid UTF-8"},
		{"/document?a=1&a=2", ``, "SerializationException", "given more than once"},
		{"/note", "text", "ValidationException", "Value null at 'title'"},
		{"/note?title=a", "a text", "ValidationException", "Value 'a text' at 'text'"},
		{"/note?title=a", "\xff", "SerializationException", "text: not valid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.url+" "+tt.body, func(t *testing.T) {
			_, err := decode(t, httptest.NewRequest("PUT", tt.url, nil), tt.body)
			wantError(t, err, tt.code, tt.part)
		})
	}
}

// TestDecodeDeep wants what is as deep as it may be.
func TestDecodeDeep(t *testing.T) {
	deep := strings.Repeat(`{"Left":`, 62) + "{}" + strings.Repeat("}", 62)
	if _, err := decode(t, jsonRequest(), `{`+required+`"Nested": `+deep+`}`); err != nil {
		t.Error(err)
	}
	lists := strings.Repeat("[", 63) + strings.Repeat("]", 63)
	if _, err := decode(t, jsonRequest(), `{`+required+`"Unknown": `+lists+`}`); err != nil {
		t.Error(err)
	}
}

// TestDecodeEmptyBody wants no body at all to be an empty object.
func TestDecodeEmptyBody(t *testing.T) {
	for _, body := range []string{"", " \n", "{}", "null"} {
		_, err := decode(t, jsonRequest(), body)
		if body == "null" {
			wantError(t, err, "SerializationException", "expected a structure, found null")
			continue
		}
		wantError(t, err, "ValidationException", "2 validation errors detected: Value null at 'name'")
	}
}

func TestDecodeMalformed(t *testing.T) {
	deep := func(open, leaf, end string, n int) string {
		return strings.Repeat(open, n) + leaf + strings.Repeat(end, n)
	}
	jsons := []struct{ body, part string }{
		{`[]`, "expected a structure, found a list"},
		{`{"Name": 1}`, "Name: expected a string, found a number"},
		{`{"Name": {}}`, "Name: expected a string, found an object"},
		{`{"Filters": [{"Key": "k"}, {"Values": ["a", true]}]}`, "Filters[1].Values[1]: expected a string, found a boolean"},
		{`{"Filters": [null]}`, "Filters[0]: expected a structure, found null"},
		{`{"Tags": {"a": null}}`, `Tags["a"]: expected a string, found null`},
		{`{"Tags": []}`, "Tags: expected a map, found a list"},
		{`{"Keys": "a"}`, "Keys: expected a list, found a string"},
		{`{"Nested": "a"}`, "Nested: expected a structure, found a string"},
		{`{"Count": 1.5}`, "Count: expected an integer"},
		{`{"Count": "1"}`, "Count: expected an integer, found a string"},
		{`{"Count": 1e400}`, "Count: expected an integer"},
		{`{"Small": 2147483648}`, "Small: 2147483648 is out of range"},
		{`{"Long": 9223372036854775808}`, "Long: expected an integer"},
		{`{"Ratio": 1e400}`, "Ratio: expected a number"},
		{`{"Ratio": "1"}`, "Ratio: expected a number"},
		{`{"On": "true"}`, "On: expected a boolean, found a string"},
		{`{"At": "2015-01-25T08:00:00Z"}`, "At: expected a timestamp, found a string"},
		{`{"At": 1e300}`, "At: expected a timestamp"},
		{`{"Blob": "?"}`, "Blob: expected a base64 string"},
		{`{"Name": "a", "Name": "b"}`, `duplicate object member name "Name"`},
		{`{"X": {"y": 1, "y": 2}}`, `duplicate object member name "y"`},
		{`{"X": 1, "\u0058": 2}`, "duplicate object member name"},
		{"{\"Name\": \"\xff\"}", "invalid UTF-8"},
		{`{"Name": "\ud800"}`, "not valid JSON"},
		{`{"Name": "a"} x`, "unexpected data after"},
		{`{"Name": "a"}{}`, "unexpected data after"},
		{`{"Name": "a",}`, "not valid JSON"},
		{`{"Name": "a"`, "unexpected end"},
		{`{"Name": "a`, "unexpected end"},
		{`{"Name"`, "unexpected end"},
		{`{"Name": nul}`, "not valid JSON"},
		{`{1: 2}`, "not valid JSON"},
		{`{"X": ` + deep("[", "", "]", 64) + `}`, "deeper than 64"},
		{`{"Nested": ` + deep(`{"Left":`, "{}", "}", 63) + `}`, "deeper than 64"},
		{strings.Repeat("[", 100000), "expected a structure"},
		{`{"X": ` + strings.Repeat("[", 100000), "deeper than 64"},
	}
	for _, tt := range jsons {
		t.Run(tt.body[:min(len(tt.body), 40)], func(t *testing.T) {
			_, err := decode(t, jsonRequest(), tt.body)
			wantError(t, err, "SerializationException", tt.part)
		})
	}

	forms := []struct{ body, part string }{
		{"Name=a&Name=b", `"Name" is given more than once`},
		{"Name.x=a", "Name: expected a string"},
		{"Name=%ff", "not valid UTF-8"},
		{"%ff=a", "not valid UTF-8"},
		{"Tags.entry.1.key=%ff&Tags.entry.1.value=b", "not valid UTF-8"},
		{"Small=2147483648", "Small: expected an integer"},
		{"At=9999-12-31T23:59:59-01:00", "At: expected a timestamp"},
		{"Count=", "Count: expected an integer"},
		{"Count=1.0", "Count: expected an integer"},
		{"Count=9223372036854775808", "Count: expected an integer"},
		{"Ratio=0x1p4", "Ratio: expected a number"},
		{"Ratio=inf", "Ratio: expected a number"},
		{"On=TRUE", "On: expected a boolean"},
		{"At=1422172800", "At: expected a timestamp"},
		{"Blob=?", "Blob: expected a base64 string"},
		{"Keys=a", "Keys: expected a list"},
		{"Keys=&Keys.member.1=a", "Keys: expected a list"},
		{"Keys.member.0=a", `Keys: "0" is not the number of an element`},
		{"Keys.member.01=a", `"01" is not the number of an element`},
		{"Keys.member.x=a", `"x" is not the number of an element`},
		{"Keys.member.99999999999999999999=a", "is not the number of an element"},
		{"Tags.entry.1.value=a", "Tags: entry 1 has no key"},
		{"Tags.entry.1.key=a", `Tags["a"]: expected a string`},
		{"Tags.entry.1.key=a&Tags.entry.1.value=b&Tags.entry.2.key=a&Tags.entry.2.value=c", `Tags["a"]: given more than once`},
		{"Nested=a", "Nested: expected a structure"},
		{"Nested." + strings.Repeat("Left.", 100) + "Leaf=a", "deeper than 64"},
	}
	for _, tt := range forms {
		t.Run(tt.body[:min(len(tt.body), 40)], func(t *testing.T) {
			_, err := decode(t, formRequest(), "Action=Put&Version=2010-05-08&"+tt.body)
			wantError(t, err, "MalformedInput", tt.part)
		})
	}

	rests := []struct{ url, header, body, part string }{
		{"/tags/%ff", "", "", "resourceArn: not valid UTF-8"},
		{"/tags/a?nextToken=%ff", "", "", "nextToken: not valid UTF-8"},
		{"/tags/a?nextToken=a&nextToken=b", "", "", "nextToken: given more than once"},
		{"/tags/a?maxResults=", "", "", "maxResults: expected an integer"},
		{"/tags/a?maxResults=x", "", "", "maxResults: expected an integer"},
		{"/tags/a?since=yesterday", "", "", "since: expected a timestamp"},
		{"/tags/a", "X-Amz-Dates", "", "x-amz-dates: expected a timestamp"},
		{"/tags/a", "", `{"policy": 1}`, "policy: expected a string, found a number"},
	}
	for _, tt := range rests {
		t.Run(tt.url, func(t *testing.T) {
			r := httptest.NewRequest("POST", tt.url, nil)
			if tt.header != "" {
				r.Header.Set(tt.header, "x")
			}
			_, err := decode(t, r, tt.body)
			wantError(t, err, "SerializationException", tt.part)
		})
	}
}

// TestDecodeWrongType wants a defect of the caller to be no error of a client.
func TestDecodeWrongType(t *testing.T) {
	m := Match{Service: &jsonService, Operation: jsonPut}
	for _, in := range []any{nil, sample{}, new(bound), (*sample)(nil)} {
		if err := m.Decode(jsonRequest(), nil, in); err == nil || !strings.Contains(err.Error(), "want a *wire.sample") {
			t.Errorf("%T: got %v", in, err)
		}
	}
}
