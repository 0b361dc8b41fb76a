package ram

import (
	"regexp"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// permissionName matches names of permissions.
var permissionName = regexp.MustCompile(`^[\w.-]{1,36}$`)

// promotePermissionCreatedFromPolicy creates a customer managed permission from one
// that was created from a policy. The original exists as long as a share uses it.
func (s *ram) promotePermissionCreatedFromPolicy(c *operation.Call, in *PromotePermissionCreatedFromPolicyInput) (*PromotePermissionCreatedFromPolicyOutput, error) {
	return idempotent(c, apiPromotePermissionCreatedFromPolicy.Name, in.ClientToken, in, func() (*PromotePermissionCreatedFromPolicyOutput, error) {
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
		v, err := findVersion(p, p.Default)
		if err != nil {
			return nil, err
		}
		t, _ := findResourceType(p.ResourceType)
		if err := validateTemplate(v.Template, t); err != nil {
			return nil, errInvalidPolicy("The policy that the permission was created from can't be managed in RAM: %s", err)
		}
		promoted, err := createCustomerPermission(c, in.Name, p.ResourceType, v.Template)
		if err != nil {
			return nil, err
		}
		summary, err := permissionSummary(c, promoted, promoted.Default)
		summary.FeatureSet = new(PermissionFeatureSetPromotingToStandard) // as AWS returns it; the next read returns STANDARD
		return &PromotePermissionCreatedFromPolicyOutput{Permission: &summary, ClientToken: in.ClientToken}, err
	})
}
