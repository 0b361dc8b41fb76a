package identity

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
)

// ErrUnknownMessage is returned for an authorization message that was not sealed for the account that decodes
// it.
var ErrUnknownMessage = errors.New("not an authorization message of this account")

// SealMessage encrypts the explanation of a denial for the account of the denied
// caller, which decodes it with sts:DecodeAuthorizationMessage.
func (d *Directory) SealMessage(account string, text []byte) string {
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.DefaultCompression) // the level is valid
	w.Write(text)                                              // a write to memory does not fail
	w.Close()
	return tokens.EncodeToString(d.Sealer.Seal(packed.Bytes(), d.sealPurpose(messagePurpose(account))))
}

// OpenMessage decrypts a message that SealMessage encrypted for the same account.
func (d *Directory) OpenMessage(account, message string) ([]byte, error) {
	sealed, err := tokens.DecodeString(message)
	if err != nil {
		return nil, ErrUnknownMessage
	}
	packed, err := d.Sealer.Open(sealed, d.sealPurpose(messagePurpose(account)))
	if err != nil {
		return nil, ErrUnknownMessage
	}
	return io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
}

// messagePurpose returns the purpose for which an authorization message is sealed.
func messagePurpose(account string) string { return "authorization message of " + account }
