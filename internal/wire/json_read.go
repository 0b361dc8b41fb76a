package wire

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonReader reads the JSON bodies of restJson1 and awsJson1_1. It rejects input that
// parsers interpret differently: duplicate names, invalid UTF-8, trailing data.
type jsonReader struct {
	*reader
	src  bytes.Buffer
	json jsontext.Decoder
	text []byte // of the last string that had escapes
}

// jsonReaders recycles tokenizers with their buffers.
var jsonReaders = sync.Pool{New: func() any { return new(jsonReader) }}

// readJSON reads body, which is an object or empty, into the members of v that are in the
// body, and marks them in read.
func (in *reader) readJSON(p *structPlan, v reflect.Value, body []byte, read *fieldSet) error {
	if len(bytes.TrimLeft(body, " \t\r\n")) == 0 {
		return nil
	}
	r := jsonReaders.Get().(*jsonReader)
	// The tokenizer reads a *bytes.Buffer in place and does not change it.
	r.reader, r.src = in, *bytes.NewBuffer(body)
	r.json.Reset(&r.src)
	err := r.structure(p, v, read)
	if err == nil {
		if _, end := r.json.ReadToken(); end != io.EOF {
			err = r.malformed("unexpected data after the object")
		}
	}
	r.reader, r.src = nil, bytes.Buffer{}
	r.json.Reset(&r.src) // release the body
	jsonReaders.Put(r)
	return err
}

// structure reads an object into v.
func (r *jsonReader) structure(p *structPlan, v reflect.Value, read *fieldSet) error {
	if err := r.open('{', kStruct); err != nil {
		return err
	}
	for r.json.PeekKind() != '}' {
		name, err := r.string()
		if err != nil {
			return err
		}
		i, known := p.body[string(name)]
		if !known {
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		if r.json.PeekKind() == 'n' { // null is absent
			if _, err := r.json.ReadToken(); err != nil {
				return r.syntax(err)
			}
			continue
		}
		f := &p.fields[i]
		r.enter(Step{Name: f.name})
		member := v.Field(f.index)
		if err := r.value(&f.shape, member); err != nil {
			return err
		}
		r.check(f, member)
		r.leave()
		read.add(i)
	}
	return r.close()
}

// value reads the next value into v.
func (r *jsonReader) value(s *shape, v reflect.Value) error {
	v = settable(s, v)
	switch s.kind {
	case kStruct:
		var read fieldSet
		if err := r.structure(s.plan, v, &read); err != nil {
			return err
		}
		r.missing(s.plan, &read)
		return nil
	case kList:
		return r.list(s, v)
	case kMap:
		return r.entries(s, v)
	case kBool:
		tok, err := r.json.ReadToken()
		if k := tok.Kind(); err != nil || k != 't' && k != 'f' {
			return r.mismatch(s, tok.Kind(), err)
		}
		v.SetBool(tok.Bool())
		return nil
	case kInt:
		return r.integer(s, v)
	case kFloat:
		return r.number(s, v)
	case kTime:
		return r.time(s, v)
	}
	if k := r.json.PeekKind(); k != '"' {
		return r.mismatch(s, k, nil)
	}
	text, err := r.string()
	if err != nil {
		return err
	}
	if s.kind == kString {
		v.SetString(string(text))
		return nil
	}
	blob, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return r.malformed("expected %s", kindNames[kBlob])
	}
	if blob == nil {
		blob = []byte{}
	}
	v.SetBytes(blob)
	return nil
}

func (r *jsonReader) list(s *shape, v reflect.Value) error {
	if err := r.open('[', kList); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i := 1; r.json.PeekKind() != ']'; i++ {
		r.enter(Step{Index: i})
		if err := r.value(s.elem, grow(v)); err != nil {
			return err
		}
		r.leave()
	}
	return r.close()
}

func (r *jsonReader) entries(s *shape, v reflect.Value) error {
	if err := r.open('{', kMap); err != nil {
		return err
	}
	v.Set(reflect.MakeMap(v.Type()))
	for r.json.PeekKind() != '}' {
		name, err := r.string()
		if err != nil {
			return err
		}
		key := reflect.New(v.Type().Key()).Elem()
		key.SetString(string(name))
		r.enter(Step{Name: key.String(), Key: true})
		value := reflect.New(v.Type().Elem()).Elem()
		if err := r.value(s.elem, value); err != nil {
			return err
		}
		r.leave()
		v.SetMapIndex(key, value)
	}
	return r.close()
}

// integer reads an integer in any notation: 1e3 and 5.0 are integers.
func (r *jsonReader) integer(s *shape, v reflect.Value) error {
	raw, err := r.raw('0', s)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		const exact = 1 << 53 // larger integers are not exact in a float64
		f, ferr := strconv.ParseFloat(string(raw), 64)
		if n = int64(f); ferr != nil || f < -exact || f > exact || float64(n) != f {
			return r.malformed("expected %s", kindNames[kInt])
		}
	}
	if v.OverflowInt(n) {
		return r.malformed("%d is out of range", n)
	}
	v.SetInt(n)
	return nil
}

// number reads a number, or one of the strings for NaN and the infinities.
func (r *jsonReader) number(s *shape, v reflect.Value) error {
	if r.json.PeekKind() == '"' {
		text, err := r.string()
		if err != nil {
			return err
		}
		switch string(text) {
		case "NaN", "Infinity", "-Infinity":
			n, _ := parseFloat(string(text))
			v.SetFloat(n)
			return nil
		}
		return r.malformed("expected %s", kindNames[kFloat])
	}
	raw, err := r.raw('0', s)
	if err != nil {
		return err
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return r.malformed("expected %s", kindNames[kFloat])
	}
	v.SetFloat(n)
	return nil
}

func (r *jsonReader) time(s *shape, v reflect.Value) error {
	format := formatOf(s.ts, tsUnix)
	var text []byte
	var err error
	if format == tsUnix {
		text, err = r.raw('0', s)
	} else if k := r.json.PeekKind(); k != '"' {
		err = r.mismatch(s, k, nil)
	} else {
		text, err = r.string()
	}
	if err != nil {
		return err
	}
	t, ok := parseTime(string(text), format)
	if !ok {
		return r.malformed("expected %s", kindNames[kTime])
	}
	v.Set(reflect.ValueOf(t))
	return nil
}

// string reads a string and returns its text, which is valid until the next call.
func (r *jsonReader) string() ([]byte, error) {
	raw, err := r.json.ReadValue()
	if err != nil {
		return nil, r.syntax(err)
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner, nil
	}
	r.text, err = jsontext.AppendUnquote(r.text[:0], raw)
	if err != nil {
		return nil, r.syntax(err)
	}
	return r.text, nil
}

// raw reads a value that must be of kind k and returns its bytes, which are valid until
// the next call.
func (r *jsonReader) raw(k jsontext.Kind, s *shape) ([]byte, error) {
	if found := r.json.PeekKind(); found != k {
		return nil, r.mismatch(s, found, nil)
	}
	raw, err := r.json.ReadValue()
	if err != nil {
		return nil, r.syntax(err)
	}
	return raw, nil
}

// open reads the first token of an object or a list.
func (r *jsonReader) open(k jsontext.Kind, want kind) error {
	tok, err := r.json.ReadToken()
	if err != nil || tok.Kind() != k {
		return r.mismatch(&shape{kind: want}, tok.Kind(), err)
	}
	if r.json.StackDepth() > maxDepth {
		return r.tooDeep()
	}
	return nil
}

// close reads the last token of an object or a list.
func (r *jsonReader) close() error {
	if _, err := r.json.ReadToken(); err != nil {
		return r.syntax(err)
	}
	return nil
}

// skip reads a value that is not decoded, and checks its syntax.
func (r *jsonReader) skip() error {
	depth := r.json.StackDepth()
	for {
		if _, err := r.json.ReadToken(); err != nil {
			return r.syntax(err)
		}
		switch d := r.json.StackDepth(); {
		case d > maxDepth:
			return r.tooDeep()
		case d <= depth:
			return nil
		}
	}
}

func (r *jsonReader) tooDeep() error {
	return r.malformed("nested deeper than %d levels", maxDepth)
}

// jsonKinds are the names of kinds in error messages.
var jsonKinds = map[jsontext.Kind]string{
	'n': "null",
	't': "a boolean",
	'f': "a boolean",
	'"': "a string",
	'0': "a number",
	'{': "an object",
	'[': "a list",
}

// mismatch is the error for a value of the wrong type, or for err, or for a pending error
// of the tokenizer.
func (r *jsonReader) mismatch(s *shape, found jsontext.Kind, err error) error {
	word, ok := jsonKinds[found]
	if err == nil && !ok {
		_, err = r.json.ReadToken()
	}
	if err != nil {
		return r.syntax(err)
	}
	return r.malformed("expected %s, found %s", kindNames[s.kind], word)
}

// syntax converts an error of the tokenizer.
func (r *jsonReader) syntax(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.malformed("unexpected end of the body")
	}
	if se, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		switch text := se.Err.Error(); {
		case errors.Is(se.Err, jsontext.ErrDuplicateName):
			return r.malformed("%s %q at byte %d", text, se.JSONPointer.LastToken(), se.ByteOffset)
		case utf8.ValidString(text):
			return r.malformed("not valid JSON: %s at byte %d", text, se.ByteOffset)
		}
	}
	return r.malformed("not valid JSON")
}
