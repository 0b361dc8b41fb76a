package imagebuilder

import (
	"bytes"
	"iter"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// imageFilters are the filters of ListImages and ListImageBuildVersions. A
// version matches with and without its build number.
var imageFilters = filters[imageRecord]{
	"name":      func(v *imageRecord) []string { return value(v.Name) },
	"osVersion": func(v *imageRecord) []string { return value(v.OsVersion) },
	"platform":  func(v *imageRecord) []string { return value(v.Platform) },
	"type":      func(v *imageRecord) []string { return value(v.Type) },
	"version":   versions,
}

// pipelineImageFilters are the filters of ListImagePipelineImages.
var pipelineImageFilters = filters[imageRecord]{
	"name":    func(v *imageRecord) []string { return value(v.Name) },
	"version": versions,
}

func versions(v *imageRecord) []string {
	n, err := parseName(*v.ARN)
	if err != nil {
		return nil
	}
	return []string{*v.Version, n.Version}
}

// listImages lists versions, each as its newest build.
func (s *imageBuilder) listImages(c *operation.Call, in *ListImagesInput) (*ListImagesOutput, error) {
	page, err := list(c, listing[imageRecord, ImageVersion]{
		op:         apiListImages.Name,
		rows:       withoutDeprecated(in.IncludeDeprecated, resourcesOf(c, in.Owner, imageType)),
		group:      versionOrName(in.ByName),
		filters:    imageFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *imageRecord) (ImageVersion, error) {
			n, err := parseName(r.ARN)
			return ImageVersion{
				ARN:         new(n.withVersion(n.Version).String()),
				Name:        v.Name,
				Type:        v.Type,
				Version:     &n.Version,
				Platform:    v.Platform,
				OsVersion:   v.OsVersion,
				Owner:       ownerOf(r),
				DateCreated: v.DateCreated,
				BuildType:   v.BuildType,
				ImageSource: v.ImageSource,
			}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListImagesOutput{RequestID: &c.RequestID, ImageVersionList: page.Items, NextToken: page.Next}, nil
}

// withoutDeprecated leaves out images that are deprecated, unless they are asked for.
func withoutDeprecated(included *bool, rows func(string) iter.Seq2[store.Resource, error]) func(string) iter.Seq2[store.Resource, error] {
	if isTrue(included) {
		return rows
	}
	return func(after string) iter.Seq2[store.Resource, error] {
		return func(yield func(store.Resource, error) bool) {
			for r, err := range rows(after) {
				if err == nil && bytes.Contains(r.Data, []byte(ImageStatusDeprecated)) { // else it need not be decoded
					var v *imageRecord
					if v, err = operation.Decode[imageRecord](r); err == nil && v.Change != nil && v.Change.Status == ImageStatusDeprecated {
						continue
					}
				}
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

func (s *imageBuilder) listImageBuildVersions(c *operation.Call, in *ListImageBuildVersionsInput) (*ListImageBuildVersionsOutput, error) {
	page, err := list(c, listing[imageRecord, ImageSummary]{
		op:         apiListImageBuildVersions.Name,
		rows:       buildsOf(c, in.ImageVersionARN, imageType),
		filters:    imageFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view:       s.summary(c),
	})
	if err != nil {
		return nil, err
	}
	return &ListImageBuildVersionsOutput{RequestID: &c.RequestID, ImageSummaryList: page.Items, NextToken: page.Next}, nil
}

func (s *imageBuilder) listPipelineImages(c *operation.Call, in *ListImagePipelineImagesInput) (*ListImagePipelineImagesOutput, error) {
	if _, err := read(c, in.ImagePipelineARN); err != nil {
		return nil, err
	}
	page, err := list(c, listing[imageRecord, ImageSummary]{
		op:         apiListImagePipelineImages.Name,
		rows:       referringTo(c, in.ImagePipelineARN),
		filters:    pipelineImageFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view:       s.summary(c),
	})
	if err != nil {
		return nil, err
	}
	return &ListImagePipelineImagesOutput{RequestID: &c.RequestID, ImageSummaryList: page.Items, NextToken: page.Next}, nil
}

// summary is the view of an image in a list of builds.
func (s *imageBuilder) summary(c *operation.Call) func(store.Resource, *imageRecord) (ImageSummary, error) {
	return func(r store.Resource, v *imageRecord) (ImageSummary, error) {
		if err := s.addDetails(c, r, v); err != nil {
			return ImageSummary{}, err
		}
		return ImageSummary{
			ARN:                  v.ARN,
			Name:                 v.Name,
			Type:                 v.Type,
			Version:              v.Version,
			Platform:             v.Platform,
			OsVersion:            v.OsVersion,
			State:                v.State,
			Owner:                ownerOf(r),
			DateCreated:          v.DateCreated,
			OutputResources:      v.OutputResources,
			Tags:                 v.Tags,
			BuildType:            v.BuildType,
			ImageSource:          v.ImageSource,
			LoggingConfiguration: v.LoggingConfiguration,
		}, nil
	}
}
