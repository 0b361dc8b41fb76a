package organizations

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// By a handshake an existing account joins the organization: the management account
// invites it, and it accepts. The row of a handshake belongs to the organization and
// refers to the account, so that both can list theirs.

const (
	openFor    = 15 * 24 * time.Hour // then an invitation expires
	visibleFor = 30 * 24 * time.Hour // then a closed one is not listed any more
)

// invitation is the stored state of a handshake. Whether it has expired follows from the
// clock.
type invitation struct {
	Organization       identity.Organization
	ID, Account, Notes string
	FeatureSet         OrganizationFeatureSet
	Tags               map[string]string
	State              HandshakeState
	Requested, Settled time.Time
}

func (v invitation) arn() string { return v.Organization.TypeARN("handshake") + "invite/" + v.ID }

// expires is when an open invitation expires.
func (v invitation) expires() time.Time { return v.Requested.Add(openFor) }

// state is the state of the handshake now.
func (v invitation) state(now time.Time) HandshakeState {
	if v.State == HandshakeStateOpen && !now.Before(v.expires()) {
		return HandshakeStateExpired
	}
	return v.State
}

// hidden reports whether the handshake is not listed any more.
func (v invitation) hidden(now time.Time) bool {
	end := v.Settled
	if v.State == HandshakeStateOpen {
		end = v.expires()
	}
	return !now.Before(end.Add(visibleFor))
}

// invitee is the key that the handshakes of an account refer to.
func invitee(account string) string { return "arn:aws:account::" + account + ":account" }

func (c *call) putInvitation(v invitation) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("put handshake %s: %w", v.ID, err)
	}
	err = c.Tx.PutResource(store.Resource{
		ARN: v.arn(), Service: api.Name, Type: "handshake", Account: v.Organization.Management, Name: v.ID,
		Data: data, CreatedAt: c.Now, UpdatedAt: c.Now,
	})
	if err != nil {
		return err
	}
	return c.Tx.SetReferences(v.arn(), []string{invitee(v.Account)})
}

// invitations yields handshakes by the ARNs of their rows, without hidden ones.
func (c *call) invitations(arns iter.Seq2[string, error]) iter.Seq2[operation.Keyed[invitation], error] {
	return func(yield func(operation.Keyed[invitation], error) bool) {
		for arn, err := range arns {
			var v invitation
			var r store.Resource
			if err == nil {
				r, err = c.Tx.Resource(arn)
			}
			if err == nil {
				err = json.Unmarshal(r.Data, &v)
			}
			if err == nil && v.hidden(c.Now) {
				continue
			}
			if !yield(operation.Keyed[invitation]{Key: arn, Item: v}, err) || err != nil {
				return
			}
		}
	}
}

// received yields the handshakes sent to the caller's account.
func (c *call) received(after string) iter.Seq2[operation.Keyed[invitation], error] {
	return c.invitations(func(yield func(string, error) bool) {
		arns, err := c.Tx.ReferencedBy(invitee(c.Account()), 0)
		if err != nil {
			yield("", err)
			return
		}
		for _, arn := range arns {
			if arn > after && strings.Contains(arn, ":handshake/") && !yield(arn, nil) {
				return
			}
		}
	})
}

// sent yields the handshakes of the caller's organization.
func (c *call) sent(after string) iter.Seq2[operation.Keyed[invitation], error] {
	return c.invitations(func(yield func(string, error) bool) {
		for r, err := range c.Tx.Resources(store.Query{Prefix: c.org.TypeARN("handshake"), After: after}) {
			if !yield(r.ARN, err) || err != nil {
				return
			}
		}
	})
}

// invitation reads a handshake sent to the caller's account or, for a management account,
// by its organization.
func (c *call) invitation(id string) (invitation, error) {
	lists := []iter.Seq2[operation.Keyed[invitation], error]{c.received("")}
	if c.manages() {
		lists = append(lists, c.sent(""))
	}
	for _, list := range lists {
		for v, err := range list {
			if err != nil || v.Item.ID == id {
				return v.Item, err
			}
		}
	}
	return invitation{}, errHandshakeNotFound("You specified a handshake that doesn't exist.")
}

// handshakeTarget is a handshake as a target. It belongs to the organization; a
// resource-based policy allows the invited account.
func (c *call) handshakeTarget(id string) (authz.Target, error) {
	v, err := c.invitation(id)
	if !known(err) {
		return authz.Target{}, err
	}
	if err != nil {
		return authz.Target{ARN: "*"}, nil
	}
	t := authz.Target{ARN: v.arn()}
	if v.Account == c.Account() {
		t.ResourcePolicies = []identity.Document{{Name: t.ARN, Text: grant(v.Account,
			"organizations:AcceptHandshake", "organizations:DeclineHandshake", "organizations:DescribeHandshake")}}
	}
	return t, nil
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
		return nil, errHandshakeConstraintViolation("The specified account is already a member of an organization.").With("Reason", "ALREADY_IN_AN_ORGANIZATION")
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	for known, err := range c.sent("") {
		if err != nil {
			return nil, err
		}
		if known.Item.Account == account && known.Item.state(c.Now) == HandshakeStateOpen {
			return nil, errDuplicateHandshake("The account already has a pending invitation from this organization.")
		}
	}
	if err := c.checkAccountQuota(); err != nil {
		return nil, err
	}
	if err := c.mayTagNew(c.org.NodeARN(account), in.Tags); err != nil {
		return nil, err
	}
	v := invitation{
		Organization: c.org.Organization, ID: c.id("h-", 32), Account: account,
		FeatureSet: OrganizationFeatureSetConsolidatedBilling, Tags: tagMap(in.Tags),
		State: HandshakeStateOpen, Requested: c.Now,
	}
	if c.org.AllFeatures {
		v.FeatureSet = OrganizationFeatureSetAll
	}
	if in.Notes != nil {
		v.Notes = *in.Notes
	}
	if err := c.putInvitation(v); err != nil {
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

func (c *call) handshakeShape(v invitation) (*Handshake, error) {
	manager, err := identity.AccountOf(c.Tx, v.Organization.Management)
	if err != nil {
		return nil, err
	}
	resource := func(kind HandshakeResourceType, value string) HandshakeResource {
		return HandshakeResource{Type: &kind, Value: &value}
	}
	organization := resource(HandshakeResourceTypeOrganization, v.Organization.ID)
	organization.Resources = []HandshakeResource{
		resource(HandshakeResourceTypeMasterEmail, manager.Email),
		resource(HandshakeResourceTypeMasterName, manager.Name),
		resource(HandshakeResourceTypeOrganizationFeatureSet, string(v.FeatureSet)),
	}
	shape := &Handshake{
		ID: &v.ID, ARN: new(v.arn()), Action: new(ActionTypeInvite), State: new(v.state(c.Now)),
		RequestedTimestamp: &v.Requested, ExpirationTimestamp: new(v.expires()),
		Parties: []HandshakeParty{
			{ID: strings.TrimPrefix(v.Organization.ID, "o-"), Type: HandshakePartyTypeOrganization},
			{ID: v.Account, Type: HandshakePartyTypeAccount},
		},
		Resources: []HandshakeResource{organization, resource(HandshakeResourceTypeAccount, v.Account)},
	}
	if v.Notes != "" {
		shape.Resources = append(shape.Resources, resource(HandshakeResourceTypeNotes, v.Notes))
	}
	return shape, nil
}

func (o *organizations) describeHandshake(c *call, in *DescribeHandshakeInput) (*DescribeHandshakeOutput, error) {
	v, err := c.invitation(in.HandshakeID)
	if err != nil {
		return nil, err
	}
	shape, err := c.handshakeShape(v)
	return &DescribeHandshakeOutput{Handshake: shape}, err
}

// acceptHandshake adds the caller's account to the organization, below its root. Its
// policies apply from the next request.
func (o *organizations) acceptHandshake(c *call, in *AcceptHandshakeInput) (*AcceptHandshakeOutput, error) {
	v, err := c.closeHandshake(in.HandshakeID, HandshakeStateAccepted)
	if err != nil {
		return nil, err
	}
	if c.manages() {
		return nil, errMasterCannotLeaveOrganization("The management account of an organization cannot join another one. Delete the organization first.")
	}
	if c.inUse() {
		return nil, errHandshakeConstraintViolation("The account is already a member of an organization.").With("Reason", "ALREADY_IN_AN_ORGANIZATION")
	}
	org, err := identity.ReadOrganization(c.Tx, v.Organization.Management)
	if err != nil {
		return nil, err
	}
	host := &call{c.Call, org}
	if err := host.checkAccountQuota(); err != nil {
		return nil, err
	}
	account, err := identity.AccountOf(c.Tx, v.Account)
	if err != nil {
		return nil, err
	}
	if err := host.join(account, AccountJoinedMethodInvited, c.Now); err != nil {
		return nil, err
	}
	if err := c.Tx.SetTags(host.org.NodeARN(v.Account), v.Tags); err != nil {
		return nil, err
	}
	shape, err := c.handshakeShape(v)
	return &AcceptHandshakeOutput{Handshake: shape}, err
}

func (o *organizations) declineHandshake(c *call, in *DeclineHandshakeInput) (*DeclineHandshakeOutput, error) {
	v, err := c.closeHandshake(in.HandshakeID, HandshakeStateDeclined)
	if err != nil {
		return nil, err
	}
	shape, err := c.handshakeShape(v)
	return &DeclineHandshakeOutput{Handshake: shape}, err
}

func (o *organizations) cancelHandshake(c *call, in *CancelHandshakeInput) (*CancelHandshakeOutput, error) {
	v, err := c.closeHandshake(in.HandshakeID, HandshakeStateCanceled)
	if err != nil {
		return nil, err
	}
	shape, err := c.handshakeShape(v)
	return &CancelHandshakeOutput{Handshake: shape}, err
}

// closeHandshake closes an open handshake: the invited account accepts or declines it, the
// organization cancels it.
func (c *call) closeHandshake(id string, state HandshakeState) (invitation, error) {
	v, err := c.invitation(id)
	if err != nil {
		return v, err
	}
	if sender := state == HandshakeStateCanceled; sender == (v.Account == c.Account()) {
		return v, errNoAccess()
	}
	switch now := v.state(c.Now); now {
	case HandshakeStateOpen:
	case state:
		return v, errHandshakeAlreadyInState("The handshake is already %s.", state)
	default:
		return v, errInvalidHandshakeTransition("The handshake is %s and cannot become %s.", now, state)
	}
	v.State, v.Settled = state, c.Now
	return v, c.putInvitation(v)
}

func (o *organizations) listHandshakesForAccount(c *call, in *ListHandshakesForAccountInput) (*ListHandshakesForAccountOutput, error) {
	p, err := c.handshakes(apiListHandshakesForAccount.Name, in.Filter, in.MaxResults, in.NextToken, c.received)
	return &ListHandshakesForAccountOutput{Handshakes: p.Items, NextToken: p.Next}, err
}

func (o *organizations) listHandshakesForOrganization(c *call, in *ListHandshakesForOrganizationInput) (*ListHandshakesForOrganizationOutput, error) {
	p, err := c.handshakes(apiListHandshakesForOrganization.Name, in.Filter, in.MaxResults, in.NextToken, c.sent)
	return &ListHandshakesForOrganizationOutput{Handshakes: p.Items, NextToken: p.Next}, err
}

func (c *call) handshakes(op string, filter *HandshakeFilter, limit *int, token *string,
	list func(after string) iter.Seq2[operation.Keyed[invitation], error]) (operation.Page[Handshake], error) {
	if filter != nil && filter.ActionType != nil && filter.ParentHandshakeID != nil {
		return operation.Page[Handshake]{}, badInput("MAX_LIMIT_EXCEEDED_FILTER", "You can specify only one filter parameter for the operation.")
	}
	// All handshakes here are invitations, and none has a parent.
	none := filter != nil && (filter.ParentHandshakeID != nil || filter.ActionType != nil && *filter.ActionType != ActionTypeInvite)
	return page(op, limit, token, func(after string) iter.Seq2[operation.Keyed[Handshake], error] {
		return func(yield func(operation.Keyed[Handshake], error) bool) {
			for v, err := range list(after) {
				if err == nil && none {
					continue
				}
				var shape *Handshake
				if err == nil {
					shape, err = c.handshakeShape(v.Item)
				}
				if err != nil {
					yield(operation.Keyed[Handshake]{}, err)
					return
				}
				if !yield(operation.Keyed[Handshake]{Key: v.Key, Item: *shape}, nil) {
					return
				}
			}
		}
	})
}
