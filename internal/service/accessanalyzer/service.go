package accessanalyzer

import (
	_ "embed"
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// actionReference is the part of the service authorization reference about the service's actions.
//
//go:embed authorization.json
var actionReference []byte

// accessAnalyzer implements the handlers. Its state is in the store.
type accessAnalyzer struct {
	external *externalCache
}

// New returns the service.
func New() *operation.Service {
	s := &accessAnalyzer{external: new(externalCache)}
	w := api
	w.Invalid = invalid
	const (
		read  = operation.Read
		write = operation.OwnerWrite
	)
	return &operation.Service{
		API:           &w,
		Authorization: actionReference,
		NotOwner:      errAccessDenied("Only the account that owns an analyzer may change it."),
		Operations: []operation.Operation{
			operation.Prepared(operation.Row(&w, apiValidatePolicy, read, operation.OnAll, s.validatePolicy), validate),
			operation.Prepared(operation.Row(&w, apiCheckNoNewAccess, read, operation.OnAll, s.checkNoNewAccess), noNewAccess),
			operation.Prepared(operation.Row(&w, apiCheckAccessNotGranted, read, operation.OnAll, s.checkAccessNotGranted), accessNotGranted),
			operation.Prepared(operation.Row(&w, apiCheckNoPublicAccess, read, operation.OnAll, s.checkNoPublicAccess), noPublicAccess),

			operation.Row(&w, apiCreateAnalyzer, write, s.newAnalyzer, once("CreateAnalyzer", func(in *CreateAnalyzerInput) *string { return in.ClientToken }, s.createAnalyzer)),
			operation.Row(&w, apiGetAnalyzer, read, analyzerTarget(func(in *GetAnalyzerInput) string { return in.AnalyzerName }), s.getAnalyzer),
			operation.Row(&w, apiListAnalyzers, read, operation.OnAll, s.listAnalyzers),
			operation.Row(&w, apiDeleteAnalyzer, write, analyzerTarget(func(in *DeleteAnalyzerInput) string { return in.AnalyzerName }), once("DeleteAnalyzer", func(in *DeleteAnalyzerInput) *string { return in.ClientToken }, s.deleteAnalyzer)),
			operation.Row(&w, apiUpdateAnalyzer, write, analyzerTarget(func(in *UpdateAnalyzerInput) string { return in.AnalyzerName }), s.updateAnalyzer),

			operation.Row(&w, apiCreateArchiveRule, write, ruleTarget(func(in *CreateArchiveRuleInput) (analyzer, rule string) { return in.AnalyzerName, in.RuleName }), once("CreateArchiveRule", func(in *CreateArchiveRuleInput) *string { return in.ClientToken }, s.createArchiveRule)),
			operation.Row(&w, apiGetArchiveRule, read, ruleTarget(func(in *GetArchiveRuleInput) (analyzer, rule string) { return in.AnalyzerName, in.RuleName }), s.getArchiveRule),
			operation.Row(&w, apiListArchiveRules, read, analyzerTarget(func(in *ListArchiveRulesInput) string { return in.AnalyzerName }), s.listArchiveRules),
			operation.Row(&w, apiUpdateArchiveRule, write, ruleTarget(func(in *UpdateArchiveRuleInput) (analyzer, rule string) { return in.AnalyzerName, in.RuleName }), once("UpdateArchiveRule", func(in *UpdateArchiveRuleInput) *string { return in.ClientToken }, s.updateArchiveRule)),
			operation.Row(&w, apiDeleteArchiveRule, write, ruleTarget(func(in *DeleteArchiveRuleInput) (analyzer, rule string) { return in.AnalyzerName, in.RuleName }), once("DeleteArchiveRule", func(in *DeleteArchiveRuleInput) *string { return in.ClientToken }, s.deleteArchiveRule)),
			operation.Row(&w, apiApplyArchiveRule, write, operation.On(func(in *ApplyArchiveRuleInput) string { return in.AnalyzerARN }), once("ApplyArchiveRule", func(in *ApplyArchiveRuleInput) *string { return in.ClientToken }, s.applyArchiveRule)),

			operation.Row(&w, apiListFindings, read, operation.On(func(in *ListFindingsInput) string { return in.AnalyzerARN }), s.listFindings),
			withAction("ListFindings", operation.Row(&w, apiListFindingsV2, read, operation.On(func(in *ListFindingsV2Input) string { return in.AnalyzerARN }), s.listFindingsV2)),
			operation.Row(&w, apiGetFinding, read, operation.On(func(in *GetFindingInput) string { return in.AnalyzerARN }), s.getFinding),
			withAction("GetFinding", operation.Row(&w, apiGetFindingV2, read, operation.On(func(in *GetFindingV2Input) string { return in.AnalyzerARN }), s.getFindingV2)),
			operation.Row(&w, apiUpdateFindings, write, operation.On(func(in *UpdateFindingsInput) string { return in.AnalyzerARN }), once("UpdateFindings", func(in *UpdateFindingsInput) *string { return in.ClientToken }, s.updateFindings)),
			operation.Row(&w, apiListAnalyzedResources, read, operation.On(func(in *ListAnalyzedResourcesInput) string { return in.AnalyzerARN }), s.listAnalyzedResources),
			operation.Row(&w, apiGetAnalyzedResource, read, operation.On(func(in *GetAnalyzedResourceInput) string { return in.AnalyzerARN }), s.getAnalyzedResource),
			operation.Row(&w, apiStartResourceScan, write, operation.On(func(in *StartResourceScanInput) string { return in.AnalyzerARN }), s.startResourceScan),
			operation.Row(&w, apiGetFindingsStatistics, read, operation.On(func(in *GetFindingsStatisticsInput) string { return in.AnalyzerARN }), s.getFindingsStatistics),

			operation.Row(&w, apiCreateAccessPreview, write, operation.On(func(in *CreateAccessPreviewInput) string { return in.AnalyzerARN }), once("CreateAccessPreview", func(in *CreateAccessPreviewInput) *string { return in.ClientToken }, s.createAccessPreview)),
			operation.Row(&w, apiGetAccessPreview, read, operation.On(func(in *GetAccessPreviewInput) string { return in.AnalyzerARN }), s.getAccessPreview),
			operation.Row(&w, apiListAccessPreviews, read, operation.On(func(in *ListAccessPreviewsInput) string { return in.AnalyzerARN }), s.listAccessPreviews),
			operation.Row(&w, apiListAccessPreviewFindings, read, operation.On(func(in *ListAccessPreviewFindingsInput) string { return in.AnalyzerARN }), s.listAccessPreviewFindings),

			operation.Row(&w, apiStartPolicyGeneration, operation.Write, operation.OnAll, once("StartPolicyGeneration", func(in *StartPolicyGenerationInput) *string { return in.ClientToken }, s.startPolicyGeneration)),
			operation.Row(&w, apiGetGeneratedPolicy, read, operation.OnAll, s.getGeneratedPolicy),
			operation.Row(&w, apiListPolicyGenerations, read, operation.OnAll, s.listPolicyGenerations),
			operation.Row(&w, apiCancelPolicyGeneration, read, operation.OnAll, s.cancelPolicyGeneration),

			operation.Row(&w, apiGenerateFindingRecommendation, write, operation.On(func(in *GenerateFindingRecommendationInput) string { return in.AnalyzerARN }), s.generateFindingRecommendation),
			operation.Row(&w, apiGetFindingRecommendation, read, operation.On(func(in *GetFindingRecommendationInput) string { return in.AnalyzerARN }), s.getFindingRecommendation),

			operation.Row(&w, apiTagResource, write, s.tagged, s.tagResource),
			operation.Row(&w, apiUntagResource, write, s.untagged, s.untagResource),
			operation.Row(&w, apiListTagsForResource, read, operation.On(func(in *ListTagsForResourceInput) string { return in.ResourceARN }), s.listTagsForResource),
		},
	}
}

// once makes a handler idempotent by the client token of its input.
func once[In, Out any](op string, token func(In) *string, handle func(*operation.Call, In) (Out, error)) func(*operation.Call, In) (Out, error) {
	return func(c *operation.Call, in In) (Out, error) {
		t := token(in)
		if t == nil || *t == "" {
			return handle(c, in)
		}
		out, err := operation.Once(c, api.Name+":"+op, *t, in, func() (Out, error) { return handle(c, in) })
		if errors.Is(err, operation.ErrTokenMismatch) {
			err = errConflict("The client token was used before, with other parameters.").With("resourceId", *t).With("resourceType", "ClientToken")
		}
		return out, err
	}
}

// withAction returns an operation that is authorized as another: the second versions of operations have no
// actions of their own.
func withAction(name string, o operation.Operation) operation.Operation {
	o.Action = api.Name + ":" + name
	return o
}

// analyzerTarget returns the target function of operations that name an analyzer of the caller.
func analyzerTarget[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: analyzerARN(c, member(in))}, nil
	}
}

// ruleTarget returns the target function of operations that name an archive rule.
func ruleTarget[In any](members func(In) (analyzer, rule string)) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		analyzer, rule := members(in)
		return authz.Target{ARN: ruleARN(analyzerARN(c, analyzer), rule)}, nil
	}
}
