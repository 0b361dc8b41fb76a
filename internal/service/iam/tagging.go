package iam

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// Tags of the kinds of entities beside users, roles, policies and instance profiles.

// arnOf reads the ARN of the entity that a request is about, and so that it exists.
type arnOf[In any] func(c *operation.Call, in *In) (string, error)

func mfaARN[In any](serial func(*In) string) arnOf[In] {
	return func(c *operation.Call, in *In) (string, error) {
		d, err := findMFADevice(c, serial(in))
		return d.ARN, err
	}
}

func certificateARN[In any](name func(*In) string) arnOf[In] {
	return func(c *operation.Call, in *In) (string, error) {
		s, err := findServerCertificate(c, name(in))
		return s.ARN, err
	}
}

func oidcARN[In any](arn func(*In) string) arnOf[In] {
	return func(c *operation.Call, in *In) (string, error) {
		p, err := findOIDCProvider(c, arn(in))
		return p.ARN, err
	}
}

func samlARN[In any](arn func(*In) string) arnOf[In] {
	return func(c *operation.Call, in *In) (string, error) {
		p, err := findSAMLProvider(c, arn(in))
		return p.ARN, err
	}
}

// tag is the handler of an operation that tags an entity.
func tag[In, Out any](entity arnOf[In], tags func(*In) []Tag) func(*operation.Call, *In) (*Out, error) {
	return func(c *operation.Call, in *In) (*Out, error) {
		arn, err := entity(c, in)
		if err != nil {
			return nil, err
		}
		return new(Out), setTags(c, arn, tags(in))
	}
}

// untag is the handler of an operation that removes tags of an entity.
func untag[In, Out any](entity arnOf[In], keys func(*In) []string) func(*operation.Call, *In) (*Out, error) {
	return func(c *operation.Call, in *In) (*Out, error) {
		arn, err := entity(c, in)
		if err != nil {
			return nil, err
		}
		return new(Out), removeTags(c, arn, keys(in))
	}
}

func listMFADeviceTags(c *operation.Call, in *ListMFADeviceTagsInput) (*ListMFADeviceTagsOutput, error) {
	d, err := findMFADevice(c, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	tags, err := listTags(c, apiListMFADeviceTags.Name, d.ARN, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListMFADeviceTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, nil
}

func listServerCertificateTags(c *operation.Call, in *ListServerCertificateTagsInput) (*ListServerCertificateTagsOutput, error) {
	s, err := findServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	tags, err := listTags(c, apiListServerCertificateTags.Name, s.ARN, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListServerCertificateTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, nil
}

func listOpenIDConnectProviderTags(c *operation.Call, in *ListOpenIDConnectProviderTagsInput) (*ListOpenIDConnectProviderTagsOutput, error) {
	p, err := findOIDCProvider(c, in.OpenIDConnectProviderARN)
	if err != nil {
		return nil, err
	}
	tags, err := listTags(c, apiListOpenIDConnectProviderTags.Name, p.ARN, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListOpenIDConnectProviderTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, nil
}

func listSAMLProviderTags(c *operation.Call, in *ListSAMLProviderTagsInput) (*ListSAMLProviderTagsOutput, error) {
	p, err := findSAMLProvider(c, in.SAMLProviderARN)
	if err != nil {
		return nil, err
	}
	tags, err := listTags(c, apiListSAMLProviderTags.Name, p.ARN, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListSAMLProviderTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, nil
}

// onCertificate is the target of operations on a server certificate by its name.
func onCertificate[In any](name func(*In) string, marks ...addKeys[In]) targetOf[In] {
	return on(identity.ServerCertificateKind, name, marks...)
}
