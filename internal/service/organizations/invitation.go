package organizations

import (
	"errors"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// handshakeViolation is a HandshakeConstraintViolationException with a reason.
func handshakeViolation(reason, message string) *awserr.Error {
	return errHandshakeConstraintViolation("%s", message).With("Reason", reason)
}

// invited is the target of InviteAccountToOrganization.
func (o *organizations) invited(c *call, in *InviteAccountToOrganizationInput) (authz.Target, error) {
	t := authz.Target{ARN: "*", RequestTags: tagMap(in.Tags)}
	if in.Target.Type == HandshakePartyTypeAccount {
		t.ARN = c.org.NodeARN(in.Target.ID)
	}
	return t, nil
}

func (o *organizations) inviteAccount(c *call, in *InviteAccountToOrganizationInput) (*InviteAccountToOrganizationOutput, error) {
	account, err := c.inviteeOf(in.Target)
	if err != nil {
		return nil, err
	}
	switch _, err := identity.MemberNode(c.Tx, account); {
	case err == nil:
		return nil, handshakeViolation("ALREADY_IN_AN_ORGANIZATION", "The specified account is already a member of an organization.")
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	for known, err := range c.sent("") {
		if err != nil {
			return nil, err
		}
		if known.Item.action() == ActionTypeInvite && known.Item.Account == account && known.Item.open(c.Now) {
			return nil, errDuplicateHandshake("The account already has a pending invitation from this organization.")
		}
	}
	if err := c.checkAccountQuota(); err != nil {
		return nil, err
	}
	if err := c.mayTagNew(c.org.NodeARN(account), in.Tags); err != nil {
		return nil, err
	}
	v := c.newHandshake(ActionTypeInvite, account)
	v.FeatureSet, v.Tags = OrganizationFeatureSetConsolidatedBilling, tagMap(in.Tags)
	// Who joins while all features are being enabled agrees to them.
	all, err := c.enablingAllFeatures()
	if err != nil {
		return nil, err
	}
	if all || c.org.AllFeatures {
		v.FeatureSet = OrganizationFeatureSetAll
	}
	if in.Notes != nil {
		v.Notes = *in.Notes
	}
	if err := c.putHandshake(v); err != nil {
		return nil, err
	}
	shape, err := c.handshakeShape(v)
	return &InviteAccountToOrganizationOutput{Handshake: shape}, err
}

// inviteeOf is the account to invite, by its id, or by its e-mail address if it was created
// in Writ.
func (c *call) inviteeOf(party *HandshakeParty) (string, error) {
	switch party.Type {
	case HandshakePartyTypeAccount:
		if !arn.IsAccountID(party.ID) {
			return "", badInput("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
		}
		return party.ID, nil
	case HandshakePartyTypeEmail:
		for a, err := range identity.Accounts(c.Tx) {
			if err != nil || strings.EqualFold(a.Email, party.ID) {
				return a.ID, err
			}
		}
		return "", badInput("INVALID_EMAIL_ADDRESS_TARGET", "No account that was made here has this e-mail address. Invite the account by its id.")
	}
	return "", badInput("INVALID_PARTY_TYPE_TARGET", "You can invite an account by its id or its e-mail address only.")
}

// joinBy adds the caller's account to the organization that invited it, below its root. The
// organization's policies apply from the next request.
func (c *call) joinBy(v handshake) error {
	if c.manages() {
		return errMasterCannotLeaveOrganization("The management account of an organization cannot join another one. Delete the organization first.")
	}
	if c.inUse() {
		return handshakeViolation("ALREADY_IN_AN_ORGANIZATION", "The account is already a member of an organization.")
	}
	org, err := identity.ReadOrganization(c.Tx, v.Organization.Management)
	if err != nil {
		return err
	}
	host := &call{c.Call, org}
	if err := host.checkAccountQuota(); err != nil {
		return err
	}
	account, err := identity.AccountOf(c.Tx, v.Account)
	if err != nil {
		return err
	}
	if err := host.join(account, AccountJoinedMethodInvited, c.Now); err != nil {
		return err
	}
	if v.FeatureSet == OrganizationFeatureSetAll {
		if err := c.makeServiceRole(v.Account, byCaller); err != nil {
			return err
		}
	}
	return operation.SetTags(c.Call, host.org.NodeARN(v.Account), v.Tags, tagPolicyViolation)
}
