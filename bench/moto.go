package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// motoRound is the minimum duration of a round with moto, whose first response can take
// longer than a short round on a busy machine.
const motoRound = 5 * time.Second

// measureMoto compares Writ with moto where it is installed: first an operation that both
// serve and that does almost nothing, then parameters. A failure of moto is part of the
// report.
func (p plan) measureMoto(ctx context.Context, r, targets *report, writ *process) error {
	command, ok := motoCommand(ctx)
	if !ok {
		r.line("moto is not installed here and was not measured.\n")
		return nil
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	_, port, _ := strings.Cut(address, ":")
	root := rootOf(account)
	moto, took, failure := start(ctx, p.directory, "moto", address, newSigner(address, root).callerIdentity(), append(command, "-H", "127.0.0.1", "-p", port)...)
	if failure == nil {
		defer moto.stop()
	}
	p.duration = max(p.duration, motoRound)
	rival := func(workload string, items int) contender {
		if failure != nil {
			return contender{name: "moto", mayFail: true, run: func(context.Context, int, time.Duration) (outcome, error) { return outcome{}, failure }}
		}
		c := server("moto", moto, root, workload, items)
		c.mayFail = true
		return c
	}
	if _, err := p.contests(ctx, r, "STS GetCallerIdentity beside moto", []contender{rival("identity", 1), server("Writ", writ, root, "identity", 1)}); err != nil {
		return err
	}
	if err := p.measureParameters(ctx, r, targets, writ, moto, rival); err != nil {
		return err
	}
	if moto != nil {
		if resident, _, err := moto.memory(); err == nil { // it may have ended
			r.line("moto: start to first answer %s, resident %s.", micros(took), mebibytes(resident))
		}
	}
	r.line("moto verifies no signature, evaluates no policy and writes nothing to the disk.\n")
	return nil
}

func motoCommand(ctx context.Context) ([]string, bool) {
	if path, err := exec.LookPath("moto_server"); err == nil {
		return []string{path}, true
	}
	found := exec.CommandContext(ctx, "python3", "-c", "import moto.server").Run() == nil
	return []string{"python3", "-m", "moto.server"}, found
}

// measureParameters compares the parameters of Systems Manager, and encrypted with plain
// parameters of Writ.
func (p plan) measureParameters(ctx context.Context, r, targets *report, writ, moto *process, rival func(workload string, items int) contender) error {
	for _, server := range []*process{writ, moto} {
		if server == nil {
			continue
		}
		if err := fillParameters(server.address); err != nil {
			return fmt.Errorf("fill parameters of %s: %w", server.cmd.Path, err)
		}
	}
	root := rootOf(account)
	reads, err := p.contests(ctx, r, "SSM GetParameter beside moto", []contender{
		rival("get-parameter", few), server("Writ", writ, root, "get-parameter", few), server("Writ, SecureString", writ, root, "get-secure", few)})
	if err != nil {
		return err
	}
	writes, err := p.contests(ctx, r, "SSM PutParameter beside moto", []contender{
		rival("put-parameter", few), server("Writ, durable", writ, root, "put-parameter", few)})
	if err != nil {
		return err
	}
	for i, n := range p.connections {
		if n != 16 {
			continue
		}
		for _, of := range []struct {
			operation string
			outcome   []outcome
		}{{"GetParameter", reads[i]}, {"PutParameter", writes[i]}} {
			if theirs := of.outcome[0].rate; theirs > 0 {
				targets.goal(of.operation+", 16 connections, relative to moto", fmt.Sprintf("≥ %.0f×", targetOfMoto), ratio(of.outcome[1].rate/theirs), of.outcome[1].rate >= targetOfMoto*theirs)
			}
		}
		times := reads[i][1].rate / reads[i][2].rate
		targets.goal("time of reading a SecureString, relative to a String, 16 connections", fmt.Sprintf("≤ %.1f×", targetOfString), fmt.Sprintf("%.2f×", times), times <= targetOfString)
	}
	return nil
}

// fillParameters creates the parameters for the reads: the same number of each type.
func fillParameters(address string) error {
	c, s := &conn{address: address}, newSigner(address, rootOf(account))
	defer c.close()
	for i := range few {
		for _, request := range [][]byte{s.putParameter(i, 0), s.putSecure(i)} {
			if _, err := c.exchange(request); err != nil {
				return err
			}
		}
	}
	return nil
}
