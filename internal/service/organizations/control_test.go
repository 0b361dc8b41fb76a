package organizations_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/writdev/writ/writtest"
)

const denyList = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"imagebuilder:ListImages","Resource":"*"}}`

// world is an organization with a tree of depth three: the root holds outer,
// that holds inner, that holds bob.
type world struct {
	s                  *writtest.Server
	boss, bob          client
	root, outer, inner string
}

func newWorld(t *testing.T) world {
	t.Helper()
	s := writtest.New(t)
	w := world{s: s, boss: newClient(t, s, boss), bob: newClient(t, s, bob)}
	w.boss.organization()
	w.root = w.boss.root()
	w.outer = w.boss.unit(w.root, "outer")
	w.inner = w.boss.unit(w.outer, "inner")
	w.bob.accept(w.boss.invite(bob))
	w.boss.move(bob, w.root, w.inner)
	return w
}

// may asks whether the root user and an administrator of an account may list
// images; both must have the same answer.
func (w world) may(t *testing.T, account string) bool {
	t.Helper()
	_, err := imagebuilder.NewFromConfig(w.s.Config(account)).ListImages(ctx, &imagebuilder.ListImagesInput{})
	_, user := imagebuilder.NewFromConfig(w.s.User(account, "admin", everything)).ListImages(ctx, &imagebuilder.ListImagesInput{})
	if (err == nil) != (user == nil) {
		t.Fatalf("the root user gets %v, an administrator %v", err, user)
	}
	if err != nil {
		wantCode(t, err, "AccessDeniedException")
	}
	return err == nil
}

// TestServiceControlAtEachLevel denies on each level, and takes what allows
// away from each level.
func TestServiceControlAtEachLevel(t *testing.T) {
	w := newWorld(t)
	deny := w.boss.policy(types.PolicyTypeServiceControlPolicy, "no list", denyList)
	other := w.boss.policy(types.PolicyTypeServiceControlPolicy, "only sts", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}`)
	for _, level := range []string{w.root, w.outer, w.inner, bob} {
		check := func(when string, want bool) {
			t.Helper()
			if got := w.may(t, bob); got != want {
				t.Errorf("%s on %s: may %v, want %v", when, level, got, want)
			}
			if !w.may(t, boss) {
				t.Errorf("%s on %s: the management account is bound", when, level)
			}
			if !w.may(t, carol) {
				t.Errorf("%s on %s: an account outside is bound", when, level)
			}
		}
		check("nothing", true)
		w.boss.attach(deny, level)
		check("a Deny", false)
		w.boss.detach(deny, level)
		w.boss.attach(other, level)
		check("an Allow more", true)
		w.boss.detach("p-FullAWSAccess", level)
		check("no Allow", false)
		w.boss.attach("p-FullAWSAccess", level)
		w.boss.detach(other, level)
	}
}

// TestServiceControlChanges changes what binds in every other way.
func TestServiceControlChanges(t *testing.T) {
	w := newWorld(t)
	want := func(what string, may bool) {
		t.Helper()
		if got := w.may(t, bob); got != may {
			t.Errorf("%s: may %v, want %v", what, got, may)
		}
	}
	deny := w.boss.policy(types.PolicyTypeServiceControlPolicy, "deny", denyList)
	w.boss.attach(deny, w.inner)
	want("attached", false)

	_, err := w.boss.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: &deny, Content: aws.String(everything)})
	ok(t, err)
	want("updated", true)
	_, err = w.boss.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: &deny, Content: aws.String(denyList)})
	ok(t, err)
	want("updated back", false)

	w.boss.move(bob, w.inner, w.outer)
	want("moved out", true)
	w.boss.move(bob, w.outer, w.inner)
	want("moved back", false)

	_, err = w.boss.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: &w.root, PolicyType: types.PolicyTypeServiceControlPolicy})
	ok(t, err)
	want("disabled", true)
	_, err = w.boss.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.root, PolicyType: types.PolicyTypeServiceControlPolicy})
	ok(t, err)
	want("enabled, which attaches nothing of old", true)

	w.boss.attach(deny, w.inner)
	want("attached again", false)
	_, err = w.boss.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(bob)})
	ok(t, err)
	want("out of the organization", true)
}

// TestOrganizationKeys puts the keys of the organization into conditions.
func TestOrganizationKeys(t *testing.T) {
	w := newWorld(t)
	o, err := w.bob.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	ok(t, err)
	id := *o.Organization.Id
	path := id + "/" + w.root + "/" + w.outer + "/" + w.inner + "/"
	for _, c := range []struct {
		account, condition string
		want               bool
	}{
		{bob, `{"StringEquals":{"aws:PrincipalOrgID":"` + id + `"}}`, true},
		{boss, `{"StringEquals":{"aws:PrincipalOrgID":"` + id + `"}}`, true},
		{carol, `{"StringEquals":{"aws:PrincipalOrgID":"` + id + `"}}`, false},
		{bob, `{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"` + path + `"}}`, true},
		{bob, `{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"` + id + `/*/` + w.outer + `/*"}}`, true},
		{boss, `{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"` + id + "/" + w.root + `/"}}`, true},
		{boss, `{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"` + id + `/*/` + w.outer + `/*"}}`, false},
	} {
		cfg := w.s.User(c.account, "conditional", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+c.condition+`}}`)
		if _, err := imagebuilder.NewFromConfig(cfg).ListImages(ctx, &imagebuilder.ListImagesInput{}); (err == nil) != c.want {
			t.Errorf("%s with %s: %v, want allowed %v", c.account, c.condition, err, c.want)
		}
	}
}

// TestResourceControl keeps the accounts of bob's organization from being
// entered from outside. Boss made the account once and its role trusts boss.
func TestResourceControl(t *testing.T) {
	s := writtest.New(t)
	old, c := newClient(t, s, boss), newClient(t, s, bob)
	old.organization()
	dev := old.newAccount("dev")
	_, err := old.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &dev})
	ok(t, err)
	o := c.organization()
	newClient(t, s, dev).accept(c.invite(dev))
	root := c.root()

	admin := sts.NewFromConfig(s.User(boss, "admin", everything))
	enter := func(want bool) {
		t.Helper()
		_, err := admin.AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::" + dev + ":role/OrganizationAccountAccessRole"), RoleSessionName: aws.String("boss"),
		})
		if want {
			ok(t, err)
		} else {
			wantCode(t, err, "AccessDenied")
		}
	}
	enter(true)
	perimeter := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*",
		"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":%q}}}}`, *o.Id)
	p := c.policy(types.PolicyTypeResourceControlPolicy, "perimeter", perimeter)
	_, err = c.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &p, TargetId: &root})
	wantCode(t, err, "PolicyTypeNotEnabledException")
	_, err = c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &root, PolicyType: types.PolicyTypeResourceControlPolicy})
	ok(t, err)
	enter(true)
	for _, level := range []string{root, dev} {
		c.attach(p, level)
		enter(false)
		c.detach(p, level)
		enter(true)
	}
	_, err = c.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: aws.String("p-RCPFullAWSAccess"), TargetId: &root})
	wantInvalid(t, err, types.InvalidInputExceptionReasonNonDetachablePolicy)

	// Whoever leaves is free at once.
	c.attach(p, root)
	enter(false)
	own := newClient(t, s, dev)
	_, err = own.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	ok(t, err)
	enter(true)

	// What a management account has is not bound by its own organization.
	own.organization()
	root = own.root()
	_, err = own.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &root, PolicyType: types.PolicyTypeResourceControlPolicy})
	ok(t, err)
	own.attach(own.policy(types.PolicyTypeResourceControlPolicy, "perimeter", perimeter), root)
	enter(true)
}
