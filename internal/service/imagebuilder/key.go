package imagebuilder

import (
	"errors"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// What a customer managed key encrypts, Image Builder encrypts and decrypts for the caller,
// who needs permission for both.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/data-protection.html

// encryptWith asks the key of a resource that is created; nil is the key of the service.
func encryptWith(c *operation.Call, key *string) error {
	return useKey(c, key, "GenerateDataKeyWithoutPlaintext", "Encrypt", "Decrypt")
}

// decryptWith asks the key of a resource whose data is read. Key policies decide about
// accounts that the resource is shared with, too.
func decryptWith(c *operation.Call, key *string) error { return useKey(c, key, "Decrypt") }

func useKey(c *operation.Call, key *string, operations ...string) error {
	if key == nil {
		return nil
	}
	err := c.UseKeyVia(api.Name, *key, operations...)
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		return notValid("kmsKeyId", e.Message)
	}
	return err
}
