package ram

import (
	"strconv"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// versionOf is a version of a permission.
func versionOf(p *sharing.Permission, number int) (sharing.PermissionVersion, error) {
	v, ok := p.Version(number)
	if !ok {
		return v, errUnknownResource("Version %d of permission %s could not be found.", number, p.ARN)
	}
	return v, nil
}

// describe is what GetPermission tells of a version of a permission.
func describe(c *operation.Call, p *sharing.Permission, number int) (*ResourceSharePermissionDetail, error) {
	v, err := versionOf(p, number)
	if err != nil {
		return nil, err
	}
	tags, err := tagList(c, p.ARN)
	return &ResourceSharePermissionDetail{
		ARN: &p.ARN, Name: &p.Name, ResourceType: &p.ResourceType, Tags: tags,
		Version: new(strconv.Itoa(number)), DefaultVersion: new(number == p.Default), Permission: &v.Template,
		CreationTime: moment(v.Created), LastUpdatedTime: moment(lastUpdate(p, v)),
		IsResourceTypeDefault: &p.TypeDefault, PermissionType: new(permissionTypeOf(p)),
		FeatureSet: new(PermissionFeatureSet(p.FeatureSet)), Status: new(statusOf(p, number)),
	}, err
}

// summarize is what lists tell of a version of a permission: all but what it says.
func summarize(c *operation.Call, p *sharing.Permission, number int) (ResourceSharePermissionSummary, error) {
	d, err := describe(c, p, number)
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

// lastUpdate is when a version last changed: by becoming the default, or being it
// no more, which is a change of the permission.
func lastUpdate(p *sharing.Permission, v sharing.PermissionVersion) time.Time {
	if v.Number == p.Default {
		return p.Updated
	}
	return v.Created
}

// statusOf says whether a version can be attached to a share: only the default
// one can.
func statusOf(p *sharing.Permission, number int) PermissionStatus {
	if number != p.Default {
		return PermissionStatusUnattachable
	}
	return PermissionStatusAttachable
}

func permissionTypeOf(p *sharing.Permission) PermissionType {
	if p.Owner == awsAccount {
		return PermissionTypeAwsManaged
	}
	return PermissionTypeCustomerManaged
}
