package iam

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/wire"
)

// credentialOperations are the rows of passwords, MFA devices, certificates, SSH keys and
// credentials of single services.
func credentialOperations(w *wire.Service) []operation.Operation {
	return []operation.Operation{
		operation.Row(w, apiCreateLoginProfile, operation.Write, onSelf(func(in *CreateLoginProfileInput) *string { return in.UserName }), createLoginProfile),
		operation.Row(w, apiGetLoginProfile, operation.Read, onSelf(func(in *GetLoginProfileInput) *string { return in.UserName }), getLoginProfile),
		operation.Row(w, apiUpdateLoginProfile, operation.Write, onUser(func(in *UpdateLoginProfileInput) string { return in.UserName }), updateLoginProfile),
		operation.Row(w, apiDeleteLoginProfile, operation.Write, onSelf(func(in *DeleteLoginProfileInput) *string { return in.UserName }), deleteLoginProfile),
		operation.Row(w, apiChangePassword, operation.Write, onOwnPassword, changePassword),
		operation.Row(w, apiUpdateAccountPasswordPolicy, operation.Write, operation.OnAll, updateAccountPasswordPolicy),
		operation.Row(w, apiGetAccountPasswordPolicy, operation.Read, operation.OnAll, getAccountPasswordPolicy),
		operation.Row(w, apiDeleteAccountPasswordPolicy, operation.Write, operation.OnAll, deleteAccountPasswordPolicy),

		operation.Row(w, apiCreateVirtualMFADevice, operation.Write, onNew(identity.MFAKind, func(in *CreateVirtualMFADeviceInput) *string { return in.Path }, func(in *CreateVirtualMFADeviceInput) string { return in.VirtualMFADeviceName }, tagging(func(in *CreateVirtualMFADeviceInput) []Tag { return in.Tags })), createVirtualMFADevice),
		operation.Row(w, apiDeleteVirtualMFADevice, operation.Write, onARN(func(in *DeleteVirtualMFADeviceInput) string { return in.SerialNumber }), deleteVirtualMFADevice),
		operation.Row(w, apiListVirtualMFADevices, operation.Read, operation.OnAll, listVirtualMFADevices),
		operation.Row(w, apiEnableMFADevice, operation.Write, onUser(func(in *EnableMFADeviceInput) string { return in.UserName }), enableMFADevice),
		operation.Row(w, apiResyncMFADevice, operation.Write, onUser(func(in *ResyncMFADeviceInput) string { return in.UserName }), resyncMFADevice),
		operation.Row(w, apiDeactivateMFADevice, operation.Write, onSelf(func(in *DeactivateMFADeviceInput) *string { return in.UserName }), deactivateMFADevice),
		operation.Row(w, apiGetMFADevice, operation.Read, onSelf(func(in *GetMFADeviceInput) *string { return in.UserName }), getMFADevice),
		operation.Row(w, apiListMFADevices, operation.Read, onSelf(func(in *ListMFADevicesInput) *string { return in.UserName }), listMFADevices),
		operation.Row(w, apiTagMFADevice, operation.Write, onARN(func(in *TagMFADeviceInput) string { return in.SerialNumber }, tagging(func(in *TagMFADeviceInput) []Tag { return in.Tags })), tag[*TagMFADeviceInput, TagMFADeviceOutput](findMFADeviceARN, func(in *TagMFADeviceInput) string { return in.SerialNumber }, func(in *TagMFADeviceInput) []Tag { return in.Tags })),
		operation.Row(w, apiUntagMFADevice, operation.Write, onARN(func(in *UntagMFADeviceInput) string { return in.SerialNumber }, untagging(func(in *UntagMFADeviceInput) []string { return in.TagKeys })), untag[*UntagMFADeviceInput, UntagMFADeviceOutput](findMFADeviceARN, func(in *UntagMFADeviceInput) string { return in.SerialNumber }, func(in *UntagMFADeviceInput) []string { return in.TagKeys })),
		operation.Row(w, apiListMFADeviceTags, operation.Read, onARN(func(in *ListMFADeviceTagsInput) string { return in.SerialNumber }), listMFADeviceTags),

		operation.Row(w, apiUploadServerCertificate, operation.Write, onNew(identity.ServerCertificateKind, func(in *UploadServerCertificateInput) *string { return in.Path }, func(in *UploadServerCertificateInput) string { return in.ServerCertificateName }, tagging(func(in *UploadServerCertificateInput) []Tag { return in.Tags })), uploadServerCertificate),
		operation.Row(w, apiGetServerCertificate, operation.Read, onCertificate(func(in *GetServerCertificateInput) string { return in.ServerCertificateName }), getServerCertificate),
		operation.Row(w, apiListServerCertificates, operation.Read, operation.OnAll, listServerCertificates),
		operation.Row(w, apiUpdateServerCertificate, operation.Write, onCertificate(func(in *UpdateServerCertificateInput) string { return in.ServerCertificateName }), updateServerCertificate),
		operation.Row(w, apiDeleteServerCertificate, operation.Write, onCertificate(func(in *DeleteServerCertificateInput) string { return in.ServerCertificateName }), deleteServerCertificate),
		operation.Row(w, apiTagServerCertificate, operation.Write, onCertificate(func(in *TagServerCertificateInput) string { return in.ServerCertificateName }, tagging(func(in *TagServerCertificateInput) []Tag { return in.Tags })), tag[*TagServerCertificateInput, TagServerCertificateOutput](findServerCertificateARN, func(in *TagServerCertificateInput) string { return in.ServerCertificateName }, func(in *TagServerCertificateInput) []Tag { return in.Tags })),
		operation.Row(w, apiUntagServerCertificate, operation.Write, onCertificate(func(in *UntagServerCertificateInput) string { return in.ServerCertificateName }, untagging(func(in *UntagServerCertificateInput) []string { return in.TagKeys })), untag[*UntagServerCertificateInput, UntagServerCertificateOutput](findServerCertificateARN, func(in *UntagServerCertificateInput) string { return in.ServerCertificateName }, func(in *UntagServerCertificateInput) []string { return in.TagKeys })),
		operation.Row(w, apiListServerCertificateTags, operation.Read, onCertificate(func(in *ListServerCertificateTagsInput) string { return in.ServerCertificateName }), listServerCertificateTags),

		operation.Row(w, apiUploadSigningCertificate, operation.Write, onSelf(func(in *UploadSigningCertificateInput) *string { return in.UserName }), uploadSigningCertificate),
		operation.Row(w, apiListSigningCertificates, operation.Read, onSelf(func(in *ListSigningCertificatesInput) *string { return in.UserName }), listSigningCertificates),
		operation.Row(w, apiUpdateSigningCertificate, operation.Write, onSelf(func(in *UpdateSigningCertificateInput) *string { return in.UserName }), updateSigningCertificate),
		operation.Row(w, apiDeleteSigningCertificate, operation.Write, onSelf(func(in *DeleteSigningCertificateInput) *string { return in.UserName }), deleteSigningCertificate),
		operation.Row(w, apiUploadSSHPublicKey, operation.Write, onUser(func(in *UploadSSHPublicKeyInput) string { return in.UserName }), uploadSSHPublicKey),
		operation.Row(w, apiGetSSHPublicKey, operation.Read, onUser(func(in *GetSSHPublicKeyInput) string { return in.UserName }), getSSHPublicKey),
		operation.Row(w, apiListSSHPublicKeys, operation.Read, onSelf(func(in *ListSSHPublicKeysInput) *string { return in.UserName }), listSSHPublicKeys),
		operation.Row(w, apiUpdateSSHPublicKey, operation.Write, onUser(func(in *UpdateSSHPublicKeyInput) string { return in.UserName }), updateSSHPublicKey),
		operation.Row(w, apiDeleteSSHPublicKey, operation.Write, onUser(func(in *DeleteSSHPublicKeyInput) string { return in.UserName }), deleteSSHPublicKey),

		operation.Row(w, apiCreateServiceSpecificCredential, operation.Write, onNewCredential, createServiceSpecificCredential),
		operation.Row(w, apiListServiceSpecificCredentials, operation.Read, onCredentialsListed, listServiceSpecificCredentials),
		operation.Row(w, apiUpdateServiceSpecificCredential, operation.Write, onCredential(func(in *UpdateServiceSpecificCredentialInput) *string { return in.UserName }, func(in *UpdateServiceSpecificCredentialInput) string { return in.ServiceSpecificCredentialID }), updateServiceSpecificCredential),
		operation.Row(w, apiResetServiceSpecificCredential, operation.Write, onCredential(func(in *ResetServiceSpecificCredentialInput) *string { return in.UserName }, func(in *ResetServiceSpecificCredentialInput) string { return in.ServiceSpecificCredentialID }), resetServiceSpecificCredential),
		operation.Row(w, apiDeleteServiceSpecificCredential, operation.Write, onCredential(func(in *DeleteServiceSpecificCredentialInput) *string { return in.UserName }, func(in *DeleteServiceSpecificCredentialInput) string { return in.ServiceSpecificCredentialID }), deleteServiceSpecificCredential),
	}
}
