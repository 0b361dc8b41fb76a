package conformance

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/wire"
)

// suite is one model of a vector file with its cases.
type suite struct {
	Description string `json:"description"`
	Cases       []struct {
		Params     any      `json:"params"` // input: of the client's caller
		Serialized struct { // input: what the client sends
			URI     string            `json:"uri"`
			Headers map[string]string `json:"headers"`
			Body    string            `json:"body"`
		} `json:"serialized"`
		Result   any      `json:"result"` // output: for the client's caller
		Response struct { // output: what the client gets
			Status  int               `json:"status_code"`
			Headers map[string]string `json:"headers"`
			Body    string            `json:"body"`
		} `json:"response"`
	} `json:"cases"`
}

// forClients are the cases that a server cannot or need not satisfy.
var forClients = map[string]string{
	"input/rest-json/13/1": emptyPayload,
	"input/rest-json/20/2": emptyPayload,
	"input/rest-json/24/2": emptyPayload,
	"input/rest-json/24/4": emptyPayload,
	"input/rest-json/14/1": "no API served here has a query in its path, so the router refuses such templates",
	"input/rest-json/19/1": filledIn,
	"input/json/6/1":       filledIn,
	"input/query/13/1":     filledIn,

	"output/rest-json/0/0": "clients read a timestamp spelled either way; servers write epoch seconds",
	"output/rest-json/7/0": skipped,
	"output/rest-json/8/0": skipped,
	"output/rest-json/9/0": "a map of all headers shows what the transport added, such as Content-Length",
	"output/json/3/1":      "null among list elements: no list served here is sparse",
	"output/json/5/0":      skipped,
	"output/json/7/0":      skipped,
	"output/json/7/1":      skipped,
	"output/query/15/0":    unwrapped,
	"output/query/16/0":    unwrapped,
}

// Reasons that several cases share.
const (
	emptyPayload = "a client sends {} for a payload that is absent; it reads as one that is empty"
	filledIn     = "the client fills in the idempotency token, so that the request has more than the parameters"
	skipped      = "the client skips what the model does not have, and no server would write"
	unwrapped    = "the model has no result wrapper; each operation of IAM and STS has one"
)

func TestInputs(t *testing.T) {
	run(t, "input", func(s suite, i int, op *wire.Operation) error {
		c := s.Cases[i]
		want, err := build(op.In, c.Params)
		if err != nil {
			return err
		}
		r, err := http.NewRequest(op.Method, "https://localhost"+c.Serialized.URI, nil)
		if err != nil {
			return err
		}
		switch op.Service.Protocol {
		case wire.AWSJSON:
			// Some vectors leave out the header without which nothing is routed.
			r.Header.Set("X-Amz-Target", op.Service.TargetPrefix+"."+op.Name)
		case wire.Query:
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for name, value := range c.Serialized.Headers {
			r.Header.Set(name, value)
		}
		rt, err := wire.NewRouter(op)
		if err != nil {
			return err
		}
		body := []byte(c.Serialized.Body)
		m, err := rt.Route(r, body, op.Service.Name)
		if err != nil {
			return err
		}
		got := op.NewInput()
		if err := m.Decode(r, body, got); err != nil {
			return err
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("input (-want +got):\n%s", diff)
		}
		return nil
	})
}

func TestOutputs(t *testing.T) {
	requestID := regexp.MustCompile(`<RequestId>(.*)</RequestId>`)
	run(t, "output", func(s suite, i int, op *wire.Operation) error {
		c := s.Cases[i]
		out, err := build(op.Out, c.Result)
		if err != nil {
			return err
		}
		id := "request-id"
		if m := requestID.FindStringSubmatch(c.Response.Body); m != nil {
			id = m[1]
		}
		got, err := op.Encode(out, id)
		if err != nil {
			return err
		}
		if got.Status != c.Response.Status {
			return fmt.Errorf("status %d, want %d", got.Status, c.Response.Status)
		}
		if got.Header.Get("X-Amzn-RequestId") != id {
			return fmt.Errorf("no request id in %v", got.Header)
		}
		for name, value := range c.Response.Headers {
			if got.Header.Get(name) != value {
				return fmt.Errorf("header %s is %q, want %q", name, got.Header.Get(name), value)
			}
		}
		if c.Response.Body == "" {
			return nil
		}
		read := readJSON
		if op.Service.Protocol == wire.Query {
			read = readXML
		}
		if diff := cmp.Diff(read(c.Response.Body), read(string(got.Body))); diff != "" {
			return fmt.Errorf("body (-want +got):\n%s", diff)
		}
		return nil
	})
}

// run runs all cases of one direction and prints how many there were.
func run(t *testing.T, direction string, test func(suite, int, *wire.Operation) error) {
	for _, protocol := range []string{"rest-json", "json", "query"} {
		text, err := os.ReadFile(filepath.Join("testdata", direction, protocol+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var suites []suite
		if err := json.Unmarshal(text, &suites); err != nil {
			t.Fatal(err)
		}
		passed, listed := 0, 0
		for i, s := range suites {
			for j := range s.Cases {
				name := fmt.Sprintf("%s/%s/%d/%d", direction, protocol, i, j)
				err := test(s, j, operations[name])
				reason, isListed := forClients[name]
				switch {
				case err == nil && isListed:
					t.Errorf("%s (%s) passes, though it is listed: %s", name, s.Description, reason)
				case err == nil:
					passed++
				case isListed:
					listed++
				default:
					t.Errorf("%s (%s): %v", name, s.Description, err)
				}
			}
		}
		t.Logf("%s %s: %d cases pass, %d are for clients only", protocol, direction, passed, listed)
	}
}

// TestListed finds reasons for cases that do not exist.
func TestListed(t *testing.T) {
	for name := range forClients {
		if operations[name] == nil {
			t.Errorf("%s is listed but is no case", name)
		}
	}
}

// build makes a pointer to a value of a wire type from the JSON of a vector,
// whose members have the names of the model: those of the Go fields but for
// the case of letters.
func build(t reflect.Type, from any) (any, error) {
	v := reflect.New(t)
	if from == nil {
		return v.Interface(), nil
	}
	return v.Interface(), fill(v.Elem(), from, "")
}

func fill(v reflect.Value, from any, tag reflect.StructTag) error {
	if from == nil {
		if v.CanAddr() && v.Kind() == reflect.Pointer {
			return nil
		}
		return fmt.Errorf("%s cannot be null", v.Type())
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(int64(from.(float64)), 0).UTC()))
	case v.Type() == reflect.TypeFor[[]byte]():
		v.SetBytes([]byte(from.(string)))
	case v.Kind() == reflect.Struct:
		for name, value := range from.(map[string]any) {
			f, ok := v.Type().FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
			if !ok {
				return fmt.Errorf("%s has no member %s", v.Type(), name)
			}
			if value == nil {
				continue
			}
			if err := fill(v.FieldByIndex(f.Index), value, f.Tag); err != nil {
				return err
			}
		}
	case v.Kind() == reflect.Slice:
		list := from.([]any)
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, value := range list {
			if err := fill(v.Index(i), value, tag); err != nil {
				return err
			}
		}
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for name, value := range from.(map[string]any) {
			elem := reflect.New(v.Type().Elem()).Elem()
			if err := fill(elem, value, tag); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(name), elem)
		}
	case strings.Contains(tag.Get("wire"), ",json"):
		text, err := json.Marshal(from)
		v.SetString(string(text))
		return err
	default:
		v.Set(reflect.ValueOf(from).Convert(v.Type()))
	}
	return nil
}

// readJSON is the value of a JSON text, or the text itself if it is none, as
// the body of a payload is.
func readJSON(text string) any {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	return value
}

// element is an XML element without what the vectors do not fix: attributes,
// the order of members, the order of map entries.
type element struct {
	Name     string
	Text     string
	Children []element
}

// UnmarshalXML reads an element and sorts what is in it. Elements of one name
// are a list, whose order counts, unless each has two children as an entry of
// a map does.
func (e *element) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	e.Name = start.Name.Local
	for {
		tok, err := d.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			var child element
			if err := child.UnmarshalXML(d, tok); err != nil {
				return err
			}
			e.Children = append(e.Children, child)
		case xml.CharData:
			e.Text += string(tok)
		case xml.EndElement:
			slices.SortStableFunc(e.Children, func(a, b element) int {
				if n := strings.Compare(a.Name, b.Name); n != 0 || len(a.Children) != 2 || len(b.Children) != 2 {
					return n
				}
				return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
			})
			return nil
		}
	}
}

// readXML is the tree of an XML text.
func readXML(text string) any {
	var e element
	if err := xml.Unmarshal([]byte(text), &e); err != nil {
		return err
	}
	return e
}
