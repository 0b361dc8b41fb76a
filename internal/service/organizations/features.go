package organizations

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// An organization with consolidated billing only can enable all features: one handshake
// stands for the process, and its children ask the accounts that were invited. When all have
// accepted, the management account accepts the first.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html

// enableAllFeatures begins the process. Open invitations promise consolidated billing and are
// canceled.
func (o *organizations) enableAllFeatures(c *call, _ *EnableAllFeaturesInput) (*EnableAllFeaturesOutput, error) {
	if c.org.AllFeatures {
		return nil, handshakeViolation("ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "The organization already has all features enabled.")
	}
	pending, err := c.enablingAllFeatures()
	if err != nil {
		return nil, err
	}
	if pending {
		return nil, handshakeViolation("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", "The organization has already started the process to enable all features.")
	}
	if err := c.cancelOpen(); err != nil {
		return nil, err
	}
	process := c.newHandshake(ActionTypeEnableAllFeatures, "")
	process.State = HandshakeStateRequested
	if err := c.putHandshake(process); err != nil {
		return nil, err
	}
	for n, err := range c.every(identity.AccountNode)("") {
		if err != nil {
			return nil, err
		}
		if err := c.askApproval(process, n.Item); err != nil {
			return nil, err
		}
	}
	shape, err := c.handshakeShape(process)
	return &EnableAllFeaturesOutput{Handshake: shape}, err
}

// askApproval asks an account for what the process needs of it: an invited account approves
// all features; one that was created here is asked only if its service-linked role is gone.
func (c *call) askApproval(process handshake, member identity.Node) error {
	if member.ID == c.org.Management || member.Account.Status != string(AccountStatusActive) {
		return nil
	}
	action := ActionTypeApproveAllFeatures
	if member.Account.JoinedMethod == string(AccountJoinedMethodCreated) {
		_, err := identity.ReadRole(c.Tx, c.serviceRole(member.ID).ARN)
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		action = ActionTypeAddOrganizationsServiceLinkedRole
	}
	v := c.newHandshake(action, member.ID)
	v.Parent, v.FeatureSet = process.ID, OrganizationFeatureSetAll
	return c.putHandshake(v)
}

// enablingAllFeatures reports whether the process has begun and not ended.
func (c *call) enablingAllFeatures() (bool, error) {
	for v, err := range c.sent("") {
		if err != nil {
			return false, err
		}
		if v.Item.action() == ActionTypeEnableAllFeatures && v.Item.open(c.Now) {
			return true, nil
		}
	}
	return false, nil
}

// stateOf is the state of a handshake now. The process is OPEN, to be concluded, as soon as
// every account that was asked and is still a member has accepted.
func (c *call) stateOf(v handshake) (HandshakeState, error) {
	state := v.state(c.Now)
	if state != HandshakeStateRequested {
		return state, nil
	}
	for child, err := range c.sent("") {
		if err != nil {
			return "", err
		}
		if child.Item.Parent != v.ID || child.Item.State == HandshakeStateAccepted {
			continue
		}
		switch _, err := c.node(child.Item.Account, errNoAccount()); {
		case err == nil:
			return HandshakeStateRequested, nil
		case !known(err):
			return "", err
		}
	}
	return HandshakeStateOpen, nil
}

// finishAllFeatures enables all features. No type of policies is enabled by that.
func (c *call) finishAllFeatures() error {
	c.org.AllFeatures = true
	return c.save()
}

// asker is whose permission an operation needs for what it does in an account.
type asker uint8

const (
	byOrganizations asker = iota // the service acts for itself
	byCaller                     // the caller must be allowed to
)

// serviceRole is the service-linked role of Organizations in an account.
func (c *call) serviceRole(account string) identity.Role {
	return identity.NewServiceLinkedRole(c.Partition, account, serviceName, "")
}

const serviceName = "organizations.amazonaws.com"

// makeServiceRole makes the service-linked role in an account that has none.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services-using_slrs.html
func (c *call) makeServiceRole(account string, by asker) error {
	role := c.serviceRole(account)
	taken, err := identity.NameTaken(c.Tx, identity.RoleKind, c.Partition, account, role.Name)
	if err != nil || taken {
		return err
	}
	if by == byCaller {
		err := c.Authorize("iam:CreateServiceLinkedRole", authz.Target{
			ARN: role.ARN, Keys: map[string][]string{"iam:AWSServiceName": {serviceName}},
		})
		if err != nil {
			return err
		}
	}
	role.CreatedAt = c.Now
	return identity.PutRole(c.Tx, role, c.Now)
}
