package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestUser(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	created, err := c.CreateUser(ctx, &iam.CreateUserInput{
		UserName: new("ann"), Path: new("/team/"), PermissionsBoundary: new(readOnly), Tags: []types.Tag{{Key: new("Team"), Value: new("red")}},
	})
	ok(t, err)
	got, err := c.GetUser(ctx, &iam.GetUserInput{UserName: new("ann")})
	ok(t, err)
	if diff := cmp.Diff(created.User, got.User, cmp.AllowUnexported(types.User{}), ignoreDocument); diff != "" {
		t.Error(diff)
	}
	if u := got.User; *u.Arn != arnOf("user/team/ann") || !strings.HasPrefix(*u.UserId, "AIDA") || len(*u.UserId) != 21 ||
		*u.PermissionsBoundary.PermissionsBoundaryArn != readOnly || *u.Tags[0].Key != "Team" {
		t.Errorf("user %+v", u)
	}
	_, err = c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ANN")})
	fails(t, err, "EntityAlreadyExists", "User with name ANN already exists.")
	_, err = c.GetUser(ctx, &iam.GetUserInput{UserName: new("bea")})
	fails(t, err, "NoSuchEntity", "The user with name bea cannot be found.")
	_, err = c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("b a")})
	fails(t, err, "ValidationError", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")

	// Without a name it is about the caller.
	ann := c.login(s, "ann")
	_, err = ann.GetUser(ctx, &iam.GetUserInput{})
	fails(t, err, "AccessDenied", "")
	_, err = c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("self"), PolicyDocument: new(document(allow("iam:Get*", arnOf("user/team/${aws:username}"))))})
	ok(t, err)
	self, err := ann.GetUser(ctx, &iam.GetUserInput{})
	ok(t, err)
	if *self.User.Arn != *got.User.Arn {
		t.Errorf("self is %s", *self.User.Arn)
	}
	me, err := c.GetUser(ctx, &iam.GetUserInput{})
	ok(t, err)
	if *me.User.Arn != arnOf("root") {
		t.Errorf("root is %s", *me.User.Arn)
	}
}

// TestMoveUser gives a user another name and path: its keys, tags, policies and
// the trust policies that name it follow.
func TestMoveUser(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	arn := c.user("ann")
	ann := c.login(s, "ann")
	c.group("readers")
	for _, err := range []error{
		second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: new("ann"), GroupName: new("readers")})),
		second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(administrator)})),
		second(c.TagUser(ctx, &iam.TagUserInput{UserName: new("ann"), Tags: []types.Tag{{Key: new("team"), Value: new("red")}}})),
	} {
		ok(t, err)
	}
	role := c.role("door", trust(arn))
	other := root(t, s, bob)
	other.role("door", trust(arn))

	mover := as(t, s, "mover", allow("iam:UpdateUser", arnOf("user/ann")))
	_, err := mover.UpdateUser(ctx, &iam.UpdateUserInput{UserName: new("ann"), NewUserName: new("bea")})
	fails(t, err, "AccessDenied", "")
	_, err = c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: new("ann"), NewUserName: new("bea"), NewPath: new("/team/")})
	ok(t, err)

	moved := arnOf("user/team/bea")
	for _, got := range []string{c.trustOf("door"), other.trustOf("door")} {
		if got != trust(moved) {
			t.Errorf("trust policy %s", got)
		}
	}
	me, err := ann.GetUser(ctx, &iam.GetUserInput{})
	ok(t, err)
	if *me.User.Arn != moved || len(me.User.Tags) != 1 {
		t.Errorf("moved user %+v", me.User)
	}
	if _, err := ann.assume(role); err != nil {
		t.Error(err)
	}
	members, err := c.GetGroup(ctx, &iam.GetGroupInput{GroupName: new("readers")})
	ok(t, err)
	if len(members.Users) != 1 || *members.Users[0].UserName != "bea" {
		t.Errorf("members %+v", members.Users)
	}
	_, err = c.GetUser(ctx, &iam.GetUserInput{UserName: new("ann")})
	fails(t, err, "NoSuchEntity", "")

	_, err = c.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: new("readers"), NewGroupName: new("writers")})
	ok(t, err)
	groups, err := c.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: new("bea")})
	ok(t, err)
	if len(groups.Groups) != 1 || *groups.Groups[0].GroupName != "writers" {
		t.Errorf("groups %+v", groups.Groups)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAccessKeys(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	c.user("ann")
	list := func() map[string]string {
		t.Helper()
		out, err := c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: new("ann")})
		ok(t, err)
		keys := map[string]string{}
		for _, k := range out.AccessKeyMetadata {
			keys[*k.AccessKeyId] = string(k.Status)
		}
		return keys
	}
	if len(list()) != 0 {
		t.Error("a new user has keys")
	}
	ann := c.login(s, "ann")
	credentials, err := ann.config.Credentials.Retrieve(ctx)
	ok(t, err)
	id := credentials.AccessKeyID
	used := func() *types.AccessKeyLastUsed {
		t.Helper()
		out, err := c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
		ok(t, err)
		if *out.UserName != "ann" {
			t.Errorf("key of %s", *out.UserName)
		}
		return out.AccessKeyLastUsed
	}
	if u := used(); u.LastUsedDate != nil || *u.ServiceName != "N/A" {
		t.Errorf("unused key was used: %+v", u)
	}
	_, err = ann.GetUser(ctx, &iam.GetUserInput{})
	fails(t, err, "AccessDenied", "User: "+arnOf("user/ann")+" is not authorized to perform: iam:GetUser on resource: "+arnOf("user/ann")+" because no identity-based policy allows the iam:GetUser action")
	if u := used(); u.LastUsedDate == nil || *u.ServiceName != "iam" || *u.Region != "us-east-1" {
		t.Errorf("used key: %+v", u)
	}
	_, err = root(t, s, bob).GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
	fails(t, err, "AccessDenied", "User: arn:aws:iam::"+bob+":root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key "+id)

	set := func(status types.StatusType) {
		t.Helper()
		_, err := c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: new("ann"), AccessKeyId: &id, Status: status})
		ok(t, err)
	}
	set(types.StatusTypeInactive)
	_, err = ann.GetUser(ctx, &iam.GetUserInput{})
	fails(t, err, "InvalidClientTokenId", "")
	if diff := cmp.Diff(map[string]string{id: "Inactive"}, list()); diff != "" {
		t.Error(diff)
	}
	set(types.StatusTypeActive)
	_, err = ann.GetUser(ctx, &iam.GetUserInput{})
	fails(t, err, "AccessDenied", "")

	c.login(s, "ann")
	_, err = c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: new("ann")})
	fails(t, err, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("ann")})
	fails(t, err, "DeleteConflict", "Cannot delete entity, must delete access keys first.")
	c.user("bea")
	_, err = c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: new("bea"), AccessKeyId: &id})
	fails(t, err, "NoSuchEntity", "The Access Key with id "+id+" cannot be found.")
	for id := range list() {
		_, err = c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: new("ann"), AccessKeyId: &id})
		ok(t, err)
	}
	_, err = ann.GetUser(ctx, &iam.GetUserInput{})
	fails(t, err, "InvalidClientTokenId", "")

	// The root user's own keys.
	own, err := c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})
	ok(t, err)
	mine, err := c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})
	ok(t, err)
	if len(mine.AccessKeyMetadata) != 1 || *mine.AccessKeyMetadata[0].AccessKeyId != *own.AccessKey.AccessKeyId {
		t.Errorf("root's keys: %+v", mine.AccessKeyMetadata)
	}
}

func TestDeleteConflicts(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	c.user("ann")
	c.group("readers")
	c.role("builder", ec2Trust)
	_, err := c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("builders")})
	ok(t, err)
	doc := document(allow("iam:GetUser", "*"))
	arn := c.policy("read", doc)
	deleteUser := func() error { return second(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("ann")})) }
	deleteGroup := func() error { return second(c.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: new("readers")})) }
	deleteRole := func() error { return second(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: new("builder")})) }
	deleteProfile := func() error {
		return second(c.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: new("builders")}))
	}
	deletePolicy := func() error { return second(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})) }
	const detach, remove = "Cannot delete entity, must detach all policies first.", "Cannot delete entity, must delete policies first."
	for _, step := range []struct {
		do, undo, delete func() error
		message          string
	}{
		{
			func() error {
				return second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: &arn}))
			},
			func() error {
				return second(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: &arn}))
			},
			deleteUser, detach,
		}, {
			func() error {
				return second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("p"), PolicyDocument: &doc}))
			},
			func() error {
				return second(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: new("ann"), PolicyName: new("p")}))
			},
			deleteUser, remove,
		}, {
			func() error {
				return second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: new("ann"), GroupName: new("readers")}))
			},
			func() error { return nil },
			deleteUser, "Cannot delete entity, must remove users from group first.",
		}, {
			func() error { return nil },
			func() error {
				return second(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: new("ann"), GroupName: new("readers")}))
			},
			deleteGroup, "Cannot delete entity, must remove users from group first.",
		}, {
			func() error {
				return second(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("readers"), PolicyArn: &arn}))
			},
			func() error {
				return second(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: new("readers"), PolicyArn: &arn}))
			},
			deleteGroup, detach,
		}, {
			func() error {
				return second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: new("builder"), PolicyName: new("p"), PolicyDocument: &doc}))
			},
			func() error {
				return second(c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: new("builder"), PolicyName: new("p")}))
			},
			deleteRole, remove,
		}, {
			func() error {
				return second(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{RoleName: new("builder"), InstanceProfileName: new("builders")}))
			},
			func() error { return nil },
			deleteRole, "Cannot delete entity, must remove roles from instance profile first.",
		}, {
			func() error { return nil },
			func() error {
				return second(c.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{RoleName: new("builder"), InstanceProfileName: new("builders")}))
			},
			deleteProfile, "Cannot delete entity, must remove roles from instance profile first.",
		}, {
			func() error {
				return second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: new("builder"), PolicyArn: &arn}))
			},
			func() error {
				return second(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: new("builder"), PolicyArn: &arn}))
			},
			deletePolicy, "Cannot delete a policy attached to entities.",
		}, {
			func() error {
				return second(c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: &arn}))
			},
			func() error {
				return second(c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("ann")}))
			},
			deletePolicy, "Cannot delete a policy attached to entities.",
		},
	} {
		ok(t, step.do())
		fails(t, step.delete(), "DeleteConflict", step.message)
		ok(t, step.undo())
	}
	for _, remove := range []func() error{deleteUser, deleteGroup, deleteRole, deleteProfile, deletePolicy} {
		ok(t, remove())
		fails(t, remove(), "NoSuchEntity", "")
	}
}

// TestPaging pages through lists of each way of listing, and through empty ones.
func TestPaging(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	c.user("ann")
	for name, items := range map[string]func() (int, bool, error){
		"roles": func() (int, bool, error) {
			out, err := c.ListRoles(ctx, &iam.ListRolesInput{})
			return len(out.Roles), out.IsTruncated, err
		},
		"groups": func() (int, bool, error) {
			out, err := c.ListGroups(ctx, &iam.ListGroupsInput{})
			return len(out.Groups), out.IsTruncated, err
		},
		"attached": func() (int, bool, error) {
			out, err := c.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: new("ann")})
			return len(out.AttachedPolicies), out.IsTruncated, err
		},
		"inline": func() (int, bool, error) {
			out, err := c.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: new("ann")})
			return len(out.PolicyNames), out.IsTruncated, err
		},
	} {
		if n, truncated, err := items(); n != 0 || truncated || err != nil {
			t.Errorf("%s: %d, %v, %v", name, n, truncated, err)
		}
	}
	want := []string{}
	for i := range 7 {
		name := fmt.Sprintf("u%d", i)
		_, err := c.CreateUser(ctx, &iam.CreateUserInput{UserName: &name, Path: new("/team/")})
		ok(t, err)
		_, err = c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: &name, PolicyDocument: new(document(allow("iam:GetUser", "*")))})
		ok(t, err)
		want = append(want, name)
	}
	got, pages := []string{}, 0
	for p := iam.NewListUsersPaginator(c, &iam.ListUsersInput{MaxItems: new(int32(3)), PathPrefix: new("/team/")}); p.HasMorePages(); pages++ {
		out, err := p.NextPage(ctx)
		ok(t, err)
		for _, u := range out.Users {
			got = append(got, *u.UserName)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 3 {
		t.Errorf("%d pages: %s", pages, diff)
	}
	got = []string{}
	for p := iam.NewListUserPoliciesPaginator(c, &iam.ListUserPoliciesInput{UserName: new("ann"), MaxItems: new(int32(2))}); p.HasMorePages(); {
		out, err := p.NextPage(ctx)
		ok(t, err)
		got = append(got, out.PolicyNames...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err := c.ListUsers(ctx, &iam.ListUsersInput{Marker: new("nonsense")})
	fails(t, err, "ValidationError", "Invalid Marker.")
	_, err = c.ListUsers(ctx, &iam.ListUsersInput{MaxItems: new(int32(1001))})
	fails(t, err, "ValidationError", "")
}

func TestTags(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	c.role("builder", ec2Trust)
	tag := func(pairs ...string) error {
		var tags []types.Tag
		for i := 0; i < len(pairs); i += 2 {
			tags = append(tags, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
		}
		return second(c.TagRole(ctx, &iam.TagRoleInput{RoleName: new("builder"), Tags: tags}))
	}
	want := func(want map[string]string) {
		t.Helper()
		out, err := c.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: new("builder")})
		ok(t, err)
		got := map[string]string{}
		for _, tag := range out.Tags {
			got[*tag.Key] = *tag.Value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	want(map[string]string{})
	ok(t, tag("Team", "red", "stage", ""))
	ok(t, tag("team", "blue"))
	want(map[string]string{"team": "blue", "stage": ""})
	fails(t, tag("a", "1", "A", "2"), "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	fails(t, tag("aws:x", "1"), "InvalidInput", "")
	_, err := c.UntagRole(ctx, &iam.UntagRoleInput{RoleName: new("builder"), TagKeys: []string{"TEAM", "none"}})
	ok(t, err)
	want(map[string]string{"stage": ""})
	for i := range 49 {
		ok(t, tag(fmt.Sprint("k", i), "v"))
	}
	fails(t, tag("one", "more"), "LimitExceeded", "The number of tags has reached the maximum limit.")
}
