package ram

import (
	"strconv"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// timestamp truncates a time to milliseconds, as responses show it.
func timestamp(t time.Time) *time.Time { return new(t.Truncate(time.Millisecond)) }

// promotionStages holds the feature sets of a share after its promotion.
var promotionStages = []operation.Stage[ResourceShareFeatureSet]{
	{After: 0, Status: ResourceShareFeatureSetPromotingToStandard},
	{After: 10 * time.Second, Status: ResourceShareFeatureSetStandard},
}

// shareOutput returns a share as responses show it. Only its owner sees its tags.
func (s *ram) shareOutput(c *operation.Call, share *sharing.Share) (ResourceShare, error) {
	v := ResourceShare{
		ResourceShareARN: &share.ARN, Name: &share.Name, OwningAccountID: &share.Owner,
		AllowExternalPrincipals: &share.AllowExternal, Status: new(ResourceShareStatusActive),
		CreationTime: timestamp(share.Created), LastUpdatedTime: timestamp(share.Updated),
		FeatureSet:                 new(s.featureSet(c, share)),
		ResourceShareConfiguration: &ResourceShareConfiguration{RetainSharingOnAccountLeaveOrganization: &share.RetainOnLeave},
	}
	if !share.Deleted.IsZero() {
		v.Status = new(ResourceShareStatusDeleted)
	}
	if share.Owner != c.Account() {
		return v, nil
	}
	var err error
	v.Tags, err = tagList(c, share.ARN)
	return v, err
}

// featureSet returns the feature set of a share at the time of the request.
func (s *ram) featureSet(c *operation.Call, share *sharing.Share) ResourceShareFeatureSet {
	if share.Promoted.IsZero() {
		return ResourceShareFeatureSet(share.FeatureSet)
	}
	return operation.StatusAt(s.lifecycle, promotionStages, share.Promoted, c.Now)
}

func associationOutputs(c *operation.Call, share *sharing.Share, list []sharing.Association) []ResourceShareAssociation {
	outputs := make([]ResourceShareAssociation, 0, len(list))
	for _, a := range list {
		outputs = append(outputs, associationOutput(c, share, a))
	}
	return outputs
}

func associationOutput(c *operation.Call, share *sharing.Share, a sharing.Association) ResourceShareAssociation {
	v := ResourceShareAssociation{
		ResourceShareARN: &share.ARN, ResourceShareName: &share.Name, AssociatedEntity: &a.Entity,
		AssociationType: new(ResourceShareAssociationType(a.Type)), Status: new(ResourceShareAssociationStatus(associationStatus(share, a, c.Now))),
		CreationTime: timestamp(a.Created), LastUpdatedTime: timestamp(a.Updated), External: &a.External,
	}
	if a.StatusMessage != "" {
		v.StatusMessage = &a.StatusMessage
	}
	return v
}

// permissionDetail returns a version of a permission as GetPermission shows it.
func permissionDetail(c *operation.Call, p *sharing.Permission, number int) (*ResourceSharePermissionDetail, error) {
	v, err := findVersion(p, number)
	if err != nil {
		return nil, err
	}
	tags, err := tagList(c, p.ARN)
	return &ResourceSharePermissionDetail{
		ARN: &p.ARN, Name: &p.Name, ResourceType: &p.ResourceType, Tags: tags,
		Version: new(strconv.Itoa(number)), DefaultVersion: new(number == p.Default), Permission: &v.Template,
		CreationTime: timestamp(v.Created), LastUpdatedTime: timestamp(versionUpdated(p, v)),
		IsResourceTypeDefault: &p.TypeDefault, PermissionType: new(permissionTypeOutput(p)),
		FeatureSet: new(PermissionFeatureSet(p.FeatureSet)), Status: new(permissionStatus(p, number)),
	}, err
}

// permissionSummary returns a version of a permission as lists show it: without its
// policy template.
func permissionSummary(c *operation.Call, p *sharing.Permission, number int) (ResourceSharePermissionSummary, error) {
	d, err := permissionDetail(c, p, number)
	if err != nil {
		return ResourceSharePermissionSummary{}, err
	}
	return ResourceSharePermissionSummary{
		ARN: d.ARN, Name: d.Name, ResourceType: d.ResourceType, Tags: d.Tags,
		Version: d.Version, DefaultVersion: d.DefaultVersion,
		CreationTime: d.CreationTime, LastUpdatedTime: d.LastUpdatedTime,
		IsResourceTypeDefault: d.IsResourceTypeDefault, PermissionType: d.PermissionType,
		FeatureSet: d.FeatureSet, Status: new(string(*d.Status)),
	}, nil
}

// versionUpdated returns the time of the last change of a version. The default
// version changes with its permission.
func versionUpdated(p *sharing.Permission, v sharing.PermissionVersion) time.Time {
	if v.Number == p.Default {
		return p.Updated
	}
	return v.Created
}

// permissionStatus tells whether a version can be attached to a share: only the
// default version can.
func permissionStatus(p *sharing.Permission, number int) PermissionStatus {
	if number != p.Default {
		return PermissionStatusUnattachable
	}
	return PermissionStatusAttachable
}

func permissionTypeOutput(p *sharing.Permission) PermissionType {
	if p.Owner == awsAccount {
		return PermissionTypeAwsManaged
	}
	return PermissionTypeCustomerManaged
}

// resourceOutput returns a resource of a share as lists show it.
func resourceOutput(a sharing.Association) Resource {
	typ, _ := sharing.TypeOf(a.Entity)
	return Resource{
		ARN: &a.Entity, Type: &typ.Name, ResourceShareARN: &a.Share, Status: new(ResourceStatusAvailable),
		CreationTime: timestamp(a.Created), LastUpdatedTime: timestamp(a.Updated), ResourceRegionScope: new(ResourceRegionScopeRegional),
	}
}

func (i *invitation) output(now time.Time) ResourceShareInvitation {
	v := ResourceShareInvitation{
		ResourceShareInvitationARN: &i.ARN, ResourceShareName: &i.ShareName, ResourceShareARN: &i.Share,
		SenderAccountID: &i.Sender, ReceiverAccountID: &i.Receiver,
		InvitationTimestamp: timestamp(i.Sent), Status: new(i.status(now)),
	}
	if i.Principal != i.Receiver {
		v.ReceiverARN = &i.Principal
	}
	return v
}
