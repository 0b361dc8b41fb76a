package iam

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// parseCertificate reads one certificate in PEM.
func parseCertificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("no certificate in PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// signingCertificate is a certificate with which a user signs requests of old services.
type signingCertificate struct {
	ID, Body, Status string
	UploadedAt       time.Time
}

const maxSigningCertificates = 2 // of one user

func (s signingCertificate) view(h holder) SigningCertificate {
	return SigningCertificate{
		UserName: h.name, CertificateID: s.ID, CertificateBody: s.Body, Status: StatusType(s.Status), UploadDate: new(seconds(s.UploadedAt)),
	}
}

func uploadSigningCertificate(c *operation.Call, in *UploadSigningCertificateInput) (*UploadSigningCertificateOutput, error) {
	h, err := holderOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	cert, err := parseCertificate(in.CertificateBody)
	if err != nil {
		return nil, errMalformedCertificate("Certificate %s is malformed.", in.CertificateBody)
	}
	all, err := listOwned[signingCertificate](c, signingCertificates, h)
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		if has, err := parseCertificate(other.Body); err == nil && bytes.Equal(has.Raw, cert.Raw) {
			return nil, errDuplicateCertificate("The certificate is already associated with the user %s.", h.name)
		}
	}
	if len(all) >= maxSigningCertificates {
		return nil, exceeds("CertificatesPerUser", maxSigningCertificates)
	}
	s := signingCertificate{identity.NewID("", 32), in.CertificateBody, string(StatusTypeActive), c.Now}
	return &UploadSigningCertificateOutput{Certificate: new(s.view(h))}, signingCertificates.put(c, h, s.ID, s)
}

func listSigningCertificates(c *operation.Call, in *ListSigningCertificatesInput) (*ListSigningCertificatesOutput, error) {
	h, err := holderOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	all, err := listOwned[signingCertificate](c, signingCertificates, h)
	if err != nil {
		return nil, err
	}
	p, err := inOrder(apiListSigningCertificates.Name, in.Marker, in.MaxItems, all,
		func(s signingCertificate) (SigningCertificate, error) { return s.view(h), nil })
	if err != nil {
		return nil, err
	}
	return &ListSigningCertificatesOutput{Certificates: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func findSigningCertificate(c *operation.Call, user *string, id string) (holder, signingCertificate, error) {
	h, err := holderOf(c, user)
	if err != nil {
		return h, signingCertificate{}, err
	}
	s, err := readOwned[signingCertificate](c, signingCertificates, h, id)
	if isNotFound(err) {
		err = errNoSuchEntity("The Certificate with id %s cannot be found.", id)
	}
	return h, s, err
}

func updateSigningCertificate(c *operation.Call, in *UpdateSigningCertificateInput) (*UpdateSigningCertificateOutput, error) {
	h, s, err := findSigningCertificate(c, in.UserName, in.CertificateID)
	if err != nil {
		return nil, err
	}
	if err := isStatus(in.Status); err != nil {
		return nil, err
	}
	s.Status = string(in.Status)
	return &UpdateSigningCertificateOutput{}, signingCertificates.put(c, h, s.ID, s)
}

func deleteSigningCertificate(c *operation.Call, in *DeleteSigningCertificateInput) (*DeleteSigningCertificateOutput, error) {
	h, s, err := findSigningCertificate(c, in.UserName, in.CertificateID)
	if err != nil {
		return nil, err
	}
	return &DeleteSigningCertificateOutput{}, signingCertificates.delete(c, h, s.ID)
}

func findServerCertificate(c *operation.Call, name string) (identity.ServerCertificate, error) {
	return find(c, identity.ServerCertificateKind, name, func(arn string) (identity.ServerCertificate, error) {
		return identity.ReadServerCertificate(c.Tx, arn)
	})
}

func certificateView(s identity.ServerCertificate) (ServerCertificateMetadata, error) {
	return ServerCertificateMetadata{
		Path: s.Path, ServerCertificateName: s.Name, ServerCertificateID: s.ID, ARN: s.ARN,
		UploadDate: new(seconds(s.CreatedAt)), Expiration: new(seconds(s.Expires)),
	}, nil
}

// uploadServerCertificate stores a certificate whose private key must be its own. No
// operation returns the key.
func uploadServerCertificate(c *operation.Call, in *UploadServerCertificateInput) (*UploadServerCertificateOutput, error) {
	if err := checkNameAvailable(c, identity.ServerCertificateKind, in.ServerCertificateName); err != nil {
		return nil, err
	}
	if err := checkQuota(c, identity.ServerCertificateKind); err != nil {
		return nil, err
	}
	cert, err := parseCertificate(in.CertificateBody)
	if err != nil {
		return nil, errMalformedCertificate("Unable to parse certificate. Please ensure the certificate is in PEM format.")
	}
	key, err := parsePrivateKey(in.PrivateKey)
	if err != nil {
		return nil, errMalformedCertificate("Unable to parse private key. Please ensure the private key is in PEM format and is not encrypted.")
	}
	if public, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(key.Public()) {
		return nil, errKeyPairMismatch("Private key does not match the certificate.")
	}
	s := identity.NewServerCertificate(c.Partition, c.Account(), pathOr(in.Path), in.ServerCertificateName)
	s.CreatedAt, s.Expires = c.Now, cert.NotAfter
	s.Body = strings.TrimSpace(in.CertificateBody)
	if in.CertificateChain != nil {
		s.Chain = strings.TrimSpace(*in.CertificateChain)
		if _, err := parseCertificate(s.Chain); err != nil {
			return nil, errMalformedCertificate("Unable to parse certificate chain. Please ensure the chain is in PEM format.")
		}
	}
	s.SealedKey = c.Directory.Sealer.Seal([]byte(in.PrivateKey), "private key of "+s.ID)
	if err := identity.PutServerCertificate(c.Tx, s, c.Now); err != nil {
		return nil, err
	}
	if err := setTags(c, s.ARN, in.Tags); err != nil {
		return nil, err
	}
	v, err := certificateView(s)
	return &UploadServerCertificateOutput{ServerCertificateMetadata: &v, Tags: in.Tags}, err
}

// parsePrivateKey reads a private key in PEM, in any of its usual forms.
func parsePrivateKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if signer, ok := key.(crypto.Signer); ok {
		return signer, nil
	}
	return nil, fmt.Errorf("a key of type %T cannot sign", key)
}

func getServerCertificate(c *operation.Call, in *GetServerCertificateInput) (*GetServerCertificateOutput, error) {
	s, err := findServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	v, err := certificateView(s)
	if err != nil {
		return nil, err
	}
	tags, err := allTags(c, s.ARN)
	return &GetServerCertificateOutput{ServerCertificate: &ServerCertificate{
		ServerCertificateMetadata: &v, CertificateBody: s.Body, CertificateChain: optional(s.Chain), Tags: tags,
	}}, err
}

func listServerCertificates(c *operation.Call, in *ListServerCertificatesInput) (*ListServerCertificatesOutput, error) {
	p, err := stored(c, apiListServerCertificates.Name, identity.ServerCertificateKind, in.PathPrefix, in.Marker, in.MaxItems, certificateView)
	if err != nil {
		return nil, err
	}
	return &ListServerCertificatesOutput{ServerCertificateMetadataList: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// updateServerCertificate renames a certificate. The caller must be allowed the update on
// both ARNs.
func updateServerCertificate(c *operation.Call, in *UpdateServerCertificateInput) (*UpdateServerCertificateOutput, error) {
	s, err := findServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	path, name, err := newPathAndName(c, identity.ServerCertificateKind, s.Entity, in.NewPath, in.NewServerCertificateName, apiUpdateServerCertificate.Name)
	if err != nil {
		return nil, err
	}
	return &UpdateServerCertificateOutput{}, identity.MoveServerCertificate(c.Tx, s, path, name, c.Now)
}

func deleteServerCertificate(c *operation.Call, in *DeleteServerCertificateInput) (*DeleteServerCertificateOutput, error) {
	s, err := findServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	return &DeleteServerCertificateOutput{}, c.Tx.DeleteResource(s.ARN)
}

// onCertificate is the target of operations on a server certificate by its name.
func onCertificate[In any](name func(In) string, marks ...addKeys[In]) targetOf[In] {
	return on(identity.ServerCertificateKind, name, marks...)
}
