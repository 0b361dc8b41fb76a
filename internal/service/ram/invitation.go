package ram

import (
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// The ARN of an invitation contains the sender's account. Its row has the receiver's
// account, by which it is listed.
// https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html
const (
	closedRetention = 7 * 24 * time.Hour // from sending; an invitation that is not pending is listed until then
	maxPending      = 20                 // per sender and region
)

// invitation is the record of an invitation.
type invitation struct {
	ARN      string    `json:"-"`
	Receiver string    `json:"-"` // 12 digits
	Sent     time.Time `json:"-"`

	Sender    string // 12 digits
	Share     string // ARN
	ShareName string
	Principal string                        // of the pending association: the receiver, or a role or user in it
	Answer    ResourceShareInvitationStatus `json:",omitempty"` // ACCEPTED or REJECTED; "" before the receiver answers
}

// status returns the status of an invitation at a time.
func (i *invitation) status(now time.Time) ResourceShareInvitationStatus {
	switch {
	case i.Answer != "":
		return i.Answer
	case sharing.InvitationExpired(i.Sent, now):
		return ResourceShareInvitationStatusExpired
	}
	return ResourceShareInvitationStatusPending
}

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

// unlisted reports whether an invitation is no longer listed. Its row may exist until
// its sender sends another invitation.
func (i *invitation) unlisted(now time.Time) bool {
	return i.status(now) != ResourceShareInvitationStatusPending && !now.Before(i.Sent.Add(closedRetention))
}

// sentInvitations yields the invitations that the caller's account sent in the region.
func sentInvitations(c *operation.Call) iter.Seq2[*invitation, error] {
	return queryInvitations(c, store.Query{Prefix: newName(c, invitationType, "").String()})
}

// receivedInvitations yields the invitations that the caller's account received in the
// region, starting after an ARN.
func receivedInvitations(c *operation.Call, after string) iter.Seq2[*invitation, error] {
	return queryInvitations(c, store.Query{
		Service: api.Name, Type: invitationType, Account: c.Account(), Region: c.Region, After: after,
	})
}

func queryInvitations(c *operation.Call, q store.Query) iter.Seq2[*invitation, error] {
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

// sendInvitations sends an invitation to the account of each principal. It deletes the
// invitations of the sender that are no longer listed.
func sendInvitations(c *operation.Call, share *sharing.Share, principals []string) error {
	if len(principals) == 0 {
		return nil
	}
	pending := len(principals)
	var old []string
	for i, err := range sentInvitations(c) {
		switch {
		case err != nil:
			return err
		case i.status(c.Now) == ResourceShareInvitationStatusPending:
			pending++
		case i.unlisted(c.Now):
			old = append(old, i.ARN)
		}
	}
	if pending > maxPending {
		return errResourceShareLimitExceeded("You have reached the limit of %d pending invitations.", maxPending)
	}
	for _, arn := range old {
		if err := c.Tx.DeleteResource(arn); err != nil {
			return err
		}
	}
	for _, principal := range principals {
		i := &invitation{
			ARN: newName(c, invitationType, c.NewShareID()).String(), Receiver: principalAccount(principal), Sent: c.Now,
			Sender: c.Account(), Share: share.ARN, ShareName: share.Name, Principal: principal,
		}
		if err := i.put(c); err != nil {
			return err
		}
	}
	return nil
}

// withdrawInvitations deletes the pending invitations of principals to a share.
func withdrawInvitations(c *operation.Call, share *sharing.Share, principals []string) error {
	if len(principals) == 0 {
		return nil
	}
	var withdrawn []string
	for i, err := range sentInvitations(c) {
		if err != nil {
			return err
		}
		if i.Share == share.ARN && slices.Contains(principals, i.Principal) && i.status(c.Now) == ResourceShareInvitationStatusPending {
			withdrawn = append(withdrawn, i.ARN)
		}
	}
	for _, arn := range withdrawn {
		if err := c.Tx.DeleteResource(arn); err != nil {
			return err
		}
	}
	return nil
}

// readInvitation reads an invitation that the caller's account received. It returns
// the same error for an invitation of another account as for one that does not exist.
func readInvitation(c *operation.Call, arn string) (*invitation, error) {
	n, err := parseName(invitationType, arn)
	if err != nil {
		return nil, errMalformedARN(textInvitationARN)
	}
	r, err := c.Tx.Resource(arn)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, errInvitationNotFound(arn)
	case err != nil:
		return nil, err
	case !inRegion(c, n) || r.Account != c.Account():
		return nil, errInvitationNotFound(arn)
	}
	i, err := decodeInvitation(r)
	if err == nil && i.unlisted(c.Now) {
		return nil, errInvitationNotFound(arn)
	}
	return i, err
}

func errInvitationNotFound(arn string) error {
	return errResourceShareInvitationARNNotFound("ResourceShareInvitation %s could not be found.", arn)
}

func isInvitationNotFound(err error) bool {
	return hasCode(err, errResourceShareInvitationARNNotFound("").Code)
}
