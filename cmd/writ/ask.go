package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// running is the server that a verb asks.
type running struct {
	Endpoint       string `default:"http://127.0.0.1:4566" env:"WRIT_ENDPOINT,AWS_ENDPOINT_URL" placeholder:"URL" help:"The server (default ${default})."`
	AdminTokenFile string `env:"WRIT_ADMIN_TOKEN_FILE" placeholder:"FILE" help:"File with the admin token, for a server that other machines can reach."`
}

// request makes a request of one of the server's own paths.
func (s *running) request(method, path string, body []byte) (*http.Request, error) {
	req, err := http.NewRequest(method, strings.TrimSuffix(s.Endpoint, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if s.AdminTokenFile != "" {
		token, err := os.ReadFile(s.AdminTokenFile)
		if err != nil {
			return nil, fmt.Errorf("admin token: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	return req, nil
}

// ask sends a request and decodes the answer.
func (s *running) ask(method, path string, body []byte, into any) error {
	req, err := s.request(method, path, body)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return faultOf(s.Endpoint, resp)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// faultOf is the error in an answer of the server.
func faultOf(endpoint string, resp *http.Response) error {
	var fault struct{ Message string }
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && json.Unmarshal(text, &fault) == nil && fault.Message != "" {
		return errors.New(fault.Message)
	}
	return fmt.Errorf("%s returned %s; it is not a Writ of this version", endpoint, resp.Status)
}

// unknown prints why a question has no answer, and returns the exit code for it.
func unknown(s streams, verb string, err error) error {
	fmt.Fprintln(s.err, "writ: "+verb+":", strings.ReplaceAll(err.Error(), "\n", "; "))
	return exitCode(2)
}

// hasColor reports whether to write ANSI escapes: to a terminal only, and not if
// NO_COLOR is set. https://no-color.org
func hasColor(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
