package iam

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"rsc.io/qr"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

const maxMFADevices = 8 // of one user

// findMFADevice reads a device of the caller's account by its serial number.
func findMFADevice(c *operation.Call, serial string) (identity.MFADevice, error) {
	d, err := identity.ReadMFADevice(c.Tx, serial)
	if isNotFound(err) || err == nil && d.Account != c.Account() {
		return d, errNoSuchEntity("MFA Device with serial number %s does not exist.", serial)
	}
	return d, err
}

func createVirtualMFADevice(c *operation.Call, in *CreateVirtualMFADeviceInput) (*CreateVirtualMFADeviceOutput, error) {
	d, seed := identity.NewMFADevice(c.Directory.Sealer, c.Partition, c.Account(), pathOr(in.Path), in.VirtualMFADeviceName)
	d.CreatedAt = c.Now
	switch _, err := c.Tx.Resource(d.ARN); {
	case err == nil:
		return nil, errEntityAlreadyExists("MFA device already exists.")
	case !isNotFound(err):
		return nil, err
	}
	if err := identity.PutMFADevice(c.Tx, d, c.Now); err != nil {
		return nil, err
	}
	if err := setTags(c, d.ARN, in.Tags); err != nil {
		return nil, err
	}
	image, err := qrCode(d, seed)
	return &CreateVirtualMFADeviceOutput{VirtualMFADevice: &VirtualMFADevice{
		SerialNumber: d.ARN, Base32StringSeed: []byte(seed), QRCodePNG: image, Tags: in.Tags,
	}}, err
}

// qrCode is a picture of the seed, as authenticator apps read it.
// https://github.com/google/google-authenticator/wiki/Key-Uri-Format
func qrCode(d identity.MFADevice, seed string) ([]byte, error) {
	label := url.PathEscape("Amazon Web Services:" + d.Name + "@" + d.Account)
	code, err := qr.Encode("otpauth://totp/"+label+"?secret="+seed+"&issuer=Amazon%20Web%20Services", qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw QR code of %s: %w", d.ARN, err)
	}
	return code.PNG(), nil
}

func deleteVirtualMFADevice(c *operation.Call, in *DeleteVirtualMFADeviceInput) (*DeleteVirtualMFADeviceOutput, error) {
	d, err := findMFADevice(c, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.Owner != "" {
		return nil, errDeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
	}
	return &DeleteVirtualMFADeviceOutput{}, c.Tx.DeleteResource(d.ARN)
}

func listVirtualMFADevices(c *operation.Call, in *ListVirtualMFADevicesInput) (*ListVirtualMFADevicesOutput, error) {
	var devices []identity.MFADevice
	for r, err := range c.Tx.Resources(entities(c, identity.MFAKind, "/", "", 0)) {
		if err != nil {
			return nil, err
		}
		d, err := decoded(r, same[identity.MFADevice])
		if err != nil {
			return nil, err
		}
		if in.AssignmentStatus == nil || *in.AssignmentStatus == AssignmentStatusTypeAny ||
			(*in.AssignmentStatus == AssignmentStatusTypeAssigned) == (d.Owner != "") {
			devices = append(devices, d)
		}
	}
	p, err := listed(apiListVirtualMFADevices.Name, in.Marker, in.MaxItems, devices, func(d identity.MFADevice) string { return d.ARN },
		func(d identity.MFADevice) (VirtualMFADevice, error) { return virtualView(c, d) })
	if err != nil {
		return nil, err
	}
	return &ListVirtualMFADevicesOutput{VirtualMFADevices: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// virtualView is a device in lists, with its user.
func virtualView(c *operation.Call, d identity.MFADevice) (VirtualMFADevice, error) {
	v := VirtualMFADevice{SerialNumber: d.ARN}
	if d.Owner == "" {
		return v, nil
	}
	v.EnableDate = new(seconds(d.EnabledAt))
	if d.Owner == c.Account() {
		v.User = rootView(c)
		return v, nil
	}
	u, err := userByID(c, d.Owner)
	if err != nil {
		return v, err
	}
	shown, err := userView(u)
	v.User = &shown
	return v, err
}

// rootView is the account's root user.
func rootView(c *operation.Call) *User {
	return &User{
		Path: "/", UserName: c.Account(), UserID: c.Account(), ARN: identity.RootARN(c.Partition, c.Account()), CreateDate: accountsSince,
	}
}

// userByID reads the user with a unique id.
func userByID(c *operation.Call, id string) (identity.User, error) {
	arn, _, err := identity.ResolvePrincipal(c.Tx, c.Partition, id)
	if err != nil {
		return identity.User{}, err
	}
	return identity.ReadUser(c.Tx, arn)
}

// enableMFADevice assigns a device to a user, who proves with two consecutive codes that
// it holds the same secret.
func enableMFADevice(c *operation.Call, in *EnableMFADeviceInput) (*EnableMFADeviceOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	d, err := findMFADevice(c, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.Owner != "" {
		return nil, errEntityAlreadyExists("MFA Device is already in use.")
	}
	devices, err := identity.MFADevicesOf(c.Tx, u.ID)
	if err != nil {
		return nil, err
	}
	if len(devices) >= maxMFADevices {
		return nil, exceeds("MfaDevicesPerUser", maxMFADevices)
	}
	if err := synchronize(c, &d, in.AuthenticationCode1, in.AuthenticationCode2); err != nil {
		return nil, err
	}
	d.Owner, d.EnabledAt = u.ID, c.Now
	return &EnableMFADeviceOutput{}, identity.PutMFADevice(c.Tx, d, c.Now)
}

func synchronize(c *operation.Call, d *identity.MFADevice, first, second string) error {
	ok, err := d.AcceptPair(c.Directory.Sealer, first, second, c.Now)
	if err == nil && !ok {
		err = errInvalidAuthenticationCode("Authentication code for device is not valid.")
	}
	return err
}

// deviceOf reads a device of a user.
func deviceOf(c *operation.Call, user *string, serial string) (identity.MFADevice, error) {
	h, err := holderOf(c, user)
	if err != nil {
		return identity.MFADevice{}, err
	}
	d, err := findMFADevice(c, serial)
	if err == nil && d.Owner != h.id {
		err = errNoSuchEntity("MFA Device with serial number %s does not exist.", serial)
	}
	return d, err
}

func resyncMFADevice(c *operation.Call, in *ResyncMFADeviceInput) (*ResyncMFADeviceOutput, error) {
	d, err := deviceOf(c, &in.UserName, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if err := synchronize(c, &d, in.AuthenticationCode1, in.AuthenticationCode2); err != nil {
		return nil, err
	}
	return &ResyncMFADeviceOutput{}, identity.PutMFADevice(c.Tx, d, c.Now)
}

func deactivateMFADevice(c *operation.Call, in *DeactivateMFADeviceInput) (*DeactivateMFADeviceOutput, error) {
	d, err := deviceOf(c, in.UserName, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	d.Owner, d.EnabledAt = "", time.Time{}
	return &DeactivateMFADeviceOutput{}, identity.PutMFADevice(c.Tx, d, c.Now)
}

func getMFADevice(c *operation.Call, in *GetMFADeviceInput) (*GetMFADeviceOutput, error) {
	h, err := holderOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	d, err := deviceOf(c, in.UserName, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	return &GetMFADeviceOutput{UserName: &h.name, SerialNumber: d.ARN, EnableDate: new(seconds(d.EnabledAt))}, nil
}

func listMFADevices(c *operation.Call, in *ListMFADevicesInput) (*ListMFADevicesOutput, error) {
	h, err := holderOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	devices, err := identity.MFADevicesOf(c.Tx, h.id)
	if err != nil {
		return nil, err
	}
	p, err := inOrder(apiListMFADevices.Name, in.Marker, in.MaxItems, devices, func(d identity.MFADevice) (MFADevice, error) {
		return MFADevice{UserName: h.name, SerialNumber: d.ARN, EnableDate: seconds(d.EnabledAt)}, nil
	})
	if err != nil {
		return nil, err
	}
	return &ListMFADevicesOutput{MFADevices: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func firstError(errs ...error) error {
	return errs[slices.IndexFunc(errs, func(err error) bool { return err != nil })]
}
