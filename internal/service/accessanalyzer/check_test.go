package accessanalyzer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
)

func document(statements ...string) *string {
	return new(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

const (
	getObject = `{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}`
	allS3     = `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::reports/*"}`
	denyPut   = `{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}`
)

func TestValidatePolicy(t *testing.T) {
	c := newClient(t, alice)
	out, err := c.ValidatePolicy(ctx, &accessanalyzer.ValidatePolicyInput{
		PolicyType: types.PolicyTypeIdentityPolicy, PolicyDocument: new(`{"Statement":[{"Action":["s3:GetObjects"],"Effect":"Allow","Resource":"*","Sid":"é"}],"Version":"2012-10-17"}`),
	})
	must(t, out, err)
	if len(out.Findings) != 2 {
		t.Fatalf("%d findings: %s", len(out.Findings), compact(out.Findings))
	}
	f := out.Findings[0]
	if *f.IssueCode != "INVALID_ACTION" || f.FindingType != types.ValidatePolicyFindingTypeError ||
		!strings.HasSuffix(*f.LearnMoreLink, "#access-analyzer-reference-policy-checks-error-invalid-action") {
		t.Errorf("finding %s", compact(f))
	}
	want := `[{"Path":[{"Value":"Statement"},{"Value":0},{"Value":"Action"},{"Value":0}],"Span":{"End":{"Column":40,"Line":1,"Offset":40},"Start":{"Column":25,"Line":1,"Offset":25}}}]`
	if got := compact(f.Locations); got != want {
		t.Errorf("locations %s", got)
	}
	// Offsets count characters, not bytes.
	if sid := out.Findings[1].Locations[0].Span; *out.Findings[1].IssueCode != "UNSUPPORTED_SID" || *sid.End.Offset-*sid.Start.Offset != 3 {
		t.Errorf("finding %s", compact(out.Findings[1]))
	}
}

func TestValidatePolicyTypes(t *testing.T) {
	c := newClient(t, alice)
	for _, tc := range []struct {
		in   accessanalyzer.ValidatePolicyInput
		want string
	}{
		{accessanalyzer.ValidatePolicyInput{PolicyType: types.PolicyTypeResourcePolicy, PolicyDocument: document(getObject)}, "MISSING_PRINCIPAL"},
		{accessanalyzer.ValidatePolicyInput{PolicyType: types.PolicyTypeServiceControlPolicy, PolicyDocument: document(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`)}, "SCP_SYNTAX_ERROR_PRINCIPAL"},
		{accessanalyzer.ValidatePolicyInput{PolicyType: types.PolicyTypeResourceControlPolicy, PolicyDocument: document(`{"Effect":"Deny","Principal":"*","Action":"ec2:*","Resource":"*"}`)}, "RCP_SYNTAX_ERROR_ACTION"},
		{accessanalyzer.ValidatePolicyInput{PolicyType: types.PolicyTypeIdentityPolicy, PolicyDocument: new(`{"Statement":`)}, "JSON_SYNTAX_ERROR"},
		{accessanalyzer.ValidatePolicyInput{
			PolicyType: types.PolicyTypeResourcePolicy, ValidatePolicyResourceType: types.ValidatePolicyResourceTypeRoleTrust,
			PolicyDocument: document(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Resource":"*"}`),
		}, "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE"},
		{accessanalyzer.ValidatePolicyInput{
			PolicyType: types.PolicyTypeResourcePolicy, ValidatePolicyResourceType: types.ValidatePolicyResourceTypeS3Bucket,
			PolicyDocument: document(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:Decrypt","Resource":"*"}`),
		}, "UNSUPPORTED_ACTION_IN_POLICY"},
	} {
		tc.in.Locale = types.LocaleDe // texts are always in English
		out, err := c.ValidatePolicy(ctx, &tc.in)
		if must(t, out, err); len(out.Findings) != 1 || *out.Findings[0].IssueCode != tc.want {
			t.Errorf("%s: %s", tc.want, compact(out.Findings))
		}
	}
	_, err := c.ValidatePolicy(ctx, &accessanalyzer.ValidatePolicyInput{
		PolicyType: types.PolicyTypeIdentityPolicy, PolicyDocument: document(), ValidatePolicyResourceType: types.ValidatePolicyResourceTypeS3Bucket,
	})
	wantCode(t, err, "ValidationException")
	_, err = c.ValidatePolicy(ctx, &accessanalyzer.ValidatePolicyInput{PolicyType: "OTHER", PolicyDocument: document()})
	wantCode(t, err, "ValidationException")
}

func TestValidatePolicyPages(t *testing.T) {
	c := newClient(t, alice)
	var actions []string
	for i := range 7 {
		actions = append(actions, fmt.Sprintf(`"s3:Nothing%d"`, i))
	}
	in := &accessanalyzer.ValidatePolicyInput{
		PolicyType: types.PolicyTypeIdentityPolicy, MaxResults: new(int32(3)),
		PolicyDocument: document(`{"Effect":"Allow","Action":[` + strings.Join(actions, ",") + `],"Resource":"*"}`),
	}
	var sizes []int
	for p := accessanalyzer.NewValidatePolicyPaginator(c.Client, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		sizes = append(sizes, len(must(t, page, err).Findings))
	}
	if fmt.Sprint(sizes) != "[3 3 1]" {
		t.Errorf("pages of %v", sizes)
	}
	in.NextToken = new("nothing")
	_, err := c.ValidatePolicy(ctx, in)
	wantCode(t, err, "ValidationException")
}

func TestCheckNoNewAccess(t *testing.T) {
	c := newClient(t, alice)
	check := func(old, new *string) *accessanalyzer.CheckNoNewAccessOutput {
		out, err := c.CheckNoNewAccess(ctx, &accessanalyzer.CheckNoNewAccessInput{
			ExistingPolicyDocument: old, NewPolicyDocument: new, PolicyType: types.AccessCheckPolicyTypeIdentityPolicy,
		})
		return must(t, out, err)
	}
	if out := check(document(allS3), document(getObject, denyPut)); out.Result != types.CheckNoNewAccessResultPass || len(out.Reasons) != 0 {
		t.Errorf("narrower: %s", compact(out))
	}
	out := check(document(getObject), document(denyPut, allS3, getObject))
	if out.Result != types.CheckNoNewAccessResultFail || len(out.Reasons) != 1 || *out.Reasons[0].StatementIndex != 1 ||
		*out.Reasons[0].Description != "New access in the statement with index: 1." {
		t.Errorf("wider: %s", compact(out))
	}
	if out := check(document(denyPut), document(getObject)); *out.Reasons[0].StatementId != "Read" || *out.Reasons[0].Description != "New access in the statement with sid: Read." {
		t.Errorf("sid: %s", compact(out))
	}
	_, err := c.CheckNoNewAccess(ctx, &accessanalyzer.CheckNoNewAccessInput{
		ExistingPolicyDocument: new("{"), NewPolicyDocument: document(denyPut), PolicyType: types.AccessCheckPolicyTypeIdentityPolicy,
	})
	wantCode(t, err, "InvalidParameterException")
	_, err = c.CheckNoNewAccess(ctx, &accessanalyzer.CheckNoNewAccessInput{
		ExistingPolicyDocument: document(denyPut), NewPolicyDocument: document(`{"Effect":"allow","Action":"*","Resource":"*"}`), PolicyType: types.AccessCheckPolicyTypeIdentityPolicy,
	})
	wantCode(t, err, "InvalidParameterException")
}

// TestUnknownIsNoPass exceeds the limits of the analysis: the result is never PASS.
func TestUnknownIsNoPass(t *testing.T) {
	c := newClient(t, alice)
	canonical := func(id string) *string {
		return document(`{"Effect":"Allow","Principal":{"CanonicalUser":"` + strings.Repeat(id, 64) + `"},"Action":"s3:GetObject","Resource":"*"}`)
	}
	_, err := c.CheckNoNewAccess(ctx, &accessanalyzer.CheckNoNewAccessInput{
		ExistingPolicyDocument: canonical("a"), NewPolicyDocument: canonical("b"), PolicyType: types.AccessCheckPolicyTypeResourcePolicy,
	})
	wantCode(t, err, "UnprocessableEntityException")
}

func TestCheckAccessNotGranted(t *testing.T) {
	c := newClient(t, alice)
	check := func(access types.Access) (*accessanalyzer.CheckAccessNotGrantedOutput, error) {
		return c.CheckAccessNotGranted(ctx, &accessanalyzer.CheckAccessNotGrantedInput{
			PolicyDocument: document(allS3, denyPut), Access: []types.Access{access}, PolicyType: types.AccessCheckPolicyTypeIdentityPolicy,
		})
	}
	for _, tc := range []struct {
		access types.Access
		want   types.CheckAccessNotGrantedResult
	}{
		{types.Access{Actions: []string{"s3:GetObject"}}, types.CheckAccessNotGrantedResultFail},
		{types.Access{Actions: []string{"s3:PutObject"}}, types.CheckAccessNotGrantedResultPass},
		{types.Access{Actions: []string{"s3:PutObject", "s3:GetObject"}}, types.CheckAccessNotGrantedResultFail},
		{types.Access{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::other/*"}}, types.CheckAccessNotGrantedResultPass},
		{types.Access{Resources: []string{"arn:aws:s3:::reports/x"}}, types.CheckAccessNotGrantedResultFail},
	} {
		out, err := check(tc.access)
		if must(t, out, err); out.Result != tc.want || (len(out.Reasons) == 1) != (tc.want == types.CheckAccessNotGrantedResultFail) {
			t.Errorf("%s: %s", compact(tc.access), compact(out))
		}
	}
	_, err := check(types.Access{})
	wantCode(t, err, "ValidationException")
}

func TestCheckNoPublicAccess(t *testing.T) {
	c := newClient(t, alice)
	for _, tc := range []struct {
		statement string
		kind      types.AccessCheckResourceType
		want      types.CheckNoPublicAccessResult
	}{
		{`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`, types.AccessCheckResourceTypeS3Bucket, types.CheckNoPublicAccessResultFail},
		{`{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"*"}`, types.AccessCheckResourceTypeS3Bucket, types.CheckNoPublicAccessResultPass},
		{`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`, types.AccessCheckResourceTypeKmsKey, types.CheckNoPublicAccessResultPass},
		{`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`, types.AccessCheckResourceTypeRoleTrust, types.CheckNoPublicAccessResultFail},
		{`{"Effect":"Allow","Principal":"*","Action":"ssm:GetParameter","Resource":"*"}`, "AWS::SSM::Parameter", types.CheckNoPublicAccessResultFail},
		{`{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}`, types.AccessCheckResourceTypeSecretsmanagerSecret, types.CheckNoPublicAccessResultFail},
		{`{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"secretsmanager:*","Resource":"*"}`, types.AccessCheckResourceTypeSecretsmanagerSecret, types.CheckNoPublicAccessResultPass},
	} {
		out, err := c.CheckNoPublicAccess(ctx, &accessanalyzer.CheckNoPublicAccessInput{PolicyDocument: document(tc.statement), ResourceType: tc.kind})
		if must(t, out, err); out.Result != tc.want {
			t.Errorf("%s: %s", tc.statement, compact(out))
		}
	}
	_, err := c.CheckNoPublicAccess(ctx, &accessanalyzer.CheckNoPublicAccessInput{PolicyDocument: document(), ResourceType: "AWS::EC2::Instance"})
	wantCode(t, err, "ValidationException")
}
