package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// changedAccess is what a principal of the server gains and loses.
type changedAccess struct {
	Principal string   `json:"principal"`
	Resource  string   `json:"resource"`
	Gained    []string `json:"gained,omitempty"`
	Lost      []string `json:"lost,omitempty"`
}

// askServer asks a running server which principals a change of policies affects, and prints them.
func (c *diffCmd) askServer(s streams) error {
	var answer struct {
		Asked   int             `json:"asked"`
		Changes []changedAccess `json:"changes"`
	}
	body, err := c.serverQuestion()
	if err == nil {
		err = c.ask(http.MethodPost, "/_writ/diff", body, &answer)
	}
	if err != nil {
		return unknown(s, "diff", err)
	}
	var gained, lost bool
	for _, a := range answer.Changes {
		gained, lost = gained || a.Gained != nil, lost || a.Lost != nil
	}
	if c.Format == "json" {
		err = indented(s.out, answer)
	} else {
		err = printChangedAccess(s, answer.Changes, answer.Asked)
	}
	if err != nil {
		return err
	}
	for _, on := range c.FailOn {
		if gained && on != "less" && on != "unknown" || lost && on != "more" && on != "unknown" {
			return exitCode(1)
		}
	}
	return nil
}

func printChangedAccess(s streams, changes []changedAccess, asked int) error {
	var b strings.Builder
	for _, a := range changes {
		for _, action := range a.Gained {
			fmt.Fprintf(&b, "gained  %s  %s  %s\n", a.Principal, action, a.Resource)
		}
		for _, action := range a.Lost {
			fmt.Fprintf(&b, "lost    %s  %s  %s\n", a.Principal, action, a.Resource)
		}
	}
	_, err := fmt.Fprintf(s.out, "%s%d requests decided with both documents\n", b.String(), asked)
	return err
}

func (c *diffCmd) serverQuestion() ([]byte, error) {
	switch {
	case len(c.Documents) != 2:
		return nil, errors.New("two documents are needed")
	case c.Kind == "scp" && c.Resource == "":
	case (c.Resource == "") == (c.Principal == ""):
		return nil, errors.New("--server needs --resource, --principal or --kind scp")
	case c.Format != "text" && c.Format != "json":
		return nil, errors.New("--server prints text or json")
	}
	kind, known := policy.ParseKind(c.Kind)
	if !known {
		kind = policy.Identity
		if c.Resource != "" {
			kind = policy.Resource
		}
	}
	var sides [2]json.RawMessage
	for i, name := range c.Documents {
		d, err := readDocument(name)
		if err != nil {
			return nil, err
		}
		if err := analyze.Check(d, kind); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		sides[i] = json.RawMessage(d.Source())
	}
	question := map[string]any{"old": sides[0], "new": sides[1]}
	if c.Resource != "" {
		question["resource"] = c.Resource
	} else {
		question["principal"], question["kind"] = c.Principal, kind.String()
	}
	return json.Marshal(question)
}
