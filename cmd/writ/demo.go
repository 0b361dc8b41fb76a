package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/fix"
)

// demoCmd is `writ demo`.
type demoCmd struct{}

// The accounts and the parameter of the demonstration.
const (
	demoOwner     = "111122223333"
	demoReader    = "444455556666"
	demoRegion    = "us-east-1"
	demoName      = "/demo/endpoint"
	demoParameter = "arn:aws:ssm:" + demoRegion + ":" + demoOwner + ":parameter" + demoName
)

// Run starts a server in memory and has one account read a parameter of another: denied,
// explained, fixed, allowed.
func (c *demoCmd) Run(s streams) error {
	server, err := writ.New(writ.Config{Data: writ.Memory})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, server.Close())
	}
	h := newHTTPServer(server, usualPatience, slog.New(slog.DiscardHandler))
	go h.Serve(listener)
	err = demonstrate(s, running{Endpoint: "http://" + listener.Addr().String()})
	return errors.Join(err, h.Close(), server.Close())
}

// demonstrate runs the steps against a server.
func demonstrate(s streams, server running) error {
	title := func(format string, args ...any) { fmt.Fprintf(s.out, "\n== "+format+"\n\n", args...) }

	title("Account %s stores a parameter.", demoOwner)
	err := demoCall(s.out, server, fix.Call{
		Account: demoOwner, Region: demoRegion, Service: "ssm", Operation: "PutParameter",
		Params: []fix.Param{{Name: "Name", Value: demoName}, {Name: "Type", Value: "String"}, {Name: "Value", Value: "https://db.internal"}, {Name: "Tier", Value: "Advanced"}},
	}, nil)
	if err != nil {
		return err
	}

	title("Account %s reads it, and is denied.", demoReader)
	read := fix.Call{
		Account: demoReader, Region: demoRegion, Service: "ssm", Operation: "GetParameter",
		Params: []fix.Param{{Name: "Name", Value: demoParameter}},
	}
	err = demoCall(s.out, server, read, nil)
	if err == nil {
		return errors.New("demo: the read was allowed before any policy was attached")
	}
	fmt.Fprintln(s.out, err)

	title("Why? (writ explain)")
	var record decision.Record
	if err := server.ask(http.MethodGet, "/_writ/decisions/last", nil, &record); err != nil {
		return err
	}
	if err := record.WriteText(s.out, hasColor(s.out)); err != nil {
		return err
	}

	title("What is the smallest change? (writ fix --apply)")
	if err := (&fixCmd{running: server, ID: "last", Apply: true}).Run(s); err != nil {
		return err
	}

	title("Account %s reads it again.", demoReader)
	var answer struct{ Parameter json.RawMessage }
	if err := demoCall(s.out, server, read, &answer); err != nil {
		return err
	}
	var parameter struct{ Name, Value string }
	if err := json.Unmarshal(answer.Parameter, &parameter); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s = %s\n", parameter.Name, parameter.Value)
	fmt.Fprintln(s.out, "\nRun writ serve, and point any AWS client at it.")
	return nil
}

// demoCall prints a call as a command of the AWS CLI and makes it.
func demoCall(w io.Writer, server running, c fix.Call, into any) error {
	fmt.Fprintf(w, "$ AWS_ACCESS_KEY_ID=%s %s\n", c.Account, strings.TrimSpace(c.Command()))
	return server.call(c, into)
}
