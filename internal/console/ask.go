package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/writdev/writ/internal/fix"
)

// fault is an error response of one of Writ's own paths.
type fault struct {
	Status  int `json:"-"`
	Message string
}

func (f *fault) Error() string { return f.Message }

// request sends a request to one of Writ's own paths of this world and decodes the response. The error is a
// *fault for an error response.
func (c *Console) request(ctx context.Context, method, path string, body, into any) error {
	return c.requestAny(ctx, method, c.root+path, body, into)
}

// requestAny is request for a path of any world.
func (c *Console) requestAny(ctx context.Context, method, path string, body, into any) error {
	var sent bytes.Buffer
	switch body := body.(type) {
	case nil:
	case []byte: // passed through unchanged
		sent.Write(body)
	default:
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, path, &sent)
	if err != nil {
		return err
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	c.cfg.Control.ServeHTTP(a, r)
	if a.status >= http.StatusMultipleChoices {
		f := &fault{Status: a.status}
		if json.Unmarshal(a.body.Bytes(), f) != nil || f.Message == "" {
			f.Message = fmt.Sprintf("%s: %s", path, http.StatusText(a.status))
		}
		return f
	}
	if into == nil || a.body.Len() == 0 {
		return nil
	}
	return json.Unmarshal(a.body.Bytes(), into)
}

// answer records the response of a handler.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// passThrough responds to scripts with the response of one of Writ's own paths.
func (c *Console) passThrough(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		inside, err := http.NewRequestWithContext(r.Context(), r.Method, c.root+path, r.Body)
		if err != nil {
			c.failed(w, r, err)
			return
		}
		inside.URL.RawQuery = r.URL.RawQuery
		c.cfg.Control.ServeHTTP(w, inside)
	}
}

// call makes a call of an AWS API as the chosen principal and decodes its output from JSON; into may be nil.
// The error is a *refusal for an error response.
func (c *Console) call(r *http.Request, call fix.Call, into any) error {
	return c.callAs(r.Context(), actorFor(r, call.Account), call, into)
}

// callAs is call as a given principal.
func (c *Console) callAs(ctx context.Context, as Choice, call fix.Call, into any) error {
	req, err := call.Request("")
	if err != nil {
		return err
	}
	status, body := c.cfg.Act(ctx, Actor{as, call.Service, call.Region}, req)
	if status >= http.StatusMultipleChoices {
		return &refusal{Operation: call.Operation, Principal: as.Principal, Message: cmp.Or(fix.ErrorMessage(body), http.StatusText(status))}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// refusal is an error response of an AWS API.
type refusal struct{ Operation, Principal, Message string }

func (e *refusal) Error() string {
	return fmt.Sprintf("%s, as %s: %s", e.Operation, e.Principal, strings.TrimSpace(e.Message))
}
