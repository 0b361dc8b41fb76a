package ram

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// promoteResourceShareCreatedFromPolicy turns a share created from a policy into one
// that RAM manages. Consumers can then see it; those outside the owner's organization
// must first accept an invitation.
// https://docs.aws.amazon.com/ram/latest/APIReference/API_PromoteResourceShareCreatedFromPolicy.html
func (s *ram) promoteResourceShareCreatedFromPolicy(c *operation.Call, in *PromoteResourceShareCreatedFromPolicyInput) (*PromoteResourceShareCreatedFromPolicyOutput, error) {
	share, err := readOwnShare(c, in.ResourceShareARN)
	if err != nil {
		return nil, err
	}
	if key := share.Policy; key != nil {
		// RAM replaces the resource-based policy on the caller's behalf.
		typ, _ := sharing.TypeOf(key.ARN)
		if err := c.Authorize(typ.PutAction, viaRAM(key.ARN)); err != nil {
			return nil, err
		}
	}
	switch err := sharing.Promote(c, share); {
	case errors.Is(err, sharing.ErrPromoted):
		return nil, errInvalidStateTransition("The resource share %s has been promoted already.", share.ARN)
	case errors.Is(err, sharing.ErrUnpromotable):
		return nil, errOperationNotPermitted("The resource share %s can't be promoted: its policy names an IAM role or user, or grants access that no permission can grant.", share.ARN)
	case errors.Is(err, sharing.ErrUnmatched):
		return nil, errUnmatchedPolicyPermission(textUnmatched)
	case err != nil:
		return nil, err
	}
	if err := sharesQuota(c).reserve(c, 1); err != nil {
		return nil, err
	}
	all, err := loadAssociations(c, share)
	if err != nil {
		return nil, err
	}
	if err := sendInvitations(c, share, pending(all)); err != nil {
		return nil, err
	}
	for typ, n := range countByType(all) {
		if err := associationsQuota(c, typ).reserve(c, n); err != nil {
			return nil, err
		}
	}
	return &PromoteResourceShareCreatedFromPolicyOutput{ReturnValue: new(true)}, nil
}
