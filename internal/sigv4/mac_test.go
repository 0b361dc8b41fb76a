package sigv4

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"pgregory.net/rapid"
)

// TestMAC: it is HMAC-SHA256, whatever the lengths of key and text.
func TestMAC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "key")
		text := rapid.SliceOfN(rapid.Byte(), 0, 1000).Draw(t, "text")
		h := hmac.New(sha256.New, key)
		h.Write(text)
		if got := mac(key, text); !bytes.Equal(got[:], h.Sum(nil)) {
			t.Fatalf("mac(%x, %x) = %x", key, text, got)
		}
	})
}

// TestMACAllocates nothing but for texts that no signature has.
func TestMACAllocates(t *testing.T) {
	key, text := make([]byte, 44), make([]byte, 300)
	if n := testing.AllocsPerRun(100, func() { mac(key, text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
