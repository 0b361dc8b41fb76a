package iam

import (
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/wire"
)

// providerOperations are the rows of identity providers.
func providerOperations(w *wire.Service) []operation.Operation {
	return []operation.Operation{
		operation.Row(w, apiCreateOpenIDConnectProvider, operation.Write, onNewOIDCProvider, createOpenIDConnectProvider),
		operation.Row(w, apiGetOpenIDConnectProvider, operation.Read, onARN(func(in *GetOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderARN }), getOpenIDConnectProvider),
		operation.Row(w, apiListOpenIDConnectProviders, operation.Read, operation.OnAll, listOpenIDConnectProviders),
		operation.Row(w, apiDeleteOpenIDConnectProvider, operation.Write, onARN(func(in *DeleteOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderARN }), deleteOpenIDConnectProvider),
		operation.Row(w, apiAddClientIDToOpenIDConnectProvider, operation.Write, onARN(func(in *AddClientIDToOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderARN }), addClientIDToOpenIDConnectProvider),
		operation.Row(w, apiRemoveClientIDFromOpenIDConnectProvider, operation.Write, onARN(func(in *RemoveClientIDFromOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderARN }), removeClientIDFromOpenIDConnectProvider),
		operation.Row(w, apiUpdateOpenIDConnectProviderThumbprint, operation.Write, onARN(func(in *UpdateOpenIDConnectProviderThumbprintInput) string { return in.OpenIDConnectProviderARN }), updateOpenIDConnectProviderThumbprint),
		operation.Row(w, apiTagOpenIDConnectProvider, operation.Write, onARN(func(in *TagOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderARN }, tagging(func(in *TagOpenIDConnectProviderInput) []Tag { return in.Tags })), tag[*TagOpenIDConnectProviderInput, TagOpenIDConnectProviderOutput](findOIDCProviderARN, func(in *TagOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderARN }, func(in *TagOpenIDConnectProviderInput) []Tag { return in.Tags })),
		operation.Row(w, apiUntagOpenIDConnectProvider, operation.Write, onARN(func(in *UntagOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderARN }, untagging(func(in *UntagOpenIDConnectProviderInput) []string { return in.TagKeys })), untag[*UntagOpenIDConnectProviderInput, UntagOpenIDConnectProviderOutput](findOIDCProviderARN, func(in *UntagOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderARN }, func(in *UntagOpenIDConnectProviderInput) []string { return in.TagKeys })),
		operation.Row(w, apiListOpenIDConnectProviderTags, operation.Read, onARN(func(in *ListOpenIDConnectProviderTagsInput) string { return in.OpenIDConnectProviderARN }), listOpenIDConnectProviderTags),

		operation.Row(w, apiCreateSAMLProvider, operation.Write, onNewSAMLProvider, createSAMLProvider),
		operation.Row(w, apiGetSAMLProvider, operation.Read, onARN(func(in *GetSAMLProviderInput) string { return in.SAMLProviderARN }), getSAMLProvider),
		operation.Row(w, apiListSAMLProviders, operation.Read, operation.OnAll, listSAMLProviders),
		operation.Row(w, apiUpdateSAMLProvider, operation.Write, onARN(func(in *UpdateSAMLProviderInput) string { return in.SAMLProviderARN }), updateSAMLProvider),
		operation.Row(w, apiDeleteSAMLProvider, operation.Write, onARN(func(in *DeleteSAMLProviderInput) string { return in.SAMLProviderARN }), deleteSAMLProvider),
		operation.Row(w, apiTagSAMLProvider, operation.Write, onARN(func(in *TagSAMLProviderInput) string { return in.SAMLProviderARN }, tagging(func(in *TagSAMLProviderInput) []Tag { return in.Tags })), tag[*TagSAMLProviderInput, TagSAMLProviderOutput](findSAMLProviderARN, func(in *TagSAMLProviderInput) string { return in.SAMLProviderARN }, func(in *TagSAMLProviderInput) []Tag { return in.Tags })),
		operation.Row(w, apiUntagSAMLProvider, operation.Write, onARN(func(in *UntagSAMLProviderInput) string { return in.SAMLProviderARN }, untagging(func(in *UntagSAMLProviderInput) []string { return in.TagKeys })), untag[*UntagSAMLProviderInput, UntagSAMLProviderOutput](findSAMLProviderARN, func(in *UntagSAMLProviderInput) string { return in.SAMLProviderARN }, func(in *UntagSAMLProviderInput) []string { return in.TagKeys })),
		operation.Row(w, apiListSAMLProviderTags, operation.Read, onARN(func(in *ListSAMLProviderTagsInput) string { return in.SAMLProviderARN }), listSAMLProviderTags),
	}
}
