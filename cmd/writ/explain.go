package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/writdev/writ/internal/decision"
)

// explainCmd is `writ explain`.
type explainCmd struct {
	running
	format

	ID string `arg:"" optional:"" default:"last" help:"The request id of a decision (default: the last denial); - reads an AWS error message or an encoded authorization message from standard input."`

	Principal string            `help:"Explain a hypothetical request of this principal: an ARN, an account id, a service or *."`
	Action    string            `help:"The action of the hypothetical request."`
	Resource  string            `help:"The resource of the hypothetical request."`
	Context   map[string]string `help:"The condition keys of the hypothetical request: --context aws:SourceIp=203.0.113.7."`

	Account string `placeholder:"ID" help:"The account of the denied caller; no other account can decode an encoded authorization message."`
}

// format is how a record is printed.
type format struct {
	Format string `default:"text" enum:"text,json,svg,markdown" help:"text, json, svg or markdown (default ${default})."`
}

// Run explains. It exits with 0 if the request was allowed, with 1 if it was
// denied, with 2 if that cannot be decided.
func (c *explainCmd) Run(s streams) error {
	var record decision.Record
	err := c.record(&record)
	if err != nil {
		return unknown(s, "explain", err)
	}
	return c.print(s, &record)
}

func (c *explainCmd) record(into *decision.Record) error {
	if c.ID == "-" {
		return c.recordOfText(os.Stdin, into)
	}
	if c.Principal == "" && c.Action == "" && c.Resource == "" {
		return c.ask(http.MethodGet, "/_writ/decisions/"+url.PathEscape(c.ID), nil, into)
	}
	if c.Principal == "" || c.Action == "" {
		return errors.New("a hypothetical request needs --principal and --action")
	}
	return c.hypothetical(c.Principal, c.Action, c.Resource, c.Context, into)
}

// hypothetical asks the server about a hypothetical request.
func (s *running) hypothetical(principal, action, resource string, context map[string]string, into *decision.Record) error {
	body, err := json.Marshal(map[string]any{"principal": principal, "action": action, "resource": resource, "context": context})
	if err != nil {
		return err
	}
	return s.ask(http.MethodPost, "/_writ/decide", body, into)
}

// print prints a record and returns the exit code for its outcome.
func (f *format) print(s streams, record *decision.Record) error {
	write := map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return record.WriteText(w, hasColor(w)) },
		"json":     func(w io.Writer) error { return indented(w, record) },
		"svg":      record.WriteSVG,
		"markdown": record.WriteMarkdown,
	}[f.Format]
	if err := write(s.out); err != nil {
		return err
	}
	if record.Outcome != decision.Allowed {
		return exitCode(1)
	}
	return nil
}

// canCmd is `writ can`.
type canCmd struct {
	running
	format
	Principal string            `arg:"" help:"An ARN, an account id, a service or *."`
	Action    string            `arg:"" help:"The action, such as ssm:GetParameter."`
	Resource  string            `arg:"" optional:"" default:"*" help:"The ARN of the resource."`
	Context   map[string]string `help:"Condition keys: --context aws:SourceIp=203.0.113.7."`
}

// Run answers as explain does.
func (c *canCmd) Run(s streams) error {
	var record decision.Record
	if err := c.hypothetical(c.Principal, c.Action, c.Resource, c.Context, &record); err != nil {
		return unknown(s, "can", err)
	}
	return c.print(s, &record)
}
