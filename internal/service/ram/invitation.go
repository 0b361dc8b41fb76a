package ram

import (
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// An invitation is the sender's by its ARN and the receiver's by its row, whose
// account it is listed by. Who gets one, and how long it lasts:
// https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html
const (
	invitationLife = 12 * time.Hour
	keepSettled    = 7 * 24 * time.Hour // how long one is listed after it was sent, once it is not pending any more
	maxPending     = 20                 // of one sender in a region
)

// invitation is what is kept of an invitation.
type invitation struct {
	ARN      string    `json:"-"`
	Receiver string    `json:"-"` // 12 digits
	Sent     time.Time `json:"-"`

	Sender    string // 12 digits
	Share     string // ARN
	ShareName string
	Principal string                        // of the association that waits for it: the receiver, or a role or user of it
	Answer    ResourceShareInvitationStatus `json:",omitempty"` // ACCEPTED or REJECTED; "" if there is none
}

// status is how an invitation stands at a time.
func (i *invitation) status(now time.Time) ResourceShareInvitationStatus {
	switch {
	case i.Answer != "":
		return i.Answer
	case lapsed(i.Sent, now):
		return ResourceShareInvitationStatusExpired
	}
	return ResourceShareInvitationStatusPending
}

// lapsed reports whether an invitation that was sent at a time has expired.
func lapsed(sent, now time.Time) bool { return !now.Before(sent.Add(invitationLife)) }

func decodeInvitation(r store.Resource) (*invitation, error) {
	i, err := operation.Decode[invitation](r)
	if err != nil {
		return nil, err
	}
	i.ARN, i.Receiver, i.Sent = r.ARN, r.Account, r.CreatedAt
	return i, nil
}

func (i *invitation) put(c *operation.Call) error {
	r, err := operation.Record(c, store.Resource{
		ARN: i.ARN, Service: api.Name, Type: invitationType, Account: i.Receiver, Region: c.Region, Name: i.ShareName, CreatedAt: i.Sent,
	}, i)
	if err != nil {
		return err
	}
	return c.Tx.PutResource(r)
}

// forgotten reports whether an invitation is not listed any more, though its row
// may be there until its sender sends the next.
func (i *invitation) forgotten(now time.Time) bool {
	return i.status(now) != ResourceShareInvitationStatusPending && !now.Before(i.Sent.Add(keepSettled))
}

// sent yields the invitations that the caller's account has sent in the region.
func sent(c *operation.Call) iter.Seq2[*invitation, error] {
	return invitations(c, store.Query{Prefix: newName(c, invitationType, "").String()})
}

// receivedBy yields the invitations that an account has received in the region,
// from ARNs with a prefix and after one.
func receivedBy(c *operation.Call, account, prefix, after string) iter.Seq2[*invitation, error] {
	return invitations(c, store.Query{
		Service: api.Name, Type: invitationType, Account: account, Region: c.Region, Prefix: prefix, After: after,
	})
}

func invitations(c *operation.Call, q store.Query) iter.Seq2[*invitation, error] {
	return func(yield func(*invitation, error) bool) {
		for r, err := range c.Tx.Resources(q) {
			var i *invitation
			if err == nil {
				i, err = decodeInvitation(r)
			}
			if !yield(i, err) || err != nil {
				return
			}
		}
	}
}

// invite sends an invitation to the account of a principal. It drops those of
// the sender that were settled long ago.
func invite(c *operation.Call, share *sharing.Share, principal string) error {
	pending := 0
	var old []string
	for i, err := range sent(c) {
		switch {
		case err != nil:
			return err
		case i.status(c.Now) == ResourceShareInvitationStatusPending:
			pending++
		case i.forgotten(c.Now):
			old = append(old, i.ARN)
		}
	}
	if pending >= maxPending {
		return errResourceShareLimitExceeded("You have reached the limit of %d pending invitations.", maxPending)
	}
	for _, arn := range old {
		if err := c.Tx.DeleteResource(arn); err != nil {
			return err
		}
	}
	i := &invitation{
		ARN: newName(c, invitationType, c.NewID()).String(), Receiver: accountOf(principal), Sent: c.Now,
		Sender: c.Account(), Share: share.ARN, ShareName: share.Name, Principal: principal,
	}
	return i.put(c)
}

// withdraw drops the pending invitation that an association of the caller's waits
// for, if there is one.
func withdraw(c *operation.Call, a sharing.Association) error {
	for i, err := range receivedBy(c, accountOf(a.Entity), newName(c, invitationType, "").String(), "") {
		if err != nil {
			return err
		}
		if i.Share == a.Share && i.Principal == a.Entity && i.status(c.Now) == ResourceShareInvitationStatusPending {
			return c.Tx.DeleteResource(i.ARN)
		}
	}
	return nil
}

// received reads an invitation that the caller's account has received. Any other
// is as if it were not there.
func received(c *operation.Call, arn string) (*invitation, error) {
	n, err := parseName(invitationType, arn)
	if err != nil {
		return nil, errMalformedARN(textInvitationARN)
	}
	r, err := c.Tx.Resource(arn)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, noInvitation(arn)
	case err != nil:
		return nil, err
	case !here(c, n) || r.Account != c.Account():
		return nil, noInvitation(arn)
	}
	i, err := decodeInvitation(r)
	if err == nil && i.forgotten(c.Now) {
		return nil, noInvitation(arn)
	}
	return i, err
}

func noInvitation(arn string) error {
	return errResourceShareInvitationARNNotFound("ResourceShareInvitation %s could not be found.", arn)
}

func isNoInvitation(err error) bool {
	return hasCode(err, errResourceShareInvitationARNNotFound("").Code)
}

func hasCode(err error, code string) bool {
	e, ok := errors.AsType[*awserr.Error](err)
	return ok && e.Code == code
}

// unsettled reads a received invitation that can still be answered.
func unsettled(c *operation.Call, arn string) (*invitation, error) {
	i, err := received(c, arn)
	if err != nil {
		return nil, err
	}
	switch i.status(c.Now) {
	case ResourceShareInvitationStatusAccepted:
		return nil, errResourceShareInvitationAlreadyAccepted("The invitation %s was already accepted.", arn)
	case ResourceShareInvitationStatusRejected:
		return nil, errResourceShareInvitationAlreadyRejected("The invitation %s was already rejected.", arn)
	case ResourceShareInvitationStatusExpired:
		return nil, errResourceShareInvitationExpired("The invitation %s has expired.", arn)
	}
	return i, nil
}

func (s *ram) acceptResourceShareInvitation(c *operation.Call, in *AcceptResourceShareInvitationInput) (*AcceptResourceShareInvitationOutput, error) {
	return once(c, apiAcceptResourceShareInvitation.Name, in.ClientToken, in, func() (*AcceptResourceShareInvitationOutput, error) {
		v, err := answer(c, in.ResourceShareInvitationARN, ResourceShareInvitationStatusAccepted, func(a *sharing.Association) {
			a.Status = sharing.Associated
		})
		return &AcceptResourceShareInvitationOutput{ResourceShareInvitation: v, ClientToken: in.ClientToken}, err
	})
}

func (s *ram) rejectResourceShareInvitation(c *operation.Call, in *RejectResourceShareInvitationInput) (*RejectResourceShareInvitationOutput, error) {
	return once(c, apiRejectResourceShareInvitation.Name, in.ClientToken, in, func() (*RejectResourceShareInvitationOutput, error) {
		v, err := answer(c, in.ResourceShareInvitationARN, ResourceShareInvitationStatusRejected, func(a *sharing.Association) {
			a.Status, a.Granted, a.StatusMessage = sharing.Failed, false, "The invitation was rejected."
		})
		return &RejectResourceShareInvitationOutput{ResourceShareInvitation: v, ClientToken: in.ClientToken}, err
	})
}

// answer settles an invitation, and with it the association that waits for it.
func answer(c *operation.Call, arn string, status ResourceShareInvitationStatus, settle func(*sharing.Association)) (*ResourceShareInvitation, error) {
	i, err := unsettled(c, arn)
	if err != nil {
		return nil, err
	}
	share, err := sharing.ReadShare(c.Tx, i.Share)
	if errors.Is(err, store.ErrNotFound) {
		err = noInvitation(arn)
	}
	if err != nil {
		return nil, err
	}
	a, waiting, err := associated(c, share, sharing.Principal, i.Principal)
	if err != nil {
		return nil, err
	}
	if !waiting || a.Status != sharing.Associating || !share.Deleted.IsZero() {
		return nil, noInvitation(arn)
	}
	settle(&a)
	if err := sharing.Associate(c, share, a); err != nil {
		return nil, err
	}
	i.Answer = status
	v := i.view(c.Now)
	return &v, i.put(c)
}

func (i *invitation) view(now time.Time) ResourceShareInvitation {
	v := ResourceShareInvitation{
		ResourceShareInvitationARN: &i.ARN, ResourceShareName: &i.ShareName, ResourceShareARN: &i.Share,
		SenderAccountID: &i.Sender, ReceiverAccountID: &i.Receiver,
		InvitationTimestamp: moment(i.Sent), Status: new(i.status(now)),
	}
	if i.Principal != i.Receiver {
		v.ReceiverARN = &i.Principal
	}
	return v
}

// getResourceShareInvitations lists what the caller's account has received; who
// sent an invitation does not see it here.
func (s *ram) getResourceShareInvitations(c *operation.Call, in *GetResourceShareInvitationsInput) (*GetResourceShareInvitationsOutput, error) {
	for _, arn := range in.ResourceShareInvitationARNs {
		if _, err := received(c, arn); err != nil {
			return nil, err
		}
	}
	for _, arn := range in.ResourceShareARNs {
		if _, err := parseName(shareType, arn); err != nil {
			return nil, errMalformedARN(textShareARN)
		}
	}
	wanted := func(i *invitation) bool {
		return (len(in.ResourceShareInvitationARNs) == 0 || slices.Contains(in.ResourceShareInvitationARNs, i.ARN)) &&
			(len(in.ResourceShareARNs) == 0 || slices.Contains(in.ResourceShareARNs, i.Share))
	}
	p, err := page(apiGetResourceShareInvitations.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceShareInvitation], error] {
		return view(receivedBy(c, c.Account(), "", after), func(i *invitation) (operation.Keyed[ResourceShareInvitation], bool, error) {
			return operation.Keyed[ResourceShareInvitation]{Key: i.ARN, Item: i.view(c.Now)}, wanted(i) && !i.forgotten(c.Now), nil
		})
	})
	return &GetResourceShareInvitationsOutput{ResourceShareInvitations: p.Items, NextToken: p.Next}, err
}

// listPendingInvitationResources shows what an invitation is about, as long as
// it can be accepted.
func (s *ram) listPendingInvitationResources(c *operation.Call, in *ListPendingInvitationResourcesInput) (*ListPendingInvitationResourcesOutput, error) {
	i, err := received(c, in.ResourceShareInvitationARN)
	if err != nil {
		return nil, err
	}
	if i.Answer == ResourceShareInvitationStatusAccepted {
		return nil, errInvalidParameter("The invitation %s was already accepted.", i.ARN)
	}
	if _, err := unsettled(c, i.ARN); err != nil {
		return nil, err
	}
	p, err := page(apiListPendingInvitationResources.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[Resource], error] {
		if !inScope(in.ResourceRegionScope) {
			return none[Resource]
		}
		in := sharing.AssociationQuery{Share: i.Share, Type: sharing.Resource}
		if after != "" {
			in.After = sharing.AssociationKey{Type: in.Type, Entity: after, Share: i.Share}
		}
		return view(sharing.Associations(c.Tx, in), func(a sharing.Association) (operation.Keyed[Resource], bool, error) {
			return operation.Keyed[Resource]{Key: a.Entity, Item: resourceView(a)}, true, nil
		})
	})
	return &ListPendingInvitationResourcesOutput{Resources: p.Items, NextToken: p.Next}, err
}
