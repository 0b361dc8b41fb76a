package main

import (
	"fmt"
	"net/http"
	"time"
)

// healthCmd is `writ health`. It exits with 1 if the server is not ready: containers ask it.
type healthCmd struct {
	Listen string `default:"127.0.0.1:4566" env:"WRIT_LISTEN" placeholder:"HOST:PORT" help:"The address of the server (default ${default})."`
}

// Run asks the server on this machine.
func (c *healthCmd) Run(s streams) error {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{}} // without a proxy
	resp, err := client.Get("http://" + c.Listen + "/_writ/ready")
	if err != nil {
		fmt.Fprintln(s.err, "writ: health:", err)
		return exitCode(1)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		fmt.Fprintln(s.err, "writ: health:", resp.Status)
		return exitCode(1)
	}
	_, err = fmt.Fprintln(s.out, "ready")
	return err
}
