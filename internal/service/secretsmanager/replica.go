package secretsmanager

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

func (sm *secretsManager) replicateSecretToRegions(c *operation.Call, in *ReplicateSecretToRegionsInput) (*ReplicateSecretToRegionsOutput, error) {
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	if err := addReplicas(c, s, in.AddReplicaRegions, isTrue(in.ForceOverwriteReplicaSecret)); err != nil {
		return nil, err
	}
	return &ReplicateSecretToRegionsOutput{ARN: new(s.ARN()), ReplicationStatus: replication(s)}, s.Write(c)
}

// replicate calls addReplicas within another operation, for which the caller also needs that permission.
func replicate(c *operation.Call, s *secrets.Secret, regions []ReplicaRegionType, overwrite bool) error {
	t := authz.Target{ARN: s.ARN(), Keys: map[string][]string{}}
	k := condition(t.Keys)
	k.truth("ForceOverwriteReplicaSecret", &overwrite, false)
	k.regions(regions)
	if err := c.Authorize("secretsmanager:ReplicateSecretToRegions", t); err != nil {
		return err
	}
	return addReplicas(c, s, regions, overwrite)
}

// addReplicas adds replicas, or retries failed ones.
func addReplicas(c *operation.Call, s *secrets.Secret, regions []ReplicaRegionType, overwrite bool) error {
	for _, region := range regions {
		if region.Region == nil || *region.Region == s.Region() {
			return errInvalidParameter("Invalid replica region.")
		}
		if r := s.Replica(*region.Region); r == nil {
			s.Replicas = append(s.Replicas, secrets.Replica{Region: *region.Region, KeyID: ownKey(region.KMSKeyID)})
		} else if r.Failure == "" {
			return errInvalidParameter("Secret is already replicated to region %s.", r.Region)
		}
	}
	return s.Sync(c, overwrite)
}

// replication returns the state of all replicas.
func replication(s *secrets.Secret) []ReplicationStatusType {
	var list []ReplicationStatusType
	for _, r := range s.Replicas {
		status := ReplicationStatusType{Region: &r.Region, KMSKeyID: new(managedKey), Status: new(StatusTypeInSync)}
		if r.KeyID != "" {
			status.KMSKeyID = &r.KeyID
		}
		if r.Failure != "" {
			status.Status, status.StatusMessage = new(StatusTypeFailed), &r.Failure
		}
		list = append(list, status)
	}
	return list
}

func (sm *secretsManager) removeRegionsFromReplication(c *operation.Call, in *RemoveRegionsFromReplicationInput) (*RemoveRegionsFromReplicationOutput, error) {
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	for _, region := range in.RemoveReplicaRegions {
		if s.Replica(region) == nil {
			return nil, errInvalidParameter("Secret is not replicated to region %s.", region)
		}
		if err := s.Unreplicate(c, region); err != nil {
			return nil, err
		}
	}
	return &RemoveRegionsFromReplicationOutput{ARN: new(s.ARN()), ReplicationStatus: replication(s)}, s.Write(c)
}

// stopReplicationToReplica makes a replica an independent secret.
func (sm *secretsManager) stopReplicationToReplica(c *operation.Call, in *StopReplicationToReplicaInput) (*StopReplicationToReplicaOutput, error) {
	s, err := findSecret(c, in.SecretID)
	if err == nil && s.Primary == "" {
		err = errInvalidParameter("The secret is not a replica secret.")
	}
	if err != nil {
		return nil, err
	}
	if err := s.Promote(c); err != nil {
		return nil, err
	}
	return &StopReplicationToReplicaOutput{ARN: new(s.ARN())}, s.Write(c)
}
