package organizations_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func TestServiceAccess(t *testing.T) {
	w := newWorld(t)
	names := func() (list []string) {
		out, err := w.boss.ListAWSServiceAccessForOrganization(ctx, &organizations.ListAWSServiceAccessForOrganizationInput{})
		ok(t, err)
		for _, s := range out.EnabledServicePrincipals {
			list = append(list, *s.ServicePrincipal)
		}
		return list
	}
	enable := func(name string) error {
		_, err := w.boss.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: &name})
		return err
	}
	ok(t, enable("ssm.amazonaws.com"))
	ok(t, enable("ram.amazonaws.com"))
	ok(t, enable("ram.amazonaws.com"))
	wantInvalid(t, enable("ram"), types.InvalidInputExceptionReasonUnrecognizedServicePrincipal)
	if got := names(); len(got) != 2 || got[0] != "ram.amazonaws.com" {
		t.Errorf("enabled %v", got)
	}
	_, err := w.boss.DisableAWSServiceAccess(ctx, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: aws.String("ssm.amazonaws.com")})
	ok(t, err)
	if got := names(); len(got) != 1 {
		t.Errorf("enabled %v", got)
	}
}

func TestDelegatedAdministrator(t *testing.T) {
	w := newWorld(t)
	ssm := aws.String("ssm.amazonaws.com")
	register := func(account string) error {
		_, err := w.boss.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: ssm})
		return err
	}
	list := func(by client) error {
		_, err := by.ListAccounts(ctx, &organizations.ListAccountsInput{})
		return err
	}
	describe := func(by client) error {
		_, err := by.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: aws.String(boss)})
		return err
	}
	wantCode(t, list(w.bob), "AccessDeniedException")
	ok(t, register(bob))
	wantCode(t, register(bob), "AccountAlreadyRegisteredException")
	wantCode(t, register(carol), "AccountNotFoundException")
	wantViolation(t, register(boss), types.ConstraintViolationExceptionReasonCannotRegisterMasterAsDelegatedAdministrator)

	// It may read, if its own policies let it, and no more.
	ok(t, list(w.bob))
	ok(t, describe(w.bob))
	reader := as(t, w.s, bob, "reader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:ListAccounts","Resource":"*"}}`)
	ok(t, list(reader))
	wantCode(t, describe(reader), "AccessDeniedException")
	_, err := w.bob.CreatePolicy(ctx, &organizations.CreatePolicyInput{Type: types.PolicyTypeServiceControlPolicy, Name: aws.String("x"), Description: aws.String(""), Content: aws.String(everything)})
	wantCode(t, err, "AccessDeniedException")
	_, err = w.bob.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &w.root, Name: aws.String("x")})
	wantCode(t, err, "AccessDeniedException")

	// A service control policy binds it.
	deny := w.boss.policy(types.PolicyTypeServiceControlPolicy, "deny", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"organizations:ListAccounts","Resource":"*"}}`)
	w.boss.attach(deny, bob)
	wantCode(t, list(w.bob), "AccessDeniedException")
	w.boss.detach(deny, bob)

	admins, err := w.boss.ListDelegatedAdministrators(ctx, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: ssm})
	ok(t, err)
	if len(admins.DelegatedAdministrators) != 1 || *admins.DelegatedAdministrators[0].Id != bob {
		t.Errorf("administrators %+v", admins.DelegatedAdministrators)
	}
	none, err := w.boss.ListDelegatedAdministrators(ctx, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: aws.String("ram.amazonaws.com")})
	ok(t, err)
	if len(none.DelegatedAdministrators) != 0 {
		t.Errorf("administrators of another service: %+v", none.DelegatedAdministrators)
	}
	services, err := w.boss.ListDelegatedServicesForAccount(ctx, &organizations.ListDelegatedServicesForAccountInput{AccountId: aws.String(bob)})
	ok(t, err)
	if len(services.DelegatedServices) != 1 || *services.DelegatedServices[0].ServicePrincipal != *ssm {
		t.Errorf("services %+v", services.DelegatedServices)
	}
	_, err = w.boss.ListDelegatedServicesForAccount(ctx, &organizations.ListDelegatedServicesForAccountInput{AccountId: aws.String(boss)})
	wantCode(t, err, "AccountNotRegisteredException")

	_, err = w.bob.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	wantViolation(t, err, types.ConstraintViolationExceptionReasonCannotRemoveDelegatedAdministratorFromOrg)
	deregister := func() error {
		_, err := w.boss.DeregisterDelegatedAdministrator(ctx, &organizations.DeregisterDelegatedAdministratorInput{AccountId: aws.String(bob), ServicePrincipal: ssm})
		return err
	}
	ok(t, deregister())
	wantCode(t, deregister(), "AccountNotRegisteredException")
	wantCode(t, list(w.bob), "AccessDeniedException")
	_, err = w.bob.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	ok(t, err)
}

// TestResourcePolicy lets a member account manage service control policies, but
// for the root.
func TestResourcePolicy(t *testing.T) {
	w := newWorld(t)
	put := func(content string) error {
		_, err := w.boss.PutResourcePolicy(ctx, &organizations.PutResourcePolicyInput{Content: &content})
		return err
	}
	_, err := w.boss.DescribeResourcePolicy(ctx, &organizations.DescribeResourcePolicyInput{})
	wantCode(t, err, "ResourcePolicyNotFoundException")
	wantInvalid(t, put(`{`), types.InvalidInputExceptionReasonInvalidResourcePolicyJson)
	for action, reason := range map[string]types.InvalidInputExceptionReason{
		"organizations:CreateAccount": types.InvalidInputExceptionReasonUnsupportedActionInResourcePolicy,
		"organizations:*":             types.InvalidInputExceptionReasonUnsupportedActionInResourcePolicy,
	} {
		wantInvalid(t, put(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"`+action+`","Resource":"*"}}`), reason)
	}
	wantInvalid(t, put(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ram.amazonaws.com"},"Action":"organizations:ListRoots","Resource":"*"}}`), types.InvalidInputExceptionReasonInvalidPrincipal)

	content := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":["organizations:List*","organizations:CreatePolicy","organizations:AttachPolicy","organizations:TagResource"],"Resource":"*",
		 "Condition":{"StringLikeIfExists":{"organizations:PolicyType":"SERVICE_CONTROL_POLICY"}}},
		{"Effect":"Deny","Principal":{"AWS":"` + bob + `"},"Action":"organizations:AttachPolicy","Resource":"arn:aws:organizations::*:root/*"},
		{"Effect":"Deny","Principal":{"AWS":"` + bob + `"},"Action":"organizations:AttachPolicy","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/locked":"yes"}}}]}`
	_, err = w.boss.TagResource(ctx, &organizations.TagResourceInput{ResourceId: &w.outer, Tags: []types.Tag{{Key: aws.String("locked"), Value: aws.String("yes")}}})
	ok(t, err)
	ok(t, put(content))
	got, err := w.boss.DescribeResourcePolicy(ctx, &organizations.DescribeResourcePolicyInput{})
	ok(t, err)
	if *got.ResourcePolicy.Content != content {
		t.Errorf("content %s", *got.ResourcePolicy.Content)
	}

	p := w.bob.policy(types.PolicyTypeServiceControlPolicy, "by bob", denyList)
	w.bob.attach(p, w.inner)
	if w.may(t, bob) {
		t.Error("what the delegate attached does not bind")
	}
	for _, target := range []string{w.root, w.outer} {
		_, err = w.bob.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &p, TargetId: &target})
		wantCode(t, err, "AccessDeniedException")
	}
	_, err = w.bob.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &p, TargetId: &w.inner})
	wantCode(t, err, "AccessDeniedException")
	_, err = w.bob.CreatePolicy(ctx, &organizations.CreatePolicyInput{Type: types.PolicyTypeResourceControlPolicy, Name: aws.String("rcp"), Description: aws.String(""),
		Content: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`)})
	wantCode(t, err, "AccessDeniedException")
	if got := w.bob.accounts(); len(got) != 2 {
		t.Errorf("accounts %v", got)
	}

	// Another member account gets nothing of it.
	guest := newClient(t, w.s, carol)
	guest.accept(w.boss.invite(carol))
	_, err = guest.ListAccounts(ctx, &organizations.ListAccountsInput{})
	wantCode(t, err, "AccessDeniedException")

	_, err = w.boss.DeleteResourcePolicy(ctx, &organizations.DeleteResourcePolicyInput{})
	ok(t, err)
	_, err = w.bob.ListAccounts(ctx, &organizations.ListAccountsInput{})
	wantCode(t, err, "AccessDeniedException")
	_, err = w.boss.DeleteResourcePolicy(ctx, &organizations.DeleteResourcePolicyInput{})
	wantCode(t, err, "ResourcePolicyNotFoundException")
}
