package worldfile

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"

	"github.com/writdev/writ/arn"
)

// finishKey makes the calls that a key needs after CreateKey. A key that is disabled
// afterwards can be used until then.
func (l *loader) finishKey(path string, e Entry, a arn.ARN, id string) {
	do := func(member, operation string, in map[string]any) (map[string]any, bool) {
		in["KeyId"] = id
		return l.do(call{path: path + "." + member, account: a.Account, region: a.Region, service: "kms", operation: operation, input: in})
	}
	if m, ok := e.Own["material"].(*Material); ok {
		if in, ok := do("material", "GetParametersForImport", map[string]any{"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}); ok {
			wrapped, err := wrapRandom(at(in, "PublicKey"))
			if err != nil {
				l.broken = err
				return
			}
			input := map[string]any{"ImportToken": at(in, "ImportToken"), "EncryptedKeyMaterial": wrapped, "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
			if m.Description != "" {
				input["KeyMaterialDescription"] = m.Description
			}
			do("material", "ImportKeyMaterial", input)
		}
	}
	aliases, _ := e.Own["aliases"].(List)
	for _, alias := range aliases {
		l.do(call{path: path + ".aliases", account: a.Account, region: a.Region, service: "kms", operation: "CreateAlias", input: map[string]any{"AliasName": alias, "TargetKeyId": id}})
	}
	grants, _ := e.Own["grants"].([]Grant)
	for i, g := range grants {
		l.grant(fmt.Sprintf("grants[%d]", i), path, g, do)
	}
	if e.Own["rotation"] == true {
		do("rotation", "EnableKeyRotation", map[string]any{})
	}
	if days, ok := e.Own["rotationPeriodInDays"].(int); ok {
		do("rotationPeriodInDays", "EnableKeyRotation", map[string]any{"RotationPeriodInDays": days})
	}
	if e.Own["disabled"] == true {
		do("disabled", "DisableKey", map[string]any{})
	}
}

// wrapRandom encrypts new key material with a public key, both in base 64.
func wrapRandom(public string) (string, error) {
	der, err := base64.StdEncoding.DecodeString(public)
	if err != nil {
		return "", err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return "", err
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return "", fmt.Errorf("a wrapping key of RSA is a %T", parsed)
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key, secret, nil)
	return base64.StdEncoding.EncodeToString(wrapped), err
}

// grant makes a grant of a key.
func (l *loader) grant(member, path string, g Grant, do func(member, operation string, in map[string]any) (map[string]any, bool)) {
	in := map[string]any{"Operations": g.Operations}
	for name, principal := range map[string]string{"GranteePrincipal": g.GranteePrincipal, "RetiringPrincipal": g.RetiringPrincipal} {
		if principal == "" {
			continue
		}
		full, err := l.source.names.principal(principal)
		if err != nil {
			l.source.fault(path+"."+member, "%v", err)
			return
		}
		in[name] = full
	}
	if g.Name != "" {
		in["Name"] = g.Name
	}
	constraints := map[string]any{}
	if g.EncryptionContextEquals != nil {
		constraints["EncryptionContextEquals"] = g.EncryptionContextEquals
	}
	if g.EncryptionContextSubset != nil {
		constraints["EncryptionContextSubset"] = g.EncryptionContextSubset
	}
	if len(constraints) > 0 {
		in["Constraints"] = constraints
	}
	do(member, "CreateGrant", in)
}
