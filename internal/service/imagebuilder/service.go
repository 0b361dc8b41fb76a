package imagebuilder

import (
	_ "embed"

	"errors"

	"github.com/writdev/writ/internal/operation"
)

// actionReference is the part of the service authorization reference about the service's actions.
//
//go:embed authorization.json
var actionReference []byte

// Config says how the service behaves. The zero value works.
type Config struct {
	Lifecycle operation.Lifecycle
}

// imageBuilder has the handlers as its methods. All its state is in the store.
type imageBuilder struct {
	lifecycle operation.Lifecycle
}

// New makes the service.
func New(cfg Config) *operation.Service {
	s := &imageBuilder{lifecycle: cfg.Lifecycle}
	w := api
	w.Invalid = invalid
	const (
		read  = operation.Read
		write = operation.Write
		owner = operation.OwnerWrite
	)
	return &operation.Service{
		API:           &w,
		Authorization: actionReference,
		Due:           s.due,
		NotOwner:      errForbidden("Only the account that owns a resource may change it or its policy."),
		Operations: []operation.Operation{
			checkedBefore(operation.Row(&w, apiPutImagePolicy, owner, operation.On(func(in *PutImagePolicyInput) string { return in.ImageARN }), s.putImagePolicy),
				func(in *PutImagePolicyInput) (arn, document string) { return in.ImageARN, in.Policy }),
			operation.Row(&w, apiGetImagePolicy, read, operation.On(func(in *GetImagePolicyInput) string { return in.ImageARN }), s.getImagePolicy),
			checkedBefore(operation.Row(&w, apiPutImageRecipePolicy, owner, operation.On(func(in *PutImageRecipePolicyInput) string { return in.ImageRecipeARN }), s.putImageRecipePolicy),
				func(in *PutImageRecipePolicyInput) (arn, document string) { return in.ImageRecipeARN, in.Policy }),
			operation.Row(&w, apiGetImageRecipePolicy, read, operation.On(func(in *GetImageRecipePolicyInput) string { return in.ImageRecipeARN }), s.getImageRecipePolicy),
			checkedBefore(operation.Row(&w, apiPutComponentPolicy, owner, operation.On(func(in *PutComponentPolicyInput) string { return in.ComponentARN }), s.putComponentPolicy),
				func(in *PutComponentPolicyInput) (arn, document string) { return in.ComponentARN, in.Policy }),
			operation.Row(&w, apiGetComponentPolicy, read, operation.On(func(in *GetComponentPolicyInput) string { return in.ComponentARN }), s.getComponentPolicy),
			checkedBefore(operation.Row(&w, apiPutContainerRecipePolicy, owner, operation.On(func(in *PutContainerRecipePolicyInput) string { return in.ContainerRecipeARN }), s.putContainerRecipePolicy),
				func(in *PutContainerRecipePolicyInput) (arn, document string) {
					return in.ContainerRecipeARN, in.Policy
				}),
			operation.Row(&w, apiGetContainerRecipePolicy, read, operation.On(func(in *GetContainerRecipePolicyInput) string { return in.ContainerRecipeARN }), s.getContainerRecipePolicy),

			operation.Row(&w, apiCreateComponent, write, s.newComponent, s.createComponent),
			operation.Row(&w, apiImportComponent, write, s.importComponentTarget, s.importComponent),
			operation.Row(&w, apiGetComponent, read, onNewest(func(in *GetComponentInput) string { return in.ComponentBuildVersionARN }), s.getComponent),
			operation.Row(&w, apiListComponents, read, operation.OnAll, s.listComponents),
			operation.Row(&w, apiListComponentBuildVersions, read, onBuilds(componentType, func(in *ListComponentBuildVersionsInput) *string { return in.ComponentVersionARN }), s.listComponentBuildVersions),
			operation.Row(&w, apiDeleteComponent, owner, operation.On(func(in *DeleteComponentInput) string { return in.ComponentBuildVersionARN }), s.deleteComponent),

			operation.Row(&w, apiCreateImageRecipe, write, s.newImageRecipe, s.createImageRecipe),
			operation.Row(&w, apiGetImageRecipe, read, onNewest(func(in *GetImageRecipeInput) string { return in.ImageRecipeARN }), s.getImageRecipe),
			operation.Row(&w, apiListImageRecipes, read, operation.OnAll, s.listImageRecipes),
			operation.Row(&w, apiDeleteImageRecipe, owner, operation.On(func(in *DeleteImageRecipeInput) string { return in.ImageRecipeARN }), s.deleteImageRecipe),

			operation.Row(&w, apiCreateContainerRecipe, write, s.newContainerRecipe, s.createContainerRecipe),
			operation.Row(&w, apiGetContainerRecipe, read, onNewest(func(in *GetContainerRecipeInput) string { return in.ContainerRecipeARN }), s.getContainerRecipe),
			operation.Row(&w, apiListContainerRecipes, read, operation.OnAll, s.listContainerRecipes),
			operation.Row(&w, apiDeleteContainerRecipe, owner, operation.On(func(in *DeleteContainerRecipeInput) string { return in.ContainerRecipeARN }), s.deleteContainerRecipe),

			operation.Row(&w, apiCreateInfrastructureConfiguration, write, s.newInfrastructure, s.createInfrastructure),
			operation.Row(&w, apiGetInfrastructureConfiguration, read, operation.On(func(in *GetInfrastructureConfigurationInput) string { return in.InfrastructureConfigurationARN }), s.getInfrastructure),
			operation.Row(&w, apiListInfrastructureConfigurations, read, operation.OnAll, s.listInfrastructures),
			operation.Row(&w, apiUpdateInfrastructureConfiguration, owner, s.updateInfrastructureTarget, s.updateInfrastructure),
			operation.Row(&w, apiDeleteInfrastructureConfiguration, owner, operation.On(func(in *DeleteInfrastructureConfigurationInput) string { return in.InfrastructureConfigurationARN }), s.deleteInfrastructure),

			operation.Row(&w, apiCreateDistributionConfiguration, write, s.newDistribution, s.createDistribution),
			operation.Row(&w, apiGetDistributionConfiguration, read, operation.On(func(in *GetDistributionConfigurationInput) string { return in.DistributionConfigurationARN }), s.getDistribution),
			operation.Row(&w, apiListDistributionConfigurations, read, operation.OnAll, s.listDistributions),
			operation.Row(&w, apiUpdateDistributionConfiguration, owner, operation.On(func(in *UpdateDistributionConfigurationInput) string { return in.DistributionConfigurationARN }), s.updateDistribution),
			operation.Row(&w, apiDeleteDistributionConfiguration, owner, operation.On(func(in *DeleteDistributionConfigurationInput) string { return in.DistributionConfigurationARN }), s.deleteDistribution),

			operation.Row(&w, apiCreateImage, write, s.newImage, s.createImage),
			operation.Row(&w, apiGetImage, read, onNewest(func(in *GetImageInput) string { return in.ImageBuildVersionARN }), s.getImage),
			operation.Row(&w, apiListImages, read, operation.OnAll, s.listImages),
			operation.Row(&w, apiListImageBuildVersions, read, onBuilds(imageType, func(in *ListImageBuildVersionsInput) *string { return in.ImageVersionARN }), s.listImageBuildVersions),
			operation.Row(&w, apiCancelImageCreation, owner, operation.On(func(in *CancelImageCreationInput) string { return in.ImageBuildVersionARN }), s.cancelImageCreation),
			operation.Row(&w, apiDeleteImage, owner, operation.On(func(in *DeleteImageInput) string { return in.ImageBuildVersionARN }), s.deleteImage),

			operation.Row(&w, apiCreateImagePipeline, write, s.newPipeline, s.createPipeline),
			operation.Row(&w, apiGetImagePipeline, read, operation.On(func(in *GetImagePipelineInput) string { return in.ImagePipelineARN }), s.getPipeline),
			operation.Row(&w, apiListImagePipelines, read, operation.OnAll, s.listPipelines),
			operation.Row(&w, apiListImagePipelineImages, read, operation.On(func(in *ListImagePipelineImagesInput) string { return in.ImagePipelineARN }), s.listPipelineImages),
			operation.Row(&w, apiUpdateImagePipeline, owner, operation.On(func(in *UpdateImagePipelineInput) string { return in.ImagePipelineARN }), s.updatePipeline),
			operation.Row(&w, apiStartImagePipelineExecution, owner, s.startPipelineTarget, s.startPipelineExecution),
			operation.Row(&w, apiDeleteImagePipeline, owner, operation.On(func(in *DeleteImagePipelineInput) string { return in.ImagePipelineARN }), s.deletePipeline),

			operation.Row(&w, apiCreateWorkflow, write, s.newWorkflow, s.createWorkflow),
			operation.Row(&w, apiGetWorkflow, read, onNewest(func(in *GetWorkflowInput) string { return in.WorkflowBuildVersionARN }), s.getWorkflow),
			operation.Row(&w, apiListWorkflows, read, operation.OnAll, s.listWorkflows),
			operation.Row(&w, apiListWorkflowBuildVersions, read, onBuilds(workflowType+"/*", func(in *ListWorkflowBuildVersionsInput) *string { return in.WorkflowVersionARN }), s.listWorkflowBuildVersions),
			operation.Row(&w, apiDeleteWorkflow, owner, operation.On(func(in *DeleteWorkflowInput) string { return in.WorkflowBuildVersionARN }), s.deleteWorkflow),
			operation.Row(&w, apiGetWorkflowExecution, read, onRun(func(in *GetWorkflowExecutionInput) string { return in.WorkflowExecutionID }), s.getWorkflowExecution),
			operation.Row(&w, apiListWorkflowExecutions, read, operation.On(func(in *ListWorkflowExecutionsInput) string { return in.ImageBuildVersionARN }), s.listWorkflowExecutions),
			operation.Row(&w, apiGetWorkflowStepExecution, read, onStep(func(in *GetWorkflowStepExecutionInput) string { return in.StepExecutionID }), s.getWorkflowStepExecution),
			operation.Row(&w, apiListWorkflowStepExecutions, read, onRun(func(in *ListWorkflowStepExecutionsInput) string { return in.WorkflowExecutionID }), s.listWorkflowStepExecutions),
			operation.Row(&w, apiListWaitingWorkflowSteps, read, operation.OnAll, s.listWaitingWorkflowSteps),
			operation.Row(&w, apiSendWorkflowStepAction, owner, operation.On(func(in *SendWorkflowStepActionInput) string { return in.ImageBuildVersionARN }), s.sendWorkflowStepAction),

			operation.Row(&w, apiCreateLifecyclePolicy, write, s.newLifecyclePolicy, s.createLifecyclePolicy),
			operation.Row(&w, apiGetLifecyclePolicy, read, operation.On(func(in *GetLifecyclePolicyInput) string { return in.LifecyclePolicyARN }), s.getLifecyclePolicy),
			operation.Row(&w, apiListLifecyclePolicies, read, operation.OnAll, s.listLifecyclePolicies),
			operation.Row(&w, apiUpdateLifecyclePolicy, owner, s.updateLifecyclePolicyTarget, s.updateLifecyclePolicy),
			operation.Row(&w, apiDeleteLifecyclePolicy, owner, operation.On(func(in *DeleteLifecyclePolicyInput) string { return in.LifecyclePolicyARN }), s.deleteLifecyclePolicy),
			operation.Row(&w, apiStartResourceStateUpdate, owner, operation.On(func(in *StartResourceStateUpdateInput) string { return in.ResourceARN }), s.startResourceStateUpdate),
			operation.Row(&w, apiGetLifecycleExecution, read, onExecution(func(in *GetLifecycleExecutionInput) string { return in.LifecycleExecutionID }), s.getLifecycleExecution),
			operation.Row(&w, apiListLifecycleExecutions, read, operation.On(func(in *ListLifecycleExecutionsInput) string { return in.ResourceARN }), s.listLifecycleExecutions),
			operation.Row(&w, apiListLifecycleExecutionResources, read, onExecution(func(in *ListLifecycleExecutionResourcesInput) string { return in.LifecycleExecutionID }), s.listLifecycleExecutionResources),
			operation.Row(&w, apiCancelLifecycleExecution, owner, onExecution(func(in *CancelLifecycleExecutionInput) string { return in.LifecycleExecutionID }), s.cancelLifecycleExecution),

			operation.Row(&w, apiImportVmImage, write, s.importVmImageTarget, s.importVmImage),
			operation.Row(&w, apiImportDiskImage, write, s.importDiskImageTarget, s.importDiskImage),
			operation.Row(&w, apiDistributeImage, write, s.distributeTarget, s.distributeImage),
			operation.Row(&w, apiRetryImage, owner, operation.On(func(in *RetryImageInput) string { return in.ImageBuildVersionARN }), s.retryImage),
			operation.Row(&w, apiListImagePackages, read, operation.On(func(in *ListImagePackagesInput) string { return in.ImageBuildVersionARN }), s.listImagePackages),
			operation.Row(&w, apiListImageScanFindings, read, s.scanFindingsTarget, s.listImageScanFindings),
			operation.Row(&w, apiListImageScanFindingAggregations, read, s.aggregationsTarget, s.listImageScanFindingAggregations),
			operation.Row(&w, apiGetMarketplaceResource, read, onNewest(func(in *GetMarketplaceResourceInput) string { return in.ResourceARN }), s.getMarketplaceResource),

			operation.Row(&w, apiTagResource, owner, s.tagged, s.tagResource),
			operation.Row(&w, apiUntagResource, owner, s.untagTarget, s.untagResource),
			operation.Row(&w, apiListTagsForResource, read, operation.On(func(in *ListTagsForResourceInput) string { return in.ResourceARN }), s.listTagsForResource),
		},
	}
}

// once is operation.Once with this service's error for a token that was used
// with other parameters.
func once[In, Out any](c *operation.Call, op, token string, in In, make func() (Out, error)) (Out, error) {
	out, err := operation.Once(c, api.Name+":"+op, token, in, make)
	if errors.Is(err, operation.ErrTokenMismatch) {
		err = errIdempotentParameterMismatch("The client token '%s' was already used with other parameters.", token)
	}
	return out, err
}
