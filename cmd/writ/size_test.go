package main

import "testing"

func TestSize(t *testing.T) {
	for text, want := range map[string]size{"0": 0, "100": 100, "64KiB": 64 << 10, "96MiB": 96 << 20, "1 GiB": 1 << 30} {
		var got size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1MiB", "1.5GiB", "96MB", "9999999999GiB", "9223372036854775808"} {
		var got size
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d, want an error", text, got)
		}
	}
	for s, want := range map[size]string{256 << 20: "256MiB", 2 << 30: "2GiB", 1000: "1000", 1 << 10: "1KiB"} {
		if got := s.String(); got != want {
			t.Errorf("%d is written %s, want %s", int64(s), got, want)
		}
	}
}
