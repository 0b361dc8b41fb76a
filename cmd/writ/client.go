package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/writdev/writ/internal/fix"
	"github.com/writdev/writ/internal/sigv4"
)

// sandboxSecret is the secret of the root users that need no access key. A server that
// other machines can reach does not accept it.
const sandboxSecret = "test"

// call makes a call of an AWS API and decodes its answer in JSON; into may be nil.
func (s *running) call(c fix.Call, into any) error {
	answer, err := s.callRaw(c)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

// callRaw makes a call of an AWS API as the root user of the call's account, and returns
// the body of the answer.
func (s *running) callRaw(c fix.Call) ([]byte, error) {
	req, err := c.Request(s.Endpoint)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if err := sigv4.Sign(req, body, c.Account, sandboxSecret, c.Region, c.Service, time.Now()); err != nil {
		return nil, err
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, fmt.Errorf("%s: %s", c.Operation, cmp.Or(fix.ErrorMessage(answer), resp.Status))
	}
	return answer, nil
}
