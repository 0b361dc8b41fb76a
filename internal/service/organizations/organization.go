package organizations

import (
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

func (o *organizations) createOrganization(c *call, in *CreateOrganizationInput) (*CreateOrganizationOutput, error) {
	if c.inUse() {
		return nil, errAlreadyInOrganization("The provided account is already a member of an organization.")
	}
	c.org = identity.OrganizationRecord{
		Organization: identity.Organization{Partition: c.Partition, ID: c.id("o-", 10), Management: c.Account()},
		Root:         c.id("r-", 4),
		AllFeatures:  in.FeatureSet == nil || *in.FeatureSet == OrganizationFeatureSetAll,
	}
	if err := c.save(); err != nil {
		return nil, err
	}
	root := identity.Node{Organization: c.org.Organization, ID: c.org.Root, Name: "Root"}
	if c.org.AllFeatures {
		root.PolicyTypes = []string{string(PolicyTypeServiceControlPolicy)}
		root.Attached = defaults(root.PolicyTypes)
	}
	if err := c.put(root); err != nil {
		return nil, err
	}
	account, err := identity.AccountOf(c.Tx, c.Account())
	if err != nil {
		return nil, err
	}
	// AWS shows the account that creates an organization as invited.
	if err := c.join(account, AccountJoinedMethodInvited, c.Now); err != nil {
		return nil, err
	}
	if err := c.makeServiceRole(c.Account(), byCaller); err != nil {
		return nil, err
	}
	shape, err := c.organizationShape()
	return &CreateOrganizationOutput{Organization: shape}, err
}

// join adds an account below the root.
func (c *call) join(account identity.Account, method AccountJoinedMethod, at time.Time) error {
	n := identity.Node{
		Organization: c.org.Organization, ID: account.ID, Name: account.Name, Parents: []string{c.org.Root},
		Account: &identity.MemberAccount{
			Email: account.Email, Status: string(AccountStatusActive), JoinedMethod: string(method), Joined: at,
		},
	}
	if err := c.attachDefaults(&n); err != nil {
		return err
	}
	return c.put(n)
}

func (c *call) organizationShape() (*Organization, error) {
	manager, err := c.node(c.org.Management, errNoAccount())
	if err != nil {
		return nil, err
	}
	shape := &Organization{
		ID: &c.org.ID, ARN: new(c.org.ARN()), FeatureSet: new(OrganizationFeatureSetConsolidatedBilling),
		MasterAccountARN: new(manager.ARN()), MasterAccountID: &manager.ID, MasterAccountEmail: &manager.Account.Email,
		AvailablePolicyTypes: []PolicyTypeSummary{},
	}
	if c.org.AllFeatures {
		shape.FeatureSet = new(OrganizationFeatureSetAll)
		// A deprecated member: it names one type only.
		shape.AvailablePolicyTypes = []PolicyTypeSummary{
			{Type: new(PolicyTypeServiceControlPolicy), Status: new(PolicyTypeStatusEnabled)},
		}
	}
	return shape, nil
}

func (o *organizations) describeOrganization(c *call, _ *DescribeOrganizationInput) (*DescribeOrganizationOutput, error) {
	shape, err := c.organizationShape()
	return &DescribeOrganizationOutput{Organization: shape}, err
}

func (o *organizations) deleteOrganization(c *call, _ *DeleteOrganizationInput) (*DeleteOrganizationOutput, error) {
	for n, err := range c.every(identity.AccountNode)("") {
		if err != nil {
			return nil, err
		}
		if n.Item.ID != c.org.Management {
			return nil, errOrganizationNotEmpty("To delete an organization you must first remove all member accounts (except the master).")
		}
	}
	manager, err := c.node(c.org.Management, errNoAccount())
	if err != nil {
		return nil, err
	}
	if err := identity.DeleteNode(c.Tx, manager); err != nil {
		return nil, err
	}
	if err := sharing.AccountLeft(c.Call, c.org.Management, c.org.ID); err != nil {
		return nil, err
	}
	if err := sharing.DisableSharingWithOrganization(c.Call, c.org.ID); err != nil {
		return nil, err
	}
	for r, err := range c.Tx.Resources(store.Query{Service: api.Name, Account: c.org.Management}) {
		if err != nil {
			return nil, err
		}
		if err := c.Tx.DeleteResource(r.ARN); err != nil {
			return nil, err
		}
	}
	return &DeleteOrganizationOutput{}, c.untagAll(c.resourcePolicyARN())
}
