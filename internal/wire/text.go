package wire

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The text forms of values: in a label, a query parameter, a header, a form, an XML
// element or a validation message.

// maxFinite is the greatest finite limit.
const maxFinite = math.MaxFloat64

// parseFloat reads a number in its text form. Smithy writes NaN, Infinity and -Infinity
// as strings.
func parseFloat(text string) (float64, bool) {
	switch text {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	// ParseFloat also accepts hexadecimal, underscores and inf.
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// formatFloat returns the shortest text that parses to n.
func formatFloat(n float64) string { return string(appendFloat(nil, n)) }

// appendFloat appends a number in its text form.
func appendFloat(b []byte, n float64) []byte {
	switch {
	case math.IsNaN(n):
		return append(b, "NaN"...)
	case math.IsInf(n, 1):
		return append(b, "Infinity"...)
	case math.IsInf(n, -1):
		return append(b, "-Infinity"...)
	}
	format := byte('f')
	if a := math.Abs(n); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, n, format, -1, 64)
}

// appendScalar appends v, which is of shape s and no pointer, in its text
// form.
func appendScalar(b []byte, s *shape, v reflect.Value, format timeFormat) []byte {
	switch s.kind {
	case kString:
		return append(b, v.String()...)
	case kBool:
		return strconv.AppendBool(b, v.Bool())
	case kInt:
		return strconv.AppendInt(b, v.Int(), 10)
	case kFloat:
		return appendFloat(b, v.Float())
	case kTime:
		return appendTime(b, timeOf(v), formatOf(s.ts, format))
	case kBlob:
		return base64.StdEncoding.AppendEncode(b, v.Bytes())
	}
	return b
}

// formatValue is a value as validation messages show it: [a, b] for a list,
// {k=v} for a map, and a blob as the buffer that holds it, as AWS's services in
// Java print it.
func formatValue(s *shape, v reflect.Value) string {
	return string(appendValue(nil, s, v))
}

func appendValue(b []byte, s *shape, v reflect.Value) []byte {
	switch s.kind {
	case kList:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendValue(b, s.elem, v.Index(i))
		}
		return append(b, ']')
	case kMap:
		b = append(b, '{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(append(b, k.String()...), '=')
			b = appendValue(b, s.elem, v.MapIndex(k))
		}
		return append(b, '}')
	case kStruct:
		return append(b, "{...}"...)
	case kBlob:
		return fmt.Appendf(b, "java.nio.HeapByteBuffer[pos=0 lim=%d cap=%[1]d]", v.Len())
	}
	return appendScalar(b, s, v, tsISO8601)
}

// sortedKeys returns the keys of a map in order, for deterministic output.
func sortedKeys(m reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(m.MapKeys()), func(a, b reflect.Value) int {
		return strings.Compare(a.String(), b.String())
	})
}
