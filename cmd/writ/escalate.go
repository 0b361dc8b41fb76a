package main

import (
	"fmt"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// escalateCmd lists the documented ways of privilege escalation that a caller's
// policies leave open. It exits with 0 if there is none, with 1 if there is one or
// that is unknown, with 2 if a document cannot be read.
type escalateCmd struct {
	Principal string `default:"arn:aws:iam::111122223333:user/a" help:"The caller: the ARN of a user or of a role (default ${default})."`

	Identity       []string `help:"Identity policies."`
	Boundary       []string `help:"The permissions boundary."`
	Session        []string `help:"Session policies."`
	ServiceControl []string `help:"Service control policies, one per level, the root's first."`
}

// Run lists the ways, each with a request for every action that it takes.
func (c *escalateCmd) Run(s streams) error {
	who, p, err := c.read()
	if err != nil {
		fmt.Fprintln(s.err, "writ: escalate:", err)
		return exitCode(2)
	}
	found, unknown := analyze.Escalates(who, p, options())
	for _, e := range found {
		fmt.Fprintln(s.out, e.Method)
		for _, w := range e.Path {
			if _, err := fmt.Fprintf(s.out, "  %s\n", w.After.Sentence(&w.Request)); err != nil {
				return fmt.Errorf("escalate: %w", err)
			}
		}
	}
	for _, method := range unknown {
		fmt.Fprintf(s.out, "unknown: %s\n", method)
	}
	if len(found)+len(unknown) > 0 {
		return exitCode(1)
	}
	return nil
}

func (c *escalateCmd) read() (policy.Principal, *policy.Policies, error) {
	simulate := simulateCmd{
		Principal: c.Principal, Action: "iam:PassRole", Resource: "*",
		Identity: c.Identity, Boundary: c.Boundary, Session: c.Session, ServiceControl: c.ServiceControl,
	}
	req, p, err := simulate.request()
	if err != nil {
		return policy.Principal{}, nil, err
	}
	if k := req.Principal.Kind; k != policy.User && k != policy.RoleSession {
		return policy.Principal{}, nil, fmt.Errorf("principal %s: not a user or a role", c.Principal)
	}
	return req.Principal, p, nil
}
