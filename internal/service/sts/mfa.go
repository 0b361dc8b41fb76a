package sts

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// acceptCode checks the one-time code of a request with the caller's device. It returns the updated device,
// or nil if the request has no code.
func acceptCode(c *operation.Call, serial, code *string) (*identity.MFADevice, error) {
	switch {
	case serial == nil && code == nil:
		return nil, nil
	case serial == nil || code == nil:
		return nil, denied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	d, err := identity.ReadMFADevice(c.Tx, *serial)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if owner := c.Caller.MFAOwner(); err != nil || owner == "" || d.Owner != owner {
		return nil, denied("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	}
	ok, err := d.Accept(c.Directory.Sealer, *code, c.Now)
	if err == nil && !ok {
		err = denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	return &d, err
}

// useCode is acceptCode in a handler: it also stores the device, so that the code cannot be used again.
func useCode(c *operation.Call, serial, code *string) (used bool, err error) {
	d, err := acceptCode(c, serial, code)
	if err != nil || d == nil {
		return false, err
	}
	return true, identity.PutMFADevice(c.Tx, *d, c.Now)
}

// onRoleWithMFA is onRole with a check of the one-time code, which the trust policy may require.
func onRoleWithMFA(c *operation.Call, in *AssumeRoleInput) (authz.Target, error) {
	d, err := acceptCode(c, in.SerialNumber, in.TokenCode)
	if err != nil {
		return authz.Target{}, err
	}
	t, err := onRole(c, in)
	if err == nil && d != nil {
		t.Keys["aws:MultiFactorAuthPresent"] = []string{"true"}
		t.Keys["aws:MultiFactorAuthAge"] = []string{"0"}
	}
	return t, err
}
