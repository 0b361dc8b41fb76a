package organizations

import (
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
)

// Quotas of the tree.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
const (
	maxDepth = 5 // of units in units
	maxUnits = 2000
)

func errNoUnit() error {
	return errOrganizationalUnitNotFound("You specified an organizational unit that doesn't exist.")
}

// newUnit is the target of CreateOrganizationalUnit: the parent.
func (o *organizations) newUnit(c *call, in *CreateOrganizationalUnitInput) (authz.Target, error) {
	return authz.Target{ARN: c.org.NodeARN(in.ParentID), RequestTags: tagMap(in.Tags)}, nil
}

func (o *organizations) createUnit(c *call, in *CreateOrganizationalUnitInput) (*CreateOrganizationalUnitOutput, error) {
	parent, err := c.parent(in.ParentID, errNoParent())
	if err != nil {
		return nil, err
	}
	if len(parent.Parents) == maxDepth {
		return nil, violated("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the maximum depth of the organizational unit hierarchy.")
	}
	if err := c.checkUnitName(parent, "", in.Name); err != nil {
		return nil, err
	}
	units := 0
	for _, err := range c.every(identity.UnitNode)("") {
		if err != nil {
			return nil, err
		}
		if units++; units == maxUnits {
			return nil, violated("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of organizational units that an organization may have.")
		}
	}
	unit := identity.Node{
		Organization: c.org.Organization,
		ID:           c.id("ou-"+strings.TrimPrefix(c.org.Root, "r-")+"-", 8),
		Name:         in.Name,
		Parents:      append(parent.Parents, parent.ID),
		Attached:     nil,
	}
	if err := c.attachDefaults(&unit); err != nil {
		return nil, err
	}
	if err := c.put(unit); err != nil {
		return nil, err
	}
	return &CreateOrganizationalUnitOutput{OrganizationalUnit: new(unitShape(unit))}, c.tagNew(unit.ARN(), in.Tags)
}

// checkUnitName returns an error if another unit with the parent has the name.
func (c *call) checkUnitName(parent identity.Node, self, name string) error {
	siblings, err := c.children(parent, identity.UnitNode)
	if err != nil {
		return err
	}
	for sibling, err := range siblings("") {
		if err != nil {
			return err
		}
		if sibling.Item.Name == name && sibling.Item.ID != self {
			return errDuplicateOrganizationalUnit("An OU with the same name already exists.")
		}
	}
	return nil
}

func unitShape(n identity.Node) OrganizationalUnit {
	return OrganizationalUnit{ID: &n.ID, ARN: new(n.ARN()), Name: &n.Name, Path: new(n.Path())}
}

func (o *organizations) describeUnit(c *call, in *DescribeOrganizationalUnitInput) (*DescribeOrganizationalUnitOutput, error) {
	n, err := c.node(in.OrganizationalUnitID, errNoUnit())
	if err != nil {
		return nil, err
	}
	return &DescribeOrganizationalUnitOutput{OrganizationalUnit: new(unitShape(n))}, nil
}

func (o *organizations) updateUnit(c *call, in *UpdateOrganizationalUnitInput) (*UpdateOrganizationalUnitOutput, error) {
	n, err := c.node(in.OrganizationalUnitID, errNoUnit())
	if err != nil {
		return nil, err
	}
	if in.Name != nil {
		parent, err := c.parent(n.Parent(), errNoParent())
		if err != nil {
			return nil, err
		}
		if err := c.checkUnitName(parent, n.ID, *in.Name); err != nil {
			return nil, err
		}
		n.Name = *in.Name
		if err := c.put(n); err != nil {
			return nil, err
		}
	}
	return &UpdateOrganizationalUnitOutput{OrganizationalUnit: new(unitShape(n))}, nil
}

func (o *organizations) deleteUnit(c *call, in *DeleteOrganizationalUnitInput) (*DeleteOrganizationalUnitOutput, error) {
	n, err := c.node(in.OrganizationalUnitID, errNoUnit())
	if err != nil {
		return nil, err
	}
	inside, err := c.Tx.ReferencedBy(n.ARN(), 1)
	if err != nil {
		return nil, err
	}
	if len(inside) > 0 {
		return nil, errOrganizationalUnitNotEmpty("You specified an organizational unit that is not empty. Move or remove what it holds first.")
	}
	return &DeleteOrganizationalUnitOutput{}, identity.DeleteNode(c.Tx, n)
}

func (o *organizations) listUnits(c *call, in *ListOrganizationalUnitsForParentInput) (*ListOrganizationalUnitsForParentOutput, error) {
	parent, err := c.parent(in.ParentID, errNoParent())
	if err != nil {
		return nil, err
	}
	units, err := c.children(parent, identity.UnitNode)
	if err != nil {
		return nil, err
	}
	p, err := page(apiListOrganizationalUnitsForParent.Name, in.MaxResults, in.NextToken, units)
	if err != nil {
		return nil, err
	}
	return &ListOrganizationalUnitsForParentOutput{OrganizationalUnits: shown(p, unitShape), NextToken: p.Next}, nil
}
