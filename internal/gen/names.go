package main

import "strings"

// initialisms are written in capitals in Go names.
var initialisms = []struct{ from, to string }{
	{"Arn", "ARN"}, {"Id", "ID"}, {"Uri", "URI"}, {"Url", "URL"}, {"Kms", "KMS"}, {"Http", "HTTP"}, {"Ip", "IP"},
}

// goName converts a model name to an exported Go name.
func goName(name string) string {
	name = strings.ToUpper(name[:1]) + name[1:]
	for _, i := range initialisms {
		name = replaceWord(name, i.from, i.to)
	}
	return name
}

// replaceWord replaces from where it ends a camel-case word (or its plural).
func replaceWord(name, from, to string) string {
	var b strings.Builder
	for {
		at := strings.Index(name, from)
		if at < 0 {
			b.WriteString(name)
			return b.String()
		}
		rest := name[at+len(from):]
		plural := strings.TrimPrefix(rest, "s")
		b.WriteString(name[:at])
		if startsWord(rest) || (plural != rest && startsWord(plural)) {
			b.WriteString(to)
		} else {
			b.WriteString(from)
		}
		name = rest
	}
}

// startsWord reports whether s begins a new camel-case word, or is empty.
func startsWord(s string) bool {
	return s == "" || s[0] < 'a' || s[0] > 'z'
}

// constName converts an enum value to a Go name.
func constName(value string) string {
	var b strings.Builder
	up := true
	shout := value == strings.ToUpper(value) && strings.ContainsAny(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for _, r := range value {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			s := string(r)
			if up {
				s = strings.ToUpper(s)
			} else if shout {
				s = strings.ToLower(s)
			}
			b.WriteString(s)
			up = false
		default:
			up = true
		}
	}
	return b.String()
}
