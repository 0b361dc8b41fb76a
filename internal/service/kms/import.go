package kms

import (
	"encoding/json"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keypair"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// Key material is imported in two steps: GetParametersForImport returns a public key for wrapping and a
// token; ImportKeyMaterial receives the wrapped material and the token. The first step stores nothing: the
// token contains the encrypted private key.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html

// importTokenLife is the validity of the public key and the token.
const importTokenLife = 24 * time.Hour

// importToken is the content of a token.
type importToken struct {
	Key       string // ARN of the key to import into
	Algorithm string
	Spec      string // of the wrapping key
	Private   []byte // its private half, PKCS #8
	ValidTo   time.Time
}

const importPurpose = "kms import token"

// findExternal returns a key of the caller's account with the origin EXTERNAL.
func findExternal(c *operation.Call, name string) (*keys.Key, error) {
	k, err := find(c, name)
	if err != nil {
		return nil, err
	}
	if k.Origin != keys.External {
		return nil, errUnsupportedOperation("%s origin is %s which is not valid for this operation.", k.ARN(), k.Origin)
	}
	return k, nil
}

// getParametersForImportTarget returns the target of GetParametersForImport.
func (s *kms) getParametersForImportTarget(c *operation.Call, in *GetParametersForImportInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiGetParametersForImport.Name)
	if err == nil {
		target.Keys["kms:WrappingAlgorithm"] = []string{string(in.WrappingAlgorithm)}
		target.Keys["kms:WrappingKeySpec"] = []string{string(in.WrappingKeySpec)}
	}
	return target, err
}

func (s *kms) getParametersForImport(c *operation.Call, in *GetParametersForImportInput) (*GetParametersForImportOutput, error) {
	k, err := findExternal(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if err := k.CheckNotPendingDeletion(c.Now); err != nil {
		return nil, err
	}
	switch {
	case in.WrappingKeySpec == WrappingKeySpecSm2 || in.WrappingAlgorithm == AlgorithmSpecSm2pke:
		return nil, errUnsupportedOperation(textSM2)
	case in.WrappingAlgorithm == AlgorithmSpecRsaesPkcs1V15:
		return nil, errUnsupportedOperation("The wrapping algorithm RSAES_PKCS1_V1_5 is no longer supported.")
	}
	private, public, err := generatePair(string(in.WrappingKeySpec))
	if err != nil {
		return nil, err
	}
	validTo := c.Now.Add(importTokenLife)
	text, err := json.Marshal(importToken{k.ARN(), string(in.WrappingAlgorithm), string(in.WrappingKeySpec), private, validTo})
	if err != nil {
		return nil, err
	}
	return &GetParametersForImportOutput{
		KeyID: new(k.ARN()), PublicKey: public, ImportToken: c.Directory.Sealer.Seal(text, importPurpose), ParametersValidTo: timestamp(validTo),
	}, nil
}

// importKeyMaterialTarget returns the target of ImportKeyMaterial.
func (s *kms) importKeyMaterialTarget(c *operation.Call, in *ImportKeyMaterialInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiImportKeyMaterial.Name)
	if err == nil {
		target.Keys["kms:ExpirationModel"] = []string{string(valueOr(in.ExpirationModel, ExpirationModelTypeKeyMaterialExpires))}
		if in.ValidTo != nil {
			target.Keys["kms:ValidTo"] = []string{in.ValidTo.UTC().Format(time.RFC3339)}
		}
	}
	return target, err
}

func (s *kms) importKeyMaterial(c *operation.Call, in *ImportKeyMaterialInput) (*ImportKeyMaterialOutput, error) {
	k, err := findExternal(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	validTo, err := expiry(c, in)
	if err != nil {
		return nil, err
	}
	if !k.IsSymmetric() && (in.KeyMaterialDescription != nil || in.KeyMaterialID != nil) {
		return nil, notValid("KeyMaterialDescription and KeyMaterialId are supported for symmetric encryption keys only.")
	}
	secret, err := unwrap(c, k, in)
	if err != nil {
		return nil, err
	}
	request := keys.Import{Secret: secret, ID: in.KeyMaterialID, Description: in.KeyMaterialDescription, ValidTo: validTo}
	if in.ImportType != nil {
		request.New = new(*in.ImportType == ImportTypeNewKeyMaterial)
	}
	m, err := k.Import(c.Directory.Sealer, request, c.Now)
	if err != nil {
		return nil, err
	}
	out := &ImportKeyMaterialOutput{KeyID: new(k.ARN())}
	if k.IsSymmetric() {
		out.KeyMaterialID = new(m.ID)
	}
	return out, k.WriteAll(c.Tx, c.Now)
}

// maxExpiry is the longest time until material expires.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
const maxExpiry = 365 * 24 * time.Hour

// expiry returns the expiration of the material in a request; zero if it does not expire.
func expiry(c *operation.Call, in *ImportKeyMaterialInput) (time.Time, error) {
	expires := valueOr(in.ExpirationModel, ExpirationModelTypeKeyMaterialExpires) == ExpirationModelTypeKeyMaterialExpires
	switch {
	case expires && in.ValidTo == nil:
		return time.Time{}, notValid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
	case !expires && in.ValidTo != nil:
		return time.Time{}, notValid("A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE")
	case !expires:
		return time.Time{}, nil
	case !in.ValidTo.After(c.Now) || in.ValidTo.After(c.Now.Add(maxExpiry)):
		return time.Time{}, notValid("The validTo date must be in the future, and no more than 365 days from now")
	}
	return *in.ValidTo, nil
}

// unwrap decrypts the material in a request. The errors are InvalidImportTokenException,
// ExpiredImportTokenException and InvalidCiphertextException.
func unwrap(c *operation.Call, k *keys.Key, in *ImportKeyMaterialInput) ([]byte, error) {
	text, err := c.Directory.Sealer.Open(in.ImportToken, importPurpose)
	if err != nil {
		return nil, errInvalidImportToken("")
	}
	var token importToken
	if err := json.Unmarshal(text, &token); err != nil {
		return nil, err
	}
	switch {
	case token.Key != k.ARN():
		return nil, errInvalidImportToken("")
	case !c.Now.Before(token.ValidTo):
		return nil, errExpiredImportToken("")
	}
	pair, err := keypair.ParsePrivate(token.Spec, token.Private)
	if err != nil {
		return nil, err
	}
	secret, err := pair.Unwrap(token.Algorithm, in.EncryptedKeyMaterial)
	if err != nil {
		return nil, errInvalidCiphertext("")
	}
	return secret, nil
}

func (s *kms) deleteImportedKeyMaterial(c *operation.Call, in *DeleteImportedKeyMaterialInput) (*DeleteImportedKeyMaterialOutput, error) {
	k, err := findExternal(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	id, err := k.DeleteImported(in.KeyMaterialID)
	if err != nil {
		return nil, err
	}
	out := &DeleteImportedKeyMaterialOutput{KeyID: new(k.ARN())}
	if k.IsSymmetric() {
		out.KeyMaterialID = optional(id)
	}
	return out, k.WriteAll(c.Tx, c.Now)
}
