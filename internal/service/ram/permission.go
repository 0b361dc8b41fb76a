package ram

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// A managed permission defines what a share allows on the resources of one type. It is
// managed by AWS or by a customer. For a resource-based policy that no permission
// matches, one of feature set CREATED_FROM_POLICY is created.
// https://docs.aws.amazon.com/ram/latest/userguide/security-ram-permissions.html

// maxPermissions is the quota of customer managed permissions of an account for one
// resource type in a region. The quota of 1,500 for all types cannot be reached with
// the types that Writ serves.
// https://docs.aws.amazon.com/ram/latest/userguide/what-is-limits.html
const maxPermissions = 10

// textMalformedTemplate is the text of the model for a MalformedPolicyTemplateException.
const textMalformedTemplate = "The operation failed because the policy template that you provided isn't valid."

func (s *ram) createPermission(c *operation.Call, in *CreatePermissionInput) (*CreatePermissionOutput, error) {
	return idempotent(c, apiCreatePermission.Name, in.ClientToken, in, func() (*CreatePermissionOutput, error) {
		t, ok := findResourceType(in.ResourceType)
		if !ok || t.Name != in.ResourceType {
			return nil, errInvalidParameter("Invalid resource type: %s", in.ResourceType)
		}
		if err := validateTemplate(in.PolicyTemplate, t); err != nil {
			return nil, errMalformedPolicyTemplate("%s %s", textMalformedTemplate, err)
		}
		p, err := createCustomerPermission(c, in.Name, t.Name, in.PolicyTemplate)
		if err != nil {
			return nil, err
		}
		if err := setTags(c, p.ARN, in.Tags); err != nil {
			return nil, err
		}
		summary, err := permissionSummary(c, p, p.Default)
		return &CreatePermissionOutput{Permission: &summary, ClientToken: in.ClientToken}, err
	})
}

// createCustomerPermission creates a customer managed permission of the caller's
// account. Its name must be free.
func createCustomerPermission(c *operation.Call, id, resourceType, template string) (*sharing.Permission, error) {
	p := &sharing.Permission{
		ARN: newName(c, permissionType, id).String(), Owner: c.Account(), Region: c.Region, Name: id, ResourceType: resourceType,
		FeatureSet: sharing.Standard, Default: 1,
		Last: 1, Versions: []sharing.PermissionVersion{{Number: 1, Template: template, Created: c.Now}},
		Created: c.Now, Updated: c.Now,
	}
	switch _, err := sharing.ReadPermission(c.Tx, p.ARN); {
	case err == nil:
		return nil, errPermissionAlreadyExists("A permission with the name %s already exists.", id)
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	count := 0
	for other, err := range sharing.PermissionsOf(c.Tx, c.Account(), c.Region, "") {
		if err != nil {
			return nil, err
		}
		// Permissions created from policies do not count, because customers cannot delete them.
		if other.ResourceType == resourceType && other.FeatureSet == sharing.Standard {
			count++
		}
	}
	if count >= maxPermissions {
		return nil, errPermissionLimitExceeded("You can have at most %d customer managed permissions for %s in a Region.", maxPermissions, resourceType)
	}
	return p, p.Put(c)
}

func (s *ram) getPermission(c *operation.Call, in *GetPermissionInput) (*GetPermissionOutput, error) {
	p, err := readPermission(c, in.PermissionARN)
	if err != nil {
		return nil, err
	}
	number := p.Default
	if in.PermissionVersion != nil {
		number = *in.PermissionVersion
	}
	detail, err := permissionDetail(c, p, number)
	return &GetPermissionOutput{Permission: detail}, err
}

// listPermissions lists the AWS managed permissions and those of the caller's account,
// in the order of their ARNs.
func (s *ram) listPermissions(c *operation.Call, in *ListPermissionsInput) (*ListPermissionsOutput, error) {
	resourceType, err := parseResourceType(in.ResourceType)
	if err != nil {
		return nil, err
	}
	filter := PermissionTypeFilterAll
	if in.PermissionType != nil {
		filter = *in.PermissionType
	}
	page, err := paginate(apiListPermissions.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceSharePermissionSummary], error] {
		return convertItems(visiblePermissions(c, filter, after), func(p *sharing.Permission) (operation.Keyed[ResourceSharePermissionSummary], bool, error) {
			if resourceType != "" && p.ResourceType != resourceType {
				return operation.Keyed[ResourceSharePermissionSummary]{}, false, nil
			}
			item, err := permissionSummary(c, p, p.Default)
			return operation.Keyed[ResourceSharePermissionSummary]{Key: p.ARN, Item: item}, true, err
		})
	})
	return &ListPermissionsOutput{Permissions: page.Items, NextToken: page.Next}, err
}

// visiblePermissions yields the AWS managed permissions, those of the caller's account
// in the region, or both, by ARN. The ARNs of the former sort first.
func visiblePermissions(c *operation.Call, filter PermissionTypeFilter, after string) iter.Seq2[*sharing.Permission, error] {
	managed := filter != PermissionTypeFilterCustomerManaged && filter != PermissionTypeFilterLocal
	own := filter != PermissionTypeFilterAwsManaged && filter != PermissionTypeFilterAws
	return func(yield func(*sharing.Permission, error) bool) {
		if managed {
			for _, p := range awsManagedPermissions() {
				if p.ARN > after && !yield(&p, nil) {
					return
				}
			}
		}
		if own {
			for p, err := range sharing.PermissionsOf(c.Tx, c.Account(), c.Region, after) {
				if !yield(p, err) {
					return
				}
			}
		}
	}
}

// awsManagedPermissions returns the AWS managed permissions, by ARN.
func awsManagedPermissions() []sharing.Permission {
	var list []sharing.Permission
	for _, t := range sharing.ResourceTypes() {
		list = append(list, t.Managed...)
	}
	slices.SortFunc(list, func(a, b sharing.Permission) int { return strings.Compare(a.ARN, b.ARN) })
	return list
}

func (s *ram) deletePermission(c *operation.Call, in *DeletePermissionInput) (*DeletePermissionOutput, error) {
	return idempotent(c, apiDeletePermission.Name, in.ClientToken, in, func() (*DeletePermissionOutput, error) {
		p, err := readStandardPermission(c, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		for _, err := range p.UsedBy(c.Tx, "") {
			if err == nil {
				err = errOperationNotPermitted("The permission %s is attached to a resource share.", p.ARN)
			}
			return nil, err
		}
		return &DeletePermissionOutput{
			ReturnValue: new(true), PermissionStatus: new(PermissionStatusDeleted), ClientToken: in.ClientToken,
		}, p.Delete(c)
	})
}
