package imagebuilder

import (
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// distributedVersion is the version of images that are made of what is no image of Image
// Builder.
const distributedVersion = "1.0.0"

// distributeTarget is the target of DistributeImage: the build that it would make.
func (s *imageBuilder) distributeTarget(c *operation.Call, in *DistributeImageInput) (authz.Target, error) {
	n, err := distributedName(c, in.SourceImage)
	return createTarget(n, err, in.Tags)
}

// distributedName is the name of the image that the distribution of a source makes: of an
// image the next build of its name and version in the caller's account. An AMI, or a
// parameter of Systems Manager that names one, lends its own name.
func distributedName(c *operation.Call, source string) (name, error) {
	n, err := parseName(source)
	if err != nil || n.Type != imageType {
		text := strings.Trim(strings.ReplaceAll(strings.TrimPrefix(source, "ssm:"), "/", "-"), "-")
		n = newName(c, imageType, text, distributedVersion)
		if !imageSlug.MatchString(n.Slug) {
			return n, notValid("sourceImage", "It must be an AMI id, ssm: and the name of a parameter, or the ARN of an image.")
		}
		return nextBuild(c, n)
	}
	found, err := newest(c, n)
	if err != nil {
		return n, err
	}
	return nextBuild(c, newName(c, imageType, found.Slug, found.Version))
}

// distributeImage makes an image that goes through its distribution alone.
func (s *imageBuilder) distributeImage(c *operation.Call, in *DistributeImageInput) (*DistributeImageOutput, error) {
	return once(c, apiDistributeImage.Name, in.ClientToken, in, func() (*DistributeImageOutput, error) {
		v := imageRecord{
			Image: Image{Name: &in.SourceImage, Type: new(ImageTypeAmi), Platform: new(PlatformLinux), ImageSource: new(ImageSourceCustom)},
			Only:  WorkflowTypeDistribution,
		}
		if n, err := parseName(in.SourceImage); err == nil && n.Type == imageType {
			r, err := s.loadAuthorized(c, "GetImage", "sourceImage", in.SourceImage)
			if err != nil {
				return nil, err
			}
			source, err := operation.Decode[imageRecord](r)
			if err != nil {
				return nil, err
			}
			if status := s.status(c, r, source); status != ImageStatusAvailable {
				return nil, errInvalidRequest("The image '%s' cannot be distributed: it is %s.", r.ARN, status)
			}
			v.Image = source.Image
		}
		distribution, err := s.loadOwn(c, "GetDistributionConfiguration", "distributionConfigurationArn", in.DistributionConfigurationARN)
		if err != nil {
			return nil, err
		}
		if v.DistributionConfiguration, err = operation.Decode[DistributionConfiguration](distribution); err != nil {
			return nil, err
		}
		if err := passRole(c, &in.ExecutionRole); err != nil {
			return nil, err
		}
		n, err := distributedName(c, in.SourceImage)
		if err != nil {
			return nil, err
		}
		all := defaultWorkflows(c, *v.Type, nil)
		runs, _, err := s.runs(c, nil, all[len(all)-1:])
		if err != nil {
			return nil, err
		}
		v.Attempts = []attempt{{Runs: runs}}
		v.ARN, v.Version, v.DateCreated = new(n.String()), versionAndBuild(n), timestamp(c.Now)
		v.BuildType, v.ExecutionRole, v.LoggingConfiguration = new(BuildTypeUserInitiated), &in.ExecutionRole, in.LoggingConfiguration
		v.SourcePipelineARN, v.SourcePipelineName, v.Workflows = nil, nil, nil
		if err := insert(c, n, *v.Name, v, in.Tags, v.references(c)); err != nil {
			return nil, err
		}
		return &DistributeImageOutput{ClientToken: &in.ClientToken, ImageBuildVersionARN: v.ARN}, nil
	})
}

// retryImage distributes once more an image whose distribution failed.
func (s *imageBuilder) retryImage(c *operation.Call, in *RetryImageInput) (*RetryImageOutput, error) {
	return once(c, apiRetryImage.Name, in.ClientToken, in, func() (*RetryImageOutput, error) {
		r, err := read(c, in.ImageBuildVersionARN)
		if err != nil {
			return nil, err
		}
		v, err := operation.Decode[imageRecord](r)
		if err != nil {
			return nil, err
		}
		if p := s.progress(c, r, v); !p.failedIn(WorkflowTypeDistribution) {
			return nil, errInvalidRequest("The image '%s' cannot be retried: it is %s, and only a distribution that failed can be.", r.ARN, p.Status)
		}
		again := attempt{At: c.Now}
		for _, run := range v.Attempts[len(v.Attempts)-1].Runs {
			if run.Type != WorkflowTypeDistribution {
				continue
			}
			run.ID, run.Steps = newRunID(c), append([]stepRun{}, run.Steps...)
			for i := range run.Steps {
				run.Steps[i].Sent = nil
			}
			again.Runs = append(again.Runs, run)
		}
		v.Attempts = append(v.Attempts, again)
		if err := update(c, r.ARN, v); err != nil {
			return nil, err
		}
		return &RetryImageOutput{ClientToken: &in.ClientToken, ImageBuildVersionARN: &r.ARN}, c.Tx.SetReferences(r.ARN, v.references(c))
	})
}

// failedIn reports whether an image failed in a phase.
func (p *progress) failedIn(t WorkflowType) bool {
	if p.Status != ImageStatusFailed {
		return false
	}
	for _, r := range p.Runs {
		if !r.Retried && r.Status == WorkflowExecutionStatusFailed && !r.Continues {
			return r.Type == t
		}
	}
	return false
}
