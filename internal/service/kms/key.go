package kms

import (
	"strconv"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// newKey is the target of CreateKey.
func (s *kms) newKey(c *operation.Call, in *CreateKeyInput) (authz.Target, error) {
	return authz.Target{ARN: "*", RequestTags: tagMap(in.Tags), Keys: map[string][]string{
		"kms:BypassPolicyLockoutSafetyCheck": {strconv.FormatBool(isTrue(in.BypassPolicyLockoutSafetyCheck))},
		"kms:CallerAccount":                  {c.Account()},
		"kms:KeyOrigin":                      {string(valueOr(in.Origin, OriginTypeAwsKms))},
		"kms:KeySpec":                        {keySpec(in)},
		"kms:KeyUsage":                       {string(valueOr(in.KeyUsage, KeyUsageTypeEncryptDecrypt))},
		"kms:MultiRegion":                    {strconv.FormatBool(isTrue(in.MultiRegion))},
	}}, nil
}

// keySpec is the kind of key that is asked for, under one of its two names.
func keySpec(in *CreateKeyInput) string {
	if in.CustomerMasterKeySpec != nil {
		return string(*in.CustomerMasterKeySpec)
	}
	return string(valueOr(in.KeySpec, KeySpecSymmetricDefault))
}

func isTrue(b *bool) bool { return b != nil && *b }

// valueOr is the value that p points to, or if there is none another.
func valueOr[T any](p *T, other T) T {
	if p == nil {
		return other
	}
	return *p
}

func (s *kms) createKey(c *operation.Call, in *CreateKeyInput) (*CreateKeyOutput, error) {
	switch {
	case in.KeySpec != nil && in.CustomerMasterKeySpec != nil:
		return nil, notValid("KeySpec and CustomerMasterKeySpec mean the same: give one of them.")
	case keySpec(in) != string(KeySpecSymmetricDefault), valueOr(in.KeyUsage, KeyUsageTypeEncryptDecrypt) != KeyUsageTypeEncryptDecrypt:
		return nil, errUnsupportedOperation("Writ serves keys of KeySpec SYMMETRIC_DEFAULT and KeyUsage ENCRYPT_DECRYPT only.")
	case valueOr(in.Origin, OriginTypeAwsKms) != OriginTypeAwsKms, in.CustomKeyStoreID != nil, in.XksKeyID != nil:
		return nil, errUnsupportedOperation("Writ serves keys of Origin AWS_KMS only.")
	case isTrue(in.MultiRegion):
		return nil, errUnsupportedOperation("Writ serves keys of one region only.")
	}
	k := keys.New(c.Directory.Sealer, c.Scope(), c.NewID(), c.Now)
	k.Description = valueOr(in.Description, "")
	if err := k.Write(c.Tx, c.Now); err != nil {
		return nil, err
	}
	if len(in.Tags) > 0 {
		if err := mayTag(c, in.Tags); err != nil {
			return nil, err
		}
		if err := addTags(c, k, in.Tags); err != nil {
			return nil, err
		}
	}
	// Only a policy that is given is checked for locking its author out.
	if in.Policy == nil {
		if err := k.SetPolicy(c.Tx, keys.DefaultPolicy(k.Scope), c.Now); err != nil {
			return nil, err
		}
	} else if err := s.setPolicy(c, k, *in.Policy, isTrue(in.BypassPolicyLockoutSafetyCheck)); err != nil {
		return nil, err
	}
	metadata, err := describe(c, k)
	return &CreateKeyOutput{KeyMetadata: metadata}, err
}

// mayTag asks whether the caller may tag the key that it is about to make. What the
// key's policy will say does not count: the caller's own policies must cover all keys
// of the account.
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
func mayTag(c *operation.Call, tags []Tag) error {
	target, err := c.KeyTarget(keys.Found{ARN: c.Scope().Key("*")}, operation.KeyUse{Operation: apiTagResource.Name})
	if err != nil {
		return err
	}
	target.RequestTags = tagMap(tags)
	return c.Authorize("kms:"+apiTagResource.Name, target)
}

// describe is what answers tell of a key.
func describe(c *operation.Call, k *keys.Key) (*KeyMetadata, error) {
	id, err := k.MaterialID(c.Directory.Sealer, len(k.Rotations(c.Now)))
	if err != nil {
		return nil, err
	}
	m := &KeyMetadata{
		AWSAccountID:          &k.Account,
		KeyID:                 k.ID,
		ARN:                   new(k.ARN()),
		CreationDate:          timestamp(k.CreatedAt),
		Enabled:               new(k.State() == keys.Enabled),
		Description:           &k.Description,
		KeyUsage:              new(KeyUsageTypeEncryptDecrypt),
		KeyState:              new(KeyState(k.State())),
		Origin:                new(OriginTypeAwsKms),
		KeyManager:            new(KeyManagerTypeCustomer),
		CustomerMasterKeySpec: new(CustomerMasterKeySpecSymmetricDefault),
		KeySpec:               new(KeySpecSymmetricDefault),
		EncryptionAlgorithms:  []EncryptionAlgorithmSpec{EncryptionAlgorithmSpecSymmetricDefault},
		MultiRegion:           new(false),
		CurrentKeyMaterialID:  &id,
	}
	if k.Manager != "" {
		m.KeyManager = new(KeyManagerTypeAws)
	}
	if k.State() == keys.PendingDeletion {
		m.DeletionDate = timestamp(k.DeletionAt)
	}
	return m, nil
}

// timestamp is an instant as answers give it: to the millisecond.
func timestamp(t time.Time) *time.Time { return new(t.Truncate(time.Millisecond)) }

// describeKeyTarget is the target of DescribeKey.
func (s *kms) describeKeyTarget(c *operation.Call, in *DescribeKeyInput) (authz.Target, error) {
	found, err := c.ProvideKey(in.KeyID)
	if err != nil {
		return authz.Target{}, err
	}
	return c.KeyTarget(found, operation.KeyUse{Operation: apiDescribeKey.Name})
}

func (s *kms) describeKey(c *operation.Call, in *DescribeKeyInput) (*DescribeKeyOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	metadata, err := describe(c, k)
	return &DescribeKeyOutput{KeyMetadata: metadata}, err
}

func (s *kms) listKeys(c *operation.Call, in *ListKeysInput) (*ListKeysOutput, error) {
	list, err := keys.List(c.Tx, c.Scope(), c.Now)
	if err != nil {
		return nil, err
	}
	p, err := page(apiListKeys.Name, longPages, in.Limit, in.Marker, list, func(k *keys.Key) string { return k.ID })
	out := &ListKeysOutput{Keys: []KeyListEntry{}, NextMarker: p.Next, Truncated: new(p.Next != nil)}
	for _, k := range p.Items {
		out.Keys = append(out.Keys, KeyListEntry{KeyID: &k.ID, KeyARN: new(k.ARN())})
	}
	return out, err
}

func (s *kms) updateKeyDescription(c *operation.Call, in *UpdateKeyDescriptionInput) (*UpdateKeyDescriptionOutput, error) {
	k, err := findActive(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	k.Description = in.Description
	return &UpdateKeyDescriptionOutput{}, k.Write(c.Tx, c.Now)
}

func (s *kms) enableKey(c *operation.Call, in *EnableKeyInput) (*EnableKeyOutput, error) {
	return &EnableKeyOutput{}, s.setEnabled(c, in.KeyID, true)
}

func (s *kms) disableKey(c *operation.Call, in *DisableKeyInput) (*DisableKeyOutput, error) {
	return &DisableKeyOutput{}, s.setEnabled(c, in.KeyID, false)
}

// setEnabled enables a key, or disables it.
func (s *kms) setEnabled(c *operation.Call, name string, enabled bool) error {
	k, err := findActive(c, name)
	if err != nil {
		return err
	}
	k.Disabled = !enabled
	return k.Write(c.Tx, c.Now)
}

// How many days a key waits for its deletion.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
const (
	minWindow     = 7
	maxWindow     = 30
	defaultWindow = maxWindow
)

// scheduleKeyDeletionTarget is the target of ScheduleKeyDeletion.
func (s *kms) scheduleKeyDeletionTarget(c *operation.Call, in *ScheduleKeyDeletionInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiScheduleKeyDeletion.Name)
	if err == nil {
		target.Keys["kms:ScheduleKeyDeletionPendingWindowInDays"] = []string{strconv.Itoa(valueOr(in.PendingWindowInDays, defaultWindow))}
	}
	return target, err
}

func (s *kms) scheduleKeyDeletion(c *operation.Call, in *ScheduleKeyDeletionInput) (*ScheduleKeyDeletionOutput, error) {
	days := valueOr(in.PendingWindowInDays, defaultWindow)
	if days < minWindow || days > maxWindow {
		return nil, notValid("PendingWindowInDays is %d; it must be from %d to %d.", days, minWindow, maxWindow)
	}
	k, err := findActive(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	k.Window, k.DeletionAt = days, c.Now.AddDate(0, 0, days)
	return &ScheduleKeyDeletionOutput{
		KeyID: new(k.ARN()), DeletionDate: timestamp(k.DeletionAt), KeyState: new(KeyState(k.State())), PendingWindowInDays: &days,
	}, k.Write(c.Tx, c.Now)
}

// cancelKeyDeletion leaves the key disabled.
func (s *kms) cancelKeyDeletion(c *operation.Call, in *CancelKeyDeletionInput) (*CancelKeyDeletionOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if k.State() != keys.PendingDeletion {
		return nil, errKMSInvalidState("%s is not pending deletion.", k.ARN())
	}
	k.Window, k.DeletionAt, k.Disabled = 0, time.Time{}, true
	return &CancelKeyDeletionOutput{KeyID: new(k.ARN())}, k.Write(c.Tx, c.Now)
}
