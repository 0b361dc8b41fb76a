package kms

import (
	"crypto/rand"
	"errors"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// The actions behind ReEncrypt, which has none of its own name.
const (
	reEncryptFrom = "ReEncryptFrom"
	reEncryptTo   = "ReEncryptTo"
)

// symmetric is the one algorithm.
const symmetric = EncryptionAlgorithmSpecSymmetricDefault

// encryptTarget is the target of what encrypts with a key that is named.
func encryptTarget(c *operation.Call, name, op string, context map[string]string) (authz.Target, error) {
	found, err := c.FindKey(name)
	if err != nil {
		return authz.Target{}, err
	}
	return c.KeyTarget(found, operation.KeyUse{Operation: op, Context: context})
}

// encryptKeyTarget is the target of Encrypt.
func (s *kms) encryptKeyTarget(c *operation.Call, in *EncryptInput) (authz.Target, error) {
	return encryptTarget(c, in.KeyID, apiEncrypt.Name, in.EncryptionContext)
}

func (s *kms) encrypt(c *operation.Call, in *EncryptInput) (*EncryptOutput, error) {
	if err := isSymmetric(in.EncryptionAlgorithm); err != nil {
		return nil, err
	}
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	blob, _, err := k.Encrypt(c.Directory.Sealer, c.Now, in.EncryptionContext, in.Plaintext)
	if err != nil {
		return nil, err
	}
	return &EncryptOutput{CiphertextBlob: blob, KeyID: new(k.ARN()), EncryptionAlgorithm: new(symmetric)}, endDryRun(in.DryRun)
}

// isSymmetric returns an error for another algorithm than Writ's keys have.
func isSymmetric(algorithm *EncryptionAlgorithmSpec) error {
	if valueOr(algorithm, symmetric) != symmetric {
		return errInvalidKeyUsage("The key is symmetric: its EncryptionAlgorithm is SYMMETRIC_DEFAULT.")
	}
	return nil
}

// ciphertextKey finds the key that opens a blob. With a name it is the one that is
// named, which the blob must then say itself (see open); a mere id may be that of
// another account's key, if the blob says so.
func ciphertextKey(c *operation.Call, name *string, blob []byte) (keys.Found, error) {
	arn, err := keys.BlobKey(blob)
	if name != nil && (err != nil || !strings.HasSuffix(arn, ":key/"+*name)) {
		return c.FindKey(*name)
	}
	if err != nil {
		return keys.Found{}, err
	}
	found, err := c.FindKey(arn)
	if _, strange := errors.AsType[*awserr.Error](err); strange {
		err = denied(textCiphertext) // of another region, or nothing that a key has written
	}
	return found, err
}

// decryptTarget is the target of what decrypts a blob. One that says no key is judged
// by the caller's own policies, and then refused.
func decryptTarget(c *operation.Call, name *string, blob []byte, op string, context map[string]string) (authz.Target, keys.Found, error) {
	if _, err := keys.BlobKey(blob); err != nil && name == nil {
		return authz.Target{ARN: "*", Keys: map[string][]string{"kms:CallerAccount": {c.Account()}}}, keys.Found{}, nil
	}
	found, err := ciphertextKey(c, name, blob)
	if err != nil {
		return authz.Target{}, found, err
	}
	target, err := c.KeyTarget(found, operation.KeyUse{Operation: op, Context: context})
	return target, found, err
}

// decryptBlob decrypts a blob with the key that opened finds.
func decryptBlob(c *operation.Call, name *string, blob []byte, context map[string]string) (k *keys.Key, plaintext []byte, materialID string, err error) {
	found, err := ciphertextKey(c, name, blob)
	if err != nil {
		return nil, nil, "", err
	}
	k, err = found.Existing()
	if err != nil {
		if name == nil {
			err = denied(textCiphertext)
		}
		return nil, nil, "", err
	}
	arn, err := keys.BlobKey(blob)
	switch {
	case err != nil:
		return nil, nil, "", err
	case arn != k.ARN():
		return nil, nil, "", errIncorrectKey(textIncorrect)
	}
	plaintext, materialID, err = k.Decrypt(c.Directory.Sealer, c.Now, context, blob)
	return k, plaintext, materialID, err
}

// decryptKeyTarget is the target of Decrypt.
func (s *kms) decryptKeyTarget(c *operation.Call, in *DecryptInput) (authz.Target, error) {
	target, _, err := decryptTarget(c, in.KeyID, in.CiphertextBlob, apiDecrypt.Name, in.EncryptionContext)
	return target, err
}

func (s *kms) decrypt(c *operation.Call, in *DecryptInput) (*DecryptOutput, error) {
	if err := checkSupported(in.EncryptionAlgorithm, in.Recipient, in.DryRunModifiers, in.CiphertextBlob); err != nil {
		return nil, err
	}
	k, plaintext, material, err := decryptBlob(c, in.KeyID, in.CiphertextBlob, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return &DecryptOutput{
		KeyID: new(k.ARN()), Plaintext: plaintext, EncryptionAlgorithm: new(symmetric), KeyMaterialID: &material,
	}, endDryRun(in.DryRun)
}

// checkSupported returns an error for what Writ does not do when it decrypts.
func checkSupported(algorithm *EncryptionAlgorithmSpec, recipient *RecipientInfo, modifiers []DryRunModifierType, blob []byte) error {
	switch {
	case len(modifiers) > 0:
		return errUnsupportedOperation("Writ does not serve DryRunModifiers.")
	case blob == nil:
		return notValid("1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null")
	}
	if err := noRecipient(recipient); err != nil {
		return err
	}
	return isSymmetric(algorithm)
}

// noRecipient returns an error for an enclave that the answer is to be
// encrypted for.
func noRecipient(recipient *RecipientInfo) error {
	if recipient != nil {
		return errUnsupportedOperation("Writ does not serve Recipient: it cannot attest enclaves.")
	}
	return nil
}

// reEncryptTarget is the target of ReEncrypt: the key that decrypts.
func (s *kms) reEncryptTarget(c *operation.Call, in *ReEncryptInput) (authz.Target, error) {
	target, from, err := decryptTarget(c, in.SourceKeyID, in.CiphertextBlob, reEncryptFrom, in.SourceEncryptionContext)
	if err != nil {
		return target, err
	}
	to, err := c.FindKey(in.DestinationKeyID)
	setSameKey(&target, from, to)
	return target, err
}

// setSameKey sets the condition key that tells whether both keys of a ReEncrypt are
// one.
func setSameKey(target *authz.Target, from, to keys.Found) {
	target.Keys["kms:ReEncryptOnSameKey"] = []string{strconv.FormatBool(from.ARN == to.ARN)}
}

func (s *kms) reEncrypt(c *operation.Call, in *ReEncryptInput) (*ReEncryptOutput, error) {
	if err := checkSupported(in.SourceEncryptionAlgorithm, nil, in.DryRunModifiers, in.CiphertextBlob); err != nil {
		return nil, err
	}
	if err := isSymmetric(in.DestinationEncryptionAlgorithm); err != nil {
		return nil, err
	}
	to, err := c.FindKey(in.DestinationKeyID)
	if err != nil {
		return nil, err
	}
	target, err := c.KeyTarget(to, operation.KeyUse{Operation: reEncryptTo, Context: in.DestinationEncryptionContext})
	if err != nil {
		return nil, err
	}
	if from, err := ciphertextKey(c, in.SourceKeyID, in.CiphertextBlob); err == nil {
		setSameKey(&target, from, to)
	}
	if err := c.Authorize("kms:"+reEncryptTo, target); err != nil {
		return nil, err
	}
	from, plaintext, opener, err := decryptBlob(c, in.SourceKeyID, in.CiphertextBlob, in.SourceEncryptionContext)
	if err != nil {
		return nil, err
	}
	into, err := to.Existing()
	if err != nil {
		return nil, err
	}
	blob, sealer, err := into.Encrypt(c.Directory.Sealer, c.Now, in.DestinationEncryptionContext, plaintext)
	if err != nil {
		return nil, err
	}
	return &ReEncryptOutput{
		CiphertextBlob:                 blob,
		SourceKeyID:                    new(from.ARN()),
		KeyID:                          new(into.ARN()),
		SourceEncryptionAlgorithm:      new(symmetric),
		DestinationEncryptionAlgorithm: new(symmetric),
		SourceKeyMaterialID:            &opener,
		DestinationKeyMaterialID:       &sealer,
	}, endDryRun(in.DryRun)
}

// dataKey is the target of GenerateDataKey.
func (s *kms) dataKey(c *operation.Call, in *GenerateDataKeyInput) (authz.Target, error) {
	return encryptTarget(c, in.KeyID, apiGenerateDataKey.Name, in.EncryptionContext)
}

func (s *kms) generateDataKey(c *operation.Call, in *GenerateDataKeyInput) (*GenerateDataKeyOutput, error) {
	if err := noRecipient(in.Recipient); err != nil {
		return nil, err
	}
	k, plaintext, blob, material, err := newDataKey(c, in.KeyID, in.KeySpec, in.NumberOfBytes, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyOutput{CiphertextBlob: blob, Plaintext: plaintext, KeyID: new(k.ARN()), KeyMaterialID: &material}, endDryRun(in.DryRun)
}

// dataKeyWithoutPlaintext is the target of GenerateDataKeyWithoutPlaintext.
func (s *kms) dataKeyWithoutPlaintext(c *operation.Call, in *GenerateDataKeyWithoutPlaintextInput) (authz.Target, error) {
	return encryptTarget(c, in.KeyID, apiGenerateDataKeyWithoutPlaintext.Name, in.EncryptionContext)
}

func (s *kms) generateDataKeyWithoutPlaintext(c *operation.Call, in *GenerateDataKeyWithoutPlaintextInput) (*GenerateDataKeyWithoutPlaintextOutput, error) {
	k, _, blob, material, err := newDataKey(c, in.KeyID, in.KeySpec, in.NumberOfBytes, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyWithoutPlaintextOutput{CiphertextBlob: blob, KeyID: new(k.ARN()), KeyMaterialID: &material}, endDryRun(in.DryRun)
}

// newDataKey makes random bytes and encrypts them under a key.
func newDataKey(c *operation.Call, name string, spec *DataKeySpec, size *int, context map[string]string) (k *keys.Key, plaintext, blob []byte, material string, err error) {
	switch {
	case spec == nil && size == nil:
		err = notValid("Please specify either number of bytes or key spec.")
	case spec != nil && size != nil:
		err = notValid("Please specify either number of bytes or key spec, not both.")
	case spec != nil:
		size = new(map[DataKeySpec]int{DataKeySpecAes128: 16, DataKeySpecAes256: 32}[*spec])
	}
	if err != nil {
		return nil, nil, nil, "", err
	}
	k, err = find(c, name)
	if err != nil {
		return nil, nil, nil, "", err
	}
	plaintext = randomBytes(*size)
	blob, material, err = k.Encrypt(c.Directory.Sealer, c.Now, context, plaintext)
	return k, plaintext, blob, material, err
}

func randomBytes(size int) []byte {
	text := make([]byte, size)
	rand.Read(text)
	return text
}

func (s *kms) generateRandom(_ *operation.Call, in *GenerateRandomInput) (*GenerateRandomOutput, error) {
	switch {
	case in.CustomKeyStoreID != nil:
		return nil, errUnsupportedOperation("Writ serves no custom key stores.")
	case in.NumberOfBytes == nil:
		return nil, notValid("NumberOfBytes is required.")
	}
	if err := noRecipient(in.Recipient); err != nil {
		return nil, err
	}
	return &GenerateRandomOutput{Plaintext: randomBytes(*in.NumberOfBytes)}, nil
}
