package kms_test

import (
	"bytes"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/writdev/writ/writtest"
)

func TestEncryptDecrypt(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key, other := a.key(), a.key()
	team, none := map[string]string{"team": "red"}, map[string]string(nil)
	out, err := a.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("hush"), EncryptionContext: team})
	ok(t, err)
	blob := out.CiphertextBlob
	if *out.KeyId != key || out.EncryptionAlgorithm != types.EncryptionAlgorithmSpecSymmetricDefault || bytes.Contains(blob, []byte("hush")) {
		t.Errorf("encrypted with %s, %s", *out.KeyId, out.EncryptionAlgorithm)
	}
	back, err := a.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: team, KeyId: &key})
	ok(t, err)
	if string(back.Plaintext) != "hush" || *back.KeyId != key || *back.KeyMaterialId != *a.describe(key).CurrentKeyMaterialId {
		t.Errorf("decrypted %q with %s, %s", back.Plaintext, *back.KeyId, *back.KeyMaterialId)
	}

	flipped := bytes.Clone(blob)
	flipped[len(flipped)-1] ^= 1
	for _, test := range []struct {
		name       string
		blob       []byte
		context    map[string]string
		key        *string
		code, text string
	}{
		{"without its context", blob, none, nil, noCiphertext, ""},
		{"with another", blob, map[string]string{"team": "blue"}, nil, noCiphertext, ""},
		{"with more", blob, map[string]string{"team": "red", "stage": "test"}, nil, noCiphertext, ""},
		{"in another case", blob, map[string]string{"Team": "red"}, nil, noCiphertext, ""},
		{"ambiguous to policies", blob, map[string]string{"Team": "red", "team": "red"}, nil, validation, `Two keys of the encryption context differ only in case: "team".`},
		{"changed", flipped, team, nil, noCiphertext, ""},
		{"garbage", []byte("garbage"), none, nil, noCiphertext, ""},
		{"garbage, with a key", []byte("garbage"), none, &key, noCiphertext, ""},
		{"with another key", blob, team, &other, "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation."},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := a.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: test.blob, EncryptionContext: test.context, KeyId: test.key})
			wantError(t, err, test.code, test.text)
		})
	}

	for name, err := range map[string]error{
		"another algorithm": second(a.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("hush"), EncryptionAlgorithm: "RSAES_OAEP_SHA_256"})),
		"opening with it":   second(a.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: team, EncryptionAlgorithm: "RSAES_OAEP_SHA_1"})),
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, err, "InvalidKeyUsageException") })
	}
	_, err = a.Decrypt(ctx, &kms.DecryptInput{KeyId: &key})
	wantCode(t, err, validation)
	_, err = a.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("hush"), DryRun: new(true)})
	wantCode(t, err, "DryRunOperationException")
}

func second[T any](_ T, err error) error { return err }

func TestReEncrypt(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	from, to := a.key(), a.key()
	red, blue := map[string]string{"team": "red"}, map[string]string{"team": "blue"}
	blob := a.encrypt(from, "hush", red)
	in := &kms.ReEncryptInput{CiphertextBlob: blob, SourceEncryptionContext: red, DestinationKeyId: &to, DestinationEncryptionContext: blue}
	out, err := a.ReEncrypt(ctx, in)
	ok(t, err)
	if *out.SourceKeyId != from || *out.KeyId != to {
		t.Errorf("from %s to %s", *out.SourceKeyId, *out.KeyId)
	}
	a.decrypts(out.CiphertextBlob, blue, "hush")
	in.SourceEncryptionContext = blue
	_, err = a.ReEncrypt(ctx, in)
	wantCode(t, err, noCiphertext)
	in.SourceEncryptionContext = red

	// Both keys are authorized, each with its own action and context.
	for i, test := range []struct {
		statements []string
		code       string
	}{
		{[]string{can("kms:ReEncryptFrom", "kms:ReEncryptTo")}, ""},
		{[]string{can("kms:ReEncryptFrom")}, accessDenied},
		{[]string{can("kms:ReEncryptTo")}, accessDenied},
		{[]string{where(can("kms:ReEncryptFrom"), `{"StringEquals":{"kms:EncryptionContext:team":"red"}}`),
			where(can("kms:ReEncryptTo"), `{"StringEquals":{"kms:EncryptionContext:team":"blue"},"Bool":{"kms:ReEncryptOnSameKey":"false"}}`)}, ""},
		{[]string{where(can("kms:ReEncrypt*"), `{"Bool":{"kms:ReEncryptOnSameKey":"true"}}`)}, accessDenied},
	} {
		u := as(t, s, alice, "u"+string(rune('a'+i)), test.statements...)
		if _, err := u.ReEncrypt(ctx, in); test.code == "" {
			ok(t, err)
		} else {
			wantCode(t, err, test.code)
		}
	}
}

func TestDataKeys(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key := a.key()
	for _, test := range []struct {
		spec types.DataKeySpec
		size *int32
		want int
	}{{"AES_256", nil, 32}, {"AES_128", nil, 16}, {"", new(int32(64)), 64}, {"", nil, 0}, {"AES_256", new(int32(64)), 0}} {
		out, err := a.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &key, KeySpec: test.spec, NumberOfBytes: test.size})
		hidden, hiddenErr := a.GenerateDataKeyWithoutPlaintext(ctx, &kms.GenerateDataKeyWithoutPlaintextInput{KeyId: &key, KeySpec: test.spec, NumberOfBytes: test.size})
		if test.want == 0 {
			wantCode(t, err, validation)
			wantCode(t, hiddenErr, validation)
			continue
		}
		ok(t, err)
		ok(t, hiddenErr)
		if len(out.Plaintext) != test.want {
			t.Errorf("%d bytes, want %d", len(out.Plaintext), test.want)
		}
		a.decrypts(out.CiphertextBlob, nil, string(out.Plaintext))
		if text, err := a.tryDecrypt(hidden.CiphertextBlob, nil); err != nil || len(text) != test.want {
			t.Errorf("%d bytes, %v; want %d", len(text), err, test.want)
		}
	}
	out, err := a.GenerateRandom(ctx, &kms.GenerateRandomInput{NumberOfBytes: new(int32(20))})
	ok(t, err)
	if len(out.Plaintext) != 20 {
		t.Errorf("%d random bytes", len(out.Plaintext))
	}
	_, err = a.GenerateRandom(ctx, &kms.GenerateRandomInput{})
	wantError(t, err, validation, "NumberOfBytes is required.")
}

// TestForeignBlobs checks that a blob alone reveals nothing: neither the plaintext, nor whether its key
// exists.
func TestForeignBlobs(t *testing.T) {
	s := writtest.New(t)
	a, b := root(t, s, alice), root(t, s, bob)
	key := a.key()
	blob := a.encrypt(key, "hush", nil)
	b.cannot(blob, nil)
	a.put(key, owned(lets(bob, "kms:Decrypt")))
	b.decrypts(blob, nil, "hush")
	for _, name := range []string{key, key[len(key)-36:]} { // the id alone is sufficient if the blob identifies its account
		out, err := b.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, KeyId: &name})
		ok(t, err)
		if string(out.Plaintext) != "hush" || *out.KeyId != key {
			t.Errorf("by %s: %q under %s", name, out.Plaintext, *out.KeyId)
		}
	}
	_, err := b.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, KeyId: new(unknown)})
	wantCode(t, err, notFound)
	a.put(key, owned())
	b.cannot(blob, nil)
	elsewhere := writtest.New(t) // with the same names and other keys
	fromElsewhere := root(t, elsewhere, alice)
	_, err = fromElsewhere.tryDecrypt(blob, nil)
	wantError(t, err, accessDenied, "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.")
	cfg := s.Config(alice)
	cfg.Region = "eu-west-1"
	_, err = fromConfig(t, cfg).tryDecrypt(blob, nil)
	wantCode(t, err, accessDenied)
}
