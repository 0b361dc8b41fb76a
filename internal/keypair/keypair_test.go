package keypair

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"testing"
)

// pairs makes one pair of each spec, with the smallest RSA alone: the others take long.
func pairs(t *testing.T) map[string]Private {
	t.Helper()
	all := map[string]Private{}
	for _, spec := range slices.Sorted(maps.Keys(families)) {
		if spec == RSA3072 || spec == RSA4096 {
			continue
		}
		p, err := Generate(spec)
		if err != nil {
			t.Fatal(err)
		}
		all[spec] = p
	}
	return all
}

// again is a pair after both its keys were written and read.
func again(t *testing.T, spec string, p Private) (Private, Public) {
	t.Helper()
	der, err := p.PKCS8()
	if err != nil {
		t.Fatal(err)
	}
	private, err := ParsePrivate(spec, der)
	if err != nil {
		t.Fatal(err)
	}
	if der, err = p.Public().DER(); err != nil {
		t.Fatal(err)
	}
	public, err := ParsePublic(spec, der)
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

func TestSignVerify(t *testing.T) {
	message := []byte("message")
	for spec, p := range pairs(t) {
		private, public := again(t, spec, p)
		a, _ := Of(spec)
		for _, algorithm := range a.Signing {
			messageType, text := Raw, message
			if algorithm == "ED25519_PH_SHA_512" {
				sum := sha512.Sum512(message)
				messageType, text = Digest, sum[:]
			}
			signature, err := private.Sign(algorithm, messageType, text)
			if err != nil {
				t.Fatalf("%s %s: %v", spec, algorithm, err)
			}
			valid := func(message, signature []byte) bool {
				ok, err := public.Verify(algorithm, messageType, message, signature)
				if err != nil {
					t.Fatalf("%s %s: %v", spec, algorithm, err)
				}
				return ok
			}
			other := slices.Clone(text)
			other[0] ^= 1
			if !valid(text, signature) || valid(other, signature) || valid(text, signature[:len(signature)-1]) || valid(text, nil) {
				t.Errorf("%s %s: a signature is not told from others", spec, algorithm)
			}
		}
	}
}

// TestDigests signs what is hashed already, which must be what the message is signed as.
func TestDigests(t *testing.T) {
	message := []byte("message")
	sum := sha256.Sum256(message)
	all := pairs(t)
	for spec, algorithm := range map[string]string{RSA2048: "RSASSA_PSS_SHA_256", P256: "ECDSA_SHA_256", Secp256k1: "ECDSA_SHA_256"} {
		signature, err := all[spec].Sign(algorithm, Digest, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := all[spec].Public().Verify(algorithm, Raw, message, signature); err != nil || !ok {
			t.Errorf("%s: the signature of a digest is not that of the message: %v", spec, err)
		}
	}
	for _, test := range []struct {
		spec, algorithm, messageType string
		size                         int
		want                         error
	}{
		{RSA2048, "RSASSA_PSS_SHA_256", Digest, 31, ErrDigest},
		{RSA2048, "RSASSA_PKCS1_V1_5_SHA_512", Digest, 32, ErrDigest},
		{P256, "ECDSA_SHA_256", ExternalMu, 64, ErrMessageType},
		{P384, "ECDSA_SHA_384", Digest, 32, ErrDigest},
		{P384, "ECDSA_SHA_256", Digest, 32, ErrSpec},
		{P256, "RSASSA_PSS_SHA_256", Digest, 32, ErrSpec},
		{Ed25519, "ED25519_SHA_512", Digest, 64, ErrMessageType},
		{Ed25519, "ED25519_PH_SHA_512", Raw, 64, ErrMessageType},
		{Ed25519, "ED25519_PH_SHA_512", ExternalMu, 64, ErrMessageType},
		{Ed25519, "ED25519_PH_SHA_512", Digest, 63, ErrDigest},
		{MLDSA44, "ML_DSA_SHAKE_256", Digest, 64, ErrMessageType},
		{MLDSA44, "ML_DSA_SHAKE_256", ExternalMu, 63, ErrDigest},
		{MLDSA44, "ML_DSA_SHAKE_256", ExternalMu, 64, nil},
	} {
		_, err := all[test.spec].Sign(test.algorithm, test.messageType, make([]byte, test.size))
		if !errors.Is(err, test.want) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

func TestEncrypt(t *testing.T) {
	p, err := Generate(RSA2048)
	if err != nil {
		t.Fatal(err)
	}
	private, public := again(t, RSA2048, p)
	for algorithm, most := range map[string]int{"RSAES_OAEP_SHA_1": 214, "RSAES_OAEP_SHA_256": 190} {
		if n := public.MaxPlaintext(algorithm); n != most {
			t.Errorf("%s encrypts %d bytes, want %d", algorithm, n, most)
		}
		text := bytes.Repeat([]byte("x"), most)
		blob, err := public.Encrypt(algorithm, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := private.Decrypt(algorithm, blob); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s: decrypted %d bytes, %v", algorithm, len(got), err)
		}
		blob[7] ^= 1
		if _, err := private.Decrypt(algorithm, blob); !errors.Is(err, ErrCiphertext) {
			t.Errorf("%s: a changed text: %v", algorithm, err)
		}
	}
	if _, err := public.Encrypt("SYMMETRIC_DEFAULT", nil); !errors.Is(err, ErrSpec) {
		t.Error(err)
	}
}

func TestAgree(t *testing.T) {
	for _, spec := range []string{P256, P384, P521} {
		a, err := Generate(spec)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Generate(spec)
		if err != nil {
			t.Fatal(err)
		}
		one, err := a.Agree(b.Public())
		if err != nil {
			t.Fatal(err)
		}
		two, err := b.Agree(a.Public())
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: %x and %x, %v", spec, one, two, err)
		}
	}
	all := pairs(t)
	for _, spec := range []string{P384, Secp256k1, Ed25519, RSA2048} {
		if _, err := all[P256].Agree(all[spec].Public()); !errors.Is(err, ErrSpec) {
			t.Errorf("with %s: %v", spec, err)
		}
	}
}

// TestForeign reads each key as one of each other spec, and what is no key.
func TestForeign(t *testing.T) {
	all := pairs(t)
	for spec, p := range all {
		private, err := p.PKCS8()
		if err != nil {
			t.Fatal(err)
		}
		public, err := p.Public().DER()
		if err != nil {
			t.Fatal(err)
		}
		for other := range families {
			if other == spec {
				continue
			}
			if _, err := ParsePrivate(other, private); !errors.Is(err, ErrSpec) {
				t.Errorf("a private %s is read as %s: %v", spec, other, err)
			}
			if _, err := ParsePublic(other, public); !errors.Is(err, ErrSpec) {
				t.Errorf("a public %s is read as %s: %v", spec, other, err)
			}
		}
		for _, der := range [][]byte{nil, []byte("garbage"), private[:len(private)-1], append(slices.Clone(private), 0), public} {
			if _, err := ParsePrivate(spec, der); !errors.Is(err, ErrSpec) {
				t.Errorf("%d bytes are a private %s: %v", len(der), spec, err)
			}
		}
	}
	if _, err := Generate("SM2"); !errors.Is(err, ErrSpec) {
		t.Error(err)
	}
}

// TestUnwrapPadded has the examples of RFC 5649, section 6.
func TestUnwrapPadded(t *testing.T) {
	kek := unhex(t, "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")
	for wrapped, want := range map[string]string{
		"138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a": "c37b7e6492584340bed12207808941155068f738",
		"afbeb0f07dfbf5419200f2ccb50bb24f":                                 "466f7250617369",
	} {
		text := unhex(t, wrapped)
		if got, err := unwrapPadded(kek, text); err != nil || hex.EncodeToString(got) != want {
			t.Errorf("unwrapped %x, %v; want %s", got, err, want)
		}
		for i := range text {
			changed := slices.Clone(text)
			changed[i] ^= 0x40
			if got, err := unwrapPadded(kek, changed); !errors.Is(err, ErrCiphertext) {
				t.Errorf("byte %d changed: %x, %v", i, got, err)
			}
		}
	}
	for _, text := range [][]byte{nil, make([]byte, 8), make([]byte, 15), make([]byte, 16), make([]byte, 24)} {
		if _, err := unwrapPadded(kek, text); !errors.Is(err, ErrCiphertext) {
			t.Errorf("%d bytes of zero: %v", len(text), err)
		}
	}
}

func TestUnwrap(t *testing.T) {
	p, err := Generate(RSA2048)
	if err != nil {
		t.Fatal(err)
	}
	public := p.Public().key.(*rsa.PublicKey)
	kek := unhex(t, "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public, kek, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := append(wrapped, unhex(t, "afbeb0f07dfbf5419200f2ccb50bb24f")...)
	if got, err := p.Unwrap("RSA_AES_KEY_WRAP_SHA_256", all); err != nil || string(got) != "ForPasi" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := p.Unwrap("RSAES_OAEP_SHA_256", wrapped); err != nil || !bytes.Equal(got, kek) {
		t.Errorf("%x, %v", got, err)
	}
	for _, algorithm := range []string{"RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"} {
		for _, text := range [][]byte{nil, all[:100], all[:256], all[1:]} {
			if _, err := p.Unwrap(algorithm, text); !errors.Is(err, ErrCiphertext) {
				t.Errorf("%s of %d bytes: %v", algorithm, len(text), err)
			}
		}
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
