package ram

import (
	"errors"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// Permissions say what a share allows on the resources of one type. AWS manages
// some, customers make more, and a policy that says something else than any of
// them has one made for it, of feature set CREATED_FROM_POLICY.
// https://docs.aws.amazon.com/ram/latest/userguide/security-ram-permissions.html

// maxPermissions is how many permissions an account may make for a resource type
// in a region. All types together, it may make 1,500, which are more.
// https://docs.aws.amazon.com/ram/latest/userguide/what-is-limits.html
const maxPermissions = 10

// textTemplate is the model's text for a MalformedPolicyTemplateException.
const textTemplate = "The operation failed because the policy template that you provided isn't valid."

func (s *ram) createPermission(c *operation.Call, in *CreatePermissionInput) (*CreatePermissionOutput, error) {
	return once(c, apiCreatePermission.Name, in.ClientToken, in, func() (*CreatePermissionOutput, error) {
		t, ok := typeNamed(in.ResourceType)
		if !ok || t.Name != in.ResourceType {
			return nil, errInvalidParameter("Invalid resource type: %s", in.ResourceType)
		}
		if fault := templateFault(in.PolicyTemplate, t); fault != "" {
			return nil, errMalformedPolicyTemplate("%s %s", textTemplate, fault)
		}
		p, err := makePermission(c, in.Name, t.Name, in.PolicyTemplate)
		if err != nil {
			return nil, err
		}
		if err := setTags(c, p.ARN, in.Tags); err != nil {
			return nil, err
		}
		summary, err := summarize(c, p, p.Default)
		return &CreatePermissionOutput{Permission: &summary, ClientToken: in.ClientToken}, err
	})
}

// makePermission makes a permission of the caller's, whose name is free.
func makePermission(c *operation.Call, id, resourceType, template string) (*sharing.Permission, error) {
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
	made := 0
	for other, err := range sharing.PermissionsOf(c.Tx, c.Account(), c.Region, "") {
		if err != nil {
			return nil, err
		}
		// What policies had made is not counted: nobody could delete it.
		if other.ResourceType == resourceType && other.FeatureSet == sharing.Standard {
			made++
		}
	}
	if made >= maxPermissions {
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
	detail, err := describe(c, p, number)
	return &GetPermissionOutput{Permission: detail}, err
}

// listPermissions lists those that AWS manages and the caller's own, in the
// order of their ARNs, which is that order.
func (s *ram) listPermissions(c *operation.Call, in *ListPermissionsInput) (*ListPermissionsOutput, error) {
	resourceType := ""
	if in.ResourceType != nil {
		t, ok := typeNamed(*in.ResourceType)
		if !ok {
			return nil, errInvalidParameter("Invalid resource type: %s", *in.ResourceType)
		}
		resourceType = t.Name
	}
	managed, own := true, true
	if in.PermissionType != nil {
		managed = *in.PermissionType != PermissionTypeFilterCustomerManaged && *in.PermissionType != PermissionTypeFilterLocal
		own = *in.PermissionType != PermissionTypeFilterAwsManaged && *in.PermissionType != PermissionTypeFilterAws
	}
	page, err := page(apiListPermissions.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceSharePermissionSummary], error] {
		return view(permissions(c, managed, own, after), func(p *sharing.Permission) (operation.Keyed[ResourceSharePermissionSummary], bool, error) {
			if resourceType != "" && p.ResourceType != resourceType {
				return operation.Keyed[ResourceSharePermissionSummary]{}, false, nil
			}
			item, err := summarize(c, p, p.Default)
			return operation.Keyed[ResourceSharePermissionSummary]{Key: p.ARN, Item: item}, true, err
		})
	})
	return &ListPermissionsOutput{Permissions: page.Items, NextToken: page.Next}, err
}

// permissions yields the permissions that AWS manages, those of the caller's
// account in the region, or both, by ARN.
func permissions(c *operation.Call, managed, own bool, after string) iter.Seq2[*sharing.Permission, error] {
	return func(yield func(*sharing.Permission, error) bool) {
		if managed {
			for _, p := range awsPermissions() {
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

// awsPermissions are all that AWS manages, by ARN.
func awsPermissions() []sharing.Permission {
	var list []sharing.Permission
	for _, t := range sharing.ResourceTypes() {
		list = append(list, t.Managed...)
	}
	slices.SortFunc(list, func(a, b sharing.Permission) int { return strings.Compare(a.ARN, b.ARN) })
	return list
}

func (s *ram) deletePermission(c *operation.Call, in *DeletePermissionInput) (*DeletePermissionOutput, error) {
	return once(c, apiDeletePermission.Name, in.ClientToken, in, func() (*DeletePermissionOutput, error) {
		p, err := attachable(c, in.PermissionARN)
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

// permissionName is the form of a permission's name.
var permissionName = regexp.MustCompile(`^[\w.-]{1,36}$`)

// promotePermissionCreatedFromPolicy makes a permission to manage that says the
// same as one that was made for a policy. That one stays for as long as a share
// uses it.
func (s *ram) promotePermissionCreatedFromPolicy(c *operation.Call, in *PromotePermissionCreatedFromPolicyInput) (*PromotePermissionCreatedFromPolicyOutput, error) {
	return once(c, apiPromotePermissionCreatedFromPolicy.Name, in.ClientToken, in, func() (*PromotePermissionCreatedFromPolicyOutput, error) {
		if !permissionName.MatchString(in.Name) {
			return nil, errInvalidParameter("The name %s is not valid: it must have 1 to 36 letters, digits, periods, hyphens and underscores.", in.Name)
		}
		p, err := readPermission(c, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		if p.FeatureSet != sharing.CreatedFromPolicy {
			return nil, errOperationNotPermitted("The permission %s was not created from a resource-based policy.", p.ARN)
		}
		v, err := versionOf(p, p.Default)
		if err != nil {
			return nil, err
		}
		t, _ := typeNamed(p.ResourceType)
		if fault := templateFault(v.Template, t); fault != "" {
			return nil, errInvalidPolicy("The policy that the permission was created from can't be managed in RAM: %s", fault)
		}
		promoted, err := makePermission(c, in.Name, p.ResourceType, v.Template)
		if err != nil {
			return nil, err
		}
		summary, err := summarize(c, promoted, promoted.Default)
		summary.FeatureSet = new(PermissionFeatureSetPromotingToStandard) // as the answer of AWS shows it; it is STANDARD at the next read
		return &PromotePermissionCreatedFromPolicyOutput{Permission: &summary, ClientToken: in.ClientToken}, err
	})
}
