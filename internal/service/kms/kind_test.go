package kms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/writdev/writ/writtest"
)

// keyOf creates a key of a spec and a usage, and returns its ARN.
func (c client) keyOf(spec types.KeySpec, usage types.KeyUsageType) string {
	c.t.Helper()
	out, err := c.CreateKey(ctx, &kms.CreateKeyInput{KeySpec: spec, KeyUsage: usage})
	ok(c.t, err)
	return *out.KeyMetadata.Arn
}

// TestKinds creates a key of each kind and compares its descriptions.
func TestKinds(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	const (
		rsaSign    = "RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 RSASSA_PKCS1_V1_5_SHA_512 RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 RSASSA_PSS_SHA_512"
		rsaEncrypt = "RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256"
	)
	for _, test := range []struct {
		spec       types.KeySpec
		usage      types.KeyUsageType
		algorithms string
	}{
		{"SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"},
		{"RSA_2048", "ENCRYPT_DECRYPT", rsaEncrypt},
		{"RSA_2048", "SIGN_VERIFY", rsaSign},
		{"RSA_3072", "SIGN_VERIFY", rsaSign},
		{"ECC_NIST_P256", "SIGN_VERIFY", "ECDSA_SHA_256"},
		{"ECC_NIST_P384", "SIGN_VERIFY", "ECDSA_SHA_384"},
		{"ECC_NIST_P521", "SIGN_VERIFY", "ECDSA_SHA_512"},
		{"ECC_NIST_P256", "KEY_AGREEMENT", "ECDH"},
		{"ECC_NIST_P384", "KEY_AGREEMENT", "ECDH"},
		{"ECC_NIST_P521", "KEY_AGREEMENT", "ECDH"},
		{"ECC_SECG_P256K1", "SIGN_VERIFY", "ECDSA_SHA_256"},
		{"ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "ED25519_PH_SHA_512 ED25519_SHA_512"},
		{"ML_DSA_44", "SIGN_VERIFY", "ML_DSA_SHAKE_256"},
		{"ML_DSA_65", "SIGN_VERIFY", "ML_DSA_SHAKE_256"},
		{"ML_DSA_87", "SIGN_VERIFY", "ML_DSA_SHAKE_256"},
		{"HMAC_224", "GENERATE_VERIFY_MAC", "HMAC_SHA_224"},
		{"HMAC_256", "GENERATE_VERIFY_MAC", "HMAC_SHA_256"},
		{"HMAC_384", "GENERATE_VERIFY_MAC", "HMAC_SHA_384"},
		{"HMAC_512", "GENERATE_VERIFY_MAC", "HMAC_SHA_512"},
	} {
		m := a.describe(a.keyOf(test.spec, test.usage))
		got := fmt.Sprint(m.EncryptionAlgorithms, m.SigningAlgorithms, m.MacAlgorithms, m.KeyAgreementAlgorithms)
		if got = strings.NewReplacer("[]", "", "[", "", "]", "").Replace(got); strings.TrimSpace(got) != test.algorithms {
			t.Errorf("%s %s: algorithms %q, want %q", test.spec, test.usage, got, test.algorithms)
		}
		//lint:ignore SA1019 the API has it, whatever newer SDKs prefer
		if m.KeySpec != test.spec || string(m.CustomerMasterKeySpec) != string(test.spec) || m.KeyUsage != test.usage || m.Origin != types.OriginTypeAwsKms || !m.Enabled {
			t.Errorf("%s %s: %+v", test.spec, test.usage, m)
		}
		if symmetric := test.spec == "SYMMETRIC_DEFAULT"; (m.CurrentKeyMaterialId != nil) != symmetric {
			t.Errorf("%s: material %v", test.spec, m.CurrentKeyMaterialId)
		}
	}
}

func TestKindsRefused(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	for _, test := range []struct {
		spec  types.KeySpec
		usage types.KeyUsageType
		code  string
		text  string
	}{
		{"HMAC_256", "", validation, "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."},
		{"RSA_2048", "KEY_AGREEMENT", validation, "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048"},
		{"ECC_NIST_P256", "ENCRYPT_DECRYPT", validation, "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec ECC_NIST_P256"},
		{"ECC_SECG_P256K1", "KEY_AGREEMENT", validation, "KeyUsage KEY_AGREEMENT is not compatible with KeySpec ECC_SECG_P256K1"},
		{"ECC_NIST_EDWARDS25519", "KEY_AGREEMENT", validation, "KeyUsage KEY_AGREEMENT is not compatible with KeySpec ECC_NIST_EDWARDS25519"},
		{"HMAC_256", "SIGN_VERIFY", validation, "KeyUsage SIGN_VERIFY is not compatible with KeySpec HMAC_256"},
		{"SYMMETRIC_DEFAULT", "SIGN_VERIFY", validation, "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT"},
		{"SM2", "SIGN_VERIFY", unsupported, "Writ serves no keys of the spec SM2, which KMS has in the regions of China only."},
	} {
		_, err := a.CreateKey(ctx, &kms.CreateKeyInput{KeySpec: test.spec, KeyUsage: test.usage})
		wantError(t, err, test.code, test.text)
	}
	_, err := a.CreateKey(ctx, &kms.CreateKeyInput{KeySpec: "HMAC_random"})
	if m := wantCode(t, err, validation); !strings.HasPrefix(m, "1 validation error detected: Value 'HMAC_random' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [") {
		t.Errorf("message %q", m)
	}
}

// TestWrongUsage uses each kind of key for an operation that it does not support.
func TestWrongUsage(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	symmetric, mac := a.key(), a.keyOf("HMAC_224", "GENERATE_VERIFY_MAC")
	sign, encrypt := a.keyOf("RSA_2048", "SIGN_VERIFY"), a.keyOf("RSA_2048", "ENCRYPT_DECRYPT")
	usage := func(key, usage, operation string) string {
		return key + " key usage is " + usage + " which is not valid for " + operation + "."
	}
	text := []byte("message")
	blob := a.encrypt(symmetric, "hush", nil)
	for _, test := range []struct {
		err        error
		code, text string
	}{
		{second(a.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: &symmetric, Message: text, MacAlgorithm: "HMAC_SHA_224"})), wrongUsage, usage(symmetric, "ENCRYPT_DECRYPT", "GenerateMac")},
		{second(a.Sign(ctx, &kms.SignInput{KeyId: &mac, Message: text, SigningAlgorithm: "RSASSA_PSS_SHA_256"})), wrongUsage, usage(mac, "GENERATE_VERIFY_MAC", "Sign")},
		{second(a.Verify(ctx, &kms.VerifyInput{KeyId: &symmetric, Message: text, Signature: text, SigningAlgorithm: "ECDSA_SHA_256"})), wrongUsage, usage(symmetric, "ENCRYPT_DECRYPT", "Verify")},
		{second(a.Encrypt(ctx, &kms.EncryptInput{KeyId: &sign, Plaintext: text})), wrongUsage, usage(sign, "SIGN_VERIFY", "Encrypt")},
		{second(a.Decrypt(ctx, &kms.DecryptInput{KeyId: &sign, CiphertextBlob: text})), wrongUsage, usage(sign, "SIGN_VERIFY", "Decrypt")},
		{second(a.Decrypt(ctx, &kms.DecryptInput{KeyId: &mac, CiphertextBlob: blob})), "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation."},
		{second(a.ReEncrypt(ctx, &kms.ReEncryptInput{CiphertextBlob: blob, DestinationKeyId: &sign})), wrongUsage, usage(sign, "SIGN_VERIFY", "ReEncryptTo")},
		{second(a.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &mac, KeySpec: "AES_256"})), wrongUsage, usage(mac, "GENERATE_VERIFY_MAC", "GenerateDataKey")},
		{second(a.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &encrypt, KeySpec: "AES_256"})), wrongUsage, "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."},
		{second(a.Encrypt(ctx, &kms.EncryptInput{KeyId: &encrypt, Plaintext: text})), wrongUsage, "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."},
		{second(a.Encrypt(ctx, &kms.EncryptInput{KeyId: &symmetric, Plaintext: text, EncryptionAlgorithm: "RSAES_OAEP_SHA_256"})), wrongUsage, "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT."},
		{second(a.Sign(ctx, &kms.SignInput{KeyId: &sign, Message: text, SigningAlgorithm: "ECDSA_SHA_256"})), wrongUsage, "Algorithm ECDSA_SHA_256 is incompatible with key spec RSA_2048."},
		{second(a.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: &mac, Message: text, MacAlgorithm: "HMAC_SHA_256"})), wrongUsage, "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."},
		{second(a.DeriveSharedSecret(ctx, &kms.DeriveSharedSecretInput{KeyId: &sign, PublicKey: text, KeyAgreementAlgorithm: "ECDH"})), wrongUsage, usage(sign, "SIGN_VERIFY", "DeriveSharedSecret")},
		{second(a.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &mac})), unsupported, mac + " is not an asymmetric key: its key spec is HMAC_224."},
		{second(a.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &sign})), unsupported, ""},
		{second(a.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &mac})), unsupported, ""},
		{second(a.ListKeyRotations(ctx, &kms.ListKeyRotationsInput{KeyId: &mac})), unsupported, ""},
	} {
		wantError(t, test.err, test.code, test.text)
	}
	status, err := a.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &sign})
	ok(t, err)
	if status.KeyRotationEnabled {
		t.Error("a key pair is rotated")
	}
}

// TestGrantOperations creates grants for operations that the key does not support.
func TestGrantOperations(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	all := []types.GrantOperation{"CreateGrant", "DescribeKey", "RetireGrant"}
	for key, operations := range map[string][]types.GrantOperation{
		a.key(): {
			"Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext",
			"ReEncryptFrom", "ReEncryptTo",
		},
		a.keyOf("RSA_2048", "ENCRYPT_DECRYPT"):     {"Decrypt", "Encrypt", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo"},
		a.keyOf("ECC_NIST_P256", "SIGN_VERIFY"):    {"GetPublicKey", "Sign", "Verify"},
		a.keyOf("HMAC_256", "GENERATE_VERIFY_MAC"): {"GenerateMac", "VerifyMac"},
		a.keyOf("ECC_NIST_P256", "KEY_AGREEMENT"):  {"DeriveSharedSecret", "GetPublicKey"},
	} {
		for _, operation := range types.GrantOperation("").Values() {
			in := &kms.CreateGrantInput{KeyId: &key, GranteePrincipal: new(bob), Operations: []types.GrantOperation{operation}}
			if _, err := a.CreateGrant(ctx, in); slices.Contains(append(operations, all...), operation) {
				ok(t, err)
			} else {
				wantCode(t, err, validation)
			}
		}
	}
	key := a.keyOf("ECC_NIST_P256", "SIGN_VERIFY")
	_, err := a.CreateGrant(ctx, &kms.CreateGrantInput{
		KeyId: &key, GranteePrincipal: new(bob), Operations: []types.GrantOperation{"Sign"},
		Constraints: &types.GrantConstraints{EncryptionContextEquals: map[string]string{"team": "red"}},
	})
	wantCode(t, err, validation)
	_, err = a.Sign(ctx, &kms.SignInput{KeyId: &key, Message: []byte("m"), SigningAlgorithm: "ECDSA_SHA_256", GrantTokens: []string{"strange"}})
	wantCode(t, err, "InvalidGrantTokenException")
}
