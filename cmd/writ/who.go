package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/writdev/writ/internal/decision"
)

// whoCanCmd is `writ who-can`.
type whoCanCmd struct {
	running
	Action   string `arg:"" help:"The action, such as ssm:GetParameter."`
	Resource string `arg:"" optional:"" default:"*" help:"The ARN of the resource."`
	JSON     bool   `name:"json" help:"Print JSON."`
	Reach    bool   `help:"Also list the principals that gain access by assuming roles, each with a shortest chain."`
	World    string `placeholder:"FILE" help:"With --reach: query this world file instead of a running server."`
}

// grantee is a principal that may do the action.
type grantee struct {
	Principal  string            `json:"principal"`
	Type       string            `json:"type"`
	Account    string            `json:"account,omitempty"`
	DecidedBy  []string          `json:"decidedBy"`
	Conditions []string          `json:"conditions,omitempty"`
	Example    map[string]string `json:"example,omitempty"`
}

// Run prints a principal a line, with the layers that let it in and the conditions
// of their statements; then those for which conditions remain, with "if".
func (c *whoCanCmd) Run(s streams) error {
	if c.Reach || c.World != "" {
		return c.reach(s)
	}
	var answer struct {
		Action     string    `json:"action"`
		Resource   string    `json:"resource"`
		Asked      int       `json:"asked"`
		Principals []grantee `json:"principals"`
		// Conditional are those for which conditions remain.
		Conditional []grantee `json:"conditional,omitempty"`
	}
	query := url.Values{"action": {c.Action}, "resource": {c.Resource}}
	if err := c.ask(http.MethodGet, "/_writ/who-can?"+query.Encode(), nil, &answer); err != nil {
		return unknown(s, "who-can", err)
	}
	if c.JSON {
		return indented(s.out, answer)
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, p := range answer.Principals {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Principal, p.Type, strings.Join(p.DecidedBy, "+"), strings.Join(p.Conditions, "; "))
	}
	for _, p := range answer.Conditional {
		fmt.Fprintf(w, "%s\t%s\t%s\tif %s\n", p.Principal, p.Type, strings.Join(p.DecidedBy, "+"), strings.Join(p.Conditions, "; "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	conditional := ""
	if n := len(answer.Conditional); n > 0 {
		conditional = fmt.Sprintf(", %d more on conditions", n)
	}
	_, err := fmt.Fprintf(s.out, "%d of %d principals%s\n", len(answer.Principals), answer.Asked, conditional)
	return err
}

// whatCanCmd is `writ what-can`.
type whatCanCmd struct {
	running
	Principal string `arg:"" help:"An ARN, an account id, a service or *."`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// Run prints a resource a line, with the actions.
func (c *whatCanCmd) Run(s streams) error {
	var answer struct {
		Principal string `json:"principal"`
		Resources []struct {
			Resource string   `json:"resource"`
			Actions  []string `json:"actions"`
		} `json:"resources"`
	}
	if err := c.ask(http.MethodGet, "/_writ/what-can?"+url.Values{"principal": {c.Principal}}.Encode(), nil, &answer); err != nil {
		return unknown(s, "what-can", err)
	}
	if c.JSON {
		return indented(s.out, answer)
	}
	for _, r := range answer.Resources {
		if _, err := fmt.Fprintf(s.out, "%s  %s\n", r.Resource, strings.Join(r.Actions, " ")); err != nil {
			return err
		}
	}
	return nil
}

// logCmd is `writ log`.
type logCmd struct {
	running
	Follow bool `short:"f" help:"Print decisions as they are made, until interrupted."`
	Denied bool `help:"Print denials only."`
}

// Run prints a decision a line, the oldest first.
func (c *logCmd) Run(s streams) error {
	query := url.Values{}
	if c.Denied {
		query.Set("outcome", string(decision.Denied))
	}
	if c.Follow {
		return c.follow(s, query)
	}
	query.Set("limit", "1000")
	var answer struct{ Decisions []decision.Record }
	if err := c.ask(http.MethodGet, "/_writ/decisions?"+query.Encode(), nil, &answer); err != nil {
		return unknown(s, "log", err)
	}
	for i := len(answer.Decisions) - 1; i >= 0; i-- {
		if _, err := fmt.Fprintln(s.out, answer.Decisions[i].Line()); err != nil {
			return err
		}
	}
	return nil
}

// follow prints the events of the stream.
func (c *logCmd) follow(s streams, query url.Values) error {
	return c.stream(s, "log", query, func(text string) error {
		var record decision.Record
		if err := json.Unmarshal([]byte(text), &record); err != nil {
			return unknown(s, "log", err)
		}
		_, err := fmt.Fprintln(s.out, record.Line())
		return err
	})
}

// stream calls each with the events of the stream of decisions, until that ends.
func (r *running) stream(s streams, verb string, query url.Values, each func(text string) error) error {
	req, err := r.request(http.MethodGet, "/_writ/decisions/stream?"+query.Encode(), nil)
	if err != nil {
		return unknown(s, verb, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return unknown(s, verb, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return unknown(s, verb, faultOf(r.Endpoint, resp))
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		text, found := strings.CutPrefix(lines.Text(), "data: ")
		if !found {
			continue
		}
		if err := each(text); err != nil {
			return err
		}
	}
	return lines.Err()
}
