package sts

import (
	"errors"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// decodeAuthorizationMessage opens the message that came with a denial, in the
// header X-Writ-Authorization-Message. It opens in the account whose caller was
// denied and nowhere else.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
func decodeAuthorizationMessage(c *operation.Call, in *DecodeAuthorizationMessageInput) (*DecodeAuthorizationMessageOutput, error) {
	if err := refuseUserSession(c, "DecodeAuthorizationMessage"); err != nil {
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
