package fix

import (
	"fmt"
	"strings"

	"github.com/writdev/writ/arn"
)

// resourcePolicy edits a resource-based policy. Its name is the ARN that it is attached to and, if a resource
// has several, a space and the name of the policy.
func (e edit) resourcePolicy() (Call, error) {
	resource, name, _ := strings.Cut(e.Policy, " ")
	if e.Policy == "" {
		resource = policyResource(e.record.Resource)
	}
	a, err := arn.Parse(resource)
	if err != nil {
		return Call{}, fmt.Errorf("%s has no resource-based policy", resource)
	}
	c := Call{Region: a.Region}
	switch a.Service {
	case "ssm":
		return e.parameterPolicy(c, resource, name)
	case "imagebuilder":
		return e.imagePolicy(c, a)
	case "rekognition":
		return e.projectPolicy(c, resource, name)
	case "secretsmanager":
		c.Service, c.Operation = "secretsmanager", "DeleteResourcePolicy"
		c.Params = []Param{{Name: "SecretId", Value: resource}}
		if e.Document != "" {
			c.Operation = "PutResourcePolicy"
			c.Params = append(c.Params, Param{Name: "ResourcePolicy", Value: e.Document})
		}
		return c, nil
	case "kms":
		if e.Document == "" {
			return Call{}, fmt.Errorf("the key policy of %s cannot be deleted", resource)
		}
		c.Service, c.Operation = "kms", "PutKeyPolicy"
		c.Params = []Param{{Name: "KeyId", Value: resource}, {Name: "PolicyName", Value: "default"}, {Name: "Policy", Value: e.Document}}
		return c, nil
	}
	return Call{}, fmt.Errorf("%s has no operation that puts a resource-based policy", a.Service)
}

// policyResource returns the ARN to which the policy that applies to a resource is attached.
func policyResource(resource string) string {
	if a, err := arn.Parse(resource); err == nil && a.Service == "ssm" && strings.HasPrefix(a.Resource, "opsitem/") {
		a.Resource = "opsitemgroup/default"
		return a.String()
	}
	return resource
}

// parameterPolicy edits a policy of Systems Manager. The update requires its id and its current hash.
func (e edit) parameterPolicy(c Call, resource, id string) (Call, error) {
	c.Service = "ssm"
	c.Params = []Param{{Name: "ResourceArn", Value: resource}}
	if e.Document != "" {
		c.Operation = "PutResourcePolicy"
		c.Params = append(c.Params, Param{Name: "Policy", Value: e.Document})
	} else {
		c.Operation = "DeleteResourcePolicy"
	}
	if id == "" {
		return c, nil
	}
	var present struct {
		Policies []struct {
			ID   string `json:"PolicyId"`
			Hash string `json:"PolicyHash"`
		}
	}
	lookup := Call{
		Account: e.Account, Region: c.Region, Service: "ssm", Operation: "GetResourcePolicies",
		Params: []Param{{Name: "ResourceArn", Value: resource}},
	}
	if err := e.read(lookup, &present); err != nil {
		return c, err
	}
	for _, p := range present.Policies {
		if p.ID == id {
			c.Params = append(c.Params, Param{Name: "PolicyId", Value: id}, Param{Name: "PolicyHash", Value: p.Hash})
			return c, nil
		}
	}
	return c, fmt.Errorf("the policy %s of %s has been deleted", id, resource)
}

// imagePolicies holds, by resource type, the operation of Image Builder that puts a policy, and the member
// that names the resource.
var imagePolicies = map[string]struct{ operation, member string }{
	"image":            {"PutImagePolicy", "imageArn"},
	"image-recipe":     {"PutImageRecipePolicy", "imageRecipeArn"},
	"container-recipe": {"PutContainerRecipePolicy", "containerRecipeArn"},
	"component":        {"PutComponentPolicy", "componentArn"},
}

func (e edit) imagePolicy(c Call, resource arn.ARN) (Call, error) {
	typ, _, _ := strings.Cut(resource.Resource, "/")
	put, known := imagePolicies[typ]
	if !known {
		return c, fmt.Errorf("a resource of the type %s has no policy", typ)
	}
	if e.Document == "" {
		return c, fmt.Errorf("the policy of %s cannot be deleted", resource)
	}
	c.Service, c.Operation = "imagebuilder", put.operation
	c.Params = []Param{{Name: put.member, Value: resource.String()}, {Name: "policy", Value: e.Document}}
	return c, nil
}

// projectPolicy edits a project policy of Rekognition. The update requires its current revision.
func (e edit) projectPolicy(c Call, project, name string) (Call, error) {
	if prefix, _, isVersion := strings.Cut(project, "/version/"); isVersion {
		var err error
		if project, err = e.projectOf(c.Region, prefix); err != nil {
			return c, err
		}
	}
	c.Service, c.Operation = "rekognition", "PutProjectPolicy"
	if e.Document == "" {
		c.Operation = "DeleteProjectPolicy"
	}
	c.Params = []Param{{Name: "ProjectArn", Value: project}, {Name: "PolicyName", Value: name}}
	if name == "" {
		c.Params[1].Value = "allow-" + strings.ReplaceAll(e.record.Action, ":", "-")
	} else {
		var present struct {
			Policies []struct {
				Name     string `json:"PolicyName"`
				Revision string `json:"PolicyRevisionId"`
			} `json:"ProjectPolicies"`
		}
		lookup := Call{
			Account: e.Account, Region: c.Region, Service: "rekognition", Operation: "ListProjectPolicies",
			Params: []Param{{Name: "ProjectArn", Value: project}},
		}
		if err := e.read(lookup, &present); err != nil {
			return c, err
		}
		revision := ""
		for _, p := range present.Policies {
			if p.Name == name {
				revision = p.Revision
			}
		}
		if revision == "" {
			return c, fmt.Errorf("the policy %s of %s has been deleted", name, project)
		}
		c.Params = append(c.Params, Param{Name: "PolicyRevisionId", Value: revision})
	}
	if e.Document != "" {
		c.Params = append(c.Params, Param{Name: "PolicyDocument", Value: e.Document})
	}
	return c, nil
}

// projectOf returns the project of a model version. The ARN of a version begins like that of its project, up
// to the time at its end.
func (e edit) projectOf(region, prefix string) (string, error) {
	var present struct {
		Projects []struct {
			ARN string `json:"ProjectArn"`
		} `json:"ProjectDescriptions"`
	}
	lookup := Call{Account: e.Account, Region: region, Service: "rekognition", Operation: "DescribeProjects"}
	if err := e.read(lookup, &present); err != nil {
		return "", err
	}
	for _, p := range present.Projects {
		if strings.HasPrefix(p.ARN, prefix+"/") {
			return p.ARN, nil
		}
	}
	return "", fmt.Errorf("there is no project %s", prefix)
}
