package policy

import "math/bits"

// Actions, condition keys and element names compare without regard to the case of ASCII letters. All other
// letters are case-sensitive.

// lower returns a byte in lower case.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerString returns s in lower case; it returns s itself if that is equal.
func lowerString(s string) string {
	for i := range len(s) {
		if lower(s[i]) != s[i] {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}

func equalFold(a, b string) bool {
	return len(a) == len(b) && hasPrefixFold(a, b)
}

// hasPrefixFold reports whether s begins with prefix, ignoring case.
func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if s[i] != prefix[i] && lower(s[i]) != lower(prefix[i]) {
			return false
		}
	}
	return true
}

// indexFold returns the offset of the first substr in s, ignoring case, or -1.
func indexFold(s, substr string) int {
	for i := 0; i+len(substr) <= len(s); i++ {
		if hasPrefixFold(s[i:], substr) {
			return i
		}
	}
	return -1
}

// foldHash returns a hash that is the same for texts that differ only in case. It sets the bit of each byte in
// which the cases of a letter differ, so some other texts have equal hashes as well. It reads eight bytes at a
// time.
func foldHash(s string) uint64 {
	const caseBits = 0x2020202020202020
	h := hashStart
	for ; len(s) >= 8; s = s[8:] {
		eight := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = hashWord(h, eight|caseBits)
	}
	rest := uint64(len(s)) << 56
	for i := range len(s) {
		rest |= uint64(s[i]|0x20) << (8 * i)
	}
	return hashWord(h, rest)
}

// hashWord adds eight bytes to a hash. All bits of the result depend on all bits of both.
func hashWord(h, word uint64) uint64 {
	high, low := bits.Mul64(h^word, 0x9E3779B97F4A7C15)
	return high ^ low
}
