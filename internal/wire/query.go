package wire

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/awserr"
)

// parameter is one name and value of an awsQuery form.
type parameter struct{ name, text string }

// form is a form sorted by name, so that the parameters with a dotted prefix are
// adjacent. Looking up the names of the plan, instead of building a tree of all
// parameters, bounds the cost of a hostile form.
type form []parameter

// newForm sorts the parameters of a request. It rejects a repeated name as ambiguous.
func (in *reader) newForm(values url.Values) (form, error) {
	f := make(form, 0, len(values))
	for name, texts := range values {
		if !utf8.ValidString(name) || !utf8.ValidString(texts[0]) {
			return nil, in.malformed("a parameter is not valid UTF-8")
		}
		if len(texts) > 1 {
			return nil, in.malformed("the parameter %q is given more than once", name)
		}
		f = append(f, parameter{name, texts[0]})
	}
	slices.SortFunc(f, func(a, b parameter) int { return strings.Compare(a.name, b.name) })
	return f, nil
}

// from is the index of the first parameter whose name is at least name.
func (f form) from(name string) int {
	i, _ := slices.BinarySearchFunc(f, name, func(p parameter, name string) int { return cmp.Compare(p.name, name) })
	return i
}

// text returns the value of a parameter.
func (f form) text(name string) (string, bool) {
	if i := f.from(name); i < len(f) && f[i].name == name {
		return f[i].text, true
	}
	return "", false
}

// under returns the parameters whose names begin with name and a dot.
func (f form) under(name string) form {
	return f[f.from(name+"."):f.from(name+"/")] // the slash follows the dot
}

// decodeQuery reads the form, which contains the whole input.
func (in *reader) decodeQuery(p *structPlan, v reflect.Value, values url.Values) error {
	f, err := in.newForm(values)
	if err != nil {
		return err
	}
	return in.formStructure(p, v, f, "")
}

// formStructure reads the members of v, whose names begin with prefix.
func (in *reader) formStructure(p *structPlan, v reflect.Value, f form, prefix string) error {
	if len(in.path) > maxDepth {
		return in.malformed("nested deeper than %d levels", maxDepth)
	}
	var read fieldSet
	for i := range p.fields {
		m := &p.fields[i]
		name := prefix + m.name
		if m.shape.flat && m.shape.item != "member" {
			name = prefix + m.shape.item
		}
		text, leaf := f.text(name)
		below := f.under(name)
		if !leaf && len(below) == 0 {
			continue
		}
		in.enter(Step{Name: m.name})
		member := v.Field(m.index)
		if err := in.formValue(&m.shape, member, below, name, text, leaf); err != nil {
			return err
		}
		in.check(m, member)
		in.leave()
		read.add(i)
	}
	in.missing(p, &read)
	return nil
}

// formValue reads the value called name: text if it is a leaf, else the parameters below.
// An empty leaf is an empty list, map or structure.
func (in *reader) formValue(s *shape, v reflect.Value, below form, name, text string, leaf bool) error {
	if s.kind < kStruct {
		if !leaf {
			return in.malformed("expected %s", kindNames[s.kind])
		}
		return in.scalar(s, v, text, tsISO8601)
	}
	if leaf && (text != "" || len(below) > 0) {
		return in.malformed("expected %s", kindNames[s.kind])
	}
	v = settable(s, v)
	switch s.kind {
	case kStruct:
		return in.formStructure(s.plan, v, below, name+".")
	case kList:
		return in.formList(s, v, below, name)
	default:
		return in.formMap(s, v, below, name)
	}
}

func (in *reader) formList(s *shape, v reflect.Value, f form, name string) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	if !s.flat {
		name += "." + s.item
	}
	indexes, err := in.indexes(f, name)
	if err != nil {
		return err
	}
	for i, n := range indexes {
		in.enter(Step{Index: i + 1})
		at := name + "." + strconv.Itoa(n)
		text, leaf := f.text(at)
		if err := in.formValue(s.elem, grow(v), f.under(at), at, text, leaf); err != nil {
			return err
		}
		in.leave()
	}
	return nil
}

func (in *reader) formMap(s *shape, v reflect.Value, f form, name string) error {
	v.Set(reflect.MakeMap(v.Type()))
	if !s.flat {
		name += ".entry"
	}
	indexes, err := in.indexes(f, name)
	if err != nil {
		return err
	}
	for _, n := range indexes {
		at := name + "." + strconv.Itoa(n)
		key, ok := f.text(at + "." + s.key)
		if !ok {
			return in.malformed("entry %d has no key", n)
		}
		in.enter(Step{Name: key, Key: true})
		if has := reflect.ValueOf(key).Convert(v.Type().Key()); v.MapIndex(has).IsValid() {
			return in.malformed("given more than once")
		}
		value := reflect.New(v.Type().Elem()).Elem()
		at += "." + s.value
		text, leaf := f.text(at)
		if err := in.formValue(s.elem, value, f.under(at), at, text, leaf); err != nil {
			return err
		}
		in.put(v, key, value)
		in.leave()
	}
	return nil
}

// indexes returns the numbers that follow name in f, in order. They begin at 1
// and may have gaps.
func (in *reader) indexes(f form, name string) ([]int, error) {
	var ns []int
	for _, p := range f.under(name) {
		word, _, _ := strings.Cut(p.name[len(name)+1:], ".")
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || strconv.Itoa(n) != word {
			return nil, in.malformed("%q is not the number of an element", word)
		}
		ns = append(ns, n)
	}
	slices.Sort(ns)
	return slices.Compact(ns), nil
}

// encodeQuery writes an output in the two wrapping elements of awsQuery.
func encodeQuery(op *Operation, p *structPlan, v reflect.Value, requestID string) Response {
	r := newResponse(Query, 200, requestID)
	b := openRoot(make([]byte, 0, 1024), op.Name+"Response", op.Service.Namespace)
	if len(p.fields) > 0 || op.EmptyResult {
		b = openTag(b, op.Name+"Result")
		b = appendMembers(b, p, v)
		b = closeTag(b, op.Name+"Result")
	}
	b = openTag(b, "ResponseMetadata")
	b = appendElement(b, "RequestId", requestID)
	b = closeTag(b, "ResponseMetadata")
	r.Body = closeTag(b, op.Name+"Response")
	return r
}

// appendErrorXML appends the error document of awsQuery.
func appendErrorXML(b []byte, s *Service, e *awserr.Error, requestID string) []byte {
	b = openRoot(b, "ErrorResponse", s.Namespace)
	b = openTag(b, "Error")
	fault := "Receiver"
	if e.Sender() {
		fault = "Sender"
	}
	b = appendElement(b, "Type", fault)
	b = appendElement(b, "Code", e.Code)
	b = appendElement(b, "Message", e.Message)
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		b = appendElement(b, name, fmt.Sprint(e.Fields[name]))
	}
	b = closeTag(b, "Error")
	b = appendElement(b, "RequestId", requestID)
	return closeTag(b, "ErrorResponse")
}

// appendMembers appends the members of a structure as elements.
func appendMembers(b []byte, p *structPlan, v reflect.Value) []byte {
	for i := range p.fields {
		f := &p.fields[i]
		if member := v.Field(f.index); !absent(member) {
			b = appendXML(b, f.name, &f.shape, member)
		}
	}
	return b
}

// appendXML appends a value as an element called name; a flat list or map is
// one element per entry.
func appendXML(b []byte, name string, s *shape, v reflect.Value) []byte {
	if s.pointer {
		v = v.Elem()
	}
	switch s.kind {
	case kStruct:
		b = openTag(b, name)
		b = appendMembers(b, s.plan, v)
		return closeTag(b, name)
	case kList:
		item := s.item
		switch {
		case !s.flat:
			b = openTag(b, name)
		case item == "member":
			item = name
		}
		for i := range v.Len() {
			b = appendXML(b, item, s.elem, v.Index(i))
		}
		if !s.flat {
			b = closeTag(b, name)
		}
		return b
	case kMap:
		entry := name
		if !s.flat {
			entry = "entry"
			b = openTag(b, name)
		}
		for _, k := range sortedKeys(v) {
			b = openTag(b, entry)
			b = appendElement(b, s.key, k.String())
			b = appendXML(b, s.value, s.elem, v.MapIndex(k))
			b = closeTag(b, entry)
		}
		if !s.flat {
			b = closeTag(b, name)
		}
		return b
	case kString:
		return appendElement(b, name, v.String())
	}
	b = openTag(b, name)
	b = appendScalar(b, s, v, tsISO8601) // none of the other scalars needs escaping
	return closeTag(b, name)
}

// openRoot opens the root element; an unknown service has no namespace.
func openRoot(b []byte, name, namespace string) []byte {
	if namespace == "" {
		return openTag(b, name)
	}
	return fmt.Appendf(b, `<%s xmlns="%s">`, name, namespace)
}

func openTag(b []byte, name string) []byte  { return append(append(append(b, '<'), name...), '>') }
func closeTag(b []byte, name string) []byte { return append(append(append(b, "</"...), name...), '>') }

// appendElement appends an element that holds text.
func appendElement(b []byte, name, text string) []byte {
	b = openTag(b, name)
	w := bytes.NewBuffer(b)
	xml.EscapeText(w, []byte(text)) // writes to a bytes.Buffer do not fail
	return closeTag(w.Bytes(), name)
}
