package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// Targets of keeping decisions: the rate relative to the same server without decision
// records.
const (
	targetRing   = 0.97     // with the last 10,000 decisions in memory
	targetAudit  = 0.90     // with an audit file as well
	targetMemory = 20 << 20 // for 10,000 decisions
)

// measureDecisions compares servers that keep decisions with one that keeps none, over 16
// connections, each on its own data.
func (p plan) measureDecisions(ctx context.Context, r, targets *report) error {
	var servers [3]*process
	for i, flags := range [][]string{{"--decisions", "0"}, nil, {"--audit", filepath.Join(p.directory, "audit.jsonl")}} {
		s, _, err := p.startWrit(ctx, fmt.Sprintf("decisions-%d", i), flags...)
		if err != nil {
			return err
		}
		defer s.stop()
		if _, err := fill(s.address, few); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
		servers[i] = s
	}
	p.connections, p.rounds = []int{16}, 3*p.rounds
	for _, workload := range []string{"get", "put"} {
		var contenders []contender
		for i, name := range []string{"no decisions", "10,000 decisions", "10,000 decisions and an audit file"} {
			contenders = append(contenders, server(name, servers[i], rootOf(account), workload, few))
		}
		title := map[string]string{"get": "GetImagePolicy", "put": "PutImagePolicy"}[workload] + ", with decisions kept"
		medians, err := p.contests(ctx, r, title, contenders)
		if err != nil {
			return err
		}
		m := medians[0]
		for i, target := range []float64{targetRing, targetAudit} {
			of := m[i+1].rate / m[0].rate
			targets.goal(title+": "+contenders[i+1].name+", relative to no decisions", "≥ "+ratio(target), fmt.Sprintf("%.1f %%", 100*of), of >= target)
		}
	}
	time.Sleep(2 * time.Second)
	none, _, err := servers[0].memory()
	if err != nil {
		return err
	}
	kept, _, err := servers[1].memory()
	if err != nil {
		return err
	}
	targets.goal("resident memory with 10,000 decisions, over that without", "≤ "+mebibytes(targetMemory), mebibytes(kept-none), kept-none <= targetMemory)
	return nil
}
