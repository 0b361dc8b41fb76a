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

// The targets of the rows: what the gate judges, with the condition keys that
// the service authorization reference has for it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceaccessmanagerram.html

// onShare is the target of an operation on a share of one's own, which a member
// of its input names. Of other accounts' shares nobody learns more than of ones
// that do not exist.
func onShare[In any](member func(*In) string) func(*operation.Call, *In) (authz.Target, error) {
	return func(c *operation.Call, in *In) (authz.Target, error) { return ownShareTarget(c, member(in)) }
}

func ownShareTarget(c *operation.Call, arn string) (authz.Target, error) {
	if _, err := parseName(shareType, arn); err != nil {
		return authz.Target{}, errMalformedARN(textShareARN)
	}
	if !c.Caller.OwnsARN(arn) {
		return authz.Target{}, noShare(arn)
	}
	return shareTarget(c, arn)
}

// shareTarget is a share as the gate judges it, whoever owns it.
func shareTarget(c *operation.Call, arn string) (authz.Target, error) {
	t := authz.Target{ARN: arn, Keys: map[string][]string{}}
	s, err := sharing.ReadShare(c.Tx, arn)
	if errors.Is(err, store.ErrNotFound) {
		return t, nil // which the handler says
	}
	if err != nil {
		return t, err
	}
	t.Keys["ram:ResourceShareName"] = []string{s.Name}
	t.Keys["ram:AllowsExternalPrincipals"] = boolKey(s.AllowExternal)
	t.Keys["ram:RetainSharingOnAccountLeaveOrganization"] = boolKey(s.RetainOnLeave)
	return t, nil
}

// promotedShare is the target of PromoteResourceShareCreatedFromPolicy, for
// which the reference has no condition keys.
func promotedShare(c *operation.Call, in *PromoteResourceShareCreatedFromPolicyInput) (authz.Target, error) {
	t, err := ownShareTarget(c, in.ResourceShareARN)
	return authz.Target{ARN: t.ARN}, err
}

// newShare is the target of CreateResourceShare, which has no resource.
func newShare(_ *operation.Call, in *CreateResourceShareInput) (authz.Target, error) {
	t := authz.Target{ARN: "*", RequestTags: tagMap(in.Tags), Keys: map[string][]string{
		"ram:RequestedAllowsExternalPrincipals":       boolKey(allowsExternal(in)),
		"ram:AllowsExternalPrincipals":                boolKey(allowsExternal(in)),
		"ram:RetainSharingOnAccountLeaveOrganization": boolKey(retains(in)),
	}}
	requestKeys(&t, in.ResourceARNs, in.Principals)
	return t, nil
}

func updatedShare(c *operation.Call, in *UpdateResourceShareInput) (authz.Target, error) {
	t, err := ownShareTarget(c, in.ResourceShareARN)
	if err == nil && in.AllowExternalPrincipals != nil {
		t.Keys["ram:RequestedAllowsExternalPrincipals"] = boolKey(*in.AllowExternalPrincipals)
	}
	return t, err
}

func associatedShare(c *operation.Call, in *AssociateResourceShareInput) (authz.Target, error) {
	t, err := ownShareTarget(c, in.ResourceShareARN)
	if err == nil {
		requestKeys(&t, in.ResourceARNs, in.Principals)
	}
	return t, err
}

// disassociatedShare is the target of DisassociateResourceShare. A consumer
// leaves a share of another account by it: RAM lets its account do that, and the
// account's own policies say who in it may. For whom there is nothing to leave
// the same holds, and the handler says that there is no such share.
func disassociatedShare(c *operation.Call, in *DisassociateResourceShareInput) (authz.Target, error) {
	if _, err := parseName(shareType, in.ResourceShareARN); err != nil {
		return authz.Target{}, errMalformedARN(textShareARN)
	}
	t := authz.Target{ARN: in.ResourceShareARN, Keys: map[string][]string{}}
	_, err := consumed(c, in.ResourceShareARN)
	if err != nil && !isNoShare(err) {
		return t, err
	}
	if err == nil || c.Caller.OwnsARN(t.ARN) {
		if t, err = shareTarget(c, t.ARN); err != nil {
			return t, err
		}
	}
	lend(c, &t, apiDisassociateResourceShare.Name)
	requestKeys(&t, in.ResourceARNs, in.Principals)
	return t, nil
}

// onInvitation is the target of an operation on an invitation, whose ARN is of
// the sender's account. What holds for disassociatedShare holds here.
func (s *ram) onInvitation(c *operation.Call, op, arn string, keys ...string) (authz.Target, error) {
	n, err := parseName(invitationType, arn)
	if err != nil {
		return authz.Target{}, errMalformedARN(textInvitationARN)
	}
	t := authz.Target{ARN: arn, Keys: map[string][]string{}}
	if slices.Contains(keys, "ram:ShareOwnerAccountId") {
		t.Keys["ram:ShareOwnerAccountId"] = []string{n.Account}
	}
	inv, err := received(c, arn)
	switch {
	case err == nil:
		t.Keys["ram:ResourceShareName"] = []string{inv.ShareName}
	case !isNoInvitation(err):
		return t, err
	}
	lend(c, &t, op)
	return t, nil
}

func (s *ram) acceptedInvitation(c *operation.Call, in *AcceptResourceShareInvitationInput) (authz.Target, error) {
	return s.onInvitation(c, apiAcceptResourceShareInvitation.Name, in.ResourceShareInvitationARN, "ram:ShareOwnerAccountId")
}

func (s *ram) rejectedInvitation(c *operation.Call, in *RejectResourceShareInvitationInput) (authz.Target, error) {
	return s.onInvitation(c, apiRejectResourceShareInvitation.Name, in.ResourceShareInvitationARN, "ram:ShareOwnerAccountId")
}

func (s *ram) pendingInvitation(c *operation.Call, in *ListPendingInvitationResourcesInput) (authz.Target, error) {
	return s.onInvitation(c, apiListPendingInvitationResources.Name, in.ResourceShareInvitationARN)
}

// lend lets the caller's account do one operation on a target of another
// account, as far as RAM is asked: the account's own policies decide.
func lend(c *operation.Call, t *authz.Target, op string) {
	if c.Caller.OwnsARN(t.ARN) {
		return
	}
	t.ResourcePolicies = []identity.Document{{Name: "RAM for " + c.Account(), Text: fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":%q},"Action":"%s:%s","Resource":"*"}}`,
		c.Account(), api.Name, op)}}
}

// listedShares is the target of GetResourceShares: the tags that it filters by
// are condition keys.
func listedShares(_ *operation.Call, in *GetResourceSharesInput) (authz.Target, error) {
	t := authz.Target{ARN: "*", Keys: map[string][]string{}}
	for _, f := range in.TagFilters {
		if f.TagKey != nil {
			t.TagKeys = append(t.TagKeys, *f.TagKey)
			t.Keys["aws:RequestTag/"+*f.TagKey] = f.TagValues
		}
	}
	return t, nil
}

// requestKeys sets what a request names. To a condition a key without values is
// absent: one on the types of resources fails for a share without any, as it
// does in AWS (hashicorp/terraform-provider-aws#17606).
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
