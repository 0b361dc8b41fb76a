package ssm_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

// TestConsumer reads a parameter of another account: by its full ARN, with the actions that its policy
// allows, and never by its name.
func TestConsumer(t *testing.T) {
	s := writtest.New(t)
	owner, consumer, stranger := newClient(t, s, alice), newClient(t, s, bob), newClient(t, s, carol)
	arn := parameterARN(alice, "app/db")
	owner.put("/app/db", "old", advanced)
	owner.put("/app/db", "localhost", overwrite)
	owner.label("/app/db", 1, "old")
	_, err := consumer.get(arn)
	wantCode(t, err, accessDenied)
	owner.share(arn, bob, "ssm:GetParameter*")

	for name, want := range map[string]string{arn: "localhost", arn + ":1": "old", arn + ":old": "old"} {
		p, err := consumer.get(name)
		ok(t, err)
		if *p.Value != want || *p.Name != "/app/db" || *p.ARN != arn {
			t.Errorf("%s: %+v", name, p)
		}
	}
	_, err = consumer.get("/app/db")
	wantCode(t, err, notFound)
	out, err := consumer.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"mine", arn}})
	ok(t, err)
	if len(out.Parameters) != 1 || len(out.InvalidParameters) != 1 {
		t.Errorf("%+v", out)
	}
	history := consumer.history(arn, 50)
	if len(history) != 2 || *history[1].Value != "localhost" {
		t.Errorf("history %+v", history)
	}
	_, err = consumer.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new(parameterARN(alice, "app"))})
	wantCode(t, err, validation)

	// No one else can read it, and for them a nonexistent parameter gives the same error.
	for _, name := range []string{arn, parameterARN(alice, "none")} {
		_, err = stranger.get(name)
		wantError(t, err, accessDenied, "User: arn:aws:iam::"+carol+":root is not authorized to perform: ssm:GetParameter on resource: "+name+
			" because no resource-based policy allows the ssm:GetParameter action")
	}
	_, err = consumer.get(parameterARN(alice, "none"))
	wantCode(t, err, accessDenied)
	_, err = as(t, s, bob, "idle").get(arn)
	wantCode(t, err, accessDenied)
	user := as(t, s, bob, "reader", identity("Allow", "ssm:GetParameter", arn))
	if v := user.value(arn); v != "localhost" {
		t.Errorf("value %s", v)
	}
	_, err = user.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: &arn})
	wantCode(t, err, accessDenied)

	// A consumer cannot change it: operations that change a parameter do not accept ARNs.
	_, err = consumer.tryPut(arn, "theirs", overwrite)
	wantCode(t, err, validation)
	wantCode(t, consumer.delete(arn), notFound)
	_, err = consumer.tryLabel(arn, 1, "theirs")
	wantCode(t, err, notFound)
	deleted, err := consumer.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: []string{arn, "/app/db"}})
	ok(t, err)
	if len(deleted.DeletedParameters) != 0 || owner.value("/app/db") != "localhost" {
		t.Errorf("deleted %v", deleted.DeletedParameters)
	}
}

// TestConsumerOfSecret checks that the parameter's policy is not sufficient: its key must also allow the
// consumer.
func TestConsumerOfSecret(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	put := func(name, keyARN string) string {
		owner.put(name, "secret of "+name, secure, advanced, key(keyARN))
		arn := parameterARN(alice, name)
		owner.share(arn, bob, "ssm:GetParameter")
		return arn
	}
	open, closed := put("open", newKey(t, s, alice, bob)), put("closed", newKey(t, s, alice))
	reader := as(t, s, bob, "reader", identity("Allow", "ssm:GetParameter", "*"), identity("Allow", "kms:Decrypt", "*"))
	if v := reader.value(open); v != "secret of open" {
		t.Errorf("value %s", v)
	}
	_, err := reader.get(closed)
	wantCode(t, err, accessDenied)
	_, err = as(t, s, bob, "no-kms", identity("Allow", "ssm:GetParameter", "*")).get(open)
	wantCode(t, err, accessDenied)
	out, err := reader.GetParameter(ctx, &ssm.GetParameterInput{Name: &closed})
	ok(t, err)
	if *out.Parameter.Value == "secret of closed" {
		t.Error("the ciphertext is plain")
	}
}

// TestStaysShareable checks that a shared parameter cannot be changed into one that may not be shared.
func TestStaysShareable(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	arn, keyARN := parameterARN(alice, "p"), newKey(t, s, alice, bob)
	c.put("p", "1", secure, advanced, key(keyARN))
	id := c.share(arn, bob, "ssm:GetParameter")
	const text = "Shared SecureString parameters require a customer managed KMS key."
	for _, change := range []func(*ssm.PutParameterInput){key("alias/aws/ssm"), func(*ssm.PutParameterInput) {}} {
		_, err := c.tryPut("p", "2", secure, overwrite, change)
		wantError(t, err, validation, text)
	}
	c.put("p", "2", secure, overwrite, key(keyARN))
	list, err := c.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &arn})
	ok(t, err)
	_, err = c.DeleteResourcePolicy(ctx, &ssm.DeleteResourcePolicyInput{ResourceArn: &arn, PolicyId: &id, PolicyHash: list.Policies[0].PolicyHash})
	ok(t, err)
	c.put("p", "3", secure, overwrite)

	// A share without principals counts, too: principals may be added.
	c.put("q", "1", secure, advanced, key(keyARN))
	_, err = ram.NewFromConfig(s.Config(alice)).CreateResourceShare(ctx, &ram.CreateResourceShareInput{
		Name: new("secrets"), ResourceArns: []string{parameterARN(alice, "q")},
	})
	ok(t, err)
	_, err = c.tryPut("q", "2", secure, overwrite)
	wantError(t, err, validation, text)

	// Past versions are not resources that can be shared.
	for range 9 {
		c.put("q", "3", secure, key(keyARN), overwrite)
	}
	for _, past := range []string{":00", ":01", ":1"} {
		_, err = ram.NewFromConfig(s.Config(alice)).CreateResourceShare(ctx, &ram.CreateResourceShareInput{
			Name: new("past"), ResourceArns: []string{parameterARN(alice, "q"+past)},
		})
		wantCode(t, err, "UnknownResourceException")
	}
}

// TestDiscovery checks that resources shared through RAM are described to their consumers; those allowed only
// by a policy are not.
func TestDiscovery(t *testing.T) {
	s := writtest.New(t)
	owner, consumer := newClient(t, s, alice), newClient(t, s, bob)
	for _, name := range []string{"/app/a", "/app/b", "quiet"} {
		owner.put(name, "x", advanced, func(in *ssm.PutParameterInput) { in.Tags = []types.Tag{{Key: new("team"), Value: new("red")}} })
	}
	owner.share(parameterARN(alice, "quiet"), bob, "ssm:GetParameter")
	consumer.put("mine", "x")
	shared := func(filters ...types.ParameterStringFilter) []string {
		t.Helper()
		return consumer.described(ssm.DescribeParametersInput{Shared: new(true), MaxResults: new(int32(1)), ParameterFilters: filters})
	}
	if got := shared(); len(got) != 0 {
		t.Errorf("at first %v", got)
	}
	sharer := ram.NewFromConfig(s.Config(alice))
	_, err := sharer.CreateResourceShare(ctx, &ram.CreateResourceShareInput{
		Name: new("app"), ResourceArns: []string{parameterARN(alice, "app/a"), parameterARN(alice, "app/b")}, Principals: []string{bob},
	})
	ok(t, err)
	accepter := ram.NewFromConfig(s.Config(bob))
	invitations, err := accepter.GetResourceShareInvitations(ctx, &ram.GetResourceShareInvitationsInput{})
	ok(t, err)
	_, err = accepter.AcceptResourceShareInvitation(ctx, &ram.AcceptResourceShareInvitationInput{
		ResourceShareInvitationArn: invitations.ResourceShareInvitations[0].ResourceShareInvitationArn,
	})
	ok(t, err)
	if got := shared(); len(got) != 2 || got[0] != "/app/a" || got[1] != "/app/b" {
		t.Errorf("shared %v", got)
	}
	if got := shared(where("Name", "", "/app/b")); len(got) != 1 {
		t.Errorf("by name %v", got)
	}
	if got := shared(where("tag:team", "")); len(got) != 0 {
		t.Errorf("by tag %v", got)
	}
	if got := consumer.described(ssm.DescribeParametersInput{}); len(got) != 1 || got[0] != "mine" {
		t.Errorf("own %v", got)
	}
	ok(t, owner.delete("/app/a"))
	if got := shared(); len(got) != 1 {
		t.Errorf("after the end of one %v", got)
	}
}
