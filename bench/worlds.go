package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The targets of worlds and of replay.
const (
	targetCopy   = 5 * time.Millisecond // of a world of a hundred resources, with its first requests
	targetDelete = 5 * time.Millisecond
	targetWorlds = 256 << 20 // resident memory for a thousand worlds in use
	targetReplay = 100_000   // decisions per second
)

const (
	manyWorlds    = 1000
	replayedLines = 500_000
)

// measureWorlds measures copies of a seeded world, a thousand at once, and a replay by the
// command.
func (p plan) measureWorlds(ctx context.Context, r, targets *report) error {
	server, _, err := p.startWrit(ctx, "worlds")
	if err != nil {
		return err
	}
	defer server.stop()
	seed := seedWorld()
	control := controlOf(server.address)
	if err := control("PUT", "/_writ/worlds/seed", seed); err != nil {
		return err
	}
	var copies, deletions []time.Duration
	for n := range 200 {
		began := time.Now()
		if err := makeCopy(control, n); err != nil {
			return err
		}
		if _, err := useWorld(server.address, n); err != nil {
			return err
		}
		copied := time.Now()
		if err := control("DELETE", "/_writ/worlds/"+worldName(n), ""); err != nil {
			return err
		}
		copies, deletions = append(copies, copied.Sub(began)), append(deletions, time.Since(copied))
	}
	before, _, err := server.memory()
	if err != nil {
		return err
	}
	for n := range manyWorlds {
		if err := makeCopy(control, n); err != nil {
			return err
		}
		if _, err := useWorld(server.address, n); err != nil {
			return err
		}
	}
	var first []time.Duration // requests of worlds that were not used for long
	for n := range manyWorlds {
		took, err := useWorld(server.address, n)
		if err != nil {
			return err
		}
		first = append(first, took)
	}
	after, peak, err := server.memory()
	if err != nil {
		return err
	}
	rate, each, err := p.replay(ctx, seed)
	if err != nil {
		return err
	}
	r.line("## Worlds and replay\n")
	r.line("| | |\n|---|--:|")
	r.line("| copy of a world of 100 resources, two reads and a write of it, median of %d | %s |", len(copies), micros(median(copies)))
	r.line("| deletion of a used copy, median of %d | %s |", len(deletions), micros(median(deletions)))
	r.line("| resident for %d worlds more, each of which was written and read twice; at most | %s; %s |", manyWorlds, mebibytes(after-before), mebibytes(peak-before))
	r.line("| first request of one of these after all others were used, median | %s |", micros(median(first)))
	r.line("| `writ replay` of %d decisions, with its start | %.0f per second, %s of processor time each |\n", replayedLines, rate, micros(each))
	targets.goal("copy of a world and its first three requests", "≤ "+micros(targetCopy), micros(median(copies)), median(copies) <= targetCopy)
	targets.goal("deletion of a used world", "≤ "+micros(targetDelete), micros(median(deletions)), median(deletions) <= targetDelete)
	targets.goal("resident for 1,000 worlds in use, at most", "≤ "+mebibytes(targetWorlds), mebibytes(peak-before), peak-before <= targetWorlds)
	targets.goal("replay, decisions per second", fmt.Sprintf("≥ %d", targetReplay), fmt.Sprintf("%.0f", rate), rate >= targetReplay)
	return nil
}

// seedWorld is a world file of a hundred parameters with a policy each, and a user.
func seedWorld() string {
	var b strings.Builder
	b.WriteString("accounts: [{id: 111122223333, name: a}, {id: 444455556666, name: b}]\n" +
		"users: [{arn: b:user/ann, policies: [{allow: \"ssm:*\", on: \"*\"}]}]\nparameters:\n")
	for i := range 100 {
		fmt.Fprintf(&b, "  - {arn: a:parameter/p%d, type: String, value: v, tier: Advanced, policies: [{allow: ssm:GetParameter, to: b}]}\n", i)
	}
	return b.String()
}

// controlOf makes requests of Writ's own paths.
func controlOf(address string) func(method, path, body string) error {
	return func(method, path, body string) error {
		req, err := http.NewRequest(method, "http://"+address+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err == nil && resp.StatusCode >= 300 {
			err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
		}
		return err
	}
}

// makeCopy copies the seeded world.
func makeCopy(control func(method, path, body string) error, n int) error {
	return control("PUT", "/_writ/worlds/"+worldName(n)+"?from=seed", "")
}

func worldName(n int) string { return fmt.Sprintf("world-%d", n) }

// useWorld writes a parameter in a world and reads two. It returns how long the first
// request took.
func useWorld(address string, n int) (time.Duration, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	c := &conn{address: address}
	defer c.close()
	s := newSigner(worldName(n)+".localhost:"+port, rootOf("111122223333"))
	var took time.Duration
	for i, request := range [][]byte{
		s.ssm("GetParameter", map[string]any{"Name": fmt.Sprintf("p%d", n%100)}), s.putParameter(n, n), s.getParameter(n),
	} {
		began := time.Now()
		if _, err := c.exchange(request); err != nil {
			return 0, fmt.Errorf("request of world %d: %w", n, err)
		}
		if i == 0 {
			took = time.Since(began)
		}
	}
	return took, nil
}

// replay is how many decisions of an audit file the command makes again in a second: a
// hundred thousand kinds of requests, each of which is there five times; and the processor
// time of each, which depends less on what else the machine does.
func (p plan) replay(ctx context.Context, world string) (perSecond float64, each time.Duration, err error) {
	worldFile, audit := filepath.Join(p.directory, "replayed.yaml"), filepath.Join(p.directory, "audit.jsonl")
	if err := os.WriteFile(worldFile, []byte(world), 0o600); err != nil {
		return 0, 0, err
	}
	file, err := os.Create(audit)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	e := json.NewEncoder(out)
	for i := range replayedLines {
		kind := i % (replayedLines / 5)
		err := e.Encode(map[string]any{
			"version": 1, "id": fmt.Sprintf("3b1b4ad2-0000-4000-8000-%012d", i), "time": "2026-01-02T03:04:05.123456Z", "outcome": "allowed", "verdict": "allow",
			"decidedBy": []string{"identity", "resource"}, "action": "ssm:GetParameter", "resourceAccount": "111122223333",
			"caller":   map[string]any{"type": "user", "arn": "arn:aws:iam::444455556666:user/ann", "account": "444455556666"},
			"resource": fmt.Sprintf("arn:aws:ssm:us-east-1:111122223333:parameter/p%d", kind%100),
			"context": []map[string]any{
				{"key": "aws:SourceIp", "values": []string{fmt.Sprintf("10.%d.%d.1", kind/256%256, kind%256)}},
				{"key": "aws:UserAgent", "values": []string{"aws-cli/2.31 md/awscrt#0.27 ua/2.1 os/linux"}},
				{"key": "aws:CurrentTime", "values": []string{"2026-01-02T03:04:05Z"}},
			},
		})
		if err != nil {
			return 0, 0, err
		}
	}
	if err := out.Flush(); err != nil {
		return 0, 0, err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, p.writ, "replay", audit, "--world", worldFile, "--fail-on", "any")
	cmd.Stdout, cmd.Stderr = &said, &said
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, 0, fmt.Errorf("replay: %w: %.500s", err, said.Bytes())
	}
	perSecond = replayedLines / time.Since(began).Seconds()
	return perSecond, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()) / replayedLines, nil
}
