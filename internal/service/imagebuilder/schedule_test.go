package imagebuilder

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestScheduleNext(t *testing.T) {
	// 2026-11-22 is a Sunday.
	start := time.Date(2026, time.November, 22, 8, 0, 30, 0, time.UTC)
	for _, test := range []struct {
		expression, zone string
		want             string // the first three, or fewer
	}{
		{"rate(1 day)", "", "11-23 08:00 11-24 08:00 11-25 08:00"},
		{"rate(12 hours)", "", "11-22 20:00 11-23 08:00 11-23 20:00"},
		{"rate(5 minutes)", "", "11-22 08:05 11-22 08:10 11-22 08:15"},
		{"cron(0 0 * * ? *)", "", "11-23 00:00 11-24 00:00 11-25 00:00"},
		{"cron(0 0 * * *)", "", "11-23 00:00 11-24 00:00 11-25 00:00"},
		{"cron(0,30 8-9 ? * * *)", "", "11-22 08:30 11-22 09:00 11-22 09:30"},
		{"cron(*/20 9 ? * SUN,2 2026)", "", "11-22 09:00 11-22 09:20 11-22 09:40"},
		{"cron(10/25 9 ? * mon *)", "", "11-23 09:10 11-23 09:35 11-30 09:10"},
		{"cron(0 9 ? * MON-FRI *)", "", "11-23 09:00 11-24 09:00 11-25 09:00"},
		{"cron(15 10 L * ? *)", "", "11-30 10:15 12-31 10:15 01-31 10:15"},
		{"cron(0 0 ? * 6L *)", "", "11-27 00:00 12-25 00:00 01-29 00:00"},
		{"cron(0 0 ? * 6#3 *)", "", "12-18 00:00 01-15 00:00 02-19 00:00"},
		{"cron(0 0 ? * L *)", "", "11-28 00:00 12-05 00:00 12-12 00:00"},
		{"cron(0 0 15W * ? *)", "", "12-15 00:00 01-15 00:00 02-15 00:00"},
		{"cron(0 0 1W 8 ? 2026-2027)", "", "08-02 00:00"},
		{"cron(0 0 LW * ? *)", "", "11-30 00:00 12-31 00:00 01-29 00:00"},
		{"cron(0 0 31 * ? *)", "", "12-31 00:00 01-31 00:00 03-31 00:00"},
		{"cron(0 0 29 2 ? *)", "", "02-29 00:00 02-29 00:00 02-29 00:00"},
		{"cron(0 0 30 FEB ? *)", "", ""},
		{"cron(0 0 1 1 ? 1999)", "", ""},
		{"cron(0 9 ? * * *)", "America/New_York", "11-22 14:00 11-23 14:00 11-24 14:00"},
		{"cron(30 2 14 3 ? 2027)", "America/New_York", "03-14 06:30"}, // an hour that the clocks leave out
	} {
		s, fault := parseSchedule(test.expression, test.zone)
		if fault != "" {
			t.Errorf("%s: %s", test.expression, fault)
			continue
		}
		var got []string
		at := start
		for range 3 {
			next, found := s.next(at, start)
			if !found {
				break
			}
			got = append(got, next.Format("01-02 15:04"))
			at = next
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s %s: %s, want %s", test.expression, test.zone, text, test.want)
		}
	}
}

func TestScheduleRefused(t *testing.T) {
	for expression, part := range map[string]string{
		"": "form", "every night": "form", "cron(0 0 * * ? *": "form", "at(2026-11-22T08:00:00)": "form",
		"rate()": "rate", "rate(1 days)": "rate", "rate(2 day)": "rate", "rate(0 days)": "rate", "rate(-1 days)": "rate",
		"rate(1.5 hours)": "rate", "rate(1 week)": "rate", "rate(99999999999999999999 days)": "rate", "rate(1000000 days)": "rate",
		"cron()": "six fields", "cron(0 0 * *)": "six fields", "cron(0 0 0 * * ? *)": "six fields",
		"cron(60 0 * * ? *)": "minutes", "cron(-1 0 * * ? *)": "minutes", "cron(+1 0 * * ? *)": "minutes", "cron(5-1 0 * * ? *)": "minutes",
		"cron(0/0 0 * * ? *)": "minutes", "cron(, 0 * * ? *)": "minutes", "cron(0 24 * * ? *)": "hours", "cron(0 ? * * ? *)": "hours",
		"cron(0 0 32 * ? *)": "day of month", "cron(0 0 0W * ? *)": "day of month", "cron(0 0 * 13 ? *)": "month", "cron(0 0 * FOO ? *)": "month",
		"cron(0 0 ? * 8 *)": "day of week", "cron(0 0 ? * 6#6 *)": "day of week", "cron(0 0 ? * 1-2L *)": "day of week", "cron(0 0 ? * #1 *)": "day of week",
		"cron(0 0 * * ? 1969)": "year", "cron(0 0 * * ? 2200)": "year", "cron(0 0 1 * 1 *)": "exclude each other",
	} {
		if _, fault := parseSchedule(expression, ""); !strings.Contains(fault, part) {
			t.Errorf("%q: %q, want it to speak of %q", expression, fault, part)
		}
	}
	for _, zone := range []string{"Mars/Olympus", "Local", "../etc/passwd"} {
		if _, fault := parseSchedule("rate(1 day)", zone); !strings.Contains(fault, "time zone") {
			t.Errorf("zone %s: %q", zone, fault)
		}
	}
}

// TestScheduleLaws: what is next comes later, matches, and nothing between would have.
func TestScheduleLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
		expression := "cron(" + field("minute", "0", "*/15", "7,50") + " " + field("hour", "*", "3", "8-10") + " " +
			field("day", "*", "1", "L", "15W") + " " + field("month", "*", "FEB", "3-5") + " ? *)"
		s, fault := parseSchedule(expression, field("zone", "", "Europe/Berlin", "Asia/Kolkata"))
		if fault != "" {
			t.Fatalf("%s: %s", expression, fault)
		}
		after := time.Unix(rapid.Int64Range(1700000000, 1900000000).Draw(t, "after"), 0).UTC()
		next, found := s.next(after, after)
		if !found || !next.After(after) {
			t.Fatalf("%s after %v: %v %v", expression, after, next, found)
		}
		between := after.Add(time.Duration(rapid.Float64Range(0, 0.999).Draw(t, "part") * float64(next.Sub(after))))
		if again, _ := s.next(between, after); !again.Equal(next) {
			t.Fatalf("%s: after %v comes %v, but after %v %v", expression, after, next, between, again)
		}
	})
}

func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"rate(1 day)", "cron(0 0 * * ? *)", "cron(0 0 ? * 6#3 *)", "cron(0/5 8-17 LW JAN-MAR ? 2026)"} {
		f.Add(seed)
	}
	now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, expression string) {
		if s, fault := parseSchedule(expression, ""); fault == "" {
			if next, found := s.next(now, now); found && !next.After(now) {
				t.Errorf("%q: %v is not later", expression, next)
			}
		}
	})
}
