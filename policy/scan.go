package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// scanner splits a document into JSON tokens (RFC 8259) with their positions. After
// the first error every further token is tokenEnd, so that callers can check err
// once, at the end.
type scanner struct {
	src          string
	offset       int
	line         int
	lineStart    int // offset at which the line begins
	continuation int // UTF-8 continuation bytes on this line

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

// String returns the token's name in error messages: "expected a string".
func (k tokenKind) String() string {
	return [...]string{
		"the end of the document", "an object", `"}"`, "a list", `"]"`, `":"`, `","`,
		"a string", "a number", "a boolean", "a boolean", "null",
	}[k]
}

func (s *scanner) position() Position {
	return Position{Line: s.line, Column: s.offset - s.lineStart - s.continuation, Offset: s.offset}
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
	case s.readLiteral("true", tokenTrue), s.readLiteral("false", tokenFalse), s.readLiteral("null", tokenNull):
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
			s.lineStart, s.continuation = s.offset, 0
		case ' ', '\t', '\r':
			s.offset++
		default:
			return
		}
	}
}

func (s *scanner) readLiteral(word string, kind tokenKind) bool {
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
		s.fail(codeJSON, start, path, "invalid JSON number")
		return
	}
	s.token.kind, s.token.text = tokenNumber, rest[:n]
	s.offset += n
}

// numberLength returns the length of the JSON number at the start of s, or 0.
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
			s.fail(codeJSON, s.position(), path, "control character %U must be escaped in a string", c)
			return
		default:
			s.advance(c)
		}
	}
	s.fail(codeJSON, start, path, "the string has no closing quote")
}

// readEscapedString reads the rest of a string from its first backslash.
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
				s.fail(codeJSON, s.position(), path, "invalid JSON escape sequence")
				return
			}
			text = utf8.AppendRune(text, r)
			s.offset += n
		case c < ' ':
			s.fail(codeJSON, s.position(), path, "control character %U must be escaped in a string", c)
			return
		default:
			text = append(text, c)
			s.advance(c)
		}
	}
	s.fail(codeJSON, start, path, "the string has no closing quote")
}

func (s *scanner) advance(c byte) {
	s.offset++
	if isContinuation(c) {
		s.continuation++
	}
}

// unescape decodes the escape sequence at the start of s and returns its code point
// and its length, which is 0 if it is invalid. Half a surrogate pair is invalid.
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
