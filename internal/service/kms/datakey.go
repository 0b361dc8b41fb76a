package kms

import (
	"crypto/rand"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keypair"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// Data keys are for use outside KMS: they are returned in plaintext and encrypted under a
// symmetric key, or encrypted only.

// dataKey returns the target of GenerateDataKey.
func (s *kms) dataKey(c *operation.Call, in *GenerateDataKeyInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{Operation: apiGenerateDataKey.Name, Context: in.EncryptionContext})
}

func (s *kms) generateDataKey(c *operation.Call, in *GenerateDataKeyInput) (*GenerateDataKeyOutput, error) {
	if err := noRecipient(in.Recipient); err != nil {
		return nil, err
	}
	plaintext, err := newDataKey(in.KeySpec, in.NumberOfBytes)
	if err != nil {
		return nil, err
	}
	k, blob, material, err := seal(c, in.KeyID, apiGenerateDataKey.Name, in.EncryptionContext, plaintext)
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyOutput{CiphertextBlob: blob, Plaintext: plaintext, KeyID: new(k.ARN()), KeyMaterialID: &material}, endDryRun(in.DryRun)
}

// dataKeyWithoutPlaintext returns the target of GenerateDataKeyWithoutPlaintext.
func (s *kms) dataKeyWithoutPlaintext(c *operation.Call, in *GenerateDataKeyWithoutPlaintextInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{Operation: apiGenerateDataKeyWithoutPlaintext.Name, Context: in.EncryptionContext})
}

func (s *kms) generateDataKeyWithoutPlaintext(c *operation.Call, in *GenerateDataKeyWithoutPlaintextInput) (*GenerateDataKeyWithoutPlaintextOutput, error) {
	plaintext, err := newDataKey(in.KeySpec, in.NumberOfBytes)
	if err != nil {
		return nil, err
	}
	k, blob, material, err := seal(c, in.KeyID, apiGenerateDataKeyWithoutPlaintext.Name, in.EncryptionContext, plaintext)
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyWithoutPlaintextOutput{CiphertextBlob: blob, KeyID: new(k.ARN()), KeyMaterialID: &material}, endDryRun(in.DryRun)
}

// newDataKey generates random bytes, with the length of the spec or of the request.
func newDataKey(spec *DataKeySpec, size *int) ([]byte, error) {
	switch {
	case spec == nil && size == nil:
		return nil, notValid("Please specify either number of bytes or key spec.")
	case spec != nil && size != nil:
		return nil, notValid("Please specify either number of bytes or key spec, not both.")
	case spec != nil:
		size = new(map[DataKeySpec]int{DataKeySpecAes128: 16, DataKeySpecAes256: 32}[*spec])
	}
	return randomBytes(*size), nil
}

// seal encrypts generated data under a symmetric key.
func seal(c *operation.Call, name, op string, context map[string]string, plaintext []byte) (k *keys.Key, blob []byte, material string, err error) {
	k, err = find(c, name)
	if err != nil {
		return nil, nil, "", err
	}
	use := keys.Use{Operation: op, Algorithm: keys.SymmetricDefault, Context: context}
	blob, material, err = k.Encrypt(c.Directory.Sealer, c.Now, use, plaintext)
	return k, blob, material, err
}

// dataKeyPair returns the target of GenerateDataKeyPair.
func (s *kms) dataKeyPair(c *operation.Call, in *GenerateDataKeyPairInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{
		Operation: apiGenerateDataKeyPair.Name, Context: in.EncryptionContext, Keys: map[string]string{"kms:DataKeyPairSpec": string(in.KeyPairSpec)},
	})
}

func (s *kms) generateDataKeyPair(c *operation.Call, in *GenerateDataKeyPairInput) (*GenerateDataKeyPairOutput, error) {
	if err := noRecipient(in.Recipient); err != nil {
		return nil, err
	}
	return newDataKeyPair(c, in.KeyID, apiGenerateDataKeyPair.Name, in.KeyPairSpec, in.EncryptionContext, in.DryRun)
}

// dataKeyPairWithoutPlaintext returns the target of GenerateDataKeyPairWithoutPlaintext.
func (s *kms) dataKeyPairWithoutPlaintext(c *operation.Call, in *GenerateDataKeyPairWithoutPlaintextInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{
		Operation: apiGenerateDataKeyPairWithoutPlaintext.Name, Context: in.EncryptionContext,
		Keys: map[string]string{"kms:DataKeyPairSpec": string(in.KeyPairSpec)},
	})
}

func (s *kms) generateDataKeyPairWithoutPlaintext(c *operation.Call, in *GenerateDataKeyPairWithoutPlaintextInput) (*GenerateDataKeyPairWithoutPlaintextOutput, error) {
	out, err := newDataKeyPair(c, in.KeyID, apiGenerateDataKeyPairWithoutPlaintext.Name, in.KeyPairSpec, in.EncryptionContext, in.DryRun)
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyPairWithoutPlaintextOutput{
		PrivateKeyCiphertextBlob: out.PrivateKeyCiphertextBlob, PublicKey: out.PublicKey, KeyID: out.KeyID, KeyPairSpec: out.KeyPairSpec, KeyMaterialID: out.KeyMaterialID,
	}, nil
}

// newDataKeyPair generates a key pair, except in a dry run, and encrypts its private key. The key is checked
// first, because generating an RSA pair is slow.
func newDataKeyPair(c *operation.Call, name, op string, spec DataKeyPairSpec, context map[string]string, dryRun *bool) (*GenerateDataKeyPairOutput, error) {
	if spec == DataKeyPairSpecSm2 {
		return nil, errUnsupportedOperation(textSM2)
	}
	if _, _, _, err := seal(c, name, op, context, nil); err != nil {
		return nil, err
	}
	if err := endDryRun(dryRun); err != nil {
		return nil, err
	}
	private, public, err := generatePair(string(spec))
	if err != nil {
		return nil, err
	}
	k, blob, material, err := seal(c, name, op, context, private)
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyPairOutput{
		PrivateKeyCiphertextBlob: blob, PrivateKeyPlaintext: private, PublicKey: public, KeyID: new(k.ARN()), KeyPairSpec: &spec, KeyMaterialID: &material,
	}, nil
}

func randomBytes(size int) []byte {
	text := make([]byte, size)
	rand.Read(text)
	return text
}

func (s *kms) generateRandom(c *operation.Call, in *GenerateRandomInput) (*GenerateRandomOutput, error) {
	switch {
	case in.NumberOfBytes == nil:
		return nil, notValid("NumberOfBytes is required.")
	case in.CustomKeyStoreID != nil:
		return nil, checkConnected(c, *in.CustomKeyStoreID)
	}
	if err := noRecipient(in.Recipient); err != nil {
		return nil, err
	}
	return &GenerateRandomOutput{Plaintext: randomBytes(*in.NumberOfBytes)}, nil
}

// generatePair generates a key pair of a spec: the private key in PKCS #8, the public key in DER.
func generatePair(spec string) (private, public []byte, err error) {
	pair, err := keypair.Generate(spec)
	if err != nil {
		return nil, nil, err
	}
	if private, err = pair.PKCS8(); err != nil {
		return nil, nil, err
	}
	public, err = pair.Public().DER()
	return private, public, err
}
