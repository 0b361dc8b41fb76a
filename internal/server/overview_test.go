package server_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/internal/overview"
	"github.com/writdev/writ/writtest"
)

// edge is the edge of an overview between a resource and a principal.
func edge(t *testing.T, s *writtest.Server, resource, principal string) overview.Edge {
	t.Helper()
	var o overview.Overview
	fetch(t, s.URL+"/_writ/overview", &o)
	i := slices.IndexFunc(o.Edges, func(e overview.Edge) bool { return e.Resource == resource && e.Principal == principal })
	if i < 0 {
		t.Fatalf("no edge of %s with %s among %+v", resource, principal, o.Edges)
	}
	return o.Edges[i]
}

// TestOverviewOfPolicy shares an encrypted parameter by a policy: it lacks promotion and the
// key, and then nothing.
func TestOverviewOfPolicy(t *testing.T) {
	s := writtest.New(t)
	keys, parameters := kms.NewFromConfig(s.Config(alice)), ssm.NewFromConfig(s.Config(alice))
	key, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parameters.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("p"), Value: aws.String("secret-of-alice"), Type: types.ParameterTypeSecureString, Tier: types.ParameterTierAdvanced, KeyId: key.KeyMetadata.KeyId,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parameters.PutResourcePolicy(t.Context(), &ssm.PutResourcePolicyInput{
		ResourceArn: aws.String(sharedParameter),
		Policy:      aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + bob + `:root"},"Action":["ssm:DescribeParameters","ssm:GetParameter","ssm:GetParameters"],"Resource":"` + sharedParameter + `"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	e := edge(t, s, sharedParameter, bob)
	if want := []overview.MissingStep{overview.Promotion, overview.Key}; !slices.Equal(e.Missing, want) {
		t.Errorf("the sharing lacks %v, want %v", e.Missing, want)
	}
	if len(e.Sources) != 1 || e.Sources[0].Via != overview.ViaPolicy || e.Sources[0].Since.IsZero() || !slices.Equal(e.Actions, []string{"ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameters"}) {
		t.Errorf("got %+v", e)
	}
	_, err = keys.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: key.KeyMetadata.KeyId, Policy: aws.String(`{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + alice + `:root"},"Action":"kms:*","Resource":"*"},
{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + bob + `:root"},"Action":"kms:Decrypt","Resource":"*"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	if e := edge(t, s, sharedParameter, bob); !slices.Equal(e.Missing, []overview.MissingStep{overview.Promotion}) {
		t.Errorf("with the key the sharing lacks %v", e.Missing)
	}
	shares := ram.NewFromConfig(s.Config(alice))
	own, err := shares.GetResourceShares(t.Context(), &ram.GetResourceSharesInput{ResourceOwner: "SELF"})
	if err != nil || len(own.ResourceShares) != 1 {
		t.Fatal(err, own)
	}
	if _, err = shares.PromoteResourceShareCreatedFromPolicy(t.Context(), &ram.PromoteResourceShareCreatedFromPolicyInput{ResourceShareArn: own.ResourceShares[0].ResourceShareArn}); err != nil {
		t.Fatal(err)
	}
	if e := edge(t, s, sharedParameter, bob); slices.Contains(e.Missing, overview.Promotion) || !slices.Contains(e.Missing, overview.Acceptance) || len(e.Sources) != 1 || e.Sources[0].Via != overview.ViaShare {
		t.Errorf("promoted, before the invitation is accepted: %+v", e)
	}
}

// TestOverviewOfSecret shares a secret by a policy: it lacks the key, also where that is the
// account's own key for secrets, which cannot be shared.
func TestOverviewOfSecret(t *testing.T) {
	s := writtest.New(t)
	key, err := kms.NewFromConfig(s.Config(alice)).CreateKey(t.Context(), &kms.CreateKeyInput{Policy: aws.String(`{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + alice + `:root"},"Action":"kms:*","Resource":"*"},
{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + bob + `:root"},"Action":"kms:Decrypt","Resource":"*"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	client := secretsmanager.NewFromConfig(s.Config(alice))
	for name, c := range map[string]struct {
		key     *string
		missing []overview.MissingStep
	}{
		"shared-key": {key.KeyMetadata.Arn, nil},
		"own-key":    {nil, []overview.MissingStep{overview.Key}},
	} {
		secret, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("marker"), KmsKeyId: c.key})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.PutResourcePolicy(t.Context(), &secretsmanager.PutResourcePolicyInput{SecretId: secret.ARN,
			ResourcePolicy: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + bob + `:root"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}}`)})
		if err != nil {
			t.Fatal(err)
		}
		if e := edge(t, s, *secret.ARN, bob); !slices.Equal(e.Missing, c.missing) {
			t.Errorf("%s: the sharing lacks %v, want %v", name, e.Missing, c.missing)
		}
	}
}

// TestOverviewOfShare shares a recipe with an account that is invited and lets the
// invitation run out, and with one that accepts.
func TestOverviewOfShare(t *testing.T) {
	s := writtest.New(t)
	recipe, err := imagebuilder.NewFromConfig(s.Config(alice)).CreateImageRecipe(t.Context(), &imagebuilder.CreateImageRecipeInput{
		Name: aws.String("web"), SemanticVersion: aws.String("1.0.0"), ParentImage: aws.String("ami-0123456789abcdef0"), ClientToken: aws.String("x"),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ram.NewFromConfig(s.Config(alice)).CreateResourceShare(t.Context(), &ram.CreateResourceShareInput{
		Name: aws.String("recipes"), ResourceArns: []string{*recipe.ImageRecipeArn}, Principals: []string{bob, "777788889999"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if e := edge(t, s, *recipe.ImageRecipeArn, bob); !slices.Equal(e.Missing, []overview.MissingStep{overview.Acceptance}) {
		t.Errorf("invited: the sharing lacks %v", e.Missing)
	}
	receiver := ram.NewFromConfig(s.Config(bob))
	invitations, err := receiver.GetResourceShareInvitations(t.Context(), &ram.GetResourceShareInvitationsInput{})
	if err != nil || len(invitations.ResourceShareInvitations) != 1 {
		t.Fatal(err, invitations)
	}
	_, err = receiver.AcceptResourceShareInvitation(t.Context(), &ram.AcceptResourceShareInvitationInput{ResourceShareInvitationArn: invitations.ResourceShareInvitations[0].ResourceShareInvitationArn})
	if err != nil {
		t.Fatal(err)
	}
	if e := edge(t, s, *recipe.ImageRecipeArn, bob); len(e.Missing) != 0 || len(e.Sources) != 1 || e.Sources[0].Title != "recipes" {
		t.Errorf("accepted: got %+v", e)
	}
	s.Advance(13 * time.Hour)
	if e := edge(t, s, *recipe.ImageRecipeArn, "777788889999"); !slices.Equal(e.Missing, []overview.MissingStep{overview.Refusal}) {
		t.Errorf("after 13 hours the sharing lacks %v", e.Missing)
	}
	var o overview.Overview
	fetch(t, s.URL+"/_writ/overview", &o)
	got := map[string]string{}
	for _, i := range o.Invitations {
		got[i.Receiver] = i.Status
	}
	if got[bob] != "ACCEPTED" || got["777788889999"] != "EXPIRED" {
		t.Errorf("the invitations are %v", got)
	}
}

// TestOverviewOfOpsItemGroup: the policy of a group of OpsItems is there before the first
// OpsItem is.
func TestOverviewOfOpsItemGroup(t *testing.T) {
	s := writtest.New(t)
	group := "arn:aws:ssm:us-east-1:" + alice + ":opsitemgroup/default"
	_, err := ssm.NewFromConfig(s.Config(alice)).PutResourcePolicy(t.Context(), &ssm.PutResourcePolicyInput{ResourceArn: &group,
		Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":"ssm:GetOpsItem","Resource":"` + group + `"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Policies []overview.Policy }
	fetch(t, s.URL+"/_writ/policies", &list)
	if !slices.ContainsFunc(list.Policies, func(p overview.Policy) bool { return p.Resource == group && p.Kind == "resource" && p.Account == alice }) {
		t.Errorf("the policies are %+v", list.Policies)
	}
}
