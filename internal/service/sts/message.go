package sts

import (
	"errors"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// decodeAuthorizationMessage decrypts the message of a denial, from the header
// X-Writ-Authorization-Message. Only the account of the denied caller can decrypt it.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
func decodeAuthorizationMessage(c *operation.Call, in *DecodeAuthorizationMessageInput) (*DecodeAuthorizationMessageOutput, error) {
	if err := rejectUserSession(c, "DecodeAuthorizationMessage"); err != nil {
		return nil, err
	}
	text, err := c.Directory.OpenMessage(c.Account(), in.EncodedMessage)
	if errors.Is(err, identity.ErrUnknownMessage) {
		return nil, errInvalidAuthorizationMessage("Message is not valid")
	}
	if err != nil {
		return nil, err
	}
	return &DecodeAuthorizationMessageOutput{DecodedMessage: new(string(text))}, nil
}
