package kms

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keypair"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// The operations of key pairs and HMAC keys.

// signingKeys returns the condition keys of Sign and Verify.
func signingKeys(algorithm SigningAlgorithmSpec, messageType *MessageType) map[string]string {
	return map[string]string{"kms:SigningAlgorithm": string(algorithm), "kms:MessageType": string(valueOr(messageType, keypair.Raw))}
}

// signTarget returns the target of Sign.
func (s *kms) signTarget(c *operation.Call, in *SignInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{Operation: apiSign.Name, Keys: signingKeys(in.SigningAlgorithm, in.MessageType)})
}

func (s *kms) sign(c *operation.Call, in *SignInput) (*SignOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	signature, err := k.Sign(c.Directory.Sealer, c.Now, string(in.SigningAlgorithm), string(valueOr(in.MessageType, keypair.Raw)), in.Message)
	if err != nil {
		return nil, err
	}
	return &SignOutput{KeyID: new(k.ARN()), Signature: signature, SigningAlgorithm: &in.SigningAlgorithm}, endDryRun(in.DryRun)
}

// verifyTarget returns the target of Verify.
func (s *kms) verifyTarget(c *operation.Call, in *VerifyInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{Operation: apiVerify.Name, Keys: signingKeys(in.SigningAlgorithm, in.MessageType)})
}

func (s *kms) verify(c *operation.Call, in *VerifyInput) (*VerifyOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	err = k.Verify(c.Now, string(in.SigningAlgorithm), string(valueOr(in.MessageType, keypair.Raw)), in.Message, in.Signature)
	if err != nil {
		return nil, err
	}
	return &VerifyOutput{KeyID: new(k.ARN()), SignatureValid: new(true), SigningAlgorithm: &in.SigningAlgorithm}, endDryRun(in.DryRun)
}

// getPublicKeyTarget returns the target of GetPublicKey.
func (s *kms) getPublicKeyTarget(c *operation.Call, in *GetPublicKeyInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{Operation: apiGetPublicKey.Name})
}

// getPublicKey also accepts a disabled key, as recorded from AWS.
func (s *kms) getPublicKey(c *operation.Call, in *GetPublicKeyInput) (*GetPublicKeyOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if k.State(c.Now) != keys.Disabled {
		if err := k.CheckUsable(c.Now); err != nil {
			return nil, err
		}
	}
	if k.Public == nil {
		return nil, errUnsupportedOperation("%s is not an asymmetric key: its key spec is %s.", k.ARN(), k.Spec)
	}
	m := &KeyMetadata{}
	setAlgorithms(m, k)
	return &GetPublicKeyOutput{
		KeyID: new(k.ARN()), PublicKey: k.Public, KeySpec: new(KeySpec(k.Spec)), CustomerMasterKeySpec: new(CustomerMasterKeySpec(k.Spec)),
		KeyUsage: new(KeyUsageType(k.Usage)), EncryptionAlgorithms: m.EncryptionAlgorithms, SigningAlgorithms: m.SigningAlgorithms,
		KeyAgreementAlgorithms: m.KeyAgreementAlgorithms,
	}, nil
}

// generateMacTarget returns the target of GenerateMac.
func (s *kms) generateMacTarget(c *operation.Call, in *GenerateMacInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{Operation: apiGenerateMac.Name, Keys: map[string]string{"kms:MacAlgorithm": string(in.MacAlgorithm)}})
}

func (s *kms) generateMac(c *operation.Call, in *GenerateMacInput) (*GenerateMacOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	mac, err := k.GenerateMac(c.Directory.Sealer, c.Now, string(in.MacAlgorithm), in.Message)
	if err != nil {
		return nil, err
	}
	return &GenerateMacOutput{KeyID: new(k.ARN()), Mac: mac, MacAlgorithm: &in.MacAlgorithm}, endDryRun(in.DryRun)
}

// verifyMacTarget returns the target of VerifyMac.
func (s *kms) verifyMacTarget(c *operation.Call, in *VerifyMacInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{Operation: apiVerifyMac.Name, Keys: map[string]string{"kms:MacAlgorithm": string(in.MacAlgorithm)}})
}

func (s *kms) verifyMac(c *operation.Call, in *VerifyMacInput) (*VerifyMacOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if err := k.VerifyMac(c.Directory.Sealer, c.Now, string(in.MacAlgorithm), in.Message, in.Mac); err != nil {
		return nil, err
	}
	return &VerifyMacOutput{KeyID: new(k.ARN()), MacValid: new(true), MacAlgorithm: &in.MacAlgorithm}, endDryRun(in.DryRun)
}

// deriveTarget returns the target of DeriveSharedSecret.
func (s *kms) deriveTarget(c *operation.Call, in *DeriveSharedSecretInput) (authz.Target, error) {
	return useTarget(c, in.KeyID, in.GrantTokens, operation.KeyUse{
		Operation: apiDeriveSharedSecret.Name, Keys: map[string]string{"kms:KeyAgreementAlgorithm": string(in.KeyAgreementAlgorithm)},
	})
}

func (s *kms) deriveSharedSecret(c *operation.Call, in *DeriveSharedSecretInput) (*DeriveSharedSecretOutput, error) {
	if err := noRecipient(in.Recipient); err != nil {
		return nil, err
	}
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	secret, err := k.Derive(c.Directory.Sealer, c.Now, string(in.KeyAgreementAlgorithm), in.PublicKey)
	if err != nil {
		return nil, err
	}
	return &DeriveSharedSecretOutput{
		KeyID: new(k.ARN()), SharedSecret: secret, KeyAgreementAlgorithm: &in.KeyAgreementAlgorithm, KeyOrigin: new(OriginType(k.Origin)),
	}, endDryRun(in.DryRun)
}
