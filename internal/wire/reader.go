package wire

import (
	"encoding/base64"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/writdev/writ/internal/awserr"
)

// reader is the state of reading one input in any protocol: the current path and the
// constraint violations so far.
type reader struct {
	code       string // of the error for input that cannot be decoded
	path       Path
	violations []Violation
}

func (in *reader) enter(s Step) { in.path = append(in.path, s) }
func (in *reader) leave()       { in.path = in.path[:len(in.path)-1] }

// malformed is the error for an input that cannot be decoded.
func (in *reader) malformed(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if len(in.path) > 0 {
		text = in.path.String() + ": " + text
	}
	return awserr.New(in.code, 400, "%s", text)
}

// maxDepth limits the nesting of structures, lists and maps in an input.
const maxDepth = 64

// scalar sets v, which is of shape s, from its text form in a path label, a query
// parameter, a header or a form value.
func (in *reader) scalar(s *shape, v reflect.Value, text string, format timeFormat) error {
	if !utf8.ValidString(text) {
		return in.malformed("not valid UTF-8")
	}
	v = settable(s, v)
	switch s.kind {
	case kString:
		v.SetString(text)
		return nil
	case kBool:
		if text == "true" || text == "false" {
			v.SetBool(text == "true")
			return nil
		}
	case kInt:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && !v.OverflowInt(n) {
			v.SetInt(n)
			return nil
		}
	case kFloat:
		if n, ok := parseFloat(text); ok {
			v.SetFloat(n)
			return nil
		}
	case kTime:
		if t, ok := parseTime(text, formatOf(s.ts, format)); ok {
			v.Set(reflect.ValueOf(t))
			return nil
		}
	case kBlob:
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			v.SetBytes(b)
			return nil
		}
	}
	return in.malformed("expected %s", kindNames[s.kind])
}

// formatOf is the format of a shape, or else the default of its location.
func formatOf(own, place timeFormat) timeFormat {
	if own != tsDefault {
		return own
	}
	return place
}

// settable returns the value to set for a member: for a pointer, the target of a new one.
func settable(s *shape, v reflect.Value) reflect.Value {
	if !s.pointer {
		return v
	}
	v.Set(reflect.New(v.Type().Elem()))
	return v.Elem()
}

// grow appends a zero element to a list and returns it.
func grow(list reflect.Value) reflect.Value {
	n := list.Len()
	list.Grow(1)
	list.SetLen(n + 1)
	return list.Index(n)
}

// elements yields the elements of a list or the values of a map.
func elements(v reflect.Value) iter.Seq[reflect.Value] {
	return func(yield func(reflect.Value) bool) {
		if v.Kind() == reflect.Map {
			for entry := v.MapRange(); entry.Next(); {
				if !yield(entry.Value()) {
					return
				}
			}
			return
		}
		for i := range v.Len() {
			if !yield(v.Index(i)) {
				return
			}
		}
	}
}
