package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/policy"
)

// session is a client of a server in this process.
type session struct {
	t    *testing.T
	in   *io.PipeWriter
	out  *bufio.Reader
	done chan error
	next int
}

func newSession(t *testing.T, server *Server) *session {
	t.Helper()
	in, clientOut := io.Pipe()
	clientIn, out := io.Pipe()
	s := &session{t: t, in: clientOut, out: bufio.NewReader(clientIn), done: make(chan error, 1)}
	go func() {
		err := server.Run(in, out)
		out.Close()
		s.done <- err
	}()
	return s
}

// open starts a session with a file, and returns the diagnostics.
func open(t *testing.T, server *Server, uri, text string) (*session, []diagnostic) {
	s := newSession(t, server)
	s.request("initialize", map[string]any{})
	s.notify("initialized", map[string]any{})
	return s, s.didOpen(uri, text)
}

func (s *session) send(m map[string]any) {
	s.t.Helper()
	m["jsonrpc"] = "2.0"
	text, err := json.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	s.raw(string(text))
}

func (s *session) raw(text string) {
	s.t.Helper()
	if _, err := fmt.Fprintf(s.in, "Content-Length: %d\r\n\r\n%s", len(text), text); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) notify(method string, params any) {
	s.send(map[string]any{"method": method, "params": params})
}

// reply is a message of the server.
type reply struct {
	ID     json.RawMessage
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *rpcError
}

func (s *session) receive() reply {
	s.t.Helper()
	got := make(chan reply, 1)
	go func() {
		m, err := read(s.out)
		if err != nil {
			close(got)
			return
		}
		text, _ := json.Marshal(m.Result)
		got <- reply{m.ID, m.Method, m.Params, text, m.Error}
	}()
	select {
	case r, ok := <-got:
		if !ok {
			s.t.Fatal("the server closed the connection")
		}
		return r
	case <-time.After(20 * time.Second):
		s.t.Fatal("the server does not respond")
	}
	return reply{}
}

func (s *session) request(method string, params any) reply {
	s.t.Helper()
	s.next++
	s.send(map[string]any{"id": s.next, "method": method, "params": params})
	return s.receive()
}

// ask sends a request and decodes its result.
func ask[T any](s *session, method string, params any) (v T) {
	s.t.Helper()
	r := s.request(method, params)
	if r.Error != nil {
		s.t.Fatalf("%s: %v", method, r.Error)
	}
	if err := json.Unmarshal(r.Result, &v); err != nil {
		s.t.Fatalf("%s: %v: %s", method, err, r.Result)
	}
	return v
}

func (s *session) didOpen(uri, text string) []diagnostic {
	s.t.Helper()
	s.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "json", "version": 1, "text": text}})
	return s.published()
}

func (s *session) published() []diagnostic {
	s.t.Helper()
	r := s.receive()
	var p publishParams
	if err := json.Unmarshal(r.Params, &p); err != nil || r.Method != "textDocument/publishDiagnostics" {
		s.t.Fatalf("%s %s: %v", r.Method, r.Params, err)
	}
	return p.Diagnostics
}

// end shuts the session down in the order of the protocol.
func (s *session) end() {
	s.t.Helper()
	s.request("shutdown", nil)
	s.notify("exit", nil)
	if err := <-s.done; err != nil {
		s.t.Error(err)
	}
}

const uri = "file:///policies/policy.json"

const text = `{"Version": "2012-10-17", "Statement": [{
  "Sid": "é😀", "Effect": "Allow",
  "Action": ["s3:GetObjct", "s3:List*"],
  "Resource": "*"
}]}`

// behind returns the parameters of a request at the character after a text.
func behind(t *testing.T, document, part string) map[string]any {
	t.Helper()
	i := strings.Index(document, part)
	if i < 0 {
		t.Fatalf("no %q", part)
	}
	before := document[:i+len(part)]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return map[string]any{"textDocument": map[string]any{"uri": uri}, "position": position{strings.Count(before, "\n"), utf16Length(line)}}
}

func TestDiagnosticsAndFixes(t *testing.T) {
	s, list := open(t, &Server{}, uri, text)
	defer s.end()
	if len(list) != 2 || list[0].Code != "UNSUPPORTED_SID" || list[1].Code != "INVALID_ACTION" || list[1].Severity != 1 || list[1].Source != "writ" {
		t.Fatalf("diagnostics %+v", list)
	}
	// "é😀" is two characters, of one and two UTF-16 units.
	if r := list[0].Range; r.Start != (position{1, 9}) || r.End != (position{1, 14}) {
		t.Errorf("range %+v", r)
	}
	if r := list[1].Range; r.Start != (position{2, 13}) || r.End != (position{2, 26}) {
		t.Errorf("range %+v", r)
	}
	actions := ask[[]codeAction](s, "textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": uri}, "range": list[1].Range, "context": map[string]any{"diagnostics": []any{}},
	})
	if len(actions) != 1 || actions[0].Title != "Change the action to GetObject" || actions[0].Kind != "quickfix" ||
		actions[0].Edit.Changes[uri][0] != (textEdit{list[1].Range, `"s3:GetObject"`}) {
		t.Errorf("actions %+v", actions)
	}
	s.notify("textDocument/didChange", map[string]any{
		"textDocument": map[string]any{"uri": uri, "version": 2}, "contentChanges": []any{map[string]any{"text": strings.Replace(text, "Objct", "Object", 1)}},
	})
	if list := s.published(); len(list) != 1 {
		t.Errorf("diagnostics after the change %+v", list)
	}
	s.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}})
	if list := s.published(); len(list) != 0 {
		t.Errorf("diagnostics of a closed file %+v", list)
	}
}

func TestPositionEncoding(t *testing.T) {
	s := newSession(t, &Server{})
	defer s.end()
	r := s.request("initialize", map[string]any{"capabilities": map[string]any{"general": map[string]any{"positionEncodings": []string{"utf-32", "utf-16"}}}})
	if !strings.Contains(string(r.Result), `"positionEncoding":"utf-32"`) {
		t.Fatalf("capabilities %s", r.Result)
	}
	if list := s.didOpen(uri, text); list[0].Range.End != (position{1, 13}) {
		t.Errorf("range %+v", list[0].Range)
	}
}

func TestTemplates(t *testing.T) {
	s, list := open(t, &Server{}, "file:///policies/template.yaml", `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: s3:GetObjct
                Resource: "*"
`)
	defer s.end()
	if len(list) != 1 || list[0].Range.Start != (position{9, 24}) || list[0].Range.End != (position{9, 35}) {
		t.Errorf("diagnostics %+v", list)
	}
	for name, text := range map[string]string{"package.json": `{"name": "x"}`, "notes.yaml": "a: [1", "empty.json": ""} {
		if list := s.didOpen("file:///policies/"+name, text); len(list) != 0 {
			t.Errorf("%s: %+v", name, list)
		}
	}
	if list := s.didOpen("file:///policies/broken.json", `{"Version": "2012-10-17", "Statement": [}`); len(list) != 1 || list[0].Code != "JSON_SYNTAX_ERROR" {
		t.Errorf("a document that does not parse: %+v", list)
	}
}

func TestHover(t *testing.T) {
	document := `{"Action": ["ssm:GetParameter", "s3:List*", "nothing:Here"], "x": "aws:SourceArn", "y": "aws:TagKeys"}`
	s, _ := open(t, &Server{}, uri, document)
	defer s.end()
	for part, want := range map[string]string{
		"ssm:Get": "**ssm:GetParameter** (AWS Systems Manager, Read)\n\n- parameter", "s3:Li": "matches", "aws:SourceA": "**aws:SourceArn** (ARN)", "aws:Tag": "use `ForAnyValue`",
	} {
		h := ask[*hover](s, "textDocument/hover", behind(t, document, part))
		if h == nil || !strings.Contains(h.Contents.Value, want) {
			t.Errorf("%s: %+v", part, h)
		}
	}
	if h := ask[*hover](s, "textDocument/hover", behind(t, document, "nothing:H")); h != nil {
		t.Errorf("of nothing: %+v", h)
	}
}

func TestCompletion(t *testing.T) {
	for _, c := range []struct{ before, want, not string }{
		{`{"Statement": [{"Action": "s`, "s3:", "ec2:"},
		{`{"Statement": [{"Action": ["s3:GetOb`, "s3:GetObject", "s3:PutObject"},
		{`{"Statement": {"NotAction": ["a:b", "kms:De`, "kms:Decrypt", "kms:Encrypt"},
		{`{"Statement": [{"Effect": "`, "Allow", "Sid"},
		{`{"Statement": [{"Action": "x", "`, "Condition", "Allow"},
		{`{"Statement": [{"Condition": {"Str`, "StringEquals", "Bool"},
		{`{"Statement": [{"Condition": {"ForAnyValue:String`, "ForAnyValue:StringLikeIfExists", "StringLike"},
		{`{"Statement": [{"Condition": {"StringEquals": {"aws:Source`, "aws:SourceVpc", "aws:PrincipalArn"},
		{`{"Statement": [{"Condition": {"StringEquals": {"s3:Exist`, "s3:ExistingObjectTag/", "s3:prefix"},
		{`{"Statement": [{"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-`, "eu-central-1", "us-east-1"},
		{`{"Statement": [{"Principal": {"Service": "lam`, "lambda.amazonaws.com", "ec2.amazonaws.com"},
		{"Statement:\n  - Action: s3:GetOb", "s3:GetObject", "s3:PutObject"},
	} {
		s, _ := openAny(t, c.before)
		list := ask[completionList](s, "textDocument/completion", behind(t, c.before, c.before))
		found := map[string]bool{}
		for _, item := range list.Items {
			found[item.Label] = true
			if item.TextEdit.NewText != item.Label {
				t.Errorf("%s: edit %+v", c.before, item.TextEdit)
			}
		}
		if !found[c.want] || found[c.not] {
			t.Errorf("%s: %d items, %s %v, %s %v", c.before, len(list.Items), c.want, found[c.want], c.not, found[c.not])
		}
		s.end()
	}
}

// openAny opens a text with or without diagnostics.
func openAny(t *testing.T, text string) (*session, []diagnostic) {
	return open(t, &Server{}, uri, text)
}

func TestCodeLens(t *testing.T) {
	committed := strings.Replace(text, `"s3:GetObjct", `, "", 1)
	server := &Server{
		Kind: func(*policy.Document) policy.Kind { return policy.Identity },
		Committed: func(path string) ([]byte, bool) {
			return []byte(strings.Replace(committed, "s3:List*", "s3:ListBucket", 1)), path == "/policies/policy.json"
		},
	}
	s, _ := open(t, server, uri, committed)
	defer s.end()
	lenses := ask[[]codeLens](s, "textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": uri}})
	if len(lenses) != 1 || !strings.HasPrefix(lenses[0].Command.Title, "compared with the committed version, allows in addition: ") || !strings.Contains(strings.ToLower(lenses[0].Command.Title), "s3:list") {
		t.Errorf("lenses %+v", lenses)
	}
	s.didOpen("file:///policies/new.json", text)
	if lenses := ask[[]codeLens](s, "textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": "file:///policies/new.json"}}); len(lenses) != 0 {
		t.Errorf("a new file: %+v", lenses)
	}
}

func TestProtocol(t *testing.T) {
	s := newSession(t, &Server{})
	if r := s.request("textDocument/hover", map[string]any{}); r.Error == nil || r.Error.Code != notInitialized {
		t.Errorf("before initialize: %+v", r)
	}
	s.request("initialize", map[string]any{})
	s.raw("{")
	if r := s.receive(); r.Error == nil || r.Error.Code != parseError {
		t.Errorf("no JSON: %+v", r)
	}
	if r := s.request("textDocument/rename", map[string]any{}); r.Error == nil || r.Error.Code != methodNotFound {
		t.Errorf("unknown method: %+v", r)
	}
	if r := s.request("textDocument/hover", behind(t, text, "s3:")); r.Error == nil || r.Error.Code != invalidParams {
		t.Errorf("a file that is not open: %+v", r)
	}
	if r := s.request("shutdown", nil); r.Error != nil || string(r.ID) != "5" {
		t.Errorf("shutdown: %+v", r)
	}
	if r := s.request("textDocument/hover", map[string]any{}); r.Error == nil || r.Error.Code != invalidRequest {
		t.Errorf("after shutdown: %+v", r)
	}
	s.notify("exit", nil)
	if err := <-s.done; err != nil {
		t.Error(err)
	}

	abrupt := newSession(t, &Server{})
	abrupt.in.Close()
	if err := <-abrupt.done; !errors.Is(err, ErrExit) {
		t.Errorf("a client that disconnects: %v", err)
	}
	long := newSession(t, &Server{})
	fmt.Fprintf(long.in, "Content-Length: %d\r\n\r\n", maxMessage+1)
	if err := <-long.done; err == nil || !strings.Contains(err.Error(), "Content-Length") {
		t.Errorf("a message that is too long: %v", err)
	}
}
