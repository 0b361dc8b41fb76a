package ram

import (
	"errors"
	"fmt"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// The service principal of RAM and the name of its service-linked role.
const (
	servicePrincipal = "ram.amazonaws.com"
	serviceRole      = "AWSServiceRoleForResourceAccessManager"
)

// enableSharingWithAwsOrganization allows the accounts of the caller's organization to
// share without invitations. Only the management account may call it.
// https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html#getting-started-sharing-orgs
func (s *ram) enableSharingWithAwsOrganization(c *operation.Call, _ *EnableSharingWithAwsOrganizationInput) (*EnableSharingWithAwsOrganizationOutput, error) {
	org, err := identity.ReadOrganization(c.Tx, c.Account())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err != nil || org.Management != c.Account() {
		return nil, errOperationNotPermitted(textEnableSharing)
	}
	if err := createServiceRole(c); err != nil {
		return nil, err
	}
	if _, trusted := org.Services[servicePrincipal]; !trusted {
		if org.Services == nil {
			org.Services = map[string]time.Time{}
		}
		org.Services[servicePrincipal] = c.Now
		if err := identity.PutOrganization(c.Tx, org, c.Now); err != nil {
			return nil, err
		}
	}
	return &EnableSharingWithAwsOrganizationOutput{ReturnValue: new(true)}, sharing.EnableSharingWithOrganization(c, org.ID)
}

// createServiceRole creates the service-linked role with which RAM reads the
// organization, unless it exists.
func createServiceRole(c *operation.Call) error {
	role := identity.NewRole(c.Partition, c.Account(), "/aws-service-role/"+servicePrincipal+"/", serviceRole)
	taken, err := identity.NameTaken(c.Tx, identity.RoleKind, c.Partition, c.Account(), serviceRole)
	if err != nil || taken {
		return err
	}
	role.CreatedAt = c.Now
	role.Service = servicePrincipal
	role.TrustPolicy = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":[%q]},"Action":["sts:AssumeRole"]}]}`, servicePrincipal)
	return identity.PutRole(c.Tx, role, c.Now)
}
