package policy

import (
	"strings"
	"unicode/utf8"
)

// glob is a compiled pattern: text, wildcards and policy variables in a row.
//
// Matching takes time linear in the text for the patterns people write: what
// stands before the first star and after the last is compared in place, and each
// literal between two stars is searched once, leftmost. The other patterns (a
// star that may not cross a colon, or "?" or a variable between stars) are tried
// for a few steps and then matched by [spots], in pattern length times text
// length over 64.
type glob struct {
	literal  string // the whole pattern, if it is nothing but text
	pieces   []piece
	shortest int  // a match has at least this many bytes, variables not counted
	variable bool // some piece is a variable
	hard     bool // needs spots
}

type piece struct {
	kind pieceKind
	text string // of a literal; of a variable its key
	hash uint64 // foldHash of the key
	// fallback is the default of a variable, if it has one.
	fallback    string
	hasFallback bool
}

type pieceKind uint8

const (
	pieceText        pieceKind = iota
	pieceOne                   // "?": one UTF-16 unit
	pieceOneInField            // "?" that is no colon
	pieceStar                  // "*": any run
	pieceStarInField           // "*" without colons
	pieceVariable              // "${key}" or "${key, 'default'}"
)

func (k pieceKind) star() bool { return k == pieceStar || k == pieceStarInField }

// dialect says what is special in a pattern.
type dialect struct {
	wildcards bool // "*" and "?"
	variables bool // "${...}"
	arn       bool // fields as in an ARN: see compileGlob
}

// compileGlob compiles a pattern. In the dialect of ARNs the first five fields
// are apart from the rest: variables stand only in the rest; "?" in a field, and
// a "*" that is not the last character of its field, do not match a colon.
func compileGlob(pattern string, d dialect) glob {
	var g glob
	var text []byte
	flush := func() {
		if len(text) > 0 {
			g.pieces = append(g.pieces, piece{kind: pieceText, text: string(text)})
			text = text[:0]
		}
	}
	if !special(pattern, d) {
		return glob{literal: pattern, shortest: len(pattern)}
	}
	g.pieces = make([]piece, 0, 1+2*(strings.Count(pattern, "*")+strings.Count(pattern, "?")+strings.Count(pattern, "$")))
	colons := 0
	for i := 0; i < len(pattern); {
		inField := d.arn && colons < 5
		c := pattern[i]
		switch {
		case c == '$' && d.variables && !inField:
			v, n, ok := parseVariable(pattern[i:])
			if !ok {
				text = append(text, c)
				i++
				continue
			}
			if v.kind == pieceText {
				text = append(text, v.text...)
			} else {
				flush()
				g.pieces = append(g.pieces, v)
			}
			i += n
			continue
		case c == '*' && d.wildcards:
			flush()
			kind := pieceStar
			if inField && i+1 < len(pattern) && pattern[i+1] != ':' {
				kind = pieceStarInField
			}
			g.addStar(kind)
		case c == '?' && d.wildcards:
			flush()
			kind := pieceOne
			if inField {
				kind = pieceOneInField
			}
			g.pieces = append(g.pieces, piece{kind: kind})
		default:
			if c == ':' {
				colons++
			}
			text = append(text, c)
		}
		i++
	}
	flush()
	g.finish()
	return g
}

// special reports whether the pattern is anything but literal text.
func special(pattern string, d dialect) bool {
	return d.wildcards && strings.ContainsAny(pattern, "*?") || d.variables && strings.Contains(pattern, "${")
}

// addStar appends a star; two neighbours are one, the freer of them.
func (g *glob) addStar(kind pieceKind) {
	if n := len(g.pieces); n > 0 && g.pieces[n-1].kind.star() {
		if kind == pieceStar {
			g.pieces[n-1].kind = kind
		}
		return
	}
	g.pieces = append(g.pieces, piece{kind: kind})
}

// finish fills in what is known once all pieces are there.
func (g *glob) finish() {
	if len(g.pieces) == 0 {
		g.pieces = nil // a pattern of nothing: the empty literal
		return
	}
	if len(g.pieces) == 1 && g.pieces[0].kind == pieceText {
		g.literal, g.shortest, g.pieces = g.pieces[0].text, len(g.pieces[0].text), nil
		return
	}
	first, last := -1, -1
	for i, p := range g.pieces {
		switch {
		case p.kind == pieceText:
			g.shortest += len(p.text)
		case p.kind == pieceVariable:
			g.variable = true
		case p.kind.star():
			if first < 0 {
				first = i
			}
			last = i
			g.hard = g.hard || p.kind == pieceStarInField
		default:
			g.shortest++
		}
	}
	for i := first + 1; i < last; i++ {
		lone := g.pieces[i-1].kind.star() && g.pieces[i+1].kind.star()
		if !g.pieces[i].kind.star() && (!lone || g.pieces[i].kind == pieceOne || g.pieces[i].kind == pieceOneInField) {
			g.hard = true
		}
	}
}

// anything reports whether the glob matches every text.
func (g *glob) anything() bool { return len(g.pieces) == 1 && g.pieces[0].kind == pieceStar }

// parseVariable reads the variable s begins with: "${key}", "${key, 'default'}",
// or one of the escapes "${*}", "${?}", "${$}", which are text. It returns the
// length read. What is not a variable stays text.
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
	context *Context // where variables get their values
	fold    bool     // ignore the case of ASCII letters
	spots   *spots   // made when the first hard glob needs it
}

// match reports whether the whole text matches. A glob with a variable that has
// no value and no default matches nothing.
func (m *matcher) match(g *glob, text string) bool {
	if g.pieces == nil {
		return m.hasPrefix(text, g.literal) && len(text) == len(g.literal)
	}
	if len(text) < g.shortest {
		return false
	}
	if !g.variable {
		return m.matchPieces(g.pieces, text, g.hard)
	}
	var room [16]piece
	pieces := append(room[:0], g.pieces...)
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
	return m.matchPieces(pieces, text, g.hard)
}

// value is what a variable stands for. Only a key with exactly one value, and
// that not empty, has one.
func (m *matcher) value(p *piece) (string, bool) {
	if values := m.context.get(p.hash, p.text); len(values) == 1 && values[0] != "" {
		return values[0], true
	}
	return p.fallback, p.hasFallback
}

func (m *matcher) matchPieces(pieces []piece, text string, hard bool) bool {
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
	if !m.inOrder(pieces, text[start:end]) {
		return false
	}
	if !hard {
		return true
	}
	steps := fewSteps
	if matched := m.try(pieces, text[start:end], &steps); matched || steps > 0 {
		return matched
	}
	if m.spots == nil {
		m.spots = new(spots)
	}
	return m.spots.match(pieces, text, start, end, m.fold)
}

// inOrder reports whether the texts among the pieces stand in the text one after
// the other. A hard glob needs that too, and mostly fails by it.
func (m *matcher) inOrder(pieces []piece, text string) bool {
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

// fewSteps is how many places of stars are tried before a hard glob is matched by
// [spots].
const fewSteps = 24

// try matches by trying every place for every star, and gives up when no steps
// are left: a false without steps left says nothing.
func (m *matcher) try(pieces []piece, text string, steps *int) bool {
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
			if m.try(pieces[i+1:], text, steps) {
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

// prefix is how much of the start of the text the piece takes, or -1.
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

// suffix is how much of the end of the text the piece takes, or -1.
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
// takes the first two bytes, the second the others.

// unitLength is the length in bytes of the unit that text begins with. The text
// may begin or end between two units of a character.
func unitLength(text string) int {
	r, n := utf8.DecodeRuneInString(text)
	return unitOf(r, n, len(text))
}

// lastUnitLength is the length in bytes of the unit that text ends with.
func lastUnitLength(text string) int {
	r, n := utf8.DecodeLastRuneInString(text)
	return unitOf(r, n, len(text))
}

// unitOf is the length of the unit of a decoded character: two bytes of four, or
// of a character that is cut in two.
func unitOf(r rune, n, most int) int {
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
