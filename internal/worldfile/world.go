package worldfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// Format reads world files. It knows the operations that make what they declare.
type Format struct{ inputs map[string]reflect.Type }

// NewFormat returns the format of world files for some services. The error names an
// operation that they lack.
func NewFormat(services []*operation.Service) (*Format, error) {
	f := &Format{inputs: map[string]reflect.Type{}}
	for i := range kinds {
		k := &kinds[i]
		if k.create == "" {
			f.inputs[k.section] = reflect.TypeFor[struct{}]()
			continue
		}
		for _, svc := range services {
			for _, op := range svc.Operations {
				if svc.API.Name == k.service && op.Wire.Name == k.create {
					f.inputs[k.section] = op.Wire.In
				}
			}
		}
		if f.inputs[k.section] == nil {
			return nil, fmt.Errorf("world files: there is no operation %s:%s", k.service, k.create)
		}
	}
	return f, nil
}

// World is a world file that was read.
type World struct {
	File
	source *source
	named  map[string]named // the file's policies
}

// named is one of the file's policies.
type named struct {
	path string
	text json.RawMessage
}

// Read reads a world file. open reads another file that it names, which is relative to it.
// The error joins all that is wrong, each a [*Fault].
func (f *Format) Read(file string, text []byte, open func(name string) ([]byte, error)) (*World, error) {
	s := &source{file: file, places: map[string]position{}, inputs: f.inputs}
	root := s.parse(text)
	if root == nil {
		return nil, s.err()
	}
	w := &World{File: *s.decode(root), source: s, named: map[string]named{}}
	if len(s.faults) > 0 {
		return nil, s.err()
	}
	w.readPolicies(open)
	w.check()
	w.checkInvariants()
	if err := s.err(); err != nil {
		return nil, err
	}
	return w, nil
}

// readPolicies reads the file's policies, those in other files too.
func (w *World) readPolicies(open func(name string) ([]byte, error)) {
	for _, name := range sortedKeys(w.Policies) {
		d := w.Policies[name]
		path := memberPath("policies", name, true)
		text := d.Text
		switch {
		case d.Short != nil:
			text = d.Short.expand(w.source.names, place{identity: len(d.Short.To) == 0}, func(format string, args ...any) { w.source.fault(path, format, args...) })
		case d.Reference != "":
			read, err := open(d.Reference)
			if err != nil {
				w.source.fault(path, "%v", err)
				continue
			}
			text = read
		}
		w.named[name] = named{path, text}
		w.parsePolicy(path, text)
	}
}

// parsePolicy notes a fault if a text is no policy document.
func (w *World) parsePolicy(path string, text []byte) {
	_, err := policy.Parse(text)
	if err == nil {
		return
	}
	if bad, ok := errors.AsType[*policy.SyntaxError](err); ok {
		at := path
		if inside := path + "." + bad.Path.String(); len(bad.Path) > 0 && w.source.has(inside) {
			w.source.fault(inside, "%s", bad.Message)
			return
		}
		w.source.fault(at, "%v", bad)
		return
	}
	w.source.fault(path, "%v", err)
}

func (s *source) has(path string) bool { _, ok := s.places[path]; return ok }

// fullAccess is the policy that is there without being declared.
const fullAccess = "FullAWSAccess"

var fullAccessText = json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)

// resolved is a document where it is attached.
type resolved struct {
	name    string // "" for none
	managed string // the ARN of a managed policy; "" for a document
	text    string
}

// resolve finds what a document is where it is attached.
func (w *World) resolve(d Document, at place) resolved {
	switch {
	case d.Short != nil:
		text := d.Short.expand(w.source.names, at, func(format string, args ...any) { w.source.fault(d.path, format, args...) })
		return resolved{text: string(text)}
	case d.Text != nil:
		return resolved{name: d.Name, text: string(d.Text)}
	case d.Reference == fullAccess:
		return resolved{name: fullAccess, text: string(fullAccessText)}
	}
	if p, ok := w.named[d.Reference]; ok {
		return resolved{name: d.Reference, text: string(p.text)}
	}
	if long, err := w.source.names.full(d.Reference); err == nil {
		return resolved{managed: long}
	}
	w.source.fault(d.path, "there is no policy %q; a document, the name of one of policies, or an ARN stands here", d.Reference)
	return resolved{}
}
