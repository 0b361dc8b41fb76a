package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that the benchmark started.
type process struct {
	address string
	cmd     *exec.Cmd
	exited  chan struct{}
	log     string
}

// startWait limits the time until a server's first successful response. Only servers in
// Python need more than a fraction of it.
const startWait = 2 * time.Minute

// start runs a server and returns when the probe, which it repeats, was answered with
// 200; the second result is the time that this took. The server's output goes to a file
// in the directory.
func start(ctx context.Context, directory, name, address string, probe []byte, argv ...string) (*process, time.Duration, error) {
	output, err := os.Create(filepath.Join(directory, name+".log"))
	if err != nil {
		return nil, 0, err
	}
	defer output.Close()
	p := &process{address: address, cmd: exec.CommandContext(ctx, argv[0], argv[1:]...), exited: make(chan struct{}), log: output.Name()}
	p.cmd.Stdout, p.cmd.Stderr = output, output
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, err
	}
	go func() { p.cmd.Wait(); close(p.exited) }()

	c := &conn{address: address, deadline: began.Add(startWait)}
	defer c.close()
	for {
		_, err := c.exchange(probe)
		took := time.Since(began)
		if err == nil {
			return p, took, nil
		}
		c.close()
		select {
		case <-p.exited:
			return nil, 0, fmt.Errorf("%s ended before it was ready: %s", name, p.tail())
		case <-time.After(200 * time.Microsecond):
		}
		if took > startWait {
			p.stop()
			return nil, 0, fmt.Errorf("%s was not ready within %v (%w): %s", name, startWait, err, p.tail())
		}
	}
}

// tail returns the end of the process's output.
func (p *process) tail() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-2000):])
}

// stop ends the process and waits for it.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(10 * time.Second):
		p.cmd.Process.Kill()
		<-p.exited
	}
}

// cpu is the processor time that the process has used, in steps of the kernel's 10 ms.
func (p *process) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	// The command's name is in parentheses and may contain any character.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks time.Duration
	for _, field := range fields[11:13] { // utime, stime
		n, _ := strconv.Atoi(field)
		ticks += time.Duration(n)
	}
	return ticks * 10 * time.Millisecond
}

// memory returns the resident set size and its maximum, in bytes.
func (p *process) memory() (resident, peak int, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "VmRSS":
			fmt.Sscanf(value, "%d", &resident)
		case "VmHWM":
			fmt.Sscanf(value, "%d", &peak)
		}
	}
	if resident == 0 {
		return 0, 0, errors.New("no VmRSS in the status of the process")
	}
	return resident << 10, peak << 10, nil
}

// freeAddress returns a loopback address with a port that is free at the moment.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// get is an unsigned GET request, for probes.
func get(path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
}
