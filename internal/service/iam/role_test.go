package iam_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/writtest"
)

var ec2Trust = document(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`)

// ignoreDocument leaves out of comparisons what the SDK keeps in each shape.
var ignoreDocument = cmpopts.IgnoreUnexported(types.User{}, types.Tag{}, types.AttachedPermissionsBoundary{}, types.Role{}, types.RoleLastUsed{})

// TestTerraform is the sequence of Terraform's aws_iam_role with an attached
// policy: create, read back, attach, read, update, detach, delete.
func TestTerraform(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	name := new("builder")
	created, err := c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: name, Path: new("/team/"), AssumeRolePolicyDocument: &ec2Trust, Description: new("builds"), MaxSessionDuration: new(int32(7200)),
		Tags: []types.Tag{{Key: new("team"), Value: new("red")}},
	})
	ok(t, err)
	got, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	ok(t, err)
	brief := *got.Role // what creates a role does not say all of it
	brief.Description, brief.MaxSessionDuration, brief.RoleLastUsed = nil, nil, nil
	if diff := cmp.Diff(created.Role, &brief, ignoreDocument); diff != "" {
		t.Error(diff)
	}
	r := got.Role
	if strings.ContainsAny(*r.AssumeRolePolicyDocument, `{"+ `) || unescape(t, r.AssumeRolePolicyDocument) != ec2Trust {
		t.Errorf("trust policy %s", *r.AssumeRolePolicyDocument)
	}
	if *r.Arn != arnOf("role/team/builder") || !strings.HasPrefix(*r.RoleId, "AROA") || *r.MaxSessionDuration != 7200 || *r.Description != "builds" || r.RoleLastUsed == nil {
		t.Errorf("role %+v", r)
	}
	ok(t, second(c.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: name})))
	ok(t, second(c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})))
	for range 2 { // attaching again is no error
		ok(t, second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: new(readOnly)})))
	}
	attached, err := c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})
	ok(t, err)
	if len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyName != "ReadOnlyAccess" || *attached.AttachedPolicies[0].PolicyArn != readOnly {
		t.Errorf("attached %+v", attached.AttachedPolicies)
	}
	ok(t, second(c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, MaxSessionDuration: new(int32(3600))})))
	ok(t, second(c.UpdateRoleDescription(ctx, &iam.UpdateRoleDescriptionInput{RoleName: name, Description: new("rests")})))
	got, err = c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	ok(t, err)
	if *got.Role.MaxSessionDuration != 3600 || *got.Role.Description != "rests" {
		t.Errorf("updated role %+v", got.Role)
	}
	ok(t, second(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: new(readOnly)})))
	_, err = c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: new(readOnly)})
	fails(t, err, "NoSuchEntity", "Policy "+readOnly+" was not found.")
	ok(t, second(c.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: name})))
	ok(t, second(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})))
	_, err = c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	fails(t, err, "NoSuchEntity", "The role with name builder cannot be found.")
}

// TestTrust is what becomes of the users and roles that a trust policy names.
func TestTrust(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c, other := root(t, s, alice), root(t, s, bob)
	ann := c.user("ann")
	door := other.role("door", trust(ann))
	in := c.login(s, "ann")
	_, err := in.assume(door)
	fails(t, err, "AccessDenied", "")
	ok(t, second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("p"), PolicyDocument: new(document(allow("sts:AssumeRole", door)))})))
	if _, err := in.assume(door); err != nil {
		t.Error(err)
	}
	got, err := c.GetUser(ctx, &iam.GetUserInput{UserName: new("ann")})
	ok(t, err)
	id := *got.User.UserId

	// Deleted: the raw id shows, and somebody new of the old name is somebody else.
	credentials, err := in.config.Credentials.Retrieve(ctx)
	ok(t, err)
	ok(t, second(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: new("ann"), AccessKeyId: &credentials.AccessKeyID})))
	ok(t, second(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: new("ann"), PolicyName: new("p")})))
	ok(t, second(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("ann")})))
	if got := other.trustOf("door"); got != trust(id) {
		t.Errorf("trust policy %s, want %s", got, trust(id))
	}
	if c.user("ann") != ann {
		t.Fatal("another ARN")
	}
	ok(t, second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("p"), PolicyDocument: new(document(allow("sts:AssumeRole", door)))})))
	_, err = c.login(s, "ann").assume(door)
	fails(t, err, "AccessDenied", "")
	_, err = other.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new("door"), PolicyDocument: new(trust(id))})
	fails(t, err, "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"`+id+`"`)

	// Named by the id while it lives: shown by the ARN.
	got, err = c.GetUser(ctx, &iam.GetUserInput{UserName: new("ann")})
	ok(t, err)
	ok(t, second(other.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new("door"), PolicyDocument: new(trust(*got.User.UserId))})))
	if got := other.trustOf("door"); got != trust(ann) {
		t.Errorf("trust policy %s", got)
	}
	if _, err := c.login(s, "ann").assume(door); err != nil {
		t.Error(err)
	}

	// A role that trusts itself and a session of another, which then goes.
	c.role("maker", ec2Trust)
	session := "arn:aws:sts::" + alice + ":assumed-role/maker/one"
	c.role("made", trust(session))
	ok(t, second(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new("maker"), PolicyDocument: new(trust(arnOf("role/maker")))})))
	maker, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: new("maker")})
	ok(t, err)
	ok(t, second(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: new("maker")})))
	if got := c.trustOf("made"); got != trust(*maker.Role.RoleId+"/one") {
		t.Errorf("trust policy %s", got)
	}
}

// TestStrangePaths uses what a path may hold to look like something else.
func TestStrangePaths(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c, other := root(t, s, alice), root(t, s, bob)
	c.user("ann")
	other.role("door", trust(arnOf("user/ann")))
	path := `/x","*","/`
	ok(t, second(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: new("ann"), NewPath: &path})))
	var doc struct {
		Statement []struct{ Principal struct{ AWS string } }
	}
	ok(t, json.Unmarshal([]byte(other.trustOf("door")), &doc))
	if got := doc.Statement[0].Principal.AWS; got != arnOf("user"+path+"ann") {
		t.Errorf("the trust policy trusts %s", got)
	}
	// Things whose ARNs look like those of other kinds.
	arn := c.policy("p", document(allow("*", "*")))
	ok(t, second(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("g"), Path: new("/:user/")})))
	ok(t, second(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn})))
	ok(t, second(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("r"), Path: new("/:instance-profile/"), AssumeRolePolicyDocument: &ec2Trust})))
	ok(t, second(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new("r"), PolicyDocument: new(trust(arnOf("role/:instance-profile/r")))})))
	got, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	ok(t, err)
	if *got.Policy.AttachmentCount != 1 {
		t.Errorf("attached %d times", *got.Policy.AttachmentCount)
	}
	ok(t, second(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: new("r")})))
}

func TestInstanceProfile(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	c.role("builder", ec2Trust)
	created, err := c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("builders")})
	ok(t, err)
	if len(created.InstanceProfile.Roles) != 0 || *created.InstanceProfile.Arn != arnOf("instance-profile/builders") {
		t.Errorf("profile %+v", created.InstanceProfile)
	}
	add := func(c client) error {
		return second(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("builders"), RoleName: new("builder")}))
	}
	fails(t, add(as(t, s, "adds", allow("iam:AddRoleToInstanceProfile", "*"))), "AccessDenied",
		"User: "+arnOf("user/adds")+" is not authorized to perform: iam:PassRole on resource: "+arnOf("role/builder")+" because no identity-based policy allows the iam:PassRole action")
	passes := func(to string) string {
		return allow("iam:AddRoleToInstanceProfile", "*") + `,{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"` + to + `"}}}`
	}
	fails(t, add(as(t, s, "lambda", passes("lambda.amazonaws.com"))), "AccessDenied", "")
	ok(t, add(as(t, s, "ec2", passes("ec2.amazonaws.com"))))
	fails(t, add(c), "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	got, err := c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: new("builders")})
	ok(t, err)
	if r := got.InstanceProfile.Roles; len(r) != 1 || *r[0].RoleName != "builder" || unescape(t, r[0].AssumeRolePolicyDocument) != ec2Trust {
		t.Errorf("roles %+v", r)
	}
	of, err := c.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: new("builder")})
	ok(t, err)
	if len(of.InstanceProfiles) != 1 {
		t.Errorf("profiles %+v", of.InstanceProfiles)
	}
}

func TestServiceLinkedRole(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	create := func(service string, suffix *string) (*iam.CreateServiceLinkedRoleOutput, error) {
		return c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: &service, CustomSuffix: suffix})
	}
	for _, service := range []string{"ram.amazonaws.com", "imagebuilder.amazonaws.com", "accountdiscovery.ssm.amazonaws.com", "ssm.amazonaws.com"} {
		_, err := create(service, new("x"))
		fails(t, err, "InvalidInput", "Custom suffix is not allowed for "+service)
	}
	out, err := create("imagebuilder.amazonaws.com", nil)
	ok(t, err)
	const name = "AWSServiceRoleForImageBuilder"
	if *out.Role.Arn != arnOf("role/aws-service-role/imagebuilder.amazonaws.com/"+name) {
		t.Errorf("role %s", *out.Role.Arn)
	}
	_, err = create("imagebuilder.amazonaws.com", nil)
	fails(t, err, "InvalidInput", "Service role name "+name+" has been taken in this account, please try a different suffix.")

	protected := "Cannot perform the operation on the protected role '" + name + "' - this role is only modifiable by AWS"
	for _, err := range []error{
		second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: new(name), PolicyName: new("p"), PolicyDocument: new(document(allow("*", "*")))})),
		second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: new(name), PolicyArn: new(administrator)})),
		second(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new(name), PolicyDocument: &ec2Trust})),
		second(c.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: new(name), PermissionsBoundary: new(readOnly)})),
		second(c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: new(name), Description: new("mine")})),
		second(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: new(name)})),
	} {
		fails(t, err, "UnmodifiableEntity", protected)
	}
	for _, path := range []string{"/aws-service-role/", "/aws-service-role/imagebuilder.amazonaws.com/", "/aws-reserved/x/", "/a:role/aws-service-role/b/"} {
		_, err := c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("mine"), Path: &path, AssumeRolePolicyDocument: &ec2Trust})
		fails(t, err, "InvalidInput", "")
	}
	conditional := as(t, s, "conditional", `{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"`+arnOf("role/aws-service-role/ssm.amazonaws.com/*")+`","Condition":{"StringLike":{"iam:AWSServiceName":"ssm.amazonaws.com"}}}`)
	_, err = conditional.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("ram.amazonaws.com")})
	fails(t, err, "AccessDenied", "")
	ok(t, second(conditional.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("ssm.amazonaws.com")})))

	deleted, err := c.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: new(name)})
	ok(t, err)
	status, err := c.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: deleted.DeletionTaskId})
	ok(t, err)
	if status.Status != types.DeletionTaskStatusTypeSucceeded {
		t.Errorf("status %s", status.Status)
	}
	_, err = c.GetRole(ctx, &iam.GetRoleInput{RoleName: new(name)})
	fails(t, err, "NoSuchEntity", "")
}
