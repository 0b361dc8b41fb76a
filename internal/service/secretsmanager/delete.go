package secretsmanager

import (
	"strings"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// The limits of the recovery window, in days.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
const (
	minWindow     = 7
	maxWindow     = 30
	defaultWindow = 30
)

// deleteSecret schedules a secret for deletion, or deletes it immediately. An immediate deletion may name a
// secret that does not exist.
func (sm *secretsManager) deleteSecret(c *operation.Call, in *DeleteSecretInput) (*DeleteSecretOutput, error) {
	force := isTrue(in.ForceDeleteWithoutRecovery)
	days := int64(defaultWindow)
	if in.RecoveryWindowInDays != nil {
		days = *in.RecoveryWindowInDays
	}
	switch {
	case force && in.RecoveryWindowInDays != nil:
		return nil, errInvalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	case days < minWindow || days > maxWindow:
		return nil, errInvalidParameter("The RecoveryWindowInDays value must be between %d and %d days (inclusive).", minWindow, maxWindow)
	}
	if err := checkID(in.SecretID); err != nil {
		return nil, err
	}
	f, err := secrets.Find(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	s := f.Secret
	switch {
	case s == nil && force:
		return &DeleteSecretOutput{ARN: &f.ARN, Name: &f.Name, DeletionDate: timestamp(c.Now)}, nil
	case s == nil:
		return nil, errResourceNotFound(textNotFound)
	case s.Primary != "":
		return nil, errInvalidParameter(textReplica)
	case len(s.Replicas) > 0:
		var regions []string
		for _, r := range s.Replicas {
			regions = append(regions, r.Region)
		}
		return nil, errInvalidParameter("You can't delete secret %s that still has replica regions [%s]", in.SecretID, strings.Join(regions, ","))
	case s.IsDeleted() && !force:
		return nil, errInvalidRequest(textDeleted)
	}
	out := &DeleteSecretOutput{ARN: new(s.ARN()), Name: new(s.Name()), DeletionDate: timestamp(c.Now)}
	if force {
		return out, s.Delete(c)
	}
	s.DeletesAt = c.Now.Add(time.Duration(days) * 24 * time.Hour)
	out.DeletionDate = timestamp(s.DeletesAt)
	return out, s.Write(c)
}

// restoreSecret ends the recovery window of a secret; a secret without one is unchanged.
func (sm *secretsManager) restoreSecret(c *operation.Call, in *RestoreSecretInput) (*RestoreSecretOutput, error) {
	s, err := findSecret(c, in.SecretID)
	if err == nil && s.Primary != "" {
		err = errInvalidParameter(textReplica)
	}
	if err != nil {
		return nil, err
	}
	s.DeletesAt = time.Time{}
	return &RestoreSecretOutput{ARN: new(s.ARN()), Name: new(s.Name())}, s.Write(c)
}
