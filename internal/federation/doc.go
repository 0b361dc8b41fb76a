// Package federation verifies what identity providers issue: the tokens of OpenID Connect
// providers and the assertions of SAML 2.0 providers. It connects to nobody: public keys
// come from files, from Writ's own test issuer, or from a provider's metadata.
//
// It decides nothing: whether a verified token may assume a role is asked of the role's
// trust policy, in package sts. Start reading at VerifyToken and VerifyResponse; issuer.go
// is the test issuer.
package federation
