package iam_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestAlias(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c, other := root(t, s, alice), root(t, s, bob)
	want := func(c client, want ...string) {
		t.Helper()
		out, err := c.ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
		ok(t, err)
		if !slices.Equal(out.AccountAliases, want) {
			t.Errorf("aliases %v, want %v", out.AccountAliases, want)
		}
	}
	create := func(c client, name string) error {
		return second(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: &name}))
	}
	want(c)
	ok(t, create(c, "one"))
	ok(t, create(c, "one"))
	fails(t, create(other, "one"), "EntityAlreadyExists", "The account alias one already exists.")
	ok(t, create(c, "two"))
	want(c, "two")
	ok(t, create(other, "one"))
	fails(t, create(c, "a--b"), "ValidationError", "")
	_, err := c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: new("one")})
	fails(t, err, "NoSuchEntity", "The account alias one cannot be found.")
	ok(t, second(c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: new("two")})))
	want(c)
	want(other, "one")
}

// furnish makes one thing of each kind, with one use of each kind.
func furnish(c client) (policy string) {
	c.t.Helper()
	c.user("ann")
	c.group("readers")
	c.role("builder", ec2Trust)
	policy = c.policy("read", document(allow("iam:Get*", "*")))
	doc := document(allow("iam:GetUser", "*"))
	for _, err := range []error{
		second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: new("ann"), GroupName: new("readers")})),
		second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: &doc})),
		second(c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: &policy})),
		second(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("readers"), PolicyArn: &policy})),
		second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: new("builder"), PolicyArn: new(readOnly)})),
		second(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("builders")})),
		second(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("builders"), RoleName: new("builder")})),
	} {
		ok(c.t, err)
	}
	return policy
}

func TestDetails(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	policy := furnish(c)
	furnish(root(t, s, bob)) // is not told
	var out iam.GetAccountAuthorizationDetailsOutput
	pages := 0
	for p := iam.NewGetAccountAuthorizationDetailsPaginator(c, &iam.GetAccountAuthorizationDetailsInput{MaxItems: new(int32(2))}); p.HasMorePages(); pages++ {
		page, err := p.NextPage(ctx)
		ok(t, err)
		out.UserDetailList = append(out.UserDetailList, page.UserDetailList...)
		out.GroupDetailList = append(out.GroupDetailList, page.GroupDetailList...)
		out.RoleDetailList = append(out.RoleDetailList, page.RoleDetailList...)
		out.Policies = append(out.Policies, page.Policies...)
	}
	if len(out.UserDetailList) != 1 || len(out.GroupDetailList) != 1 || len(out.RoleDetailList) != 1 || len(out.Policies) != 2 || pages != 3 {
		t.Fatalf("%d pages: %+v", pages, out)
	}
	if u := out.UserDetailList[0]; u.GroupList[0] != "readers" || *u.UserPolicyList[0].PolicyName != "own" || *u.PermissionsBoundary.PermissionsBoundaryArn != policy {
		t.Errorf("user %+v", u)
	}
	if g := out.GroupDetailList[0]; *g.AttachedManagedPolicies[0].PolicyArn != policy {
		t.Errorf("group %+v", g)
	}
	if r := out.RoleDetailList[0]; *r.AttachedManagedPolicies[0].PolicyArn != readOnly || unescape(t, r.AssumeRolePolicyDocument) != ec2Trust || *r.InstanceProfileList[0].InstanceProfileName != "builders" {
		t.Errorf("role %+v", r)
	}
	if p := out.Policies[0]; *p.Arn != policy || *p.AttachmentCount != 1 || *p.PermissionsBoundaryUsageCount != 1 || len(p.PolicyVersionList) != 1 {
		t.Errorf("policy %+v", p)
	}
	if *out.Policies[1].Arn != readOnly || *out.Policies[1].AttachmentCount != 1 { // bob's use does not count
		t.Errorf("policy of AWS %+v", out.Policies[1])
	}
	roles, err := c.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeRole}})
	ok(t, err)
	if len(roles.RoleDetailList) != 1 || len(roles.UserDetailList)+len(roles.GroupDetailList)+len(roles.Policies) != 0 {
		t.Errorf("filtered: %+v", roles)
	}
}

func TestSummaryAndUses(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	policy := furnish(c)
	out, err := c.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	ok(t, err)
	for key, want := range map[string]int32{"Users": 1, "Groups": 1, "Roles": 1, "Policies": 1, "InstanceProfiles": 1, "PolicyVersionsInUse": 1, "UsersQuota": 5000, "VersionsPerPolicyQuota": 5} {
		if out.SummaryMap[key] != want {
			t.Errorf("%s is %d, want %d", key, out.SummaryMap[key], want)
		}
	}
	uses := func(in iam.ListEntitiesForPolicyInput) []string {
		t.Helper()
		in.PolicyArn = &policy
		out, err := c.ListEntitiesForPolicy(ctx, &in)
		ok(t, err)
		names := map[string]bool{}
		for _, u := range out.PolicyUsers {
			names[*u.UserName] = true
		}
		for _, g := range out.PolicyGroups {
			names[*g.GroupName] = true
		}
		for _, r := range out.PolicyRoles {
			names[*r.RoleName] = true
		}
		return slices.Sorted(maps.Keys(names))
	}
	for _, test := range []struct {
		in   iam.ListEntitiesForPolicyInput
		want []string
	}{
		{iam.ListEntitiesForPolicyInput{}, []string{"ann", "readers"}},
		{iam.ListEntitiesForPolicyInput{PolicyUsageFilter: types.PolicyUsageTypePermissionsBoundary}, []string{"ann"}},
		{iam.ListEntitiesForPolicyInput{EntityFilter: types.EntityTypeGroup}, []string{"readers"}},
		{iam.ListEntitiesForPolicyInput{PathPrefix: new("/none/")}, nil},
	} {
		if diff := cmp.Diff(test.want, uses(test.in)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	furnish(c)
	type answer map[string]types.PolicyEvaluationDecisionType
	read := func(results []types.EvaluationResult) answer {
		a := answer{}
		for _, r := range results {
			a[*r.EvalActionName+" "+*r.EvalResourceName] = r.EvalDecision
		}
		return a
	}
	const (
		allowed  = types.PolicyEvaluationDecisionTypeAllowed
		explicit = types.PolicyEvaluationDecisionTypeExplicitDeny
		implicit = types.PolicyEvaluationDecisionTypeImplicitDeny
	)
	doc := document(allow("s3:Get*", "arn:aws:s3:::b/*") + `,{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/secret"},
		{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"${s3:prefix}"}}}`)
	custom, err := c.SimulateCustomPolicy(ctx, &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{doc}, ActionNames: []string{"s3:GetObject", "s3:PutObject"}, ResourceArns: []string{"arn:aws:s3:::b/x", "arn:aws:s3:::b/secret"},
	})
	ok(t, err)
	if diff := cmp.Diff(answer{
		"s3:GetObject arn:aws:s3:::b/x": allowed, "s3:GetObject arn:aws:s3:::b/secret": explicit,
		"s3:PutObject arn:aws:s3:::b/x": implicit, "s3:PutObject arn:aws:s3:::b/secret": explicit,
	}, read(custom.EvaluationResults)); diff != "" {
		t.Error(diff)
	}
	first := custom.EvaluationResults[0]
	if m := first.MatchedStatements; len(m) != 1 || *m[0].SourcePolicyId != "PolicyInputList.1" || m[0].StartPosition.Line != 1 {
		t.Errorf("matched %+v", m)
	}
	if diff := cmp.Diff([]string{"aws:PrincipalTag/team", "s3:prefix"}, first.MissingContextValues); diff != "" {
		t.Error(diff)
	}
	keys, err := c.GetContextKeysForCustomPolicy(ctx, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{doc}})
	ok(t, err)
	if diff := cmp.Diff(first.MissingContextValues, keys.ContextKeyNames); diff != "" {
		t.Error(diff)
	}
	given, err := c.SimulateCustomPolicy(ctx, &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{doc}, ActionNames: []string{"s3:PutObject"}, ResourceArns: []string{"arn:aws:s3:::b/x"},
		ContextEntries: []types.ContextEntry{
			{ContextKeyName: new("aws:PrincipalTag/team"), ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{"red"}},
			{ContextKeyName: new("s3:prefix"), ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{"red"}},
		},
		PermissionsBoundaryPolicyInputList: []string{document(allow("s3:PutObject", "*"))},
	})
	ok(t, err)
	if r := given.EvaluationResults[0]; r.EvalDecision != allowed || !r.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary || len(r.MissingContextValues) != 0 {
		t.Errorf("with context: %+v", r)
	}

	// A principal's simulation is what the gate would say: ann is bounded.
	sim, err := c.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: new(arnOf("user/ann")), ActionNames: []string{"iam:GetUser", "iam:ListUsers", "ssm:GetParameter"},
		PolicyInputList: []string{document(allow("iam:ListUsers", "*"))},
	})
	ok(t, err)
	if diff := cmp.Diff(answer{"iam:GetUser *": allowed, "iam:ListUsers *": implicit, "ssm:GetParameter *": implicit}, read(sim.EvaluationResults)); diff != "" {
		t.Error(diff)
	}
	for source, want := range map[string]types.PolicyEvaluationDecisionType{"group/readers": implicit, "role/builder": allowed} {
		out, err := c.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(arnOf(source)), ActionNames: []string{"ssm:GetParameter"}})
		ok(t, err)
		if got := out.EvaluationResults[0].EvalDecision; got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
	// Without a resource policy the identity policies decide, whoever owns what.
	everywhere, err := c.SimulateCustomPolicy(ctx, &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{document(allow("sts:AssumeRole", "*") + "," + allow("kms:Decrypt", "*"))},
		ActionNames:     []string{"sts:AssumeRole", "kms:Decrypt", "kms:Encrypt"},
		ResourceArns:    []string{"arn:aws:iam::" + bob + ":role/x", "arn:aws:kms:us-east-1:" + alice + ":key/k"},
	})
	ok(t, err)
	for _, r := range everywhere.EvaluationResults {
		want := allowed
		if *r.EvalActionName == "kms:Encrypt" {
			want = implicit
		}
		if r.EvalDecision != want || len(r.MatchedStatements) > 1 {
			t.Errorf("%s on %s: %s, %d statements", *r.EvalActionName, *r.EvalResourceName, r.EvalDecision, len(r.MatchedStatements))
		}
	}
	shut, err := c.SimulateCustomPolicy(ctx, &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{document(allow("sts:AssumeRole", "*"))}, ActionNames: []string{"sts:AssumeRole"},
		ResourcePolicy: new(trust("arn:aws:iam::" + bob + ":root")), CallerArn: new(arnOf("user/ann")),
	})
	ok(t, err)
	if got := shut.EvaluationResults[0].EvalDecision; got != implicit {
		t.Errorf("a trust policy of others: %s", got)
	}
	_, err = c.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(arnOf("user/none")), ActionNames: []string{"a:b"}})
	fails(t, err, "NoSuchEntity", "")
	_, err = root(t, s, bob).SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(arnOf("user/ann")), ActionNames: []string{"a:b"}})
	fails(t, err, "AccessDenied", "")
	_, err = c.SimulateCustomPolicy(ctx, &iam.SimulateCustomPolicyInput{PolicyInputList: []string{"{"}, ActionNames: []string{"a:b"}})
	fails(t, err, "InvalidInput", "")
}

// TestSessions: neither a federated user nor what GetSessionToken gives can call
// IAM, whatever the policies say; the session of a role can.
func TestSessions(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	everything := document(allow("*", "*"))
	ann := as(t, s, "ann", allow("*", "*"))
	tokens := sts.NewFromConfig(ann.config)
	federated, err := tokens.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: new("fay"), Policy: &everything})
	ok(t, err)
	plain, err := tokens.GetSessionToken(ctx, &sts.GetSessionTokenInput{})
	ok(t, err)
	for name, test := range map[string]struct {
		credentials *ststypes.Credentials
		want        string
	}{
		"federated": {federated.Credentials, "AccessDenied"},
		"session":   {plain.Credentials, "InvalidClientTokenId"},
	} {
		cfg := ann.config
		cfg.Credentials = credentials.NewStaticCredentialsProvider(*test.credentials.AccessKeyId, *test.credentials.SecretAccessKey, *test.credentials.SessionToken)
		fails(t, second(newClient(t, cfg).ListUsers(ctx, &iam.ListUsersInput{})), test.want, "")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	role := c.role("admin", trust(arnOf("user/ann")))
	ok(t, second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: new("admin"), PolicyArn: new(administrator)})))
	admin, err := ann.assume(role)
	ok(t, err)
	ok(t, second(admin.ListUsers(ctx, &iam.ListUsersInput{})))
	_, err = admin.GetUser(ctx, &iam.GetUserInput{})
	fails(t, err, "ValidationError", "Must specify userName when calling with non-User credentials")
}
