package kms

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// newKey returns the target of CreateKey.
func (s *kms) newKey(c *operation.Call, in *CreateKeyInput) (authz.Target, error) {
	target := createTarget(c, kindOf(in), isTrue(in.MultiRegion), isTrue(in.BypassPolicyLockoutSafetyCheck), in.Tags)
	if isTrue(in.MultiRegion) {
		target.Keys["kms:MultiRegionKeyType"] = []string{string(MultiRegionKeyTypePrimary)}
	}
	return target, nil
}

// createTarget returns the target of operations that create a key.
func createTarget(c *operation.Call, kind keys.Kind, multiRegion, bypass bool, tags []Tag) authz.Target {
	return authz.Target{ARN: "*", RequestTags: tagMap(tags), Keys: map[string][]string{
		"kms:BypassPolicyLockoutSafetyCheck": {strconv.FormatBool(bypass)},
		"kms:CallerAccount":                  {c.Account()},
		"kms:KeyOrigin":                      {kind.Origin},
		"kms:KeySpec":                        {kind.Spec},
		"kms:KeyUsage":                       {kind.Usage},
		"kms:MultiRegion":                    {strconv.FormatBool(multiRegion)},
	}}
}

// kindOf returns the kind of the requested key. Its spec is in two members.
func kindOf(in *CreateKeyInput) keys.Kind {
	spec := string(valueOr(in.KeySpec, KeySpecSymmetricDefault))
	if in.CustomerMasterKeySpec != nil {
		spec = string(*in.CustomerMasterKeySpec)
	}
	return keys.Kind{Spec: spec, Usage: string(valueOr(in.KeyUsage, KeyUsageTypeEncryptDecrypt)), Origin: string(valueOr(in.Origin, OriginTypeAwsKms))}
}

// checkKind returns an error for a kind of key that KMS or Writ does not support.
func checkKind(c *operation.Call, in *CreateKeyInput) error {
	kind := kindOf(in)
	switch {
	case in.KeySpec != nil && in.CustomerMasterKeySpec != nil:
		return notValid("KeySpec and CustomerMasterKeySpec are equivalent: specify one of them.")
	case kind.Spec == string(KeySpecSm2):
		return errUnsupportedOperation(textSM2)
	case in.KeyUsage == nil && !kind.IsSymmetric():
		return notValid("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
	case !slices.Contains(kind.Usages(), kind.Usage):
		return notValid("KeyUsage %s is not compatible with KeySpec %s", kind.Usage, kind.Spec)
	}
	return checkStore(c, in)
}

// prepareKey generates the secret of the key before the transaction, because generating an RSA key pair is
// slow. The handler reports errors in the request.
func (s *kms) prepareKey(_ *operation.Call, in *CreateKeyInput) any {
	secret, err := keys.NewSecret(kindOf(in))
	if err != nil {
		return nil
	}
	return secret
}

// optional returns nil for an empty text, so that the member is omitted.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func isTrue(b *bool) bool { return b != nil && *b }

// valueOr returns the value that p points to, or a default for nil.
func valueOr[T any](p *T, other T) T {
	if p == nil {
		return other
	}
	return *p
}

func (s *kms) createKey(c *operation.Call, in *CreateKeyInput) (*CreateKeyOutput, error) {
	if err := checkKind(c, in); err != nil {
		return nil, err
	}
	secret, _ := c.Prepared.([]byte)
	id := c.NewID()
	if isTrue(in.MultiRegion) {
		id = "mrk-" + strings.ReplaceAll(id, "-", "")
	}
	k, err := keys.New(c.Directory.Sealer, c.Scope(), kindOf(in), id, secret, c.Now)
	if err != nil {
		return nil, err
	}
	k.Description = valueOr(in.Description, "")
	if isTrue(in.MultiRegion) {
		k.MultiRegion = &keys.MultiRegion{Primary: k.Region, Regions: []keys.Region{{Name: k.Region}}}
	}
	if err := k.Write(c.Tx, c.Now); err != nil {
		return nil, err
	}
	if _, err := s.setTagsAndPolicy(c, k, in.Tags, in.Policy, isTrue(in.BypassPolicyLockoutSafetyCheck)); err != nil {
		return nil, err
	}
	metadata, err := describe(c, k)
	return &CreateKeyOutput{KeyMetadata: metadata}, err
}

// setTagsAndPolicy sets the tags and the policy of a new key, and returns the policy. Only a policy in the request is
// checked for a lockout of the caller.
func (s *kms) setTagsAndPolicy(c *operation.Call, k *keys.Key, tags []Tag, policy *string, bypass bool) (string, error) {
	if len(tags) > 0 {
		if err := authorizeTagging(c, k.Scope, tags); err != nil {
			return "", err
		}
		if err := addTags(c, k, tags); err != nil {
			return "", err
		}
	}
	if policy != nil {
		return *policy, s.setPolicy(c, k, *policy, bypass)
	}
	text := keys.DefaultPolicy(k.Scope)
	return text, k.SetPolicy(c.Tx, text, c.Now)
}

// authorizeTagging authorizes tagging of a new key. The new key's policy is not evaluated: the caller's own policies
// must cover all keys of the account.
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
func authorizeTagging(c *operation.Call, scope keys.Scope, tags []Tag) error {
	target, err := c.KeyTarget(keys.Found{ARN: scope.Key("*")}, operation.KeyUse{Operation: apiTagResource.Name})
	if err != nil {
		return err
	}
	target.RequestTags = tagMap(tags)
	return c.Authorize("kms:"+apiTagResource.Name, target)
}

// describe returns the KeyMetadata of a key.
func describe(c *operation.Call, k *keys.Key) (*KeyMetadata, error) {
	material, err := k.CurrentMaterialID(c.Directory.Sealer, c.Now)
	if err != nil {
		return nil, err
	}
	state := k.State(c.Now)
	m := &KeyMetadata{
		AWSAccountID:          &k.Account,
		KeyID:                 k.ID,
		ARN:                   new(k.ARN()),
		CreationDate:          timestamp(k.CreatedAt),
		Enabled:               new(state == keys.Enabled),
		Description:           &k.Description,
		KeyUsage:              new(KeyUsageType(k.Usage)),
		KeyState:              new(KeyState(state)),
		Origin:                new(OriginType(k.Origin)),
		KeyManager:            new(KeyManagerTypeCustomer),
		CustomerMasterKeySpec: new(CustomerMasterKeySpec(k.Spec)),
		KeySpec:               new(KeySpec(k.Spec)),
		MultiRegion:           new(k.MultiRegion != nil),
		CurrentKeyMaterialID:  optional(material),
	}
	setAlgorithms(m, k)
	if k.Manager != "" {
		m.KeyManager = new(KeyManagerTypeAws)
	}
	switch state {
	case keys.PendingDeletion:
		m.DeletionDate = timestamp(k.DeletionDate())
	case keys.PendingReplicaDeletion:
		m.PendingDeletionWindowInDays = &k.Window
	}
	if k.Origin == keys.External && state != keys.PendingImport && len(k.Imported) > 0 {
		m.ExpirationModel = new(ExpirationModelTypeKeyMaterialDoesNotExpire)
		if at := k.Expires(); !at.IsZero() {
			m.ExpirationModel, m.ValidTo = new(ExpirationModelTypeKeyMaterialExpires), timestamp(at)
		}
	}
	if k.MultiRegion != nil {
		m.MultiRegionConfiguration = multiRegion(c, k)
	}
	return m, nil
}

// setAlgorithms sets the algorithms of a key, under the name of its usage.
func setAlgorithms(m *KeyMetadata, k *keys.Key) {
	for _, algorithm := range k.Algorithms() {
		switch k.Usage {
		case keys.EncryptDecrypt:
			m.EncryptionAlgorithms = append(m.EncryptionAlgorithms, EncryptionAlgorithmSpec(algorithm))
		case keys.SignVerify:
			m.SigningAlgorithms = append(m.SigningAlgorithms, SigningAlgorithmSpec(algorithm))
		case keys.GenerateVerifyMac:
			m.MacAlgorithms = append(m.MacAlgorithms, MacAlgorithmSpec(algorithm))
		case keys.KeyAgreement:
			m.KeyAgreementAlgorithms = append(m.KeyAgreementAlgorithms, KeyAgreementAlgorithmSpec(algorithm))
		}
	}
}

// timestamp returns a time with the precision of outputs: milliseconds.
func timestamp(t time.Time) *time.Time { return new(t.Truncate(time.Millisecond)) }

// describeKeyTarget returns the target of DescribeKey.
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

// setEnabled enables or disables a key.
func (s *kms) setEnabled(c *operation.Call, name string, enabled bool) error {
	k, err := findActive(c, name)
	if err != nil {
		return err
	}
	if k.State(c.Now) == keys.PendingImport {
		return errKMSInvalidState("%s is pending import.", k.ARN())
	}
	k.Disabled = !enabled
	return k.Write(c.Tx, c.Now)
}

// Limits of the waiting period before deletion, in days.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
const (
	minWindow     = 7
	maxWindow     = 30
	defaultWindow = maxWindow
)

// scheduleKeyDeletionTarget returns the target of ScheduleKeyDeletion.
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
		return nil, notValid("PendingWindowInDays must be between %d and %d", minWindow, maxWindow)
	}
	k, err := findActive(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if err := k.ScheduleDeletion(c.Tx, days, c.Now); err != nil {
		return nil, err
	}
	out := &ScheduleKeyDeletionOutput{KeyID: new(k.ARN()), KeyState: new(KeyState(k.State(c.Now))), PendingWindowInDays: &days}
	if at := k.DeletionDate(); !at.IsZero() {
		out.DeletionDate = timestamp(at)
	}
	return out, nil
}

// cancelKeyDeletion cancels the deletion; the key is then disabled.
func (s *kms) cancelKeyDeletion(c *operation.Call, in *CancelKeyDeletionInput) (*CancelKeyDeletionOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if k.CheckNotPendingDeletion(c.Now) == nil {
		return nil, errKMSInvalidState("%s is not pending deletion.", k.ARN())
	}
	return &CancelKeyDeletionOutput{KeyID: new(k.ARN())}, k.CancelDeletion(c.Tx, c.Now)
}
