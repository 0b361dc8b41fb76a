package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/fix"
)

// maxErrorText bounds the text that explain reads, in bytes.
const maxErrorText = 1 << 20

// denialText is AWS's message of a denial. Some services leave out the resource.
var denialText = regexp.MustCompile(`User: (\S+) is not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z]+)(?: on resource: (\S+))?`)

// encodedText is an encoded authorization message of Writ.
var encodedText = regexp.MustCompile(`[A-Za-z0-9+/_=-]{64,}`)

// recordOfText finds the decision that an error text or an encoded authorization message
// is about: the last such request, or a hypothetical one if it is not kept.
func (c *explainCmd) recordOfText(from io.Reader, into *decision.Record) error {
	raw, err := io.ReadAll(io.LimitReader(from, maxErrorText))
	if err != nil {
		return err
	}
	text := string(raw)
	if m := denialText.FindStringSubmatch(text); m != nil {
		return c.lastOf(m[1], m[2], strings.TrimRight(m[3], ".,\"'"), into)
	}
	if encoded := encodedText.FindString(text); encoded != "" {
		return c.recordOfMessage(encoded, into)
	}
	return errors.New("standard input has neither an error text (User: ... is not authorized to perform: ...) nor an encoded authorization message")
}

// recordOfMessage decodes an encoded authorization message as the root user of the
// caller's account, which alone can.
func (c *explainCmd) recordOfMessage(encoded string, into *decision.Record) error {
	if c.Account == "" {
		return errors.New("an encoded authorization message needs --account, the account of the denied caller")
	}
	var message struct {
		Context struct {
			Principal        struct{ ARN string }
			Action, Resource string
		}
	}
	text, err := c.decodeMessage(encoded)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), &message); err != nil {
		return err
	}
	return c.lastOf(message.Context.Principal.ARN, message.Context.Action, message.Context.Resource, into)
}

// decodeMessage calls sts:DecodeAuthorizationMessage.
func (c *explainCmd) decodeMessage(encoded string) (string, error) {
	var answer struct {
		Result struct{ DecodedMessage string } `xml:"DecodeAuthorizationMessageResult"`
	}
	call := fix.Call{
		Account: c.Account, Region: "us-east-1", Service: "sts", Operation: "DecodeAuthorizationMessage",
		Params: []fix.Param{{Name: "EncodedMessage", Value: encoded}},
	}
	raw, err := c.callRaw(call)
	if err != nil {
		return "", err
	}
	err = xml.Unmarshal(raw, &answer)
	return answer.Result.DecodedMessage, err
}

// lastOf finds the last decision of a principal, an action and a resource.
func (c *explainCmd) lastOf(principal, action, resource string, into *decision.Record) error {
	query := url.Values{"principal": {principal}, "action": {action}, "limit": {"1"}}
	if resource != "" {
		query.Set("resource", resource)
	}
	var found struct {
		Decisions []struct {
			ID string `json:"id"`
		} `json:"decisions"`
	}
	if err := c.ask(http.MethodGet, "/_writ/decisions?"+query.Encode(), nil, &found); err != nil {
		return err
	}
	if len(found.Decisions) > 0 {
		return c.ask(http.MethodGet, "/_writ/decisions/"+url.PathEscape(found.Decisions[0].ID), nil, into)
	}
	return c.hypothetical(principal, action, resource, nil, into)
}
