package policy

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func FuzzDecimal(f *testing.F) {
	for _, s := range [][2]string{{"10", "10.0"}, {"-1.5", "+2"}, {".5", "5."}, {"007", "-0"}, {"1e3", "x"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, ok1 := parseDecimal(a)
		y, ok2 := parseDecimal(b)
		if !ok1 || !ok2 || len(a)+len(b) > 1000 {
			return
		}
		r, ok1 := new(big.Rat).SetString(a)
		s, ok2 := new(big.Rat).SetString(b)
		if !ok1 || !ok2 {
			t.Fatalf("%q or %q is not a number", a, b)
		}
		if got, want := sign(x.compare(y)), r.Cmp(s); got != want {
			t.Errorf("%q compares to %q as %d, want %d", a, b, got, want)
		}
	})
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func FuzzInstant(f *testing.F) {
	for _, s := range []string{"2026", "2026-01", "2026-02-28", "2026-01-01T00:00Z", "2026-01-01T00:00:00.5+01:00", "1767225600", "-5", "2026-01-01t10z", "0000-02-29T23:59:59-23:59"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseInstant(s)
		if want, err := time.Parse(time.RFC3339Nano, s); err == nil && s[13] == ':' && !strings.Contains(s, ",") {
			_, fraction, _ := strings.Cut(s, ".")
			if digits := len(fraction) - len(strings.TrimLeft(fraction, "0123456789")); digits > 9 {
				return
			}
			if !ok || got.seconds != want.Unix() || int(got.nanos) != want.Nanosecond() {
				t.Errorf("%q is %v, %v, want %v", s, got, ok, want)
			}
		}
	})
}

// TestDaysSince1970 compares with the standard library over four centuries.
func TestDaysSince1970(t *testing.T) {
	for day := time.Date(1799, 12, 28, 0, 0, 0, 0, time.UTC); day.Year() < 2202; day = day.AddDate(0, 0, 1) {
		y, m, d := day.Date()
		if got, want := daysSince1970(int64(y), int64(m), int64(d))*86400, day.Unix(); got != want {
			t.Fatalf("%v is %d, want %d", day, got, want)
		}
	}
	if got, want := daysSince1970(0, 1, 1)*86400, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix(); got != want {
		t.Errorf("year 0 is %d, want %d", got, want)
	}
}

func FuzzPrefix(f *testing.F) {
	for _, s := range [][2]string{{"10.0.0.0/8", "10.1.2.3"}, {"::/0", "1.2.3.4"}, {"2001:db8::1", "2001:db8:0::1"}, {"fe80::1%eth0", "fe80::1"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, block, address string) {
		p, ok := parsePrefix(block)
		given, valid := parseRequestValue(ipAddress, address)
		if !ok || !valid {
			return
		}
		a := netip.MustParseAddr(address).Unmap()
		want := a.Is4() == p.Addr().Is4() && netip.PrefixFrom(a, p.Bits()).Masked() == p.Masked()
		if got := p.Contains(given.prefix.Addr()); got != want {
			t.Errorf("%q in %q: %v, want %v", address, block, got, want)
		}
	})
}

func FuzzBoolAndBinary(f *testing.F) {
	for _, s := range []string{"true", "FALSE", "yes", "aGVsbG8=", "aGVsbG8", "###", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		value, ok := parseBool(s)
		if want := lowerString(s); ok != (want == "true" || want == "false") || value != (want == "true") {
			t.Errorf("%q is %v, %v as a boolean", s, value, ok)
		}
		if want, err := base64.StdEncoding.DecodeString(s); err == nil {
			if got, ok := parseBinary(s); !ok || got != string(want) {
				t.Errorf("%q is %q, %v as binary, want %q", s, got, ok, want)
			}
		}
	})
}
