package ssm

import (
	"encoding/base64"
	"errors"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// defaultKey encrypts SecureStrings for which no other key is named.
const defaultKey = "alias/aws/ssm"

// encryptionContext returns what KMS sees of a parameter, and what its policies may
// ask for.
func encryptionContext(arn string) map[string]string {
	return map[string]string{"PARAMETER_ARN": arn}
}

// encrypt replaces the plain value of a SecureString, and tells whether AWS
// manages its key. Of an advanced parameter, AWS encrypts the value with a data
// key that it gets by GenerateDataKey, since KMS itself encrypts no more than
// 4 KB. A caller sees nothing of the difference but in the action that is asked
// at PutParameter; here one call does for both tiers.
func (p *parameter) encrypt(c *operation.Call) (managed bool, err error) {
	blob, key, err := c.EncryptVia(api.Name, p.KeyID, encryptionContext(p.arn()), []byte(p.Value))
	if err != nil {
		return false, keyError(c, err, "")
	}
	p.Value = base64.StdEncoding.EncodeToString(blob)
	return key.Manager != "", nil
}

// value returns the value of a version: of a SecureString the ciphertext, unless it
// shall be decrypted and the caller may use the key.
func (p *parameter) value(c *operation.Call, v *version, decrypt *bool) (*string, error) {
	if v.Type != ParameterTypeSecureString || !isSet(decrypt) {
		return &v.Value, nil
	}
	blob, err := base64.StdEncoding.DecodeString(v.Value)
	if err != nil {
		return nil, err
	}
	plain, _, err := c.DecryptVia(api.Name, blob, encryptionContext(p.arn()))
	if e, ok := errors.AsType[*awserr.Error](err); ok && e.Code == "NotFoundException" {
		return nil, errInvalidKeyID("Invalid keyId.")
	}
	if err != nil {
		return nil, keyError(c, err, textCiphertext)
	}
	return new(string(plain)), nil
}
