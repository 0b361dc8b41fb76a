package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/writdev/writ"
)

// doctorCmd is `writ doctor`. It exits with 1 if it finds what keeps Writ or its clients from
// working.
type doctorCmd struct {
	Listen string `default:"127.0.0.1:4566" env:"WRIT_LISTEN" placeholder:"HOST:PORT" help:"The address of the server (default ${default})."`
	Data   string `default:"./writ-data" env:"WRIT_DATA" placeholder:"DIR" help:"Data directory (default ${default})."`
}

// finding is what one look found.
type finding struct {
	bad  bool
	what string
	todo string // what helps; "" if all is well
}

// Run looks at one thing after the other.
func (c *doctorCmd) Run(s streams) error {
	failed := false
	for _, look := range []func() finding{c.port, c.clock, c.endpoints, c.credentials, c.proxy, c.data} {
		f := look()
		mark := "ok   "
		if f.bad {
			mark, failed = "BAD  ", true
		}
		fmt.Fprintln(s.out, mark+f.what)
		if f.todo != "" {
			fmt.Fprintln(s.out, "       "+f.todo)
		}
	}
	if failed {
		return exitCode(1)
	}
	return nil
}

// health asks the server at the address; the time is that of its answer.
func (c *doctorCmd) health() (isWrit bool, at time.Time, err error) {
	client := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{}} // without a proxy
	resp, err := client.Get("http://" + c.Listen + "/_writ/health")
	if err != nil {
		return false, time.Time{}, err
	}
	defer resp.Body.Close()
	at, _ = http.ParseTime(resp.Header.Get("Date"))
	return resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Type") == "application/json", at, nil
}

func (c *doctorCmd) port() finding {
	listener, err := net.Listen("tcp", c.Listen)
	if err == nil {
		listener.Close()
		return finding{what: c.Listen + " is free: no server runs there", todo: "writ serve starts one"}
	}
	isWrit, _, asked := c.health()
	switch {
	case asked == nil && isWrit:
		return finding{what: "a Writ answers at " + c.Listen}
	case asked == nil:
		return finding{true, c.Listen + " is in use by a server that is no Writ", "use another port: writ serve --listen 127.0.0.1:4567, or end what listens there"}
	}
	return finding{true, fmt.Sprintf("%s cannot be used: %v", c.Listen, err), "use another address with --listen (WRIT_LISTEN)"}
}

// maxSkew is how far apart clocks may be for signatures to be accepted.
const maxSkew = 5 * time.Minute

func (c *doctorCmd) clock() finding {
	_, at, err := c.health()
	if err != nil || at.IsZero() {
		return finding{what: "clock: no server to compare with"}
	}
	if skew := time.Since(at).Round(time.Second); skew.Abs() > maxSkew {
		return finding{true, fmt.Sprintf("the clock of the server is %v from this one: signatures are refused", skew), "set the clocks by NTP; in a virtual machine, after it slept"}
	}
	return finding{what: "clock: the server's agrees with this one"}
}

// endpoints looks at the variables by which AWS clients find their endpoint.
func (c *doctorCmd) endpoints() finding {
	want := "export AWS_ENDPOINT_URL=http://" + c.Listen
	if strings.EqualFold(os.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		return finding{true, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true: clients go to AWS, not to Writ", "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}
	}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "AWS_ENDPOINT_URL") || value == "" {
			continue
		}
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return finding{true, name + " is no URL: " + value, want}
		}
		if u.Host != c.Listen && !strings.HasSuffix(u.Hostname(), ".localhost") && u.Host != strings.Replace(c.Listen, "127.0.0.1", "localhost", 1) {
			return finding{true, name + " is another server's: " + value, want}
		}
	}
	if os.Getenv("AWS_ENDPOINT_URL") == "" {
		return finding{true, "AWS_ENDPOINT_URL is not set: clients go to AWS", want}
	}
	return finding{what: "AWS_ENDPOINT_URL leads to " + c.Listen}
}

func (c *doctorCmd) credentials() finding {
	switch {
	case os.Getenv("AWS_PROFILE") != "":
		return finding{true, "AWS_PROFILE is set: some clients take its endpoint and credentials before those of the environment", "unset AWS_PROFILE"}
	case os.Getenv("AWS_REGION") == "" && os.Getenv("AWS_DEFAULT_REGION") == "":
		return finding{true, "neither AWS_REGION nor AWS_DEFAULT_REGION is set", "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"}
	case os.Getenv("AWS_ACCESS_KEY_ID") == "":
		return finding{true, "AWS_ACCESS_KEY_ID is not set", "export AWS_ACCESS_KEY_ID=111122223333 AWS_SECRET_ACCESS_KEY=test"}
	}
	return finding{what: "region and credentials are set"}
}

// proxy finds proxies that requests to this machine would go through.
func (c *doctorCmd) proxy() finding {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		if os.Getenv(name) == "" {
			continue
		}
		host, _, _ := net.SplitHostPort(c.Listen)
		if none := os.Getenv("NO_PROXY") + "," + os.Getenv("no_proxy"); !strings.Contains(none, host) && !strings.Contains(none, "*") {
			return finding{true, name + " is set, and NO_PROXY has no " + host + ": clients ask the proxy for Writ", "export NO_PROXY=" + host + ",localhost"}
		}
	}
	return finding{what: "no proxy stands between clients and " + c.Listen}
}

// data reads the directory, as writ verify does.
func (c *doctorCmd) data() finding {
	if c.Data == writ.Memory || strings.Contains(c.Data, "://") {
		return finding{what: "data: " + c.Data + " is no directory"}
	}
	if _, err := os.Stat(c.Data); errors.Is(err, fs.ErrNotExist) {
		return finding{what: "data: " + c.Data + " is not there yet; writ serve makes it"}
	}
	report, err := writ.Verify(context.Background(), c.Data)
	switch {
	case err != nil:
		return finding{true, fmt.Sprintf("data: %v", err), "use another directory with --data, or the version of Writ that made this one; writ verify " + c.Data + " tells more"}
	case len(report.Problems) > 0:
		return finding{true, fmt.Sprintf("data: %s has %d problems", c.Data, len(report.Problems)), "writ verify " + c.Data + " lists them; writ restore makes a directory of a backup"}
	}
	return finding{what: "data: " + c.Data + " is sound"}
}
