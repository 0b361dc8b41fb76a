package ram

import (
	"encoding/json"
	"iter"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// readActions holds the actions that read one resource of a type, from the service
// authorization reference. A permission can allow these and the actions of the managed
// permissions. Actions that write or share a resource are omitted, because consumers
// can only read resources of these types, and so is ssm:GetParametersByPath, which
// accepts no resource of another account.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var readActions = map[string][]string{
	"imagebuilder:Component":       {"GetComponent", "GetComponentPolicy", "ListTagsForResource"},
	"imagebuilder:ContainerRecipe": {"GetContainerRecipe", "GetContainerRecipePolicy", "ListTagsForResource"},
	"imagebuilder:Image": {
		"GetImage", "GetImagePolicy", "ListImagePackages", "ListImageScanFindingAggregations", "ListImageScanFindings",
		"ListLifecycleExecutions", "ListTagsForResource", "ListWorkflowExecutions",
	},
	"imagebuilder:ImageRecipe": {"GetImageRecipe", "GetImageRecipePolicy", "ListTagsForResource"},
	"ssm:Parameter":            {"GetParameter", "GetParameterHistory", "GetParameters", "GetResourcePolicies", "ListTagsForResource"},
}

// shareableActions returns the actions that a permission for the type can allow.
func shareableActions(t sharing.ResourceType) []string {
	var actions []string
	for _, name := range readActions[t.Name] {
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

// findResourceType returns the resource type with a name, which it compares without
// regard to case.
func findResourceType(name string) (sharing.ResourceType, bool) {
	for _, t := range sharing.ResourceTypes() {
		if strings.EqualFold(t.Name, name) {
			return t, true
		}
	}
	return sharing.ResourceType{}, false
}

// listResourceTypes lists the resource types that can be shared. All are regional.
func (s *ram) listResourceTypes(c *operation.Call, in *ListResourceTypesInput) (*ListResourceTypesOutput, error) {
	regional := includesRegional(in.ResourceRegionScope)
	page, err := paginate(apiListResourceTypes.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ServiceNameAndResourceType], error] {
		return func(yield func(operation.Keyed[ServiceNameAndResourceType], error) bool) {
			for _, t := range sharing.ResourceTypes() {
				item := ServiceNameAndResourceType{ResourceType: &t.Name, ServiceName: &t.Service, ResourceRegionScope: new(ResourceRegionScopeRegional)}
				if regional && t.Name > after && !yield(operation.Keyed[ServiceNameAndResourceType]{Key: t.Name, Item: item}, nil) {
					return
				}
			}
		}
	})
	return &ListResourceTypesOutput{ResourceTypes: page.Items, NextToken: page.Next}, err
}

// parseResourceType returns the canonical name of the resource type that a list is
// restricted to; "" if it is not restricted.
func parseResourceType(name *string) (string, error) {
	if name == nil {
		return "", nil
	}
	typ, ok := findResourceType(*name)
	if !ok {
		return "", errInvalidParameter("Invalid resource type: %s", *name)
	}
	return typ.Name, nil
}
