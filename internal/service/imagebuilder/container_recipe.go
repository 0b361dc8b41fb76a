package imagebuilder

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// containerRecipeRecord is what is kept of a container recipe.
type containerRecipeRecord struct {
	ContainerRecipe
	OSVersion *string // as overridden, or of the parent image, where that is known
}

// newContainerRecipe is the target of CreateContainerRecipe: the recipe that it would make.
func (s *imageBuilder) newContainerRecipe(c *operation.Call, in *CreateContainerRecipeInput) (authz.Target, error) {
	n, err := recipeName(c, containerRecipeType, in.Name, in.SemanticVersion)
	return createTarget(n, err, in.Tags)
}

func (s *imageBuilder) createContainerRecipe(c *operation.Call, in *CreateContainerRecipeInput) (*CreateContainerRecipeOutput, error) {
	out, err := once(c, apiCreateContainerRecipe.Name, in.ClientToken, in, func() (*CreateContainerRecipeOutput, error) {
		if in.DockerfileTemplateData != nil && in.DockerfileTemplateURI != nil {
			return nil, errInvalidParameterCombination("Only one of 'dockerfileTemplateData' and 'dockerfileTemplateUri' may be given.")
		}
		n, err := recipeName(c, containerRecipeType, in.Name, in.SemanticVersion)
		if err != nil {
			return nil, err
		}
		found, err := s.loadRecipeInputs(c, in.ParentImage, in.Components)
		if err != nil {
			return nil, err
		}
		if err := encryptWith(c, in.KMSKeyID); err != nil {
			return nil, err
		}
		if in.PlatformOverride != nil {
			found.platform = *in.PlatformOverride
		}
		if in.ImageOsVersionOverride != nil {
			found.osVersion = in.ImageOsVersionOverride
		}
		recipe := containerRecipeRecord{
			ContainerRecipe: ContainerRecipe{
				ARN:                    new(n.String()),
				ContainerType:          &in.ContainerType,
				Name:                   &in.Name,
				Description:            in.Description,
				Platform:               &found.platform,
				Owner:                  &n.Account,
				Version:                &n.Version,
				Components:             in.Components,
				InstanceConfiguration:  in.InstanceConfiguration,
				DockerfileTemplateData: in.DockerfileTemplateData,
				KMSKeyID:               in.KMSKeyID,
				Encrypted:              new(true),
				ParentImage:            &in.ParentImage,
				DateCreated:            timestamp(c.Now),
				WorkingDirectory:       in.WorkingDirectory,
				TargetRepository:       in.TargetRepository,
			},
			OSVersion: found.osVersion,
		}
		if err := insert(c, n, in.Name, recipe, in.Tags, found.refers); err != nil {
			return nil, err
		}
		return &CreateContainerRecipeOutput{
			ClientToken:             &in.ClientToken,
			ContainerRecipeARN:      recipe.ARN,
			LatestVersionReferences: references(n),
		}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

func (s *imageBuilder) getContainerRecipe(c *operation.Call, in *GetContainerRecipeInput) (*GetContainerRecipeOutput, error) {
	n, r, err := readNewest(c, in.ContainerRecipeARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[containerRecipeRecord](r)
	if err != nil {
		return nil, err
	}
	if err := decryptWith(c, v.KMSKeyID); err != nil {
		return nil, err
	}
	if v.Tags, err = c.Tx.Tags(r.ARN); err != nil {
		return nil, err
	}
	return &GetContainerRecipeOutput{RequestID: &c.RequestID, ContainerRecipe: &v.ContainerRecipe, LatestVersionReferences: references(n)}, nil
}

func (s *imageBuilder) deleteContainerRecipe(c *operation.Call, in *DeleteContainerRecipeInput) (*DeleteContainerRecipeOutput, error) {
	if err := remove(c, in.ContainerRecipeARN); err != nil {
		return nil, err
	}
	return &DeleteContainerRecipeOutput{RequestID: &c.RequestID, ContainerRecipeARN: &in.ContainerRecipeARN}, nil
}

// containerRecipeFilters are the filters of ListContainerRecipes.
var containerRecipeFilters = filters[containerRecipeRecord]{
	"containerType": func(v *containerRecipeRecord) []string { return value(v.ContainerType) },
	"name":          func(v *containerRecipeRecord) []string { return value(v.Name) },
	"parentImage":   func(v *containerRecipeRecord) []string { return value(v.ParentImage) },
	"platform":      func(v *containerRecipeRecord) []string { return value(v.Platform) },
}

func (s *imageBuilder) listContainerRecipes(c *operation.Call, in *ListContainerRecipesInput) (*ListContainerRecipesOutput, error) {
	page, err := list(c, listing[containerRecipeRecord, ContainerRecipeSummary]{
		op:         apiListContainerRecipes.Name,
		rows:       resourcesOf(c, in.Owner, containerRecipeType),
		filters:    containerRecipeFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *containerRecipeRecord) (ContainerRecipeSummary, error) {
			tags, err := c.Tx.Tags(r.ARN)
			summary := ContainerRecipeSummary{
				ARN:           v.ARN,
				ContainerType: v.ContainerType,
				Name:          v.Name,
				Platform:      v.Platform,
				Owner:         v.Owner,
				ParentImage:   v.ParentImage,
				DateCreated:   v.DateCreated,
				Tags:          tags,
			}
			if v.InstanceConfiguration != nil {
				summary.InstanceImage = v.InstanceConfiguration.Image
			}
			return summary, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListContainerRecipesOutput{RequestID: &c.RequestID, ContainerRecipeSummaryList: page.Items, NextToken: page.Next}, nil
}
