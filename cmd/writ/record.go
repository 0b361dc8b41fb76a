package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
)

// recordCmd is `writ record`.
type recordCmd struct {
	running
	To     string `required:"" placeholder:"FILE" help:"The file to append to: one JSON line per decision, as in an audit file."`
	Follow bool   `short:"f" help:"Write decisions as they are made, until interrupted."`
}

// mostRecorded is how many decisions a server gives at once.
const mostRecorded = "100000"

// Run writes the decisions that the server has kept, the oldest first, or those to come.
func (c *recordCmd) Run(s streams) (err error) {
	file, err := os.OpenFile(c.To, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if failed := file.Close(); err == nil {
			err = failed
		}
	}()
	if c.Follow {
		return c.stream(s, "record", url.Values{"brief": {"audit"}}, func(text string) error {
			_, err := fmt.Fprintln(file, text)
			return err
		})
	}
	var answer struct{ Decisions []json.RawMessage }
	query := url.Values{"brief": {"audit"}, "limit": {mostRecorded}}
	if err := c.ask(http.MethodGet, "/_writ/decisions?"+query.Encode(), nil, &answer); err != nil {
		return unknown(s, "record", err)
	}
	for i := len(answer.Decisions) - 1; i >= 0; i-- {
		if _, err := fmt.Fprintln(file, string(answer.Decisions[i])); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(s.out, "%d requests\n", len(answer.Decisions))
	return err
}
