package iam

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// serviceCredential is a user name with a password, or an API key, for one service that
// takes no signatures.
type serviceCredential struct {
	ID, Service, Status string
	UserName            string // for the service, or the alias of an API key
	Sealed              []byte // the password or the API key
	CreatedAt           time.Time
	ExpiresAt           time.Time // zero for never
}

// credentialServices are the services that take such credentials, and whether these are
// API keys.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html
var credentialServices = map[string]bool{
	"bedrock.amazonaws.com":    true,
	"cassandra.amazonaws.com":  false,
	"codecommit.amazonaws.com": false,
}

const maxServiceCredentials = 2 // of one user for one service

func checkCredentialService(name string) error {
	if _, ok := credentialServices[name]; !ok {
		return errNoSuchEntity("No such service %s is supported for Service Specific Credentials", name)
	}
	return nil
}

// view is the credential with its secret, which is shown when it is made.
func (s *serviceCredential) view(h holder, secret string) *ServiceSpecificCredential {
	v := &ServiceSpecificCredential{
		CreateDate: seconds(s.CreatedAt), ServiceName: s.Service, ServiceSpecificCredentialID: s.ID, UserName: h.name, Status: StatusType(s.Status),
		ExpirationDate: expiry(s.ExpiresAt),
	}
	if credentialServices[s.Service] {
		v.ServiceCredentialAlias, v.ServiceCredentialSecret = &s.UserName, &secret
	} else {
		v.ServiceUserName, v.ServicePassword = &s.UserName, &secret
	}
	return v
}

func (s *serviceCredential) metadata(user string) ServiceSpecificCredentialMetadata {
	v := ServiceSpecificCredentialMetadata{
		CreateDate: seconds(s.CreatedAt), ServiceName: s.Service, ServiceSpecificCredentialID: s.ID, UserName: user, Status: StatusType(s.Status),
		ExpirationDate: expiry(s.ExpiresAt),
	}
	if credentialServices[s.Service] {
		v.ServiceCredentialAlias = &s.UserName
	} else {
		v.ServiceUserName = &s.UserName
	}
	return v
}

func expiry(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(seconds(t))
}

// renew gives the credential a new secret.
func (s *serviceCredential) renew(c *operation.Call) (secret string) {
	random := make([]byte, 44) // 60 characters, of which the last is "="
	rand.Read(random)
	secret = base64.StdEncoding.EncodeToString(random)
	if credentialServices[s.Service] {
		secret = "ABSK" + base64.StdEncoding.EncodeToString([]byte(s.UserName+":"+secret))
	}
	s.Sealed = c.Directory.Sealer.Seal([]byte(secret), "service-specific credential "+s.ID)
	return secret
}

func createServiceSpecificCredential(c *operation.Call, in *CreateServiceSpecificCredentialInput) (*CreateServiceSpecificCredentialOutput, error) {
	h, err := holderOf(c, &in.UserName)
	if err != nil {
		return nil, err
	}
	if err := checkCredentialService(in.ServiceName); err != nil {
		return nil, err
	}
	isKey := credentialServices[in.ServiceName]
	if in.CredentialAgeDays != nil && !isKey {
		return nil, errInvalidInput("CredentialAgeDays is not supported for %s", in.ServiceName)
	}
	all, err := listOwned[serviceCredential](c, serviceCredentials, h)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s serviceCredential) bool { return s.Service != in.ServiceName })
	if len(all) >= maxServiceCredentials {
		return nil, exceeds("ServiceSpecificCredentialsPerUser", maxServiceCredentials)
	}
	s := serviceCredential{ID: identity.NewID("ACCA", 17), Service: in.ServiceName, Status: string(StatusTypeActive), CreatedAt: c.Now}
	s.UserName = h.name + "-at-" + c.Account()
	if isKey {
		s.UserName = fmt.Sprintf("BedrockAPIKey-%s-at-%s", identity.NewID("", 4), c.Account())
	} else if slices.ContainsFunc(all, func(o serviceCredential) bool { return o.UserName == s.UserName }) {
		s.UserName = h.name + "+1-at-" + c.Account()
	}
	if in.CredentialAgeDays != nil {
		s.ExpiresAt = c.Now.AddDate(0, 0, *in.CredentialAgeDays)
	}
	v := s.view(h, s.renew(c))
	return &CreateServiceSpecificCredentialOutput{ServiceSpecificCredential: v}, serviceCredentials.put(c, h, s.ID, s)
}

// listServiceSpecificCredentials lists those of one user or, with AllUsers, of all.
func listServiceSpecificCredentials(c *operation.Call, in *ListServiceSpecificCredentialsInput) (*ListServiceSpecificCredentialsOutput, error) {
	var holders []holder
	if in.AllUsers != nil && *in.AllUsers {
		for r, err := range c.Tx.Resources(entities(c, identity.UserKind, "/", "", 0)) {
			if err != nil {
				return nil, err
			}
			u, err := decoded(r, same[identity.User])
			if err != nil {
				return nil, err
			}
			holders = append(holders, holder{u.ID, u.Name})
		}
	} else {
		h, err := holderOf(c, in.UserName)
		if err != nil {
			return nil, err
		}
		holders = []holder{h}
	}
	if in.ServiceName != nil {
		if err := checkCredentialService(*in.ServiceName); err != nil {
			return nil, err
		}
	}
	var all []ServiceSpecificCredentialMetadata
	for _, h := range holders {
		list, err := listOwned[serviceCredential](c, serviceCredentials, h)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if in.ServiceName == nil || s.Service == *in.ServiceName {
				all = append(all, s.metadata(h.name))
			}
		}
	}
	p, err := inOrder(apiListServiceSpecificCredentials.Name, in.Marker, in.MaxItems, all, same)
	if err != nil {
		return nil, err
	}
	return &ListServiceSpecificCredentialsOutput{ServiceSpecificCredentials: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func findServiceCredential(c *operation.Call, user *string, id string) (holder, serviceCredential, error) {
	h, err := holderOf(c, user)
	if err != nil {
		return h, serviceCredential{}, err
	}
	s, err := readOwned[serviceCredential](c, serviceCredentials, h, id)
	if isNotFound(err) {
		err = errNoSuchEntity("No such credential %s exists", id)
	}
	return h, s, err
}

func updateServiceSpecificCredential(c *operation.Call, in *UpdateServiceSpecificCredentialInput) (*UpdateServiceSpecificCredentialOutput, error) {
	h, s, err := findServiceCredential(c, in.UserName, in.ServiceSpecificCredentialID)
	if err != nil {
		return nil, err
	}
	if err := isStatus(in.Status); err != nil {
		return nil, err
	}
	s.Status = string(in.Status)
	return &UpdateServiceSpecificCredentialOutput{}, serviceCredentials.put(c, h, s.ID, s)
}

func resetServiceSpecificCredential(c *operation.Call, in *ResetServiceSpecificCredentialInput) (*ResetServiceSpecificCredentialOutput, error) {
	h, s, err := findServiceCredential(c, in.UserName, in.ServiceSpecificCredentialID)
	if err != nil {
		return nil, err
	}
	v := s.view(h, s.renew(c))
	return &ResetServiceSpecificCredentialOutput{ServiceSpecificCredential: v}, serviceCredentials.put(c, h, s.ID, s)
}

func deleteServiceSpecificCredential(c *operation.Call, in *DeleteServiceSpecificCredentialInput) (*DeleteServiceSpecificCredentialOutput, error) {
	h, s, err := findServiceCredential(c, in.UserName, in.ServiceSpecificCredentialID)
	if err != nil {
		return nil, err
	}
	return &DeleteServiceSpecificCredentialOutput{}, serviceCredentials.delete(c, h, s.ID)
}

// onNewCredential is the target of CreateServiceSpecificCredential.
func onNewCredential(c *operation.Call, in *CreateServiceSpecificCredentialInput) (authz.Target, error) {
	t, err := onUser(func(in *CreateServiceSpecificCredentialInput) string { return in.UserName })(c, in)
	if err != nil {
		return t, err
	}
	t.Keys["iam:ServiceSpecificCredentialServiceName"] = []string{in.ServiceName}
	if in.CredentialAgeDays != nil {
		t.Keys["iam:ServiceSpecificCredentialAgeDays"] = []string{fmt.Sprint(*in.CredentialAgeDays)}
	}
	return t, nil
}

// onCredentialsListed is the target of ListServiceSpecificCredentials: one user, or all.
func onCredentialsListed(c *operation.Call, in *ListServiceSpecificCredentialsInput) (authz.Target, error) {
	if in.AllUsers != nil && *in.AllUsers {
		return target(c, newARN(c, identity.UserKind, "/", "*"), in, nil)
	}
	return onSelf(func(in *ListServiceSpecificCredentialsInput) *string { return in.UserName })(c, in)
}

// onCredential is the target of operations on a service-specific credential: its user.
func onCredential[In any](user func(In) *string, id func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		t, err := onSelf(user)(c, in)
		if err != nil {
			return t, err
		}
		h, err := holderOf(c, user(in))
		if err != nil {
			return t, nil // the handler says so, after the authorization
		}
		s, err := readOwned[serviceCredential](c, serviceCredentials, h, id(in))
		switch {
		case err == nil:
			t.Keys["iam:ServiceSpecificCredentialServiceName"] = []string{s.Service}
		case !isNotFound(err):
			return t, err
		}
		return t, nil
	}
}
