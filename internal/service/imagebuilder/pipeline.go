package imagebuilder

import (
	"errors"
	"maps"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// pipelineRecord is what is kept of a pipeline.
type pipelineRecord struct {
	ImagePipeline
	LastImage  string    `json:",omitzero"` // the ARN of the image that it made last
	LastInputs []string  `json:",omitzero"` // the builds that this image was made of
	Anchor     time.Time // from which a rate counts
}

// newPipeline is the target of CreateImagePipeline.
func (s *imageBuilder) newPipeline(c *operation.Call, in *CreateImagePipelineInput) (authz.Target, error) {
	return createTarget(newName(c, pipelineType, in.Name, ""), nil, in.Tags)
}

// startPipelineTarget is the target of StartImagePipelineExecution.
func (s *imageBuilder) startPipelineTarget(_ *operation.Call, in *StartImagePipelineExecutionInput) (authz.Target, error) {
	return authz.Target{ARN: in.ImagePipelineARN, RequestTags: in.Tags}, nil
}

func (s *imageBuilder) createPipeline(c *operation.Call, in *CreateImagePipelineInput) (*CreateImagePipelineOutput, error) {
	out, err := once(c, apiCreateImagePipeline.Name, in.ClientToken, in, func() (*CreateImagePipelineOutput, error) {
		if _, err := readSchedule(in.Schedule); err != nil {
			return nil, err
		}
		from, platform, err := s.pipelineSources(c, in.ImageRecipeARN, in.ContainerRecipeARN, in.InfrastructureConfigurationARN, in.DistributionConfigurationARN, in.Workflows, in.ExecutionRole)
		if err != nil {
			return nil, err
		}
		n := newName(c, pipelineType, in.Name, "")
		v := pipelineRecord{Anchor: c.Now, ImagePipeline: ImagePipeline{
			ARN:                            new(n.String()),
			Name:                           &in.Name,
			Description:                    in.Description,
			Platform:                       platform,
			EnhancedImageMetadataEnabled:   valueOr(in.EnhancedImageMetadataEnabled, true),
			ImageRecipeARN:                 in.ImageRecipeARN,
			ContainerRecipeARN:             in.ContainerRecipeARN,
			InfrastructureConfigurationARN: &in.InfrastructureConfigurationARN,
			DistributionConfigurationARN:   in.DistributionConfigurationARN,
			ImageTestsConfiguration:        valueOr(in.ImageTestsConfiguration, defaultTests()),
			Schedule:                       in.Schedule,
			Status:                         valueOr(in.Status, PipelineStatusEnabled),
			DateCreated:                    timestamp(c.Now),
			ImageScanningConfiguration:     in.ImageScanningConfiguration,
			ExecutionRole:                  in.ExecutionRole,
			Workflows:                      in.Workflows,
			ImageTags:                      in.ImageTags,
			LoggingConfiguration:           in.LoggingConfiguration,
		}}
		if err := insert(c, n, in.Name, v, in.Tags, from.refers); err != nil {
			return nil, err
		}
		if err := v.setTimer(c); err != nil {
			return nil, err
		}
		return &CreateImagePipelineOutput{ClientToken: &in.ClientToken, ImagePipelineARN: v.ARN}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

// pipelineSources are the sources of a pipeline with its workflows, and the platform of its
// recipe. The caller must be allowed to pass its role.
func (s *imageBuilder) pipelineSources(c *operation.Call, imageRecipe, containerRecipe *string, infrastructure string, distribution *string, workflows []WorkflowConfiguration, role *string) (sources, *Platform, error) {
	from, err := s.sources(c, imageRecipe, containerRecipe, infrastructure, distribution)
	if err != nil {
		return sources{}, nil, err
	}
	_, refers, err := s.runs(c, workflows, nil)
	if err != nil {
		return sources{}, nil, err
	}
	from.refers = append(from.refers, refers...)
	if err := passRole(c, role); err != nil {
		return sources{}, nil, err
	}
	recipe, err := operation.Decode[struct{ Platform Platform }](from.recipe)
	if err != nil {
		return sources{}, nil, err
	}
	return from, &recipe.Platform, nil
}

func (s *imageBuilder) updatePipeline(c *operation.Call, in *UpdateImagePipelineInput) (*UpdateImagePipelineOutput, error) {
	out, err := once(c, apiUpdateImagePipeline.Name, in.ClientToken, in, func() (*UpdateImagePipelineOutput, error) {
		v, err := load[pipelineRecord](c, in.ImagePipelineARN)
		if err != nil {
			return nil, err
		}
		if _, err := readSchedule(in.Schedule); err != nil {
			return nil, err
		}
		from, platform, err := s.pipelineSources(c, in.ImageRecipeARN, in.ContainerRecipeARN, in.InfrastructureConfigurationARN, in.DistributionConfigurationARN, in.Workflows, in.ExecutionRole)
		if err != nil {
			return nil, err
		}
		v.ImagePipeline = ImagePipeline{
			ARN:                            v.ARN,
			Name:                           v.Name,
			Description:                    in.Description,
			Platform:                       platform,
			EnhancedImageMetadataEnabled:   valueOr(in.EnhancedImageMetadataEnabled, true),
			ImageRecipeARN:                 in.ImageRecipeARN,
			ContainerRecipeARN:             in.ContainerRecipeARN,
			InfrastructureConfigurationARN: &in.InfrastructureConfigurationARN,
			DistributionConfigurationARN:   in.DistributionConfigurationARN,
			ImageTestsConfiguration:        valueOr(in.ImageTestsConfiguration, defaultTests()),
			Schedule:                       in.Schedule,
			Status:                         valueOr(in.Status, PipelineStatusEnabled),
			DateCreated:                    v.DateCreated,
			DateUpdated:                    timestamp(c.Now),
			DateLastRun:                    v.DateLastRun,
			ConsecutiveFailures:            v.ConsecutiveFailures,
			ImageScanningConfiguration:     in.ImageScanningConfiguration,
			ExecutionRole:                  in.ExecutionRole,
			Workflows:                      in.Workflows,
			ImageTags:                      in.ImageTags,
			LoggingConfiguration:           in.LoggingConfiguration,
		}
		v.Anchor = c.Now
		if err := update(c, in.ImagePipelineARN, v); err != nil {
			return nil, err
		}
		if err := v.setTimer(c); err != nil {
			return nil, err
		}
		if err := c.Tx.SetReferences(in.ImagePipelineARN, from.refers); err != nil {
			return nil, err
		}
		return &UpdateImagePipelineOutput{ClientToken: &in.ClientToken, ImagePipelineARN: &in.ImagePipelineARN}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

// startPipelineExecution makes an image as CreateImage would from what the
// pipeline says. Tags of the call win over the pipeline's own for images.
func (s *imageBuilder) startPipelineExecution(c *operation.Call, in *StartImagePipelineExecutionInput) (*StartImagePipelineExecutionOutput, error) {
	out, err := once(c, apiStartImagePipelineExecution.Name, in.ClientToken, in, func() (*StartImagePipelineExecutionOutput, error) {
		v, err := load[pipelineRecord](c, in.ImagePipelineARN)
		if err != nil {
			return nil, err
		}
		if err := s.execute(c, v, in.Tags, BuildTypeUserInitiated); err != nil {
			return nil, err
		}
		if err := update(c, in.ImagePipelineARN, v); err != nil {
			return nil, err
		}
		return &StartImagePipelineExecutionOutput{ClientToken: &in.ClientToken, ImageBuildVersionARN: &v.LastImage}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

// execute makes an image of a pipeline and notes it in its record.
func (s *imageBuilder) execute(c *operation.Call, v *pipelineRecord, more map[string]string, by BuildType) error {
	tags := make(map[string]string)
	maps.Copy(tags, v.ImageTags)
	maps.Copy(tags, more)
	if len(tags) > maxTags {
		return tooManyTags()
	}
	order := &CreateImageInput{
		ImageRecipeARN:                 v.ImageRecipeARN,
		ContainerRecipeARN:             v.ContainerRecipeARN,
		DistributionConfigurationARN:   v.DistributionConfigurationARN,
		InfrastructureConfigurationARN: *v.InfrastructureConfigurationARN,
		ImageTestsConfiguration:        v.ImageTestsConfiguration,
		EnhancedImageMetadataEnabled:   v.EnhancedImageMetadataEnabled,
		Tags:                           tags,
		ImageScanningConfiguration:     v.ImageScanningConfiguration,
		Workflows:                      v.Workflows,
		ExecutionRole:                  v.ExecutionRole,
	}
	if v.LoggingConfiguration != nil {
		order.LoggingConfiguration = &ImageLoggingConfiguration{LogGroupName: v.LoggingConfiguration.ImageLogGroupName}
	}
	n, err := s.build(c, order, &v.ImagePipeline, by)
	if err != nil {
		return err
	}
	v.DateLastRun, v.LastImage, v.ConsecutiveFailures = timestamp(c.Now), n.String(), nil
	v.LastInputs, err = s.inputs(c, v)
	return err
}

// describePipeline completes a pipeline with its tags and the state of its last image.
func (s *imageBuilder) describePipeline(c *operation.Call, r store.Resource, v *pipelineRecord) (p ImagePipeline, err error) {
	if v.LastImage != "" {
		last, err := c.Tx.Resource(v.LastImage)
		switch {
		case errors.Is(err, store.ErrNotFound): // deleted since
		case err != nil:
			return p, err
		default:
			image, err := operation.Decode[imageRecord](last)
			if err != nil {
				return p, err
			}
			v.LastRunStatus = new(s.status(c, last, image))
		}
	}
	if next, runs := v.nextRun(c.Now); runs {
		v.DateNextRun = timestamp(next)
	}
	v.Tags, err = c.Tx.Tags(r.ARN)
	return v.ImagePipeline, err
}

func (s *imageBuilder) getPipeline(c *operation.Call, in *GetImagePipelineInput) (*GetImagePipelineOutput, error) {
	r, err := read(c, in.ImagePipelineARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[pipelineRecord](r)
	if err != nil {
		return nil, err
	}
	p, err := s.describePipeline(c, r, v)
	if err != nil {
		return nil, err
	}
	return &GetImagePipelineOutput{RequestID: &c.RequestID, ImagePipeline: &p}, nil
}

// deletePipeline leaves the images that the pipeline made, which do not depend on it.
func (s *imageBuilder) deletePipeline(c *operation.Call, in *DeleteImagePipelineInput) (*DeleteImagePipelineOutput, error) {
	if _, err := read(c, in.ImagePipelineARN); err != nil {
		return nil, err
	}
	if err := errors.Join(c.Tx.DeleteResource(in.ImagePipelineARN), c.Tx.DeleteTimer(in.ImagePipelineARN)); err != nil {
		return nil, err
	}
	return &DeleteImagePipelineOutput{RequestID: &c.RequestID, ImagePipelineARN: &in.ImagePipelineARN}, nil
}

// pipelineFilters are the filters of ListImagePipelines.
var pipelineFilters = filters[pipelineRecord]{
	"description":                    func(v *pipelineRecord) []string { return value(v.Description) },
	"distributionConfigurationArn":   func(v *pipelineRecord) []string { return value(v.DistributionConfigurationARN) },
	"imageRecipeArn":                 func(v *pipelineRecord) []string { return value(v.ImageRecipeARN) },
	"infrastructureConfigurationArn": func(v *pipelineRecord) []string { return value(v.InfrastructureConfigurationARN) },
	"name":                           func(v *pipelineRecord) []string { return value(v.Name) },
	"status":                         func(v *pipelineRecord) []string { return value(v.Status) },
}

func (s *imageBuilder) listPipelines(c *operation.Call, in *ListImagePipelinesInput) (*ListImagePipelinesOutput, error) {
	page, err := list(c, listing[pipelineRecord, ImagePipeline]{
		op:         apiListImagePipelines.Name,
		rows:       ownResources(c, pipelineType),
		filters:    pipelineFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *pipelineRecord) (ImagePipeline, error) {
			return s.describePipeline(c, r, v)
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListImagePipelinesOutput{RequestID: &c.RequestID, ImagePipelineList: page.Items, NextToken: page.Next}, nil
}
