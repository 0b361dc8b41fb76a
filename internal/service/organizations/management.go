package organizations

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
)

// managementType is a type of policies that configures a service. Writ stores them, checks
// their syntax and computes what is effective; no service of Writ acts on them.
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

// The inheritance operators.
// https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
const (
	operatorPrefix = "@@"
	assign         = "@@assign"
	appendTo       = "@@append"
	remove         = "@@remove"
	forChildren    = "@@operators_allowed_for_child_policies"
)

// valueOperators are in the order in which those of one object apply.
var valueOperators = []string{assign, appendTo, remove}

// checkManagement returns an error if a document cannot be a policy of a type.
func checkManagement(p identity.OrganizationPolicy, t managementType) error {
	if utf8.RuneCountInString(p.Content) > t.content {
		return violated("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy content size of %d characters.", t.content)
	}
	document, err := parseManagement(p.Content)
	if err != nil {
		return errBadContent(sentence(err))
	}
	for key := range document {
		if key != t.root && key != forChildren {
			return errBadContent(fmt.Sprintf("The document has the key %q and may have %q only.", key, t.root))
		}
	}
	if _, ok := document[t.root].(map[string]any); !ok {
		return errBadContent(fmt.Sprintf("The document must have the object %q.", t.root))
	}
	if err := checkObject(document); err != nil {
		return errBadContent(sentence(err))
	}
	return nil
}

// sentence is an error as AWS words one: a sentence with its period.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// maxNesting bounds the nesting of documents.
const maxNesting = 32

func parseManagement(text string) (document map[string]any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&document); err != nil || document == nil || d.More() {
		return nil, errors.New("the document must be one object of JSON")
	}
	if depth(document) > maxNesting {
		return nil, errors.New("the document is nested too deep")
	}
	return document, nil
}

func depth(value any) (d int) {
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			d = max(d, depth(v))
		}
	case []any:
		for _, v := range value {
			d = max(d, depth(v))
		}
	default:
		return 0
	}
	return d + 1
}

// checkObject checks that values stand under operators, and operators over values.
func checkObject(object map[string]any) error {
	for key, value := range object {
		switch child, nested := value.(map[string]any); {
		case !strings.HasPrefix(key, operatorPrefix):
			if !nested {
				return fmt.Errorf("the value of %q must be under an inheritance operator", key)
			}
			if err := checkObject(child); err != nil {
				return err
			}
		case key == forChildren:
			if !allIn(value, append([]string{"@@all", "@@none"}, valueOperators...)) {
				return fmt.Errorf("%s must be a list of operators, @@all or @@none", key)
			}
		case !slices.Contains(valueOperators, key):
			return fmt.Errorf("%q is no inheritance operator", key)
		case nested || value == nil || depth(value) > 1:
			return fmt.Errorf("the value of %s must be a value or a list of values", key)
		}
	}
	return nil
}

// allIn reports whether a value is a list of texts of a set.
func allIn(value any, set []string) bool {
	list, ok := value.([]any)
	return ok && !slices.ContainsFunc(list, func(v any) bool {
		text, ok := v.(string)
		return !ok || !slices.Contains(set, text)
	})
}

// effective is a node of the effective policy while the policies of the levels are applied,
// from the root of the organization down.
type effective struct {
	children map[string]*effective
	value    any

	// allowed are the operators that policies of lower levels may use here and, where a
	// node below says nothing, there; nil for all. next is what the current level says.
	allowed, next []string
}

func (e *effective) child(key string) *effective {
	if e.children == nil {
		e.children = map[string]*effective{}
	}
	if e.children[key] == nil {
		e.children[key] = &effective{}
	}
	return e.children[key]
}

// apply applies a policy's object. Operators that no level above allows have no effect.
func (e *effective) apply(object map[string]any, allowed []string) {
	if e.allowed != nil {
		allowed = e.allowed
	}
	for _, operator := range valueOperators {
		if value, ok := object[operator]; ok && (allowed == nil || slices.Contains(allowed, operator)) {
			e.operate(operator, value)
		}
	}
	if list, ok := object[forChildren].([]any); ok {
		e.next = []string{}
		for _, operator := range valueOperators {
			named := slices.Contains(list, any("@@all")) || slices.Contains(list, any(operator))
			if named && (allowed == nil || slices.Contains(allowed, operator)) {
				e.next = append(e.next, operator)
			}
		}
	}
	for key, value := range object {
		if nested, ok := value.(map[string]any); ok {
			e.child(key).apply(nested, allowed)
		}
	}
}

func (e *effective) operate(operator string, value any) {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	switch operator {
	case assign:
		e.value = value
	case appendTo:
		old := asList(e.value)
		for _, v := range list {
			if !slices.Contains(old, v) {
				old = append(old, v)
			}
		}
		e.value = old
	case remove:
		if e.value != nil {
			e.value = slices.DeleteFunc(asList(e.value), func(v any) bool { return slices.Contains(list, v) })
		}
	}
}

// asList is a value as a list of its own.
func asList(value any) []any {
	switch value := value.(type) {
	case nil:
		return []any{}
	case []any:
		return slices.Clone(value)
	}
	return []any{value}
}

// descend ends a level: what it says of its children binds the next.
func (e *effective) descend() {
	if e.next != nil {
		e.allowed, e.next = e.next, nil
	}
	for _, child := range e.children {
		child.descend()
	}
}

// plain is the effective policy without operators; nil if it is empty.
func (e *effective) plain() any {
	if e.value != nil {
		return e.value
	}
	object := map[string]any{}
	for key, child := range e.children {
		if v := child.plain(); v != nil {
			object[key] = v
		}
	}
	if len(object) == 0 {
		return nil
	}
	return object
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
	document, updated, err := c.effectivePolicy(n, string(in.PolicyType))
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

// effectivePolicy is the effective policy of a type at a node, nil if there is none, and
// when one of its policies changed last.
func (c *call) effectivePolicy(n identity.Node, kind string) (document any, updated time.Time, err error) {
	root, err := c.root(c.org.Root)
	if err != nil || !slices.Contains(root.PolicyTypes, kind) {
		return nil, updated, err
	}
	var e effective
	for _, at := range append(slices.Clone(n.Parents), n.ID) {
		level, err := c.node(at, errNoTarget())
		if err != nil {
			return nil, updated, err
		}
		for _, id := range slices.Sorted(slices.Values(level.Attached[kind])) {
			r, err := c.Tx.Resource(c.org.PolicyARN(kind, id))
			if err != nil {
				return nil, updated, err
			}
			p, err := c.policy(id)
			if err != nil {
				return nil, updated, err
			}
			object, err := parseManagement(p.Content)
			if err != nil {
				return nil, updated, fmt.Errorf("policy %s: %w", id, err)
			}
			e.apply(object, nil)
			if r.UpdatedAt.After(updated) {
				updated = r.UpdatedAt
			}
		}
		e.descend()
	}
	return e.plain(), updated, nil
}
