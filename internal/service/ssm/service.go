package ssm

import (
	_ "embed"

	"github.com/writdev/writ/internal/operation"
)

// actionReference is the part of the service authorization reference about the service's actions.
//
//go:embed authorization.json
var actionReference []byte

// ssm implements the handlers. It has no state outside the store.
type ssm struct{}

// New returns the service.
func New() *operation.Service {
	s := ssm{}
	w := api
	w.ExtendError = addMessage
	const (
		read  = operation.Read
		write = operation.Write
		owner = operation.OwnerWrite
	)
	return &operation.Service{
		API:           &w,
		Authorization: actionReference,
		NotOwner:      notOwner(),
		Due:           s.due,
		Operations: []operation.Operation{
			operation.Row(&w, apiPutParameter, write, putTarget, s.putParameter),
			operation.Row(&w, apiGetParameter, read, onReference(func(in *GetParameterInput) string { return in.Name }), s.getParameter),
			operation.Row(&w, apiGetParameters, read, onReference(func(in *GetParametersInput) string { return in.Names[0] }), s.getParameters),
			operation.Row(&w, apiGetParametersByPath, read, pathTarget, s.getParametersByPath),
			operation.Row(&w, apiGetParameterHistory, read, onReference(func(in *GetParameterHistoryInput) string { return in.Name }), s.getParameterHistory),
			operation.Row(&w, apiDescribeParameters, read, operation.OnAll, s.describeParameters),
			operation.Row(&w, apiDeleteParameter, write, onName(func(in *DeleteParameterInput) string { return in.Name }), s.deleteParameter),
			operation.Row(&w, apiDeleteParameters, write, onName(func(in *DeleteParametersInput) string { return in.Names[0] }), s.deleteParameters),
			operation.Row(&w, apiLabelParameterVersion, write, onName(func(in *LabelParameterVersionInput) string { return in.Name }), s.labelParameterVersion),
			operation.Row(&w, apiUnlabelParameterVersion, write, onName(func(in *UnlabelParameterVersionInput) string { return in.Name }), s.unlabelParameterVersion),

			operation.Row(&w, apiGetServiceSetting, read, onSetting(func(in *GetServiceSettingInput) string { return in.SettingID }), s.getServiceSetting),
			operation.Row(&w, apiUpdateServiceSetting, owner, onSetting(func(in *UpdateServiceSettingInput) string { return in.SettingID }), s.updateServiceSetting),
			operation.Row(&w, apiResetServiceSetting, owner, onSetting(func(in *ResetServiceSettingInput) string { return in.SettingID }), s.resetServiceSetting),

			operation.Row(&w, apiCreateDocument, write, s.createDocumentTarget, s.createDocument),
			operation.Row(&w, apiGetDocument, read, onDocument(func(in *GetDocumentInput) string { return in.Name }), s.getDocument),
			operation.Row(&w, apiDescribeDocument, read, onDocument(func(in *DescribeDocumentInput) string { return in.Name }), s.describeDocument),
			operation.Row(&w, apiListDocuments, read, operation.OnAll, s.listDocuments),
			operation.Row(&w, apiListDocumentVersions, read, onDocument(func(in *ListDocumentVersionsInput) string { return in.Name }), s.listDocumentVersions),
			operation.Row(&w, apiUpdateDocument, write, onDocument(func(in *UpdateDocumentInput) string { return in.Name }), s.updateDocument),
			operation.Row(&w, apiUpdateDocumentDefaultVersion, write, onDocument(func(in *UpdateDocumentDefaultVersionInput) string { return in.Name }), s.updateDocumentDefaultVersion),
			operation.Row(&w, apiDeleteDocument, write, onDocument(func(in *DeleteDocumentInput) string { return in.Name }), s.deleteDocument),
			operation.Row(&w, apiModifyDocumentPermission, write, onDocument(func(in *ModifyDocumentPermissionInput) string { return in.Name }), s.modifyDocumentPermission),
			operation.Row(&w, apiDescribeDocumentPermission, read, onDocument(func(in *DescribeDocumentPermissionInput) string { return in.Name }), s.describeDocumentPermission),

			operation.Row(&w, apiCreateOpsMetadata, write, s.createOpsMetadataTarget, s.createOpsMetadata),
			operation.Row(&w, apiGetOpsMetadata, read, onOpsMetadata(func(in *GetOpsMetadataInput) string { return in.OpsMetadataARN }), s.getOpsMetadata),
			operation.Row(&w, apiUpdateOpsMetadata, owner, onOpsMetadata(func(in *UpdateOpsMetadataInput) string { return in.OpsMetadataARN }), s.updateOpsMetadata),
			operation.Row(&w, apiDeleteOpsMetadata, owner, onOpsMetadata(func(in *DeleteOpsMetadataInput) string { return in.OpsMetadataARN }), s.deleteOpsMetadata),
			operation.Row(&w, apiListOpsMetadata, read, operation.OnAll, s.listAllOpsMetadata),

			operation.Row(&w, apiAddTagsToResource, write, addTagsTarget, s.addTagsToResource),
			operation.Row(&w, apiRemoveTagsFromResource, write, removeTagsTarget, s.removeTagsFromResource),
			operation.Row(&w, apiListTagsForResource, read, listTagsTarget, s.listTagsForResource),

			operation.Row(&w, apiPutResourcePolicy, owner, s.putPolicyTarget, s.putResourcePolicy),
			operation.Row(&w, apiGetResourcePolicies, read, onPolicyTarget(func(in *GetResourcePoliciesInput) string { return in.ResourceARN }), s.getResourcePolicies),
			operation.Row(&w, apiDeleteResourcePolicy, owner, onPolicyTarget(func(in *DeleteResourcePolicyInput) string { return in.ResourceARN }), s.deleteResourcePolicy),

			operation.Row(&w, apiCreateOpsItem, write, s.createOpsItemTarget, s.createOpsItem),
			operation.Row(&w, apiGetOpsItem, read, onAnyOpsItem(func(in *GetOpsItemInput) (string, *string) { return in.OpsItemID, in.OpsItemARN }), s.getOpsItem),
			operation.Row(&w, apiUpdateOpsItem, write, onAnyOpsItem(func(in *UpdateOpsItemInput) (string, *string) { return in.OpsItemID, in.OpsItemARN }), s.updateOpsItem),
			operation.Row(&w, apiDeleteOpsItem, owner, onOpsItem(func(in *DeleteOpsItemInput) string { return in.OpsItemID }), s.deleteOpsItem),
			operation.Row(&w, apiDescribeOpsItems, read, operation.OnAll, s.describeOpsItems),
			operation.Row(&w, apiAssociateOpsItemRelatedItem, owner, onOpsItem(func(in *AssociateOpsItemRelatedItemInput) string { return in.OpsItemID }), s.associateOpsItemRelatedItem),
			operation.Row(&w, apiDisassociateOpsItemRelatedItem, owner, onOpsItem(func(in *DisassociateOpsItemRelatedItemInput) string { return in.OpsItemID }), s.disassociateOpsItemRelatedItem),
			operation.Row(&w, apiListOpsItemRelatedItems, read, operation.OnAll, s.listOpsItemRelatedItems),
			operation.Row(&w, apiListOpsItemEvents, read, operation.OnAll, s.listOpsItemEvents),
		},
	}
}
