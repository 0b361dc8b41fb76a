package organizations

import (
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
)

// defaults are the attachments of a new node: the AWS managed policy of each enabled type.
func defaults(types []string) map[string][]string {
	attached := map[string][]string{}
	for _, t := range types {
		if made, ok := identity.FullAccess(t); ok {
			attached[t] = []string{made.ID}
		}
	}
	return attached
}

// attachDefaults sets the attachments of a new node.
func (c *call) attachDefaults(n *identity.Node) error {
	root, err := c.root(c.org.Root)
	n.Attached = defaults(root.PolicyTypes)
	return err
}

func (c *call) root(id string) (identity.Node, error) {
	return c.node(id, errRootNotFound("You specified a root that doesn't exist."))
}

func (o *organizations) enablePolicyType(c *call, in *EnablePolicyTypeInput) (*EnablePolicyTypeOutput, error) {
	root, err := c.root(in.RootID)
	if err != nil {
		return nil, err
	}
	if err := c.checkType(in.PolicyType); err != nil {
		return nil, err
	}
	if slices.Contains(root.PolicyTypes, string(in.PolicyType)) {
		return nil, errPolicyTypeAlreadyEnabled("The specified policy type is already enabled.")
	}
	root.PolicyTypes = append(root.PolicyTypes, string(in.PolicyType))
	if err := c.put(root); err != nil {
		return nil, err
	}
	if err := c.reattach(in.PolicyType, defaults([]string{string(in.PolicyType)})[string(in.PolicyType)]); err != nil {
		return nil, err
	}
	return &EnablePolicyTypeOutput{Root: new(rootShape(root))}, nil
}

// disablePolicyType detaches all policies of the type. They are not deleted, and enabling
// the type again does not attach them.
func (o *organizations) disablePolicyType(c *call, in *DisablePolicyTypeInput) (*DisablePolicyTypeOutput, error) {
	root, err := c.root(in.RootID)
	if err != nil {
		return nil, err
	}
	i := slices.Index(root.PolicyTypes, string(in.PolicyType))
	if i < 0 {
		return nil, errNotEnabled()
	}
	root.PolicyTypes = slices.Delete(root.PolicyTypes, i, i+1)
	if err := c.put(root); err != nil {
		return nil, err
	}
	if err := c.reattach(in.PolicyType, nil); err != nil {
		return nil, err
	}
	return &DisablePolicyTypeOutput{Root: new(rootShape(root))}, nil
}

func errNotEnabled() error {
	return errPolicyTypeNotEnabled("This operation can be performed only for enabled policy types.")
}

// reattach sets the attached policies of a type for every node.
func (c *call) reattach(kind PolicyType, ids []string) error {
	for _, level := range []string{identity.RootNode, identity.UnitNode, identity.AccountNode} {
		for n, err := range identity.Nodes(c.Tx, c.org.Organization, level, "") {
			if err != nil {
				return err
			}
			if n.Attached == nil {
				n.Attached = map[string][]string{}
			}
			n.Attached[string(kind)] = ids
			if err := c.put(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// attachment is a policy and the node that it is, or will be, attached to. The policy is the
// target of the row; the node is authorized here.
func (c *call) attachment(action, policyID, targetID string) (identity.OrganizationPolicy, identity.Node, error) {
	target, err := c.policyTarget(policyID)
	if err != nil {
		return identity.OrganizationPolicy{}, identity.Node{}, err
	}
	if err := c.also(managers, action, authz.Target{ARN: c.org.NodeARN(targetID), Keys: target.Keys}); err != nil {
		return identity.OrganizationPolicy{}, identity.Node{}, err
	}
	p, err := c.policy(policyID)
	if err != nil {
		return p, identity.Node{}, err
	}
	n, err := c.node(targetID, errNoTarget())
	return p, n, err
}

func errNoTarget() error { return errTargetNotFound("You specified a target that doesn't exist.") }

func (o *organizations) attachPolicy(c *call, in *AttachPolicyInput) (*AttachPolicyOutput, error) {
	p, n, err := c.attachment(apiAttachPolicy.Name, in.PolicyID, in.TargetID)
	if err != nil {
		return nil, err
	}
	root, err := c.root(c.org.Root)
	if err != nil {
		return nil, err
	}
	switch attached := n.Attached[p.Type]; {
	case !slices.Contains(root.PolicyTypes, p.Type):
		return nil, errNotEnabled()
	case slices.Contains(attached, p.ID):
		return nil, errDuplicatePolicyAttachment("The selected policy is already attached to the specified target.")
	case len(attached) == attachmentLimit(p.Type):
		return nil, violated("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You have attached the maximum number of policies of this type to the specified target.")
	}
	if n.Attached == nil {
		n.Attached = map[string][]string{}
	}
	n.Attached[p.Type] = append(n.Attached[p.Type], p.ID)
	return &AttachPolicyOutput{}, c.put(n)
}

// isControl reports whether policies of a type are judged by, so that every node needs one.
func isControl(kind string) bool {
	_, ok := kinds[PolicyType(kind)]
	return ok
}

// attachmentLimit is how many policies of a type one node may have.
func attachmentLimit(kind string) int {
	if t, ok := managementTypes[PolicyType(kind)]; ok {
		return t.attached
	}
	return maxAttached
}

func (o *organizations) detachPolicy(c *call, in *DetachPolicyInput) (*DetachPolicyOutput, error) {
	p, n, err := c.attachment(apiDetachPolicy.Name, in.PolicyID, in.TargetID)
	if err != nil {
		return nil, err
	}
	i := slices.Index(n.Attached[p.Type], p.ID)
	switch {
	case i < 0:
		return nil, errPolicyNotAttached("The policy isn't attached to the specified target.")
	case p.AWSManaged && p.Type == string(PolicyTypeResourceControlPolicy):
		return nil, badInput("NON_DETACHABLE_POLICY", "You can't detach this AWS managed policy.")
	case len(n.Attached[p.Type]) == 1 && isControl(p.Type):
		return nil, violated("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You cannot remove the last policy of this type attached to the specified target.")
	}
	n.Attached[p.Type] = slices.Delete(n.Attached[p.Type], i, i+1)
	return &DetachPolicyOutput{}, c.put(n)
}

func (o *organizations) listTargetsForPolicy(c *call, in *ListTargetsForPolicyInput) (*ListTargetsForPolicyOutput, error) {
	p, err := c.policy(in.PolicyID)
	if err != nil {
		return nil, err
	}
	arns, err := c.Tx.ReferencedBy(c.org.PolicyARN(p.Type, p.ID), 0)
	if err != nil {
		return nil, err
	}
	// An AWS managed policy is attached in other organizations, too.
	nodes := c.nodes(arns, identity.RootNode, identity.UnitNode, identity.AccountNode)
	out, err := page(apiListTargetsForPolicy.Name, in.MaxResults, in.NextToken, nodes)
	if err != nil {
		return nil, err
	}
	return &ListTargetsForPolicyOutput{Targets: shown(out, targetSummary), NextToken: out.Next}, nil
}

func targetSummary(n identity.Node) PolicyTargetSummary {
	kind := map[string]TargetType{
		identity.RootNode: TargetTypeRoot, identity.UnitNode: TargetTypeOrganizationalUnit, identity.AccountNode: TargetTypeAccount,
	}[n.Type()]
	return PolicyTargetSummary{TargetID: &n.ID, ARN: new(n.ARN()), Name: &n.Name, Type: &kind}
}

func (o *organizations) listPoliciesForTarget(c *call, in *ListPoliciesForTargetInput) (*ListPoliciesForTargetOutput, error) {
	n, err := c.node(in.TargetID, errNoTarget())
	if err != nil {
		return nil, err
	}
	var list []PolicySummary
	for _, id := range n.Attached[string(in.Filter)] {
		p, err := c.policy(id)
		if err != nil {
			return nil, err
		}
		list = append(list, c.policySummary(p))
	}
	p, err := page(apiListPoliciesForTarget.Name, in.MaxResults, in.NextToken, sorted(list, func(p PolicySummary) string { return *p.ID }))
	return &ListPoliciesForTargetOutput{Policies: p.Items, NextToken: p.Next}, err
}
