package organizations

import (
	"cmp"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/policy"
)

// Delegation: trusted access of services, delegated administrators of services, and the
// resource-based policy that delegates the management of policies.

func (o *organizations) enableService(c *call, in *EnableAWSServiceAccessInput) (*EnableAWSServiceAccessOutput, error) {
	if err := c.needAllFeatures(); err != nil {
		return nil, err
	}
	if err := checkService(in.ServicePrincipal); err != nil {
		return nil, err
	}
	if _, ok := c.org.Services[in.ServicePrincipal]; ok {
		return &EnableAWSServiceAccessOutput{}, nil
	}
	if c.org.Services == nil {
		c.org.Services = map[string]time.Time{}
	}
	c.org.Services[in.ServicePrincipal] = c.Now
	return &EnableAWSServiceAccessOutput{}, c.save()
}

// disableService does not deregister delegated administrators. For RAM it disables sharing
// with the organization.
func (o *organizations) disableService(c *call, in *DisableAWSServiceAccessInput) (*DisableAWSServiceAccessOutput, error) {
	if err := checkService(in.ServicePrincipal); err != nil {
		return nil, err
	}
	delete(c.org.Services, in.ServicePrincipal)
	if in.ServicePrincipal == "ram.amazonaws.com" {
		if err := sharing.DisableSharingWithOrganization(c.Call, c.org.ID); err != nil {
			return nil, err
		}
	}
	return &DisableAWSServiceAccessOutput{}, c.save()
}

func (o *organizations) listServices(c *call, in *ListAWSServiceAccessForOrganizationInput) (*ListAWSServiceAccessForOrganizationOutput, error) {
	var list []EnabledServicePrincipal
	for name, since := range c.org.Services {
		list = append(list, EnabledServicePrincipal{ServicePrincipal: &name, DateEnabled: &since})
	}
	p, err := page(apiListAWSServiceAccessForOrganization.Name, in.MaxResults, in.NextToken,
		sorted(list, func(e EnabledServicePrincipal) string { return *e.ServicePrincipal }))
	return &ListAWSServiceAccessForOrganizationOutput{EnabledServicePrincipals: p.Items, NextToken: p.Next}, err
}

func (o *organizations) registerAdministrator(c *call, in *RegisterDelegatedAdministratorInput) (*RegisterDelegatedAdministratorOutput, error) {
	if err := c.needAllFeatures(); err != nil {
		return nil, err
	}
	if err := checkService(in.ServicePrincipal); err != nil {
		return nil, err
	}
	n, err := c.node(in.AccountID, errNoAccount())
	if err != nil {
		return nil, err
	}
	services := c.org.Delegates[n.ID]
	switch _, registered := services[in.ServicePrincipal]; {
	case n.ID == c.org.Management:
		return nil, violated("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", "You cannot register master account/yourself as delegated administrator for your organization.")
	case n.Account.Status != string(AccountStatusActive):
		return nil, violated("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", "You cannot register a suspended account as a delegated administrator.")
	case registered:
		return nil, errAccountAlreadyRegistered("The provided account is already a delegated administrator for your organization.")
	}
	if services == nil {
		services = map[string]time.Time{}
	}
	services[in.ServicePrincipal] = c.Now
	if c.org.Delegates == nil {
		c.org.Delegates = map[string]map[string]time.Time{}
	}
	c.org.Delegates[n.ID] = services
	return &RegisterDelegatedAdministratorOutput{}, c.save()
}

func (o *organizations) deregisterAdministrator(c *call, in *DeregisterDelegatedAdministratorInput) (*DeregisterDelegatedAdministratorOutput, error) {
	if _, err := c.node(in.AccountID, errNoAccount()); err != nil {
		return nil, err
	}
	services := c.org.Delegates[in.AccountID]
	if _, ok := services[in.ServicePrincipal]; !ok {
		return nil, errNotRegistered()
	}
	if delete(services, in.ServicePrincipal); len(services) == 0 {
		delete(c.org.Delegates, in.AccountID)
	}
	return &DeregisterDelegatedAdministratorOutput{}, c.save()
}

func errNotRegistered() error {
	return errAccountNotRegistered("The provided account is not a registered delegated administrator for your organization.")
}

func (o *organizations) listAdministrators(c *call, in *ListDelegatedAdministratorsInput) (*ListDelegatedAdministratorsOutput, error) {
	var list []DelegatedAdministrator
	for id, services := range c.org.Delegates {
		since := first(services)
		if in.ServicePrincipal != nil {
			var ok bool
			if since, ok = services[*in.ServicePrincipal]; !ok {
				continue
			}
		}
		n, err := c.node(id, errNoAccount())
		if err != nil {
			return nil, err
		}
		a := accountShape(n)
		list = append(list, DelegatedAdministrator{
			ID: a.ID, ARN: a.ARN, Email: a.Email, Name: a.Name, Status: a.Status, State: a.State,
			JoinedMethod: a.JoinedMethod, JoinedTimestamp: a.JoinedTimestamp, DelegationEnabledDate: &since,
		})
	}
	p, err := page(apiListDelegatedAdministrators.Name, in.MaxResults, in.NextToken,
		sorted(list, func(a DelegatedAdministrator) string { return *a.ID }))
	return &ListDelegatedAdministratorsOutput{DelegatedAdministrators: p.Items, NextToken: p.Next}, err
}

// first is the earliest of some times.
func first(services map[string]time.Time) (t time.Time) {
	for _, since := range services {
		if t.IsZero() || since.Before(t) {
			t = since
		}
	}
	return t
}

func (o *organizations) listDelegatedServices(c *call, in *ListDelegatedServicesForAccountInput) (*ListDelegatedServicesForAccountOutput, error) {
	if _, err := c.node(in.AccountID, errNoAccount()); err != nil {
		return nil, err
	}
	if len(c.org.Delegates[in.AccountID]) == 0 {
		return nil, errNotRegistered()
	}
	var list []DelegatedService
	for name, since := range c.org.Delegates[in.AccountID] {
		list = append(list, DelegatedService{ServicePrincipal: &name, DelegationEnabledDate: &since})
	}
	p, err := page(apiListDelegatedServicesForAccount.Name, in.MaxResults, in.NextToken,
		sorted(list, func(s DelegatedService) string { return *s.ServicePrincipal }))
	return &ListDelegatedServicesForAccountOutput{DelegatedServices: p.Items, NextToken: p.Next}, err
}

// resourcePolicyARN is the ARN of the resource-based policy, with a wildcard if there is
// none.
func (c *call) resourcePolicyARN() string {
	id := c.org.ResourcePolicyID
	if id == "" {
		id = "rp-*"
	}
	return c.org.TypeARN("resourcepolicy") + id
}

// theResourcePolicy is the target of PutResourcePolicy.
func (o *organizations) theResourcePolicy(c *call, in *PutResourcePolicyInput) (authz.Target, error) {
	return authz.Target{ARN: c.resourcePolicyARN(), RequestTags: tagMap(in.Tags)}, nil
}

// delegable are the actions that the resource-based policy can allow member accounts.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
var delegable = []string{
	"organizations:AttachPolicy", "organizations:CreatePolicy", "organizations:DeletePolicy", "organizations:DetachPolicy",
	"organizations:DisablePolicyType", "organizations:EnablePolicyType", "organizations:UpdatePolicy",
	"organizations:TagResource", "organizations:UntagResource",
	"organizations:Describe*", "organizations:List*",
}

func (o *organizations) putResourcePolicy(c *call, in *PutResourcePolicyInput) (*PutResourcePolicyOutput, error) {
	if err := c.needAllFeatures(); err != nil {
		return nil, err
	}
	doc, err := policy.Parse([]byte(in.Content))
	if err != nil {
		return nil, badInput("INVALID_RESOURCE_POLICY_JSON", "The provided resource policy is not valid: %s", err.Error())
	}
	rules := &policy.Rules{
		Actions: delegable, ForbidNotAction: true, ForbidNotPrincipal: true, RequireResource: true,
		PrincipalTypes: []string{"AWS"},
		Tolerates:      []string{"POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"}, // the model's limit counts characters
	}
	for _, f := range policy.Validate(doc, policy.Resource, rules) {
		if f.Refused() {
			return nil, badInput(cmp.Or(resourcePolicyReasons[f.Code], "INVALID_RESOURCE_POLICY_JSON"), "The provided resource policy is not valid: %s", f.Message)
		}
	}
	if c.org.ResourcePolicy == "" {
		c.org.ResourcePolicyID = c.id("rp-", 8)
	} else if len(in.Tags) > 0 {
		return nil, badInput("INVALID_LIST_MEMBER", "Tags can be given only with a new resource policy. Use TagResource.")
	}
	c.org.ResourcePolicy = in.Content
	if err := c.save(); err != nil {
		return nil, err
	}
	return &PutResourcePolicyOutput{ResourcePolicy: c.resourcePolicyShape()}, c.tagNew(c.resourcePolicyARN(), in.Tags)
}

// resourcePolicyReasons are the reasons in errors by the codes of findings.
var resourcePolicyReasons = map[string]string{
	"UNSUPPORTED_ACTION_IN_POLICY":      "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
	"UNSUPPORTED_PRINCIPAL":             "INVALID_PRINCIPAL",
	"INVALID_PRINCIPAL_FORMAT":          "INVALID_PRINCIPAL",
	"UNSUPPORTED_WILDCARD_IN_PRINCIPAL": "INVALID_PRINCIPAL",
	"MISSING_PRINCIPAL":                 "INVALID_PRINCIPAL",
}

func (c *call) resourcePolicyShape() *ResourcePolicy {
	return &ResourcePolicy{
		Content:               &c.org.ResourcePolicy,
		ResourcePolicySummary: &ResourcePolicySummary{ID: &c.org.ResourcePolicyID, ARN: new(c.resourcePolicyARN())},
	}
}

func errNoResourcePolicy() error {
	return errResourcePolicyNotFound("We can't find a resource policy for the organization.")
}

func (o *organizations) describeResourcePolicy(c *call, _ *DescribeResourcePolicyInput) (*DescribeResourcePolicyOutput, error) {
	if c.org.ResourcePolicy == "" {
		return nil, errNoResourcePolicy()
	}
	return &DescribeResourcePolicyOutput{ResourcePolicy: c.resourcePolicyShape()}, nil
}

func (o *organizations) deleteResourcePolicy(c *call, _ *DeleteResourcePolicyInput) (*DeleteResourcePolicyOutput, error) {
	if c.org.ResourcePolicy == "" {
		return nil, errNoResourcePolicy()
	}
	if err := c.untagAll(c.resourcePolicyARN()); err != nil {
		return nil, err
	}
	c.org.ResourcePolicyID, c.org.ResourcePolicy = "", ""
	return &DeleteResourcePolicyOutput{}, c.save()
}
