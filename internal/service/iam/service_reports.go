package iam

import (
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/wire"
)

// reportOperations are the rows of reports, of preferences of the account, and of what an
// organization manages for its members.
func reportOperations(w *wire.Service) []operation.Operation {
	return []operation.Operation{
		operation.Row(w, apiGenerateCredentialReport, operation.Write, operation.OnAll, generateCredentialReport),
		operation.Row(w, apiGetCredentialReport, operation.Read, operation.OnAll, getCredentialReport),
		operation.Row(w, apiGenerateServiceLastAccessedDetails, operation.Write, onReported, generateServiceLastAccessedDetails),
		operation.Row(w, apiGetServiceLastAccessedDetails, operation.Read, operation.OnAll, getServiceLastAccessedDetails),
		operation.Row(w, apiGetServiceLastAccessedDetailsWithEntities, operation.Read, operation.OnAll, getServiceLastAccessedDetailsWithEntities),
		operation.Row(w, apiListPoliciesGrantingServiceAccess, operation.Read, onARN(func(in *ListPoliciesGrantingServiceAccessInput) string { return in.ARN }), listPoliciesGrantingServiceAccess),
		operation.Row(w, apiGenerateOrganizationsAccessReport, operation.Write, onAccessReport, generateOrganizationsAccessReport),
		operation.Row(w, apiGetOrganizationsAccessReport, operation.Read, operation.OnAll, getOrganizationsAccessReport),

		operation.Row(w, apiSetSecurityTokenServicePreferences, operation.Write, operation.OnAll, setSecurityTokenServicePreferences),
		operation.Row(w, apiEnableOrganizationsRootCredentialsManagement, operation.Write, operation.OnAll, enableOrganizationsRootCredentialsManagement),
		operation.Row(w, apiDisableOrganizationsRootCredentialsManagement, operation.Write, operation.OnAll, disableOrganizationsRootCredentialsManagement),
		operation.Row(w, apiEnableOrganizationsRootSessions, operation.Write, operation.OnAll, enableOrganizationsRootSessions),
		operation.Row(w, apiDisableOrganizationsRootSessions, operation.Write, operation.OnAll, disableOrganizationsRootSessions),
		operation.Row(w, apiListOrganizationsFeatures, operation.Read, operation.OnAll, listOrganizationsFeatures),
		operation.Row(w, apiEnableOutboundWebIdentityFederation, operation.Write, operation.OnAll, enableOutboundWebIdentityFederation),
		operation.Row(w, apiDisableOutboundWebIdentityFederation, operation.Write, operation.OnAll, disableOutboundWebIdentityFederation),
		operation.Row(w, apiGetOutboundWebIdentityFederationInfo, operation.Read, operation.OnAll, getOutboundWebIdentityFederationInfo),
	}
}
