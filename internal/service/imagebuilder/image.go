package imagebuilder

import (
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// imageRecord is what is kept of an image: what it was made of, as that was at
// the time. Its state and its output follow from the clock and are not kept.
type imageRecord struct {
	Image
	CancelledAt time.Time    `json:",omitzero"`
	Only        WorkflowType `json:",omitzero"` // the one phase that the image goes through; "" is all
	Attempts    []attempt    `json:",omitzero"`
	Change      *stateChange `json:",omitzero"` // nil while nobody changed its state
}

// newImage is the target of CreateImage: the build that it would make.
func (s *imageBuilder) newImage(c *operation.Call, in *CreateImageInput) (authz.Target, error) {
	n, err := imageName(c, in)
	return createTarget(n, err, in.Tags)
}

// imageName is the name of the next image of a recipe, which may be another
// account's. As far as it can be told it comes with an error, too.
func imageName(c *operation.Call, in *CreateImageInput) (name, error) {
	n := newName(c, imageType, "*", "")
	arn, err := recipeARN(in.ImageRecipeARN, in.ContainerRecipeARN)
	if err != nil {
		return n, err
	}
	recipe, err := parseName(arn)
	if err != nil {
		return n, notFound(arn)
	}
	n.Slug, n.Version = recipe.Slug, recipe.Version
	if recipe, err = newest(c, recipe); err != nil {
		return n, err
	}
	return nextBuild(c, n.withVersion(recipe.Version))
}

// recipeARN is the recipe of an image or a pipeline, which has exactly one.
func recipeARN(image, container *string) (string, error) {
	switch {
	case image != nil && container == nil:
		return *image, nil
	case image == nil && container != nil:
		return *container, nil
	}
	return "", errInvalidParameterCombination("Exactly one of 'imageRecipeArn' and 'containerRecipeArn' must be given.")
}

func (s *imageBuilder) createImage(c *operation.Call, in *CreateImageInput) (*CreateImageOutput, error) {
	out, err := once(c, apiCreateImage.Name, in.ClientToken, in, func() (*CreateImageOutput, error) {
		n, err := s.build(c, in, nil, BuildTypeUserInitiated)
		if err != nil {
			return nil, err
		}
		return &CreateImageOutput{
			ClientToken:             &in.ClientToken,
			ImageBuildVersionARN:    new(n.String()),
			LatestVersionReferences: references(n),
		}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

// sources are what an image is made from.
type sources struct {
	recipe, infrastructure, distribution store.Resource
	refers                               []string // the ARNs of these
}

// sources finds what an image or a pipeline is made from. The caller must be
// allowed to read all of it; the recipe alone may be another account's.
func (s *imageBuilder) sources(c *operation.Call, imageRecipe, containerRecipe *string, infrastructure string, distribution *string) (found sources, err error) {
	recipe, err := recipeARN(imageRecipe, containerRecipe)
	if err != nil {
		return found, err
	}
	action, member := "GetImageRecipe", "imageRecipeArn"
	if containerRecipe != nil {
		action, member = "GetContainerRecipe", "containerRecipeArn"
	}
	if found.recipe, err = s.loadAuthorized(c, action, member, recipe); err != nil {
		return found, err
	}
	found.infrastructure, err = s.loadOwn(c, "GetInfrastructureConfiguration", "infrastructureConfigurationArn", infrastructure)
	if err != nil {
		return found, err
	}
	found.refers = []string{found.recipe.ARN, found.infrastructure.ARN}
	if distribution == nil {
		return found, nil
	}
	found.distribution, err = s.loadOwn(c, "GetDistributionConfiguration", "distributionConfigurationArn", *distribution)
	found.refers = append(found.refers, found.distribution.ARN)
	return found, err
}

// loadOwn is use of what only its owner can use.
func (s *imageBuilder) loadOwn(c *operation.Call, action, member, arn string) (store.Resource, error) {
	if accountOf(arn) != c.Account() {
		return store.Resource{}, notValid(member, "It belongs to another account.")
	}
	return s.loadAuthorized(c, action, member, arn)
}

// build makes the next image of a recipe, for a pipeline or for none.
func (s *imageBuilder) build(c *operation.Call, in *CreateImageInput, pipeline *ImagePipeline, by BuildType) (name, error) {
	from, err := s.sources(c, in.ImageRecipeARN, in.ContainerRecipeARN, in.InfrastructureConfigurationARN, in.DistributionConfigurationARN)
	if err != nil {
		return name{}, err
	}
	if err := passRole(c, in.ExecutionRole); err != nil {
		return name{}, err
	}
	n, err := imageName(c, in)
	if err != nil {
		return name{}, err
	}
	v := imageRecord{Image: Image{
		ARN:                          new(n.String()),
		Version:                      versionAndBuild(n),
		EnhancedImageMetadataEnabled: valueOr(in.EnhancedImageMetadataEnabled, true),
		ImageTestsConfiguration:      valueOr(in.ImageTestsConfiguration, defaultTests()),
		DateCreated:                  timestamp(c.Now),
		BuildType:                    &by,
		ImageSource:                  new(ImageSourceCustom),
		ImageScanningConfiguration:   in.ImageScanningConfiguration,
		ExecutionRole:                in.ExecutionRole,
		Workflows:                    in.Workflows,
		LoggingConfiguration:         in.LoggingConfiguration,
	}}
	if err := v.describe(from); err != nil {
		return name{}, err
	}
	runs, _, err := s.runs(c, in.Workflows, defaultWorkflows(c, *v.Type, v.ImageTestsConfiguration))
	if err != nil {
		return name{}, err
	}
	v.Attempts = []attempt{{Runs: runs}}
	if pipeline != nil {
		v.SourcePipelineName, v.SourcePipelineARN = pipeline.Name, pipeline.ARN
	}
	return n, insert(c, n, *v.Name, v, in.Tags, v.references(c))
}

// references are the ARNs that an image refers to: what it was made from, and its runs.
func (v *imageRecord) references(c *operation.Call) []string {
	var list []string
	add := func(arn *string) {
		if arn != nil {
			list = append(list, *arn)
		}
	}
	if v.ImageRecipe != nil {
		add(v.ImageRecipe.ARN)
	}
	if v.ContainerRecipe != nil {
		add(v.ContainerRecipe.ARN)
	}
	if v.InfrastructureConfiguration != nil {
		add(v.InfrastructureConfiguration.ARN)
	}
	if v.DistributionConfiguration != nil {
		add(v.DistributionConfiguration.ARN)
	}
	add(v.SourcePipelineARN)
	for _, a := range v.Attempts {
		for _, run := range a.Runs {
			if accountOf(run.Workflow) != amazon {
				add(&run.Workflow)
			}
		}
		list = append(list, referencesOf(c, a.Runs)...)
	}
	return list
}

// describe takes over what an image is made from.
func (v *imageRecord) describe(from sources) error {
	if from.recipe.Type == containerRecipeType {
		recipe, err := operation.Decode[containerRecipeRecord](from.recipe)
		if err != nil {
			return err
		}
		v.Type, v.ContainerRecipe = new(ImageTypeDocker), &recipe.ContainerRecipe
		v.Name, v.Platform, v.OsVersion = recipe.Name, recipe.Platform, recipe.OSVersion
	} else {
		recipe, err := operation.Decode[imageRecipeRecord](from.recipe)
		if err != nil {
			return err
		}
		v.Type, v.ImageRecipe = new(ImageTypeAmi), &recipe.ImageRecipe
		v.Name, v.Platform, v.OsVersion = recipe.Name, recipe.Platform, recipe.OSVersion
	}
	var err error
	if v.InfrastructureConfiguration, err = operation.Decode[InfrastructureConfiguration](from.infrastructure); err != nil {
		return err
	}
	if from.distribution.ARN != "" {
		v.DistributionConfiguration, err = operation.Decode[DistributionConfiguration](from.distribution)
	}
	return err
}

// versionAndBuild is how images name their version: "1.0.0/2".
func versionAndBuild(n name) *string {
	return new(n.String()[len(n.prefix())+len(n.Slug)+1:])
}

// defaultTests is how images are tested unless the caller says otherwise.
func defaultTests() ImageTestsConfiguration {
	return ImageTestsConfiguration{ImageTestsEnabled: new(true), TimeoutMinutes: new(720)}
}

// progress is how far an image is now.
func (s *imageBuilder) progress(c *operation.Call, r store.Resource, v *imageRecord) progress {
	p := progressAt(s.lifecycle, order{Created: r.CreatedAt, Cancelled: v.CancelledAt, Only: v.Only, Attempts: v.Attempts}, c.Now)
	if v.Change != nil && p.Status == ImageStatusAvailable {
		p.Status = v.Change.Status
	}
	return p
}

// status is the state of an image now.
func (s *imageBuilder) status(c *operation.Call, r store.Resource, v *imageRecord) ImageStatus {
	return s.progress(c, r, v).Status
}

// addDetails adds to an image what is not kept with it.
func (s *imageBuilder) addDetails(c *operation.Call, r store.Resource, v *imageRecord) (err error) {
	p := s.progress(c, r, v)
	v.State = &ImageState{Status: &p.Status, Reason: text(p.Reason)}
	switch p.Status {
	case ImageStatusAvailable, ImageStatusDeprecated, ImageStatusDisabled:
		v.OutputResources = outputResources(r, v)
	}
	v.Tags, err = c.Tx.Tags(r.ARN)
	return err
}

func (s *imageBuilder) getImage(c *operation.Call, in *GetImageInput) (*GetImageOutput, error) {
	n, r, err := readNewest(c, in.ImageBuildVersionARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[imageRecord](r)
	if err != nil {
		return nil, err
	}
	if err := s.addDetails(c, r, v); err != nil {
		return nil, err
	}
	return &GetImageOutput{RequestID: &c.RequestID, Image: &v.Image, LatestVersionReferences: references(n)}, nil
}

func (s *imageBuilder) cancelImageCreation(c *operation.Call, in *CancelImageCreationInput) (*CancelImageCreationOutput, error) {
	out, err := once(c, apiCancelImageCreation.Name, in.ClientToken, in, func() (*CancelImageCreationOutput, error) {
		r, err := read(c, in.ImageBuildVersionARN)
		if err != nil {
			return nil, err
		}
		v, err := operation.Decode[imageRecord](r)
		if err != nil {
			return nil, err
		}
		if status := s.status(c, r, v); !status.building() {
			return nil, errInvalidRequest("The image '%s' is not being created: it is %s.", r.ARN, status)
		}
		v.CancelledAt = c.Now
		if err := update(c, r.ARN, v); err != nil {
			return nil, err
		}
		return &CancelImageCreationOutput{ClientToken: &in.ClientToken, ImageBuildVersionARN: &in.ImageBuildVersionARN}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

func (s *imageBuilder) deleteImage(c *operation.Call, in *DeleteImageInput) (*DeleteImageOutput, error) {
	r, err := read(c, in.ImageBuildVersionARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[imageRecord](r)
	if err != nil {
		return nil, err
	}
	if status := s.status(c, r, v); status.building() {
		return nil, errResourceInUse("The image '%s' is being created: it is %s.", r.ARN, status)
	}
	if err := remove(c, r.ARN); err != nil {
		return nil, err
	}
	return &DeleteImageOutput{RequestID: &c.RequestID, ImageBuildVersionARN: &in.ImageBuildVersionARN}, nil
}
