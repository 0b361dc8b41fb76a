package imagebuilder

import (
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // time zones also where the system has none
)

// schedule says when a pipeline runs. The zero value never does.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/cron-expressions.html
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
type schedule struct {
	every time.Duration // of a rate expression; 0 for a cron expression

	minutes, hours, months, years set
	monthDays                     monthDays
	weekDays                      weekDays
	zone                          *time.Location
}

// set is the numbers that a field of a cron expression stands for, in order. nil is a field
// that says nothing.
type set []int

func (s set) has(n int) bool {
	_, found := slices.BinarySearch(s, n)
	return found
}

// monthDays is the third field of a cron expression.
type monthDays struct {
	days        set
	last        bool // L
	lastWeekday bool // LW
	near        int  // 15W: the weekday nearest to the 15th in its month; 0 for none
}

// weekDays is the fifth field of a cron expression. 1 is Sunday.
type weekDays struct {
	days set
	last int // 6L: the last Friday of a month; 0 for none
	day  int // 6#3: the third Friday of a month; 0 for none
	nth  int
}

var (
	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

const firstYear, lastYear = 1970, 2199

// parseSchedule reads an expression in a time zone; "" is UTC. The fault of one that is not
// valid is a sentence, else "".
func parseSchedule(expression, zone string) (s schedule, fault string) {
	var err error
	if s.zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
		return schedule{}, "There is no time zone '" + zone + "'."
	}
	inner, isRate := strings.CutPrefix(expression, "rate(")
	if isRate && strings.HasSuffix(inner, ")") {
		return s, s.parseRate(strings.TrimSuffix(inner, ")"))
	}
	inner, isCron := strings.CutPrefix(expression, "cron(")
	if isCron && strings.HasSuffix(inner, ")") {
		return s, s.parseCron(strings.Fields(strings.TrimSuffix(inner, ")")))
	}
	return schedule{}, "It must have the form cron(...) or rate(...)."
}

// parseRate reads "1 day" or "12 hours".
func (s *schedule) parseRate(text string) (fault string) {
	const form = "A rate must be a number above 0 and minute, hour or day, in the plural unless the number is 1."
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return form
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil || n < 1 {
		return form
	}
	name, plural := strings.CutSuffix(fields[1], "s")
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[name]
	if unit == 0 || plural == (n == 1) || n > int(100*366*24*time.Hour/unit) {
		return form
	}
	s.every = time.Duration(n) * unit
	return ""
}

// parseCron reads minutes, hours, day of the month, month, day of the week and year; the year
// may be left out.
func (s *schedule) parseCron(fields []string) (fault string) {
	if len(fields) == 5 {
		fields = append(fields, "*")
	}
	if len(fields) != 6 {
		return "A cron expression must have six fields: minutes, hours, day of month, month, day of week and year."
	}
	if isAny := func(f string) bool { return f == "*" || f == "?" }; !isAny(fields[2]) && !isAny(fields[4]) {
		return "Day of month and day of week exclude each other: one of them must be '?'."
	}
	for _, field := range []struct {
		name string
		read func(string) bool
	}{
		{"minutes", func(text string) bool { return s.minutes.parse(text, 0, 59, nil) }},
		{"hours", func(text string) bool { return s.hours.parse(text, 0, 23, nil) }},
		{"day of month", s.monthDays.parse},
		{"month", func(text string) bool { return s.months.parse(text, 1, 12, monthNames) }},
		{"day of week", s.weekDays.parse},
		{"year", func(text string) bool { return s.years.parse(text, firstYear, lastYear, nil) }},
	} {
		if !field.read(fields[0]) {
			return "The field for " + field.name + " cannot be '" + fields[0] + "'."
		}
		fields = fields[1:]
	}
	return ""
}

// parse reads the items of a field: numbers or names, ranges and steps.
func (s *set) parse(text string, low, high int, names []string) bool {
	number := func(text string) (int, bool) {
		if i := slices.Index(names, strings.ToUpper(text)); i >= 0 {
			return low + i, true
		}
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= low && n <= high && text[0] != '+'
	}
	var numbers set
	for item := range strings.SplitSeq(text, ",") {
		span, stepText, hasStep := strings.Cut(item, "/")
		from, to, step := low, high, 1
		if span != "*" {
			fromText, toText, isRange := strings.Cut(span, "-")
			var ok bool
			if from, ok = number(fromText); !ok {
				return false
			}
			switch {
			case isRange:
				if to, ok = number(toText); !ok || to < from {
					return false
				}
			case !hasStep:
				to = from
			}
		}
		if hasStep {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 || n > high {
				return false
			}
			step = n
		}
		for n := from; n <= to; n += step {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	*s = slices.Compact(numbers)
	return true
}

func (m *monthDays) parse(text string) bool {
	switch near, isNear := strings.CutSuffix(text, "W"); {
	case text == "?":
		return true
	case text == "L":
		m.last = true
		return true
	case text == "LW":
		m.lastWeekday = true
		return true
	case isNear:
		n, err := strconv.Atoi(near)
		m.near = n
		return err == nil && n >= 1 && n <= 31
	}
	return m.days.parse(text, 1, 31, nil)
}

func (w *weekDays) parse(text string) bool {
	one := func(text string) (int, bool) {
		var s set
		ok := s.parse(text, 1, 7, dayNames)
		return append(s, 0)[0], ok && len(s) == 1
	}
	day, nth, isNth := strings.Cut(text, "#")
	last, isLast := strings.CutSuffix(text, "L")
	ok := true
	switch {
	case text == "?":
	case text == "L":
		w.days = set{7}
	case isNth:
		w.day, ok = one(day)
		n, err := strconv.Atoi(nth)
		w.nth = n
		ok = ok && err == nil && n >= 1 && n <= 5
	case isLast:
		w.last, ok = one(last)
	default:
		ok = w.days.parse(text, 1, 7, dayNames)
	}
	return ok
}

// next is the first time after an instant at which the schedule is due. A rate counts from
// an anchor. It is false if there is none.
func (s *schedule) next(after, anchor time.Time) (time.Time, bool) {
	if s.every > 0 {
		passed := max(after.Sub(anchor), 0)
		return anchor.Add((passed/s.every + 1) * s.every), true
	}
	y, m, d := after.In(s.zone).Date()
	for day := time.Date(y, m, d, 12, 0, 0, 0, s.zone); day.Year() <= lastYear; {
		y, m, d := day.Date()
		switch {
		case !s.years.has(y):
			day = time.Date(y+1, time.January, 1, 12, 0, 0, 0, s.zone)
			continue
		case !s.months.has(int(m)):
			day = time.Date(y, m+1, 1, 12, 0, 0, 0, s.zone)
			continue
		case s.monthDays.has(day) && s.weekDays.has(day):
			for _, hour := range s.hours {
				for _, minute := range s.minutes {
					if at := time.Date(y, m, d, hour, minute, 0, 0, s.zone); at.After(after) {
						return at.UTC(), true
					}
				}
			}
		}
		day = time.Date(y, m, d+1, 12, 0, 0, 0, s.zone)
	}
	return time.Time{}, false
}

// lastDayOf is the last day of the month of a day.
func lastDayOf(day time.Time) int {
	return time.Date(day.Year(), day.Month()+1, 0, 12, 0, 0, 0, day.Location()).Day()
}

func (m *monthDays) has(day time.Time) bool {
	last := lastDayOf(day)
	switch {
	case m.last:
		return day.Day() == last
	case m.lastWeekday:
		return day.Day() == nearestWeekday(day, last, last)
	case m.near > 0:
		return m.near <= last && day.Day() == nearestWeekday(day, m.near, last)
	}
	return m.days == nil || m.days.has(day.Day())
}

// nearestWeekday is the day from Monday to Friday that is nearest to a day of the same month,
// and in that month.
func nearestWeekday(month time.Time, d, last int) int {
	switch time.Date(month.Year(), month.Month(), d, 12, 0, 0, 0, month.Location()).Weekday() {
	case time.Saturday:
		if d == 1 {
			return 3
		}
		return d - 1
	case time.Sunday:
		if d == last {
			return d - 2
		}
		return d + 1
	}
	return d
}

func (w *weekDays) has(day time.Time) bool {
	weekday := int(day.Weekday()) + 1
	switch {
	case w.last > 0:
		return weekday == w.last && day.Day()+7 > lastDayOf(day)
	case w.day > 0:
		return weekday == w.day && (day.Day()-1)/7+1 == w.nth
	}
	return w.days == nil || w.days.has(weekday)
}
