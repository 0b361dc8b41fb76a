package sigv4

import (
	"fmt"
	"testing"
)

// TestSigningKeys: the kept key is the derived one, for each part of the scope.
func TestSigningKeys(t *testing.T) {
	var keys SigningKeys
	base := Signature{Date: "20261130", Region: "us-east-1", Service: "ssm"}
	for _, test := range []struct {
		name   string
		change func(*Signature)
		secret string
	}{
		{"base", func(*Signature) {}, "secret"},
		{"no secret", func(*Signature) {}, ""},
		{"other secret", func(*Signature) {}, "terces"},
		{"other date", func(s *Signature) { s.Date = "20261201" }, "secret"},
		{"other region", func(s *Signature) { s.Region = "eu-west-1" }, "secret"},
		{"other service", func(s *Signature) { s.Service = "kms" }, "secret"},
	} {
		s := base
		test.change(&s)
		for range 2 {
			if keys.Of(&s, test.secret) != s.SigningKey(test.secret) {
				t.Errorf("%s: a wrong key", test.name)
			}
		}
	}
}

func TestSigningKeysAreBounded(t *testing.T) {
	var keys SigningKeys
	for i := range 3 * maxSigningKeys {
		keys.Of(new(Signature), fmt.Sprint(i))
	}
	if n := len(keys.keys); n > maxSigningKeys {
		t.Errorf("%d keys are kept, want at most %d", n, maxSigningKeys)
	}
}
