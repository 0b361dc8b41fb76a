package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/fix"
)

// fixCmd is `writ fix`.
type fixCmd struct {
	running
	ID    string `arg:"" optional:"" default:"last" help:"The request id of a denial (default: the last denial)."`
	Apply bool   `help:"Apply the change and decide the request again."`
}

// Run prints the commands of the smallest change, or makes it. It exits with 0 if the
// request is allowed after the change or would be, with 1 if it is still denied, with 2
// if there is no change to make.
func (c *fixCmd) Run(s streams) error {
	var record decision.Record
	if err := c.ask(http.MethodGet, "/_writ/decisions/"+url.PathEscape(c.ID), nil, &record); err != nil {
		return unknown(s, "fix", err)
	}
	if fix.Denied(&record) == nil {
		return unknown(s, "fix", fmt.Errorf("the request %s was allowed", record.ID))
	}
	if slices.Contains(record.DecidedBy, decision.Ownership) {
		return unknown(s, "fix", errors.New(record.Change.Summary))
	}
	// The change is made to the policies of now, which may have changed since.
	now, err := c.decideAgain(record.ID)
	if err != nil {
		return unknown(s, "fix", err)
	}
	denied := fix.Denied(now)
	if denied == nil {
		fmt.Fprintf(s.out, "# the request is allowed by now: %s\n", now.Sentence)
		return nil
	}
	prefix := ""
	if !c.Apply { // the output is a script of a shell
		prefix = "# "
	}
	note := func(label, text string) { fmt.Fprintf(s.out, "%s%-9s%s\n", prefix, label, text) }
	note("denied:", denied.Sentence)
	if denied.Change == nil {
		return unknown(s, "fix", errors.New("no change of policies would allow the request"))
	}
	for _, o := range denied.Change.Obstacles {
		note("blocked:", o.Text)
	}
	if len(denied.Change.Edits) == 0 {
		return unknown(s, "fix", errors.New(denied.Change.Summary))
	}
	for _, e := range denied.Change.Edits {
		note("change:", e.Text)
	}
	calls, err := fix.For(denied, c.call)
	if err != nil {
		return unknown(s, "fix", err)
	}
	if !c.Apply {
		for _, call := range calls {
			fmt.Fprintf(s.out, "\n# as an administrator of account %s:\n%s\n", call.Account, call.Command())
		}
		return nil
	}
	return c.apply(s, record.ID, calls)
}

// apply makes the calls, one after the other, and decides the request again. What was
// made before a call fails stays.
func (c *fixCmd) apply(s streams, id string, calls []fix.Call) error {
	for _, call := range calls {
		if err := c.call(call, nil); err != nil {
			return unknown(s, "fix", fmt.Errorf("as the root user of %s: %w", call.Account, err))
		}
		fmt.Fprintf(s.out, "made:    %s as the root user of account %s\n", call.Operation, call.Account)
	}
	now, err := c.decideAgain(id)
	if err != nil {
		return unknown(s, "fix", err)
	}
	if denied := fix.Denied(now); denied != nil {
		fmt.Fprintf(s.out, "now:     still denied: %s\n", denied.Sentence)
		return exitCode(1)
	}
	fmt.Fprintf(s.out, "now:     %s\n", now.Sentence)
	return nil
}

// decideAgain decides the request of a record against the present state.
func (c *fixCmd) decideAgain(id string) (*decision.Record, error) {
	body, err := json.Marshal(map[string]string{"decision": id})
	if err != nil {
		return nil, err
	}
	now := new(decision.Record)
	return now, c.ask(http.MethodPost, "/_writ/decide", body, now)
}
