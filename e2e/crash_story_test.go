package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	analyzertypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	imagetypes "github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
)

const (
	storyOwner    = "111122223333"
	storyConsumer = "444455556666"
	storyRegion   = "us-east-1"
)

// storyStep is one mutating request. done reports whether what it does is there; its error
// tells that only a part of it is.
type storyStep struct {
	name string
	do   func(context.Context) error
	done func(context.Context) (bool, error)
}

// story is a sequence of steps.
type story struct {
	steps     []storyStep
	deletedBy map[string]string // the name of a step whose work a later step deletes: that of the other

	iam      *iam.Client
	kms      *kms.Client
	ssm      *ssm.Client
	images   *imagebuilder.Client
	models   *rekognition.Client
	shares   *ram.Client // of the owner
	consumer *ram.Client
	org      *organizations.Client
	analyzer *accessanalyzer.Client
}

func newStory(address string) *story {
	s := &story{}
	s.connect(address)
	s.deletedBy = map[string]string{"PutParameter to be deleted": deletingStep, "PutResourcePolicy to be deleted": deletingStep}
	s.steps = slices.Concat(s.identitySteps(), s.keySteps(), s.parameterSteps(), s.imageSteps(), s.modelSteps(), s.shareSteps(), s.organizationSteps())
	return s
}

// step returns the index of a step.
func (s *story) step(name string) int {
	return slices.IndexFunc(s.steps, func(step storyStep) bool { return step.name == name })
}

func (s *story) connect(address string) {
	config := func(account string) aws.Config {
		return aws.Config{
			Region: storyRegion, BaseEndpoint: aws.String("http://" + address), RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider(account, "test", ""),
		}
	}
	owner := config(storyOwner)
	s.iam, s.kms, s.ssm = iam.NewFromConfig(owner), kms.NewFromConfig(owner), ssm.NewFromConfig(owner)
	s.images, s.models = imagebuilder.NewFromConfig(owner), rekognition.NewFromConfig(owner)
	s.shares, s.consumer = ram.NewFromConfig(owner), ram.NewFromConfig(config(storyConsumer))
	s.org, s.analyzer = organizations.NewFromConfig(owner), accessanalyzer.NewFromConfig(owner)
}

// ignore drops the output of a call.
func ignore[Out any](_ Out, err error) error { return err }

// absent makes an error of a missing resource an answer. Of the steps' reads each names one
// resource.
func absent(err error) error {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		for _, part := range []string{"NotFound", "NoSuchEntity", "NotInUse", "UnknownResource"} {
			if strings.Contains(e.ErrorCode(), part) {
				return nil
			}
		}
	}
	return err
}

// whole checks that of the parts of a step all are there or none.
func whole(parts ...bool) (bool, error) {
	for _, part := range parts {
		if part != parts[0] {
			return false, fmt.Errorf("it is done in parts: %v", parts)
		}
	}
	return parts[0], nil
}

const storyTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + storyOwner + `"},"Action":"sts:AssumeRole"}]}`
const storyAllow = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}`

func (s *story) identitySteps() []storyStep {
	user, role, group := aws.String("crash-user"), aws.String("crash-role"), aws.String("crash-group")
	managed := aws.String("arn:aws:iam::" + storyOwner + ":policy/crash-policy")
	return []storyStep{
		{"CreateUser with a tag", func(ctx context.Context) error {
			return ignore(s.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: user, Tags: []iamtypes.Tag{{Key: user, Value: user}}}))
		}, func(ctx context.Context) (bool, error) {
			out, err := s.iam.GetUser(ctx, &iam.GetUserInput{UserName: user})
			if err != nil {
				return false, absent(err)
			}
			return whole(true, len(out.User.Tags) == 1)
		}},
		{"CreateAccessKey", func(ctx context.Context) error {
			return ignore(s.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: user}))
		}, func(ctx context.Context) (bool, error) {
			out, err := s.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: user})
			return err == nil && len(out.AccessKeyMetadata) == 1, absent(err)
		}},
		{"CreateRole", func(ctx context.Context) error {
			return ignore(s.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: role, AssumeRolePolicyDocument: aws.String(storyTrust)}))
		}, func(ctx context.Context) (bool, error) {
			_, err := s.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: role})
			return err == nil, absent(err)
		}},
		{"PutRolePolicy", func(ctx context.Context) error {
			return ignore(s.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role, PolicyName: role, PolicyDocument: aws.String(storyAllow)}))
		}, func(ctx context.Context) (bool, error) {
			_, err := s.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: role, PolicyName: role})
			return err == nil, absent(err)
		}},
		{"CreatePolicy", func(ctx context.Context) error {
			return ignore(s.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("crash-policy"), PolicyDocument: aws.String(storyAllow)}))
		}, func(ctx context.Context) (bool, error) {
			_, err := s.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: managed})
			return err == nil, absent(err)
		}},
		{"AttachRolePolicy", func(ctx context.Context) error {
			return ignore(s.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: role, PolicyArn: managed}))
		}, func(ctx context.Context) (bool, error) {
			attached, err := s.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: role})
			if err != nil {
				return false, absent(err)
			}
			policy, err := s.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: managed})
			if err != nil {
				return false, absent(err)
			}
			return whole(len(attached.AttachedPolicies) == 1, *policy.Policy.AttachmentCount == 1)
		}},
		{"CreateGroup", func(ctx context.Context) error {
			return ignore(s.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: group}))
		}, func(ctx context.Context) (bool, error) {
			_, err := s.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: group})
			return err == nil, absent(err)
		}},
		{"AddUserToGroup", func(ctx context.Context) error {
			return ignore(s.iam.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: group, UserName: user}))
		}, func(ctx context.Context) (bool, error) {
			of, err := s.iam.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: user})
			if err != nil {
				return false, absent(err)
			}
			in, err := s.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: group})
			if err != nil {
				return false, absent(err)
			}
			return whole(len(of.Groups) == 1, len(in.Users) == 1)
		}},
	}
}

func (s *story) keySteps() []storyStep {
	alias, created := aws.String("alias/crash"), "crash key"
	key := func(ctx context.Context) (string, error) { // the id of the key that the story creates
		list, err := s.kms.ListKeys(ctx, &kms.ListKeysInput{})
		if err != nil {
			return "", err
		}
		for _, k := range list.Keys {
			described, err := s.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: k.KeyId})
			if err == nil && aws.ToString(described.KeyMetadata.Description) == created {
				return *k.KeyId, nil
			}
		}
		return "", nil
	}
	return []storyStep{
		{"CreateKey with a tag", func(ctx context.Context) error {
			return ignore(s.kms.CreateKey(ctx, &kms.CreateKeyInput{Description: &created, Tags: []kmstypes.Tag{{TagKey: alias, TagValue: alias}}}))
		}, func(ctx context.Context) (bool, error) {
			id, err := key(ctx)
			if id == "" || err != nil {
				return false, err
			}
			tags, err := s.kms.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &id})
			if err != nil {
				return false, err
			}
			policies, err := s.kms.ListKeyPolicies(ctx, &kms.ListKeyPoliciesInput{KeyId: &id})
			if err != nil {
				return false, err
			}
			return whole(true, len(tags.Tags) == 1, len(policies.PolicyNames) == 1)
		}},
		{"CreateAlias", func(ctx context.Context) error {
			id, err := key(ctx)
			if err != nil {
				return err
			}
			return ignore(s.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: alias, TargetKeyId: &id}))
		}, func(ctx context.Context) (bool, error) {
			_, err := s.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: alias})
			return err == nil, absent(err)
		}},
		{"CreateGrant", func(ctx context.Context) error {
			id, err := key(ctx)
			if err != nil {
				return err
			}
			return ignore(s.kms.CreateGrant(ctx, &kms.CreateGrantInput{KeyId: &id, GranteePrincipal: aws.String("arn:aws:iam::" + storyConsumer + ":root"), Operations: []kmstypes.GrantOperation{kmstypes.GrantOperationDecrypt}}))
		}, func(ctx context.Context) (bool, error) {
			id, err := key(ctx)
			if id == "" || err != nil {
				return false, err
			}
			grants, err := s.kms.ListGrants(ctx, &kms.ListGrantsInput{KeyId: &id})
			return err == nil && len(grants.Grants) == 1, err
		}},
	}
}

// deletingStep deletes a parameter with its policy and the share of the policy.
const deletingStep = "DeleteParameter"

func (s *story) parameterSteps() []storyStep {
	name, doomed := aws.String("/crash/parameter"), aws.String("/crash/deleted")
	base := "arn:aws:ssm:" + storyRegion + ":" + storyOwner + ":parameter"
	put := func(value string) func(context.Context) error {
		return func(ctx context.Context) error {
			return ignore(s.ssm.PutParameter(ctx, &ssm.PutParameterInput{Name: name, Value: &value, Type: ssmtypes.ParameterTypeSecureString, KeyId: aws.String("alias/crash"), Tier: ssmtypes.ParameterTierAdvanced, Overwrite: aws.Bool(true)}))
		}
	}
	version := func(n int) func(context.Context) (bool, error) {
		return func(ctx context.Context) (bool, error) {
			history, err := s.ssm.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: name, WithDecryption: aws.Bool(true)})
			if err != nil {
				return false, absent(err)
			}
			current, err := s.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: name, WithDecryption: aws.Bool(true)})
			if err != nil {
				return false, err
			}
			if last := history.Parameters[len(history.Parameters)-1]; *last.Value != *current.Parameter.Value {
				return false, fmt.Errorf("the value is %s, the last of its history %s", *current.Parameter.Value, *last.Value)
			}
			return current.Parameter.Version >= int64(n), nil
		}
	}
	exists := func(ctx context.Context) (bool, error) {
		_, err := s.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: doomed})
		return err == nil, absent(err)
	}
	share := func(name *string) func(context.Context) error {
		return func(ctx context.Context) error {
			return ignore(s.ssm.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: aws.String(base + *name), Policy: aws.String(fmt.Sprintf(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":%q}]}`, storyConsumer, base+*name))}))
		}
	}
	shared := func(name *string) func(context.Context) (bool, error) {
		return func(ctx context.Context) (bool, error) {
			policies, err := s.ssm.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: aws.String(base + *name)})
			if absent(err) != nil {
				return false, err
			}
			share, failed := s.share(ctx, base+*name, ramtypes.ResourceShareFeatureSetCreatedFromPolicy)
			if failed != nil {
				return false, failed
			}
			return whole(err == nil && len(policies.Policies) == 1, share != "")
		}
	}
	return []storyStep{
		{"PutParameter", put("one"), version(1)},
		{"PutParameter again", put("two"), version(2)},
		{"PutResourcePolicy", share(name), shared(name)},
		{"PutParameter to be deleted", func(ctx context.Context) error {
			return ignore(s.ssm.PutParameter(ctx, &ssm.PutParameterInput{Name: doomed, Value: name, Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced}))
		}, exists},
		{"PutResourcePolicy to be deleted", share(doomed), shared(doomed)},
		{deletingStep, func(ctx context.Context) error {
			return ignore(s.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: doomed}))
		}, func(ctx context.Context) (bool, error) {
			there, err := exists(ctx)
			if err != nil {
				return false, err
			}
			policy, err := shared(doomed)(ctx)
			if err != nil {
				return false, err
			}
			return whole(!there, !policy)
		}},
	}
}

// share is the ARN of the owner's share with a feature set that has a resource; "" if there
// is none.
func (s *story) share(ctx context.Context, resource string, set ramtypes.ResourceShareFeatureSet) (string, error) {
	list, err := s.shares.ListResources(ctx, &ram.ListResourcesInput{ResourceOwner: ramtypes.ResourceOwnerSelf, ResourceArns: []string{resource}})
	if err != nil {
		return "", err
	}
	for _, r := range list.Resources {
		got, err := s.shares.GetResourceShares(ctx, &ram.GetResourceSharesInput{ResourceOwner: ramtypes.ResourceOwnerSelf, ResourceShareArns: []string{*r.ResourceShareArn}})
		if err != nil {
			return "", err
		}
		if len(got.ResourceShares) == 1 && got.ResourceShares[0].FeatureSet == set {
			return *r.ResourceShareArn, nil
		}
	}
	return "", nil
}

func (s *story) imageSteps() []storyStep {
	base := "arn:aws:imagebuilder:" + storyRegion + ":" + storyOwner + ":"
	component, recipe := aws.String(base+"component/crash/1.0.0/1"), aws.String(base+"image-recipe/crash/1.0.0")
	return []storyStep{
		{"CreateComponent", func(ctx context.Context) error {
			return ignore(s.images.CreateComponent(ctx, &imagebuilder.CreateComponentInput{Name: aws.String("crash"), SemanticVersion: aws.String("1.0.0"), Platform: imagetypes.PlatformLinux,
				Data: aws.String("schemaVersion: 1.0\nphases:\n  - name: build\n    steps: []\n"), Tags: map[string]string{"k": "v"}}))
		}, func(ctx context.Context) (bool, error) {
			out, err := s.images.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: component})
			if err != nil {
				return false, absent(err)
			}
			return whole(true, len(out.Component.Tags) == 1)
		}},
		{"CreateImageRecipe", func(ctx context.Context) error {
			return ignore(s.images.CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{Name: aws.String("crash"), SemanticVersion: aws.String("1.0.0"),
				ParentImage: aws.String("ami-0123456789abcdef0"), Components: []imagetypes.ComponentConfiguration{{ComponentArn: component}}}))
		}, func(ctx context.Context) (bool, error) {
			_, err := s.images.GetImageRecipe(ctx, &imagebuilder.GetImageRecipeInput{ImageRecipeArn: recipe})
			return err == nil, absent(err)
		}},
		{"PutImageRecipePolicy", func(ctx context.Context) error {
			return ignore(s.images.PutImageRecipePolicy(ctx, &imagebuilder.PutImageRecipePolicyInput{ImageRecipeArn: recipe, Policy: aws.String(fmt.Sprintf(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":"imagebuilder:GetImageRecipe","Resource":%q}]}`, storyConsumer, *recipe))}))
		}, func(ctx context.Context) (bool, error) {
			out, err := s.images.GetImageRecipePolicy(ctx, &imagebuilder.GetImageRecipePolicyInput{ImageRecipeArn: recipe})
			if err != nil {
				return false, absent(err)
			}
			share, err := s.share(ctx, *recipe, ramtypes.ResourceShareFeatureSetCreatedFromPolicy)
			if err != nil {
				return false, err
			}
			return whole(strings.Contains(aws.ToString(out.Policy), storyConsumer), share != "")
		}},
	}
}

func (s *story) modelSteps() []storyStep {
	name := "crash"
	project := func(ctx context.Context) (string, error) {
		out, err := s.models.DescribeProjects(ctx, &rekognition.DescribeProjectsInput{ProjectNames: []string{name}})
		if err != nil || len(out.ProjectDescriptions) == 0 {
			return "", absent(err)
		}
		return *out.ProjectDescriptions[0].ProjectArn, nil
	}
	return []storyStep{
		{"CreateProject", func(ctx context.Context) error {
			return ignore(s.models.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: &name}))
		}, func(ctx context.Context) (bool, error) {
			arn, err := project(ctx)
			return arn != "", err
		}},
		{"PutProjectPolicy", func(ctx context.Context) error {
			arn, err := project(ctx)
			if err != nil {
				return err
			}
			return ignore(s.models.PutProjectPolicy(ctx, &rekognition.PutProjectPolicyInput{ProjectArn: &arn, PolicyName: &name, PolicyDocument: aws.String(fmt.Sprintf(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":"rekognition:CopyProjectVersion","Resource":"*"}]}`, "arn:aws:iam::"+storyConsumer+":root"))}))
		}, func(ctx context.Context) (bool, error) {
			arn, err := project(ctx)
			if arn == "" || err != nil {
				return false, err
			}
			out, err := s.models.ListProjectPolicies(ctx, &rekognition.ListProjectPoliciesInput{ProjectArn: &arn})
			return err == nil && len(out.ProjectPolicies) == 1, absent(err)
		}},
	}
}

func (s *story) shareSteps() []storyStep {
	name := aws.String("crash")
	component := "arn:aws:imagebuilder:" + storyRegion + ":" + storyOwner + ":component/crash/1.0.0/1"
	invitation := func(ctx context.Context) (*ramtypes.ResourceShareInvitation, error) {
		out, err := s.consumer.GetResourceShareInvitations(ctx, &ram.GetResourceShareInvitationsInput{})
		if err != nil || len(out.ResourceShareInvitations) == 0 {
			return nil, err
		}
		return &out.ResourceShareInvitations[0], nil
	}
	return []storyStep{
		{"CreateResourceShare", func(ctx context.Context) error {
			return ignore(s.shares.CreateResourceShare(ctx, &ram.CreateResourceShareInput{Name: name, ResourceArns: []string{component}, Principals: []string{storyConsumer}, AllowExternalPrincipals: aws.Bool(true)}))
		}, func(ctx context.Context) (bool, error) {
			shares, err := s.shares.GetResourceShares(ctx, &ram.GetResourceSharesInput{ResourceOwner: ramtypes.ResourceOwnerSelf, Name: name})
			if err != nil {
				return false, err
			}
			share, err := s.share(ctx, component, ramtypes.ResourceShareFeatureSetStandard)
			if err != nil {
				return false, err
			}
			invited, err := invitation(ctx)
			if err != nil {
				return false, err
			}
			return whole(len(shares.ResourceShares) == 1, share != "", invited != nil)
		}},
		{"AcceptResourceShareInvitation", func(ctx context.Context) error {
			invited, err := invitation(ctx)
			if err != nil {
				return err
			}
			return ignore(s.consumer.AcceptResourceShareInvitation(ctx, &ram.AcceptResourceShareInvitationInput{ResourceShareInvitationArn: invited.ResourceShareInvitationArn}))
		}, func(ctx context.Context) (bool, error) {
			invited, err := invitation(ctx)
			if err != nil || invited == nil {
				return false, err
			}
			seen, err := s.consumer.ListResources(ctx, &ram.ListResourcesInput{ResourceOwner: ramtypes.ResourceOwnerOtherAccounts})
			if err != nil {
				return false, err
			}
			return whole(invited.Status == ramtypes.ResourceShareInvitationStatusAccepted, len(seen.Resources) == 1)
		}},
	}
}

func (s *story) organizationSteps() []storyStep {
	root := func(ctx context.Context) (string, error) {
		out, err := s.org.ListRoots(ctx, &organizations.ListRootsInput{})
		if err != nil || len(out.Roots) == 0 {
			return "", absent(err)
		}
		return *out.Roots[0].Id, nil
	}
	return []storyStep{
		{"CreateOrganization", func(ctx context.Context) error {
			return ignore(s.org.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: organizationstypes.OrganizationFeatureSetAll}))
		}, func(ctx context.Context) (bool, error) {
			_, err := s.org.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
			if absent(err) != nil {
				return false, err
			}
			id, failed := root(ctx)
			if failed != nil {
				return false, failed
			}
			return whole(err == nil, id != "")
		}},
		{"CreateOrganizationalUnit", func(ctx context.Context) error {
			id, err := root(ctx)
			if err != nil {
				return err
			}
			return ignore(s.org.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &id, Name: aws.String("crash")}))
		}, func(ctx context.Context) (bool, error) {
			id, err := root(ctx)
			if id == "" || err != nil {
				return false, err
			}
			units, err := s.org.ListOrganizationalUnitsForParent(ctx, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &id})
			if err != nil || len(units.OrganizationalUnits) == 0 {
				return false, err
			}
			parents, err := s.org.ListParents(ctx, &organizations.ListParentsInput{ChildId: units.OrganizationalUnits[0].Id})
			if err != nil {
				return false, err
			}
			return whole(true, len(parents.Parents) == 1)
		}},
		{"CreateAnalyzer", func(ctx context.Context) error {
			return ignore(s.analyzer.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: aws.String("crash"), Type: analyzertypes.TypeAccount}))
		}, func(ctx context.Context) (bool, error) {
			_, err := s.analyzer.GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: aws.String("crash")})
			return err == nil, absent(err)
		}},
	}
}
