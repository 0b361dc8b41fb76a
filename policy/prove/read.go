package prove

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// Fault is something wrong with a world file.
type Fault struct {
	File    string
	Line    int // from 1; 0 if it is not known
	Column  int // from 1
	Path    string
	Message string
}

// Error is "world.json:3:5: users[0].arn: message".
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

// Read reads a world in JSON. The error joins all that is wrong with its form,
// each a [*Fault].
func Read(file string, text []byte) (*World, error) {
	r := &reader{file: file, text: text, dec: json.NewDecoder(bytes.NewReader(text)), places: map[string]int{}}
	r.dec.UseNumber()
	r.value("", reflect.TypeFor[World]())
	if len(r.faults) == 0 {
		if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
			r.fault("", int(r.dec.InputOffset()), "text after the end of the world")
		}
	}
	if len(r.faults) > 0 {
		return nil, errors.Join(r.faults...)
	}
	w := &World{}
	if err := json.Unmarshal(text, w); err != nil {
		return nil, &Fault{File: file, Message: err.Error()}
	}
	return w, nil
}

// reader compares a JSON text with the types of a world.
type reader struct {
	file   string
	text   []byte
	dec    *json.Decoder
	places map[string]int // where each path stands
	faults []error
	broken bool // the text is no JSON from here on
}

func (r *reader) fault(path string, offset int, format string, args ...any) {
	line, column := lineOf(r.text, offset)
	r.faults = append(r.faults, &Fault{File: r.file, Line: line, Column: column, Path: path, Message: fmt.Sprintf(format, args...)})
}

func lineOf(text []byte, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	return bytes.Count(before, []byte("\n")) + 1, offset - bytes.LastIndexByte(before, '\n')
}

// start is the offset of the next token.
func (r *reader) start() int {
	at := int(r.dec.InputOffset())
	for at < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[at]) >= 0 {
		at++
	}
	return at
}

func (r *reader) token(path string) json.Token {
	if r.broken {
		return nil
	}
	t, err := r.dec.Token()
	if err != nil {
		at := int(r.dec.InputOffset())
		if e, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = int(e.Offset) - 1
		}
		if errors.Is(err, io.EOF) {
			err = errors.New("the text ends too early")
		}
		r.fault(path, max(at, 0), "%s", strings.TrimPrefix(err.Error(), "json: "))
		r.broken = true
	}
	return t
}

var rawTypes = []reflect.Type{reflect.TypeFor[Document](), reflect.TypeFor[json.RawMessage]()}

// value reads a value that should be of a type.
func (r *reader) value(path string, t reflect.Type) {
	at := r.start()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if slices.Contains(rawTypes, t) {
		r.raw(path, at, t)
		return
	}
	switch token := r.token(path).(type) {
	case json.Delim:
		switch {
		case token == '{' && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map):
			r.object(path, t)
			return
		case token == '[' && t.Kind() == reflect.Slice:
			for i := 0; !r.broken && r.dec.More(); i++ {
				r.value(fmt.Sprintf("%s[%d]", path, i), t.Elem())
			}
			r.token(path)
			return
		}
		r.fault(path, at, "expected %s", wanted(t))
		r.skip(path)
	case string:
		if t.Kind() != reflect.String {
			r.fault(path, at, "expected %s", wanted(t))
		}
	case bool:
		if t.Kind() != reflect.Bool {
			r.fault(path, at, "expected %s", wanted(t))
		}
	case json.Number:
		if _, err := token.Int64(); t.Kind() != reflect.Int || err != nil {
			r.fault(path, at, "expected %s", wanted(t))
		}
	case nil:
		if !r.broken {
			r.fault(path, at, "expected %s, not null", wanted(t))
		}
	}
}

func wanted(t reflect.Type) string {
	return map[reflect.Kind]string{
		reflect.Struct: "an object", reflect.Map: "an object", reflect.Slice: "a list",
		reflect.String: "a string", reflect.Bool: "a boolean", reflect.Int: "a whole number",
	}[t.Kind()]
}

// skip passes over the rest of a list or an object.
func (r *reader) skip(path string) {
	for depth := 1; depth > 0 && !r.broken; {
		switch r.token(path) {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}

// raw passes over a policy document or a condition block.
func (r *reader) raw(path string, at int, t reflect.Type) {
	r.places[path] = at
	switch token := r.token(path).(type) {
	case json.Delim:
		if token == '[' {
			r.fault(path, at, "expected an object")
		}
		r.skip(path)
	case string:
		if t != rawTypes[0] {
			r.fault(path, at, "expected an object")
		}
	default:
		if !r.broken {
			r.fault(path, at, "expected an object")
		}
	}
}

// object reads the members of an object, of which none may be unknown or there
// twice.
func (r *reader) object(path string, t reflect.Type) {
	var seen []string
	for !r.broken && r.dec.More() {
		at := r.start()
		name, _ := r.token(path).(string)
		if r.broken {
			return
		}
		member := memberPath(path, name, t.Kind() == reflect.Map)
		if slices.Contains(seen, name) {
			r.fault(member, at, "the member is there twice")
		}
		seen = append(seen, name)
		if t.Kind() == reflect.Map {
			r.value(member, t.Elem())
			continue
		}
		if f, ok := fieldNamed(t, name); ok {
			r.value(member, f.Type)
			continue
		}
		r.fault(member, at, "there is no member %q here; known are %s", name, strings.Join(fieldNames(t), ", "))
		r.any(member)
	}
	r.token(path)
}

func memberPath(path, name string, key bool) string {
	switch {
	case key:
		return fmt.Sprintf("%s[%q]", path, name)
	case path == "":
		return name
	}
	return path + "." + name
}

func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, tag)
	}
	return names
}

// any passes over a value of any type.
func (r *reader) any(path string) {
	if d, ok := r.token(path).(json.Delim); ok && (d == '{' || d == '[') {
		r.skip(path)
	}
}
