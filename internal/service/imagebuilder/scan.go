package imagebuilder

import (
	"fmt"
	"iter"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Nothing is scanned. An available image with scanning enabled has two findings that are the
// same for all and marked as samples, so that what reads findings can be tested.

// sampleMark begins the title of a finding that no scan made.
const sampleMark = "Sample of Writ, no image was scanned: "

// sampleFindings are the findings of each scanned image.
var sampleFindings = []struct{ id, severity, title string }{
	{"WRIT-SAMPLE-0001", "HIGH", sampleMark + "a package with a known vulnerability"},
	{"WRIT-SAMPLE-0002", "MEDIUM", sampleMark + "a package that is out of date"},
}

// filtered is a target that a filter names: an image or a pipeline, or else all images.
func filtered(c *operation.Call, name *string, values []string) (authz.Target, error) {
	if name != nil && len(values) == 1 && (*name == "imageBuildVersionArn" || *name == "imagePipelineArn") {
		return authz.Target{ARN: values[0]}, nil
	}
	return authz.Target{ARN: newName(c, imageType, "*", "*").String() + "/*"}, nil
}

func (s *imageBuilder) scanFindingsTarget(c *operation.Call, in *ListImageScanFindingsInput) (authz.Target, error) {
	if len(in.Filters) == 0 {
		return filtered(c, nil, nil)
	}
	return filtered(c, in.Filters[0].Name, in.Filters[0].Values)
}

func (s *imageBuilder) aggregationsTarget(c *operation.Call, in *ListImageScanFindingAggregationsInput) (authz.Target, error) {
	if in.Filter == nil {
		return filtered(c, nil, nil)
	}
	return filtered(c, in.Filter.Name, in.Filter.Values)
}

// findingValues are the values that findings have for filters.
var findingValues = map[string]func(*ImageScanFinding) string{
	"accountId":            func(f *ImageScanFinding) string { return *f.AwsAccountID },
	"imageBuildVersionArn": func(f *ImageScanFinding) string { return *f.ImageBuildVersionARN },
	"imagePipelineArn": func(f *ImageScanFinding) string {
		if f.ImagePipelineARN == nil {
			return ""
		}
		return *f.ImagePipelineARN
	},
	"severity":        func(f *ImageScanFinding) string { return *f.Severity },
	"vulnerabilityId": func(f *ImageScanFinding) string { return f.PackageVulnerabilityDetails.VulnerabilityID },
}

// findingFilter is the test of one filter; names are those that the operation offers.
func findingFilter(name *string, values []string, names string) (func(*ImageScanFinding) bool, error) {
	if name == nil {
		return nil, notValid("filters", "A filter must have a name.")
	}
	of := findingValues[*name]
	if of == nil || !strings.Contains(names, " "+*name+" ") {
		return nil, notValid("filters", "There is no filter named '"+*name+"'.")
	}
	return func(f *ImageScanFinding) bool {
		value := of(f)
		for _, wanted := range values {
			if value == wanted {
				return true
			}
		}
		return false
	}, nil
}

// findings yields the findings of the account's images, each with a key that orders it.
func (s *imageBuilder) findings(c *operation.Call, after string) iter.Seq2[operation.Keyed[ImageScanFinding], error] {
	image, _, _ := strings.Cut(after, "#")
	return func(yield func(operation.Keyed[ImageScanFinding], error) bool) {
		for r, err := range s.scannedImages(c, image) {
			var list []ImageScanFinding
			if err == nil {
				list, err = findingsOf(r)
			}
			if err != nil {
				yield(operation.Keyed[ImageScanFinding]{}, err)
				return
			}
			for i, f := range list {
				key := fmt.Sprintf("%s#%d", r.ARN, i)
				if key > after && !yield(operation.Keyed[ImageScanFinding]{Key: key, Item: f}, nil) {
					return
				}
			}
		}
	}
}

// scannedImages yields the available images of the account with scanning enabled, from one
// on.
func (s *imageBuilder) scannedImages(c *operation.Call, from string) iter.Seq2[store.Resource, error] {
	return func(yield func(store.Resource, error) bool) {
		for r, err := range ownResources(c, imageType)("") {
			if err == nil && r.ARN < from {
				continue
			}
			var v *imageRecord
			if err == nil {
				v, err = operation.Decode[imageRecord](r)
			}
			if err == nil {
				scanning := v.ImageScanningConfiguration
				if scanning == nil || !isTrue(scanning.ImageScanningEnabled) || s.status(c, r, v) != ImageStatusAvailable {
					continue
				}
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// findingsOf are the sample findings of an image.
func findingsOf(r store.Resource) ([]ImageScanFinding, error) {
	v, err := operation.Decode[imageRecord](r)
	if err != nil {
		return nil, err
	}
	var list []ImageScanFinding
	for _, sample := range sampleFindings {
		list = append(list, ImageScanFinding{
			AwsAccountID:         &r.Account,
			ImageBuildVersionARN: &r.ARN,
			ImagePipelineARN:     v.SourcePipelineARN,
			Type:                 new("PACKAGE_VULNERABILITY"),
			Title:                &sample.title,
			Description:          &sample.title,
			Severity:             &sample.severity,
			FirstObservedAt:      &r.CreatedAt,
			UpdatedAt:            &r.CreatedAt,
			FixAvailable:         new("NO"),
			PackageVulnerabilityDetails: &PackageVulnerabilityDetails{
				VulnerabilityID: sample.id,
				Source:          new("WRIT"),
			},
		})
	}
	return list, nil
}

func (s *imageBuilder) listImageScanFindings(c *operation.Call, in *ListImageScanFindingsInput) (*ListImageScanFindingsOutput, error) {
	op := apiListImageScanFindings.Name
	after, err := afterToken(op, in.NextToken)
	if err != nil {
		return nil, err
	}
	wanted := func(*ImageScanFinding) bool { return true }
	if len(in.Filters) > 0 {
		if wanted, err = findingFilter(in.Filters[0].Name, in.Filters[0].Values, " imageBuildVersionArn imagePipelineArn vulnerabilityId severity "); err != nil {
			return nil, err
		}
	}
	page, err := operation.Paginate(op, limitOf(in.MaxResults), func(yield func(operation.Keyed[ImageScanFinding], error) bool) {
		for f, err := range s.findings(c, after) {
			if err == nil && !wanted(&f.Item) {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return &ListImageScanFindingsOutput{RequestID: &c.RequestID, Findings: page.Items, NextToken: page.Next}, nil
}

// listImageScanFindingAggregations counts findings by what the filter is about, the account
// without one, in the order in which the images have them.
func (s *imageBuilder) listImageScanFindingAggregations(c *operation.Call, in *ListImageScanFindingAggregationsInput) (*ListImageScanFindingAggregationsOutput, error) {
	by, wanted := "accountId", func(*ImageScanFinding) bool { return true }
	if in.Filter != nil {
		var err error
		if wanted, err = findingFilter(in.Filter.Name, in.Filter.Values, " accountId imageBuildVersionArn imagePipelineArn vulnerabilityId "); err != nil {
			return nil, err
		}
		by = *in.Filter.Name
	}
	counts := map[string]*SeverityCounts{}
	var list []ImageScanFindingAggregation
	for f, err := range s.findings(c, "") {
		if err != nil {
			return nil, err
		}
		key := findingValues[by](&f.Item)
		if key == "" || !wanted(&f.Item) {
			continue
		}
		if counts[key] == nil {
			counts[key] = &SeverityCounts{All: new(int64), Critical: new(int64), High: new(int64), Medium: new(int64)}
			list = append(list, aggregation(by, key, counts[key]))
		}
		counts[key].add(*f.Item.Severity)
	}
	page, err := pageOf(apiListImageScanFindingAggregations.Name, nil, in.NextToken, list)
	if err != nil {
		return nil, err
	}
	return &ListImageScanFindingAggregationsOutput{RequestID: &c.RequestID, AggregationType: &by, Responses: page.Items, NextToken: page.Next}, nil
}

func (n *SeverityCounts) add(severity string) {
	*n.All++
	switch severity {
	case "CRITICAL":
		*n.Critical++
	case "HIGH":
		*n.High++
	case "MEDIUM":
		*n.Medium++
	}
}

func aggregation(by, key string, counts *SeverityCounts) (a ImageScanFindingAggregation) {
	switch by {
	case "accountId":
		a.AccountAggregation = &AccountAggregation{AccountID: &key, SeverityCounts: counts}
	case "imageBuildVersionArn":
		a.ImageAggregation = &ImageAggregation{ImageBuildVersionARN: &key, SeverityCounts: counts}
	case "imagePipelineArn":
		a.ImagePipelineAggregation = &ImagePipelineAggregation{ImagePipelineARN: &key, SeverityCounts: counts}
	case "vulnerabilityId":
		a.VulnerabilityIDAggregation = &VulnerabilityIDAggregation{VulnerabilityID: &key, SeverityCounts: counts}
	}
	return a
}

// listImagePackages lists the components of an available image as its packages: what else is
// in it, nobody has looked for.
func (s *imageBuilder) listImagePackages(c *operation.Call, in *ListImagePackagesInput) (*ListImagePackagesOutput, error) {
	r, err := read(c, in.ImageBuildVersionARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[imageRecord](r)
	if err != nil {
		return nil, err
	}
	var components []ComponentConfiguration
	switch {
	case s.status(c, r, v).building():
	case v.ImageRecipe != nil:
		components = v.ImageRecipe.Components
	case v.ContainerRecipe != nil:
		components = v.ContainerRecipe.Components
	}
	var packages []ImagePackage
	for _, component := range components {
		n, err := parseName(component.ComponentARN)
		if err != nil {
			return nil, err
		}
		packages = append(packages, ImagePackage{PackageName: &n.Slug, PackageVersion: &n.Version})
	}
	page, err := pageOf(apiListImagePackages.Name, in.MaxResults, in.NextToken, packages)
	if err != nil {
		return nil, err
	}
	return &ListImagePackagesOutput{RequestID: &c.RequestID, ImagePackageList: page.Items, NextToken: page.Next}, nil
}

// getMarketplaceResource finds nothing: there is no marketplace, so no component is of it.
func (s *imageBuilder) getMarketplaceResource(c *operation.Call, in *GetMarketplaceResourceInput) (*GetMarketplaceResourceOutput, error) {
	_, r, err := readNewest(c, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return nil, errInvalidRequest("The resource '%s' is not of AWS Marketplace.", r.ARN)
}
