package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// A contender is a server or operation that is measured next to others.
type contender struct {
	name string
	run  func(ctx context.Context, connections int, duration time.Duration) (outcome, error)
	// A failure of it is part of the report and does not end the benchmark.
	mayFail bool
}

// An outcome is the result of one round of one contender.
type outcome struct {
	failure      error   // if the round failed
	rate         float64 // per second
	p50, p99     time.Duration
	serverCPU    time.Duration // per request
	generatorCPU float64       // share of one core
}

// contest runs the contenders in alternating rounds (A B A B ...), so that load from
// other processes affects all of them, and returns the median outcome of each. A
// contender that fails, and may fail, has no further rounds.
func contest(ctx context.Context, contenders []contender, connections, rounds int, duration time.Duration) ([]outcome, error) {
	outcomes := make([][]outcome, len(contenders))
	failures := make([]error, len(contenders))
	for n := range rounds {
		for i, c := range contenders {
			if failures[i] != nil {
				continue
			}
			o, err := c.run(ctx, connections, duration)
			if err != nil {
				if !c.mayFail || ctx.Err() != nil {
					return nil, fmt.Errorf("%s, connections %d: %w", c.name, connections, err)
				}
				fmt.Fprintf(os.Stderr, "  connections %d, round %d: %s failed: %v\n", connections, n+1, c.name, err)
				failures[i] = err
				continue
			}
			fmt.Fprintf(os.Stderr, "  connections %d, round %d: %s %.0f/s\n", connections, n+1, c.name, o.rate)
			outcomes[i] = append(outcomes[i], o)
		}
	}
	medians := make([]outcome, len(contenders))
	for i, of := range outcomes {
		if failures[i] != nil {
			medians[i].failure = failures[i]
			continue
		}
		medians[i] = outcome{
			rate:         medianOf(of, func(o outcome) float64 { return o.rate }),
			p50:          medianOf(of, func(o outcome) time.Duration { return o.p50 }),
			p99:          medianOf(of, func(o outcome) time.Duration { return o.p99 }),
			serverCPU:    medianOf(of, func(o outcome) time.Duration { return o.serverCPU }),
			generatorCPU: medianOf(of, func(o outcome) float64 { return o.generatorCPU }),
		}
	}
	return medians, nil
}

// server returns the contender that sends a workload to a process, signed with the
// credentials as.
func server(name string, p *process, as credentials, workload string, items int) contender {
	return contender{name: name, run: func(ctx context.Context, connections int, duration time.Duration) (outcome, error) {
		self, err := os.Executable()
		if err != nil {
			return outcome{}, err
		}
		generator := exec.CommandContext(ctx, self, "load", "-address", p.address, "-workload", workload,
			"-key", as.id, "-secret", as.secret, "-token", as.token,
			"-items", strconv.Itoa(items), "-connections", strconv.Itoa(connections), "-duration", duration.String())
		var complaint bytes.Buffer
		generator.Stderr = &complaint
		before := p.cpu()
		output, err := generator.Output()
		if err != nil {
			return outcome{}, fmt.Errorf("%w: %s\noutput of the server: %s", err, complaint.Bytes(), p.tail())
		}
		var r round
		if err := json.Unmarshal(output, &r); err != nil {
			return outcome{}, err
		}
		// Both processor times include the warm-up, a fifth of the measured time.
		return outcome{
			rate: r.rate(), p50: r.P50, p99: r.P99,
			serverCPU:    (p.cpu() - before) / time.Duration(r.Answered),
			generatorCPU: r.OwnCPU.Seconds() / (1.2 * r.Seconds),
		}, nil
	}}
}

// fsyncs returns the contender that appends 4 KiB to a file in the directory and calls
// fsync, again and again.
func fsyncs(directory string) contender {
	return contender{name: "4 KiB append + fsync", run: func(_ context.Context, _ int, duration time.Duration) (outcome, error) {
		name := filepath.Join(directory, "fsync")
		file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_TRUNC, 0o600)
		if err != nil {
			return outcome{}, err
		}
		defer os.Remove(name)
		defer file.Close()
		page := bytes.Repeat([]byte{'w'}, 4096)
		var latencies []time.Duration
		began := time.Now()
		for time.Since(began) < duration {
			one := time.Now()
			if _, err := file.Write(page); err != nil {
				return outcome{}, err
			}
			if err := file.Sync(); err != nil {
				return outcome{}, err
			}
			latencies = append(latencies, time.Since(one))
		}
		elapsed := time.Since(began)
		slices.Sort(latencies)
		return outcome{rate: float64(len(latencies)) / elapsed.Seconds(), p50: latencies[len(latencies)/2], p99: latencies[len(latencies)*99/100]}, nil
	}}
}
