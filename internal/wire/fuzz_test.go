package wire

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/internal/awserr"
)

// fuzzDecode decodes whatever came and wants no fault but the client's.
func fuzzDecode(t *testing.T, rt *Router, r *http.Request, body []byte) (*Operation, any) {
	m, err := rt.Route(r, body, "")
	var in any
	if err == nil {
		in = m.Operation.NewInput()
		err = m.Decode(r, body, in)
	}
	if err == nil {
		return m.Operation, in
	}
	if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Status < 400 || e.Status > 499 {
		t.Fatalf("got %v, want an error of the client", err)
	}
	m.Service.EncodeError(awserr.New("X", 400, "%s", err), "id")
	return nil, nil
}

func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(`{"Name": "a", "Color": "red", "Count": 5, "At": 1.5, "Blob": "aGk=", "Keys": ["k"], "Tags": {"a": "b"}}`))
	f.Add([]byte(`{"Name": "\u00e9", "Color": "green", "Filters": [{"Key": "k"}], "Nested": {"More": [{"Leaf": "x"}]}, "X": [[]]}`))
	f.Add([]byte(`{"Name": "a", "Color": "red", "Ratio": "NaN"} `))
	rt := testRouter(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		op, in := fuzzDecode(t, rt, jsonRequest(), body)
		if in == nil {
			return
		}
		r, err := op.Encode(in, "id")
		if err != nil {
			t.Fatal(err)
		}
		_, again := fuzzDecode(t, rt, jsonRequest(), r.Body)
		if diff := cmp.Diff(in, again, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (-first +second):\n%s", r.Body, diff)
		}
	})
}

func FuzzDecodeRest(f *testing.F) {
	f.Add("POST", "/tags/arn%3Aaws%2F1", "tagKeys=a&tagKeys=b&maxResults=3&since=2015-01-25T08:00:00Z", "d", []byte(`{"policy": "{}"}`))
	f.Add("GET", "/tags/%ff", "x=%zz", "", []byte(nil))
	f.Add("PUT", "/PutImagePolicy", "", "", []byte(`{"imageArn": "arn", "policy": "x"}`))
	rt := testRouter(f)
	f.Fuzz(func(t *testing.T, method, path, query, header string, body []byte) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return // the HTTP server refuses it
		}
		u.RawQuery = query
		r := &http.Request{Method: method, URL: u, Header: http.Header{"X-Amz-Dates": {header}, "X-Amz-Meta-A": {header}}}
		fuzzDecode(t, rt, r, body)
	})
}

func FuzzDecodeQuery(f *testing.F) {
	f.Add([]byte("Name=a&Color=red&Count=5&Keys.member.1=k&Tags.entry.1.key=a&Tags.entry.1.value=b"))
	f.Add([]byte("Name=%C3%A9&Color=green&Filters.member.2.Key=k&Nested.More.member.1.Left.Leaf=x&Keys="))
	rt := testRouter(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/?Action=Put&Version=2010-05-08", nil)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		op, in := fuzzDecode(t, rt, r, body)
		if in == nil {
			return
		}
		out, err := op.Encode(in, "id")
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(out.Body, new(struct{})); err != nil && err != io.EOF {
			t.Errorf("%s: %v", out.Body, err)
		}
	})
}
