package policy

import (
	"encoding/base64"
	"net/netip"
	"strings"
)

// decimal is a number represented by its digits, so that comparison is exact at any
// length. The zero value is 0.
type decimal struct {
	negative bool
	whole    string // without leading zeros
	fraction string // without trailing zeros
}

// parseDecimal parses a number such as "-12.50". A sign and a leading or trailing dot are
// accepted, an exponent is not.
func parseDecimal(s string) (d decimal, ok bool) {
	if s, ok = strings.CutPrefix(s, "-"); ok {
		d.negative = true
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	d.whole, d.fraction, _ = strings.Cut(s, ".")
	if len(d.whole)+len(d.fraction) == 0 || !allDigits(d.whole) || !allDigits(d.fraction) {
		return decimal{}, false
	}
	d.whole = strings.TrimLeft(d.whole, "0")
	d.fraction = strings.TrimRight(d.fraction, "0")
	if d.whole == "" && d.fraction == "" {
		d.negative = false
	}
	return d, true
}

func (d decimal) compare(e decimal) int {
	if d.negative != e.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	c := len(d.whole) - len(e.whole)
	if c == 0 {
		c = strings.Compare(d.whole, e.whole)
	}
	if c == 0 {
		c = strings.Compare(d.fraction, e.fraction)
	}
	if d.negative {
		return -c
	}
	return c
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// instant is a point in time: seconds since 1970 in UTC, and nanoseconds.
type instant struct {
	seconds int64
	nanos   int32
}

func (t instant) compare(u instant) int {
	switch {
	case t.seconds != u.seconds && t.seconds < u.seconds, t.seconds == u.seconds && t.nanos < u.nanos:
		return -1
	case t == u:
		return 0
	}
	return 1
}

// parseInstant parses seconds since 1970, or a date of the W3C profile of ISO 8601
// at any of its precisions: "2026", "2026-01", "2026-01-31", "2026-01-31T10:00Z",
// "2026-01-31T10:00:00.5+01:00". Omitted fields have their lowest value; without a
// zone the time is UTC. Four digits are a year.
//
// Profile: https://www.w3.org/TR/NOTE-datetime
func parseInstant(s string) (t instant, ok bool) {
	if body := strings.TrimPrefix(s, "-"); body != "" && allDigits(body) && len(s) != 4 {
		return parseEpoch(s)
	}
	return parseDate(s)
}

func parseEpoch(s string) (instant, bool) {
	body, negative := strings.CutPrefix(s, "-")
	n, rest := takeDigits(body, 18)
	if rest != "" || body == "" {
		return instant{}, false
	}
	if negative {
		n = -n
	}
	return instant{seconds: n}, true
}

func parseNanos(fraction string) (int32, bool) {
	if fraction == "" || len(fraction) > 9 {
		return 0, false
	}
	n, _ := takeDigits(fraction, 9)
	for range 9 - len(fraction) {
		n *= 10
	}
	return int32(n), true
}

func parseDate(s string) (t instant, ok bool) {
	date, clock, hasClock := cutT(s)
	year, month, day, full, ok := parseDay(date)
	if !ok || hasClock && !full {
		return instant{}, false
	}
	t.seconds = daysSince1970(year, month, day) * 86400
	if !hasClock {
		return t, true
	}
	clock, offset, ok := cutZone(clock)
	if !ok {
		return instant{}, false
	}
	clock, fraction, hasFraction := strings.Cut(clock, ".")
	hour, rest, ok := takeField(clock, 2, "")
	minute, second := int64(0), int64(0)
	if ok && rest != "" {
		minute, rest, ok = takeField(rest, 2, ":")
	}
	seconds := ok && rest != ""
	if seconds {
		second, rest, ok = takeField(rest, 2, ":")
	}
	if !ok || rest != "" || hasFraction && !seconds || hour > 23 || minute > 59 || second > 59 {
		return instant{}, false
	}
	if hasFraction {
		if t.nanos, ok = parseNanos(fraction); !ok {
			return instant{}, false
		}
	}
	t.seconds += hour*3600 + minute*60 + second - offset
	return t, true
}

// cutT cuts at the "T" between date and time.
func cutT(s string) (date, clock string, found bool) {
	if i := strings.IndexAny(s, "Tt"); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// cutZone removes the zone from a time of day and returns its offset in seconds.
func cutZone(clock string) (rest string, offset int64, ok bool) {
	if rest, ok := strings.CutSuffix(strings.TrimSuffix(clock, "z"), "Z"); ok || len(rest) < len(clock) {
		return rest, 0, true
	}
	i := strings.IndexAny(clock, "+-")
	if i < 0 {
		return clock, 0, true
	}
	hour, zone, ok := takeField(clock[i+1:], 2, "")
	minute := int64(0)
	if ok && zone != "" {
		minute, zone, ok = takeField(zone, 2, ":")
	}
	if !ok || zone != "" || hour > 23 || minute > 59 {
		return "", 0, false
	}
	offset = hour*3600 + minute*60
	if clock[i] == '-' {
		offset = -offset
	}
	return clock[:i], offset, true
}

// parseDay parses YYYY, YYYY-MM or YYYY-MM-DD; full reports the last form.
func parseDay(s string) (year, month, day int64, full, ok bool) {
	month, day = 1, 1
	year, rest, ok := takeField(s, 4, "")
	if ok && rest != "" {
		month, rest, ok = takeField(rest, 2, "-")
	}
	if ok && rest != "" {
		day, rest, ok = takeField(rest, 2, "-")
		full = true
	}
	ok = ok && rest == "" && 1 <= month && month <= 12 && 1 <= day && day <= daysIn(year, month)
	return year, month, day, full, ok
}

// takeField reads a separator and exactly width digits.
func takeField(s string, width int, separator string) (n int64, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, separator)
	if !ok || len(s) < width || !allDigits(s[:width]) {
		return 0, s, false
	}
	n, _ = takeDigits(s[:width], width)
	return n, s[width:], true
}

// takeDigits reads up to width digits.
func takeDigits(s string, width int) (n int64, rest string) {
	for width > 0 && s != "" && isDigit(s[0]) {
		n = n*10 + int64(s[0]-'0')
		s = s[1:]
		width--
	}
	return n, s
}

func daysIn(year, month int64) int64 {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince1970 counts days in the Gregorian calendar. Its years begin in March, so
// that the leap day is the last day of a year, and are shifted by 400 years, the
// period of the calendar, so that year 0 needs no special case.
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	year += 400
	return year*365 + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468 - 146097
}

// parsePrefix parses a CIDR block or an address. The host bits of an IPv4 block are
// ignored and its numbers can have leading zeros; an IPv6 block with host bits is
// invalid.
func parsePrefix(s string) (netip.Prefix, bool) {
	if p, ok := parsePrefix4(s); ok {
		return p, true
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, p == p.Masked()
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

// parsePrefix4 parses "203.0.113.0/24", "203.0.113.7" or "010.0.0.0/08".
func parsePrefix4(s string) (p netip.Prefix, ok bool) {
	address, size, isBlock := strings.Cut(s, "/")
	bits := int64(32)
	if isBlock {
		if bits, ok = takeNumber(size, 2, 32); !ok {
			return netip.Prefix{}, false
		}
	}
	var octets [4]byte
	for i := range octets {
		text, rest, more := strings.Cut(address, ".")
		n, ok := takeNumber(text, 3, 255)
		if !ok || more != (i < 3) {
			return netip.Prefix{}, false
		}
		octets[i], address = byte(n), rest
	}
	return netip.PrefixFrom(netip.AddrFrom4(octets), int(bits)).Masked(), true
}

// takeNumber parses a decimal number of at most width digits that is at most max.
func takeNumber(s string, width int, max int64) (n int64, ok bool) {
	n, rest := takeDigits(s, width)
	return n, s != "" && rest == "" && n <= max
}

// parseBool parses "true" or "false" in any case.
func parseBool(s string) (value, ok bool) {
	return equalFold(s, "true"), equalFold(s, "true") || equalFold(s, "false")
}

// parseBinary decodes base64 with or without padding.
func parseBinary(s string) (string, bool) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "=\r\n"))
	return string(b), err == nil
}
