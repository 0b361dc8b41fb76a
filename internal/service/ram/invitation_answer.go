package ram

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// readPendingInvitation reads an invitation that the caller can still answer.
func readPendingInvitation(c *operation.Call, arn string) (*invitation, error) {
	i, err := readInvitation(c, arn)
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
	return idempotent(c, apiAcceptResourceShareInvitation.Name, in.ClientToken, in, func() (*AcceptResourceShareInvitationOutput, error) {
		v, err := answerInvitation(c, in.ResourceShareInvitationARN, ResourceShareInvitationStatusAccepted, func(a *sharing.Association) {
			a.Status = sharing.Associated
		})
		return &AcceptResourceShareInvitationOutput{ResourceShareInvitation: v, ClientToken: in.ClientToken}, err
	})
}

func (s *ram) rejectResourceShareInvitation(c *operation.Call, in *RejectResourceShareInvitationInput) (*RejectResourceShareInvitationOutput, error) {
	return idempotent(c, apiRejectResourceShareInvitation.Name, in.ClientToken, in, func() (*RejectResourceShareInvitationOutput, error) {
		v, err := answerInvitation(c, in.ResourceShareInvitationARN, ResourceShareInvitationStatusRejected, func(a *sharing.Association) {
			a.Status, a.Granted, a.StatusMessage = sharing.Failed, false, "The invitation was rejected."
		})
		return &RejectResourceShareInvitationOutput{ResourceShareInvitation: v, ClientToken: in.ClientToken}, err
	})
}

// answerInvitation records the answer to an invitation and updates the pending
// association.
func answerInvitation(c *operation.Call, arn string, status ResourceShareInvitationStatus, update func(*sharing.Association)) (*ResourceShareInvitation, error) {
	i, err := readPendingInvitation(c, arn)
	if err != nil {
		return nil, err
	}
	share, err := sharing.ReadShare(c.Tx, i.Share)
	if errors.Is(err, store.ErrNotFound) {
		err = errInvitationNotFound(arn)
	}
	if err != nil {
		return nil, err
	}
	a, found, err := findAssociation(c, share, sharing.Principal, i.Principal)
	if err != nil {
		return nil, err
	}
	if !found || a.Status != sharing.Associating || !share.Deleted.IsZero() {
		return nil, errInvitationNotFound(arn)
	}
	update(&a)
	if err := sharing.Associate(c, share, a); err != nil {
		return nil, err
	}
	i.Answer = status
	v := i.output(c.Now)
	return &v, i.put(c)
}
