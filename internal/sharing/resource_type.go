package sharing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/store"
)

// ResourceType is a kind of resource that RAM can share.
type ResourceType struct {
	Name      string // "imagebuilder:Image"
	Service   string // "imagebuilder"
	PutAction string // that a caller needs to share one: "imagebuilder:PutImagePolicy"
	GetAction string // that the managed permission allows for reading one: "imagebuilder:GetImage"
	// OwnAccount says that a policy that names the owner's own account creates a share,
	// as recordings of AWS show for parameters.
	OwnAccount bool
	// Managed are the permissions that AWS manages for it, the default first.
	Managed []Permission
}

// ResourceTypes are all resource types, by name.
func ResourceTypes() []ResourceType { return slices.Clone(resourceTypes) }

// TypeOf is the resource type of an ARN; false for what cannot be shared.
func TypeOf(resource string) (ResourceType, bool) {
	a, err := arn.Parse(resource)
	if err != nil {
		return ResourceType{}, false
	}
	kind, _, _ := strings.Cut(a.Resource, "/")
	name, ok := typeNames[a.Service+":"+kind]
	if !ok {
		return ResourceType{}, false
	}
	return resourceTypes[slices.IndexFunc(resourceTypes, func(t ResourceType) bool { return t.Name == name })], true
}

// Shareable finds the resource at an ARN that TypeOf knows, and returns why it cannot be
// shared; "" if it can. The owning service stores this in members of the row's data:
// "Unshareable" is the reason, "Expires" the time at which the resource expires. For an
// expired resource, or a row of another kind, such as the history of a parameter, the
// error is store.ErrNotFound.
func Shareable(tx *store.Tx, resource string, now time.Time) (reason string, err error) {
	r, err := tx.Resource(resource)
	if err != nil {
		return "", err
	}
	var v struct {
		Unshareable string
		Expires     time.Time
	}
	if err := json.Unmarshal(r.Data, &v); err != nil {
		return "", err
	}
	if _, ok := typeNames[r.Service+":"+r.Type]; !ok || !v.Expires.IsZero() && !now.Before(v.Expires) {
		return "", fmt.Errorf("read %s: %w", resource, store.ErrNotFound)
	}
	return v.Unshareable, nil
}

// typeNames are the names of resource types by their names in ARNs.
var typeNames = map[string]string{
	"imagebuilder:component":        "imagebuilder:Component",
	"imagebuilder:container-recipe": "imagebuilder:ContainerRecipe",
	"imagebuilder:image":            "imagebuilder:Image",
	"imagebuilder:image-recipe":     "imagebuilder:ImageRecipe",
	"ssm:parameter":                 "ssm:Parameter",
}

// resourceTypes are never changed. When AWS made the permissions is not known
// to the second for all of them.
// https://docs.aws.amazon.com/ram/latest/userguide/shareable.html
var resourceTypes = []ResourceType{
	imageBuilderType("Component", 21977),
	imageBuilderType("ContainerRecipe", 23600),
	imageBuilderType("Image", 21201),
	imageBuilderType("ImageRecipe", 22832),
	{
		Name: "ssm:Parameter", Service: "ssm", PutAction: "ssm:PutResourcePolicy", GetAction: "ssm:GetParameter", OwnAccount: true,
		Managed: []Permission{
			managed("AWSRAMDefaultPermissionSSMParameterReadOnly", "ssm:Parameter", parametersShared, true,
				"ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameters"),
			managed("AWSRAMPermissionSSMParameterReadOnlyWithHistory", "ssm:Parameter", parametersShared, false,
				"ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory"),
		},
	},
}

// parametersShared is when Parameter Store announced sharing; the creation times of its
// permissions are not published.
var parametersShared = time.Date(2024, time.February, 22, 0, 0, 0, 0, time.UTC)

// imageBuilderType is a type of Image Builder, whose permission was made so many
// milliseconds after 2022-06-30 17:04.
func imageBuilderType(kind string, milliseconds int) ResourceType {
	created := time.Date(2022, time.June, 30, 17, 4, 0, 0, time.UTC).Add(time.Duration(milliseconds) * time.Millisecond)
	name := "imagebuilder:" + kind
	return ResourceType{
		Name: name, Service: "imagebuilder", PutAction: "imagebuilder:Put" + kind + "Policy", GetAction: "imagebuilder:Get" + kind,
		Managed: []Permission{
			managed("AWSRAMDefaultPermissionImageBuilder"+kind, name, created, true, "imagebuilder:Get"+kind, "imagebuilder:List"+kind+"s"),
		},
	}
}

// managedARN begins the ARNs of what AWS manages.
const managedARN = "arn:aws:ram::aws:permission/"

func managed(name, resourceType string, created time.Time, byDefault bool, actions ...string) Permission {
	return Permission{
		ARN: managedARN + name, Owner: "aws", Name: name, ResourceType: resourceType, FeatureSet: Standard,
		Default: 1, TypeDefault: byDefault,
		Versions: []PermissionVersion{{Number: 1, Template: terms{actions: actions}.template(), Created: created}},
		Created:  created, Updated: created,
	}
}

// managedPermission is what AWS manages at an ARN, in any partition and in
// either spelling.
func managedPermission(text string) (*Permission, bool) {
	a, err := arn.Parse(text)
	if err != nil || a.Service != ramService || a.Account != "aws" || a.Region != "" {
		return nil, false
	}
	name, ok := strings.CutPrefix(a.Resource, "permission/")
	if !ok {
		return nil, false
	}
	name = strings.TrimPrefix(name, "imagebuilder:")
	for _, t := range resourceTypes {
		for _, p := range t.Managed {
			if p.Name == name {
				p.ARN = "arn:" + a.Partition + strings.TrimPrefix(managedARN, "arn:aws") + name
				return &p, true
			}
		}
	}
	return nil, false
}
