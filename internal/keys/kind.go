package keys

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/keypair"
)

// Kind is the spec, usage and origin of a key. It never changes.
type Kind struct {
	Spec   string // "SYMMETRIC_DEFAULT", "HMAC_256", or one of package keypair
	Usage  string
	Origin string
}

// KMS's names for specs, usages and origins.
const (
	SymmetricDefault = "SYMMETRIC_DEFAULT" // the spec, and the algorithm of the same name

	EncryptDecrypt    = "ENCRYPT_DECRYPT"
	SignVerify        = "SIGN_VERIFY"
	GenerateVerifyMac = "GENERATE_VERIFY_MAC"
	KeyAgreement      = "KEY_AGREEMENT"

	AWSKMS   = "AWS_KMS"  // KMS generates the key material
	External = "EXTERNAL" // the key material is imported
)

// Symmetric is the default kind.
var Symmetric = Kind{SymmetricDefault, EncryptDecrypt, AWSKMS}

// IsSymmetric reports whether the key has backing keys that can be rotated.
func (k Kind) IsSymmetric() bool { return k.Spec == SymmetricDefault }

// isPair reports whether the key is a key pair.
func (k Kind) isPair() bool {
	_, ok := keypair.Of(k.Spec)
	return ok
}

// macBits is the length of an HMAC key in bits; 0 for other keys.
func (k Kind) macBits() int {
	bits, found := strings.CutPrefix(k.Spec, "HMAC_")
	if !found {
		return 0
	}
	n, _ := strconv.Atoi(bits)
	return n
}

// Usages are the usages that the spec supports.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
func (k Kind) Usages() []string {
	if k.IsSymmetric() {
		return []string{EncryptDecrypt}
	}
	if k.macBits() > 0 {
		return []string{GenerateVerifyMac}
	}
	var usages []string
	a, _ := keypair.Of(k.Spec)
	for usage, algorithms := range map[string][]string{EncryptDecrypt: a.Encryption, SignVerify: a.Signing, KeyAgreement: a.Agreement} {
		if algorithms != nil {
			usages = append(usages, usage)
		}
	}
	return usages
}

// Algorithms are the algorithms that the key supports, in the order in which KMS lists
// them.
func (k Kind) Algorithms() []string {
	a, _ := keypair.Of(k.Spec)
	switch {
	case k.IsSymmetric():
		return []string{SymmetricDefault}
	case k.Usage == GenerateVerifyMac:
		return []string{"HMAC_SHA_" + strconv.Itoa(k.macBits())}
	case k.Usage == EncryptDecrypt:
		return a.Encryption
	case k.Usage == KeyAgreement:
		return a.Agreement
	}
	return a.Signing
}

// Operations are the operations that a grant on the key can include, in addition to those
// for all keys: DescribeKey, CreateGrant, RetireGrant.
func (k Kind) Operations() []string {
	switch {
	case k.IsSymmetric():
		return []string{
			"Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext",
			"ReEncryptFrom", "ReEncryptTo",
		}
	case k.Usage == GenerateVerifyMac:
		return []string{"GenerateMac", "VerifyMac"}
	case k.Usage == EncryptDecrypt:
		return []string{"Decrypt", "Encrypt", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo"}
	case k.Usage == KeyAgreement:
		return []string{"DeriveSharedSecret", "GetPublicKey"}
	}
	return []string{"GetPublicKey", "Sign", "Verify"}
}

// usages maps an operation to the key usage that it requires.
var usages = map[string]string{
	"Encrypt": EncryptDecrypt, "Decrypt": EncryptDecrypt, "ReEncryptFrom": EncryptDecrypt, "ReEncryptTo": EncryptDecrypt,
	"GenerateDataKey": EncryptDecrypt, "GenerateDataKeyWithoutPlaintext": EncryptDecrypt,
	"GenerateDataKeyPair": EncryptDecrypt, "GenerateDataKeyPairWithoutPlaintext": EncryptDecrypt,
	"Sign": SignVerify, "Verify": SignVerify,
	"GenerateMac": GenerateVerifyMac, "VerifyMac": GenerateVerifyMac,
	"DeriveSharedSecret": KeyAgreement,
}

// AcceptsAlias reports whether an operation on a key accepts an alias of it.
func AcceptsAlias(operation string) bool {
	return usages[operation] != "" || operation == "DescribeKey" || operation == "GetPublicKey"
}

// checkUsage returns an InvalidKeyUsageException if the key's usage does not include the
// operation or its spec does not support the algorithm.
func (k *Key) checkUsage(operation, algorithm string) error {
	switch {
	case usages[operation] != k.Usage:
		return awserr.New("InvalidKeyUsageException", 400, "%s key usage is %s which is not valid for %s.", k.ARN(), k.Usage, operation)
	case !slices.Contains(k.Algorithms(), algorithm):
		return awserr.New("InvalidKeyUsageException", 400, "Algorithm %s is incompatible with key spec %s.", algorithm, k.Spec)
	}
	return nil
}

// NewSecret generates the secret of a key of the kind: random bytes, or a private key in
// PKCS #8, which takes long for RSA. For imported key material it is nil.
func NewSecret(kind Kind) ([]byte, error) {
	size := keySize
	switch {
	case kind.Origin == External:
		return nil, nil
	case kind.isPair():
		pair, err := keypair.Generate(kind.Spec)
		if err != nil {
			return nil, err
		}
		return pair.PKCS8()
	case kind.macBits() > 0:
		size = kind.macBits() / 8
	case !kind.IsSymmetric():
		return nil, fmt.Errorf("make a key: no spec %s", kind.Spec)
	}
	secret := make([]byte, size)
	rand.Read(secret)
	return secret, nil
}

// hmacSizes are the minimum and maximum size of an imported HMAC key in bytes, by its
// length in bits.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html
var hmacSizes = map[int][2]int{224: {28, 64}, 256: {32, 64}, 384: {48, 128}, 512: {64, 128}}

// isValidSecret reports whether imported material has the form of a secret of the kind.
func (k Kind) isValidSecret(secret []byte) bool {
	switch {
	case k.IsSymmetric():
		return len(secret) == keySize
	case k.macBits() > 0:
		sizes := hmacSizes[k.macBits()]
		return sizes[0] <= len(secret) && len(secret) <= sizes[1]
	}
	_, err := keypair.ParsePrivate(k.Spec, secret)
	return err == nil
}

// public is the public key of a secret, DER; nil if the kind is not a key pair.
func (k Kind) public(secret []byte) ([]byte, error) {
	if !k.isPair() || secret == nil {
		return nil, nil
	}
	pair, err := keypair.ParsePrivate(k.Spec, secret)
	if err != nil {
		return nil, err
	}
	return pair.Public().DER()
}
