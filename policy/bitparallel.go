package policy

import "math/bits"

// bitParallelMatcher matches the globs that a leftmost search cannot. It reads the
// pattern once and simulates its automaton with bit sets: the set of all offsets
// of the text that the pattern so far can reach. One piece of the pattern advances
// the whole set at once.
//
// The set may contain offsets past the end of the text. They cause no false match:
// offsets only increase, and the result is one bit at an offset within the text.
//
// The offsets of each byte are kept for the next pattern, because the patterns of
// one request are matched against the same few texts.
type bitParallelMatcher struct {
	text     string
	fold     bool
	prepared bool
	ascii    bool
	words    int // length of one set, which holds the offsets 0 to len(text)

	sets         []uint64 // 256 sets: the offsets of each byte value
	continuation []uint64 // the offsets inside a UTF-16 unit
	reached      []uint64 // the offsets reached so far
	scratch      []uint64
}

// match reports whether the pieces, with all variables substituted, match the text
// from start to end.
func (b *bitParallelMatcher) match(pieces []piece, text string, start, end int, fold bool) bool {
	b.prepare(text, fold)
	clear(b.reached)
	b.reached[start/64] = 1 << (start % 64)
	for i := range pieces {
		switch p := &pieces[i]; p.kind {
		case pieceText:
			for j := range len(p.text) {
				b.matchByte(p.text[j])
			}
		case pieceOne:
			b.matchOne(nil)
		case pieceOneInField:
			b.matchOne(b.offsetsOf(':'))
		case pieceStar:
			b.matchStar()
		case pieceStarInField:
			b.matchStarInField()
		}
		if !b.anyReached() {
			return false
		}
	}
	return b.reached[end/64]>>(end%64)&1 != 0
}

func (b *bitParallelMatcher) prepare(text string, fold bool) {
	if b.prepared && b.text == text && b.fold == fold {
		return
	}
	b.text, b.fold, b.prepared, b.ascii = text, fold, true, true
	b.words = len(text)/64 + 1
	if need := (256 + 3) * b.words; cap(b.sets) < need {
		b.sets = make([]uint64, need)
	} else {
		b.sets = b.sets[:need]
		clear(b.sets)
	}
	for i := range len(text) {
		c := text[i]
		if fold {
			c = lower(c)
		}
		b.offsetsOf(c)[i/64] |= 1 << (i % 64)
	}
	extra := b.sets[256*b.words:]
	b.continuation, b.reached, b.scratch = extra[:b.words], extra[b.words:2*b.words], extra[2*b.words:]
	for c := 0x80; c < 0xC0; c++ {
		for i, w := range b.offsetsOf(byte(c)) {
			b.continuation[i] |= w
			b.ascii = b.ascii && w == 0
		}
	}
	for i := 0; !b.ascii && i+2 < len(text); i++ {
		if text[i] >= 0xF0 { // two units of two bytes each: see unitLength
			b.continuation[(i+2)/64] &^= 1 << ((i + 2) % 64)
		}
	}
}

// offsetsOf returns the set of offsets at which the text has the byte c.
func (b *bitParallelMatcher) offsetsOf(c byte) []uint64 {
	return b.sets[int(c)*b.words : (int(c)+1)*b.words]
}

func (b *bitParallelMatcher) anyReached() bool {
	for _, w := range b.reached {
		if w != 0 {
			return true
		}
	}
	return false
}

// matchByte matches one byte of literal text.
func (b *bitParallelMatcher) matchByte(c byte) {
	if b.fold {
		c = lower(c)
	}
	var carry uint64
	for i, w := range b.offsetsOf(c) {
		w &= b.reached[i]
		b.reached[i] = w<<1 | carry
		carry = w >> 63
	}
}

// matchOne matches one UTF-16 unit that does not begin at an offset in except.
func (b *bitParallelMatcher) matchOne(except []uint64) {
	for i := range except {
		b.reached[i] &^= except[i]
	}
	shift(b.reached)
	if b.ascii {
		return
	}
	for range 2 { // a unit has up to two continuation bytes
		for i := range b.reached {
			b.scratch[i] = b.reached[i] & b.continuation[i]
			b.reached[i] &^= b.continuation[i]
		}
		shift(b.scratch)
		for i := range b.reached {
			b.reached[i] |= b.scratch[i]
		}
	}
}

func shift(set []uint64) {
	var carry uint64
	for i, w := range set {
		set[i] = w<<1 | carry
		carry = w >> 63
	}
}

// matchStar matches any text: it reaches every unit from the first offset reached.
func (b *bitParallelMatcher) matchStar() {
	reached := uint64(0)
	for i, w := range b.reached {
		if reached == 0 && w != 0 {
			reached = -(w & -w) // the lowest bit and all above it
		} else if reached != 0 {
			reached = ^uint64(0)
		}
		b.reached[i] = reached &^ b.continuation[i]
	}
}

// matchStarInField matches any text without colons: it reaches every unit up to
// the next colon. Adding a bit of the set to a run of ones carries to the end of
// the run.
func (b *bitParallelMatcher) matchStarInField() {
	colon := b.offsetsOf(':')
	var carry uint64
	for i, w := range b.reached {
		nonColon := ^colon[i]
		sum, c := bits.Add64(nonColon, w&nonColon, carry)
		carry = c
		b.scratch[i] = (sum ^ nonColon) | w
	}
	for i := range b.reached {
		b.reached[i] = b.scratch[i] &^ b.continuation[i]
	}
}
