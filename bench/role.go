package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
)

// management is the management account of the organization.
const management = "111122223333"

// govern creates policies of every kind that apply to a role of the account, and returns
// the credentials of a session of the role:
//
//   - the organization's root, a unit and the account each have the service control
//     policy FullAWSAccess; unit and account have one more;
//   - the role has three managed policies, of which one allows reading images, and a
//     permissions boundary;
//   - a user of the account assumes it.
//
// It fails if the session can write, which none of its policies allows: then the server
// does not enforce policies and must not be measured.
func govern(address string) (credentials, error) {
	s := &setup{conn: &conn{address: address}}
	defer s.conn.close()
	s.organization(newSigner(address, rootOf(management)), newSigner(address, rootOf(account)))
	user := s.user(newSigner(address, rootOf(account)))
	s.role(newSigner(address, rootOf(account)))
	session := s.assume(newSigner(address, user))
	if s.err != nil {
		return credentials{}, s.err
	}
	_, err := s.conn.exchange(newSigner(address, session).putPolicy(0, 0))
	if r, ok := errors.AsType[refusal](err); !ok || r.status != http.StatusForbidden {
		return credentials{}, fmt.Errorf("the session of the role can write images, or another error occurred: %v", err)
	}
	return session, nil
}

// A setup sends requests, one after another, until one fails.
type setup struct {
	conn *conn
	err  error
}

// organization creates the organization and moves the member account into a unit.
func (s *setup) organization(manager, member *signer) {
	s.organizations(manager, "CreateOrganization", map[string]any{"FeatureSet": "ALL"}, nil)
	var invited struct{ Handshake struct{ Id string } }
	s.organizations(manager, "InviteAccountToOrganization", map[string]any{"Target": map[string]any{"Id": account, "Type": "ACCOUNT"}}, &invited)
	s.organizations(member, "AcceptHandshake", map[string]any{"HandshakeId": invited.Handshake.Id}, nil)

	var top struct{ Roots [1]struct{ Id string } }
	s.organizations(manager, "ListRoots", map[string]any{}, &top)
	root := top.Roots[0].Id
	var created struct{ OrganizationalUnit struct{ Id string } }
	s.organizations(manager, "CreateOrganizationalUnit", map[string]any{"ParentId": root, "Name": "bench"}, &created)
	unit := created.OrganizationalUnit.Id
	s.organizations(manager, "MoveAccount", map[string]any{"AccountId": account, "SourceParentId": root, "DestinationParentId": unit}, nil)

	var made struct {
		Policy struct{ PolicySummary struct{ Id string } }
	}
	s.organizations(manager, "CreatePolicy", map[string]any{
		"Name": "bench", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": everything}, &made)
	for _, target := range []string{unit, account} {
		s.organizations(manager, "AttachPolicy", map[string]any{"PolicyId": made.Policy.PolicySummary.Id, "TargetId": target}, nil)
	}
}

// Names of the resources in the account.
const (
	userName    = "bench-user"
	roleName    = "bench-role"
	roleARN     = "arn:aws:iam::" + account + ":role/" + roleName
	policyARN   = "arn:aws:iam::" + account + ":policy/"
	iamVersion  = "2010-05-08"
	stsVersion  = "2011-06-15"
	sessionName = "bench"
)

// user creates a user who may assume the role, and returns its access key.
func (s *setup) user(root *signer) credentials {
	s.iam(root, "CreateUser", map[string]string{"UserName": userName}, nil)
	s.iam(root, "PutUserPolicy", map[string]string{"UserName": userName, "PolicyName": "assume", "PolicyDocument": assume}, nil)
	var out struct {
		ID     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
		Secret string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	}
	s.iam(root, "CreateAccessKey", map[string]string{"UserName": userName}, &out)
	return credentials{id: out.ID, secret: out.Secret}
}

// role creates the role with its policies and its permissions boundary.
func (s *setup) role(root *signer) {
	for name, document := range map[string]string{"boundary": boundary, "images": imagePolicy, "buckets": bucketPolicy, "instances": instancePolicy} {
		s.iam(root, "CreatePolicy", map[string]string{"PolicyName": name, "PolicyDocument": document}, nil)
	}
	s.iam(root, "CreateRole", map[string]string{
		"RoleName": roleName, "AssumeRolePolicyDocument": trust, "PermissionsBoundary": policyARN + "boundary"}, nil)
	for _, name := range []string{"images", "buckets", "instances"} {
		s.iam(root, "AttachRolePolicy", map[string]string{"RoleName": roleName, "PolicyArn": policyARN + name}, nil)
	}
}

// assume starts a session of the role for one hour.
func (s *setup) assume(user *signer) credentials {
	var out struct {
		ID     string `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
		Secret string `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
		Token  string `xml:"AssumeRoleResult>Credentials>SessionToken"`
	}
	s.ask(user.query("sts", stsVersion, "AssumeRole", map[string]string{"RoleArn": roleARN, "RoleSessionName": sessionName}), "AssumeRole", xml.Unmarshal, &out)
	return credentials{id: out.ID, secret: out.Secret, token: out.Token}
}

func (s *setup) organizations(as *signer, operation string, input map[string]any, output any) {
	s.ask(as.organizations(operation, input), operation, json.Unmarshal, output)
}

func (s *setup) iam(as *signer, operation string, input map[string]string, output any) {
	s.ask(as.query("iam", iamVersion, operation, input), operation, xml.Unmarshal, output)
}

// ask sends a request and decodes its response into output, unless output is nil.
func (s *setup) ask(request []byte, operation string, decode func([]byte, any) error, output any) {
	if s.err != nil {
		return
	}
	body, err := s.conn.exchange(request)
	if err == nil && output != nil {
		err = decode(body, output)
	}
	if err != nil {
		s.err = fmt.Errorf("%s: %w", operation, err)
	}
}
