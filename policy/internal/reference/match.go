package reference

import (
	"strings"
	"unicode/utf16"
)

// mark is one element of a pattern: a character, or a wildcard.
type mark struct {
	char     uint16 // a UTF-16 unit
	one, any bool
	noColon  bool // the wildcard does not match a colon
}

// like matches by exhaustive search: position i of the pattern with position j
// of the text, which is counted in UTF-16 units.
func like(pattern []mark, s string) bool {
	text := utf16.Encode([]rune(s))
	tried := make([]bool, (len(pattern)+1)*(len(text)+1))
	var try func(i, j int) bool
	try = func(i, j int) bool {
		if i == len(pattern) {
			return j == len(text)
		}
		at := i*(len(text)+1) + j
		if tried[at] {
			return false // tried before without a match
		}
		tried[at] = true
		m := pattern[i]
		free := j < len(text) && !(m.noColon && text[j] == ':')
		switch {
		case m.any:
			return try(i+1, j) || free && try(i, j+1)
		case m.one:
			return free && try(i+1, j+1)
		}
		return j < len(text) && text[j] == m.char && try(i+1, j+1)
	}
	return try(0, 0)
}

// literal parses text as literal characters.
func literal(text string) (marks []mark) {
	for _, c := range utf16.Encode([]rune(text)) {
		marks = append(marks, mark{char: c})
	}
	return marks
}

// wildcardMarks parses "*" and "?".
func wildcardMarks(text string) (marks []mark) {
	for _, c := range utf16.Encode([]rune(text)) {
		marks = append(marks, mark{char: c, any: c == '*', one: c == '?'})
	}
	return marks
}

func (w *World) anyAction(values any) bool {
	for _, p := range list(values) {
		p = strings.ToLower(p)
		everything := p != "" && strings.Trim(p, "*") == ""
		if (everything || strings.Contains(p, ":")) && like(wildcardMarks(p), strings.ToLower(w.Action)) {
			return true
		}
	}
	return false
}

func (w *World) anyResource(values any, kind string, variables bool) bool {
	for _, p := range list(values) {
		if w.resource(p, variables) {
			return true
		}
		missing := 5 - strings.Count(p, ":")
		pads := kind == "identity" || kind == "boundary" || kind == "session" ||
			(kind == "resource" || kind == "trust" || kind == "endpoint") && strings.ContainsAny(p, "*?")
		if missing > 0 && pads && w.resource(p+strings.Repeat(":*", missing), variables) {
			return true // M8
		}
	}
	return false
}

// resource matches one pattern of whole ARNs: M4 to M7, V2.
func (w *World) resource(p string, variables bool) bool {
	field := strings.SplitN(p, ":", 6)
	var marks []mark
	for i, f := range field {
		if i > 0 {
			marks = append(marks, mark{char: ':'})
		}
		if i == 5 {
			rest, ok := w.substitute(f, true, variables)
			if !ok {
				return false
			}
			marks = append(marks, rest...)
			continue
		}
		part := wildcardMarks(f)
		for k := range part {
			last := k == len(part)-1
			part[k].noColon = part[k].one || part[k].any && !last
		}
		marks = append(marks, part...)
	}
	return like(marks, w.Resource)
}

// substitute parses a pattern and substitutes its variables: V1 to V5. It fails if a
// variable has no value.
func (w *World) substitute(text string, wildcards, variables bool) (marks []mark, ok bool) {
	for text != "" {
		if variables {
			if v, fallback, defaulted, rest, found := variable(text); found {
				text = rest
				switch values := w.Context[strings.ToLower(v)]; {
				case v == "*" || v == "?" || v == "$":
					marks = append(marks, literal(v)...)
				case len(values) == 1 && values[0] != "":
					marks = append(marks, literal(values[0])...)
				case defaulted:
					marks = append(marks, literal(fallback)...)
				default:
					return nil, false
				}
				continue
			}
		}
		_, n := split(text)
		if wildcards {
			marks = append(marks, wildcardMarks(text[:n])...)
		} else {
			marks = append(marks, literal(text[:n])...)
		}
		text = text[n:]
	}
	return marks, true
}

// split returns the first character of a text and its length.
func split(text string) (rune, int) {
	for i, r := range text {
		if i > 0 {
			return 0, i
		}
		_ = r
	}
	return 0, len(text)
}

// variable parses "${name}" or "${name, 'default'}" at the start of a text.
func variable(text string) (name, fallback string, defaulted bool, rest string, ok bool) {
	if !strings.HasPrefix(text, "${") {
		return
	}
	text = text[2:]
	for _, escape := range []string{"*", "?", "$"} {
		if strings.HasPrefix(text, escape+"}") {
			return escape, "", false, text[2:], true
		}
	}
	end := strings.IndexAny(text, "},")
	if end < 1 {
		return
	}
	name = text[:end]
	if strings.ContainsAny(name, " '${") {
		return
	}
	if text[end] == '}' {
		return name, "", false, text[end+1:], true
	}
	text = strings.TrimLeft(text[end+1:], " ")
	if !strings.HasPrefix(text, "'") {
		return
	}
	end = strings.Index(text[1:], "'")
	if end < 0 {
		return
	}
	fallback = text[1 : 1+end]
	text = strings.TrimLeft(text[end+2:], " ")
	if !strings.HasPrefix(text, "}") {
		return
	}
	return name, fallback, true, text[1:], true
}
