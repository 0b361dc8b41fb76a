package wire

import (
	"encoding/base64"
	"net/http"
	"net/textproto"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// decodeRest reads the members of an input from their locations.
func (in *reader) decodeRest(p *structPlan, v reflect.Value, m *Match, r *http.Request, body []byte) error {
	var read fieldSet
	for i := range p.fields {
		f := &p.fields[i]
		if f.location == inBody {
			continue
		}
		member := v.Field(f.index)
		in.enter(Step{Name: f.name})
		var found bool
		var err error
		switch f.location {
		case inURI:
			found, err = in.label(f, member, m.labels)
		case inQuery:
			found, err = in.parameter(p, f, member, m.query)
		case inHeader:
			found, err = in.header(f, member, r.Header)
		case inHeaders:
			found, err = in.headers(f, member, r.Header)
		case inPayload:
			found, err = in.payload(f, member, body)
		}
		if err != nil {
			return err
		}
		if found {
			read.add(i)
			in.check(f, member)
		}
		in.leave()
	}
	if len(p.body) > 0 {
		if err := in.readJSON(p, v, body, &read); err != nil {
			return err
		}
	}
	in.missing(p, &read)
	return nil
}

// label reads a member from its label in the path.
func (in *reader) label(f *field, v reflect.Value, labels []label) (bool, error) {
	for _, l := range labels {
		if l.name == f.name {
			return true, in.scalar(&f.shape, v, l.text, tsISO8601)
		}
	}
	return false, nil
}

// parameter reads a member from the query string. A key without a value is an empty
// string; a repeated scalar is rejected as ambiguous.
func (in *reader) parameter(p *structPlan, f *field, v reflect.Value, query url.Values) (bool, error) {
	if f.shape.kind == kMap {
		return in.parameters(p, f, v, query)
	}
	texts := query[f.name]
	if len(texts) == 0 {
		return false, nil
	}
	return true, in.texts(&f.shape, v, texts, tsISO8601)
}

// texts sets a scalar from the only text, or a list from all of them.
func (in *reader) texts(s *shape, v reflect.Value, texts []string, format timeFormat) error {
	if s.kind != kList {
		if len(texts) > 1 {
			return in.malformed("given more than once")
		}
		return in.scalar(s, v, texts[0], format)
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, len(texts)))
	for _, text := range texts {
		if err := in.scalar(s.elem, grow(v), text, format); err != nil {
			return err
		}
	}
	return nil
}

// parameters reads all parameters that are not other members into a map.
func (in *reader) parameters(p *structPlan, f *field, v reflect.Value, query url.Values) (bool, error) {
	for name, texts := range query {
		if slices.ContainsFunc(p.fields, func(o field) bool { return o.location == inQuery && o.name == name }) {
			continue
		}
		if !utf8.ValidString(name) {
			return false, in.malformed("a parameter's name is not valid UTF-8")
		}
		value := reflect.New(v.Type().Elem()).Elem()
		if err := in.texts(f.shape.elem, value, texts, tsISO8601); err != nil {
			return false, err
		}
		in.put(v, name, value)
	}
	return !v.IsNil(), nil
}

// put sets an entry of a map, which may still be nil.
func (in *reader) put(m reflect.Value, name string, value reflect.Value) {
	if m.IsNil() {
		m.Set(reflect.MakeMap(m.Type()))
	}
	key := reflect.New(m.Type().Key()).Elem()
	key.SetString(name)
	m.SetMapIndex(key, value)
}

// header reads a member from the header of its name. A list may be in several header
// lines, each separated by commas.
func (in *reader) header(f *field, v reflect.Value, h http.Header) (bool, error) {
	lines := h.Values(f.name)
	if len(lines) == 0 {
		return false, nil
	}
	if f.shape.json {
		text, err := base64.StdEncoding.DecodeString(lines[0])
		if err != nil || len(lines) > 1 {
			return false, in.malformed("expected %s", kindNames[kBlob])
		}
		lines = []string{string(text)}
	}
	if f.shape.kind == kList {
		var texts []string
		for _, line := range lines {
			for text := range strings.SplitSeq(line, ",") {
				texts = append(texts, strings.TrimSpace(text))
			}
		}
		lines = texts
	}
	return true, in.texts(&f.shape, v, lines, tsRFC822)
}

// headers reads all headers that begin with the member's name into a map.
func (in *reader) headers(f *field, v reflect.Value, h http.Header) (bool, error) {
	prefix := textproto.CanonicalMIMEHeaderKey(f.name)
	for name, lines := range h {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		value := reflect.New(v.Type().Elem()).Elem()
		if err := in.texts(f.shape.elem, value, lines, tsRFC822); err != nil {
			return false, err
		}
		in.put(v, rest, value)
	}
	return !v.IsNil(), nil
}

// payload reads the member that is the whole body.
func (in *reader) payload(f *field, v reflect.Value, body []byte) (bool, error) {
	if len(body) == 0 {
		return false, nil
	}
	switch f.shape.kind {
	case kStruct:
		var read fieldSet
		if err := in.readJSON(f.shape.plan, settable(&f.shape, v), body, &read); err != nil {
			return false, err
		}
		in.missing(f.shape.plan, &read)
	case kString:
		if !utf8.Valid(body) {
			return false, in.malformed("not valid UTF-8")
		}
		settable(&f.shape, v).SetString(string(body))
	default:
		v.SetBytes(slices.Clone(body))
	}
	return true, nil
}

// encodeRest writes the members of an output to status, headers and body.
func encodeRest(p *structPlan, v reflect.Value, requestID string) Response {
	r := newResponse(RestJSON, 200, requestID)
	for i := range p.fields {
		f := &p.fields[i]
		if member := v.Field(f.index); f.location != inBody && !absent(member) {
			r.place(f, member)
		}
	}
	if p.payload < 0 {
		r.Body = appendObject(make([]byte, 0, 512), p, v)
	}
	if r.Body == nil {
		r.Header.Del("Content-Type")
	}
	return r
}

// place writes a member that is not in the JSON body.
func (r *Response) place(f *field, v reflect.Value) {
	s := &f.shape
	if s.pointer {
		v = v.Elem()
	}
	switch f.location {
	case inStatus:
		r.Status = int(v.Int())
	case inHeader:
		r.Header.Set(f.name, headerText(s, v))
	case inHeaders:
		for iter := v.MapRange(); iter.Next(); {
			r.Header.Set(f.name+iter.Key().String(), headerText(s.elem, iter.Value()))
		}
	case inPayload:
		switch s.kind {
		case kStruct:
			r.Body = appendObject(nil, s.plan, v)
		case kString:
			r.Header.Set("Content-Type", "text/plain")
			r.Body = []byte(v.String())
		default:
			r.Header.Set("Content-Type", "application/octet-stream")
			r.Body = v.Bytes()
		}
	}
}

// headerText encodes a value for a header.
func headerText(s *shape, v reflect.Value) string {
	if s.json {
		return base64.StdEncoding.EncodeToString([]byte(v.String()))
	}
	if s.kind != kList {
		return string(appendScalar(nil, s, v, tsRFC822))
	}
	var b []byte
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendScalar(b, s.elem, v.Index(i), tsRFC822)
	}
	return string(b)
}
