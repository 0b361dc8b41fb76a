package organizations_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// TestEffectivePolicy joins policies of the root, of the management account's level and below.
func TestEffectivePolicy(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	root := c.root()
	member := c.newAccount("dev")
	const kind = types.PolicyTypeTagPolicy
	_, err := c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &root, PolicyType: kind})
	ok(t, err)
	effective := func(c client, target *string) (string, error) {
		out, err := c.DescribeEffectivePolicy(ctx, &organizations.DescribeEffectivePolicyInput{PolicyType: types.EffectivePolicyTypeTagPolicy, TargetId: target})
		if err != nil {
			return "", err
		}
		if *out.EffectivePolicy.TargetId == "" || out.EffectivePolicy.LastUpdatedTimestamp == nil || out.EffectivePolicy.PolicyType != types.EffectivePolicyTypeTagPolicy {
			t.Errorf("%+v", out.EffectivePolicy)
		}
		return *out.EffectivePolicy.PolicyContent, nil
	}
	_, err = effective(c, &member)
	wantCode(t, err, "EffectivePolicyNotFoundException")
	for i, test := range []struct{ root, account, want string }{
		{
			`{"tags":{"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red","blue"]}}}}`,
			`{"tags":{"team":{"tag_value":{"@@append":["green"],"@@remove":["red"]}}}}`,
			`{"tags":{"team":{"tag_key":"Team","tag_value":["blue","green"]}}}`,
		}, {
			`{"tags":{"team":{"tag_key":{"@@assign":"Team","@@operators_allowed_for_child_policies":["@@none"]},"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["red"]}}}}`,
			`{"tags":{"team":{"tag_key":{"@@assign":"TEAM"},"tag_value":{"@@append":["green"],"@@remove":["red"]}}}}`,
			`{"tags":{"team":{"tag_key":"Team","tag_value":["red","green"]}}}`,
		}, { // what is above binds what is below, also where it says nothing yet
			`{"tags":{"@@operators_allowed_for_child_policies":["@@none"],"team":{"tag_key":{"@@assign":"Team"}}}}`,
			`{"tags":{"cost":{"tag_key":{"@@assign":"Cost"}}}}`,
			`{"tags":{"team":{"tag_key":"Team"}}}`,
		}, { // and yields where it says otherwise
			`{"tags":{"@@operators_allowed_for_child_policies":["@@none"],"team":{"@@operators_allowed_for_child_policies":["@@all"],"tag_key":{"@@assign":"Team"}}}}`,
			`{"tags":{"team":{"tag_key":{"@@assign":"TEAM"}}}}`,
			`{"tags":{"team":{"tag_key":"TEAM"}}}`,
		},
	} {
		above, below := c.policy(kind, fmt.Sprint("above ", i), test.root), c.policy(kind, fmt.Sprint("below ", i), test.account)
		c.attach(above, root)
		c.attach(below, member)
		got, err := effective(c, &member)
		ok(t, err)
		var have, want any
		ok(t, json.Unmarshal([]byte(got), &have))
		ok(t, json.Unmarshal([]byte(test.want), &want))
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
		own, err := effective(newClient(t, s, member), nil)
		ok(t, err)
		if own != got {
			t.Errorf("%d: the member sees %s, the organization %s", i, own, got)
		}
		c.detach(below, member) // the last of its type may go
		c.detach(above, root)
	}
	_, err = effective(newClient(t, s, member), new(boss))
	wantCode(t, err, "AccessDeniedException")
	_, err = effective(c, &root)
	wantCode(t, err, "TargetNotFoundException")
}

// TestManagementContent puts documents that are no policies of their type, and one of each
// type that is.
func TestManagementContent(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	n := 0
	create := func(kind types.PolicyType, content string) error {
		n++
		_, err := c.CreatePolicy(ctx, &organizations.CreatePolicyInput{Type: kind, Name: new(fmt.Sprint(kind, n)), Description: new("d"), Content: &content})
		return err
	}
	for kind, key := range map[types.PolicyType]string{
		"TAG_POLICY": "tags", "BACKUP_POLICY": "plans", "AISERVICES_OPT_OUT_POLICY": "services", "CHATBOT_POLICY": "chatbots",
		"DECLARATIVE_POLICY_EC2": "ec2_attributes", "SECURITYHUB_POLICY": "securityhub", "INSPECTOR_POLICY": "inspector",
		"UPGRADE_ROLLOUT_POLICY": "upgrade_rollout", "BEDROCK_POLICY": "bedrock", "S3_POLICY": "s3_attributes",
		"NETWORK_SECURITY_DIRECTOR_POLICY": "network_security_director",
	} {
		ok(t, create(kind, `{"`+key+`":{"a":{"@@assign":"b"}}}`))
	}
	for name, content := range map[string]string{
		"no JSON":             `{`,
		"a list":              `[]`,
		"null":                `null`,
		"another type":        `{"plans":{}}`,
		"a further key":       `{"tags":{},"plans":{}}`,
		"no operator":         `{"tags":{"a":{"tag_key":"a"}}}`,
		"an unknown operator": `{"tags":{"a":{"tag_key":{"@@set":"a"}}}}`,
		"an object assigned":  `{"tags":{"a":{"tag_key":{"@@assign":{}}}}}`,
		"children":            `{"tags":{"@@operators_allowed_for_child_policies":["assign"]}}`,
		"deep":                `{"tags":` + strings.Repeat(`{"a":`, 40) + `{}` + strings.Repeat(`}`, 41),
		"two documents":       `{"tags":{}}{"tags":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, create(types.PolicyTypeTagPolicy, content), "MalformedPolicyDocumentException")
		})
	}
	wantViolation(t, create(types.PolicyTypeAiservicesOptOutPolicy, `{"services":{}}`+strings.Repeat(" ", 2500)), types.ConstraintViolationExceptionReasonPolicyContentLimitExceeded)
}
