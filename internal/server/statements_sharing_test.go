package server_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/store"
)

// TestSharingStatements counts the SQL statements of requests that put policies and
// change resource shares, one after the other on one server. The number of queries does
// not depend on the number of principals that a request names.
func TestSharingStatements(t *testing.T) {
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	s := openCounted(t, t.TempDir(), sealer)
	ctx, cfg := t.Context(), s.config(alice, nil)
	params, shares, images := ssm.NewFromConfig(cfg), ram.NewFromConfig(cfg), imagebuilder.NewFromConfig(cfg)

	const parameter = "arn:aws:ssm:us-east-1:" + alice + ":parameter/shared"
	const recipe = "arn:aws:imagebuilder:us-east-1:" + alice + ":image-recipe/web/1.0.0"
	if _, err := params.PutParameter(ctx, &ssm.PutParameterInput{
		Name: new("shared"), Value: new("x"), Type: ssmtypes.ParameterTypeString, Tier: ssmtypes.ParameterTierAdvanced,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := images.CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{
		Name: new("web"), SemanticVersion: new("1.0.0"), ParentImage: new("ami-0123456789abcdef0"), ClientToken: new("x"),
	}); err != nil {
		t.Fatal(err)
	}

	document := func(actions, resource, principals string) *string {
		return new(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[` + principals + `]},"Action":[` + actions + `],"Resource":["` + resource + `"]}]}`)
	}
	const readParameter = `"ssm:DescribeParameters","ssm:GetParameter","ssm:GetParameters"`
	const readRecipe = `"imagebuilder:GetImageRecipe","imagebuilder:ListImageRecipes"`
	const one, four = `"` + bob + `"`, `"` + bob + `","222222222221","222222222222","222222222223"`
	var put ssm.PutResourcePolicyOutput
	putPolicy := func(actions, principals string) func(context.Context) error {
		return func(ctx context.Context) error {
			out, err := params.PutResourcePolicy(ctx, &ssm.PutResourcePolicyInput{
				ResourceArn: new(parameter), Policy: document(actions, parameter, principals), PolicyId: put.PolicyId, PolicyHash: put.PolicyHash,
			})
			if err == nil {
				put = *out
			}
			return err
		}
	}
	putRecipe := func(principals string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := images.PutImageRecipePolicy(ctx, &imagebuilder.PutImageRecipePolicyInput{ImageRecipeArn: new(recipe), Policy: document(readRecipe, recipe, principals)})
			return err
		}
	}
	share := "" // created from the policy of the recipe
	findShare := func() {
		out, err := shares.GetResourceShareAssociations(ctx, &ram.GetResourceShareAssociationsInput{
			AssociationType: ramtypes.ResourceShareAssociationTypeResource, ResourceArn: new(recipe),
		})
		if err != nil || len(out.ResourceShareAssociations) != 1 {
			t.Fatalf("associations of the recipe: %+v, %v", out, err)
		}
		share = *out.ResourceShareAssociations[0].ResourceShareArn
	}
	promote := func(ctx context.Context) error {
		_, err := shares.PromoteResourceShareCreatedFromPolicy(ctx, &ram.PromoteResourceShareCreatedFromPolicyInput{ResourceShareArn: &share})
		return err
	}
	associate := func(principals ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := shares.AssociateResourceShare(ctx, &ram.AssociateResourceShareInput{ResourceShareArn: &share, Principals: principals})
			return err
		}
	}

	for _, c := range []struct {
		name            string
		call            func(context.Context) error
		queries, writes uint64
	}{
		{"PutResourcePolicy that creates a share", putPolicy(readParameter, one), 3, 8},
		{"PutResourcePolicy with the same document", putPolicy(readParameter, one), 1, 1},
		{"PutResourcePolicy with more principals", putPolicy(readParameter, four), 6, 8},
		{"PutResourcePolicy with another permission", putPolicy(`"ssm:GetParameter"`, four), 5, 8},
		{"DeleteResourcePolicy", func(ctx context.Context) error {
			_, err := params.DeleteResourcePolicy(ctx, &ssm.DeleteResourcePolicyInput{ResourceArn: new(parameter), PolicyId: put.PolicyId, PolicyHash: put.PolicyHash})
			put = ssm.PutResourcePolicyOutput{}
			return err
		}, 5, 10},
		{"PutImageRecipePolicy that creates a share", putRecipe(one), 2, 8},
		{"PutImageRecipePolicy with the same document", putRecipe(one), 0, 1},
		{"PromoteResourceShareCreatedFromPolicy", promote, 17, 15},
		{"AssociateResourceShare with an account", associate("222222222221"), 13, 4},
		{"AssociateResourceShare with two accounts", associate("222222222222", "222222222223"), 13, 7},
		{"DisassociateResourceShare", func(ctx context.Context) error {
			_, err := shares.DisassociateResourceShare(ctx, &ram.DisassociateResourceShareInput{ResourceShareArn: &share, Principals: []string{"222222222222"}})
			return err
		}, 13, 6},
		{"DeleteResourceShare", func(ctx context.Context) error {
			_, err := shares.DeleteResourceShare(ctx, &ram.DeleteResourceShareInput{ResourceShareArn: &share})
			return err
		}, 15, 20},
	} {
		if strings.HasPrefix(c.name, "Promote") {
			findShare()
		}
		before := s.store.Statements()
		if err := c.call(ctx); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		after := s.store.Statements()
		got := store.Statements{Queries: after.Queries - before.Queries, Writes: after.Writes - before.Writes}
		if want := (store.Statements{Queries: c.queries, Writes: c.writes}); got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
}
