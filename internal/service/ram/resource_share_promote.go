package ram

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// promoteResourceShareCreatedFromPolicy makes a share that follows a policy one
// that RAM manages. From then on others see it; accounts that are not of the
// owner's organization only once they have accepted an invitation.
// https://docs.aws.amazon.com/ram/latest/APIReference/API_PromoteResourceShareCreatedFromPolicy.html
func (s *ram) promoteResourceShareCreatedFromPolicy(c *operation.Call, in *PromoteResourceShareCreatedFromPolicyInput) (*PromoteResourceShareCreatedFromPolicyOutput, error) {
	share, err := ownShare(c, in.ResourceShareARN)
	if err != nil {
		return nil, err
	}
	if key := share.Policy; key != nil {
		// RAM puts a policy in the place of the one that the caller promotes.
		typ, _ := sharing.TypeOf(key.ARN)
		if err := c.Authorize(typ.PutAction, viaRAM(key.ARN)); err != nil {
			return nil, err
		}
	}
	switch err := sharing.Promote(c, share); {
	case errors.Is(err, sharing.ErrPromoted):
		return nil, errInvalidStateTransition("The resource share %s has been promoted already.", share.ARN)
	case errors.Is(err, sharing.ErrUnpromotable):
		return nil, errOperationNotPermitted("The resource share %s can't be promoted: its policy names an IAM role or user, or allows what no permission can.", share.ARN)
	case errors.Is(err, sharing.ErrUnmatched):
		return nil, errUnmatchedPolicyPermission(textUnmatched)
	case err != nil:
		return nil, err
	}
	if err := sharesQuota(c).take(c, 1); err != nil {
		return nil, err
	}
	var all, waiting []sharing.Association
	for a, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN}) {
		if err != nil {
			return nil, err
		}
		all = append(all, a)
		if a.Type == sharing.Principal && a.Status == sharing.Associating {
			waiting = append(waiting, a)
		}
	}
	for _, a := range waiting {
		if err := invite(c, share, a.Entity); err != nil {
			return nil, err
		}
	}
	for typ, n := range byType(all) {
		if err := associationsQuota(c, typ).take(c, n); err != nil {
			return nil, err
		}
	}
	return &PromoteResourceShareCreatedFromPolicyOutput{ReturnValue: new(true)}, nil
}
