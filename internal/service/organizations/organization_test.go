package organizations_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestOrganization(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	_, err := c.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	wantCode(t, err, "AWSOrganizationsNotInUseException")

	o := c.organization()
	if want := "arn:aws:organizations::" + boss + ":organization/" + *o.Id; *o.Arn != want {
		t.Errorf("ARN %s, want %s", *o.Arn, want)
	}
	if want := "arn:aws:organizations::" + boss + ":account/" + *o.Id + "/" + boss; *o.MasterAccountArn != want || *o.MasterAccountId != boss {
		t.Errorf("management account %s, want %s", *o.MasterAccountArn, want)
	}
	if o.FeatureSet != types.OrganizationFeatureSetAll {
		t.Errorf("features %s", o.FeatureSet)
	}
	_, err = c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	wantCode(t, err, "AlreadyInOrganizationException")

	// The root has service control policies enabled, and is open.
	roots, err := c.ListRoots(ctx, &organizations.ListRootsInput{})
	ok(t, err)
	want := []types.PolicyTypeSummary{{Type: types.PolicyTypeServiceControlPolicy, Status: types.PolicyTypeStatusEnabled}}
	if diff := cmp.Diff(want, roots.Roots[0].PolicyTypes, cmp.AllowUnexported(types.PolicyTypeSummary{}), ignoreNoSmithy); diff != "" {
		t.Error(diff)
	}
	attached, err := c.ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: roots.Roots[0].Id, Filter: types.PolicyTypeServiceControlPolicy})
	ok(t, err)
	if len(attached.Policies) != 1 || *attached.Policies[0].Id != "p-FullAWSAccess" || !attached.Policies[0].AwsManaged ||
		*attached.Policies[0].Arn != "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess" {
		t.Errorf("attached to the root: %+v", attached.Policies)
	}

	// It can go once nobody else is in it, and leaves nothing behind.
	account := c.newAccount("dev")
	_, err = c.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
	wantCode(t, err, "OrganizationNotEmptyException")
	_, err = c.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &account})
	ok(t, err)
	c.unit(*roots.Roots[0].Id, "empty")
	_, err = c.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
	ok(t, err)
	_, err = c.ListAccounts(ctx, &organizations.ListAccountsInput{})
	wantCode(t, err, "AWSOrganizationsNotInUseException")
	if again := c.organization(); *again.Id == *o.Id {
		t.Error("the new organization has the old id")
	}
	if got := c.accounts(); !cmp.Equal(got, []string{boss}) {
		t.Errorf("accounts of the new organization: %v", got)
	}
}

var ignoreNoSmithy = cmp.FilterPath(func(p cmp.Path) bool { return strings.Contains(p.String(), "noSmithy") }, cmp.Ignore())

func TestBillingOnly(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	_, err := c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetConsolidatedBilling})
	ok(t, err)
	root := c.root()
	_, err = c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &root, PolicyType: types.PolicyTypeServiceControlPolicy})
	wantCode(t, err, "PolicyTypeNotAvailableForOrganizationException")
	_, err = c.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("ram.amazonaws.com")})
	wantViolation(t, err, types.ConstraintViolationExceptionReasonOrganizationNotInAllFeaturesMode)
	_, err = c.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: aws.String(c.newAccount("dev"))})
	wantViolation(t, err, types.ConstraintViolationExceptionReasonOrganizationNotInAllFeaturesMode)
}

// TestWhoMayCall calls as every kind of account.
func TestWhoMayCall(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	root, member := c.root(), newClient(t, s, bob)
	member.accept(c.invite(bob))

	calls := map[string]func(client) error{
		"DescribeOrganization": func(c client) error {
			_, err := c.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
			return err
		},
		"ListAccounts": func(c client) error {
			_, err := c.ListAccounts(ctx, &organizations.ListAccountsInput{})
			return err
		},
		"DescribeAccount": func(c client) error {
			_, err := c.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: aws.String(boss)})
			return err
		},
		"ListPolicies": func(c client) error {
			_, err := c.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
			return err
		},
		"CreateOrganizationalUnit": func(c client) error {
			_, err := c.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &root, Name: aws.String("by " + c.account)})
			return err
		},
		"ListHandshakesForAccount": func(c client) error {
			_, err := c.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{})
			return err
		},
	}
	const not, denied = "AWSOrganizationsNotInUseException", "AccessDeniedException"
	for name, want := range map[string]struct{ manager, member, outsider string }{
		"DescribeOrganization":     {"", "", not},
		"ListAccounts":             {"", denied, not},
		"DescribeAccount":          {"", denied, not},
		"ListPolicies":             {"", denied, not},
		"CreateOrganizationalUnit": {"", denied, not},
		"ListHandshakesForAccount": {"", "", ""},
	} {
		for by, code := range map[string]string{boss: want.manager, bob: want.member, carol: want.outsider} {
			t.Run(name+" by "+by, func(t *testing.T) {
				err := calls[name](newClient(t, s, by))
				if code == "" {
					ok(t, err)
				} else {
					wantCode(t, err, code)
				}
			})
		}
	}
}
