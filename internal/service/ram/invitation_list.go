package ram

import (
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// getResourceShareInvitations lists the invitations that the caller's account
// received. The sender of an invitation does not see it here.
func (s *ram) getResourceShareInvitations(c *operation.Call, in *GetResourceShareInvitationsInput) (*GetResourceShareInvitationsOutput, error) {
	for _, arn := range in.ResourceShareInvitationARNs {
		if _, err := readInvitation(c, arn); err != nil {
			return nil, err
		}
	}
	for _, arn := range in.ResourceShareARNs {
		if _, err := parseName(shareType, arn); err != nil {
			return nil, errMalformedARN(textShareARN)
		}
	}
	wanted := func(i *invitation) bool {
		return (len(in.ResourceShareInvitationARNs) == 0 || slices.Contains(in.ResourceShareInvitationARNs, i.ARN)) &&
			(len(in.ResourceShareARNs) == 0 || slices.Contains(in.ResourceShareARNs, i.Share))
	}
	p, err := paginate(apiGetResourceShareInvitations.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceShareInvitation], error] {
		return convertItems(receivedInvitations(c, after), func(i *invitation) (operation.Keyed[ResourceShareInvitation], bool, error) {
			return operation.Keyed[ResourceShareInvitation]{Key: i.ARN, Item: i.output(c.Now)}, wanted(i) && !i.unlisted(c.Now), nil
		})
	})
	return &GetResourceShareInvitationsOutput{ResourceShareInvitations: p.Items, NextToken: p.Next}, err
}

// listPendingInvitationResources lists the resources of the share of a pending
// invitation.
func (s *ram) listPendingInvitationResources(c *operation.Call, in *ListPendingInvitationResourcesInput) (*ListPendingInvitationResourcesOutput, error) {
	i, err := readInvitation(c, in.ResourceShareInvitationARN)
	if err != nil {
		return nil, err
	}
	if i.Answer == ResourceShareInvitationStatusAccepted {
		return nil, errInvalidParameter("The invitation %s was already accepted.", i.ARN)
	}
	if _, err := readPendingInvitation(c, i.ARN); err != nil {
		return nil, err
	}
	p, err := paginate(apiListPendingInvitationResources.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[Resource], error] {
		if !includesRegional(in.ResourceRegionScope) {
			return noItems[Resource]
		}
		in := sharing.AssociationQuery{Share: i.Share, Type: sharing.Resource}
		if after != "" {
			in.After = sharing.AssociationKey{Type: in.Type, Entity: after, Share: i.Share}
		}
		return convertItems(sharing.Associations(c.Tx, in), func(a sharing.Association) (operation.Keyed[Resource], bool, error) {
			return operation.Keyed[Resource]{Key: a.Entity, Item: resourceOutput(a)}, true, nil
		})
	})
	return &ListPendingInvitationResourcesOutput{Resources: p.Items, NextToken: p.Next}, err
}
