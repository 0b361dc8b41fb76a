package sts_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"testing"
	"time"
)

// oneTimeCode returns the RFC 6238 code for a seed.
func oneTimeCode(t testing.TB, seed string, now time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(seed)
	ok(t, err)
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(now.Unix()/30)))
	sum := mac.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1e6)
}
