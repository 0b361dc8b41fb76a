package imagebuilder

import (
	"errors"

	"github.com/writdev/writ/internal/service"
)

// Config says how the service behaves. The zero value works.
type Config struct {
	Lifecycle service.Lifecycle
}

// imageBuilder has the handlers as its methods. All its state is in the store.
type imageBuilder struct {
	lifecycle service.Lifecycle
}

// New makes the service.
func New(cfg Config) *service.Service {
	s := &imageBuilder{lifecycle: cfg.Lifecycle}
	w := api
	w.Invalid = invalid
	const (
		read  = service.Read
		write = service.Write
		owner = service.OwnerWrite
	)
	return &service.Service{
		API:      &w,
		NotOwner: errForbidden("Only the account that owns a resource may change it or its policy."),
		Operations: []service.Operation{
			judged(service.Row(&w, apiPutImagePolicy, owner, service.On(func(in *PutImagePolicyInput) string { return in.ImageARN }), s.putImagePolicy),
				func(in *PutImagePolicyInput) (arn, document string) { return in.ImageARN, in.Policy }),
			service.Row(&w, apiGetImagePolicy, read, service.On(func(in *GetImagePolicyInput) string { return in.ImageARN }), s.getImagePolicy),
			judged(service.Row(&w, apiPutImageRecipePolicy, owner, service.On(func(in *PutImageRecipePolicyInput) string { return in.ImageRecipeARN }), s.putImageRecipePolicy),
				func(in *PutImageRecipePolicyInput) (arn, document string) { return in.ImageRecipeARN, in.Policy }),
			service.Row(&w, apiGetImageRecipePolicy, read, service.On(func(in *GetImageRecipePolicyInput) string { return in.ImageRecipeARN }), s.getImageRecipePolicy),
			judged(service.Row(&w, apiPutComponentPolicy, owner, service.On(func(in *PutComponentPolicyInput) string { return in.ComponentARN }), s.putComponentPolicy),
				func(in *PutComponentPolicyInput) (arn, document string) { return in.ComponentARN, in.Policy }),
			service.Row(&w, apiGetComponentPolicy, read, service.On(func(in *GetComponentPolicyInput) string { return in.ComponentARN }), s.getComponentPolicy),
			judged(service.Row(&w, apiPutContainerRecipePolicy, owner, service.On(func(in *PutContainerRecipePolicyInput) string { return in.ContainerRecipeARN }), s.putContainerRecipePolicy),
				func(in *PutContainerRecipePolicyInput) (arn, document string) {
					return in.ContainerRecipeARN, in.Policy
				}),
			service.Row(&w, apiGetContainerRecipePolicy, read, service.On(func(in *GetContainerRecipePolicyInput) string { return in.ContainerRecipeARN }), s.getContainerRecipePolicy),

			service.Row(&w, apiCreateComponent, write, s.newComponent, s.createComponent),
			service.Row(&w, apiImportComponent, write, s.importedComponent, s.importComponent),
			service.Row(&w, apiGetComponent, read, onNewest(func(in *GetComponentInput) string { return in.ComponentBuildVersionARN }), s.getComponent),
			service.Row(&w, apiListComponents, read, service.OnAll, s.listComponents),
			service.Row(&w, apiListComponentBuildVersions, read, onBuilds(componentType, func(in *ListComponentBuildVersionsInput) *string { return in.ComponentVersionARN }), s.listComponentBuildVersions),
			service.Row(&w, apiDeleteComponent, owner, service.On(func(in *DeleteComponentInput) string { return in.ComponentBuildVersionARN }), s.deleteComponent),

			service.Row(&w, apiCreateImageRecipe, write, s.newImageRecipe, s.createImageRecipe),
			service.Row(&w, apiGetImageRecipe, read, onNewest(func(in *GetImageRecipeInput) string { return in.ImageRecipeARN }), s.getImageRecipe),
			service.Row(&w, apiListImageRecipes, read, service.OnAll, s.listImageRecipes),
			service.Row(&w, apiDeleteImageRecipe, owner, service.On(func(in *DeleteImageRecipeInput) string { return in.ImageRecipeARN }), s.deleteImageRecipe),

			service.Row(&w, apiCreateContainerRecipe, write, s.newContainerRecipe, s.createContainerRecipe),
			service.Row(&w, apiGetContainerRecipe, read, onNewest(func(in *GetContainerRecipeInput) string { return in.ContainerRecipeARN }), s.getContainerRecipe),
			service.Row(&w, apiListContainerRecipes, read, service.OnAll, s.listContainerRecipes),
			service.Row(&w, apiDeleteContainerRecipe, owner, service.On(func(in *DeleteContainerRecipeInput) string { return in.ContainerRecipeARN }), s.deleteContainerRecipe),

			service.Row(&w, apiCreateInfrastructureConfiguration, write, s.newInfrastructure, s.createInfrastructure),
			service.Row(&w, apiGetInfrastructureConfiguration, read, service.On(func(in *GetInfrastructureConfigurationInput) string { return in.InfrastructureConfigurationARN }), s.getInfrastructure),
			service.Row(&w, apiListInfrastructureConfigurations, read, service.OnAll, s.listInfrastructures),
			service.Row(&w, apiUpdateInfrastructureConfiguration, owner, s.changedInfrastructure, s.updateInfrastructure),
			service.Row(&w, apiDeleteInfrastructureConfiguration, owner, service.On(func(in *DeleteInfrastructureConfigurationInput) string { return in.InfrastructureConfigurationARN }), s.deleteInfrastructure),

			service.Row(&w, apiCreateDistributionConfiguration, write, s.newDistribution, s.createDistribution),
			service.Row(&w, apiGetDistributionConfiguration, read, service.On(func(in *GetDistributionConfigurationInput) string { return in.DistributionConfigurationARN }), s.getDistribution),
			service.Row(&w, apiListDistributionConfigurations, read, service.OnAll, s.listDistributions),
			service.Row(&w, apiUpdateDistributionConfiguration, owner, service.On(func(in *UpdateDistributionConfigurationInput) string { return in.DistributionConfigurationARN }), s.updateDistribution),
			service.Row(&w, apiDeleteDistributionConfiguration, owner, service.On(func(in *DeleteDistributionConfigurationInput) string { return in.DistributionConfigurationARN }), s.deleteDistribution),

			service.Row(&w, apiCreateImage, write, s.newImage, s.createImage),
			service.Row(&w, apiGetImage, read, onNewest(func(in *GetImageInput) string { return in.ImageBuildVersionARN }), s.getImage),
			service.Row(&w, apiListImages, read, service.OnAll, s.listImages),
			service.Row(&w, apiListImageBuildVersions, read, onBuilds(imageType, func(in *ListImageBuildVersionsInput) *string { return in.ImageVersionARN }), s.listImageBuildVersions),
			service.Row(&w, apiCancelImageCreation, owner, service.On(func(in *CancelImageCreationInput) string { return in.ImageBuildVersionARN }), s.cancelImageCreation),
			service.Row(&w, apiDeleteImage, owner, service.On(func(in *DeleteImageInput) string { return in.ImageBuildVersionARN }), s.deleteImage),

			service.Row(&w, apiCreateImagePipeline, write, s.newPipeline, s.createPipeline),
			service.Row(&w, apiGetImagePipeline, read, service.On(func(in *GetImagePipelineInput) string { return in.ImagePipelineARN }), s.getPipeline),
			service.Row(&w, apiListImagePipelines, read, service.OnAll, s.listPipelines),
			service.Row(&w, apiListImagePipelineImages, read, service.On(func(in *ListImagePipelineImagesInput) string { return in.ImagePipelineARN }), s.listPipelineImages),
			service.Row(&w, apiUpdateImagePipeline, owner, service.On(func(in *UpdateImagePipelineInput) string { return in.ImagePipelineARN }), s.updatePipeline),
			service.Row(&w, apiStartImagePipelineExecution, owner, s.startedPipeline, s.startPipelineExecution),
			service.Row(&w, apiDeleteImagePipeline, owner, service.On(func(in *DeleteImagePipelineInput) string { return in.ImagePipelineARN }), s.deletePipeline),

			service.Row(&w, apiTagResource, owner, s.tagged, s.tagResource),
			service.Row(&w, apiUntagResource, owner, s.untagged, s.untagResource),
			service.Row(&w, apiListTagsForResource, read, service.On(func(in *ListTagsForResourceInput) string { return in.ResourceARN }), s.listTagsForResource),
		},
	}
}

// once is service.Once with this service's error for a token that was used
// with other parameters.
func once[In, Out any](c *service.Call, operation, token string, in *In, make func() (*Out, error)) (*Out, error) {
	out, err := service.Once(c, api.Name+":"+operation, token, in, make)
	if errors.Is(err, service.ErrTokenMismatch) {
		return nil, errIdempotentParameterMismatch("The client token '%s' was already used with other parameters.", token)
	}
	return out, err
}
