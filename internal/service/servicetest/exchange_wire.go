package servicetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/writdev/writ/writtest"
)

// call sends one request. It returns the output, or the code and the message of the error.
func (w Wire) call(t *testing.T, server string, caller aws.Config, operation, input string) (status int, output any, problem string) {
	t.Helper()
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {w.Target + "." + operation}}
	body := input
	if w.Version != "" {
		header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		var members any
		if err := json.Unmarshal([]byte(input), &members); err != nil {
			t.Fatalf("%s %s: %v", operation, input, err)
		}
		form := url.Values{"Action": {operation}, "Version": {w.Version}}
		addForm(form, "", members)
		body = form.Encode()
	}
	req, err := http.NewRequest("POST", server+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	key, err := caller.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), key, req, hex.EncodeToString(sum[:]), w.Service, writtest.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if w.Version != "" {
		return res.StatusCode, resultOf(t, answer, operation), xmlError(answer)
	}
	if len(answer) == 0 {
		return res.StatusCode, nil, ""
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	if err := d.Decode(&output); err != nil {
		t.Fatalf("%s: %q: %v", operation, answer, err)
	}
	return res.StatusCode, output, jsonError(output)
}

// addForm adds a value to a form of the query protocol.
func addForm(form url.Values, name string, value any) {
	within := ""
	if name != "" {
		within = name + "."
	}
	switch value := value.(type) {
	case map[string]any:
		for member, v := range value {
			addForm(form, within+member, v)
		}
	case []any:
		for i, v := range value {
			addForm(form, fmt.Sprintf("%smember.%d", within, i+1), v)
		}
	default:
		form.Set(name, fmt.Sprint(value))
	}
}

// jsonError is the code and the message of an error of the JSON protocol, with the name of
// the member of the message if it is not the usual one.
func jsonError(output any) string {
	members, _ := output.(map[string]any)
	code, _ := members["__type"].(string)
	if text, ok := members["message"].(string); ok {
		return code + ": " + text
	}
	if text, ok := members["Message"].(string); ok {
		return code + " (Message): " + text
	}
	return code
}

// xmlError is jsonError for the query protocol.
func xmlError(answer []byte) string {
	var e struct {
		Error struct{ Code, Message string }
	}
	_ = xml.Unmarshal(answer, &e) // of an output, it is not read
	return strings.TrimSuffix(e.Error.Code+": "+e.Error.Message, ": ")
}

// resultOf is the value in the result element of an output; nil if there is none.
func resultOf(t *testing.T, answer []byte, operation string) any {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(answer))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			t.Fatalf("%s: %q: %v", operation, answer, err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == operation+"Result" {
			return element(t, d)
		}
	}
}

// element reads the value of an element up to its end: a list if it holds elements called
// member, a map if they are called entry, else its members or its text.
func element(t *testing.T, d *xml.Decoder) any {
	t.Helper()
	members, list, text := map[string]any{}, []any{}, ""
	for {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			value := element(t, d)
			switch entry, _ := value.(map[string]any); token.Name.Local {
			case "member":
				list = append(list, value)
			case "entry":
				members[entry["key"].(string)] = entry["value"]
			default:
				members[token.Name.Local] = value
			}
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			switch {
			case len(list) > 0:
				return list
			case len(members) > 0:
				return members
			}
			return strings.TrimSpace(text)
		}
	}
}
