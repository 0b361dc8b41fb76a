// Package federation verifies the tokens of OpenID Connect providers and the assertions of
// SAML 2.0 providers. It makes no connections: public keys come from files, from Writ's
// own test issuer, or from a provider's metadata.
//
// It does not authorize: the role trust policy decides in package sts whether a verified
// token may assume a role. Start reading at VerifyToken and VerifyResponse; issuer.go is
// the test issuer.
package federation
