package ssm

import (
	"encoding/base64"
	"errors"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// defaultKey encrypts SecureStrings without a key in the request.
const defaultKey = "alias/aws/ssm"

// encryptionContext returns the encryption context of a parameter, which key policies can refer to.
func encryptionContext(arn string) map[string]string {
	return map[string]string{"PARAMETER_ARN": arn}
}

// encrypt replaces the plaintext of a SecureString, and reports whether AWS manages its key. For advanced
// parameters AWS encrypts the value with a data key from GenerateDataKey, since KMS itself encrypts at most 4
// KB. The only difference that a caller sees is the authorized action of PutParameter; here one call serves
// both tiers.
func (p *parameter) encrypt(c *operation.Call) (managed bool, err error) {
	blob, key, err := c.EncryptVia(api.Name, p.KeyID, encryptionContext(p.arn()), []byte(p.Value))
	if err != nil {
		return false, keyError(c, err, "")
	}
	p.Value = base64.StdEncoding.EncodeToString(blob)
	return key.Manager != "", nil
}

// value returns the value of a version. For a SecureString it returns the ciphertext, unless decryption is
// requested and the caller may use the key.
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
