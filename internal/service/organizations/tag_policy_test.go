package organizations_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

// TestTagPolicyEnforced tags resources of several services under a policy that is enforced
// for some types of them.
func TestTagPolicyEnforced(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	member := c.newAccount("dev")
	_, err := c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: new(c.root()), PolicyType: types.PolicyTypeTagPolicy})
	ok(t, err)
	c.attach(c.policy(types.PolicyTypeTagPolicy, "tags", `{"tags":{
		"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red","blue*"]},"enforced_for":{"@@assign":["ssm:parameter","kms:*","ram:resource-share","organizations:account"]}},
		"cost":{"tag_key":{"@@assign":"Cost"},"enforced_for":{"@@assign":["iam:ALL_SUPPORTED"]}},
		"free":{"tag_key":{"@@assign":"Free"},"tag_value":{"@@assign":["yes"]}}}}`), c.root())

	as := s.Config(member)
	parameters, users, keys, shares := ssm.NewFromConfig(as), iam.NewFromConfig(as), kms.NewFromConfig(as), ram.NewFromConfig(as)
	put := func(name, key, value string) error {
		_, err := parameters.PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: new("v"), Type: ssmtypes.ParameterTypeString, Tags: []ssmtypes.Tag{{Key: &key, Value: &value}}})
		return err
	}
	ok(t, put("a", "Team", "red"))
	ok(t, put("b", "Team", "blue-2"))
	ok(t, put("c", "Free", "no"))
	ok(t, put("d", "cost", "x"))
	for key, value := range map[string]string{"Team": "green", "team": "red", "TEAM": "green"} {
		err := put("e", key, value)
		wantCode(t, err, "ValidationException")
		if want := "The tag policy does not allow the specified value for the following tag key: '" + key + "'."; !strings.Contains(err.Error(), want) {
			t.Errorf("%s=%s: %v", key, value, err)
		}
	}
	_, err = parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: new("e")})
	wantCode(t, err, "ParameterNotFound") // nothing of the rejected request remains
	_, err = parameters.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
		ResourceType: ssmtypes.ResourceTypeForTaggingParameter, ResourceId: new("a"), Tags: []ssmtypes.Tag{{Key: new("Team"), Value: new("green")}},
	})
	wantCode(t, err, "ValidationException")
	_, err = parameters.CreateOpsItem(ctx, &ssm.CreateOpsItemInput{Title: new("t"), Source: new("s"), Description: new("d"), Tags: []ssmtypes.Tag{{Key: new("Team"), Value: new("green")}}})
	ok(t, err) // of another type

	_, err = keys.CreateKey(ctx, &kms.CreateKeyInput{Tags: []kmstypes.Tag{{TagKey: new("Team"), TagValue: new("green")}}})
	wantCode(t, err, "TagException")
	_, err = shares.CreateResourceShare(ctx, &ram.CreateResourceShareInput{Name: new("s"), Tags: []ramtypes.Tag{{Key: new("Team"), Value: new("green")}}})
	wantCode(t, err, "TagPolicyViolationException")
	_, err = users.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ann"), Tags: []iamtypes.Tag{{Key: new("COST"), Value: new("1")}}})
	wantCode(t, err, "InvalidInput")
	_, err = users.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ann"), Tags: []iamtypes.Tag{{Key: new("Cost"), Value: new("1")}, {Key: new("Team"), Value: new("green")}}})
	ok(t, err)

	// Management policies bind the management account, too.
	_, err = c.TagResource(ctx, &organizations.TagResourceInput{ResourceId: &member, Tags: []types.Tag{{Key: new("Team"), Value: new("green")}}})
	wantCode(t, err, "ConstraintViolationException")
	_, err = c.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: new(c.root()), PolicyType: types.PolicyTypeTagPolicy})
	ok(t, err)
	ok(t, put("e", "Team", "green"))
}
