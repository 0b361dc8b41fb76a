package kms_test

import (
	"bytes"
	"crypto/aes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"hash"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/writdev/writ/writtest"
)

// external creates a key with imported material.
func (c client) external(spec types.KeySpec, usage types.KeyUsageType) string {
	c.t.Helper()
	out, err := c.CreateKey(ctx, &kms.CreateKeyInput{Origin: types.OriginTypeExternal, KeySpec: spec, KeyUsage: usage})
	ok(c.t, err)
	if m := out.KeyMetadata; m.KeyState != types.KeyStatePendingImport || m.Enabled || m.Origin != "EXTERNAL" || m.ExpirationModel != "" || m.CurrentKeyMaterialId != nil {
		c.t.Errorf("made %+v", m)
	}
	return *out.KeyMetadata.Arn
}

// parameters returns the import parameters for an algorithm.
func (c client) parameters(key string, algorithm types.AlgorithmSpec) (*rsa.PublicKey, []byte) {
	c.t.Helper()
	out, err := c.GetParametersForImport(ctx, &kms.GetParametersForImportInput{KeyId: &key, WrappingAlgorithm: algorithm, WrappingKeySpec: "RSA_2048"})
	ok(c.t, err)
	public, err := x509.ParsePKIXPublicKey(out.PublicKey)
	ok(c.t, err)
	if *out.KeyId != key || public.(*rsa.PublicKey).N.BitLen() != 2048 {
		c.t.Errorf("%s: %d bits", *out.KeyId, public.(*rsa.PublicKey).N.BitLen())
	}
	return public.(*rsa.PublicKey), out.ImportToken
}

func oaep(t *testing.T, hash hash.Hash, public *rsa.PublicKey, secret []byte) []byte {
	t.Helper()
	wrapped, err := rsa.EncryptOAEP(hash, rand.Reader, public, secret, nil)
	ok(t, err)
	return wrapped
}

// importing returns a request that imports a secret without expiration.
func (c client) importing(key string, secret []byte) *kms.ImportKeyMaterialInput {
	c.t.Helper()
	public, token := c.parameters(key, "RSAES_OAEP_SHA_256")
	return &kms.ImportKeyMaterialInput{
		KeyId: &key, ImportToken: token, EncryptedKeyMaterial: oaep(c.t, sha256.New(), public, secret), ExpirationModel: types.ExpirationModelTypeKeyMaterialDoesNotExpire,
	}
}

func (c client) importKey(key string, secret []byte) *kms.ImportKeyMaterialOutput {
	c.t.Helper()
	out, err := c.ImportKeyMaterial(ctx, c.importing(key, secret))
	ok(c.t, err)
	return out
}

var zeros = make([]byte, 32)

func TestImport(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	key := a.external("", "")
	_, err := a.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("hush")})
	wantError(t, err, invalidState, key+" is pending import.")
	_, err = a.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &key})
	wantCode(t, err, invalidState)

	in := a.importing(key, zeros)
	in.ExpirationModel = ""
	_, err = a.ImportKeyMaterial(ctx, in)
	wantError(t, err, validation, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
	in.ExpirationModel = types.ExpirationModelTypeKeyMaterialDoesNotExpire
	out, err := a.ImportKeyMaterial(ctx, in)
	ok(t, err)
	m := a.describe(key)
	if *out.KeyId != key || *out.KeyMaterialId != *m.CurrentKeyMaterialId || !m.Enabled || m.KeyState != "Enabled" || m.ExpirationModel != "KEY_MATERIAL_DOES_NOT_EXPIRE" || m.ValidTo != nil {
		t.Errorf("imported %+v", m)
	}
	blob := a.encrypt(key, "hush", nil)
	a.decrypts(blob, nil, "hush")

	deleted, err := a.DeleteImportedKeyMaterial(ctx, &kms.DeleteImportedKeyMaterialInput{KeyId: &key})
	ok(t, err)
	if m := a.describe(key); *deleted.KeyMaterialId != *out.KeyMaterialId || m.KeyState != "PendingImport" || m.ExpirationModel != "" || m.CurrentKeyMaterialId != nil {
		t.Errorf("after deletion %+v", m)
	}
	_, err = a.tryDecrypt(blob, nil)
	wantError(t, err, invalidState, key+" is pending import.")
	_, err = a.ImportKeyMaterial(ctx, a.importing(key, bytes.Repeat([]byte("x"), 32)))
	wantCode(t, err, "IncorrectKeyMaterialException")
	a.importKey(key, zeros)
	a.decrypts(blob, nil, "hush")
	a.importKey(key, zeros) // and again

	own := a.key()
	_, err = a.GetParametersForImport(ctx, &kms.GetParametersForImportInput{KeyId: &own, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_4096"})
	wantError(t, err, unsupported, own+" origin is AWS_KMS which is not valid for this operation.")
	in.KeyId = &own
	_, err = a.ImportKeyMaterial(ctx, in)
	wantCode(t, err, unsupported)
	_, err = a.DeleteImportedKeyMaterial(ctx, &kms.DeleteImportedKeyMaterialInput{KeyId: &own})
	wantCode(t, err, unsupported)
	_, err = a.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &key})
	wantError(t, err, unsupported, key+" origin is EXTERNAL which is not valid for this operation.")
}

// TestImportHostile tests tokens and ciphertexts of other keys.
func TestImportHostile(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	key, other := a.external("", ""), a.external("", "")
	good := a.importing(key, zeros)
	for name, test := range map[string]struct {
		change func(*kms.ImportKeyMaterialInput)
		code   string
	}{
		"no token":                 {func(in *kms.ImportKeyMaterialInput) { in.ImportToken = []byte("wrong-token") }, "InvalidImportTokenException"},
		"a changed token":          {func(in *kms.ImportKeyMaterialInput) { in.ImportToken[40] ^= 1 }, "InvalidImportTokenException"},
		"the token of another key": {func(in *kms.ImportKeyMaterialInput) { _, in.ImportToken = a.parameters(other, "RSAES_OAEP_SHA_256") }, "InvalidImportTokenException"},
		"another token":            {func(in *kms.ImportKeyMaterialInput) { _, in.ImportToken = a.parameters(key, "RSAES_OAEP_SHA_256") }, noCiphertext},
		"another algorithm":        {func(in *kms.ImportKeyMaterialInput) { _, in.ImportToken = a.parameters(key, "RSAES_OAEP_SHA_1") }, noCiphertext},
		"not wrapped":              {func(in *kms.ImportKeyMaterialInput) { in.EncryptedKeyMaterial = zeros }, noCiphertext},
		"too short":                {func(in *kms.ImportKeyMaterialInput) { *in = *a.importing(key, zeros[1:]) }, "IncorrectKeyMaterialException"},
		"too long":                 {func(in *kms.ImportKeyMaterialInput) { *in = *a.importing(key, make([]byte, 33)) }, "IncorrectKeyMaterialException"},
		"another id":               {func(in *kms.ImportKeyMaterialInput) { in.KeyMaterialId = new(string(bytes.Repeat([]byte("a"), 64))) }, "IncorrectKeyMaterialException"},
		"said to be known":         {func(in *kms.ImportKeyMaterialInput) { in.ImportType = types.ImportTypeExistingKeyMaterial }, "IncorrectKeyMaterialException"},
		"expired before": {func(in *kms.ImportKeyMaterialInput) {
			in.ExpirationModel, in.ValidTo = "", new(a.describe(key).CreationDate.AddDate(0, 0, -1))
		}, validation},
		"in two years": {func(in *kms.ImportKeyMaterialInput) {
			in.ExpirationModel, in.ValidTo = "", new(a.describe(key).CreationDate.AddDate(2, 0, 0))
		}, validation},
		"a date without a model": {func(in *kms.ImportKeyMaterialInput) { in.ValidTo = new(a.describe(key).CreationDate.AddDate(0, 0, 2)) }, validation},
	} {
		t.Run(name, func(t *testing.T) {
			in := *good
			in.ImportToken = bytes.Clone(good.ImportToken)
			test.change(&in)
			_, err := a.ImportKeyMaterial(ctx, &in)
			wantCode(t, err, test.code)
		})
	}
	if state := a.describe(key).KeyState; state != "PendingImport" {
		t.Errorf("state %s", state)
	}
	_, err := a.ImportKeyMaterial(ctx, good)
	ok(t, err)
	_, err = a.GetParametersForImport(ctx, &kms.GetParametersForImportInput{KeyId: &key, WrappingAlgorithm: "RSAES_PKCS1_V1_5", WrappingKeySpec: "RSA_2048"})
	wantCode(t, err, unsupported)
}

// TestImportKinds imports HMAC keys and key pairs that were generated outside.
func TestImportKinds(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	mac := a.external("HMAC_256", "GENERATE_VERIFY_MAC")
	secret := bytes.Repeat([]byte("k"), 40)
	if out := a.importKey(mac, secret); out.KeyMaterialId != nil {
		t.Errorf("%+v", out)
	}
	out, err := a.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: &mac, Message: []byte("m"), MacAlgorithm: "HMAC_SHA_256"})
	ok(t, err)
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("m"))
	if !bytes.Equal(out.Mac, h.Sum(nil)) {
		t.Errorf("%x, want %x", out.Mac, h.Sum(nil))
	}
	_, err = a.ImportKeyMaterial(ctx, a.importing(mac, secret[1:]))
	wantCode(t, err, "IncorrectKeyMaterialException") // it cannot be changed
	_, err = a.ImportKeyMaterial(ctx, a.importing(a.external("HMAC_512", "GENERATE_VERIFY_MAC"), secret))
	wantCode(t, err, "IncorrectKeyMaterialException") // it is too short

	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(pair)
	ok(t, err)
	public, err := x509.MarshalPKIXPublicKey(&pair.PublicKey)
	ok(t, err)
	sign := a.external("ECC_NIST_P256", "SIGN_VERIFY")
	_, err = a.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &sign})
	wantCode(t, err, invalidState)
	a.importKey(sign, der)
	if got := a.public(sign); !bytes.Equal(got, public) {
		t.Errorf("public key %x, want %x", got, public)
	}
	digest := sha256.Sum256([]byte("m"))
	if !ecdsa.VerifyASN1(&pair.PublicKey, digest[:], a.sign(sign, "ECDSA_SHA_256", "RAW", []byte("m"))) {
		t.Error("the imported key does not sign")
	}
	_, err = a.ImportKeyMaterial(ctx, a.importing(a.external("ECC_NIST_P384", "SIGN_VERIFY"), der))
	wantCode(t, err, "IncorrectKeyMaterialException")

	// A key too large for RSA alone is wrapped with AES, which RSA wraps.
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	ok(t, err)
	der, err = x509.MarshalPKCS8PrivateKey(big)
	ok(t, err)
	decrypt := a.external("RSA_2048", "ENCRYPT_DECRYPT")
	wrapping, token := a.parameters(decrypt, "RSA_AES_KEY_WRAP_SHA_1")
	kek := bytes.Repeat([]byte("w"), 32)
	wrapped := append(oaep(t, sha1.New(), wrapping, kek), wrapPadded(t, kek, der)...)
	_, err = a.ImportKeyMaterial(ctx, &kms.ImportKeyMaterialInput{
		KeyId: &decrypt, ImportToken: token, EncryptedKeyMaterial: wrapped, ExpirationModel: types.ExpirationModelTypeKeyMaterialDoesNotExpire,
	})
	ok(t, err)
	blob := oaep(t, sha256.New(), &big.PublicKey, []byte("hush"))
	plain, err := a.Decrypt(ctx, &kms.DecryptInput{KeyId: &decrypt, CiphertextBlob: blob, EncryptionAlgorithm: "RSAES_OAEP_SHA_256"})
	ok(t, err)
	if string(plain.Plaintext) != "hush" {
		t.Errorf("decrypted %q", plain.Plaintext)
	}
}

// wrapPadded returns the AES key wrap with padding of RFC 5649.
func wrapPadded(t *testing.T, kek, secret []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(kek)
	ok(t, err)
	n := (len(secret) + 7) / 8
	out := make([]byte, 8*(n+1))
	binary.BigEndian.PutUint32(out, 0xA65959A6)
	binary.BigEndian.PutUint32(out[4:], uint32(len(secret)))
	copy(out[8:], secret)
	var b [16]byte
	for j := range 6 {
		for i := 1; i <= n; i++ {
			copy(b[:], out[:8])
			copy(b[8:], out[8*i:])
			block.Encrypt(b[:], b[:])
			binary.BigEndian.PutUint64(out, binary.BigEndian.Uint64(b[:])^uint64(n*j+i))
			copy(out[8*i:], b[8:])
		}
	}
	return out
}

// TestImportExpires lets material and a token expire.
func TestImportExpires(t *testing.T) {
	a, clock := onClock(t)
	key := a.external("", "")
	in := a.importing(key, zeros)
	in.ExpirationModel, in.ValidTo = types.ExpirationModelTypeKeyMaterialExpires, new(clock.now.AddDate(0, 0, 10))
	_, err := a.ImportKeyMaterial(ctx, in)
	ok(t, err)
	if m := a.describe(key); m.ExpirationModel != "KEY_MATERIAL_EXPIRES" || m.ValidTo.Unix() != in.ValidTo.Unix() {
		t.Errorf("imported %+v", m)
	}
	blob := a.encrypt(key, "hush", nil)
	late := a.importing(key, zeros)
	clock.pass(1)
	_, err = a.ImportKeyMaterial(ctx, late)
	wantCode(t, err, "ExpiredImportTokenException")
	a.decrypts(blob, nil, "hush")
	clock.pass(10)
	if m := a.describe(key); m.KeyState != "PendingImport" || m.ValidTo != nil {
		t.Errorf("expired %+v", m)
	}
	_, err = a.tryDecrypt(blob, nil)
	wantCode(t, err, invalidState)
	a.importKey(key, zeros)
	a.decrypts(blob, nil, "hush")
	ok(t, a.schedule(key, 7))
	_, err = a.GetParametersForImport(ctx, &kms.GetParametersForImportInput{KeyId: &key, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048"})
	wantCode(t, err, invalidState)
}

// TestImportRotation rotates from one imported material to the next.
func TestImportRotation(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	key := a.external("", "")
	rotate := func() error {
		_, err := a.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &key})
		return err
	}
	wantError(t, rotate(), invalidState, key+" is pending import.")
	first := a.importKey(key, zeros)
	wantError(t, rotate(), invalidState, "No available key material pending rotation for the key: "+key+".")
	old := a.encrypt(key, "old", nil)

	next := a.importing(key, bytes.Repeat([]byte("n"), 32))
	next.ImportType, next.KeyMaterialDescription = types.ImportTypeNewKeyMaterial, new("the next")
	second, err := a.ImportKeyMaterial(ctx, next)
	ok(t, err)
	if m := a.describe(key); *m.CurrentKeyMaterialId != *first.KeyMaterialId {
		t.Errorf("current %s before the rotation", *m.CurrentKeyMaterialId)
	}
	third := a.importing(key, bytes.Repeat([]byte("t"), 32))
	third.ImportType = types.ImportTypeNewKeyMaterial
	_, err = a.ImportKeyMaterial(ctx, third)
	if m := wantCode(t, err, invalidState); !bytes.Contains([]byte(m), []byte("because another key material (id: "+*second.KeyMaterialId+") is pending rotation.")) {
		t.Errorf("message %q", m)
	}
	ok(t, rotate())
	if m := a.describe(key); *m.CurrentKeyMaterialId != *second.KeyMaterialId {
		t.Errorf("current %s after the rotation", *m.CurrentKeyMaterialId)
	}
	fresh := a.encrypt(key, "new", nil)
	a.decrypts(old, nil, "old")
	a.decrypts(fresh, nil, "new")
	list, err := a.ListKeyRotations(ctx, &kms.ListKeyRotationsInput{KeyId: &key, IncludeKeyMaterial: types.IncludeKeyMaterialAllKeyMaterial})
	ok(t, err)
	if len(list.Rotations) != 2 || list.Rotations[0].KeyMaterialState != "NON_CURRENT" || list.Rotations[0].RotationDate != nil ||
		list.Rotations[1].KeyMaterialState != "CURRENT" || list.Rotations[1].RotationType != "ON_DEMAND" || *list.Rotations[1].KeyMaterialDescription != "the next" {
		t.Errorf("%+v", list.Rotations)
	}
	// Without the first material the key is incomplete.
	_, err = a.DeleteImportedKeyMaterial(ctx, &kms.DeleteImportedKeyMaterialInput{KeyId: &key, KeyMaterialId: first.KeyMaterialId})
	ok(t, err)
	_, err = a.tryDecrypt(fresh, nil)
	wantCode(t, err, invalidState)
	a.importKey(key, zeros)
	a.decrypts(old, nil, "old")
	_, err = a.DeleteImportedKeyMaterial(ctx, &kms.DeleteImportedKeyMaterialInput{KeyId: &key, KeyMaterialId: new(string(bytes.Repeat([]byte("0"), 64)))})
	wantCode(t, err, notFound)
}
