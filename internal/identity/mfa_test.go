package identity

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/writdev/writ/internal/keys"
)

// TestOneTimeCode compares codes with the last six digits of the test vectors of RFC 6238, appendix B.
func TestOneTimeCode(t *testing.T) {
	seed := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := oneTimeCode(seed, at/stepLength); got != want {
			t.Errorf("at %d %s, want %s", at, got, want)
		}
	}
}

// TestCodesOnce checks that a code is accepted once, within its time and in order.
func TestCodesOnce(t *testing.T) {
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	d, text := NewMFADevice(sealer, "aws", "111122223333", "/", "phone")
	seed, err := base32.StdEncoding.DecodeString(text)
	if err != nil || len(text) != 64 {
		t.Fatalf("seed %q: %v", text, err)
	}
	now := time.Date(2026, time.November, 22, 8, 0, 10, 0, time.UTC)
	code := func(after time.Duration) string { return oneTimeCode(seed, now.Add(after).Unix()/stepLength) }
	accept := func(want bool, what string, codes ...string) {
		t.Helper()
		got, err := d.accept(sealer, codes, now, map[int]int64{1: 1, 2: 10}[len(codes)])
		if err != nil || got != want {
			t.Errorf("%s: %t %v, want %t", what, got, err, want)
		}
	}
	const step = stepLength * time.Second
	accept(false, "codes that are not consecutive", code(0), code(0))
	accept(false, "the second in the future", code(step), code(2*step))
	accept(true, "two codes from four minutes ago", code(-8*step), code(-7*step))
	accept(false, "the same two", code(-8*step), code(-7*step))
	accept(false, "two minutes old", code(-4*step))
	accept(true, "the last", code(-step))
	accept(true, "the current", code(0))
	accept(false, "the current again", code(0))
	accept(false, "an older one", code(-step))
	accept(true, "the next", code(step))
	accept(false, "two ahead", code(2*step))
	accept(false, "nonsense", "000000x")
}
