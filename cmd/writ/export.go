package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// exportCmd is `writ export`.
type exportCmd struct {
	running
	Output string `short:"o" placeholder:"FILE" help:"Write to this file instead of standard output, replacing it. Only its owner may read it, because it contains secret parameters."`
}

// Run writes the world file.
func (c *exportCmd) Run(s streams) error {
	text, err := c.export()
	if err != nil {
		return unknown(s, "export", err)
	}
	if c.Output != "" {
		return os.WriteFile(c.Output, text, 0o600)
	}
	_, err = s.out.Write(text)
	return err
}

// export reads the state of the server as a world file. The endpoint may be that of a world.
func (s *running) export() ([]byte, error) {
	root, world, _ := strings.Cut(strings.TrimSuffix(s.Endpoint, "/"), "/_writ/w/")
	if world == "" {
		world = "main"
	}
	at := running{Endpoint: root, AdminTokenFile: s.AdminTokenFile}
	req, err := at.request(http.MethodGet, "/_writ/worlds/"+world+"/file", nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: time.Minute}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, faultOf(root, resp)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the export: %w", err)
	}
	return text, nil
}
