package kms

import "github.com/writdev/writ/internal/service"

// kms has the handlers as its methods. All its state is in the store.
type kms struct{}

// New makes the service.
func New() *service.Service {
	s := &kms{}
	w := api
	const (
		read  = service.Read
		write = service.Write
		owner = service.OwnerWrite
	)
	reEncrypt := service.Row(&w, apiReEncrypt, read, s.source, s.reEncrypt)
	reEncrypt.Action = "kms:" + reEncryptFrom // and the handler asks for ReEncryptTo
	return &service.Service{
		API:      &w,
		NotOwner: notOwner(),
		Operations: []service.Operation{
			service.Row(&w, apiCreateKey, write, s.newKey, s.createKey),
			service.Row(&w, apiDescribeKey, write, s.described, s.describeKey), // it may make an AWS managed key
			service.Row(&w, apiListKeys, read, service.OnAll, s.listKeys),
			service.Row(&w, apiUpdateKeyDescription, owner, ownKey(apiUpdateKeyDescription, func(in *UpdateKeyDescriptionInput) string { return in.KeyID }), s.updateKeyDescription),
			service.Row(&w, apiEnableKey, owner, ownKey(apiEnableKey, func(in *EnableKeyInput) string { return in.KeyID }), s.enableKey),
			service.Row(&w, apiDisableKey, owner, ownKey(apiDisableKey, func(in *DisableKeyInput) string { return in.KeyID }), s.disableKey),
			service.Row(&w, apiScheduleKeyDeletion, owner, s.scheduled, s.scheduleKeyDeletion),
			service.Row(&w, apiCancelKeyDeletion, owner, ownKey(apiCancelKeyDeletion, func(in *CancelKeyDeletionInput) string { return in.KeyID }), s.cancelKeyDeletion),

			service.Row(&w, apiPutKeyPolicy, owner, s.policied, s.putKeyPolicy),
			service.Row(&w, apiGetKeyPolicy, read, ownKey(apiGetKeyPolicy, func(in *GetKeyPolicyInput) string { return in.KeyID }), s.getKeyPolicy),
			service.Row(&w, apiListKeyPolicies, read, ownKey(apiListKeyPolicies, func(in *ListKeyPoliciesInput) string { return in.KeyID }), s.listKeyPolicies),

			service.Row(&w, apiEncrypt, read, s.encrypted, s.encrypt),
			service.Row(&w, apiDecrypt, read, s.decrypted, s.decrypt),
			reEncrypt,
			service.Row(&w, apiGenerateDataKey, read, s.dataKey, s.generateDataKey),
			service.Row(&w, apiGenerateDataKeyWithoutPlaintext, read, s.dataKeyWithoutPlaintext, s.generateDataKeyWithoutPlaintext),
			service.Row(&w, apiGenerateRandom, read, service.OnAll, s.generateRandom),

			service.Row(&w, apiCreateAlias, write, alias(func(in *CreateAliasInput) string { return in.AliasName }), s.createAlias),
			service.Row(&w, apiUpdateAlias, write, alias(func(in *UpdateAliasInput) string { return in.AliasName }), s.updateAlias),
			service.Row(&w, apiDeleteAlias, write, alias(func(in *DeleteAliasInput) string { return in.AliasName }), s.deleteAlias),
			service.Row(&w, apiListAliases, read, service.OnAll, s.listAliases),

			service.Row(&w, apiCreateGrant, write, s.granted, s.createGrant),
			service.Row(&w, apiListGrants, read, s.grantsListed, s.listGrants),
			service.Row(&w, apiRevokeGrant, write, s.revoked, s.revokeGrant),
			service.Row(&w, apiRetireGrant, write, s.retired, s.retireGrant),
			service.Row(&w, apiListRetirableGrants, read, service.OnAll, s.listRetirableGrants),

			service.Row(&w, apiEnableKeyRotation, owner, s.rotating, s.enableKeyRotation),
			service.Row(&w, apiDisableKeyRotation, owner, ownKey(apiDisableKeyRotation, func(in *DisableKeyRotationInput) string { return in.KeyID }), s.disableKeyRotation),
			service.Row(&w, apiGetKeyRotationStatus, read, s.rotationAsked, s.getKeyRotationStatus),
			service.Row(&w, apiRotateKeyOnDemand, owner, ownKey(apiRotateKeyOnDemand, func(in *RotateKeyOnDemandInput) string { return in.KeyID }), s.rotateKeyOnDemand),
			service.Row(&w, apiListKeyRotations, read, ownKey(apiListKeyRotations, func(in *ListKeyRotationsInput) string { return in.KeyID }), s.listKeyRotations),

			service.Row(&w, apiTagResource, owner, s.tagged, s.tagResource),
			service.Row(&w, apiUntagResource, owner, s.untagged, s.untagResource),
			service.Row(&w, apiListResourceTags, read, ownKey(apiListResourceTags, func(in *ListResourceTagsInput) string { return in.KeyID }), s.listResourceTags),
		},
	}
}
