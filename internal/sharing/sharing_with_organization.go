package sharing

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// RAM itself stores whether the accounts of an organization share with each other without
// invitations: trusted access that was enabled through Organizations only does not enable
// sharing.
// https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html#getting-started-sharing-orgs

// sharingARN is the row that exists while sharing with an organization is enabled.
func sharingARN(organizationID string) string {
	return "arn:aws:ram:::sharing-with-organization/" + organizationID
}

// SharingWithOrganization reports whether sharing with an organization is enabled; false
// for "".
func SharingWithOrganization(tx *store.Tx, organizationID string) (bool, error) {
	_, err := tx.Resource(sharingARN(organizationID))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// EnableSharingWithOrganization enables sharing with an organization.
func EnableSharingWithOrganization(c *operation.Call, organizationID string) error {
	r, err := operation.Record(c, store.Resource{
		ARN: sharingARN(organizationID), Service: ramService, Type: "sharing-with-organization", Account: c.Account(), Name: organizationID,
	}, struct{}{})
	if err != nil {
		return err
	}
	return c.Tx.PutResource(r)
}

// DisableSharingWithOrganization disables it. Shares are not changed.
func DisableSharingWithOrganization(c *operation.Call, organizationID string) error {
	err := c.Tx.DeleteResource(sharingARN(organizationID))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
