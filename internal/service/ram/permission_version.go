package ram

import (
	"fmt"
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// A permission has up to five versions, which never change. One is the default:
// what a share gets to which the permission is attached. A share keeps its
// version until the permission is attached to it anew, or replaced.
// https://docs.aws.amazon.com/ram/latest/userguide/create-customer-managed-permissions.html

// maxVersions is how many versions a permission may have at a time.
const maxVersions = 5

// createPermissionVersion adds a version, which is the default from now on.
func (s *ram) createPermissionVersion(c *operation.Call, in *CreatePermissionVersionInput) (*CreatePermissionVersionOutput, error) {
	return once(c, apiCreatePermissionVersion.Name, in.ClientToken, in, func() (*CreatePermissionVersionOutput, error) {
		p, err := attachable(c, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		t, _ := typeNamed(p.ResourceType)
		if fault := templateFault(in.PolicyTemplate, t); fault != "" {
			return nil, errMalformedPolicyTemplate("%s %s", textTemplate, fault)
		}
		if len(p.Versions) >= maxVersions {
			return nil, errPermissionVersionsLimitExceeded("The permission %s has %d versions, which are as many as there may be. Delete one of them first.", p.ARN, maxVersions)
		}
		v := sharing.PermissionVersion{Number: p.Last + 1, Template: in.PolicyTemplate, Created: c.Now}
		p.Versions, p.Default, p.Last, p.Updated = append(p.Versions, v), v.Number, v.Number, c.Now
		if err := p.Put(c); err != nil {
			return nil, err
		}
		detail, err := describe(c, p, v.Number)
		return &CreatePermissionVersionOutput{Permission: detail, ClientToken: in.ClientToken}, err
	})
}

func (s *ram) listPermissionVersions(c *operation.Call, in *ListPermissionVersionsInput) (*ListPermissionVersionsOutput, error) {
	p, err := readPermission(c, in.PermissionARN)
	if err != nil {
		return nil, err
	}
	page, err := page(apiListPermissionVersions.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceSharePermissionSummary], error] {
		return func(yield func(operation.Keyed[ResourceSharePermissionSummary], error) bool) {
			for _, v := range p.Versions {
				key := fmt.Sprintf("%020d", v.Number)
				if key <= after {
					continue
				}
				item, err := summarize(c, p, v.Number)
				if !yield(operation.Keyed[ResourceSharePermissionSummary]{Key: key, Item: item}, err) {
					return
				}
			}
		}
	})
	return &ListPermissionVersionsOutput{Permissions: page.Items, NextToken: page.Next}, err
}

func (s *ram) setDefaultPermissionVersion(c *operation.Call, in *SetDefaultPermissionVersionInput) (*SetDefaultPermissionVersionOutput, error) {
	return once(c, apiSetDefaultPermissionVersion.Name, in.ClientToken, in, func() (*SetDefaultPermissionVersionOutput, error) {
		p, err := attachable(c, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		if _, err := versionOf(p, in.PermissionVersion); err != nil {
			return nil, err
		}
		p.Default, p.Updated = in.PermissionVersion, c.Now
		return &SetDefaultPermissionVersionOutput{ReturnValue: new(true), ClientToken: in.ClientToken}, p.Put(c)
	})
}

func (s *ram) deletePermissionVersion(c *operation.Call, in *DeletePermissionVersionInput) (*DeletePermissionVersionOutput, error) {
	return once(c, apiDeletePermissionVersion.Name, in.ClientToken, in, func() (*DeletePermissionVersionOutput, error) {
		p, err := attachable(c, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		v, err := versionOf(p, in.PermissionVersion)
		if err != nil {
			return nil, err
		}
		if v.Number == p.Default {
			return nil, errOperationNotPermitted("Version %d is the default version of permission %s.", v.Number, p.ARN)
		}
		for share, err := range usersOf(c, p, "") {
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
