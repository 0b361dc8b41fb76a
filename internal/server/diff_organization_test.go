package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/writdev/writ/writtest"
)

// organized is an organization of alice's account with two units, an account in each, and in each account a user, a
// role that anybody may assume, a key that anybody may use and a parameter. Bob's account is outside.
type organized struct {
	*writtest.Server
	client     *organizations.Client
	units      [2]string
	accounts   [2]string
	principals []string
}

func newOrganized(t *testing.T) *organized {
	t.Helper()
	o := &organized{Server: writtest.New(t)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	o.client = organizations.NewFromConfig(o.Config(alice))
	_, err := o.client.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{})
	must(err)
	roots, err := o.client.ListRoots(t.Context(), &organizations.ListRootsInput{})
	must(err)
	root := roots.Roots[0].Id
	for _, policyType := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
		_, _ = o.client.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: policyType}) // it may be enabled
	}
	all := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:*","kms:*","sts:*"],"Resource":"*"}]}`
	for i, name := range []string{"one", "two"} {
		unit, err := o.client.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{Name: &name, ParentId: root})
		must(err)
		o.units[i] = *unit.OrganizationalUnit.Id
		made, err := o.client.CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: &name, Email: new(name + "@example.com")})
		must(err)
		account := *made.CreateAccountStatus.AccountId
		_, err = o.client.MoveAccount(t.Context(), &organizations.MoveAccountInput{AccountId: &account, SourceParentId: root, DestinationParentId: &o.units[i]})
		must(err)
		o.accounts[i] = account
	}
	for _, account := range []string{o.accounts[0], o.accounts[1], alice, bob} {
		o.User(account, "user", all)
		anybody := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"ACTION","Resource":"*"}]}`
		trust := strings.Replace(strings.Replace(anybody, `,"Resource":"*"`, "", 1), "ACTION", "sts:AssumeRole", 1)
		_, err := iam.NewFromConfig(o.Config(account)).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: new("role"), AssumeRolePolicyDocument: &trust})
		must(err)
		_, err = kms.NewFromConfig(o.Config(account)).CreateKey(t.Context(), &kms.CreateKeyInput{Policy: new(strings.Replace(anybody, "ACTION", "kms:*", 1))})
		must(err)
		_, err = ssm.NewFromConfig(o.Config(account)).PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("p"), Value: new("v"), Type: "String"})
		must(err)
		o.principals = append(o.principals, "arn:aws:iam::"+account+":root")
	}
	var world struct{ Principals []struct{ ARN string } } // with the roles that Organizations creates
	fetch(t, o.URL+"/_writ/overview", &world)
	for _, p := range world.Principals {
		o.principals = append(o.principals, p.ARN)
	}
	o.principals = append(o.principals, "*")
	return o
}

// attach creates a policy of a type and attaches it to a unit; it returns its id and its ARN.
func (o *organized) attach(t *testing.T, name, policyType, content, unit string) (id, arn string) {
	t.Helper()
	made, err := o.client.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{Name: &name, Description: new(""), Type: types.PolicyType(policyType), Content: &content})
	if err != nil {
		t.Fatal(err)
	}
	id = *made.Policy.PolicySummary.Id
	if _, err := o.client.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: &id, TargetId: &unit}); err != nil {
		t.Fatal(err)
	}
	return id, *made.Policy.PolicySummary.Arn
}

// can lists what every principal may do, as "principal action resource".
func (o *organized) can(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, principal := range o.principals {
		var answer struct {
			Resources []struct {
				Resource string
				Actions  []string
			}
		}
		if status := fetch(t, o.URL+"/_writ/what-can?principal="+url.QueryEscape(principal), &answer); status != http.StatusOK {
			t.Fatalf("what-can of %s: status %d", principal, status)
		}
		for _, r := range answer.Resources {
			for _, action := range r.Actions {
				found[principal+" "+action+" "+r.Resource] = true
			}
		}
	}
	return found
}

// TestDiffOrganizationPolicies holds the answer about each edit of an SCP and of an RCP against what every principal
// may do before and after the edit is made.
func TestDiffOrganizationPolicies(t *testing.T) {
	for kind, c := range map[string]struct {
		policyType string
		documents  []string
	}{
		"scp": {"SERVICE_CONTROL_POLICY", []string{
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"ssm:PutParameter","Resource":"*"}}`,
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["ssm:Get*","sts:AssumeRole"],"Resource":"*"}}`,
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":["kms:*"],"Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"*:user/*"}}}}`,
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`,
		}},
		"rcp": {"RESOURCE_CONTROL_POLICY", []string{
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}}`,
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":["kms:*","sts:AssumeRole"],"Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}}}`,
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"` + bob + `"}}}}`,
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}}`,
		}},
	} {
		t.Run(kind, func(t *testing.T) {
			o := newOrganized(t)
			id, arn := o.attach(t, "edited", c.policyType, c.documents[0], o.units[0])
			o.attach(t, "same", c.policyType, c.documents[0], o.units[1]) // has the same contents, and is not edited
			before, changed := o.can(t), 0
			for i, edit := range append(c.documents[1:], c.documents[0]) {
				question := map[string]any{"kind": kind, "policy": arn, "new": json.RawMessage(edit)}
				answer, status := askDiff(t, o.Server, question)
				if status != http.StatusOK {
					t.Fatalf("edit %d: status %d: %s", i, status, answer.Message)
				}
				if _, err := o.client.UpdatePolicy(t.Context(), &organizations.UpdatePolicyInput{PolicyId: &id, Content: &edit}); err != nil {
					t.Fatal(err)
				}
				after := o.can(t)
				got, want := answer.details(), changes(before, after)
				if !slices.Equal(got, want) {
					t.Errorf("edit %d: got %d changes, want %d\n%s", i, len(got), len(want), strings.Join(without(got, want), "\n"))
				}
				before, changed = after, changed+len(want)
			}
			if changed < 100 {
				t.Errorf("the edits change only %d decisions", changed)
			}
		})
	}
}

// details are the changes as "+principal action resource" and "-principal action resource".
func (a *diffAnswer) details() []string {
	lines := []string{}
	for _, c := range a.Changes {
		for _, action := range c.Gained {
			lines = append(lines, "+"+c.Principal+" "+action+" "+c.Resource)
		}
		for _, action := range c.Lost {
			lines = append(lines, "-"+c.Principal+" "+action+" "+c.Resource)
		}
	}
	slices.Sort(lines)
	return lines
}

func changes(before, after map[string]bool) []string {
	lines := []string{}
	for one := range after {
		if !before[one] {
			lines = append(lines, "+"+one)
		}
	}
	for one := range before {
		if !after[one] {
			lines = append(lines, "-"+one)
		}
	}
	slices.Sort(lines)
	return lines
}

// without lists up to 20 lines that only one of two lists has.
func without(got, want []string) []string {
	var lines []string
	for _, l := range got {
		if !slices.Contains(want, l) {
			lines = append(lines, "got "+l)
		}
	}
	for _, l := range want {
		if !slices.Contains(got, l) {
			lines = append(lines, "want "+l)
		}
	}
	return lines[:min(len(lines), 20)]
}
