package accessanalyzer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

// TestFindingsOfRoles checks that findings follow changes of a trust policy without delay.
func TestFindingsOfRoles(t *testing.T) {
	c := newClient(t, alice)
	a := c.analyzer("outside")
	c.role("inside", `{"AWS":"`+alice+`"}`)
	c.role("service", `{"Service":"ec2.amazonaws.com"}`)
	c.role("both", `{"AWS":["`+alice+`","`+bob+`"]}`)
	c.role("public", `{"AWS":"*"}`)
	c.role("web", `{"Federated":"accounts.google.com"}`)
	web := `role/web {"Federated":"accounts.google.com"} sts:AssumeRole ACTIVE false`
	wantList(t, c.findings(a, nil),
		`role/both {"AWS":"`+bob+`"} sts:AssumeRole ACTIVE false`,
		`role/public {"AWS":"*"} sts:AssumeRole ACTIVE true`, web)

	update := func(document string) {
		_, err := c.iam().UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new("both"), PolicyDocument: &document})
		must(t, 0, err)
	}
	update(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":"sts:AssumeRole"},
		{"Effect":"Deny","Principal":{"AWS":"` + bob + `"},"Action":"sts:*"}]}`)
	wantList(t, c.findings(a, nil), `role/public {"AWS":"*"} sts:AssumeRole ACTIVE true`, web)

	update(trust(`{"AWS":"` + alice + `"}`))
	_, err := c.iam().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: new("public")})
	must(t, 0, err)
	wantList(t, c.findings(a, nil), web)
}

// TestFindingsOfResources tests every resource type of Writ.
func TestFindingsOfResources(t *testing.T) {
	c := newClient(t, alice)
	a := c.analyzer("outside")
	cfg := c.server.Config(alice)
	allow := func(action, resource string) *string {
		return document(fmt.Sprintf(`{"Effect":"Allow","Principal":{"AWS":%q},"Action":[%s],"Resource":%q}`, bob, action, resource))
	}

	keys := kms.NewFromConfig(cfg)
	key, err := keys.CreateKey(ctx, &kms.CreateKeyInput{})
	must(t, key, err)
	grant, err := keys.CreateGrant(ctx, &kms.CreateGrantInput{
		KeyId: key.KeyMetadata.KeyId, GranteePrincipal: new("arn:aws:iam::" + bob + ":root"), Operations: []kmstypes.GrantOperation{kmstypes.GrantOperationDecrypt},
	})
	must(t, grant, err)

	params := ssm.NewFromConfig(cfg)
	put, err := params.PutParameter(ctx, &ssm.PutParameterInput{Name: new("web"), Value: new("x"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced})
	must(t, put, err)
	parameter := "arn:aws:ssm:" + writtest.Region + ":" + alice + ":parameter/web"
	policyOut, err := params.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &parameter, Policy: allow(`"ssm:GetParameter","ssm:GetParameters"`, parameter)})
	must(t, policyOut, err)

	group := "arn:aws:ssm:" + writtest.Region + ":" + alice + ":opsitemgroup/default"
	groupOut, err := params.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{ResourceArn: &group, Policy: allow(`"ssm:CreateOpsItem","ssm:GetOpsItem","ssm:UpdateOpsItem","ssm:AddTagsToResource"`, strings.Replace(group, "opsitemgroup/default", "opsitem/*", 1))})
	must(t, groupOut, err)

	images := imagebuilder.NewFromConfig(cfg)
	recipe, err := images.CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{Name: new("web"), SemanticVersion: new("1.0.0"), ParentImage: new("ami-0123456789abcdef0")})
	arn := *must(t, recipe, err).ImageRecipeArn
	_, err = images.PutImageRecipePolicy(ctx, &imagebuilder.PutImageRecipePolicyInput{ImageRecipeArn: &arn, Policy: allow(`"imagebuilder:GetImageRecipe"`, arn)})
	must(t, 0, err)

	faces := rekognition.NewFromConfig(cfg)
	project, err := faces.CreateProject(ctx, &rekognition.CreateProjectInput{ProjectName: new("web")})
	must(t, project, err)
	_, err = faces.PutProjectPolicy(ctx, &rekognition.PutProjectPolicyInput{
		ProjectArn: project.ProjectArn, PolicyName: new("share"), PolicyDocument: allow(`"rekognition:CopyProjectVersion"`, "*"),
	})
	must(t, 0, err)

	secrets := secretsmanager.NewFromConfig(cfg)
	secret, err := secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: new("web"), SecretString: new("hush")})
	must(t, secret, err)
	_, err = secrets.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: secret.ARN, ResourcePolicy: allow(`"secretsmanager:GetSecretValue"`, "*")})
	must(t, 0, err)

	other, err := images.CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{Name: new("shared"), SemanticVersion: new("1.0.0"), ParentImage: new("ami-0123456789abcdef0")})
	must(t, other, err)
	share, err := ram.NewFromConfig(cfg).CreateResourceShare(ctx, &ram.CreateResourceShareInput{Name: new("web"), ResourceArns: []string{*other.ImageRecipeArn}, Principals: []string{bob}})
	must(t, share, err)
	theirs := ram.NewFromConfig(c.server.Config(bob))
	invited, err := theirs.GetResourceShareInvitations(ctx, &ram.GetResourceShareInvitationsInput{})
	must(t, invited, err)
	accepted, err := theirs.AcceptResourceShareInvitation(ctx, &ram.AcceptResourceShareInvitationInput{ResourceShareInvitationArn: invited.ResourceShareInvitations[0].ResourceShareInvitationArn})
	must(t, accepted, err)

	got := map[string]bool{}
	for _, line := range c.findings(a, nil) {
		resource, _, _ := strings.Cut(line, " ")
		kind, _, _ := strings.Cut(resource, "/")
		got[kind] = true
		got[resource] = true
		if !strings.Contains(line, bob) {
			t.Errorf("a finding without external access: %s", line)
		}
	}
	for _, want := range []string{"key", "parameter/web", "image-recipe/web/1.0.0", "image-recipe/shared/1.0.0", "project"} {
		if !got[want] {
			t.Errorf("no finding about the %s: %v", want, got)
		}
	}
	wantList(t, c.findings(a, map[string]types.Criterion{"resourceType": {Eq: []string{"AWS::KMS::Key"}}}),
		"key/"+*key.KeyMetadata.KeyId+` {"AWS":"`+bob+`"} kms:Decrypt ACTIVE false`)

	wantList(t, c.findings(a, map[string]types.Criterion{"resource": {Eq: []string{group}}}),
		"opsitemgroup/default "+`{"AWS":"`+bob+`"} ssm:CreateOpsItem,ssm:GetOpsItem,ssm:UpdateOpsItem,ssm:AddTagsToResource ACTIVE false`)

	wantList(t, c.findings(a, map[string]types.Criterion{"resourceType": {Eq: []string{"AWS::SecretsManager::Secret"}}}),
		(*secret.ARN)[strings.Index(*secret.ARN, "secret:"):]+` {"AWS":"`+bob+`"} secretsmanager:GetSecretValue ACTIVE false`)

	shared := map[string]types.Criterion{"resource": {Contains: []string{"image-recipe/shared"}}}
	_, err = ram.NewFromConfig(cfg).DeleteResourceShare(ctx, &ram.DeleteResourceShareInput{ResourceShareArn: share.ResourceShare.ResourceShareArn})
	if must(t, 0, err); len(c.findings(a, shared)) != 0 {
		t.Error("a finding about a deleted share")
	}

	resources, err := c.ListAnalyzedResources(ctx, &accessanalyzer.ListAnalyzedResourcesInput{AnalyzerArn: &a})
	must(t, resources, err)
	if len(resources.AnalyzedResources) != 8 { // the OpsItem group always exists, and so does the key aws/secretsmanager by now
		t.Errorf("%d resources: %s", len(resources.AnalyzedResources), compact(resources.AnalyzedResources))
	}
	one, err := c.GetAnalyzedResource(ctx, &accessanalyzer.GetAnalyzedResourceInput{AnalyzerArn: &a, ResourceArn: &parameter})
	if r := must(t, one, err).Resource; compact(r.Actions) != `["ssm:GetParameter","ssm:GetParameters"]` || *r.IsPublic || r.Status != types.FindingStatusActive {
		t.Errorf("resource %s", compact(r))
	}
	_, err = c.StartResourceScan(ctx, &accessanalyzer.StartResourceScanInput{AnalyzerArn: &a, ResourceArn: &parameter})
	must(t, 0, err)
	_, err = c.StartResourceScan(ctx, &accessanalyzer.StartResourceScanInput{AnalyzerArn: &a, ResourceArn: new(parameter + "x")})
	wantCode(t, err, "ResourceNotFoundException")
}

// TestFindingsOfOrganization trusts the members of an organization.
func TestFindingsOfOrganization(t *testing.T) {
	c := newClient(t, alice)
	orgs := organizations.NewFromConfig(c.server.Config(alice))
	_, err := c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: new("org"), Type: types.TypeOrganization})
	wantCode(t, err, "ValidationException") // the organization does not exist yet
	_, err = orgs.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetAll})
	must(t, 0, err)
	made, err := orgs.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: new("member"), Email: new("member@example.com")})
	must(t, made, err)
	status, err := orgs.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	member := *must(t, status, err).CreateAccountStatus.AccountId
	out, err := c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: new("org"), Type: types.TypeOrganization})
	must(t, out, err)
	account := c.analyzer("account")

	c.role("inside", `{"AWS":"`+member+`"}`)
	c.role("outside", `{"AWS":"`+bob+`"}`)
	root := func(id string) string { return `{"AWS":"` + id + `"}` }
	var roles []string
	for _, f := range c.findings(*out.Arn, nil) {
		if !strings.Contains(f, "OrganizationAccountAccessRole") {
			roles = append(roles, f)
		}
	}
	wantList(t, roles, "role/outside "+root(bob)+" sts:AssumeRole ACTIVE false")
	wantList(t, c.findings(account, nil), "role/inside "+root(member)+" sts:AssumeRole ACTIVE false", "role/outside "+root(bob)+" sts:AssumeRole ACTIVE false")
}

func TestFindingOperations(t *testing.T) {
	c := newClient(t, alice)
	a := c.analyzer("outside")
	c.role("a", `{"AWS":"`+bob+`"}`)
	arn := c.role("b", `{"AWS":"*"}`)
	list, err := c.ListFindings(ctx, &accessanalyzer.ListFindingsInput{AnalyzerArn: &a, Sort: &types.SortCriteria{AttributeName: new("resource"), OrderBy: types.OrderByDesc}})
	if must(t, list, err); len(list.Findings) != 2 || *list.Findings[0].Resource != arn {
		t.Fatalf("findings %s", compact(list.Findings))
	}
	id := list.Findings[0].Id
	one, err := c.GetFinding(ctx, &accessanalyzer.GetFindingInput{AnalyzerArn: &a, Id: id})
	if f := must(t, one, err).Finding; *f.Resource != arn || !*f.IsPublic || f.Status != types.FindingStatusActive || *f.ResourceOwnerAccount != alice {
		t.Errorf("finding %s", compact(f))
	}
	two, err := c.GetFindingV2(ctx, &accessanalyzer.GetFindingV2Input{AnalyzerArn: &a, Id: id})
	if must(t, two, err); two.FindingType != types.FindingTypeExternalAccess || len(two.FindingDetails) != 1 {
		t.Errorf("finding %s", compact(two))
	}
	v2, err := c.ListFindingsV2(ctx, &accessanalyzer.ListFindingsV2Input{AnalyzerArn: &a, Filter: map[string]types.Criterion{"resource": {Contains: []string{"role/b"}}}})
	if must(t, v2, err); len(v2.Findings) != 1 || *v2.Findings[0].Id != *id {
		t.Errorf("findings %s", compact(v2.Findings))
	}

	_, err = c.UpdateFindings(ctx, &accessanalyzer.UpdateFindingsInput{AnalyzerArn: &a, Status: types.FindingStatusUpdateArchived, Ids: []string{*id}})
	must(t, 0, err)
	active := map[string]types.Criterion{"status": {Eq: []string{"ACTIVE"}}}
	if got := c.findings(a, active); len(got) != 1 || !strings.HasPrefix(got[0], "role/a ") {
		t.Errorf("active findings %q", got)
	}
	_, err = c.UpdateFindings(ctx, &accessanalyzer.UpdateFindingsInput{AnalyzerArn: &a, Status: types.FindingStatusUpdateActive, ResourceArn: &arn})
	if must(t, 0, err); len(c.findings(a, active)) != 2 {
		t.Error("the finding is not active again")
	}

	_, err = c.GetFinding(ctx, &accessanalyzer.GetFindingInput{AnalyzerArn: &a, Id: new("1e3477be-4a95-46b4-bbe0-c40010000000")})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = c.UpdateFindings(ctx, &accessanalyzer.UpdateFindingsInput{AnalyzerArn: &a, Status: types.FindingStatusUpdateActive})
	wantCode(t, err, "ValidationException")
	_, err = c.UpdateFindings(ctx, &accessanalyzer.UpdateFindingsInput{AnalyzerArn: &a, Status: types.FindingStatusUpdateActive, Ids: []string{"x"}})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = c.ListFindings(ctx, &accessanalyzer.ListFindingsInput{AnalyzerArn: &a, Filter: map[string]types.Criterion{"colour": {Eq: []string{"red"}}}})
	wantCode(t, err, "ValidationException")
	_, err = c.ListFindings(ctx, &accessanalyzer.ListFindingsInput{AnalyzerArn: new(a + "x")})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = clientOf(t, c.server, bob).ListFindings(ctx, &accessanalyzer.ListFindingsInput{AnalyzerArn: &a})
	wantCode(t, err, "AccessDeniedException")
}

func TestAnalyzers(t *testing.T) {
	c := newClient(t, alice)
	arn := c.analyzer("outside")
	got, err := c.GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: new("outside")})
	if a := must(t, got, err).Analyzer; *a.Arn != arn || a.Status != types.AnalyzerStatusActive || a.Type != types.TypeAccount {
		t.Errorf("analyzer %s", compact(a))
	}
	_, err = c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: new("outside"), Type: types.TypeAccount})
	wantCode(t, err, "ConflictException")
	_, err = c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: new("second"), Type: types.TypeAccount})
	wantCode(t, err, "ServiceQuotaExceededException")
	_, err = c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: new("inside"), Type: types.TypeAccountInternalAccess})
	wantCode(t, err, "ValidationException")

	_, err = c.TagResource(ctx, &accessanalyzer.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"team": "red", "env": "x"}})
	must(t, 0, err)
	_, err = c.UntagResource(ctx, &accessanalyzer.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"env"}})
	must(t, 0, err)
	tags, err := c.ListTagsForResource(ctx, &accessanalyzer.ListTagsForResourceInput{ResourceArn: &arn})
	if must(t, tags, err); compact(tags.Tags) != `{"team":"red"}` {
		t.Errorf("tags %v", tags.Tags)
	}
	list, err := c.ListAnalyzers(ctx, &accessanalyzer.ListAnalyzersInput{Type: types.TypeAccount})
	if must(t, list, err); len(list.Analyzers) != 1 || compact(list.Analyzers[0].Tags) != `{"team":"red"}` {
		t.Errorf("analyzers %s", compact(list.Analyzers))
	}
	_, err = c.DeleteAnalyzer(ctx, &accessanalyzer.DeleteAnalyzerInput{AnalyzerName: new("outside")})
	must(t, 0, err)
	_, err = c.GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: new("outside")})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestArchiveRules(t *testing.T) {
	c := newClient(t, alice)
	public := map[string]types.Criterion{"isPublic": {Eq: []string{"true"}}}
	a := c.analyzer("outside", types.InlineArchiveRule{RuleName: new("public"), Filter: public})
	c.role("bob", `{"AWS":"`+bob+`"}`)
	c.role("public", `{"AWS":"*"}`)
	wantList(t, c.findings(a, map[string]types.Criterion{"status": {Eq: []string{"ARCHIVED"}}}), `role/public {"AWS":"*"} sts:AssumeRole ARCHIVED true`)

	// A new rule affects existing findings only when it is applied.
	accounts := map[string]types.Criterion{"principal.AWS": {Contains: []string{bob}}}
	_, err := c.CreateArchiveRule(ctx, &accessanalyzer.CreateArchiveRuleInput{AnalyzerName: new("outside"), RuleName: new("bob"), Filter: accounts})
	must(t, 0, err)
	active := map[string]types.Criterion{"status": {Eq: []string{"ACTIVE"}}}
	if got := c.findings(a, active); len(got) != 1 {
		t.Errorf("active findings %q", got)
	}
	_, err = c.ApplyArchiveRule(ctx, &accessanalyzer.ApplyArchiveRuleInput{AnalyzerArn: &a, RuleName: new("bob")})
	must(t, 0, err)
	wantList(t, c.findings(a, active))

	_, err = c.UpdateArchiveRule(ctx, &accessanalyzer.UpdateArchiveRuleInput{AnalyzerName: new("outside"), RuleName: new("bob"), Filter: public})
	must(t, 0, err)
	rule, err := c.GetArchiveRule(ctx, &accessanalyzer.GetArchiveRuleInput{AnalyzerName: new("outside"), RuleName: new("bob")})
	if r := must(t, rule, err).ArchiveRule; compact(r.Filter["isPublic"].Eq) != `["true"]` || !r.UpdatedAt.After(*r.CreatedAt) {
		t.Errorf("rule %s", compact(r))
	}
	rules, err := c.ListArchiveRules(ctx, &accessanalyzer.ListArchiveRulesInput{AnalyzerName: new("outside")})
	if must(t, rules, err); len(rules.ArchiveRules) != 2 {
		t.Errorf("rules %s", compact(rules.ArchiveRules))
	}
	_, err = c.DeleteArchiveRule(ctx, &accessanalyzer.DeleteArchiveRuleInput{AnalyzerName: new("outside"), RuleName: new("bob")})
	must(t, 0, err)
	_, err = c.GetArchiveRule(ctx, &accessanalyzer.GetArchiveRuleInput{AnalyzerName: new("outside"), RuleName: new("bob")})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = c.CreateArchiveRule(ctx, &accessanalyzer.CreateArchiveRuleInput{AnalyzerName: new("outside"), RuleName: new("public"), Filter: public})
	wantCode(t, err, "ConflictException")
	_, err = c.CreateArchiveRule(ctx, &accessanalyzer.CreateArchiveRuleInput{AnalyzerName: new("outside"), RuleName: new("x"), Filter: map[string]types.Criterion{"isPublic": {}}})
	wantCode(t, err, "ValidationException")
}

func TestAccessPreviews(t *testing.T) {
	c := newClient(t, alice)
	a := c.analyzer("outside")
	role := c.role("web", `{"AWS":"`+bob+`"}`)
	preview := func(arn string, configuration types.Configuration) string {
		out, err := c.CreateAccessPreview(ctx, &accessanalyzer.CreateAccessPreviewInput{AnalyzerArn: &a, Configurations: map[string]types.Configuration{arn: configuration}})
		return *must(t, out, err).Id
	}
	id := preview(role, &types.ConfigurationMemberIamRole{Value: types.IamRoleConfiguration{
		TrustPolicy: new(trust(`{"AWS":["arn:aws:iam::` + bob + `:root","arn:aws:iam::777788889999:root","` + alice + `"]}`)),
	}})
	got, err := c.GetAccessPreview(ctx, &accessanalyzer.GetAccessPreviewInput{AnalyzerArn: &a, AccessPreviewId: &id})
	if p := must(t, got, err).AccessPreview; p.Status != types.AccessPreviewStatusCompleted || len(p.Configurations) != 1 {
		t.Errorf("preview %s", compact(p))
	}
	list, err := c.ListAccessPreviewFindings(ctx, &accessanalyzer.ListAccessPreviewFindingsInput{AnalyzerArn: &a, AccessPreviewId: &id})
	changes := map[string]types.FindingChangeType{}
	for _, f := range must(t, list, err).Findings {
		changes[f.Principal["AWS"]] = f.ChangeType
	}
	if len(changes) != 2 || changes[bob] != types.FindingChangeTypeUnchanged || changes["777788889999"] != types.FindingChangeTypeNew {
		t.Errorf("changes %v", changes)
	}

	key := preview("arn:aws:kms:"+writtest.Region+":"+alice+":key/1234abcd-12ab-34cd-56ef-1234567890ab", &types.ConfigurationMemberKmsKey{Value: types.KmsKeyConfiguration{
		KeyPolicies: map[string]string{"default": *document(`{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}`)},
		Grants: []types.KmsGrantConfiguration{{
			GranteePrincipal: new("arn:aws:iam::" + bob + ":role/x"), IssuingAccount: new(alice), Operations: []types.KmsGrantOperation{types.KmsGrantOperationDecrypt},
		}},
	}})
	list, err = c.ListAccessPreviewFindings(ctx, &accessanalyzer.ListAccessPreviewFindingsInput{
		AnalyzerArn: &a, AccessPreviewId: &key, Filter: map[string]types.Criterion{"isPublic": {Eq: []string{"true"}}},
	})
	if f := must(t, list, err).Findings; len(f) != 1 || !*f[0].IsPublic {
		t.Errorf("findings %s", compact(f))
	}
	failed := preview(role, &types.ConfigurationMemberIamRole{Value: types.IamRoleConfiguration{TrustPolicy: new("{")}})
	_, err = c.ListAccessPreviewFindings(ctx, &accessanalyzer.ListAccessPreviewFindingsInput{AnalyzerArn: &a, AccessPreviewId: &failed})
	wantCode(t, err, "ConflictException")
	previews, err := c.ListAccessPreviews(ctx, &accessanalyzer.ListAccessPreviewsInput{AnalyzerArn: &a})
	if must(t, previews, err); len(previews.AccessPreviews) != 3 {
		t.Errorf("previews %s", compact(previews.AccessPreviews))
	}
	_, err = c.CreateAccessPreview(ctx, &accessanalyzer.CreateAccessPreviewInput{AnalyzerArn: &a, Configurations: map[string]types.Configuration{
		"arn:aws:ec2:us-east-1::snapshot/snap-1": &types.ConfigurationMemberEbsSnapshot{Value: types.EbsSnapshotConfiguration{}},
	}})
	wantCode(t, err, "ValidationException")
	wantList(t, c.findings(a, nil), `role/web {"AWS":"`+bob+`"} sts:AssumeRole ACTIVE false`) // nothing has changed
}
