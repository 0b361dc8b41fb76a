package organizations

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// By handshakes an organization and accounts agree: an account joins (invitation.go), all
// features are enabled (features.go). The row of a handshake belongs to the organization and
// refers to the account that is asked, so that both can list theirs.

const (
	invitationOpenFor = 15 * 24 * time.Hour // then an invitation expires
	featuresOpenFor   = 90 * 24 * time.Hour // then the process of enabling all features expires
	visibleFor        = 30 * 24 * time.Hour // then a closed handshake is not listed any more
)

// handshake is the stored state of a handshake. Whether it has expired follows from the
// clock.
type handshake struct {
	Organization       identity.Organization
	ID, Notes          string
	Action             ActionType // "" is INVITE
	Account            string     // that is asked; "" for the process as a whole, which the organization concludes
	Parent             string     `json:",omitempty"` // the id of the handshake of the process that this one is part of
	FeatureSet         OrganizationFeatureSet
	Tags               map[string]string
	State              HandshakeState
	Requested, Settled time.Time
}

// newHandshake is an open handshake that is not stored yet.
func (c *call) newHandshake(action ActionType, account string) handshake {
	return handshake{
		Organization: c.org.Organization, ID: c.id("h-", 32), Action: action, Account: account,
		State: HandshakeStateOpen, Requested: c.Now,
	}
}

func (v handshake) action() ActionType { return cmp.Or(v.Action, ActionTypeInvite) }

func (v handshake) arn() string {
	return v.Organization.TypeARN("handshake") + strings.ToLower(string(v.action())) + "/" + v.ID
}

// expires is when an open handshake expires.
func (v handshake) expires() time.Time {
	if v.action() == ActionTypeInvite {
		return v.Requested.Add(invitationOpenFor)
	}
	return v.Requested.Add(featuresOpenFor)
}

// open reports whether the handshake waits for an answer.
func (v handshake) open(now time.Time) bool {
	return (v.State == HandshakeStateOpen || v.State == HandshakeStateRequested) && now.Before(v.expires())
}

// state is the state of the handshake now.
func (v handshake) state(now time.Time) HandshakeState {
	if v.Settled.IsZero() && !v.open(now) {
		return HandshakeStateExpired
	}
	return v.State
}

// hidden reports whether the handshake is not listed any more.
func (v handshake) hidden(now time.Time) bool {
	end := v.Settled
	if end.IsZero() {
		end = v.expires()
	}
	return !now.Before(end.Add(visibleFor))
}

// answers is the account that may bring the handshake into a state: its sender cancels it,
// its receiver accepts or declines it.
func (v handshake) answers(to HandshakeState) string {
	if to == HandshakeStateCanceled || to == HandshakeStateAccepted && v.Account == "" {
		return v.Organization.Management
	}
	return v.Account
}

// invitee is the key that the handshakes of an account refer to.
func invitee(account string) string { return "arn:aws:account::" + account + ":account" }

func (c *call) putHandshake(v handshake) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("put handshake %s: %w", v.ID, err)
	}
	err = c.Tx.PutResource(store.Resource{
		ARN: v.arn(), Service: api.Name, Type: "handshake", Account: v.Organization.Management, Name: v.ID,
		Data: data, CreatedAt: c.Now, UpdatedAt: c.Now,
	})
	if err != nil || v.Account == "" {
		return err
	}
	return c.Tx.SetReferences(v.arn(), []string{invitee(v.Account)})
}

// handshakesAt yields handshakes by the ARNs of their rows, without hidden ones.
func (c *call) handshakesAt(arns iter.Seq2[string, error]) iter.Seq2[operation.Keyed[handshake], error] {
	return func(yield func(operation.Keyed[handshake], error) bool) {
		for arn, err := range arns {
			var v handshake
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
			if !yield(operation.Keyed[handshake]{Key: arn, Item: v}, err) || err != nil {
				return
			}
		}
	}
}

// received yields the handshakes sent to the caller's account.
func (c *call) received(after string) iter.Seq2[operation.Keyed[handshake], error] {
	return c.handshakesAt(func(yield func(string, error) bool) {
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
func (c *call) sent(after string) iter.Seq2[operation.Keyed[handshake], error] {
	return c.handshakesAt(func(yield func(string, error) bool) {
		for r, err := range c.Tx.Resources(store.Query{Prefix: c.org.TypeARN("handshake"), After: after}) {
			if !yield(r.ARN, err) || err != nil {
				return
			}
		}
	})
}

// handshake reads a handshake sent to the caller's account or, for a management account,
// by its organization.
func (c *call) handshake(id string) (handshake, error) {
	lists := []iter.Seq2[operation.Keyed[handshake], error]{c.received("")}
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
	return handshake{}, errHandshakeNotFound("You specified a handshake that doesn't exist.")
}

// handshakeTarget is a handshake as a target. It belongs to the organization; a
// resource-based policy allows the account that is asked.
func (c *call) handshakeTarget(id string) (authz.Target, error) {
	v, err := c.handshake(id)
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

func (c *call) handshakeShape(v handshake) (*Handshake, error) {
	state, err := c.stateOf(v)
	if err != nil {
		return nil, err
	}
	manager, err := identity.AccountOf(c.Tx, v.Organization.Management)
	if err != nil {
		return nil, err
	}
	resource := func(kind HandshakeResourceType, value string) HandshakeResource {
		return HandshakeResource{Type: &kind, Value: &value}
	}
	organization := resource(HandshakeResourceTypeOrganization, v.Organization.ID)
	shape := &Handshake{
		ID: &v.ID, ARN: new(v.arn()), Action: new(v.action()), State: &state,
		RequestedTimestamp: &v.Requested, ExpirationTimestamp: new(v.expires()),
		Parties: []HandshakeParty{{ID: strings.TrimPrefix(v.Organization.ID, "o-"), Type: HandshakePartyTypeOrganization}},
	}
	if v.Account == "" {
		shape.Resources = []HandshakeResource{organization}
		return shape, nil
	}
	organization.Resources = []HandshakeResource{
		resource(HandshakeResourceTypeMasterEmail, manager.Email),
		resource(HandshakeResourceTypeMasterName, manager.Name),
		resource(HandshakeResourceTypeOrganizationFeatureSet, string(v.FeatureSet)),
	}
	shape.Parties = append(shape.Parties, HandshakeParty{ID: v.Account, Type: HandshakePartyTypeAccount})
	shape.Resources = []HandshakeResource{organization, resource(HandshakeResourceTypeAccount, v.Account)}
	if v.Notes != "" {
		shape.Resources = append(shape.Resources, resource(HandshakeResourceTypeNotes, v.Notes))
	}
	if v.Parent != "" {
		shape.Resources = append(shape.Resources, resource(HandshakeResourceTypeParentHandshake, v.Parent))
	}
	return shape, nil
}

func (o *organizations) describeHandshake(c *call, in *DescribeHandshakeInput) (*DescribeHandshakeOutput, error) {
	v, err := c.handshake(in.HandshakeID)
	if err != nil {
		return nil, err
	}
	shape, err := c.handshakeShape(v)
	return &DescribeHandshakeOutput{Handshake: shape}, err
}

// acceptHandshake does what the handshake was about.
func (o *organizations) acceptHandshake(c *call, in *AcceptHandshakeInput) (*AcceptHandshakeOutput, error) {
	v, err := c.settle(in.HandshakeID, HandshakeStateAccepted)
	if err != nil {
		return nil, err
	}
	switch v.action() {
	case ActionTypeInvite:
		err = c.joinBy(v)
	case ActionTypeEnableAllFeatures:
		err = c.finishAllFeatures()
	default: // an account approves all features
		err = c.makeServiceRole(c.Account(), byCaller)
	}
	if err != nil {
		return nil, err
	}
	shape, err := c.handshakeShape(v)
	return &AcceptHandshakeOutput{Handshake: shape}, err
}

func (o *organizations) declineHandshake(c *call, in *DeclineHandshakeInput) (*DeclineHandshakeOutput, error) {
	v, err := c.settle(in.HandshakeID, HandshakeStateDeclined)
	if err != nil {
		return nil, err
	}
	shape, err := c.handshakeShape(v)
	return &DeclineHandshakeOutput{Handshake: shape}, err
}

func (o *organizations) cancelHandshake(c *call, in *CancelHandshakeInput) (*CancelHandshakeOutput, error) {
	v, err := c.settle(in.HandshakeID, HandshakeStateCanceled)
	if err != nil {
		return nil, err
	}
	if v.action() == ActionTypeEnableAllFeatures {
		if err := c.cancelOpen(); err != nil {
			return nil, err
		}
	}
	shape, err := c.handshakeShape(v)
	return &CancelHandshakeOutput{Handshake: shape}, err
}

// settle brings an open handshake into a final state.
func (c *call) settle(id string, to HandshakeState) (handshake, error) {
	v, err := c.handshake(id)
	if err != nil {
		return v, err
	}
	if c.Account() != v.answers(to) {
		return v, errNoAccess()
	}
	now, err := c.stateOf(v)
	if err != nil {
		return v, err
	}
	switch {
	case now == HandshakeStateOpen, now == HandshakeStateRequested && to == HandshakeStateCanceled:
	case now == to:
		return v, errHandshakeAlreadyInState("The handshake is already %s.", to)
	default:
		return v, errInvalidHandshakeTransition("The handshake is %s and cannot become %s.", now, to)
	}
	v.State, v.Settled = to, c.Now
	return v, c.putHandshake(v)
}

// cancelOpen cancels the open handshakes of the organization.
func (c *call) cancelOpen() error {
	for v, err := range c.sent("") {
		if err != nil {
			return err
		}
		if !v.Item.open(c.Now) {
			continue
		}
		v.Item.State, v.Item.Settled = HandshakeStateCanceled, c.Now
		if err := c.putHandshake(v.Item); err != nil {
			return err
		}
	}
	return nil
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
	list func(after string) iter.Seq2[operation.Keyed[handshake], error]) (operation.Page[Handshake], error) {
	if filter == nil {
		filter = &HandshakeFilter{}
	}
	if filter.ActionType != nil && filter.ParentHandshakeID != nil {
		return operation.Page[Handshake]{}, badInput("MAX_LIMIT_EXCEEDED_FILTER", "You can specify only one filter parameter for the operation.")
	}
	return page(op, limit, token, func(after string) iter.Seq2[operation.Keyed[Handshake], error] {
		return func(yield func(operation.Keyed[Handshake], error) bool) {
			for v, err := range list(after) {
				if err == nil && !filter.takes(v.Item) {
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

// takes reports whether a list with the filter has the handshake.
func (f *HandshakeFilter) takes(v handshake) bool {
	return (f.ActionType == nil || *f.ActionType == v.action()) && (f.ParentHandshakeID == nil || *f.ParentHandshakeID == v.Parent)
}
