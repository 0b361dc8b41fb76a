package ram

import (
	"fmt"
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// A permission has up to five versions, which are immutable. Attaching the permission
// to a share attaches its default version. The share keeps that version until the
// permission is attached again or replaced.
// https://docs.aws.amazon.com/ram/latest/userguide/create-customer-managed-permissions.html

// maxVersions is the most versions of a permission.
const maxVersions = 5

// createPermissionVersion adds a version and makes it the default.
func (s *ram) createPermissionVersion(c *operation.Call, in *CreatePermissionVersionInput) (*CreatePermissionVersionOutput, error) {
	return idempotent(c, apiCreatePermissionVersion.Name, in.ClientToken, in, func() (*CreatePermissionVersionOutput, error) {
		p, err := readStandardPermission(c, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		t, _ := findResourceType(p.ResourceType)
		if err := validateTemplate(in.PolicyTemplate, t); err != nil {
			return nil, errMalformedPolicyTemplate("%s %s", textMalformedTemplate, err)
		}
		if len(p.Versions) >= maxVersions {
			return nil, errPermissionVersionsLimitExceeded("The permission %s has reached the limit of %d versions. Delete one of them first.", p.ARN, maxVersions)
		}
		v := sharing.PermissionVersion{Number: p.Last + 1, Template: in.PolicyTemplate, Created: c.Now}
		p.Versions, p.Default, p.Last, p.Updated = append(p.Versions, v), v.Number, v.Number, c.Now
		if err := p.Put(c); err != nil {
			return nil, err
		}
		detail, err := permissionDetail(c, p, v.Number)
		return &CreatePermissionVersionOutput{Permission: detail, ClientToken: in.ClientToken}, err
	})
}

func (s *ram) listPermissionVersions(c *operation.Call, in *ListPermissionVersionsInput) (*ListPermissionVersionsOutput, error) {
	p, err := readPermission(c, in.PermissionARN)
	if err != nil {
		return nil, err
	}
	page, err := paginate(apiListPermissionVersions.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceSharePermissionSummary], error] {
		return func(yield func(operation.Keyed[ResourceSharePermissionSummary], error) bool) {
			for _, v := range p.Versions {
				key := fmt.Sprintf("%020d", v.Number)
				if key <= after {
					continue
				}
				item, err := permissionSummary(c, p, v.Number)
				if !yield(operation.Keyed[ResourceSharePermissionSummary]{Key: key, Item: item}, err) {
					return
				}
			}
		}
	})
	return &ListPermissionVersionsOutput{Permissions: page.Items, NextToken: page.Next}, err
}

func (s *ram) setDefaultPermissionVersion(c *operation.Call, in *SetDefaultPermissionVersionInput) (*SetDefaultPermissionVersionOutput, error) {
	return idempotent(c, apiSetDefaultPermissionVersion.Name, in.ClientToken, in, func() (*SetDefaultPermissionVersionOutput, error) {
		p, err := readStandardPermission(c, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		if _, err := findVersion(p, in.PermissionVersion); err != nil {
			return nil, err
		}
		p.Default, p.Updated = in.PermissionVersion, c.Now
		return &SetDefaultPermissionVersionOutput{ReturnValue: new(true), ClientToken: in.ClientToken}, p.Put(c)
	})
}

func (s *ram) deletePermissionVersion(c *operation.Call, in *DeletePermissionVersionInput) (*DeletePermissionVersionOutput, error) {
	return idempotent(c, apiDeletePermissionVersion.Name, in.ClientToken, in, func() (*DeletePermissionVersionOutput, error) {
		p, err := readStandardPermission(c, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		v, err := findVersion(p, in.PermissionVersion)
		if err != nil {
			return nil, err
		}
		if v.Number == p.Default {
			return nil, errOperationNotPermitted("Version %d is the default version of permission %s.", v.Number, p.ARN)
		}
		for share, err := range sharesUsing(c, p, "") {
			if err != nil {
				return nil, err
			}
			if share.Permissions[p.ResourceType].Version == v.Number {
				return nil, errOperationNotPermitted("Version %d of permission %s is attached to a resource share.", v.Number, p.ARN)
			}
		}
		p.Versions = slices.DeleteFunc(p.Versions, func(other sharing.PermissionVersion) bool { return other.Number == v.Number })
		p.Updated = c.Now
		return &DeletePermissionVersionOutput{
			ReturnValue: new(true), PermissionStatus: new(PermissionStatusDeleted), ClientToken: in.ClientToken,
		}, p.Put(c)
	})
}

// findVersion returns a version of a permission, or the error that there is none.
func findVersion(p *sharing.Permission, number int) (sharing.PermissionVersion, error) {
	v, ok := p.Version(number)
	if !ok {
		return v, errUnknownResource("Version %d of permission %s could not be found.", number, p.ARN)
	}
	return v, nil
}
