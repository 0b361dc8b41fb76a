package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// simulateCmd decides requests against policies in files, without a server. One
// request is given by flags; with --jsonl a stream of them, each with its
// policies, is read from the standard input.
type simulateCmd struct {
	JSONL bool `name:"jsonl" help:"Read one JSON object per line, answer with one per line in the same order."`

	Principal       string            `help:"Who asks: an ARN, an account id, a service such as sns.amazonaws.com, or * for anybody."`
	Action          string            `help:"The action, such as s3:GetObject."`
	Resource        string            `default:"*" help:"The ARN of the resource."`
	ResourceAccount string            `help:"The account of the resource, where its ARN does not tell."`
	Context         map[string]string `help:"Condition keys: --context aws:SourceIp=203.0.113.7."`

	Identity        []string `help:"Identity policies."`
	Boundary        []string `help:"The permissions boundary."`
	Session         []string `help:"Session policies."`
	ResourcePolicy  []string `help:"The resource's policy; a role's trust policy."`
	ServiceControl  []string `help:"Service control policies, one per level, the root's first."`
	ResourceControl []string `help:"Resource control policies, one per level, the root's first."`
}

// Run decides. It exits with 0 if the request is allowed, with 1 if it is
// denied, with 2 if the input cannot be read; a stream always ends with 0.
func (c *simulateCmd) Run(s streams) error {
	if c.JSONL {
		if err := simulateStream(os.Stdin, s.out); err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		return nil
	}
	req, policies, err := c.request()
	if err != nil {
		fmt.Fprintln(s.err, "writ: simulate:", err)
		return exitCode(2)
	}
	x := policy.Explain(req, policies)
	if _, err := io.WriteString(s.out, x.String()); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	if !x.Decision.Allowed() {
		return exitCode(1)
	}
	return nil
}

func (c *simulateCmd) request() (*policy.Request, *policy.Policies, error) {
	if c.Principal == "" || c.Action == "" {
		return nil, nil, errors.New("--principal and --action are needed, or --jsonl")
	}
	who, err := policy.ParsePrincipal(c.Principal)
	if err != nil {
		return nil, nil, err
	}
	req := &policy.Request{Principal: who, Action: c.Action, Resource: c.Resource, ResourceAccount: c.ResourceAccount}
	for key, value := range c.Context {
		req.Context.Set(key, value)
	}
	who.SetKeys(&req.Context)

	var p policy.Policies
	for _, layer := range []struct {
		files []string
		to    *[]policy.Attached
	}{{c.Identity, &p.Identity}, {c.Boundary, &p.Boundary}, {c.Session, &p.Session}, {c.ResourcePolicy, &p.Resource}} {
		if *layer.to, err = attachFiles(layer.files); err != nil {
			return nil, nil, err
		}
	}
	for _, layer := range []struct {
		files []string
		to    *[][]policy.Attached
	}{{c.ServiceControl, &p.ServiceControl}, {c.ResourceControl, &p.ResourceControl}} {
		for _, file := range layer.files {
			level, err := attachFiles([]string{file})
			if err != nil {
				return nil, nil, err
			}
			*layer.to = append(*layer.to, level)
		}
	}
	return req, &p, nil
}

func attachFiles(names []string) ([]policy.Attached, error) {
	var attached []policy.Attached
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		doc, err := policy.Parse(src)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		attached = append(attached, policy.Attached{Name: name, Document: doc})
	}
	return attached, nil
}

// simulateStream answers each line of in with a line of out. It takes the lines
// that are there at once, so that whoever writes one line and waits for its
// answer gets it, and divides many among the processors.
func simulateStream(in io.Reader, out io.Writer) error {
	debug.SetGCPercent(400) // a stream makes much garbage and keeps little
	lines := bufio.NewReaderSize(in, 1<<20)
	simulators := make([]*simulator, runtime.GOMAXPROCS(0))
	for i := range simulators {
		simulators[i] = &simulator{documents: make(map[string]*policy.Document)}
	}
	const most = 2048
	batch := make([][]byte, 0, most)
	for {
		line, err := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			batch = append(batch, line)
		}
		if lines.Buffered() == 0 || len(batch) == most || err != nil {
			if err := answerAll(simulators, batch, out); err != nil {
				return err
			}
			batch = batch[:0]
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// answerAll answers a batch of lines in their order.
func answerAll(simulators []*simulator, batch [][]byte, out io.Writer) error {
	share := max(32, (len(batch)+len(simulators)-1)/len(simulators))
	answers := make([][]byte, len(simulators))
	var wait sync.WaitGroup
	for i, s := range simulators {
		from, to := min(i*share, len(batch)), min((i+1)*share, len(batch))
		wait.Go(func() {
			for _, line := range batch[from:to] {
				answers[i] = append(answers[i], s.answer(line)...)
			}
		})
	}
	wait.Wait()
	for _, a := range answers {
		if _, err := out.Write(a); err != nil {
			return err
		}
	}
	return nil
}

// looksLikeLayer reports whether an unknown key was meant for a layer of
// policies: to pass over it would decide without what the user wrote.
func looksLikeLayer(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "polic") || strings.Contains(key, "boundar")
}
