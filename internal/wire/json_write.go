package wire

import (
	"encoding/base64"
	"math"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// appendQuote appends text as a JSON string. Invalid UTF-8, which inputs cannot contain,
// becomes U+FFFD.
func appendQuote(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}

// appendObject appends the members of v that are in the body.
func appendObject(b []byte, p *structPlan, v reflect.Value) []byte {
	b = append(b, '{')
	first := true
	for i := range p.fields {
		f := &p.fields[i]
		if f.location != inBody {
			continue
		}
		member := v.Field(f.index)
		if absent(member) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, f.quoted...)
		b = appendJSON(b, &f.shape, member)
	}
	return append(b, '}')
}

// absent reports whether a member has no value, so that nothing is written.
func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	}
	return false
}

// appendJSON appends v, which is of shape s and not absent.
func appendJSON(b []byte, s *shape, v reflect.Value) []byte {
	if s.pointer {
		v = v.Elem()
	}
	switch s.kind {
	case kString:
		return appendQuote(b, v.String())
	case kStruct:
		return appendObject(b, s.plan, v)
	case kList:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, s.elem, v.Index(i))
		}
		return append(b, ']')
	case kMap:
		b = append(b, '{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuote(b, k.String()), ':')
			b = appendJSON(b, s.elem, v.MapIndex(k))
		}
		return append(b, '}')
	case kBlob:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes())
		return append(b, '"')
	case kTime:
		if format := formatOf(s.ts, tsUnix); format != tsUnix {
			b = append(b, '"')
			b = appendTime(b, timeOf(v), format)
			return append(b, '"')
		}
	case kFloat:
		if n := v.Float(); math.IsNaN(n) || math.IsInf(n, 0) {
			return append(appendFloat(append(b, '"'), n), '"')
		}
	}
	return appendScalar(b, s, v, tsUnix)
}
