package kms_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/writdev/writ/writtest"
)

func (c client) public(key string) []byte {
	c.t.Helper()
	out, err := c.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	ok(c.t, err)
	return out.PublicKey
}

func (c client) sign(key string, algorithm types.SigningAlgorithmSpec, messageType types.MessageType, message []byte) []byte {
	c.t.Helper()
	out, err := c.Sign(ctx, &kms.SignInput{KeyId: &key, Message: message, MessageType: messageType, SigningAlgorithm: algorithm})
	ok(c.t, err)
	if *out.KeyId != key || out.SigningAlgorithm != algorithm {
		c.t.Errorf("signed with %s, %s", *out.KeyId, out.SigningAlgorithm)
	}
	return out.Signature
}

func (c client) verify(key string, algorithm types.SigningAlgorithmSpec, messageType types.MessageType, message, signature []byte) error {
	out, err := c.Verify(ctx, &kms.VerifyInput{KeyId: &key, Message: message, MessageType: messageType, SigningAlgorithm: algorithm, Signature: signature})
	if err == nil && (!out.SignatureValid || *out.KeyId != key || out.SigningAlgorithm != algorithm) {
		c.t.Errorf("verified %+v", out)
	}
	return err
}

// TestSign signs with each spec, verifies with KMS, and where the standard library can,
// with the public key outside.
func TestSign(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	message := []byte("test message !%$@ 1234567890")
	sum256, sum384, sum512 := sha256.Sum256(message), sha512.Sum384(message), sha512.Sum512(message)
	pss := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	keys := map[types.KeySpec]string{}
	for _, test := range []struct {
		spec      types.KeySpec
		algorithm types.SigningAlgorithmSpec
		digest    []byte
		outside   func(key any, signature []byte) bool
	}{
		{"RSA_2048", "RSASSA_PSS_SHA_256", sum256[:], func(k any, s []byte) bool {
			return rsa.VerifyPSS(k.(*rsa.PublicKey), crypto.SHA256, sum256[:], s, pss) == nil
		}},
		{"RSA_2048", "RSASSA_PSS_SHA_384", sum384[:], func(k any, s []byte) bool {
			return rsa.VerifyPSS(k.(*rsa.PublicKey), crypto.SHA384, sum384[:], s, pss) == nil
		}},
		{"RSA_2048", "RSASSA_PSS_SHA_512", sum512[:], func(k any, s []byte) bool {
			return rsa.VerifyPSS(k.(*rsa.PublicKey), crypto.SHA512, sum512[:], s, pss) == nil
		}},
		{"RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", sum256[:], func(k any, s []byte) bool {
			return rsa.VerifyPKCS1v15(k.(*rsa.PublicKey), crypto.SHA256, sum256[:], s) == nil
		}},
		{"RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", sum512[:], func(k any, s []byte) bool {
			return rsa.VerifyPKCS1v15(k.(*rsa.PublicKey), crypto.SHA512, sum512[:], s) == nil
		}},
		{"ECC_NIST_P256", "ECDSA_SHA_256", sum256[:], func(k any, s []byte) bool { return ecdsa.VerifyASN1(k.(*ecdsa.PublicKey), sum256[:], s) }},
		{"ECC_NIST_P384", "ECDSA_SHA_384", sum384[:], func(k any, s []byte) bool { return ecdsa.VerifyASN1(k.(*ecdsa.PublicKey), sum384[:], s) }},
		{"ECC_NIST_P521", "ECDSA_SHA_512", sum512[:], func(k any, s []byte) bool { return ecdsa.VerifyASN1(k.(*ecdsa.PublicKey), sum512[:], s) }},
		{"ECC_SECG_P256K1", "ECDSA_SHA_256", sum256[:], nil},
		{"ECC_NIST_EDWARDS25519", "ED25519_SHA_512", nil, func(k any, s []byte) bool { return ed25519.Verify(k.(ed25519.PublicKey), message, s) }},
		{"ML_DSA_44", "ML_DSA_SHAKE_256", nil, nil},
		{"ML_DSA_65", "ML_DSA_SHAKE_256", nil, nil},
		{"ML_DSA_87", "ML_DSA_SHAKE_256", nil, nil},
	} {
		key := keys[test.spec]
		if key == "" {
			key = a.keyOf(test.spec, "SIGN_VERIFY")
			keys[test.spec] = key
		}
		public, err := x509.ParsePKIXPublicKey(a.public(key))
		if test.outside != nil {
			ok(t, err)
		}
		signature := a.sign(key, test.algorithm, "RAW", message)
		ok(t, a.verify(key, test.algorithm, "RAW", message, signature))
		if test.outside != nil && !test.outside(public, signature) {
			t.Errorf("%s %s: not verified outside", test.spec, test.algorithm)
		}
		wantError(t, a.verify(key, test.algorithm, "", []byte("bad"), signature), "KMSInvalidSignatureException", "")
		wantError(t, a.verify(key, test.algorithm, "", message, []byte("bad")), "KMSInvalidSignatureException", "")
		if test.digest == nil {
			_, err := a.Sign(ctx, &kms.SignInput{KeyId: &key, Message: sum512[:], MessageType: "DIGEST", SigningAlgorithm: test.algorithm})
			wantCode(t, err, validation)
			continue
		}
		ok(t, a.verify(key, test.algorithm, "RAW", message, a.sign(key, test.algorithm, "DIGEST", test.digest)))
		_, err = a.Sign(ctx, &kms.SignInput{KeyId: &key, Message: message, MessageType: "DIGEST", SigningAlgorithm: test.algorithm})
		wantError(t, err, validation, "Digest is invalid length for algorithm "+string(test.algorithm)+".")
		wantError(t, a.verify(key, test.algorithm, "DIGEST", message, signature), validation, "Digest is invalid length for algorithm "+string(test.algorithm)+".")
	}
	ed := keys["ECC_NIST_EDWARDS25519"]
	public, err := x509.ParsePKIXPublicKey(a.public(ed))
	ok(t, err)
	signature := a.sign(ed, "ED25519_PH_SHA_512", "DIGEST", sum512[:])
	ok(t, a.verify(ed, "ED25519_PH_SHA_512", "DIGEST", sum512[:], signature))
	if err := ed25519.VerifyWithOptions(public.(ed25519.PublicKey), sum512[:], signature, &ed25519.Options{Hash: crypto.SHA512}); err != nil {
		t.Error(err)
	}
	dsa := keys["ML_DSA_44"]
	a.sign(dsa, "ML_DSA_SHAKE_256", "EXTERNAL_MU", sum512[:])
	wantCode(t, a.verify(dsa, "ML_DSA_SHAKE_256", "EXTERNAL_MU", sum512[:], signature), validation)
	_, err = a.Sign(ctx, &kms.SignInput{KeyId: &dsa, Message: message, SigningAlgorithm: "ML_DSA_SHAKE_256", DryRun: new(true)})
	wantCode(t, err, "DryRunOperationException")
	_, err = a.Sign(ctx, &kms.SignInput{KeyId: &dsa, Message: make([]byte, 4097), SigningAlgorithm: "ML_DSA_SHAKE_256"})
	wantError(t, err, validation, "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096")
}

// TestSignPolicies checks that policies can refer to the message type and the algorithm.
func TestSignPolicies(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key := a.keyOf("RSA_2048", "SIGN_VERIFY")
	digest := sha256.Sum256([]byte("message"))
	for i, test := range []struct{ condition, code string }{
		{`{"StringEquals":{"kms:SigningAlgorithm":"RSASSA_PSS_SHA_256","kms:MessageType":"DIGEST"}}`, ""},
		{`{"StringEquals":{"kms:SigningAlgorithm":"RSASSA_PSS_SHA_512"}}`, accessDenied},
		{`{"StringEquals":{"kms:MessageType":"RAW"}}`, accessDenied},
		{`{"StringEquals":{"kms:KeySpec":"RSA_2048","kms:KeyUsage":"SIGN_VERIFY","kms:KeyOrigin":"AWS_KMS"},"Bool":{"kms:MultiRegion":"false"}}`, ""},
		{`{"StringEquals":{"kms:KeyUsage":"ENCRYPT_DECRYPT"}}`, accessDenied},
	} {
		u := as(t, s, alice, "u"+string(rune('a'+i)), where(can("kms:Sign"), test.condition))
		_, err := u.Sign(ctx, &kms.SignInput{KeyId: &key, Message: digest[:], MessageType: "DIGEST", SigningAlgorithm: "RSASSA_PSS_SHA_256"})
		if test.code == "" {
			ok(t, err)
		} else {
			wantCode(t, err, test.code)
		}
	}
	// Another account requires permission by the key policy and its own policies; a grant is sufficient.
	b := as(t, s, bob, "signer", can("kms:Sign"))
	in := &kms.SignInput{KeyId: &key, Message: []byte("m"), SigningAlgorithm: "RSASSA_PSS_SHA_256"}
	_, err := b.Sign(ctx, in)
	wantCode(t, err, accessDenied)
	a.put(key, owned(lets(bob, "kms:Sign")))
	_, err = b.Sign(ctx, in)
	ok(t, err)
	_, err = b.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	wantCode(t, err, accessDenied)
	idle := as(t, s, bob, "idle")
	_, err = idle.Sign(ctx, in)
	wantCode(t, err, accessDenied)
	_, err = a.CreateGrant(ctx, &kms.CreateGrantInput{KeyId: &key, GranteePrincipal: new(userARN(bob, "idle")), Operations: []types.GrantOperation{"Sign"}})
	ok(t, err)
	_, err = idle.Sign(ctx, in)
	ok(t, err)
}

func TestPublicKey(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	key := a.keyOf("RSA_2048", "ENCRYPT_DECRYPT")
	out, err := a.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	ok(t, err)
	//lint:ignore SA1019 the API has it, whatever newer SDKs prefer
	if *out.KeyId != key || out.KeySpec != "RSA_2048" || string(out.CustomerMasterKeySpec) != "RSA_2048" || out.KeyUsage != "ENCRYPT_DECRYPT" ||
		len(out.EncryptionAlgorithms) != 2 || out.SigningAlgorithms != nil || out.KeyAgreementAlgorithms != nil {
		t.Errorf("%+v", out)
	}
	_, err = a.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})
	ok(t, err)
	a.public(key) // as observed with AWS
	ok(t, a.schedule(key, 7))
	_, err = a.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	wantCode(t, err, invalidState)
}

// TestEncryptRSA encrypts with KMS and outside, and decrypts with KMS.
func TestEncryptRSA(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	key, other := a.keyOf("RSA_2048", "ENCRYPT_DECRYPT"), a.key()
	public, err := x509.ParsePKIXPublicKey(a.public(key))
	ok(t, err)
	outside, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public.(*rsa.PublicKey), []byte("hush"), nil)
	ok(t, err)
	enc, err := a.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("hush"), EncryptionAlgorithm: "RSAES_OAEP_SHA_256"})
	ok(t, err)
	for _, blob := range [][]byte{outside, enc.CiphertextBlob} {
		out, err := a.Decrypt(ctx, &kms.DecryptInput{KeyId: &key, CiphertextBlob: blob, EncryptionAlgorithm: "RSAES_OAEP_SHA_256"})
		ok(t, err)
		if string(out.Plaintext) != "hush" || out.EncryptionAlgorithm != "RSAES_OAEP_SHA_256" || out.KeyMaterialId != nil {
			t.Errorf("decrypted %q, %+v", out.Plaintext, out)
		}
		_, err = a.Decrypt(ctx, &kms.DecryptInput{KeyId: &key, CiphertextBlob: blob, EncryptionAlgorithm: "RSAES_OAEP_SHA_1"})
		wantError(t, err, noCiphertext, "")
		_, err = a.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, EncryptionAlgorithm: "RSAES_OAEP_SHA_256"}) // the ciphertext does not identify the key
		wantError(t, err, noCiphertext, "")
		_, err = a.Decrypt(ctx, &kms.DecryptInput{KeyId: &other, CiphertextBlob: blob})
		wantError(t, err, noCiphertext, "")
	}
	for algorithm, text := range map[types.EncryptionAlgorithmSpec]string{"RSAES_OAEP_SHA_1": "214", "RSAES_OAEP_SHA_256": "190"} {
		_, err := a.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: make([]byte, 1000), EncryptionAlgorithm: algorithm})
		wantError(t, err, validation, "Algorithm "+string(algorithm)+" and key spec RSA_2048 cannot encrypt data larger than "+text+" bytes.")
	}
	_, err = a.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x"), EncryptionAlgorithm: "RSAES_OAEP_SHA_1", EncryptionContext: map[string]string{"a": "b"}})
	wantCode(t, err, validation)
	re, err := a.ReEncrypt(ctx, &kms.ReEncryptInput{
		CiphertextBlob: outside, SourceKeyId: &key, SourceEncryptionAlgorithm: "RSAES_OAEP_SHA_256", DestinationKeyId: &other,
	})
	ok(t, err)
	if re.SourceKeyMaterialId != nil || re.DestinationKeyMaterialId == nil || re.SourceEncryptionAlgorithm != "RSAES_OAEP_SHA_256" {
		t.Errorf("%+v", re)
	}
	a.decrypts(re.CiphertextBlob, nil, "hush")
}

func TestMac(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	message := []byte("some important message")
	for spec, size := range map[types.KeySpec]int{"HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64} {
		key, algorithm := a.keyOf(spec, "GENERATE_VERIFY_MAC"), types.MacAlgorithmSpec("HMAC_SHA_"+string(spec[5:]))
		out, err := a.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: &key, Message: message, MacAlgorithm: algorithm})
		ok(t, err)
		if len(out.Mac) != size || *out.KeyId != key || out.MacAlgorithm != algorithm {
			t.Errorf("%s: %+v", spec, out)
		}
		in := &kms.VerifyMacInput{KeyId: &key, Message: message, MacAlgorithm: algorithm, Mac: out.Mac}
		verified, err := a.VerifyMac(ctx, in)
		ok(t, err)
		if !verified.MacValid || verified.MacAlgorithm != algorithm {
			t.Errorf("%s: %+v", spec, verified)
		}
		in.Message = []byte("some different message")
		_, err = a.VerifyMac(ctx, in)
		wantError(t, err, "KMSInvalidMacException", "")
		in.Message, in.Mac = message, out.Mac[1:]
		_, err = a.VerifyMac(ctx, in)
		wantError(t, err, "KMSInvalidMacException", "")
	}
	_, err := a.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: new("key_id"), Message: message, MacAlgorithm: "HMAC_SHA_256"})
	wantError(t, err, notFound, "Invalid keyId 'key_id'")
	_, err = a.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: new("key_id"), Message: message, MacAlgorithm: "INVALID"})
	wantError(t, err, validation, "1 validation error detected: Value 'INVALID' at 'macAlgorithm' failed to satisfy constraint: "+
		"Member must satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]")
	key := a.keyOf("HMAC_256", "GENERATE_VERIFY_MAC")
	u := as(t, s, alice, "u", where(can("kms:GenerateMac"), `{"StringEquals":{"kms:MacAlgorithm":"HMAC_SHA_512"}}`))
	_, err = u.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: &key, Message: message, MacAlgorithm: "HMAC_SHA_256"})
	wantCode(t, err, accessDenied)
}

// TestDerive derives a shared secret with another KMS key, and with a key of the standard library.
func TestDerive(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	one, two := a.keyOf("ECC_NIST_P256", "KEY_AGREEMENT"), a.keyOf("ECC_NIST_P256", "KEY_AGREEMENT")
	derive := func(key string, public []byte) ([]byte, error) {
		out, err := a.DeriveSharedSecret(ctx, &kms.DeriveSharedSecretInput{KeyId: &key, PublicKey: public, KeyAgreementAlgorithm: "ECDH"})
		if err != nil {
			return nil, err
		}
		if *out.KeyId != key || out.KeyAgreementAlgorithm != "ECDH" || out.KeyOrigin != "AWS_KMS" {
			t.Errorf("%+v", out)
		}
		return out.SharedSecret, nil
	}
	first, err := derive(one, a.public(two))
	ok(t, err)
	second, err := derive(two, a.public(one))
	ok(t, err)
	if !bytes.Equal(first, second) || len(first) != 32 {
		t.Errorf("%x and %x", first, second)
	}
	outside, err := ecdh.P256().GenerateKey(rand.Reader)
	ok(t, err)
	public, err := x509.MarshalPKIXPublicKey(outside.PublicKey())
	ok(t, err)
	inside, err := derive(one, public)
	ok(t, err)
	peer, err := x509.ParsePKIXPublicKey(a.public(one))
	ok(t, err)
	peerKey, err := peer.(*ecdsa.PublicKey).ECDH()
	ok(t, err)
	want, err := outside.ECDH(peerKey)
	ok(t, err)
	if !bytes.Equal(inside, want) {
		t.Errorf("%x, want %x", inside, want)
	}
	for _, bad := range [][]byte{[]byte("InvalidPublicKey"), a.public(a.keyOf("ECC_NIST_P384", "KEY_AGREEMENT")), a.public(a.keyOf("ECC_SECG_P256K1", "SIGN_VERIFY"))} {
		_, err := derive(one, bad)
		wantCode(t, err, validation)
	}
	_, err = a.DeriveSharedSecret(ctx, &kms.DeriveSharedSecretInput{KeyId: &one, PublicKey: public, KeyAgreementAlgorithm: "INVALID"})
	wantError(t, err, validation, "1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDH]")
}

func TestDataKeyPairs(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key, team := a.key(), map[string]string{"team": "red"}
	for _, spec := range []types.DataKeyPairSpec{"RSA_2048", "ECC_NIST_P256", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"} {
		out, err := a.GenerateDataKeyPair(ctx, &kms.GenerateDataKeyPairInput{KeyId: &key, KeyPairSpec: spec, EncryptionContext: team})
		ok(t, err)
		if *out.KeyId != key || out.KeyPairSpec != spec || *out.KeyMaterialId != *a.describe(key).CurrentKeyMaterialId {
			t.Errorf("%s: %+v", spec, out)
		}
		a.decrypts(out.PrivateKeyCiphertextBlob, team, string(out.PrivateKeyPlaintext))
		_, err = a.tryDecrypt(out.PrivateKeyCiphertextBlob, nil)
		wantError(t, err, noCiphertext, "")
		if spec == "ECC_SECG_P256K1" { // the standard library does not support it
			continue
		}
		private, err := x509.ParsePKCS8PrivateKey(out.PrivateKeyPlaintext)
		ok(t, err)
		public, err := x509.MarshalPKIXPublicKey(private.(interface{ Public() crypto.PublicKey }).Public())
		ok(t, err)
		if !bytes.Equal(public, out.PublicKey) {
			t.Errorf("%s: the keys are not a pair", spec)
		}
	}
	hidden, err := a.GenerateDataKeyPairWithoutPlaintext(ctx, &kms.GenerateDataKeyPairWithoutPlaintextInput{KeyId: &key, KeyPairSpec: "ECC_NIST_P256"})
	ok(t, err)
	text, err := a.tryDecrypt(hidden.PrivateKeyCiphertextBlob, nil)
	ok(t, err)
	if _, err := x509.ParsePKCS8PrivateKey([]byte(text)); err != nil {
		t.Error(err)
	}
	_, err = a.GenerateDataKeyPair(ctx, &kms.GenerateDataKeyPairInput{KeyId: &key, KeyPairSpec: "RSA_4096", DryRun: new(true)})
	wantCode(t, err, "DryRunOperationException")
	_, err = a.GenerateDataKeyPair(ctx, &kms.GenerateDataKeyPairInput{KeyId: &key, KeyPairSpec: "SM2"})
	wantCode(t, err, unsupported)
	u := as(t, s, alice, "u", where(can("kms:GenerateDataKeyPair"), `{"StringEquals":{"kms:DataKeyPairSpec":"ECC_NIST_P256","kms:EncryptionContext:team":"red"}}`))
	in := &kms.GenerateDataKeyPairInput{KeyId: &key, KeyPairSpec: "ECC_NIST_P256", EncryptionContext: team}
	_, err = u.GenerateDataKeyPair(ctx, in)
	ok(t, err)
	in.KeyPairSpec = "ECC_NIST_P384"
	_, err = u.GenerateDataKeyPair(ctx, in)
	wantCode(t, err, accessDenied)
}
