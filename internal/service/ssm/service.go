package ssm

import "github.com/writdev/writ/internal/service"

// ssm has the handlers as its methods. All its state is in the store.
type ssm struct{}

// New makes the service.
func New() *service.Service {
	s := ssm{}
	w := api
	w.Dress = dress
	const (
		read  = service.Read
		write = service.Write
		owner = service.OwnerWrite
	)
	return &service.Service{
		API:      &w,
		NotOwner: notOwner(),
		Operations: []service.Operation{
			service.Row(&w, apiPutParameter, write, putTarget, s.putParameter),
			service.Row(&w, apiGetParameter, read, onReference(func(in *GetParameterInput) string { return in.Name }), s.getParameter),
			service.Row(&w, apiGetParameters, read, onReference(func(in *GetParametersInput) string { return in.Names[0] }), s.getParameters),
			service.Row(&w, apiGetParametersByPath, read, pathTarget, s.getParametersByPath),
			service.Row(&w, apiGetParameterHistory, read, onReference(func(in *GetParameterHistoryInput) string { return in.Name }), s.getParameterHistory),
			service.Row(&w, apiDescribeParameters, read, service.OnAll, s.describeParameters),
			service.Row(&w, apiDeleteParameter, write, onName(func(in *DeleteParameterInput) string { return in.Name }), s.deleteParameter),
			service.Row(&w, apiDeleteParameters, write, onName(func(in *DeleteParametersInput) string { return in.Names[0] }), s.deleteParameters),
			service.Row(&w, apiLabelParameterVersion, write, onName(func(in *LabelParameterVersionInput) string { return in.Name }), s.labelParameterVersion),
			service.Row(&w, apiUnlabelParameterVersion, write, onName(func(in *UnlabelParameterVersionInput) string { return in.Name }), s.unlabelParameterVersion),

			service.Row(&w, apiGetServiceSetting, read, onSetting(func(in *GetServiceSettingInput) string { return in.SettingID }), s.getServiceSetting),
			service.Row(&w, apiUpdateServiceSetting, owner, onSetting(func(in *UpdateServiceSettingInput) string { return in.SettingID }), s.updateServiceSetting),
			service.Row(&w, apiResetServiceSetting, owner, onSetting(func(in *ResetServiceSettingInput) string { return in.SettingID }), s.resetServiceSetting),

			service.Row(&w, apiAddTagsToResource, write, addTagsTarget, s.addTagsToResource),
			service.Row(&w, apiRemoveTagsFromResource, write, removeTagsTarget, s.removeTagsFromResource),
			service.Row(&w, apiListTagsForResource, read, listTagsTarget, s.listTagsForResource),

			service.Row(&w, apiPutResourcePolicy, owner, s.putsPolicy, s.putResourcePolicy),
			service.Row(&w, apiGetResourcePolicies, read, onHolder(func(in *GetResourcePoliciesInput) string { return in.ResourceARN }), s.getResourcePolicies),
			service.Row(&w, apiDeleteResourcePolicy, owner, onHolder(func(in *DeleteResourcePolicyInput) string { return in.ResourceARN }), s.deleteResourcePolicy),

			service.Row(&w, apiCreateOpsItem, write, s.madeOpsItem, s.createOpsItem),
			service.Row(&w, apiGetOpsItem, read, onAnyOpsItem(func(in *GetOpsItemInput) (string, *string) { return in.OpsItemID, in.OpsItemARN }), s.getOpsItem),
			service.Row(&w, apiUpdateOpsItem, write, onAnyOpsItem(func(in *UpdateOpsItemInput) (string, *string) { return in.OpsItemID, in.OpsItemARN }), s.updateOpsItem),
			service.Row(&w, apiDeleteOpsItem, owner, onOpsItem(func(in *DeleteOpsItemInput) string { return in.OpsItemID }), s.deleteOpsItem),
			service.Row(&w, apiDescribeOpsItems, read, service.OnAll, s.describeOpsItems),
			service.Row(&w, apiAssociateOpsItemRelatedItem, owner, onOpsItem(func(in *AssociateOpsItemRelatedItemInput) string { return in.OpsItemID }), s.associateOpsItemRelatedItem),
			service.Row(&w, apiDisassociateOpsItemRelatedItem, owner, onOpsItem(func(in *DisassociateOpsItemRelatedItemInput) string { return in.OpsItemID }), s.disassociateOpsItemRelatedItem),
			service.Row(&w, apiListOpsItemRelatedItems, read, service.OnAll, s.listOpsItemRelatedItems),
			service.Row(&w, apiListOpsItemEvents, read, service.OnAll, s.listOpsItemEvents),
		},
	}
}
