package kms

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// replicateKeyTarget returns the target of ReplicateKey.
func (s *kms) replicateKeyTarget(c *operation.Call, in *ReplicateKeyInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiReplicateKey.Name)
	if err == nil {
		target.Keys["kms:ReplicaRegion"] = []string{in.ReplicaRegion}
	}
	return target, err
}

// findPrimary returns a primary key that can be used now.
func findPrimary(c *operation.Call, name string) (*keys.Key, error) {
	k, err := findEnabled(c, name)
	if err != nil {
		return nil, err
	}
	if k.MultiRegion == nil || k.IsReplica() {
		return nil, errUnsupportedOperation(textNotPrimary, k.ARN())
	}
	return k, nil
}

// replicateKey also requires permission to create a key in the other region. As in AWS the output reports
// that the replica is being created; it exists immediately.
func (s *kms) replicateKey(c *operation.Call, in *ReplicateKeyInput) (*ReplicateKeyOutput, error) {
	k, err := findPrimary(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	scope := k.In(in.ReplicaRegion)
	if found, err := keys.Find(c.Tx, scope, k.ID, c.Now); err != nil || found.Key != nil {
		return nil, firstError(err, errAlreadyExists("The region %s already has the key %s.", in.ReplicaRegion, k.ID))
	}
	if err := c.Authorize("kms:"+apiCreateKey.Name, newReplica(c, k, in)); err != nil {
		return nil, err
	}
	replica, err := k.Replicate(c.Tx, in.ReplicaRegion, valueOr(in.Description, ""), c.Now)
	if err != nil {
		return nil, err
	}
	policy, err := s.setTagsAndPolicy(c, replica, in.Tags, in.Policy, isTrue(in.BypassPolicyLockoutSafetyCheck))
	if err != nil {
		return nil, err
	}
	metadata, err := describe(c, replica)
	if err != nil {
		return nil, err
	}
	metadata.KeyState, metadata.Enabled = new(KeyState(keys.Creating)), new(false)
	return &ReplicateKeyOutput{ReplicaKeyMetadata: metadata, ReplicaPolicy: &policy, ReplicaTags: append([]Tag{}, in.Tags...)}, nil
}

func firstError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// newReplica returns the target of the CreateKey in ReplicateKey.
func newReplica(c *operation.Call, k *keys.Key, in *ReplicateKeyInput) authz.Target {
	target := createTarget(c, k.Kind, true, isTrue(in.BypassPolicyLockoutSafetyCheck), in.Tags)
	target.Keys["kms:MultiRegionKeyType"] = []string{string(MultiRegionKeyTypeReplica)}
	return target
}

// updatePrimaryRegionTarget returns the target of UpdatePrimaryRegion: the current primary
// key.
func (s *kms) updatePrimaryRegionTarget(c *operation.Call, in *UpdatePrimaryRegionInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiUpdatePrimaryRegion.Name)
	if err == nil {
		target.Keys["kms:PrimaryRegion"] = []string{in.PrimaryRegion}
	}
	return target, err
}

// updatePrimaryRegion also requires permission for the replica.
func (s *kms) updatePrimaryRegion(c *operation.Call, in *UpdatePrimaryRegionInput) (*UpdatePrimaryRegionOutput, error) {
	k, err := findPrimary(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if in.PrimaryRegion == k.Region {
		return nil, notValid("%s is already the primary region of the key %s.", in.PrimaryRegion, k.ID)
	}
	found, err := keys.Find(c.Tx, k.In(in.PrimaryRegion), k.ID, c.Now)
	if err != nil {
		return nil, err
	}
	target, err := c.KeyTarget(found, operation.KeyUse{Operation: apiUpdatePrimaryRegion.Name, Keys: map[string]string{"kms:PrimaryRegion": in.PrimaryRegion}})
	if err != nil {
		return nil, err
	}
	if err := c.Authorize("kms:"+apiUpdatePrimaryRegion.Name, target); err != nil {
		return nil, err
	}
	replica, err := found.Existing()
	if err != nil {
		return nil, err
	}
	if err := replica.CheckUsable(c.Now); err != nil {
		return nil, err
	}
	k.MultiRegion.Primary = in.PrimaryRegion
	return &UpdatePrimaryRegionOutput{}, k.WriteAll(c.Tx, c.Now)
}

// multiRegion describes the related keys of a key.
func multiRegion(c *operation.Call, k *keys.Key) *MultiRegionConfiguration {
	in := func(region string) MultiRegionKey {
		return MultiRegionKey{ARN: new(k.In(region).Key(k.ID)), Region: &region}
	}
	m := &MultiRegionConfiguration{
		MultiRegionKeyType: new(MultiRegionKeyType(k.MultiRegionType())), PrimaryKey: new(in(k.MultiRegion.Primary)), ReplicaKeys: []MultiRegionKey{},
	}
	for _, region := range k.Replicas(c.Now) {
		m.ReplicaKeys = append(m.ReplicaKeys, in(region))
	}
	return m
}
