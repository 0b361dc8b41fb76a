package imagebuilder

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
)

// The types of resources, as they are written in ARNs. The store knows them by the
// same words.
const (
	componentType       = "component"
	imageType           = "image"
	imageRecipeType     = "image-recipe"
	containerRecipeType = "container-recipe"
	infrastructureType  = "infrastructure-configuration"
	distributionType    = "distribution-configuration"
	pipelineType        = "image-pipeline"
	lifecyclePolicyType = "lifecycle-policy"
	workflowType        = "workflow" // followed by "/build", "/test" or "/distribution"

	lifecycleExecutionType = "lifecycle-execution"
)

// name is an ARN of this service taken apart: type/slug, type/slug/version or
// type/slug/version/build. The type of a workflow has two parts.
type name struct {
	Partition string
	Region    string
	Account   string // 12 digits, or "aws" for what Amazon publishes
	Type      string
	Slug      string
	Version   string // "1.0.0", or with wildcards "1.x.x"; "" where the type has none
	Build     int    // from 1; 0 where the ARN has none
}

// parseName is the inverse of name.String.
func parseName(text string) (name, error) {
	a, err := arn.Parse(text)
	if err != nil {
		return name{}, err
	}
	part := strings.Split(a.Resource, "/")
	if part[0] == workflowType && len(part) > 1 {
		part = append([]string{part[0] + "/" + part[1]}, part[2:]...)
	}
	if a.Service != api.Name || len(part) < 2 || len(part) > 4 {
		return name{}, fmt.Errorf("%q names no resource of Image Builder", text)
	}
	n := name{Partition: a.Partition, Region: a.Region, Account: a.Account, Type: part[0], Slug: part[1]}
	if len(part) > 2 {
		n.Version = part[2]
	}
	if len(part) > 3 {
		if n.Build, err = strconv.Atoi(part[3]); err != nil || n.Build < 1 || strconv.Itoa(n.Build) != part[3] {
			return name{}, fmt.Errorf("%q has no build number that is assigned", text)
		}
	}
	return n, nil
}

// newName is the name of a resource that the caller makes. Version is "" for
// types that have none.
func newName(c *operation.Call, typ, displayName, version string) name {
	return name{
		Partition: c.Partition, Region: c.Region, Account: c.Account(),
		Type: typ, Slug: slug(displayName), Version: version,
	}
}

// slug is what an ARN makes of a display name: "My Web App" is "my-web-app".
func slug(displayName string) string {
	return strings.ReplaceAll(strings.ToLower(displayName), " ", "-")
}

func (n name) String() string {
	text := n.prefix() + n.Slug
	if n.Version != "" {
		text += "/" + n.Version
	}
	if n.Build != 0 {
		text += "/" + strconv.Itoa(n.Build)
	}
	return text
}

// prefix begins the ARNs of all resources of the type that the account has in
// the region.
func (n name) prefix() string {
	return "arn:" + n.Partition + ":" + api.Name + ":" + n.Region + ":" + n.Account + ":" + n.Type + "/"
}

// withVersion is n with another version, and without a build.
func (n name) withVersion(version string) name {
	n.Version, n.Build = version, 0
	return n
}

// hasBuilds reports whether resources of the type have builds.
func (n name) hasBuilds() bool {
	return n.Type == imageType || n.Type == componentType || strings.HasPrefix(n.Type, workflowType+"/")
}

// amazon is the account field of what Amazon publishes.
const amazon = "aws"

// accountOf is the account field of an ARN, or of the beginning of one.
func accountOf(text string) string {
	a, err := arn.Parse(text)
	if err != nil {
		return ""
	}
	return a.Account
}
