package iam_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// TestRecordedValidation compares the texts of broken constraints with recorded answers
// of AWS.
func TestRecordedValidation(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	long := func(n int) *string { return new(strings.Repeat("a", n)) }
	c.role("builder", ec2Trust)
	_, err := c.UntagRole(ctx, &iam.UntagRoleInput{RoleName: new("builder"), TagKeys: []string{*long(129)}})
	fails(t, err, "ValidationError", `1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]`)
	_, err = c.TagRole(ctx, &iam.TagRoleInput{RoleName: new("builder"), Tags: []types.Tag{{Key: new("a?"), Value: new("b")}}})
	fails(t, err, "ValidationError", `1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
	_, err = c.TagRole(ctx, &iam.TagRoleInput{RoleName: new("builder"), Tags: make([]types.Tag, 51)})
	if err == nil {
		t.Error("51 tags")
	}
	_, err = c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ann"), Path: new("team")})
	fails(t, err, "ValidationError", "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	_, err = c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ann"), Path: new("/" + *long(512) + "/")})
	fails(t, err, "ValidationError", "1 validation error detected: Value at 'path' failed to satisfy constraint: Member must have length less than or equal to 512")
	_, err = c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: new(arnOf("policy/p")), VersionId: new("wrong")})
	fails(t, err, "ValidationError", `1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`)
}

// TestRecordedShapes reads what AWS leaves out and what it does not: recorded answers.
func TestRecordedShapes(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	tags := func(keys ...string) (list []types.Tag) {
		for i := range keys {
			list = append(list, types.Tag{Key: &keys[i], Value: new("v")})
		}
		return list
	}
	keys := func(tags []types.Tag) (list []string) {
		for _, tag := range tags {
			list = append(list, *tag.Key)
		}
		return list
	}
	same := func(want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}

	// Tags of policies: case counts; created as given, listed by length.
	allowAll := document(allow("iam:*", "*"))
	created, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: &allowAll, Description: new("d"), Tags: tags("abc", "b", "a", "A")})
	ok(t, err)
	same([]string{"abc", "b", "a", "A"}, keys(created.Policy.Tags))
	if created.Policy.Description != nil {
		t.Error("CreatePolicy says the description")
	}
	listed, err := c.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: created.Policy.Arn})
	ok(t, err)
	same([]string{"A", "a", "b", "abc"}, keys(listed.Tags))
	_, err = c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: created.Policy.Arn, Tags: tags("x", "x")})
	fails(t, err, "InvalidInput", "Duplicate tag keys found.")

	arn := c.policy("bare", allowAll)
	bare, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	ok(t, err)
	profile, err := c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("i")})
	ok(t, err)
	read, err := c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: new("i")})
	ok(t, err)
	if bare.Policy.Tags == nil || read.InstanceProfile.Tags == nil || profile.InstanceProfile.Tags != nil {
		t.Error("GetPolicy and GetInstanceProfile have empty tags, CreateInstanceProfile has none")
	}

	role, err := c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: &ec2Trust, PermissionsBoundary: &arn})
	ok(t, err)
	if role.Role.MaxSessionDuration != nil || role.Role.RoleLastUsed != nil || role.Role.PermissionsBoundary.PermissionsBoundaryType != "Policy" {
		t.Errorf("created role %+v", role.Role)
	}
	updated, err := c.UpdateRoleDescription(ctx, &iam.UpdateRoleDescriptionInput{RoleName: new("r"), Description: new("d")})
	ok(t, err)
	if updated.Role.MaxSessionDuration != nil || *updated.Role.Description != "d" {
		t.Errorf("updated role %+v", updated.Role)
	}
	ok(t, second(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("i"), RoleName: new("r")})))
	read, err = c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: new("i")})
	ok(t, err)
	if read.InstanceProfile.Roles[0].MaxSessionDuration != nil {
		t.Error("a role in an instance profile has a session duration")
	}
	listedRoles, err := c.ListRoles(ctx, &iam.ListRolesInput{})
	ok(t, err)
	if r := listedRoles.Roles[0]; *r.MaxSessionDuration != 3600 || *r.Description != "d" || r.RoleLastUsed != nil || r.PermissionsBoundary != nil {
		t.Errorf("listed role %+v", r)
	}
}

// TestRecordedErrors compares errors about managed policies with recorded answers of AWS.
func TestRecordedErrors(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	c.role("r", ec2Trust)
	attach := func(arn string) error {
		return second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}))
	}
	fails(t, attach("longpolicynamebutnoarn"), "ValidationError", "ARN longpolicynamebutnoarn is not valid.")
	fails(t, attach(arnOf("policy/none")), "NoSuchEntity", "Policy "+arnOf("policy/none")+" does not exist or is not attachable.")
	fails(t, attach("arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"), "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
	_, err := c.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: new(arnOf("not_a_policy/invalid"))})
	fails(t, err, "InvalidInput", "ARN "+arnOf("not_a_policy/invalid")+" is not valid.")
	_, err = c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: new(arnOf("policy/none")), VersionId: new("v1")})
	fails(t, err, "NoSuchEntity", "Policy "+arnOf("policy/none")+" version v1 does not exist or is not attachable.")
	_, err = c.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: new(arnOf("policy/none"))})
	fails(t, err, "NoSuchEntity", "Policy "+arnOf("policy/none")+" does not exist or is not attachable.")
	_, err = c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: new("none"), UserName: new("nobody")})
	fails(t, err, "NoSuchEntity", "The user with name nobody cannot be found.")
}

// TestServiceRolePolicies attaches each service's managed policy to its role, and writes
// single values of its trust policy as strings.
func TestServiceRolePolicies(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	made, err := c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("ecs.amazonaws.com")})
	ok(t, err)
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	if got := unescape(t, made.Role.AssumeRolePolicyDocument); got != want || made.Role.MaxSessionDuration != nil {
		t.Errorf("trust policy %s", got)
	}
	attached, err := c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: new("AWSServiceRoleForECS")})
	ok(t, err)
	if p := attached.AttachedPolicies; len(p) != 1 || *p[0].PolicyArn != "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy" {
		t.Errorf("attached %+v", p)
	}
	_, err = c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("ecs.amazonaws.com"), CustomSuffix: new("x")})
	fails(t, err, "InvalidInput", "Custom suffix is not allowed for ecs.amazonaws.com")
}
