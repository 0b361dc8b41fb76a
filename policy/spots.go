package policy

import "math/bits"

// spots matches the globs that a leftmost search cannot. It walks the pattern
// once, keeping the set of all offsets of the text that the pattern so far can
// reach, as a bit set: a piece of the pattern moves the whole set at once.
//
// Offsets past the end may get into the set. They do no harm: a set only ever
// moves up, and what counts in the end is one offset of the text.
//
// What it knows of the text (which byte stands where) it keeps for the next
// pattern, since one request has the same text for many patterns.
type spots struct {
	text  string
	fold  bool
	ready bool
	ascii bool
	words int // of one set; a set holds the offsets 0 to len(text)

	sets  []uint64 // 256 sets: where each byte stands
	inner []uint64 // where a UTF-16 unit goes on
	now   []uint64 // the offsets reached
	work  []uint64
}

// match reports whether the pieces, all variables replaced, match the text from
// start to end.
func (s *spots) match(pieces []piece, text string, start, end int, fold bool) bool {
	s.prepare(text, fold)
	clear(s.now)
	s.now[start/64] = 1 << (start % 64)
	for i := range pieces {
		switch p := &pieces[i]; p.kind {
		case pieceText:
			for j := range len(p.text) {
				s.step(p.text[j])
			}
		case pieceOne:
			s.one(nil)
		case pieceOneInField:
			s.one(s.at(':'))
		case pieceStar:
			s.star()
		case pieceStarInField:
			s.starInField()
		}
		if !s.any() {
			return false
		}
	}
	return s.now[end/64]>>(end%64)&1 != 0
}

func (s *spots) prepare(text string, fold bool) {
	if s.ready && s.text == text && s.fold == fold {
		return
	}
	s.text, s.fold, s.ready, s.ascii = text, fold, true, true
	s.words = len(text)/64 + 1
	if need := (256 + 3) * s.words; cap(s.sets) < need {
		s.sets = make([]uint64, need)
	} else {
		s.sets = s.sets[:need]
		clear(s.sets)
	}
	for i := range len(text) {
		c := text[i]
		if fold {
			c = lower(c)
		}
		s.at(c)[i/64] |= 1 << (i % 64)
	}
	extra := s.sets[256*s.words:]
	s.inner, s.now, s.work = extra[:s.words], extra[s.words:2*s.words], extra[2*s.words:]
	for c := 0x80; c < 0xC0; c++ {
		for i, w := range s.at(byte(c)) {
			s.inner[i] |= w
			s.ascii = s.ascii && w == 0
		}
	}
	for i := 0; !s.ascii && i+2 < len(text); i++ {
		if text[i] >= 0xF0 { // two units of two bytes each: see unitLength
			s.inner[(i+2)/64] &^= 1 << ((i + 2) % 64)
		}
	}
}

// at is the set of offsets where c stands.
func (s *spots) at(c byte) []uint64 { return s.sets[int(c)*s.words : (int(c)+1)*s.words] }

func (s *spots) any() bool {
	for _, w := range s.now {
		if w != 0 {
			return true
		}
	}
	return false
}

// step moves over one byte of literal text.
func (s *spots) step(c byte) {
	if s.fold {
		c = lower(c)
	}
	var carry uint64
	for i, w := range s.at(c) {
		w &= s.now[i]
		s.now[i] = w<<1 | carry
		carry = w >> 63
	}
}

// one moves over one UTF-16 unit that does not begin at an offset in except.
func (s *spots) one(except []uint64) {
	for i := range except {
		s.now[i] &^= except[i]
	}
	shift(s.now)
	if s.ascii {
		return
	}
	for range 2 { // a unit has up to two bytes more
		for i := range s.now {
			s.work[i] = s.now[i] & s.inner[i]
			s.now[i] &^= s.inner[i]
		}
		shift(s.work)
		for i := range s.now {
			s.now[i] |= s.work[i]
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

// star reaches every unit from the first offset reached.
func (s *spots) star() {
	reached := uint64(0)
	for i, w := range s.now {
		if reached == 0 && w != 0 {
			reached = -(w & -w) // the lowest bit and all above it
		} else if reached != 0 {
			reached = ^uint64(0)
		}
		s.now[i] = reached &^ s.inner[i]
	}
}

// starInField reaches every unit up to the next colon. Adding a bit of the
// set to a run of ones carries through the run to its end.
func (s *spots) starInField() {
	colon := s.at(':')
	var carry uint64
	for i, w := range s.now {
		free := ^colon[i]
		sum, c := bits.Add64(free, w&free, carry)
		carry = c
		s.work[i] = (sum ^ free) | w
	}
	for i := range s.now {
		s.now[i] = s.work[i] &^ s.inner[i]
	}
}
