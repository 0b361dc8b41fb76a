package imagebuilder

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// imageRecipeRecord is what is kept of an image recipe.
type imageRecipeRecord struct {
	ImageRecipe
	OSVersion *string // of the parent image, where that is known
}

// newImageRecipe is the target of CreateImageRecipe: the recipe that it would make.
func (s *imageBuilder) newImageRecipe(c *operation.Call, in *CreateImageRecipeInput) (authz.Target, error) {
	n, err := recipeName(c, imageRecipeType, in.Name, in.SemanticVersion)
	return createTarget(n, err, in.Tags)
}

func (s *imageBuilder) createImageRecipe(c *operation.Call, in *CreateImageRecipeInput) (*CreateImageRecipeOutput, error) {
	out, err := once(c, apiCreateImageRecipe.Name, in.ClientToken, in, func() (*CreateImageRecipeOutput, error) {
		n, err := recipeName(c, imageRecipeType, in.Name, in.SemanticVersion)
		if err != nil {
			return nil, err
		}
		found, err := s.loadRecipeInputs(c, in.ParentImage, in.Components)
		if err != nil {
			return nil, err
		}
		recipe := imageRecipeRecord{
			ImageRecipe: ImageRecipe{
				ARN:                             new(n.String()),
				Type:                            new(ImageTypeAmi),
				Name:                            &in.Name,
				Description:                     in.Description,
				Platform:                        &found.platform,
				Owner:                           &n.Account,
				Version:                         &n.Version,
				Components:                      in.Components,
				ParentImage:                     &in.ParentImage,
				BlockDeviceMappings:             in.BlockDeviceMappings,
				DateCreated:                     timestamp(c.Now),
				WorkingDirectory:                in.WorkingDirectory,
				AdditionalInstanceConfiguration: in.AdditionalInstanceConfiguration,
				AmiTags:                         in.AmiTags,
			},
			OSVersion: found.osVersion,
		}
		if err := insert(c, n, in.Name, recipe, in.Tags, found.refers); err != nil {
			return nil, err
		}
		return &CreateImageRecipeOutput{
			ClientToken:             &in.ClientToken,
			ImageRecipeARN:          recipe.ARN,
			LatestVersionReferences: references(n),
		}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

func (s *imageBuilder) getImageRecipe(c *operation.Call, in *GetImageRecipeInput) (*GetImageRecipeOutput, error) {
	n, r, err := readNewest(c, in.ImageRecipeARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[imageRecipeRecord](r)
	if err != nil {
		return nil, err
	}
	if v.Tags, err = c.Tx.Tags(r.ARN); err != nil {
		return nil, err
	}
	return &GetImageRecipeOutput{RequestID: &c.RequestID, ImageRecipe: &v.ImageRecipe, LatestVersionReferences: references(n)}, nil
}

func (s *imageBuilder) deleteImageRecipe(c *operation.Call, in *DeleteImageRecipeInput) (*DeleteImageRecipeOutput, error) {
	if err := remove(c, in.ImageRecipeARN); err != nil {
		return nil, err
	}
	return &DeleteImageRecipeOutput{RequestID: &c.RequestID, ImageRecipeARN: &in.ImageRecipeARN}, nil
}

// imageRecipeFilters are the filters of ListImageRecipes.
var imageRecipeFilters = filters[imageRecipeRecord]{
	"name":        func(v *imageRecipeRecord) []string { return value(v.Name) },
	"parentImage": func(v *imageRecipeRecord) []string { return value(v.ParentImage) },
	"platform":    func(v *imageRecipeRecord) []string { return value(v.Platform) },
}

func (s *imageBuilder) listImageRecipes(c *operation.Call, in *ListImageRecipesInput) (*ListImageRecipesOutput, error) {
	page, err := list(c, listing[imageRecipeRecord, ImageRecipeSummary]{
		op:         apiListImageRecipes.Name,
		rows:       resourcesOf(c, in.Owner, imageRecipeType),
		filters:    imageRecipeFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *imageRecipeRecord) (ImageRecipeSummary, error) {
			tags, err := c.Tx.Tags(r.ARN)
			return ImageRecipeSummary{
				ARN:         v.ARN,
				Name:        v.Name,
				Platform:    v.Platform,
				Owner:       v.Owner,
				ParentImage: v.ParentImage,
				DateCreated: v.DateCreated,
				Tags:        tags,
			}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListImageRecipesOutput{RequestID: &c.RequestID, ImageRecipeSummaryList: page.Items, NextToken: page.Next}, nil
}
