package ram

import (
	"encoding/json"
	"iter"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// readable are the actions that read one resource of a type, as the service
// authorization reference has them: with those of the managed permissions, what
// a permission can allow. Those that write or share on are left out, since none
// of these types can be written by whom it is shared with; so is what takes no
// resource of another account, ssm:GetParametersByPath.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var readable = map[string][]string{
	"imagebuilder:Component":       {"GetComponent", "GetComponentPolicy", "ListTagsForResource"},
	"imagebuilder:ContainerRecipe": {"GetContainerRecipe", "GetContainerRecipePolicy", "ListTagsForResource"},
	"imagebuilder:Image": {
		"GetImage", "GetImagePolicy", "ListImagePackages", "ListImageScanFindingAggregations", "ListImageScanFindings",
		"ListLifecycleExecutions", "ListTagsForResource", "ListWorkflowExecutions",
	},
	"imagebuilder:ImageRecipe": {"GetImageRecipe", "GetImageRecipePolicy", "ListTagsForResource"},
	"ssm:Parameter":            {"GetParameter", "GetParameterHistory", "GetParameters", "GetResourcePolicies", "ListTagsForResource"},
}

// shareable are the actions that a permission for the type can allow.
func shareable(t sharing.ResourceType) []string {
	var actions []string
	for _, name := range readable[t.Name] {
		actions = append(actions, t.Service+":"+name)
	}
	for _, p := range t.Managed {
		for _, v := range p.Versions {
			var template struct{ Action []string }
			if json.Unmarshal([]byte(v.Template), &template) == nil {
				actions = append(actions, template.Action...)
			}
		}
	}
	return actions
}

// typeNamed is the resource type of a name, in any case; false if there is none.
func typeNamed(name string) (sharing.ResourceType, bool) {
	for _, t := range sharing.ResourceTypes() {
		if strings.EqualFold(t.Name, name) {
			return t, true
		}
	}
	return sharing.ResourceType{}, false
}

// listResourceTypes tells what can be shared, all of it regional.
func (s *ram) listResourceTypes(c *operation.Call, in *ListResourceTypesInput) (*ListResourceTypesOutput, error) {
	global := in.ResourceRegionScope != nil && *in.ResourceRegionScope == ResourceRegionScopeFilterGlobal
	page, err := page(apiListResourceTypes.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ServiceNameAndResourceType], error] {
		return func(yield func(operation.Keyed[ServiceNameAndResourceType], error) bool) {
			for _, t := range sharing.ResourceTypes() {
				item := ServiceNameAndResourceType{ResourceType: &t.Name, ServiceName: &t.Service, ResourceRegionScope: new(ResourceRegionScopeRegional)}
				if !global && t.Name > after && !yield(operation.Keyed[ServiceNameAndResourceType]{Key: t.Name, Item: item}, nil) {
					return
				}
			}
		}
	})
	return &ListResourceTypesOutput{ResourceTypes: page.Items, NextToken: page.Next}, err
}
