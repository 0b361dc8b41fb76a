package sigv4

import "crypto/sha256"

// mac is HMAC-SHA256 (RFC 2104). It equals crypto/hmac, as a test checks; but a request
// needs five of them with different keys, and allocating a hash.Hash for each took a
// sixth of the time of a read request. This one uses the stack.
func mac(key, text []byte) [sha256.Size]byte {
	if len(key) > sha256.BlockSize {
		short := sha256.Sum256(key)
		key = short[:]
	}
	var inner, outer [sha256.BlockSize]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	var room [512]byte // large enough for all texts of a signature
	sum := sha256.Sum256(append(append(room[:0], inner[:]...), text...))
	return sha256.Sum256(append(append(room[:0], outer[:]...), sum[:]...))
}
