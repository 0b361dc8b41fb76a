package wire

import (
	"math"
	"net/http"
	"reflect"
	"strconv"
	"time"
)

// Timestamps have millisecond precision on the wire, as in Smithy.

// The first and the last second of the four-digit years, the range of the text forms.
const (
	minUnix = -62135596800 // 0001-01-01T00:00:00Z
	maxUnix = 253402300799 // 9999-12-31T23:59:59Z
)

// parseTime reads a timestamp in one of its text forms.
func parseTime(text string, format timeFormat) (time.Time, bool) {
	switch format {
	case tsUnix:
		n, ok := parseFloat(text)
		if !ok {
			return time.Time{}, false
		}
		return unixTime(n)
	case tsISO8601:
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return t, false
		}
		t = t.UTC()
		return t, minUnix <= t.Unix() && t.Unix() <= maxUnix
	default:
		t, err := http.ParseTime(text)
		return t.UTC(), err == nil
	}
}

// unixTime is the time at n epoch seconds, to the millisecond.
func unixTime(n float64) (time.Time, bool) {
	if !(minUnix <= n && n <= maxUnix) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(math.Round(n * 1000))).UTC(), true
}

// appendTime appends a timestamp in one of its text forms.
func appendTime(b []byte, t time.Time, format timeFormat) []byte {
	t = t.UTC()
	switch format {
	case tsUnix:
		return appendUnix(b, t)
	case tsISO8601:
		if t.Nanosecond() < int(time.Millisecond) {
			return t.AppendFormat(b, "2006-01-02T15:04:05Z")
		}
		return t.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	default:
		return t.AppendFormat(b, http.TimeFormat)
	}
}

// appendUnix appends epoch seconds, with a fraction only if there is one.
func appendUnix(b []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms%1000 == 0 {
		return strconv.AppendInt(b, ms/1000, 10)
	}
	return strconv.AppendFloat(b, float64(ms)/1000, 'f', -1, 64)
}

// timeOf returns the time that a struct field holds.
func timeOf(v reflect.Value) time.Time {
	t, _ := reflect.TypeAssert[time.Time](v)
	return t
}
