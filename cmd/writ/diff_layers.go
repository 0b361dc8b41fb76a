package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// compareLayers compares two sets of policies of all layers. Each file has the
// members of a line of writ simulate --jsonl; a principal, an action and a resource,
// which may be patterns, restrict the question.
func (c *diffCmd) compareLayers(oldName, newName string) (d difference, err error) {
	d.oldName, d.newName, d.layers = oldName, newName, true
	var sets [2]policy.Policies
	var about [2]analyze.Subject
	for i, name := range []string{oldName, newName} {
		if sets[i], about[i], err = readLayers(name); err != nil {
			return d, fmt.Errorf("%s: %w", name, err)
		}
	}
	if !sameSubject(&about[0], &about[1]) {
		return d, errors.New("the two sets are about different principals, actions or resources")
	}
	d.Comparison = analyze.CompareSets(&sets[0], &sets[1], about[0], options())
	return d, nil
}

func sameSubject(a, b *analyze.Subject) bool {
	if a.Action != b.Action || a.Resource != b.Resource || (a.Principal == nil) != (b.Principal == nil) {
		return false
	}
	return a.Principal == nil || a.Principal.ARN == b.Principal.ARN && a.Principal.Kind == b.Principal.Kind
}

func readLayers(name string) (policies policy.Policies, about analyze.Subject, err error) {
	src, err := readFile(name)
	if err != nil {
		return policies, about, err
	}
	s := &simulator{documents: make(map[string]*policy.Document)}
	var in lineInput
	principal, err := s.members(bytes.TrimSpace(src), &in)
	if err != nil {
		return policies, about, err
	}
	about.Action = s.request.Action
	if s.request.Resource != "*" {
		about.Resource = s.request.Resource
	}
	if principal != "" {
		p, err := policy.ParsePrincipal(principal)
		if err != nil {
			return policies, about, err
		}
		about.Principal = &p
	}
	return in.policies, about, checkLayers(&in.policies)
}

// checkLayers names the policies by their place, and returns an error if one of them
// is malformed.
func checkLayers(p *policy.Policies) error {
	check := func(layer []policy.Attached, kind policy.Kind, name string) error {
		for i := range layer {
			layer[i].Name = fmt.Sprintf("%s[%d]", name, i)
			if err := analyze.Check(layer[i].Document, kind); err != nil {
				return fmt.Errorf("%s: %w", layer[i].Name, err)
			}
		}
		return nil
	}
	err := errors.Join(
		check(p.Identity, policy.Identity, "identityPolicies"), check(p.Boundary, policy.Boundary, "permissionsBoundaries"),
		check(p.Session, policy.Session, "sessionPolicies"), check(p.Resource, policy.Resource, "resourcePolicy"),
		check(p.Endpoint, policy.Endpoint, "endpointPolicies"),
	)
	for i, level := range p.ServiceControl {
		err = errors.Join(err, check(level, policy.ServiceControl, fmt.Sprintf("serviceControlPolicies[%d]", i)))
	}
	for i, level := range p.ResourceControl {
		err = errors.Join(err, check(level, policy.ResourceControl, fmt.Sprintf("resourceControlPolicies[%d]", i)))
	}
	return err
}
