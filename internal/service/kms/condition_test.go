package kms_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/writdev/writ/writtest"
)

// TestConditionKeys checks the condition keys of requests. Each call is made with a condition that has its
// own value, and with another value.
func TestConditionKeys(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	plain, mac, agree, external := a.key(), a.keyOf("HMAC_256", "GENERATE_VERIFY_MAC"), a.keyOf("ECC_NIST_P256", "KEY_AGREEMENT"), a.external("SYMMETRIC_DEFAULT", "")
	public := a.public(agree)
	importing := a.importing(external, make([]byte, 32))
	until := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	importing.ExpirationModel, importing.ValidTo = "KEY_MATERIAL_EXPIRES", &until
	for i, test := range []struct {
		action, operator, key, value, other string
		call                                func(c client) error
	}{
		{"CreateKey", "StringEquals", "MultiRegionKeyType", "PRIMARY", "REPLICA", func(c client) error {
			return second(c.CreateKey(ctx, &kms.CreateKeyInput{MultiRegion: new(true)}))
		}},
		{"CreateKey", "Bool", "MultiRegion", "true", "false", func(c client) error {
			return second(c.CreateKey(ctx, &kms.CreateKeyInput{MultiRegion: new(true)}))
		}},
		{"CreateKey", "StringEquals", "KeyOrigin", "EXTERNAL", "AWS_KMS", func(c client) error {
			return second(c.CreateKey(ctx, &kms.CreateKeyInput{Origin: "EXTERNAL"}))
		}},
		{"CreateKey", "StringEquals", "KeySpec", "HMAC_384", "HMAC_512", func(c client) error {
			return second(c.CreateKey(ctx, &kms.CreateKeyInput{KeySpec: "HMAC_384", KeyUsage: "GENERATE_VERIFY_MAC"}))
		}},
		{"GetParametersForImport", "StringEquals", "WrappingAlgorithm", "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", func(c client) error {
			return second(c.GetParametersForImport(ctx, &kms.GetParametersForImportInput{KeyId: &external, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048"}))
		}},
		{"GetParametersForImport", "StringEquals", "WrappingKeySpec", "RSA_2048", "RSA_4096", func(c client) error {
			return second(c.GetParametersForImport(ctx, &kms.GetParametersForImportInput{KeyId: &external, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048"}))
		}},
		{"ImportKeyMaterial", "StringEquals", "ExpirationModel", "KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE", func(c client) error {
			return second(c.ImportKeyMaterial(ctx, importing))
		}},
		{"ImportKeyMaterial", "DateEquals", "ValidTo", until.Format(time.RFC3339), until.Add(time.Second).Format(time.RFC3339), func(c client) error {
			return second(c.ImportKeyMaterial(ctx, importing))
		}},
		{"DeriveSharedSecret", "StringEquals", "KeyAgreementAlgorithm", "ECDH", "OTHER", func(c client) error {
			return second(c.DeriveSharedSecret(ctx, &kms.DeriveSharedSecretInput{KeyId: &agree, PublicKey: public, KeyAgreementAlgorithm: "ECDH"}))
		}},
		{"GenerateMac", "StringEquals", "MacAlgorithm", "HMAC_SHA_256", "HMAC_SHA_512", func(c client) error {
			return second(c.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: &mac, MacAlgorithm: "HMAC_SHA_256", Message: []byte("x")}))
		}},
		{"EnableKeyRotation", "NumericEquals", "RotationPeriodInDays", "90", "91", func(c client) error {
			return second(c.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &plain, RotationPeriodInDays: new(int32(90))}))
		}},
		{"GenerateDataKeyPairWithoutPlaintext", "StringEquals", "DataKeyPairSpec", "ECC_NIST_P256", "RSA_2048", func(c client) error {
			return second(c.GenerateDataKeyPairWithoutPlaintext(ctx, &kms.GenerateDataKeyPairWithoutPlaintextInput{KeyId: &plain, KeyPairSpec: "ECC_NIST_P256"}))
		}},
		{"Encrypt", "StringEquals", "EncryptionAlgorithm", "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", func(c client) error {
			return second(c.Encrypt(ctx, &kms.EncryptInput{KeyId: &plain, Plaintext: []byte("x")}))
		}},
	} {
		for j, value := range []string{test.value, test.other} {
			u := as(t, s, alice, fmt.Sprintf("u%d-%d", i, j), where(can("kms:"+test.action), fmt.Sprintf(`{%q:{"kms:%s":%q}}`, test.operator, test.key, value)))
			err := test.call(u)
			e, is := errors.AsType[smithy.APIError](err)
			denied := is && e.ErrorCode() == accessDenied
			if err != nil && !is || denied != (value == test.other) {
				t.Errorf("%s where kms:%s is %s: %v", test.action, test.key, value, err)
			}
			if !denied && err != nil {
				t.Errorf("%s: %v", test.action, err)
			}
		}
	}
}

// TestIgnoreCiphertext checks that a dry run of Decrypt or ReEncrypt without a ciphertext authorizes the key
// that it names.
func TestIgnoreCiphertext(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key, other := a.key(), a.key()
	ignore := []types.DryRunModifierType{types.DryRunModifierTypeIgnoreCiphertext}
	decrypt := func(c client, key *string, dry bool) error {
		return second(c.Decrypt(ctx, &kms.DecryptInput{KeyId: key, DryRun: &dry, DryRunModifiers: ignore}))
	}
	reEncrypt := func(c client, from string) error {
		return second(c.ReEncrypt(ctx, &kms.ReEncryptInput{SourceKeyId: &from, DestinationKeyId: &other, DryRun: new(true), DryRunModifiers: ignore}))
	}
	wantCode(t, decrypt(a, &key, true), "DryRunOperationException")
	wantCode(t, reEncrypt(a, key), "DryRunOperationException")
	wantCode(t, decrypt(a, &key, false), validation)
	wantCode(t, decrypt(a, nil, true), validation)
	wantCode(t, second(a.Decrypt(ctx, &kms.DecryptInput{KeyId: &key, DryRun: new(true)})), validation)

	u := as(t, s, alice, "u", `{"Effect":"Allow","Action":["kms:Decrypt","kms:ReEncryptFrom"],"Resource":"`+key+`"}`,
		`{"Effect":"Allow","Action":"kms:ReEncryptTo","Resource":"*"}`)
	wantCode(t, decrypt(u, &key, true), "DryRunOperationException")
	wantCode(t, decrypt(u, &other, true), accessDenied)
	wantCode(t, reEncrypt(u, key), "DryRunOperationException")
	wantCode(t, reEncrypt(u, other), accessDenied)
	// The ciphertext belongs to a key that u may use, but it is ignored.
	blob := a.encrypt(key, "x", nil)
	wantCode(t, second(u.Decrypt(ctx, &kms.DecryptInput{KeyId: &other, CiphertextBlob: blob, DryRun: new(true), DryRunModifiers: ignore})), accessDenied)

	_, err := a.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})
	ok(t, err)
	wantCode(t, decrypt(a, &key, true), "DisabledException")
}

// TestIgnoreForeignCiphertext checks that a key id means the caller's own key, although the ignored
// ciphertext belongs to another account's key with that id.
func TestIgnoreForeignCiphertext(t *testing.T) {
	s := writtest.New(t)
	b := root(t, s, bob)
	theirs := b.key()
	b.put(theirs, document(`{"Effect":"Allow","Principal":{"AWS":["`+bob+`","`+alice+`"]},"Action":"kms:*","Resource":"*"}`))
	blob := b.encrypt(theirs, "x", nil)
	_, id, _ := strings.Cut(theirs, "key/")
	ignore := []types.DryRunModifierType{types.DryRunModifierTypeIgnoreCiphertext}
	decrypt := func(c client, modifiers []types.DryRunModifierType) error {
		return second(c.Decrypt(ctx, &kms.DecryptInput{KeyId: &id, CiphertextBlob: blob, DryRun: new(true), DryRunModifiers: modifiers}))
	}
	reEncrypt := func(c client) error {
		return second(c.ReEncrypt(ctx, &kms.ReEncryptInput{SourceKeyId: &id, DestinationKeyId: &theirs, CiphertextBlob: blob, DryRun: new(true), DryRunModifiers: ignore}))
	}
	u := as(t, s, alice, "u", `{"Effect":"Allow","Action":"kms:*","Resource":"`+theirs+`"}`)
	wantCode(t, decrypt(u, nil), "DryRunOperationException") // the ciphertext identifies the key's account
	wantCode(t, decrypt(u, ignore), accessDenied)
	wantCode(t, reEncrypt(u), accessDenied)
	// The keys of a ReEncrypt are not the same: one belongs to alice's account, which does not have it.
	same := as(t, s, alice, "same", can("kms:ReEncryptFrom"), where(can("kms:ReEncryptTo"), `{"Bool":{"kms:ReEncryptOnSameKey":"true"}}`))
	wantCode(t, reEncrypt(same), accessDenied)
	wantCode(t, reEncrypt(as(t, s, alice, "any", can("kms:*"))), notFound)
}
