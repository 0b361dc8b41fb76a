package organizations

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
)

// managementType is a type of policies that configures a service. Writ stores them, checks
// their syntax and computes what is effective. Only tag policies have an effect, on the
// tags that operations write.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_management_policies.html
type managementType struct {
	root     string // the one key of a document
	content  int    // quota of characters
	attached int    // quota of policies on a node
}

var managementTypes = map[PolicyType]managementType{
	PolicyTypeTagPolicy:                     {"tags", 10_000, 10},
	PolicyTypeBackupPolicy:                  {"plans", 10_000, 10},
	PolicyTypeAiservicesOptOutPolicy:        {"services", 2_500, 5},
	PolicyTypeChatbotPolicy:                 {"chatbots", 10_000, 5},
	PolicyTypeDeclarativePolicyEc2:          {"ec2_attributes", 10_000, 10},
	PolicyTypeSecurityhubPolicy:             {"securityhub", 10_000, 10},
	PolicyTypeInspectorPolicy:               {"inspector", 10_000, 10},
	PolicyTypeUpgradeRolloutPolicy:          {"upgrade_rollout", 10_000, 10},
	PolicyTypeBedrockPolicy:                 {"bedrock", 10_000, 10},
	PolicyTypeS3Policy:                      {"s3_attributes", 10_000, 10},
	PolicyTypeNetworkSecurityDirectorPolicy: {"network_security_director", 10_000, 10},
}

// checkManagement returns an error if a document cannot be a policy of a type.
func checkManagement(p identity.OrganizationPolicy, t managementType) error {
	if utf8.RuneCountInString(p.Content) > t.content {
		return violated("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy content size of %d characters.", t.content)
	}
	document, err := identity.ParseManagementPolicy(p.Content)
	if err != nil {
		return errBadContent(sentence(err))
	}
	for key := range document {
		if key != t.root && key != identity.ChildOperators {
			return errBadContent(fmt.Sprintf("The document has the key %q and may have %q only.", key, t.root))
		}
	}
	if _, ok := document[t.root].(map[string]any); !ok {
		return errBadContent(fmt.Sprintf("The document must have the object %q.", t.root))
	}
	if err := identity.CheckOperators(document); err != nil {
		return errBadContent(sentence(err))
	}
	return nil
}

// sentence is an error as AWS words one: a sentence with its period.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// effectiveTarget is the account, which asks about itself or is asked about by those who
// may read.
func (o *organizations) effectiveTarget(c *call, in *DescribeEffectivePolicyInput) (authz.Target, error) {
	keys := policyTypeKey(string(in.PolicyType))
	if id := c.effectiveID(in); id != c.Account() || c.manages() {
		return c.authorized(readers, authz.Target{ARN: c.org.TypeARN(identity.AccountNode) + id, Keys: keys}), nil
	}
	return authz.Target{ARN: "*", Keys: keys}, nil
}

func (c *call) effectiveID(in *DescribeEffectivePolicyInput) string {
	if in.TargetID == nil {
		return c.Account()
	}
	return *in.TargetID
}

// describeEffectivePolicy joins the policies of a type from the root down to an account.
func (o *organizations) describeEffectivePolicy(c *call, in *DescribeEffectivePolicyInput) (*DescribeEffectivePolicyOutput, error) {
	id := c.effectiveID(in)
	if id != c.Account() {
		if err := c.admit(readers); err != nil {
			return nil, err
		}
	}
	n, err := c.node(id, errNoTarget())
	if err != nil {
		return nil, err
	}
	if n.Account == nil {
		return nil, errNoTarget()
	}
	document, updated, err := identity.EffectivePolicy(c.Tx, n, string(in.PolicyType))
	if err != nil {
		return nil, err
	}
	if document == nil {
		return nil, errEffectivePolicyNotFound("EffectivePolicy not found for the target and policy type.")
	}
	content, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	return &DescribeEffectivePolicyOutput{EffectivePolicy: &EffectivePolicy{
		PolicyContent: new(string(content)), LastUpdatedTimestamp: &updated, TargetID: &id, PolicyType: &in.PolicyType,
	}}, nil
}
