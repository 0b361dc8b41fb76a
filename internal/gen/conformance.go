package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/format"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The SDKs test their codecs with vectors: small models, each with the request that a
// client sends for some parameters or the response that it decodes. Package
// wire/conformance uses them in reverse, as a server. This file generates its Go types
// and its copies of the vectors.

// suite is one model of a vector file with its cases.
type suite struct {
	Description string                  `json:"description"`
	Metadata    metadata                `json:"metadata"`
	Shapes      map[string]*vectorShape `json:"shapes"`
	Cases       []vector                `json:"cases"`
}

// vectorShape is a shape that may have a location. In real models only members have one.
type vectorShape struct {
	shape
	Location string `json:"location"`
}

// metadata is the description of a suite's service.
type metadata struct {
	APIVersion   string `json:"apiVersion"`
	TargetPrefix string `json:"targetPrefix"`
}

// vector is the operation of one case.
type vector struct {
	Given struct {
		Name string `json:"name"`
		HTTP struct {
			Method     string `json:"method"`
			RequestURI string `json:"requestUri"`
		} `json:"http"`
		Input  *payloadRef `json:"input"`
		Output *payloadRef `json:"output"`
	} `json:"given"`
}

// payloadRef is a shape that may name the member that is the body.
type payloadRef struct {
	Shape   string `json:"shape"`
	Payload string `json:"payload"`
}

// emitConformance writes the types and vectors of the conformance test below root. The
// module with the vectors is in dir.
func emitConformance(dir, root string) error {
	out := filepath.Join(root, "internal", "wire", "conformance")
	g := &vectorEmitter{emitter: emitter{types: map[string]bool{}}}
	for _, direction := range []string{"input", "output"} {
		for _, protocol := range []string{"rest-json", "json", "query"} {
			name := filepath.Join(direction, protocol+".json")
			text, err := os.ReadFile(filepath.Join(dir, "models", "protocol_tests", name))
			if err != nil {
				return err
			}
			if err := g.file(direction, protocol, text); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			to := filepath.Join(out, "testdata", name)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(to, text, 0o644); err != nil {
				return err
			}
		}
	}
	src, err := format.Source([]byte(g.source()))
	if err != nil {
		return fmt.Errorf("format vectors: %w", err)
	}
	return os.WriteFile(filepath.Join(out, "vectors_gen_test.go"), src, 0o644)
}

// vectorEmitter writes the types of all suites and a table of all operations.
type vectorEmitter struct {
	emitter
	table strings.Builder
}

// file emits the suites of one vector file.
func (g *vectorEmitter) file(direction, protocol string, text []byte) error {
	var suites []suite
	if err := json.Unmarshal(text, &suites); err != nil {
		return err
	}
	for i, s := range suites {
		prefix := fmt.Sprintf("%s%s%d", direction, goName(strings.ReplaceAll(protocol, "-j", "J")), i)
		g.suite(&s, direction, protocol, prefix, i)
	}
	return nil
}

// suite emits one suite: its structures under names that begin with prefix, and an
// operation per case. Constraints are omitted, because the vectors use enum values that
// no model allows.
func (g *vectorEmitter) suite(s *suite, direction, protocol, prefix string, index int) {
	for _, c := range s.Cases {
		for _, r := range []*payloadRef{c.Given.Input, c.Given.Output} {
			if r != nil && r.Payload != "" {
				s.Shapes[r.Shape].Payload = r.Payload
			}
		}
	}
	g.m = &model{Shapes: s.renamed(prefix)}
	for _, name := range slices.Sorted(maps.Keys(g.m.Shapes)) {
		if g.m.Shapes[name].Type == "structure" {
			g.structure(goName(name), fmt.Sprintf("is of %s/%s: %s.", direction, protocol, s.Description), &ref{Shape: name}, false)
		}
	}
	for i, c := range s.Cases {
		in, out, result := "struct{}", "struct{}", ""
		if r := c.Given.Input; r != nil && direction == "input" {
			in = goName(prefix + r.Shape)
		}
		if r := c.Given.Output; r != nil {
			out = goName(prefix + r.Shape)
			if protocol == "json" && len(g.m.Shapes[prefix+r.Shape].Members.names) == 0 {
				result = ", EmptyResult: true"
			}
		}
		fmt.Fprintf(&g.table, "\"%s/%s/%d/%d\": wire.NewOperation(&wire.Service{Name: \"vectors\", Protocol: %s, Version: %q, TargetPrefix: %q}, wire.API[*%s, *%s]{Name: %q, Method: %q, Path: %q%s}),\n",
			direction, protocol, index, i, protocols[protocol], s.Metadata.APIVersion, s.Metadata.TargetPrefix,
			in, out, c.Given.Name, cmp.Or(c.Given.HTTP.Method, "POST"), cmp.Or(c.Given.HTTP.RequestURI, "/"), result)
	}
}

// renamed returns the shapes under new names, with those traits moved to the members that
// the vectors have on shapes and real models have on members.
func (s *suite) renamed(prefix string) map[string]*shape {
	shapes := make(map[string]*shape, len(s.Shapes))
	for name, sh := range s.Shapes {
		shapes[prefix+name] = &sh.shape
		sh.Enum = nil
		for _, member := range sh.Members.refs {
			target := s.Shapes[member.Shape]
			member.Location = cmp.Or(member.Location, target.Location)
			if target.Type == "list" && target.Member.JSONValue {
				member.JSONValue = true
			}
		}
	}
	for _, sh := range shapes {
		for _, r := range sh.Members.refs {
			r.Shape = prefix + r.Shape
		}
		for _, r := range []*ref{sh.Member, sh.Key, sh.Value} {
			if r != nil {
				r.Shape = prefix + r.Shape
			}
		}
	}
	return shapes
}

// source is the file of types and operations.
func (g *vectorEmitter) source() string {
	return `// Code generated by internal/gen from the protocol test vectors of ` + modelModule + `. DO NOT EDIT.

package conformance

import (
	"time"

	"github.com/writdev/writ/internal/wire"
)

// operations contains the operation of every case, by direction, protocol, number of the
// suite in its file and number of the case in its suite.
var operations = map[string]*wire.Operation{
` + g.table.String() + `}
` + g.String()
}
