package reference

import (
	"encoding/base64"
	"math/big"
	"net"
	"strings"
	"time"
	"unicode/utf16"
)

// holds evaluates one operator with one key: C3 to C7.
func (w *World) holds(operator, key string, policy []string, variables, deny bool) bool {
	values := w.Context[strings.ToLower(key)]
	name := strings.ToLower(operator)
	name, all := strings.CutPrefix(name, "forallvalues:")
	name, some := strings.CutPrefix(name, "foranyvalue:")
	if all && some {
		return deny
	}
	if name == "null" {
		present := false
		for _, v := range values {
			present = present || v != "" || !w.Multivalued[strings.ToLower(key)]
		}
		switch {
		case all || some:
			return all
		case present:
			return has(policy, "false")
		}
		return has(policy, "true")
	}
	name, ifExists := strings.CutSuffix(name, "ifexists")
	negated := true
	switch name {
	case "notipaddress":
		name = "ipaddress"
	case "stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike", "numericnotequals", "datenotequals":
		name = strings.Replace(name, "not", "", 1)
	default:
		negated = false
	}
	if compare[name] == nil {
		return deny
	}
	matched := func(v string) bool {
		for _, p := range policy {
			if compare[name](w, p, v, variables) {
				return true
			}
		}
		return false
	}

	absent := len(values) == 0
	if all {
		var nonEmpty []string
		for _, v := range values {
			if v != "" {
				nonEmpty = append(nonEmpty, v)
			}
		}
		values, absent = nonEmpty, len(nonEmpty) == 0
	}
	if len(policy) == 0 {
		return absent && (all || ifExists)
	}
	if absent {
		return all || ifExists || negated && !some
	}
	hits := 0
	for _, v := range values {
		if readable(name, v) && matched(v) != negated || !readable(name, v) && negated && deny {
			hits++
		}
	}
	switch {
	case all:
		return hits == len(values)
	case some:
		return hits > 0
	}
	return len(values) == 1 && hits == 1 && !w.Multivalued[strings.ToLower(key)]
}

func has(policy []string, word string) bool {
	for _, p := range policy {
		if strings.ToLower(p) == word {
			return true
		}
	}
	return false
}

// compare holds the comparisons of a value of the policy with one of the request.
var compare = map[string]func(w *World, p, v string, variables bool) bool{
	"stringequals": func(w *World, p, v string, variables bool) bool {
		marks, ok := w.substitute(p, false, variables)
		return ok && like(marks, v)
	},
	"stringequalsignorecase": func(w *World, p, v string, variables bool) bool {
		marks, ok := w.substitute(p, false, variables)
		if !ok {
			return false
		}
		var chars []uint16
		for _, m := range marks {
			chars = append(chars, m.char)
		}
		return lowerCase(string(utf16.Decode(chars))) == lowerCase(v)
	},
	"stringlike": func(w *World, p, v string, variables bool) bool {
		marks, ok := w.substitute(p, true, variables)
		return ok && like(marks, v)
	},
	"arnlike":   arnLike,
	"arnequals": arnLike,

	"numericequals":            number(func(c int) bool { return c == 0 }),
	"numericlessthan":          number(func(c int) bool { return c < 0 }),
	"numericlessthanequals":    number(func(c int) bool { return c <= 0 }),
	"numericgreaterthan":       number(func(c int) bool { return c > 0 }),
	"numericgreaterthanequals": number(func(c int) bool { return c >= 0 }),

	"dateequals":            moment(func(c int) bool { return c == 0 }),
	"datelessthan":          moment(func(c int) bool { return c < 0 }),
	"datelessthanequals":    moment(func(c int) bool { return c <= 0 }),
	"dategreaterthan":       moment(func(c int) bool { return c > 0 }),
	"dategreaterthanequals": moment(func(c int) bool { return c >= 0 }),

	"bool": func(_ *World, p, v string, _ bool) bool {
		p, v = strings.ToLower(p), strings.ToLower(v)
		if v != "true" {
			v = "false" // every other value counts as false
		}
		return p == v
	},
	"binaryequals": func(_ *World, p, v string, _ bool) bool {
		b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(p, "="))
		return err == nil && string(b) == v
	},
	"ipaddress": func(_ *World, p, v string, _ bool) bool {
		ip := net.ParseIP(v)
		if ip == nil {
			return false
		}
		if !strings.Contains(p, ":") {
			p = withoutZeros(p)
		}
		if !strings.Contains(p, "/") {
			other := net.ParseIP(p)
			return other != nil && (other.To4() == nil) == (ip.To4() == nil) && other.Equal(ip)
		}
		base, block, err := net.ParseCIDR(p)
		if err != nil || base.To4() == nil && !base.Equal(block.IP) {
			return false
		}
		return (block.IP.To4() == nil) == (ip.To4() == nil) && block.Contains(ip)
	},
}

// lowerCase returns text in lower case, except for the letter whose lower case is two
// characters.
func lowerCase(s string) string {
	var parts []string
	for _, part := range strings.Split(s, "\u0130") {
		parts = append(parts, strings.ToLower(part))
	}
	return strings.Join(parts, "\u0130")
}

// withoutZeros removes leading zeros from an IPv4 address or block. An octet has at
// most three digits and a prefix length two.
func withoutZeros(p string) string {
	address, size, found := strings.Cut(p, "/")
	octets := strings.Split(address, ".")
	for i, o := range octets {
		if len(o) <= 3 {
			octets[i] = trimZeros(o)
		}
	}
	p = strings.Join(octets, ".")
	if found && len(size) <= 2 {
		size = trimZeros(size)
	}
	if found {
		p += "/" + size
	}
	return p
}

func trimZeros(number string) string {
	if short := strings.TrimLeft(number, "0"); short != "" || number == "" {
		return short
	}
	return "0"
}

// readable reports whether a value of the request is valid for the operator's type.
func readable(name, v string) bool {
	ok := true
	switch {
	case strings.HasPrefix(name, "numeric"):
		_, ok = rational(v)
	case strings.HasPrefix(name, "date"):
		_, ok = instant(v)
	case strings.HasPrefix(name, "arn"):
		ok = len(strings.SplitN(v, ":", 6)) == 6
	case name == "ipaddress":
		ok = net.ParseIP(v) != nil
	}
	return ok
}

func arnLike(w *World, p, v string, variables bool) bool {
	var field []string
	rest := p
	for rest != "" && len(field) < 5 {
		n := 0
		for n < len(rest) && rest[n] != ':' {
			if _, _, _, after, ok := variable(rest[n:]); ok && variables {
				n = len(rest) - len(after)
				continue
			}
			n++
		}
		if n == len(rest) {
			break
		}
		field, rest = append(field, rest[:n]), rest[n+1:]
	}
	field = append(field, rest)
	if len(field) < 6 {
		if !variables || !holdsVariable(p) {
			return p != "" && strings.Trim(p, "*") == ""
		}
		marks, ok := w.substitute(p, true, variables)
		return ok && like(marks, v)
	}
	given := strings.SplitN(v, ":", 6)
	if len(given) < 6 {
		return false
	}
	for i := range field {
		marks, ok := w.substitute(field[i], true, variables)
		if !ok || !like(marks, given[i]) {
			return false
		}
	}
	return true
}

func holdsVariable(p string) bool {
	for i := range p {
		if name, _, _, _, ok := variable(p[i:]); ok && strings.Trim(name, "*?$") != "" {
			return true
		}
	}
	return false
}

func number(holds func(int) bool) func(*World, string, string, bool) bool {
	return func(_ *World, p, v string, _ bool) bool {
		a, ok1 := rational(v)
		b, ok2 := rational(p)
		return ok1 && ok2 && holds(a.Cmp(b))
	}
}

func rational(s string) (*big.Rat, bool) {
	body := s
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		body = s[1:]
	}
	if strings.Trim(body, "0123456789.") != "" || strings.Count(body, ".") > 1 || strings.Trim(body, ".") == "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func moment(holds func(int) bool) func(*World, string, string, bool) bool {
	return func(_ *World, p, v string, _ bool) bool {
		a, ok1 := instant(v)
		b, ok2 := instant(p)
		return ok1 && ok2 && holds(a.Compare(b))
	}
}

func instant(s string) (time.Time, bool) {
	if digits(strings.TrimPrefix(s, "-")) && len(s) != 4 && len(strings.TrimPrefix(s, "-")) > 0 {
		n, ok := new(big.Int).SetString(s, 10)
		return time.Unix(n.Int64(), 0), ok && n.IsInt64()
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "t", "T"), "z", "Z")
	for _, day := range []string{"2006", "2006-01", "2006-01-02"} {
		if t, err := time.Parse(day, s); err == nil {
			return t, true
		}
	}
	for _, clock := range []string{"15", "15:04", "15:04:05", "15:04:05.999999999"} {
		for _, zone := range []string{"", "Z", "Z07", "Z07:00", "-07:00"} {
			if t, err := time.Parse("2006-01-02T"+clock+zone, s); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}
