package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// scanner cuts a document into JSON tokens (RFC 8259) that know where they
// stand. After the first error every further token is tokenEnd, so that callers
// may look at err once, at the end.
type scanner struct {
	src       string
	offset    int
	line      int
	lineStart int // offset at which the line begins
	wide      int // bytes on this line that do not begin a code point

	token token
	err   *SyntaxError
}

type token struct {
	kind tokenKind
	span Span
	text string // of a string: unescaped; of a number or literal: as written
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenBeginObject
	tokenEndObject
	tokenBeginList
	tokenEndList
	tokenColon
	tokenComma
	tokenString
	tokenNumber
	tokenTrue
	tokenFalse
	tokenNull
)

// String names the kind as an error message needs it: "expected a string".
func (k tokenKind) String() string {
	return [...]string{
		"the end of the document", "an object", `"}"`, "a list", `"]"`, `":"`, `","`,
		"a string", "a number", "a boolean", "a boolean", "null",
	}[k]
}

func (s *scanner) position() Position {
	return Position{Line: s.line, Column: s.offset - s.lineStart - s.wide, Offset: s.offset}
}

// fail records the first error.
func (s *scanner) fail(code string, at Position, path *step, format string, args ...any) {
	if s.err == nil {
		s.err = &SyntaxError{Code: code, Position: at, Path: Node{step: path}.Path(), Message: fmt.Sprintf(format, args...)}
	}
	s.offset = len(s.src)
	s.token = token{kind: tokenEnd, span: Span{at, at}}
}

// next reads the next token into s.token.
func (s *scanner) next(path *step) {
	if s.err != nil {
		return
	}
	s.skipSpace()
	start := s.position()
	s.token = token{span: Span{start, start}}
	if s.offset == len(s.src) {
		return
	}
	switch c := s.src[s.offset]; {
	case c == '"':
		s.readString(start, path)
	case c == '-' || isDigit(c):
		s.readNumber(start, path)
	case strings.IndexByte("{}[]:,", c) >= 0:
		s.token.kind = [...]tokenKind{'{': tokenBeginObject, '}': tokenEndObject, '[': tokenBeginList, ']': tokenEndList, ':': tokenColon, ',': tokenComma}[c]
		s.offset++
	case s.readWord("true", tokenTrue), s.readWord("false", tokenFalse), s.readWord("null", tokenNull):
	default:
		r, _ := utf8.DecodeRuneInString(s.src[s.offset:])
		s.fail(codeJSON, start, path, "expected a JSON value, found %q", r)
		return
	}
	if s.err == nil {
		s.token.span.End = s.position()
	}
}

func (s *scanner) skipSpace() {
	for s.offset < len(s.src) {
		switch s.src[s.offset] {
		case '\n':
			s.offset++
			s.line++
			s.lineStart, s.wide = s.offset, 0
		case ' ', '\t', '\r':
			s.offset++
		default:
			return
		}
	}
}

func (s *scanner) readWord(word string, kind tokenKind) bool {
	if !strings.HasPrefix(s.src[s.offset:], word) {
		return false
	}
	s.token.kind, s.token.text = kind, word
	s.offset += len(word)
	return true
}

func (s *scanner) readNumber(start Position, path *step) {
	rest := s.src[s.offset:]
	n := numberLength(rest)
	if n == 0 || n < len(rest) && (isDigit(rest[n]) || strings.IndexByte(".eE+-", rest[n]) >= 0) {
		s.fail(codeJSON, start, path, "this is not a JSON number")
		return
	}
	s.token.kind, s.token.text = tokenNumber, rest[:n]
	s.offset += n
}

// numberLength is the length of the JSON number at the start of s, or 0.
func numberLength(s string) int {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return 0
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}

// readString reads a string. One without escapes is a slice of the source.
func (s *scanner) readString(start Position, path *step) {
	s.offset++
	from := s.offset
	for s.offset < len(s.src) {
		switch c := s.src[s.offset]; {
		case c == '"':
			s.token.kind, s.token.text = tokenString, s.src[from:s.offset]
			s.offset++
			return
		case c == '\\':
			s.readEscapedString(start, from, path)
			return
		case c < ' ':
			s.fail(codeJSON, s.position(), path, "a string may not hold the control character %U unescaped", c)
			return
		default:
			s.passByte(c)
		}
	}
	s.fail(codeJSON, start, path, "this string has no closing quote")
}

// readEscapedString goes on from the first backslash.
func (s *scanner) readEscapedString(start Position, from int, path *step) {
	text := []byte(s.src[from:s.offset])
	for s.offset < len(s.src) {
		switch c := s.src[s.offset]; {
		case c == '"':
			s.token.kind, s.token.text = tokenString, string(text)
			s.offset++
			return
		case c == '\\':
			r, n := unescape(s.src[s.offset:])
			if n == 0 {
				s.fail(codeJSON, s.position(), path, "this is not a JSON escape sequence")
				return
			}
			text = utf8.AppendRune(text, r)
			s.offset += n
		case c < ' ':
			s.fail(codeJSON, s.position(), path, "a string may not hold the control character %U unescaped", c)
			return
		default:
			text = append(text, c)
			s.passByte(c)
		}
	}
	s.fail(codeJSON, start, path, "this string has no closing quote")
}

func (s *scanner) passByte(c byte) {
	s.offset++
	if isContinuation(c) {
		s.wide++
	}
}

// unescape reads the escape sequence s begins with and returns its code point
// and its length, which is 0 if there is none. Half a surrogate pair is none.
func unescape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if r < 0xD800 || r > 0xDFFF {
		return r, 6
	}
	low, ok := hex4(s[6:])
	if !ok || r > 0xDBFF || low < 0xDC00 || low > 0xDFFF {
		return 0, 0
	}
	return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), 12
}

// hex4 reads \uXXXX.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for i := 2; i < 6; i++ {
		switch c := s[i]; {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case 'a' <= lower(c) && lower(c) <= 'f':
			r = r<<4 | rune(lower(c)-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

func isDigit(c byte) bool        { return '0' <= c && c <= '9' }
func isContinuation(c byte) bool { return c&0xC0 == 0x80 }
