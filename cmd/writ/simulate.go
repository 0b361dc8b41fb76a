package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/writdev/writ/policy"
)

// simulateCmd decides requests against policies in files, without a server. One
// request is given by flags; with --jsonl a stream of them, each with its
// policies, is read from the standard input.
type simulateCmd struct {
	JSONL bool `name:"jsonl" help:"Read one JSON object per line and write one result per line, in the same order."`

	Principal       string            `help:"The principal: an ARN, an account id, a service such as sns.amazonaws.com, or * for anyone."`
	Action          string            `help:"The action, such as s3:GetObject."`
	Resource        string            `default:"*" help:"The ARN of the resource."`
	ResourceAccount string            `help:"The account that owns the resource, if the ARN does not contain it."`
	Context         map[string]string `help:"Condition keys: --context aws:SourceIp=203.0.113.7."`

	Identity        []string `help:"Identity policies."`
	Boundary        []string `help:"The permissions boundary."`
	Session         []string `help:"Session policies."`
	ResourcePolicy  []string `help:"The resource's policy; a role's trust policy."`
	EndpointPolicy  []string `help:"The policy of the VPC endpoint that the request uses."`
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
	}{{c.Identity, &p.Identity}, {c.Boundary, &p.Boundary}, {c.Session, &p.Session}, {c.ResourcePolicy, &p.Resource}, {c.EndpointPolicy, &p.Endpoint}} {
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

func simulateStream(in io.Reader, out io.Writer) error {
	return answerStream(in, out, func() answerer { return &simulator{documents: make(map[string]*policy.Document)} })
}

// looksLikeLayer reports whether an unknown key was meant for a layer of
// policies: to pass over it would decide without what the user wrote.
func looksLikeLayer(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "polic") || strings.Contains(key, "boundar")
}
