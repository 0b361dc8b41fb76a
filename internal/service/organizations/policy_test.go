package organizations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestPolicies(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	o := c.organization()
	id := c.policy(types.PolicyTypeServiceControlPolicy, "deny", denyList)
	got, err := c.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &id})
	ok(t, err)
	if p := got.Policy; *p.Content != denyList || *p.PolicySummary.Name != "deny" || p.PolicySummary.AwsManaged ||
		*p.PolicySummary.Arn != "arn:aws:organizations::"+boss+":policy/"+*o.Id+"/service_control_policy/"+id {
		t.Errorf("policy %+v", p)
	}
	create := func(kind types.PolicyType, name, content string) error {
		_, err := c.CreatePolicy(ctx, &organizations.CreatePolicyInput{Type: kind, Name: &name, Description: aws.String("d"), Content: &content})
		return err
	}
	wantCode(t, create(types.PolicyTypeServiceControlPolicy, "deny", everything), "DuplicatePolicyException")
	wantCode(t, create(types.PolicyTypeServiceControlPolicy, "FullAWSAccess", everything), "DuplicatePolicyException")
	wantCode(t, create(types.PolicyTypeTagPolicy, "tags", "{}"), "MalformedPolicyDocumentException")

	update := func(in organizations.UpdatePolicyInput) error {
		_, err := c.UpdatePolicy(ctx, &in)
		return err
	}
	ok(t, update(organizations.UpdatePolicyInput{PolicyId: &id, Description: aws.String("new")}))
	wantCode(t, update(organizations.UpdatePolicyInput{PolicyId: &id, Content: aws.String("{}")}), "MalformedPolicyDocumentException")
	wantInvalid(t, update(organizations.UpdatePolicyInput{PolicyId: aws.String("p-FullAWSAccess"), Name: aws.String("x")}), types.InvalidInputExceptionReasonImmutablePolicy)
	wantCode(t, update(organizations.UpdatePolicyInput{PolicyId: aws.String("p-00000000")}), "PolicyNotFoundException")

	list, err := c.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
	ok(t, err)
	var ids []string
	for _, p := range list.Policies {
		ids = append(ids, *p.Id)
	}
	if diff := cmp.Diff([]string{id, "p-FullAWSAccess"}, ids); diff != "" {
		t.Error(diff)
	}

	root := c.root()
	c.attach(id, root)
	remove := func() error {
		_, err := c.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: &id})
		return err
	}
	wantCode(t, remove(), "PolicyInUseException")
	c.detach(id, root)
	ok(t, remove())
	wantCode(t, remove(), "PolicyNotFoundException")
}

// TestContent puts documents that are no policies of their type.
func TestContent(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	const head = `{"Version":"2012-10-17","Statement":`
	padded := func(n int) string {
		text := head + `{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`
		return text + strings.Repeat(" ", n-len(text))
	}
	for _, test := range []struct {
		name, scp, rcp, want string // of the exception; "" is allowed
	}{
		{"deny", head + `{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`, head + `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`, ""},
		{"no JSON", `{`, `{`, "Malformed"},
		{"old version", strings.Replace(everything, "2012", "2008", 1), "", "Malformed"},
		{"principal", head + `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`, head + `{"Effect":"Deny","Principal":{"AWS":"` + bob + `"},"Action":"s3:*","Resource":"*"}}`, "Malformed"},
		{"no resource", head + `{"Effect":"Deny","Action":"s3:*"}}`, head + `{"Effect":"Deny","Principal":"*","Action":"s3:*"}}`, "Malformed"},
		{"not action", "", head + `{"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"}}`, "Malformed"},
		{"not action of an SCP", head + `{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}}`, "", ""},
		{"allow", "", head + `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`, "Malformed"},
		{"every action", "", head + `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`, "Malformed"},
		{"service that no RCP binds", "", head + `{"Effect":"Deny","Principal":"*","Action":"imagebuilder:*","Resource":"*"}}`, "Malformed"},
		{"as long as may be", padded(5120), "", ""},
		{"longer", padded(5121), "", "Constraint"},
	} {
		for kind, content := range map[types.PolicyType]string{types.PolicyTypeServiceControlPolicy: test.scp, types.PolicyTypeResourceControlPolicy: test.rcp} {
			if content == "" {
				continue
			}
			t.Run(string(kind)+"/"+test.name, func(t *testing.T) {
				_, err := c.CreatePolicy(ctx, &organizations.CreatePolicyInput{Type: kind, Name: &test.name, Description: aws.String("d"), Content: &content})
				switch test.want {
				case "":
					ok(t, err)
				case "Malformed":
					wantCode(t, err, "MalformedPolicyDocumentException")
				case "Constraint":
					wantViolation(t, err, types.ConstraintViolationExceptionReasonPolicyContentLimitExceeded)
				}
			})
		}
	}
}

func TestAttachments(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	root := c.root()
	unit := c.unit(root, "unit")
	attach := func(policy, target string) error {
		_, err := c.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target})
		return err
	}
	detach := func(policy, target string) error {
		_, err := c.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target})
		return err
	}
	var policies []string
	for i := range 5 {
		policies = append(policies, c.policy(types.PolicyTypeServiceControlPolicy, fmt.Sprint("p", i), denyList))
	}
	for _, p := range policies[:4] {
		ok(t, attach(p, unit))
	}
	wantViolation(t, attach(policies[4], unit), types.ConstraintViolationExceptionReasonMaxPolicyTypeAttachmentLimitExceeded)
	wantCode(t, attach(policies[0], unit), "DuplicatePolicyAttachmentException")
	wantCode(t, attach(policies[0], "ou-0000-00000000"), "TargetNotFoundException")
	wantCode(t, attach(policies[0], carol), "TargetNotFoundException")
	wantCode(t, attach("p-00000000", unit), "PolicyNotFoundException")
	wantCode(t, detach(policies[0], root), "PolicyNotAttachedException")
	wantViolation(t, detach("p-FullAWSAccess", root), types.ConstraintViolationExceptionReasonMinPolicyTypeAttachmentLimitExceeded)
	ok(t, detach("p-FullAWSAccess", unit))

	targets := func(policy string) map[string]types.TargetType {
		out, err := c.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: &policy})
		ok(t, err)
		list := map[string]types.TargetType{}
		for _, target := range out.Targets {
			list[*target.TargetId] = target.Type
		}
		return list
	}
	newClient(t, s, bob).organization() // what AWS made is attached there, too
	if diff := cmp.Diff(map[string]types.TargetType{root: types.TargetTypeRoot, boss: types.TargetTypeAccount}, targets("p-FullAWSAccess")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]types.TargetType{unit: types.TargetTypeOrganizationalUnit}, targets(policies[0])); diff != "" {
		t.Error(diff)
	}

	enable := func(kind types.PolicyType) error {
		_, err := c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &root, PolicyType: kind})
		return err
	}
	wantCode(t, enable(types.PolicyTypeServiceControlPolicy), "PolicyTypeAlreadyEnabledException")
	ok(t, enable(types.PolicyTypeBackupPolicy))
	_, err := c.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: &root, PolicyType: types.PolicyTypeResourceControlPolicy})
	wantCode(t, err, "PolicyTypeNotEnabledException")
	_, err = c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: aws.String("r-0000"), PolicyType: types.PolicyTypeResourceControlPolicy})
	wantCode(t, err, "RootNotFoundException")

	// Both the policy and the target are asked for.
	u := as(t, s, boss, "half", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:*","Resource":"*"},
		{"Effect":"Deny","Action":"organizations:AttachPolicy","Resource":"arn:aws:organizations::*:root/*"}]}`)
	_, err = u.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policies[0], TargetId: &root})
	wantCode(t, err, "AccessDeniedException")
}
