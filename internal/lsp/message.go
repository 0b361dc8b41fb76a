package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
)

// message is a request, a notification or a response of JSON-RPC 2.0.
type message struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  any             `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *rpcError) Error() string { return e.Message }

// The codes of errors that the protocol defines.
const (
	parseError     = -32700
	methodNotFound = -32601
	invalidParams  = -32602
	invalidRequest = -32600
	notInitialized = -32002
)

// maxMessage limits the length of a message.
const maxMessage = 16 << 20

// read reads one message. It returns io.EOF at the end of the input.
func read(r *bufio.Reader) (*message, error) {
	header, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		if errors.Is(err, io.EOF) && len(header) == 0 {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("read header: %w", err)
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil || length < 0 || length > maxMessage {
		return nil, fmt.Errorf("header Content-Length is %q", header.Get("Content-Length"))
	}
	content := make([]byte, length)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	m := new(message)
	if err := json.Unmarshal(content, m); err != nil {
		return nil, &rpcError{parseError, "the message is not JSON: " + err.Error()}
	}
	return m, nil
}

// write writes one message.
func write(w io.Writer, m *message) error {
	m.JSONRPC = "2.0"
	content, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Content-Length: %d\r\n\r\n%s", len(content), content)
	return err
}
