package kms

import (
	_ "embed"

	"github.com/writdev/writ/internal/operation"
)

// actionReference is the service's part of the service authorization reference.
//
//go:embed authorization.json
var actionReference []byte

// kms implements the handlers. It has no state outside the store.
type kms struct{}

// New returns the service.
func New() *operation.Service {
	s := &kms{}
	w := api
	const (
		read  = operation.Read
		write = operation.Write
		owner = operation.OwnerWrite
	)
	reEncrypt := operation.Row(&w, apiReEncrypt, read, s.reEncryptTarget, s.reEncrypt)
	reEncrypt.Action = "kms:" + reEncryptFrom // the handler authorizes ReEncryptTo
	return &operation.Service{
		API:           &w,
		Authorization: actionReference,
		NotOwner:      notOwner(),
		Locate:        locate,
		Operations: []operation.Operation{
			operation.Prepared(operation.Row(&w, apiCreateKey, write, s.newKey, s.createKey), s.prepareKey),
			operation.Row(&w, apiDescribeKey, write, s.describeKeyTarget, s.describeKey), // may create an AWS managed key
			operation.Row(&w, apiListKeys, read, operation.OnAll, s.listKeys),
			operation.Row(&w, apiUpdateKeyDescription, owner, ownKey(apiUpdateKeyDescription, func(in *UpdateKeyDescriptionInput) string { return in.KeyID }), s.updateKeyDescription),
			operation.Row(&w, apiEnableKey, owner, ownKey(apiEnableKey, func(in *EnableKeyInput) string { return in.KeyID }), s.enableKey),
			operation.Row(&w, apiDisableKey, owner, ownKey(apiDisableKey, func(in *DisableKeyInput) string { return in.KeyID }), s.disableKey),
			operation.Row(&w, apiScheduleKeyDeletion, owner, s.scheduleKeyDeletionTarget, s.scheduleKeyDeletion),
			operation.Row(&w, apiCancelKeyDeletion, owner, ownKey(apiCancelKeyDeletion, func(in *CancelKeyDeletionInput) string { return in.KeyID }), s.cancelKeyDeletion),

			operation.Row(&w, apiPutKeyPolicy, owner, s.putKeyPolicyTarget, s.putKeyPolicy),
			operation.Row(&w, apiGetKeyPolicy, read, ownKey(apiGetKeyPolicy, func(in *GetKeyPolicyInput) string { return in.KeyID }), s.getKeyPolicy),
			operation.Row(&w, apiListKeyPolicies, read, ownKey(apiListKeyPolicies, func(in *ListKeyPoliciesInput) string { return in.KeyID }), s.listKeyPolicies),

			operation.Row(&w, apiEncrypt, read, s.encryptKeyTarget, s.encrypt),
			operation.Row(&w, apiDecrypt, read, s.decryptKeyTarget, s.decrypt),
			reEncrypt,
			operation.Row(&w, apiGenerateDataKey, read, s.dataKey, s.generateDataKey),
			operation.Row(&w, apiGenerateDataKeyWithoutPlaintext, read, s.dataKeyWithoutPlaintext, s.generateDataKeyWithoutPlaintext),
			operation.Row(&w, apiGenerateRandom, read, operation.OnAll, s.generateRandom),

			operation.Row(&w, apiGenerateDataKeyPair, read, s.dataKeyPair, s.generateDataKeyPair),
			operation.Row(&w, apiGenerateDataKeyPairWithoutPlaintext, read, s.dataKeyPairWithoutPlaintext, s.generateDataKeyPairWithoutPlaintext),

			operation.Row(&w, apiGetPublicKey, read, s.getPublicKeyTarget, s.getPublicKey),
			operation.Row(&w, apiSign, read, s.signTarget, s.sign),
			operation.Row(&w, apiVerify, read, s.verifyTarget, s.verify),
			operation.Row(&w, apiGenerateMac, read, s.generateMacTarget, s.generateMac),
			operation.Row(&w, apiVerifyMac, read, s.verifyMacTarget, s.verifyMac),
			operation.Row(&w, apiDeriveSharedSecret, read, s.deriveTarget, s.deriveSharedSecret),

			operation.Row(&w, apiGetParametersForImport, read, s.getParametersForImportTarget, s.getParametersForImport),
			operation.Row(&w, apiImportKeyMaterial, owner, s.importKeyMaterialTarget, s.importKeyMaterial),
			operation.Row(&w, apiDeleteImportedKeyMaterial, owner, ownKey(apiDeleteImportedKeyMaterial, func(in *DeleteImportedKeyMaterialInput) string { return in.KeyID }), s.deleteImportedKeyMaterial),

			operation.Row(&w, apiReplicateKey, owner, s.replicateKeyTarget, s.replicateKey),
			operation.Row(&w, apiUpdatePrimaryRegion, owner, s.updatePrimaryRegionTarget, s.updatePrimaryRegion),

			operation.Row(&w, apiCreateCustomKeyStore, write, onKeyStores, s.createCustomKeyStore),
			operation.Row(&w, apiDescribeCustomKeyStores, read, onKeyStores, s.describeCustomKeyStores),
			operation.Row(&w, apiUpdateCustomKeyStore, write, onKeyStores, s.updateCustomKeyStore),
			operation.Row(&w, apiDeleteCustomKeyStore, write, onKeyStores, s.deleteCustomKeyStore),
			operation.Row(&w, apiConnectCustomKeyStore, read, onKeyStores, s.connectCustomKeyStore),
			operation.Row(&w, apiDisconnectCustomKeyStore, read, onKeyStores, s.disconnectCustomKeyStore),

			operation.Row(&w, apiCreateAlias, write, alias(func(in *CreateAliasInput) string { return in.AliasName }), s.createAlias),
			operation.Row(&w, apiUpdateAlias, write, alias(func(in *UpdateAliasInput) string { return in.AliasName }), s.updateAlias),
			operation.Row(&w, apiDeleteAlias, write, alias(func(in *DeleteAliasInput) string { return in.AliasName }), s.deleteAlias),
			operation.Row(&w, apiListAliases, read, operation.OnAll, s.listAliases),

			operation.Row(&w, apiCreateGrant, write, s.createGrantTarget, s.createGrant),
			operation.Row(&w, apiListGrants, read, s.listGrantsTarget, s.listGrants),
			operation.Row(&w, apiRevokeGrant, write, s.revokeGrantTarget, s.revokeGrant),
			operation.Row(&w, apiRetireGrant, write, s.retireGrantTarget, s.retireGrant),
			operation.Row(&w, apiListRetirableGrants, read, operation.OnAll, s.listRetirableGrants),

			operation.Row(&w, apiEnableKeyRotation, owner, s.enableKeyRotationTarget, s.enableKeyRotation),
			operation.Row(&w, apiDisableKeyRotation, owner, ownKey(apiDisableKeyRotation, func(in *DisableKeyRotationInput) string { return in.KeyID }), s.disableKeyRotation),
			operation.Row(&w, apiGetKeyRotationStatus, read, s.getKeyRotationStatusTarget, s.getKeyRotationStatus),
			operation.Row(&w, apiRotateKeyOnDemand, owner, ownKey(apiRotateKeyOnDemand, func(in *RotateKeyOnDemandInput) string { return in.KeyID }), s.rotateKeyOnDemand),
			operation.Row(&w, apiListKeyRotations, read, ownKey(apiListKeyRotations, func(in *ListKeyRotationsInput) string { return in.KeyID }), s.listKeyRotations),

			operation.Row(&w, apiTagResource, owner, s.tagged, s.tagResource),
			operation.Row(&w, apiUntagResource, owner, s.untagged, s.untagResource),
			operation.Row(&w, apiListResourceTags, read, ownKey(apiListResourceTags, func(in *ListResourceTagsInput) string { return in.KeyID }), s.listResourceTags),
		},
	}
}
