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

// A process is a server under load, started by the benchmark.
type process struct {
	address string
	cmd     *exec.Cmd
	exited  chan struct{}
	log     string
}

// startWait bounds how long a server may take to its first good answer. Only
// servers in Python need more than a fraction of it.
const startWait = 2 * time.Minute

// start runs a server and returns once the probe, asked over and over, was
// answered with 200; how long that took is the second result. Its output goes to
// a file in folder.
func start(ctx context.Context, folder, name, address string, probe []byte, argv ...string) (*process, time.Duration, error) {
	output, err := os.Create(filepath.Join(folder, name+".log"))
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
			return nil, 0, fmt.Errorf("%s ended before it answered: %s", name, p.tail())
		case <-time.After(200 * time.Microsecond):
		}
		if took > startWait {
			p.stop()
			return nil, 0, fmt.Errorf("%s gave no good answer within %v (%w): %s", name, startWait, err, p.tail())
		}
	}
}

// tail is the end of what the process printed.
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

// cpu is the processor time the process has used, to the kernel's tick of 10 ms.
func (p *process) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	// The command's name stands in parentheses and may hold anything.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks time.Duration
	for _, field := range fields[11:13] { // utime, stime
		n, _ := strconv.Atoi(field)
		ticks += time.Duration(n)
	}
	return ticks * 10 * time.Millisecond
}

// memory is the resident set and its high-water mark, in bytes.
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
		return 0, 0, errors.New("no VmRSS in the process's status")
	}
	return resident << 10, peak << 10, nil
}

// freeAddress is a loopback address nobody listens on at this moment.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// get is an unsigned request, for probes.
func get(path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
}
