package kms

import (
	"fmt"
	"strconv"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// Rotation creates a new backing key. Ciphertexts of older ones can still be decrypted, and are not encrypted
// again. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html

const (
	defaultPeriod = 365 // days
	maxOnDemand   = 25  // rotations on demand of a key
)

// enableKeyRotationTarget returns the target of EnableKeyRotation.
func (s *kms) enableKeyRotationTarget(c *operation.Call, in *EnableKeyRotationInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiEnableKeyRotation.Name)
	if err == nil {
		target.Keys["kms:RotationPeriodInDays"] = []string{strconv.Itoa(valueOr(in.RotationPeriodInDays, defaultPeriod))}
	}
	return target, err
}

func (s *kms) enableKeyRotation(c *operation.Call, in *EnableKeyRotationInput) (*EnableKeyRotationOutput, error) {
	return &EnableKeyRotationOutput{}, setRotationPeriod(c, in.KeyID, valueOr(in.RotationPeriodInDays, defaultPeriod))
}

func (s *kms) disableKeyRotation(c *operation.Call, in *DisableKeyRotationInput) (*DisableKeyRotationOutput, error) {
	return &DisableKeyRotationOutput{}, setRotationPeriod(c, in.KeyID, 0)
}

// setRotationPeriod sets the rotation period of a key, in days; 0 disables rotation. If the
// period does not change, the next rotation date does not change either.
func setRotationPeriod(c *operation.Call, name string, days int) error {
	k, err := rotatable(c, name)
	if err != nil {
		return err
	}
	if k.Origin == keys.External {
		return errUnsupportedOperation("%s origin is EXTERNAL which is not valid for this operation.", k.ARN())
	}
	if k.Rotation.Days == days {
		return nil
	}
	k.SetRotation(days, c.Now)
	return k.WriteAll(c.Tx, c.Now)
}

// rotatable returns a usable symmetric key that is not a replica. AWS's error for other
// specs has no message.
func rotatable(c *operation.Call, name string) (*keys.Key, error) {
	k, err := findEnabled(c, name)
	switch {
	case err != nil:
		return nil, err
	case !k.IsSymmetric():
		return nil, errUnsupportedOperation("")
	case k.IsReplica():
		return nil, errUnsupportedOperation(textNotPrimary, k.ARN())
	}
	return k, nil
}

// getKeyRotationStatusTarget returns the target of GetKeyRotationStatus.
func (s *kms) getKeyRotationStatusTarget(c *operation.Call, in *GetKeyRotationStatusInput) (authz.Target, error) {
	target, _, err := keyTarget(c, in.KeyID, apiGetKeyRotationStatus.Name, nil)
	return target, err
}

func (s *kms) getKeyRotationStatus(c *operation.Call, in *GetKeyRotationStatusInput) (*GetKeyRotationStatusOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	out := &GetKeyRotationStatusOutput{KeyID: &k.ID, KeyRotationEnabled: new(k.Rotation.Days > 0 && k.CheckNotPendingDeletion(c.Now) == nil)}
	if *out.KeyRotationEnabled {
		out.RotationPeriodInDays, out.NextRotationDate = &k.Rotation.Days, timestamp(k.NextRotation(c.Now))
	}
	return out, nil
}

func (s *kms) rotateKeyOnDemand(c *operation.Call, in *RotateKeyOnDemandInput) (*RotateKeyOnDemandOutput, error) {
	k, err := rotatable(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if k.OnDemand() >= maxOnDemand {
		return nil, errLimitExceeded("The on-demand rotations limit has been reached for the given keyId. "+
			"No more on-demand rotations can be performed for this key: %s", k.ARN())
	}
	if k.Origin == keys.External {
		err = rotateImported(c, k)
	} else {
		k.Rotate(c.Now)
	}
	if err != nil {
		return nil, err
	}
	return &RotateKeyOnDemandOutput{KeyID: new(k.ARN())}, k.WriteAll(c.Tx, c.Now)
}

// rotateImported makes the imported material that is pending rotation current, in all regions.
func rotateImported(c *operation.Call, k *keys.Key) error {
	waiting, err := waitsForReplicas(c, k)
	if err != nil {
		return err
	}
	if waiting {
		return errKMSInvalidState("The key material pending rotation for the key %s is not imported into all its replica keys.", k.ARN())
	}
	return k.RotateImported(c.Now)
}

// waitsForReplicas reports whether the material that is pending rotation is missing in a
// replica.
func waitsForReplicas(c *operation.Call, k *keys.Key) (bool, error) {
	others, err := k.RelatedKeys(c.Tx, c.Now)
	if err != nil || k.PendingMaterial() == nil {
		return false, err
	}
	for _, other := range others {
		if m := other.PendingMaterial(); m == nil || !m.IsPresent(c.Now) {
			return true, nil
		}
	}
	return false, nil
}

// listKeyRotations lists the rotations of a key, or all its backing keys, oldest first.
func (s *kms) listKeyRotations(c *operation.Call, in *ListKeyRotationsInput) (*ListKeyRotationsOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if !k.IsSymmetric() {
		return nil, errUnsupportedOperation("")
	}
	describe := derivedMaterials
	if k.Origin == keys.External {
		describe = importedMaterials
	}
	materials, err := describe(c, k)
	if err != nil {
		return nil, err
	}
	all := valueOr(in.IncludeKeyMaterial, IncludeKeyMaterialRotationsOnly) == IncludeKeyMaterialAllKeyMaterial
	var numbers []int
	for i, m := range materials {
		if all || m.RotationDate != nil {
			numbers = append(numbers, i)
		}
	}
	p, err := page(apiListKeyRotations.Name, longPages, in.Limit, in.Marker, numbers, func(i int) string { return fmt.Sprintf("%06d", i) })
	if err != nil {
		return nil, err
	}
	out := &ListKeyRotationsOutput{Rotations: []RotationsListEntry{}, NextMarker: p.Next, Truncated: new(p.Next != nil)}
	for _, i := range p.Items {
		out.Rotations = append(out.Rotations, materials[i])
	}
	return out, nil
}

// derivedMaterials returns the backing keys that KMS generated: the first, and one for each
// rotation.
func derivedMaterials(c *operation.Call, k *keys.Key) ([]RotationsListEntry, error) {
	rotated := k.Rotations(c.Now)
	var list []RotationsListEntry
	for generation := range len(rotated) + 1 {
		id, err := k.MaterialID(c.Directory.Sealer, generation)
		if err != nil {
			return nil, err
		}
		entry := RotationsListEntry{KeyID: &k.ID, KeyMaterialID: &id, KeyMaterialState: new(KeyMaterialStateNonCurrent)}
		if generation == len(rotated) {
			entry.KeyMaterialState = new(KeyMaterialStateCurrent)
		}
		if generation > 0 {
			r := rotated[generation-1]
			entry.RotationDate, entry.RotationType = timestamp(r.At), new(RotationTypeAutomatic)
			if r.OnDemand {
				entry.RotationType = new(RotationTypeOnDemand)
			}
		}
		list = append(list, entry)
	}
	return list, nil
}

// importedMaterials returns the backing keys that were imported.
func importedMaterials(c *operation.Call, k *keys.Key) ([]RotationsListEntry, error) {
	waiting, err := waitsForReplicas(c, k)
	if err != nil {
		return nil, err
	}
	var list []RotationsListEntry
	for i := range k.Imported {
		m := &k.Imported[i]
		entry := RotationsListEntry{
			KeyID: &k.ID, KeyMaterialID: &m.ID, KeyMaterialDescription: optional(m.Description), KeyMaterialState: new(KeyMaterialStateNonCurrent),
			ImportState: new(ImportStatePendingImport), ExpirationModel: new(ExpirationModelTypeKeyMaterialDoesNotExpire),
		}
		switch next := i + 1; {
		case m.Pending && waiting:
			entry.KeyMaterialState = new(KeyMaterialStatePendingMultiRegionImportAndRotation)
		case m.Pending:
			entry.KeyMaterialState = new(KeyMaterialStatePendingRotation)
		case next == len(k.Imported) || k.Imported[next].Pending:
			entry.KeyMaterialState = new(KeyMaterialStateCurrent)
		}
		if m.IsPresent(c.Now) {
			entry.ImportState = new(ImportStateImported)
		}
		if !m.ValidTo.IsZero() {
			entry.ExpirationModel, entry.ValidTo = new(ExpirationModelTypeKeyMaterialExpires), timestamp(m.ValidTo)
		}
		if !m.RotatedAt.IsZero() {
			entry.RotationDate, entry.RotationType = timestamp(m.RotatedAt), new(RotationTypeOnDemand)
		}
		list = append(list, entry)
	}
	return list, nil
}
