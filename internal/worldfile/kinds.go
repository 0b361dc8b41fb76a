package worldfile

import "reflect"

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
		section: "oidcProviders", service: "iam", typ: "oidc-provider", resource: "oidc-provider/{Url}",
		create: "CreateOpenIDConnectProvider", made: "OpenIDConnectProviderArn", hidden: []string{"Url"},
		get: "GetOpenIDConnectProvider", by: "OpenIDConnectProviderArn",
	},
	{
		section: "samlProviders", service: "iam", typ: "saml-provider", resource: "saml-provider/{Name}",
		create: "CreateSAMLProvider", made: "SAMLProviderArn", hidden: []string{"AddPrivateKey"},
		get: "GetSAMLProvider", by: "SAMLProviderArn", usual: map[string]any{"AssertionEncryptionMode": "Allowed"},
	},
	{
		section: "keys", service: "kms", typ: "key", resource: "key/{id}",
		create: "CreateKey", made: "KeyMetadata.Arn", hidden: []string{"BypassPolicyLockoutSafetyCheck", "CustomerMasterKeySpec", "CustomKeyStoreId", "XksKeyId"},
		always: map[string]any{"BypassPolicyLockoutSafetyCheck": true}, policy: policyCall{doc: "Policy", one: true},
		own: map[string]ownMember{
			"aliases":              {listType, "The aliases of the key, such as alias/mine."},
			"disabled":             {reflect.TypeFor[bool](), "The key is disabled."},
			"rotation":             {reflect.TypeFor[bool](), "The key is rotated each year."},
			"rotationPeriodInDays": {reflect.TypeFor[int](), "The key is rotated every so many days."},
			"grants":               {reflect.TypeFor[[]Grant](), "The grants of the key. Their ids are made up."},
			"material":             {reflect.TypeFor[*Material](), "A symmetric key with the origin EXTERNAL has imported key material: 32 random bytes. Without it the key waits for an import."},
			"primary":              {reflect.TypeFor[string](), "The primary key, of a replica of a multi-Region key: the ARN with the same id in another region."},
		},
		get: "DescribeKey", by: "KeyId", out: "KeyMetadata",
		usual: map[string]any{"Description": "", "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "MultiRegion": false},
	},
	{
		section: "secrets", service: "secretsmanager", typ: "secret", resource: "secret:{Name}-{suffix}",
		create: "CreateSecret", made: "ARN", hidden: []string{"ForceOverwriteReplicaSecret"},
		policy: policyCall{operation: "PutResourcePolicy", arn: "SecretId", doc: "ResourcePolicy", one: true},
		get:    "DescribeSecret", by: "SecretId",
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
		section: "opsMetadata", service: "ssm", typ: "opsmetadata", resource: "opsmetadata/{ResourceId}",
		create: "CreateOpsMetadata", made: "OpsMetadataArn",
		get: "GetOpsMetadata", by: "OpsMetadataArn",
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
		section: "lifecyclePolicies", service: "imagebuilder", typ: "lifecycle-policy", resource: "lifecycle-policy/{name}",
		create: "CreateLifecyclePolicy", made: "lifecyclePolicyArn",
		get: "GetLifecyclePolicy", by: "lifecyclePolicyArn", out: "lifecyclePolicy", usual: map[string]any{"status": "ENABLED"},
	},
	{
		section: "projects", service: "rekognition", typ: "project", resource: "project/{ProjectName}/{now}",
		create: "CreateProject", made: "ProjectArn",
		policy: policyCall{operation: "PutProjectPolicy", arn: "ProjectArn", doc: "PolicyDocument", name: "PolicyName"},
	},
	{
		section: "datasets", service: "rekognition", typ: "dataset", resource: "project/{}/dataset/{DatasetType}/{now}",
		create: "CreateDataset", made: "DatasetArn", hidden: []string{"ProjectArn", "DatasetType"},
		own: map[string]ownMember{"entries": {listType, "The entries: JSON lines of a manifest, in their order."}},
	},
	{
		section: "modelVersions", service: "rekognition", typ: "projectversion", resource: "project/{}/version/{VersionName}/{now}",
		create: "CreateProjectVersion", made: "ProjectVersionArn",
	},
	{
		section: "collections", service: "rekognition", typ: "collection", resource: "collection/{CollectionId}",
		create: "CreateCollection", made: "CollectionArn",
		own: map[string]ownMember{"users": {listType, "The ids of the users of the collection."}},
		get: "DescribeCollection", by: "CollectionId", byName: true,
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
