package iam_test

import (
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// TestDocuments puts each document of testdata/documents.txt: on a user, as a
// managed policy, or as a trust policy.
func TestDocuments(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	c.user("ann")
	c.role("door", ec2Trust)
	text, err := os.ReadFile("testdata/documents.txt")
	ok(t, err)
	cases := strings.Split(strings.TrimSpace(string(text)), "\n\n")[1:]
	for _, test := range cases {
		head, document, _ := strings.Cut(test, "\n")
		kind, answer, found := strings.Cut(head, ": ")
		if !found {
			t.Fatalf("no case: %s", test)
		}
		puts := map[string]func() error{
			"inline": func() error {
				return second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("p"), PolicyDocument: &document}))
			},
			"managed": func() error {
				out, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: &document})
				if err == nil {
					ok(t, second(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: out.Policy.Arn})))
				}
				return err
			},
		}
		if kind == "trust" {
			puts = map[string]func() error{"trust": func() error {
				return second(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new("door"), PolicyDocument: &document}))
			}}
		}
		for name, put := range puts {
			switch err := put(); {
			case answer == "ok" && err != nil:
				t.Errorf("%s %s: %v", name, document, err)
			case answer != "ok":
				fails(t, err, "MalformedPolicyDocument", answer)
				if t.Failed() {
					t.Fatalf("%s %s", name, document)
				}
			}
		}
		if answer == "ok" && kind == "trust" && c.trustOf("door") != document {
			t.Errorf("kept %s, put %s", c.trustOf("door"), document)
		}
	}
	if len(cases) < 50 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestSizes puts documents of exactly the size that a quota allows, not counting
// white space, and one character more.
func TestSizes(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	c.user("ann")
	c.group("readers")
	c.role("builder", ec2Trust)
	pad := func(frame string, n int) *string {
		return new(strings.Replace(frame, "PAD", strings.Repeat("x", n-len(strings.Replace(frame, "PAD", "", 1))), 1) + strings.Repeat(" \n", 100))
	}
	identity := document(allow("iam:GetUser", arnOf("user/PAD")))
	trusting := document(`{"Sid":"PAD","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`)
	arn := c.policy("p", identity)
	for name, test := range map[string]struct {
		frame   string
		most    int
		put     func(name, document *string) error
		message string
	}{
		"user": {identity, 2048, func(name, d *string) error {
			return second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: name, PolicyDocument: d}))
		}, "Maximum policy size of 2048 bytes exceeded for user ann"},
		"group": {identity, 5120, func(name, d *string) error {
			return second(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: new("readers"), PolicyName: name, PolicyDocument: d}))
		}, "Maximum policy size of 5120 bytes exceeded for group readers"},
		"role": {identity, 10240, func(name, d *string) error {
			return second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: new("builder"), PolicyName: name, PolicyDocument: d}))
		}, "Maximum policy size of 10240 bytes exceeded for role builder"},
		"managed": {identity, 6144, func(_, d *string) error {
			return second(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: d}))
		}, "Cannot exceed quota for PolicySize: 6144"},
		"trust": {trusting, 2048, func(_, d *string) error {
			return second(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new("builder"), PolicyDocument: d}))
		}, "Cannot exceed quota for ACLSizePerRole: 2048"},
	} {
		if err := test.put(new("p"), pad(test.frame, test.most)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		fails(t, test.put(new("p"), pad(test.frame, test.most+1)), "LimitExceeded", test.message)
		if strings.HasPrefix(test.message, "Maximum") { // all inline policies count together
			fails(t, test.put(new("q"), new(document(allow("iam:GetUser", "*")))), "LimitExceeded", test.message)
		}
	}
}

func TestManagedPolicy(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	reads := document(allow("iam:Get*", "*"))
	lists := document(allow("iam:List*", "*"))
	created, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("p"), Path: new("/team/"), PolicyDocument: &reads, Description: new("d")})
	ok(t, err)
	arn := created.Policy.Arn
	if *arn != arnOf("policy/team/p") || !strings.HasPrefix(*created.Policy.PolicyId, "ANPA") || *created.Policy.DefaultVersionId != "v1" {
		t.Errorf("policy %+v", created.Policy)
	}
	_, err = c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("P"), PolicyDocument: &reads})
	fails(t, err, "EntityAlreadyExists", "A policy called P already exists. Duplicate names are not allowed.")
	c.user("ann")
	ann := c.login(s, "ann")
	get := func() string { return code(second(ann.GetUser(ctx, &iam.GetUserInput{}))) }
	list := func() string { return code(second(ann.ListUsers(ctx, &iam.ListUsersInput{}))) }
	want := func(wantGet, wantList string) {
		t.Helper()
		if g, l := get(), list(); g != wantGet || l != wantList {
			t.Errorf("get %q, list %q, want %q and %q", g, l, wantGet, wantList)
		}
	}
	const denied = "AccessDenied"
	want(denied, denied)
	ok(t, second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: arn})))
	want("", denied)
	version := func(document string, isDefault bool) {
		t.Helper()
		ok(t, second(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: &document, SetAsDefault: isDefault})))
	}
	version(lists, false)
	want("", denied)
	ok(t, second(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: new("v2")})))
	want(denied, "")
	version(reads, true)
	want("", denied)
	version(reads, false)
	version(reads, false)
	_, err = c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: &reads})
	fails(t, err, "LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	_, err = c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: new("v3")})
	fails(t, err, "DeleteConflict", "Cannot delete the default version of a policy.")
	ok(t, second(c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: new("v5")})))
	version(lists, false) // is not v5 again
	_, err = c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: new("v5")})
	fails(t, err, "NoSuchEntity", "Policy "+*arn+" version v5 does not exist or is not attachable.")
	versions, err := c.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn})
	ok(t, err)
	var ids []string
	for _, v := range versions.Versions {
		ids = append(ids, *v.VersionId)
		if v.IsDefaultVersion != (*v.VersionId == "v3") {
			t.Errorf("version %+v", v)
		}
	}
	if diff := cmp.Diff([]string{"v6", "v4", "v3", "v2", "v1"}, ids); diff != "" {
		t.Error(diff)
	}
	v, err := c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: new("v2")})
	ok(t, err)
	if unescape(t, v.PolicyVersion.Document) != lists {
		t.Errorf("version %s", *v.PolicyVersion.Document)
	}
	got, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
	ok(t, err)
	if p := got.Policy; *p.Description != "d" || *p.AttachmentCount != 1 || *p.DefaultVersionId != "v3" || !p.IsAttachable {
		t.Errorf("policy %+v", p)
	}
	ok(t, second(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: arn})))
	_, err = c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})
	fails(t, err, "DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
}

// TestForeignPolicy keeps each account to its own policies and AWS's, and all
// away from changing AWS's.
func TestForeignPolicy(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c, other := root(t, s, alice), root(t, s, bob)
	c.user("ann")
	doc := document(allow("*", "*"))
	foreign := other.policy("p", doc)
	missing := func(arn string) string { return "Policy " + arn + " does not exist or is not attachable." }
	for _, arn := range []string{foreign, arnOf("policy/none"), "arn:aws:iam::aws:policy/None", "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"} {
		_, err := c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: &arn})
		fails(t, err, "NoSuchEntity", missing(arn))
		_, err = c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: &arn})
		fails(t, err, "NoSuchEntity", "Scope ARN: "+arn+" does not exist or is not attachable.")
	}
	_, err := c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(arnOf("user/something"))})
	fails(t, err, "InvalidInput", "ARN "+arnOf("user/something")+" is not valid.")
	for _, arn := range []string{foreign, readOnly} {
		for _, err := range []error{
			second(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &doc, SetAsDefault: true})),
			second(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")})),
			second(c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")})),
			second(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})),
			second(c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: &arn, Tags: []types.Tag{{Key: new("a"), Value: new("b")}}})),
		} {
			fails(t, err, "AccessDenied", "Policy is outside your own account.")
		}
	}
	_, err = c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &foreign})
	fails(t, err, "AccessDenied", "")
	_, err = c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: new(readOnly)})
	ok(t, err)
}

// TestBoundary bounds a user, and shows that a bounded creator can be made to
// bound whom it creates.
func TestBoundary(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	bound := c.policy("bound", document(allow("iam:Get*", "*")))
	c.user("ann")
	ann := c.login(s, "ann")
	ok(t, second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(administrator)})))
	ok(t, second(c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: &bound})))
	ok(t, second(ann.GetUser(ctx, &iam.GetUserInput{})))
	_, err := ann.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("ann")})
	fails(t, err, "AccessDenied", "User: "+arnOf("user/ann")+" is not authorized to perform: iam:DeleteUserPermissionsBoundary on resource: "+arnOf("user/ann")+" because no permissions boundary allows the iam:DeleteUserPermissionsBoundary action")
	ok(t, second(c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("ann")})))
	ok(t, second(ann.ListUsers(ctx, &iam.ListUsersInput{})))
	_, err = c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("ann")})
	fails(t, err, "NoSuchEntity", "")

	// The delegated administrator of the user guide.
	delegate := as(t, s, "delegate", `{"Effect":"Allow","Action":["iam:CreateUser","iam:AttachUserPolicy","iam:PutUserPolicy","iam:DeleteUser"],"Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"`+bound+`"}}}`)
	_, err = delegate.CreateUser(ctx, &iam.CreateUserInput{UserName: new("x")})
	fails(t, err, "AccessDenied", "")
	_, err = delegate.CreateUser(ctx, &iam.CreateUserInput{UserName: new("x"), PermissionsBoundary: new(readOnly)})
	fails(t, err, "AccessDenied", "")
	ok(t, second(delegate.CreateUser(ctx, &iam.CreateUserInput{UserName: new("x"), PermissionsBoundary: &bound})))
	ok(t, second(delegate.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("x"), PolicyArn: new(administrator)})))
	for _, name := range []string{"ann", "delegate", "none"} {
		_, err = delegate.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: new(administrator)})
		fails(t, err, "AccessDenied", "")
	}
}

// TestConditionKeys are policies about what only IAM's requests have.
func TestConditionKeys(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	c.user("ann")
	c.user("bea")
	ok(t, second(c.TagUser(ctx, &iam.TagUserInput{UserName: new("ann"), Tags: []types.Tag{{Key: new("team"), Value: new("red")}}})))
	when := func(key, value string) string {
		return `"Resource":"*","Condition":{"StringEquals":{"` + key + `":"` + value + `"}}}`
	}
	u := as(t, s, "u", `{"Effect":"Allow","Action":"iam:AttachUserPolicy",`+when("iam:PolicyARN", readOnly)+`,
		{"Effect":"Allow","Action":"iam:GetUser",`+when("iam:ResourceTag/team", "red")+`,
		{"Effect":"Allow","Action":"iam:ListUserTags",`+when("aws:ResourceTag/team", "red")+`,
		{"Effect":"Allow","Action":"iam:CreateUser",`+when("aws:RequestTag/team", "red")+`,
		{"Effect":"Allow","Action":"iam:ListUsers",`+when("aws:RequestedRegion", "us-east-1"))
	for _, test := range []struct {
		err  error
		want string
	}{
		{second(u.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(readOnly)})), ""},
		{second(u.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(administrator)})), "AccessDenied"},
		{second(u.GetUser(ctx, &iam.GetUserInput{UserName: new("ann")})), ""},
		{second(u.GetUser(ctx, &iam.GetUserInput{UserName: new("bea")})), "AccessDenied"},
		{second(u.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: new("ann")})), ""},
		{second(u.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: new("bea")})), "AccessDenied"},
		{second(u.CreateUser(ctx, &iam.CreateUserInput{UserName: new("x"), Tags: []types.Tag{{Key: new("team"), Value: new("blue")}}})), "AccessDenied"},
		{second(u.CreateUser(ctx, &iam.CreateUserInput{UserName: new("x"), Tags: []types.Tag{{Key: new("team"), Value: new("red")}}})), ""},
	} {
		if got := code(test.err); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	// IAM is called in us-east-1, whatever the region of the client.
	u.config.Region = "eu-west-1"
	if _, err := iam.NewFromConfig(u.config).ListUsers(ctx, &iam.ListUsersInput{}); err != nil {
		t.Error(err)
	}
}

// TestAWSManaged lists AWS's policies and tries some.
func TestAWSManaged(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	names := map[string]string{}
	for p := iam.NewListPoliciesPaginator(c, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws, MaxItems: new(int32(50))}); p.HasMorePages(); {
		out, err := p.NextPage(ctx)
		ok(t, err)
		for _, p := range out.Policies {
			names[*p.PolicyName] = *p.Arn
		}
	}
	for _, name := range []string{
		"AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "IAMFullAccess", "AmazonSSMFullAccess", "AmazonSSMReadOnlyAccess",
		"AWSImageBuilderFullAccess", "AWSImageBuilderReadOnlyAccess", "AmazonRekognitionFullAccess", "AmazonRekognitionReadOnlyAccess",
		"AmazonRekognitionCustomLabelsFullAccess", "AWSResourceAccessManagerFullAccess", "AWSResourceAccessManagerReadOnlyAccess",
		"EC2InstanceProfileForImageBuilder", "EC2InstanceProfileForImageBuilderECRContainerBuilds", "AmazonSSMManagedInstanceCore",
		"AWSKeyManagementServicePowerUser", "AWSOrganizationsFullAccess", "AWSOrganizationsReadOnlyAccess",
	} {
		if names[name] == "" {
			t.Errorf("AWS's policy %s is missing", name)
		}
	}
	for name, arn := range names { // what AWS offers may itself be put
		v, err := c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")})
		ok(t, err)
		ok(t, second(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: new(unescape(t, v.PolicyVersion.Document))})))
	}
	c.user("ann")
	ann := c.login(s, "ann")
	for policy, want := range map[string][2]string{
		"AdministratorAccess":           {"", ""},
		"PowerUserAccess":               {"AccessDenied", "AccessDenied"},
		"ReadOnlyAccess":                {"", "AccessDenied"},
		"IAMFullAccess":                 {"", ""},
		"AWSImageBuilderReadOnlyAccess": {"AccessDenied", "AccessDenied"},
	} {
		arn := "arn:aws:iam::aws:policy/" + policy
		ok(t, second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: &arn})))
		get := code(second(ann.GetUser(ctx, &iam.GetUserInput{})))
		put := code(second(ann.UpdateUser(ctx, &iam.UpdateUserInput{UserName: new("ann")})))
		if get != want[0] || put != want[1] {
			t.Errorf("%s: get %q, update %q, want %q", policy, get, put, want)
		}
		ok(t, second(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: &arn})))
	}
}
