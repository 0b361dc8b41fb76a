package policy

import (
	"strings"
	"unicode/utf8"
)

// glob is a compiled pattern: a sequence of text, wildcards and policy variables.
//
// Matching takes time linear in the text for common patterns: the pieces before
// the first star and after the last are compared in place, and each literal between
// two stars is searched once, leftmost. The other patterns (a star that must not
// match a colon, or "?" or a variable between stars) are matched by backtracking
// for a limited number of steps, and then by [bitParallelMatcher] in time
// proportional to pattern length times text length over 64.
type glob struct {
	literal   string // the whole pattern, if it has no wildcards and no variables
	pieces    []piece
	minLength int  // a match has at least this many bytes, variables not counted
	variable  bool // at least one piece is a variable
	complex   bool // leftmost search does not suffice
}

type piece struct {
	kind pieceKind
	text string // for a literal; for a variable its key
	hash uint64 // foldHash of the key
	// fallback is the default value of a variable, if it has one.
	fallback    string
	hasFallback bool
}

type pieceKind uint8

const (
	pieceText        pieceKind = iota
	pieceOne                   // "?": one UTF-16 unit
	pieceOneInField            // "?" that does not match a colon
	pieceStar                  // "*": any text
	pieceStarInField           // "*" that does not match a colon
	pieceVariable              // "${key}" or "${key, 'default'}"
)

func (k pieceKind) star() bool { return k == pieceStar || k == pieceStarInField }

// dialect specifies the syntax of a pattern.
type dialect struct {
	wildcards bool // "*" and "?"
	variables bool // "${...}"
	arn       bool // fields as in an ARN: see compileGlob
}

// compileGlob compiles a pattern. In the ARN dialect the first five fields differ
// from the resource part: only the resource part can contain variables; "?" in a
// field, and a "*" that is not the last character of its field, do not match a
// colon.
func compileGlob(pattern string, d dialect) glob {
	var g glob
	if !hasSyntax(pattern, d) {
		return glob{literal: pattern, minLength: len(pattern)}
	}
	g.pieces = make([]piece, 0, 1+2*(strings.Count(pattern, "*")+strings.Count(pattern, "?")+strings.Count(pattern, "$")))
	text := 0 // where the text begins that is not in a piece yet
	colons := 0
	for i := 0; i < len(pattern); {
		inField := d.arn && colons < 5
		length := 1
		var p piece
		switch c := pattern[i]; {
		case c == '$' && d.variables && !inField:
			v, n, ok := parseVariable(pattern[i:])
			if !ok {
				i++
				continue
			}
			p, length = v, n
		case c == '*' && d.wildcards:
			p.kind = pieceStar
			if inField && i+1 < len(pattern) && pattern[i+1] != ':' {
				p.kind = pieceStarInField
			}
		case c == '?' && d.wildcards:
			p.kind = pieceOne
			if inField {
				p.kind = pieceOneInField
			}
		default:
			if c == ':' {
				colons++
			}
			i++
			continue
		}
		g.addText(pattern[text:i])
		g.add(p)
		i += length
		text = i
	}
	g.addText(pattern[text:])
	g.finish()
	return g
}

// hasSyntax reports whether the pattern has wildcards or variables.
func hasSyntax(pattern string, d dialect) bool {
	return d.wildcards && strings.ContainsAny(pattern, "*?") || d.variables && strings.Contains(pattern, "${")
}

// add appends a piece. Adjacent stars become one, the less restricted of them.
func (g *glob) add(p piece) {
	if n := len(g.pieces); p.kind.star() && n > 0 && g.pieces[n-1].kind.star() {
		g.pieces[n-1].kind = min(g.pieces[n-1].kind, p.kind)
		return
	}
	g.pieces = append(g.pieces, p)
}

func (g *glob) addText(text string) {
	if text != "" {
		g.pieces = append(g.pieces, piece{kind: pieceText, text: text})
	}
}

// joinTexts makes one piece of adjacent texts, which escaped characters cause.
func (g *glob) joinTexts() {
	joined := g.pieces[:0]
	for i := 0; i < len(g.pieces); {
		end := i + 1
		for g.pieces[i].kind == pieceText && end < len(g.pieces) && g.pieces[end].kind == pieceText {
			end++
		}
		p := g.pieces[i]
		if end > i+1 {
			var text strings.Builder
			for _, q := range g.pieces[i:end] {
				text.WriteString(q.text)
			}
			p.text = text.String()
		}
		joined = append(joined, p)
		i = end
	}
	g.pieces = joined
}

// finish sets the fields that are derived from all pieces.
func (g *glob) finish() {
	g.joinTexts()
	if len(g.pieces) == 0 {
		g.pieces = nil // the empty pattern is the empty literal
		return
	}
	if len(g.pieces) == 1 && g.pieces[0].kind == pieceText {
		g.literal, g.minLength, g.pieces = g.pieces[0].text, len(g.pieces[0].text), nil
		return
	}
	first, last := -1, -1
	for i, p := range g.pieces {
		switch {
		case p.kind == pieceText:
			g.minLength += len(p.text)
		case p.kind == pieceVariable:
			g.variable = true
		case p.kind.star():
			if first < 0 {
				first = i
			}
			last = i
			g.complex = g.complex || p.kind == pieceStarInField
		default:
			g.minLength++
		}
	}
	for i := first + 1; i < last; i++ {
		isolated := g.pieces[i-1].kind.star() && g.pieces[i+1].kind.star()
		if !g.pieces[i].kind.star() && (!isolated || g.pieces[i].kind == pieceOne || g.pieces[i].kind == pieceOneInField) {
			g.complex = true
		}
	}
}

// matchesAll reports whether the glob matches every text.
func (g *glob) matchesAll() bool { return len(g.pieces) == 1 && g.pieces[0].kind == pieceStar }

// parseVariable parses the variable at the start of s: "${key}", "${key, 'default'}",
// or one of the escapes "${*}", "${?}", "${$}", which are text. It returns the
// length read. Anything else is literal text.
func parseVariable(s string) (v piece, n int, ok bool) {
	body, ok := strings.CutPrefix(s, "${")
	if !ok {
		return piece{}, 0, false
	}
	if len(body) >= 2 && body[1] == '}' && strings.IndexByte("*?$", body[0]) >= 0 {
		return piece{kind: pieceText, text: body[:1]}, 4, true
	}
	end := strings.IndexAny(body, "},")
	if end <= 0 || strings.ContainsAny(body[:end], " '${") {
		return piece{}, 0, false
	}
	v = piece{kind: pieceVariable, text: body[:end], hash: foldHash(body[:end])}
	if body[end] == '}' {
		return v, len("${") + end + 1, true
	}
	rest := strings.TrimLeft(body[end+1:], " ")
	quoted, ok := strings.CutPrefix(rest, "'")
	if !ok {
		return piece{}, 0, false
	}
	v.fallback, rest, ok = strings.Cut(quoted, "'")
	if !ok {
		return piece{}, 0, false
	}
	rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " "), "}")
	v.hasFallback = true
	return v, len(s) - len(rest), ok
}

// matcher matches globs against texts for one request.
type matcher struct {
	context *Context            // values of variables
	fold    bool                // ignore the case of ASCII letters
	bits    *bitParallelMatcher // allocated when first needed
}

// match reports whether the glob matches the whole text. A glob with a variable that has neither a value nor
// a default value matches nothing.
func (m *matcher) match(g *glob, text string) bool {
	if g.pieces == nil {
		return m.hasPrefix(text, g.literal) && len(text) == len(g.literal)
	}
	if len(text) < g.minLength {
		return false
	}
	if !g.variable {
		return m.matchPieces(g.pieces, text, g.complex)
	}
	var buffer [16]piece
	pieces := append(buffer[:0], g.pieces...)
	for i := range pieces {
		if pieces[i].kind != pieceVariable {
			continue
		}
		value, ok := m.value(&pieces[i])
		if !ok {
			return false
		}
		pieces[i] = piece{kind: pieceText, text: value}
	}
	return m.matchPieces(pieces, text, g.complex)
}

// value returns the value of a variable: that of a key with exactly one non-empty
// value, or the default.
func (m *matcher) value(p *piece) (string, bool) {
	if values := m.context.get(p.hash, p.text); len(values) == 1 && values[0] != "" {
		return values[0], true
	}
	return p.fallback, p.hasFallback
}

func (m *matcher) matchPieces(pieces []piece, text string, complex bool) bool {
	start, end := 0, len(text)
	for len(pieces) > 0 && !pieces[0].kind.star() {
		n := m.prefix(&pieces[0], text[start:])
		if n < 0 {
			return false
		}
		pieces, start = pieces[1:], start+n
	}
	if len(pieces) == 0 {
		return start == end
	}
	for last := len(pieces) - 1; !pieces[last].kind.star(); last-- {
		n := m.suffix(&pieces[last], text[start:end])
		if n < 0 {
			return false
		}
		pieces, end = pieces[:last], end-n
	}
	if !m.containsLiterals(pieces, text[start:end]) {
		return false
	}
	if !complex {
		return true
	}
	steps := maxBacktrackSteps
	if matched := m.backtrack(pieces, text[start:end], &steps); matched || steps > 0 {
		return matched
	}
	if m.bits == nil {
		m.bits = new(bitParallelMatcher)
	}
	return m.bits.match(pieces, text, start, end, m.fold)
}

// containsLiterals reports whether the text contains the literals among the pieces
// in this order without overlap. For a complex glob that is necessary but not
// sufficient; it rejects most texts cheaply.
func (m *matcher) containsLiterals(pieces []piece, text string) bool {
	for i := range pieces {
		if p := &pieces[i]; p.kind == pieceText {
			at := m.index(text, p.text)
			if at < 0 {
				return false
			}
			text = text[at+len(p.text):]
		}
	}
	return true
}

// maxBacktrackSteps is the number of star positions tried before a complex glob is
// matched by [bitParallelMatcher].
const maxBacktrackSteps = 24

// backtrack matches by trying every length for every star, and stops when no steps
// are left: false with no steps left means that the result is unknown.
func (m *matcher) backtrack(pieces []piece, text string, steps *int) bool {
	for i := range pieces {
		p := &pieces[i]
		if !p.kind.star() {
			n := m.prefix(p, text)
			if n < 0 {
				return false
			}
			text = text[n:]
			continue
		}
		if p.kind == pieceStar && i == len(pieces)-1 {
			return true
		}
		for ; *steps > 0; *steps-- {
			if m.backtrack(pieces[i+1:], text, steps) {
				return true
			}
			if text == "" || p.kind == pieceStarInField && text[0] == ':' {
				return false
			}
			text = text[unitLength(text):]
		}
		return false
	}
	return text == ""
}

// prefix returns the number of bytes the piece matches at the start of the text, or
// -1.
func (m *matcher) prefix(p *piece, text string) int {
	switch {
	case p.kind == pieceText:
		if !m.hasPrefix(text, p.text) {
			return -1
		}
		return len(p.text)
	case text == "" || p.kind == pieceOneInField && text[0] == ':':
		return -1
	}
	return unitLength(text)
}

// suffix returns the number of bytes the piece matches at the end of the text, or
// -1.
func (m *matcher) suffix(p *piece, text string) int {
	switch {
	case p.kind == pieceText:
		if len(text) < len(p.text) || !m.hasPrefix(text[len(text)-len(p.text):], p.text) {
			return -1
		}
		return len(p.text)
	case text == "" || p.kind == pieceOneInField && text[len(text)-1] == ':':
		return -1
	}
	return lastUnitLength(text)
}

// A "?" matches one UTF-16 unit, as captures of AWS show: a character outside
// the basic multilingual plane, four bytes in UTF-8, is two units. The first unit
// is represented by the first two bytes, the second by the other two.

// unitLength returns the length in bytes of the first unit of text. The text may begin or end between the two
// units of a character.
func unitLength(text string) int {
	if text != "" && text[0] < utf8.RuneSelf {
		return 1
	}
	return wideUnitLength(text)
}

// wideUnitLength is unitLength for a text that does not begin with ASCII.
func wideUnitLength(text string) int {
	r, n := utf8.DecodeRuneInString(text)
	return unitSize(r, n, len(text))
}

// lastUnitLength returns the length in bytes of the last unit of text.
func lastUnitLength(text string) int {
	r, n := utf8.DecodeLastRuneInString(text)
	return unitSize(r, n, len(text))
}

// unitSize returns the length of one unit of a decoded character: two bytes of a four-byte character, whole or
// split.
func unitSize(r rune, n, most int) int {
	if n == 4 || r == utf8.RuneError && n == 1 {
		return min(2, most)
	}
	return n
}

func (m *matcher) hasPrefix(text, prefix string) bool {
	if m.fold {
		return hasPrefixFold(text, prefix)
	}
	return strings.HasPrefix(text, prefix)
}

func (m *matcher) index(text, substr string) int {
	if m.fold {
		return indexFold(text, substr)
	}
	return strings.Index(text, substr)
}
