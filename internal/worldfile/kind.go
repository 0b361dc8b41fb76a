package worldfile

import (
	"iter"
	"reflect"
	"slices"
	"strings"
)

// kind is one section of resources: which calls make one of them and read it back. The
// members of an entry are the input of create, spelled with a small first letter.
type kind struct {
	section string // "parameters"
	service string // "ssm"
	typ     string // as the store calls it; the section's rows
	// resource is the resource part of the ARNs; what stands in braces is a member of the
	// input of create, or an id that AWS makes up ("{id}"), or nothing ("{}").
	resource string
	create   string   // "" if it is there by itself
	made     string   // where the answer has the ARN: "image.arn"; "" if it has none
	hidden   []string // members of the input that an entry does not have
	always   map[string]any
	// own are members of an entry that other calls take, see loader.finish.
	own map[string]ownMember

	policy policyCall

	get     string            // reads one
	by      string            // the member that takes its ARN, or its name
	byName  bool              // by takes the last part of the ARN
	out     string            // the member of the answer that has it; "" for the answer itself
	renamed map[string]string // members of the answer, to those of the input
	usual   map[string]any    // values of members that need not be written
}

// policyCall is how a resource gets a resource-based policy. The zero value says that it
// has none.
type policyCall struct {
	operation      string // "" if it is a member of create
	arn, doc, name string // the members; name is "" where policies have none
	one            bool   // there is at most one
}

// ownMember is a member of an entry that is none of create.
type ownMember struct {
	typ  reflect.Type
	text string // what it says
}

// kinds are the sections, in the order in which they are made: what others refer to first.
var kinds = []kind{
	{
		section: "managedPolicies", service: "iam", typ: "policy", resource: "policy{Path}{PolicyName}",
		create: "CreatePolicy", made: "Policy.Arn",
	},
	{
		section: "instanceProfiles", service: "iam", typ: "instance-profile", resource: "instance-profile{Path}{InstanceProfileName}",
		create: "CreateInstanceProfile", made: "InstanceProfile.Arn",
		own: map[string]ownMember{"role": {reflect.TypeFor[string](), "The role of the profile."}},
		get: "GetInstanceProfile", by: "InstanceProfileName", byName: true, out: "InstanceProfile",
	},
	{
		section: "keys", service: "kms", typ: "key", resource: "key/{id}",
		create: "CreateKey", made: "KeyMetadata.Arn", hidden: []string{"BypassPolicyLockoutSafetyCheck", "CustomerMasterKeySpec", "CustomKeyStoreId", "XksKeyId"},
		always: map[string]any{"BypassPolicyLockoutSafetyCheck": true}, policy: policyCall{doc: "Policy", one: true},
		own: map[string]ownMember{
			"aliases":  {listType, "The aliases of the key, such as alias/mine."},
			"disabled": {reflect.TypeFor[bool](), "The key is disabled."},
			"rotation": {reflect.TypeFor[bool](), "The key is rotated each year."},
		},
		get: "DescribeKey", by: "KeyId", out: "KeyMetadata",
		usual: map[string]any{"Description": "", "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "MultiRegion": false},
	},
	{
		section: "parameters", service: "ssm", typ: "parameter", resource: "parameter{Name}",
		create: "PutParameter", hidden: []string{"Overwrite"},
		own:    map[string]ownMember{"labels": {listType, "The labels of the version."}},
		policy: policyCall{operation: "PutResourcePolicy", arn: "ResourceArn", doc: "Policy"},
	},
	{
		section: "documents", service: "ssm", typ: "document", resource: "document/{Name}",
		create: "CreateDocument", hidden: []string{"Attachments"},
		own: map[string]ownMember{"sharedWith": {listType, "The accounts that the document is shared with, or all."}},
		get: "GetDocument", by: "Name", byName: true,
	},
	{
		section: "opsItems", service: "ssm", typ: "opsitem", resource: "opsitem/{id}",
		create: "CreateOpsItem", made: "OpsItemArn", hidden: []string{"AccountId"},
		get: "GetOpsItem", by: "OpsItemId", byName: true, out: "OpsItem",
	},
	{
		section: "opsItemGroups", service: "ssm", typ: "opsitemgroup", resource: "opsitemgroup/{}",
		policy: policyCall{operation: "PutResourcePolicy", arn: "ResourceArn", doc: "Policy"},
	},
	{
		section: "components", service: "imagebuilder", typ: "component", resource: "component/{name}/{semanticVersion}/{}",
		create: "CreateComponent", made: "componentBuildVersionArn", hidden: []string{"dryRun"},
		policy: policyCall{operation: "PutComponentPolicy", arn: "componentArn", doc: "policy", one: true},
		get:    "GetComponent", by: "componentBuildVersionArn", out: "component", renamed: map[string]string{"version": "semanticVersion"},
	},
	{
		section: "imageRecipes", service: "imagebuilder", typ: "image-recipe", resource: "image-recipe/{name}/{semanticVersion}",
		create: "CreateImageRecipe", made: "imageRecipeArn",
		policy: policyCall{operation: "PutImageRecipePolicy", arn: "imageRecipeArn", doc: "policy", one: true},
		get:    "GetImageRecipe", by: "imageRecipeArn", out: "imageRecipe", renamed: map[string]string{"version": "semanticVersion"},
	},
	{
		section: "containerRecipes", service: "imagebuilder", typ: "container-recipe", resource: "container-recipe/{name}/{semanticVersion}",
		create: "CreateContainerRecipe", made: "containerRecipeArn",
		policy: policyCall{operation: "PutContainerRecipePolicy", arn: "containerRecipeArn", doc: "policy", one: true},
		get:    "GetContainerRecipe", by: "containerRecipeArn", out: "containerRecipe", renamed: map[string]string{"version": "semanticVersion"},
	},
	{
		section: "infrastructureConfigurations", service: "imagebuilder", typ: "infrastructure-configuration", resource: "infrastructure-configuration/{name}",
		create: "CreateInfrastructureConfiguration", made: "infrastructureConfigurationArn",
		get: "GetInfrastructureConfiguration", by: "infrastructureConfigurationArn", out: "infrastructureConfiguration",
	},
	{
		section: "distributionConfigurations", service: "imagebuilder", typ: "distribution-configuration", resource: "distribution-configuration/{name}",
		create: "CreateDistributionConfiguration", made: "distributionConfigurationArn",
		get: "GetDistributionConfiguration", by: "distributionConfigurationArn", out: "distributionConfiguration",
	},
	{
		section: "workflows", service: "imagebuilder", typ: "workflow", resource: "workflow/{type}/{name}/{semanticVersion}/{}",
		create: "CreateWorkflow", made: "workflowBuildVersionArn", hidden: []string{"dryRun"},
		get: "GetWorkflow", by: "workflowBuildVersionArn", out: "workflow", renamed: map[string]string{"version": "semanticVersion"},
	},
	{
		section: "images", service: "imagebuilder", typ: "image", resource: "image/{}/{}/{}",
		create: "CreateImage", made: "imageBuildVersionArn",
		policy: policyCall{operation: "PutImagePolicy", arn: "imageArn", doc: "policy", one: true},
		get:    "GetImage", by: "imageBuildVersionArn", out: "image", renamed: sourcesOfImage,
	},
	{
		section: "imagePipelines", service: "imagebuilder", typ: "image-pipeline", resource: "image-pipeline/{name}",
		create: "CreateImagePipeline", made: "imagePipelineArn",
		get: "GetImagePipeline", by: "imagePipelineArn", out: "imagePipeline",
	},
	{
		section: "projects", service: "rekognition", typ: "project", resource: "project/{ProjectName}/{now}",
		create: "CreateProject", made: "ProjectArn",
		policy: policyCall{operation: "PutProjectPolicy", arn: "ProjectArn", doc: "PolicyDocument", name: "PolicyName"},
	},
	{
		section: "modelVersions", service: "rekognition", typ: "projectversion", resource: "project/{}/version/{VersionName}/{now}",
		create: "CreateProjectVersion", made: "ProjectVersionArn",
	},
	{
		section: "analyzers", service: "access-analyzer", typ: "analyzer", resource: "analyzer/{analyzerName}",
		create: "CreateAnalyzer", made: "arn",
		get: "GetAnalyzer", by: "analyzerName", byName: true, out: "analyzer",
	},
	{
		section: "permissions", service: "ram", typ: "permission", resource: "permission/{name}",
		create: "CreatePermission", made: "permission.arn",
		get: "GetPermission", by: "permissionArn", out: "permission", renamed: map[string]string{"permission": "policyTemplate"},
	},
}

// sourcesOfImage are members of an image that CreateImage calls by their ARNs.
var sourcesOfImage = map[string]string{
	"imageRecipe.arn": "imageRecipeArn", "containerRecipe.arn": "containerRecipeArn",
	"infrastructureConfiguration.arn": "infrastructureConfigurationArn", "distributionConfiguration.arn": "distributionConfigurationArn",
}

func kindOfSection(name string) (*kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.section == name })
	if i < 0 {
		return nil, false
	}
	return &kinds[i], true
}

// sections yields the names of the sections.
func sections() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range kinds {
			if !yield(kinds[i].section) {
				return
			}
		}
	}
}

// named are the members of the input that stand in an ARN, and the ids in it; false if the
// ARN is none of the kind.
func (k *kind) named(resource string) (map[string]string, bool) {
	found := map[string]string{}
	form := k.resource
	for form != "" {
		open := strings.IndexByte(form, '{')
		if open < 0 {
			return found, resource == form
		}
		if !strings.HasPrefix(resource, form[:open]) {
			return nil, false
		}
		resource = resource[open:]
		name, rest, _ := strings.Cut(form[open+1:], "}")
		end := len(resource)
		switch {
		case name == "Path":
			end = strings.LastIndexByte(resource, '/') + 1
		case rest != "":
			end = strings.IndexByte(resource, '/')
		case strings.Contains(resource, "/") && k.typ != "parameter":
			return nil, false
		}
		if end < 1 {
			return nil, false
		}
		if name != "" {
			found[name] = resource[:end]
		}
		resource, form = resource[end:], rest
	}
	return found, resource == ""
}

// input are the members of create that the ARN of an entry gives.
func (k *kind) input(named map[string]string) map[string]any {
	in := map[string]any{}
	for name, value := range named {
		switch {
		case name == "id" || name == "now":
		case k.typ == "parameter" && strings.Count(value, "/") == 1: // "parameter/db" is of "db" and of "/db"
			in[name] = value[1:]
		case k.typ == "workflow" && name == "type":
			in[name] = strings.ToUpper(value)
		default:
			in[name] = value
		}
	}
	return in
}

// isGiven reports whether an entry has a member of the input: the others follow from its
// ARN, or are given in another form.
func (k *kind) isGiven(member string) bool {
	lower := strings.ToLower(member)
	if lower == "tags" || lower == "clienttoken" || slices.Contains(k.hidden, member) || k.policy.operation == "" && k.policy.doc == member {
		return false
	}
	return member != "Path" && member != "PolicyName" && member != "InstanceProfileName"
}

// spelled is a member of an API as a file spells it.
func (k *kind) spelled(member string) string {
	if k.typ == "parameter" && member == "Policies" { // not the resource-based ones
		return "parameterPolicies"
	}
	upper := 0
	for upper < len(member) && member[upper] >= 'A' && member[upper] <= 'Z' {
		upper++
	}
	if upper > 1 && upper < len(member) {
		upper-- // the last capital begins the next word
	}
	return strings.ToLower(member[:upper]) + member[upper:]
}
