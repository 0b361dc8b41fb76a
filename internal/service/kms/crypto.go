package kms

import (
	"errors"
	"strconv"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// The actions of ReEncrypt, which has no action of its own name.
const (
	reEncryptFrom = "ReEncryptFrom"
	reEncryptTo   = "ReEncryptTo"
)

// cipherUse returns the use of a key for encryption or decryption, in the forms of the gate and of the key.
func cipherUse(op string, algorithm *EncryptionAlgorithmSpec, context map[string]string) (operation.KeyUse, keys.Use) {
	name := string(valueOr(algorithm, EncryptionAlgorithmSpecSymmetricDefault))
	return operation.KeyUse{Operation: op, Context: context, Keys: map[string]string{"kms:EncryptionAlgorithm": name}},
		keys.Use{Operation: op, Algorithm: name, Context: context}
}

// encryptKeyTarget returns the target of Encrypt.
func (s *kms) encryptKeyTarget(c *operation.Call, in *EncryptInput) (authz.Target, error) {
	asked, _ := cipherUse(apiEncrypt.Name, in.EncryptionAlgorithm, in.EncryptionContext)
	return useTarget(c, in.KeyID, in.GrantTokens, asked)
}

func (s *kms) encrypt(c *operation.Call, in *EncryptInput) (*EncryptOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	_, use := cipherUse(apiEncrypt.Name, in.EncryptionAlgorithm, in.EncryptionContext)
	blob, _, err := k.Encrypt(c.Directory.Sealer, c.Now, use, in.Plaintext)
	if err != nil {
		return nil, err
	}
	return &EncryptOutput{CiphertextBlob: blob, KeyID: new(k.ARN()), EncryptionAlgorithm: new(EncryptionAlgorithmSpec(use.Algorithm))}, endDryRun(in.DryRun)
}

// ciphertextKey returns the key that decrypts a blob. If the request names a key, it is that key, and the
// blob must name it as well (see decryptBlob); a key id without ARN can mean another account's key if the
// blob names it. A blob of a multi-Region key is decrypted by the related key in this region.
func ciphertextKey(c *operation.Call, name *string, blob []byte) (keys.Found, error) {
	arn, err := keys.BlobKey(blob)
	if name != nil && (err != nil || !strings.HasSuffix(arn, ":key/"+*name)) {
		return c.FindKey(*name)
	}
	if err != nil {
		return keys.Found{}, err
	}
	found, err := c.FindKey(inRegion(c, arn))
	if _, strange := errors.AsType[*awserr.Error](err); strange {
		err = denied(textCiphertext) // the key is in another region, or this is not a blob
	}
	return found, err
}

// inRegion returns the ARN of the related multi-Region key in the region of the call; for
// other keys the same ARN.
func inRegion(c *operation.Call, text string) string {
	a, err := arn.Parse(text)
	if err != nil || !strings.HasPrefix(a.Resource, "key/mrk-") {
		return text
	}
	a.Region = c.Region
	return a.String()
}

// decryptTarget returns the target of operations that decrypt a blob. A blob without a key is
// authorized by the caller's own policies, and then rejected.
func decryptTarget(c *operation.Call, name *string, blob []byte, tokens []string, use operation.KeyUse) (authz.Target, keys.Found, error) {
	if err := checkTokens(tokens); err != nil {
		return authz.Target{}, keys.Found{}, err
	}
	if _, err := keys.BlobKey(blob); err != nil && name == nil {
		return authz.Target{ARN: "*", Keys: map[string][]string{"kms:CallerAccount": {c.Account()}}}, keys.Found{}, nil
	}
	found, err := ciphertextKey(c, name, blob)
	if err != nil {
		return authz.Target{}, found, err
	}
	target, err := c.KeyTarget(found, use)
	return target, found, err
}

// decryptBlob decrypts a blob with the key that ciphertextKey finds. The ciphertext of a
// key pair does not name its key.
func decryptBlob(c *operation.Call, name *string, blob []byte, use keys.Use) (k *keys.Key, plaintext []byte, materialID string, err error) {
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
	if arn, err := keys.BlobKey(blob); err == nil && !k.IsSameOrRelated(arn) {
		return nil, nil, "", errIncorrectKey(textIncorrect)
	}
	plaintext, materialID, err = k.Decrypt(c.Directory.Sealer, c.Now, use, blob)
	return k, plaintext, materialID, err
}

// decryptKeyTarget returns the target of Decrypt.
func (s *kms) decryptKeyTarget(c *operation.Call, in *DecryptInput) (authz.Target, error) {
	asked, _ := cipherUse(apiDecrypt.Name, in.EncryptionAlgorithm, in.EncryptionContext)
	target, _, err := decryptTarget(c, in.KeyID, usedCiphertext(in.CiphertextBlob, in.DryRunModifiers), in.GrantTokens, asked)
	return target, err
}

func (s *kms) decrypt(c *operation.Call, in *DecryptInput) (*DecryptOutput, error) {
	if err := checkCiphertext(in.CiphertextBlob, in.KeyID, in.DryRun, in.DryRunModifiers); err != nil {
		return nil, err
	}
	if err := noRecipient(in.Recipient); err != nil {
		return nil, err
	}
	if len(in.DryRunModifiers) > 0 {
		return nil, endWithoutCiphertext(c, *in.KeyID)
	}
	_, use := cipherUse(apiDecrypt.Name, in.EncryptionAlgorithm, in.EncryptionContext)
	k, plaintext, material, err := decryptBlob(c, in.KeyID, in.CiphertextBlob, use)
	if err != nil {
		return nil, err
	}
	return &DecryptOutput{
		KeyID: new(k.ARN()), Plaintext: plaintext, EncryptionAlgorithm: new(EncryptionAlgorithmSpec(use.Algorithm)), KeyMaterialID: optional(material),
	}, endDryRun(in.DryRun)
}

// usedCiphertext returns the ciphertext that determines the key: none if a dry run ignores it and the request must
// name the key.
func usedCiphertext(blob []byte, modifiers []DryRunModifierType) []byte {
	if len(modifiers) > 0 { // there is only one modifier
		return nil
	}
	return blob
}

// checkCiphertext returns an error if a request has no ciphertext, unless it is a dry run that
// ignores it and names the key.
func checkCiphertext(blob []byte, key *string, dryRun *bool, modifiers []DryRunModifierType) error {
	ignored := len(modifiers) > 0
	switch {
	case ignored && !isTrue(dryRun):
		return notValid("DryRunModifiers can only be used when DryRun is true.")
	case ignored && key == nil:
		return notValid("A key is required when the ciphertext is ignored.")
	case !ignored && blob == nil:
		return notValid("1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null")
	}
	return nil
}

// endWithoutCiphertext ends a dry run that ignores the ciphertext: the caller may use the key, and the key is
// usable.
func endWithoutCiphertext(c *operation.Call, key string) error {
	k, err := find(c, key)
	if err == nil {
		err = k.CheckUsable(c.Now)
	}
	if err != nil {
		return err
	}
	return endDryRun(new(true))
}

// noRecipient returns an error for a request whose response must be encrypted for an
// enclave.
func noRecipient(recipient *RecipientInfo) error {
	if recipient != nil {
		return errUnsupportedOperation("Writ does not serve Recipient: it cannot attest enclaves.")
	}
	return nil
}

// reEncryptTarget returns the target of ReEncrypt: the key that decrypts.
func (s *kms) reEncryptTarget(c *operation.Call, in *ReEncryptInput) (authz.Target, error) {
	asked, _ := cipherUse(reEncryptFrom, in.SourceEncryptionAlgorithm, in.SourceEncryptionContext)
	target, from, err := decryptTarget(c, in.SourceKeyID, usedCiphertext(in.CiphertextBlob, in.DryRunModifiers), in.GrantTokens, asked)
	if err != nil {
		return target, err
	}
	to, err := c.FindKey(in.DestinationKeyID)
	setSameKey(&target, from, to)
	return target, err
}

// setSameKey sets the condition key for whether both keys of a ReEncrypt are the same.
func setSameKey(target *authz.Target, from, to keys.Found) {
	target.Keys["kms:ReEncryptOnSameKey"] = []string{strconv.FormatBool(from.ARN == to.ARN)}
}

func (s *kms) reEncrypt(c *operation.Call, in *ReEncryptInput) (*ReEncryptOutput, error) {
	if err := checkCiphertext(in.CiphertextBlob, in.SourceKeyID, in.DryRun, in.DryRunModifiers); err != nil {
		return nil, err
	}
	_, opening := cipherUse(reEncryptFrom, in.SourceEncryptionAlgorithm, in.SourceEncryptionContext)
	asked, closing := cipherUse(reEncryptTo, in.DestinationEncryptionAlgorithm, in.DestinationEncryptionContext)
	to, err := c.FindKey(in.DestinationKeyID)
	if err != nil {
		return nil, err
	}
	target, err := c.KeyTarget(to, asked)
	if err != nil {
		return nil, err
	}
	if from, err := ciphertextKey(c, in.SourceKeyID, usedCiphertext(in.CiphertextBlob, in.DryRunModifiers)); err == nil {
		setSameKey(&target, from, to)
	}
	if err := c.Authorize("kms:"+reEncryptTo, target); err != nil {
		return nil, err
	}
	if len(in.DryRunModifiers) > 0 {
		return nil, endWithoutCiphertext(c, *in.SourceKeyID)
	}
	from, plaintext, opener, err := decryptBlob(c, in.SourceKeyID, in.CiphertextBlob, opening)
	if err != nil {
		return nil, err
	}
	into, err := to.Existing()
	if err != nil {
		return nil, err
	}
	blob, sealer, err := into.Encrypt(c.Directory.Sealer, c.Now, closing, plaintext)
	if err != nil {
		return nil, err
	}
	return &ReEncryptOutput{
		CiphertextBlob:                 blob,
		SourceKeyID:                    new(from.ARN()),
		KeyID:                          new(into.ARN()),
		SourceEncryptionAlgorithm:      new(EncryptionAlgorithmSpec(opening.Algorithm)),
		DestinationEncryptionAlgorithm: new(EncryptionAlgorithmSpec(closing.Algorithm)),
		SourceKeyMaterialID:            optional(opener),
		DestinationKeyMaterialID:       optional(sealer),
	}, endDryRun(in.DryRun)
}
