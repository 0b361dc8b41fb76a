package ram

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// The targets of the operations: the resources that the gate authorizes, with the
// condition keys of the service authorization reference.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceaccessmanagerram.html

// onShare returns the target of an operation on a share of the caller's account, which a
// member of the input names. The error for a share of another account is that of one
// that does not exist.
func onShare[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) { return ownShareTarget(c, member(in)) }
}

func ownShareTarget(c *operation.Call, arn string) (authz.Target, error) {
	if _, err := parseName(shareType, arn); err != nil {
		return authz.Target{}, errMalformedARN(textShareARN)
	}
	if !c.Caller.OwnsARN(arn) {
		return authz.Target{}, errShareNotFound(arn)
	}
	return shareTarget(c, arn)
}

// shareTarget returns a share of any account as a target of the gate.
func shareTarget(c *operation.Call, arn string) (authz.Target, error) {
	t := authz.Target{ARN: arn, Keys: map[string][]string{}}
	s, err := sharing.ReadShare(c.Tx, arn)
	if errors.Is(err, store.ErrNotFound) {
		return t, nil // the handler returns the error
	}
	if err != nil {
		return t, err
	}
	t.Keys["ram:ResourceShareName"] = []string{s.Name}
	t.Keys["ram:AllowsExternalPrincipals"] = boolKey(s.AllowExternal)
	t.Keys["ram:RetainSharingOnAccountLeaveOrganization"] = boolKey(s.RetainOnLeave)
	return t, nil
}

// promoteResourceShareTarget returns the share alone: the reference has no condition keys for
// PromoteResourceShareCreatedFromPolicy.
func promoteResourceShareTarget(c *operation.Call, in *PromoteResourceShareCreatedFromPolicyInput) (authz.Target, error) {
	t, err := ownShareTarget(c, in.ResourceShareARN)
	return authz.Target{ARN: t.ARN}, err
}

// createResourceShareTarget returns "*", since CreateResourceShare has no resource.
func createResourceShareTarget(_ *operation.Call, in *CreateResourceShareInput) (authz.Target, error) {
	t := authz.Target{ARN: "*", RequestTags: tagMap(in.Tags), Keys: map[string][]string{
		"ram:RequestedAllowsExternalPrincipals":       boolKey(allowsExternal(in)),
		"ram:AllowsExternalPrincipals":                boolKey(allowsExternal(in)),
		"ram:RetainSharingOnAccountLeaveOrganization": boolKey(retainsOnLeave(in)),
	}}
	requestKeys(&t, in.ResourceARNs, in.Principals)
	return t, nil
}

func updateResourceShareTarget(c *operation.Call, in *UpdateResourceShareInput) (authz.Target, error) {
	t, err := ownShareTarget(c, in.ResourceShareARN)
	if err == nil && in.AllowExternalPrincipals != nil {
		t.Keys["ram:RequestedAllowsExternalPrincipals"] = boolKey(*in.AllowExternalPrincipals)
	}
	return t, err
}

func associateResourceShareTarget(c *operation.Call, in *AssociateResourceShareInput) (authz.Target, error) {
	t, err := ownShareTarget(c, in.ResourceShareARN)
	if err == nil {
		requestKeys(&t, in.ResourceARNs, in.Principals)
	}
	return t, err
}

// disassociateResourceShareTarget returns the share, which another account may own: a
// consumer leaves such a share by DisassociateResourceShare. RAM allows that to the
// consumer's account, and the policies of that account decide which principals in it
// may leave. The same holds for an account that has no access to the share; the handler
// then returns the error for a share that does not exist.
func disassociateResourceShareTarget(c *operation.Call, in *DisassociateResourceShareInput) (authz.Target, error) {
	if _, err := parseName(shareType, in.ResourceShareARN); err != nil {
		return authz.Target{}, errMalformedARN(textShareARN)
	}
	t := authz.Target{ARN: in.ResourceShareARN, Keys: map[string][]string{}}
	_, err := readSharedWithCaller(c, in.ResourceShareARN)
	if err != nil && !isShareNotFound(err) {
		return t, err
	}
	if err == nil || c.Caller.OwnsARN(t.ARN) {
		if t, err = shareTarget(c, t.ARN); err != nil {
			return t, err
		}
	}
	allowCallerAccount(c, &t, apiDisassociateResourceShare.Name)
	requestKeys(&t, in.ResourceARNs, in.Principals)
	return t, nil
}

// invitationTarget returns an invitation, whose ARN contains the sender's account. The rules
// of disassociateResourceShareTarget apply.
func (s *ram) invitationTarget(c *operation.Call, op, arn string, keys ...string) (authz.Target, error) {
	n, err := parseName(invitationType, arn)
	if err != nil {
		return authz.Target{}, errMalformedARN(textInvitationARN)
	}
	t := authz.Target{ARN: arn, Keys: map[string][]string{}}
	if slices.Contains(keys, "ram:ShareOwnerAccountId") {
		t.Keys["ram:ShareOwnerAccountId"] = []string{n.Account}
	}
	inv, err := readInvitation(c, arn)
	switch {
	case err == nil:
		t.Keys["ram:ResourceShareName"] = []string{inv.ShareName}
	case !isInvitationNotFound(err):
		return t, err
	}
	allowCallerAccount(c, &t, op)
	return t, nil
}

func (s *ram) acceptInvitationTarget(c *operation.Call, in *AcceptResourceShareInvitationInput) (authz.Target, error) {
	return s.invitationTarget(c, apiAcceptResourceShareInvitation.Name, in.ResourceShareInvitationARN, "ram:ShareOwnerAccountId")
}

func (s *ram) rejectInvitationTarget(c *operation.Call, in *RejectResourceShareInvitationInput) (authz.Target, error) {
	return s.invitationTarget(c, apiRejectResourceShareInvitation.Name, in.ResourceShareInvitationARN, "ram:ShareOwnerAccountId")
}

func (s *ram) listPendingInvitationResourcesTarget(c *operation.Call, in *ListPendingInvitationResourcesInput) (authz.Target, error) {
	return s.invitationTarget(c, apiListPendingInvitationResources.Name, in.ResourceShareInvitationARN)
}

// allowCallerAccount adds a resource-based policy to a target of another account that
// allows the caller's account one operation. The policies of that account decide which
// of its principals may do it.
func allowCallerAccount(c *operation.Call, t *authz.Target, op string) {
	if c.Caller.OwnsARN(t.ARN) {
		return
	}
	t.ResourcePolicies = []identity.Document{{Name: "RAM for " + c.Account(), Text: fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":%q},"Action":"%s:%s","Resource":"*"}}`,
		c.Account(), api.Name, op)}}
}

// getResourceSharesTarget returns "*" with the tags that GetResourceShares filters by as
// condition keys.
func getResourceSharesTarget(_ *operation.Call, in *GetResourceSharesInput) (authz.Target, error) {
	t := authz.Target{ARN: "*", Keys: map[string][]string{}}
	for _, f := range in.TagFilters {
		if f.TagKey != nil {
			t.TagKeys = append(t.TagKeys, *f.TagKey)
			t.Keys["aws:RequestTag/"+*f.TagKey] = f.TagValues
		}
	}
	return t, nil
}

// requestKeys sets the condition keys of the resources and principals of a request. A
// key without values is absent: a condition on ram:RequestedResourceType fails for a
// request without resources, as it does in AWS (hashicorp/terraform-provider-aws#17606).
func requestKeys(t *authz.Target, resources, principals []string) {
	var types []string
	for _, arn := range resources {
		if typ, ok := sharing.TypeOf(arn); ok && !slices.Contains(types, typ.Name) {
			types = append(types, typ.Name)
		}
	}
	t.Keys["ram:Principal"] = principals
	t.Keys["ram:ResourceArn"] = resources
	t.Keys["ram:RequestedResourceType"] = types
}

func boolKey(b bool) []string { return []string{strconv.FormatBool(b)} }

// listResourceSharePermissionsTarget returns the share. Only its owner can see its
// permissions.
func listResourceSharePermissionsTarget(c *operation.Call, in *ListResourceSharePermissionsInput) (authz.Target, error) {
	if _, err := parseName(shareType, in.ResourceShareARN); err != nil {
		return authz.Target{}, errMalformedARN(textShareARN)
	}
	return shareTarget(c, in.ResourceShareARN)
}
