package secretsmanager

import (
	"errors"
	"fmt"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// updateSecretVersionStage moves a label from one version to another. The request must name the version that
// has it, so that only one of two concurrent moves succeeds.
func (sm *secretsManager) updateSecretVersionStage(c *operation.Call, in *UpdateSecretVersionStageInput) (*UpdateSecretVersionStageOutput, error) {
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	if err := checkMove(s, in); err != nil {
		return nil, err
	}
	if in.MoveToVersionID == nil {
		s.Detach(in.VersionStage)
	} else {
		s.Attach(in.VersionStage, *in.MoveToVersionID)
		noteRotation(c, s)
	}
	removed := s.Outdated(c.Now)
	if s.CountStages() > maxStages {
		return nil, errLimitExceeded(textQuota)
	}
	if err := s.DropValues(c, removed); err != nil {
		return nil, err
	}
	return &UpdateSecretVersionStageOutput{ARN: new(s.ARN()), Name: new(s.Name())}, save(c, s)
}

// checkMove returns an error for an invalid move of a label.
func checkMove(s *secrets.Secret, in *UpdateSecretVersionStageInput) error {
	stage, from, to := in.VersionStage, in.RemoveFromVersionID, in.MoveToVersionID
	holder := s.Staged(stage)
	for _, id := range []*string{from, to} {
		if id != nil && s.Version(*id) == nil {
			return errResourceNotFound("Secrets Manager can't find the specified secret value for VersionId: %s", *id)
		}
	}
	attached := func() string {
		return fmt.Sprintf("Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.", stage, holder.ID)
	}
	switch {
	case from == nil && to == nil:
		return errInvalidParameter("You must specify MoveToVersionId, RemoveFromVersionId, or both.")
	case holder == nil && from != nil:
		return errInvalidParameter("Staging label %s is not attached to version %s.", stage, *from)
	case holder != nil && from != nil && *from != holder.ID:
		return errInvalidParameter("%s", attached())
	case holder != nil && from == nil && *to != holder.ID:
		return errInvalidParameter("The parameter RemoveFromVersionId can't be empty. %s", attached())
	case to == nil && stage == secrets.Current:
		return errInvalidParameter("You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.")
	case to != nil && stage == secrets.Current && s.Version(*to).Empty:
		return errResourceNotFound("Secrets Manager can't find the specified secret value for VersionId: %s", *to)
	}
	return nil
}

// listSecretVersionIDs lists the versions, oldest first: by default only those with labels.
func (sm *secretsManager) listSecretVersionIDs(c *operation.Call, in *ListSecretVersionIdsInput) (*ListSecretVersionIdsOutput, error) {
	s, err := findSecretBy(secrets.FindCached, c, in.SecretID)
	if err != nil {
		return nil, err
	}
	name := apiListSecretVersionIds.Name
	after, err := operation.AfterToken(name, in.NextToken)
	if errors.Is(err, operation.ErrPageToken) {
		err = errInvalidNextToken(textNextToken)
	}
	if err != nil {
		return nil, err
	}
	versions := s.Versions
	if i := slices.IndexFunc(versions, func(v secrets.Version) bool { return v.ID == after }); i >= 0 {
		versions = versions[i+1:]
	}
	limit := maxList
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	page, err := operation.Paginate(name, limit, func(yield func(operation.Keyed[SecretVersionsListEntry], error) bool) {
		for _, v := range versions {
			if len(v.Stages) == 0 && !isTrue(in.IncludeDeprecated) {
				continue
			}
			if !yield(operation.Keyed[SecretVersionsListEntry]{Key: v.ID, Item: sm.versionEntry(s, v)}, nil) {
				return
			}
		}
	})
	return &ListSecretVersionIdsOutput{ARN: new(s.ARN()), Name: new(s.Name()), Versions: page.Items, NextToken: page.Next}, err
}

func (sm *secretsManager) versionEntry(s *secrets.Secret, v secrets.Version) SecretVersionsListEntry {
	e := SecretVersionsListEntry{
		VersionID: &v.ID, VersionStages: v.Stages, CreatedDate: timestamp(v.CreatedAt), LastAccessedDate: sm.accessed.last(s.ARN(), v.ID),
	}
	switch {
	case v.Empty:
	case v.KeyARN == "":
		e.KMSKeyIDs = []string{"DefaultEncryptionKey"}
	default:
		e.KMSKeyIDs = []string{v.KeyARN}
	}
	return e
}
