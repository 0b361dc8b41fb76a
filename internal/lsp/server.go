package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/writdev/writ/policy"
)

// Server serves one client.
type Server struct {
	// Version is the version that the server reports.
	Version string
	// Kind returns the kind of a document outside a template.
	Kind func(*policy.Document) policy.Kind
	// Committed returns the committed version of the file at a path, or false if there is none. If it is nil,
	// there is no code lens.
	Committed func(path string) ([]byte, bool)

	out                   io.Writer
	utf32                 bool // positions count characters instead of UTF-16 units
	initialized, shutdown bool
	open                  map[string]*file
}

// ErrExit is returned by Run if the client exits without a shutdown request.
var ErrExit = errors.New("the client exited without a shutdown request")

// Run reads messages and responds to them until the client sends exit.
func (s *Server) Run(in io.Reader, out io.Writer) error {
	s.out, s.open = out, map[string]*file{}
	r := bufio.NewReader(in)
	for {
		m, err := read(r)
		var malformed *rpcError
		switch {
		case errors.Is(err, io.EOF):
			return s.ended()
		case errors.As(err, &malformed):
			if err := write(out, &message{ID: json.RawMessage("null"), Error: malformed}); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		case m.Method == "exit":
			return s.ended()
		case m.Method == "": // a response; the server sends no requests
			continue
		}
		if err := s.answer(m); err != nil {
			return err
		}
	}
}

func (s *Server) ended() error {
	if s.shutdown {
		return nil
	}
	return ErrExit
}

// null is the result of requests that have none.
var null = json.RawMessage("null")

// answer handles one message, and responds if it is a request.
func (s *Server) answer(m *message) error {
	result, err := s.handle(m)
	if m.ID == nil {
		return nil // notifications have no response, even on errors
	}
	reply := &message{ID: m.ID, Result: result}
	if err != nil {
		reply.Result = nil
		if !errors.As(err, &reply.Error) {
			reply.Error = &rpcError{invalidParams, err.Error()}
		}
	} else if result == nil {
		reply.Result = null
	}
	return write(s.out, reply)
}

func (s *Server) handle(m *message) (any, error) {
	switch {
	case m.Method == "initialize":
		return call(m, s.initialize)
	case !s.initialized:
		return nil, &rpcError{notInitialized, "the first request must be initialize"}
	case s.shutdown:
		return nil, &rpcError{invalidRequest, "the server has been shut down"}
	}
	switch m.Method {
	case "shutdown":
		s.shutdown = true
		return nil, nil
	case "textDocument/didOpen":
		return call(m, s.didOpen)
	case "textDocument/didChange":
		return call(m, s.didChange)
	case "textDocument/didClose":
		return call(m, s.didClose)
	case "textDocument/hover":
		return call(m, s.hover)
	case "textDocument/completion":
		return call(m, s.complete)
	case "textDocument/codeAction":
		return call(m, s.codeActions)
	case "textDocument/codeLens":
		return call(m, s.codeLenses)
	case "initialized", "textDocument/didSave", "$/cancelRequest", "$/setTrace", "workspace/didChangeConfiguration":
		return nil, nil
	}
	return nil, &rpcError{methodNotFound, "unknown method " + m.Method}
}

// call decodes the parameters of a message for a function.
func call[P any](m *message, f func(*P) (any, error)) (any, error) {
	params := new(P)
	if len(m.Params) > 0 {
		if err := json.Unmarshal(m.Params, params); err != nil {
			return nil, &rpcError{invalidParams, err.Error()}
		}
	}
	return f(params)
}

func (s *Server) initialize(p *initializeParams) (any, error) {
	s.initialized = true
	encoding := "utf-16"
	if s.utf32 = slices.Contains(p.Capabilities.General.PositionEncodings, "utf-32"); s.utf32 {
		encoding = "utf-32"
	}
	return map[string]any{
		"capabilities": map[string]any{
			"positionEncoding":   encoding,
			"textDocumentSync":   map[string]any{"openClose": true, "change": 1},
			"hoverProvider":      true,
			"completionProvider": map[string]any{"triggerCharacters": []string{`"`, ":"}},
			"codeActionProvider": map[string]any{"codeActionKinds": []string{"quickfix"}},
			"codeLensProvider":   map[string]any{},
		},
		"serverInfo": map[string]string{"name": "writ", "version": s.Version},
	}, nil
}

func (s *Server) didOpen(p *openParams) (any, error) {
	return nil, s.update(p.TextDocument.URI, p.TextDocument.Version, p.TextDocument.Text)
}

func (s *Server) didChange(p *changeParams) (any, error) {
	if len(p.ContentChanges) == 0 {
		return nil, nil
	}
	last := p.ContentChanges[len(p.ContentChanges)-1]
	return nil, s.update(p.TextDocument.URI, p.TextDocument.Version, last.Text)
}

// update sets the text of a file and publishes its diagnostics.
func (s *Server) update(uri string, version int, text string) error {
	f := s.newFile(uri, text)
	s.open[uri] = f
	return s.publish(uri, version, f.diagnostics())
}

func (s *Server) didClose(p *documentParams) (any, error) {
	delete(s.open, p.TextDocument.URI)
	return nil, s.publish(p.TextDocument.URI, 0, []diagnostic{})
}

func (s *Server) publish(uri string, version int, list []diagnostic) error {
	params, err := json.Marshal(publishParams{uri, version, list})
	if err != nil {
		return err
	}
	return write(s.out, &message{Method: "textDocument/publishDiagnostics", Params: params})
}

// file returns an open file.
func (s *Server) file(uri string) (*file, error) {
	f, ok := s.open[uri]
	if !ok {
		return nil, &rpcError{invalidParams, "the document is not open: " + uri}
	}
	return f, nil
}
