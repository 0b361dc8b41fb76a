package worldfile

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Fault is something wrong with a world file.
type Fault struct {
	File    string
	Line    int    // from 1; 0 if it is not known
	Column  int    // from 1
	Path    string // "users[0].arn"; "" for the file as a whole
	Message string
}

// Error is "world.yaml:3:5: users[0].arn: message".
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	if f.Path != "" {
		b.WriteString(": " + f.Path)
	}
	return b.String() + ": " + f.Message
}

// position is a line and a column, both from 1.
type position struct{ line, column int }

// source is one file with the places of what stands in it, by path.
type source struct {
	file   string
	places map[string]position
	faults []error
	names  *names
	inputs map[string]reflect.Type // of the calls that make the entries of each section
}

// fault notes a fault at a path, at the place of what has it or of what it is in.
func (s *source) fault(path, format string, args ...any) {
	f := &Fault{File: s.file, Path: path, Message: fmt.Sprintf(format, args...)}
	for at := path; ; {
		if p, ok := s.places[at]; ok {
			f.Line, f.Column = p.line, p.column
			break
		}
		end := strings.LastIndexAny(at, ".[")
		if end < 0 {
			p := s.places[""]
			f.Line, f.Column = p.line, p.column
			break
		}
		at = at[:end]
	}
	s.faults = append(s.faults, f)
}

// sorted are the faults in the order of their places, each once.
func (s *source) sorted() []error {
	slices.SortStableFunc(s.faults, func(a, b error) int {
		x, y := a.(*Fault), b.(*Fault)
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	return slices.CompactFunc(s.faults, func(a, b error) bool { return a.Error() == b.Error() })
}

// err joins the faults; nil if there are none.
func (s *source) err() error { return errors.Join(s.sorted()...) }
