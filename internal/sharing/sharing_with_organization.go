package sharing

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Whether an organization lets its accounts share with each other without
// invitations is RAM's own to know: trusted access that Organizations gives
// without asking RAM leaves sharing off.
// https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html#getting-started-sharing-orgs

// sharingARN is the row that exists while sharing with an organization is on.
func sharingARN(organizationID string) string {
	return "arn:aws:ram:::sharing-with-organization/" + organizationID
}

// SharingWithOrganization reports whether sharing with an organization is on. It
// is off in the organization "".
func SharingWithOrganization(tx *store.Tx, organizationID string) (bool, error) {
	_, err := tx.Resource(sharingARN(organizationID))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// EnableSharingWithOrganization turns sharing with an organization on.
func EnableSharingWithOrganization(c *operation.Call, organizationID string) error {
	r, err := operation.Record(c, store.Resource{
		ARN: sharingARN(organizationID), Service: ramService, Type: "sharing-with-organization", Account: c.Account(), Name: organizationID,
	}, struct{}{})
	if err != nil {
		return err
	}
	return c.Tx.PutResource(r)
}

// DisableSharingWithOrganization turns it off. Shares stay as they are.
func DisableSharingWithOrganization(c *operation.Call, organizationID string) error {
	err := c.Tx.DeleteResource(sharingARN(organizationID))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
