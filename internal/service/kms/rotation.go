package kms

import (
	"fmt"
	"strconv"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// Rotation gives a key a new backing key. What the older ones encrypted is
// decrypted as before, and is not encrypted again.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html

const (
	defaultPeriod = 365 // days
	maxOnDemand   = 25  // rotations on demand of a key
)

// enableKeyRotationTarget is the target of EnableKeyRotation.
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

// setRotationPeriod sets the period of a key, in days; 0 is none. The period that it
// has goes on.
func setRotationPeriod(c *operation.Call, name string, days int) error {
	k, err := findEnabled(c, name)
	if err != nil || k.Rotation.Days == days {
		return err
	}
	k.SetRotation(days, c.Now)
	return k.Write(c.Tx, c.Now)
}

// getKeyRotationStatusTarget is the target of GetKeyRotationStatus.
func (s *kms) getKeyRotationStatusTarget(c *operation.Call, in *GetKeyRotationStatusInput) (authz.Target, error) {
	target, _, err := keyTarget(c, in.KeyID, apiGetKeyRotationStatus.Name, nil)
	return target, err
}

func (s *kms) getKeyRotationStatus(c *operation.Call, in *GetKeyRotationStatusInput) (*GetKeyRotationStatusOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	out := &GetKeyRotationStatusOutput{KeyID: new(k.ARN()), KeyRotationEnabled: new(k.Rotation.Days > 0 && k.Stays() == nil)}
	if *out.KeyRotationEnabled {
		out.RotationPeriodInDays, out.NextRotationDate = &k.Rotation.Days, timestamp(k.NextRotation(c.Now))
	}
	return out, nil
}

func (s *kms) rotateKeyOnDemand(c *operation.Call, in *RotateKeyOnDemandInput) (*RotateKeyOnDemandOutput, error) {
	k, err := findEnabled(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if k.OnDemand() >= maxOnDemand {
		return nil, errLimitExceeded("A key may be rotated on demand at most %d times.", maxOnDemand)
	}
	k.Rotate(c.Now)
	return &RotateKeyOnDemandOutput{KeyID: new(k.ARN())}, k.Write(c.Tx, c.Now)
}

func (s *kms) listKeyRotations(c *operation.Call, in *ListKeyRotationsInput) (*ListKeyRotationsOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	rotated := k.Rotations(c.Now)
	first := 1 // generation 0 is the backing key that the key was made with
	if valueOr(in.IncludeKeyMaterial, IncludeKeyMaterialRotationsOnly) == IncludeKeyMaterialAllKeyMaterial {
		first = 0
	}
	var generations []int
	for g := first; g <= len(rotated); g++ {
		generations = append(generations, g)
	}
	p, err := page(apiListKeyRotations.Name, longPages, in.Limit, in.Marker, generations, func(g int) string { return fmt.Sprintf("%06d", g) })
	if err != nil {
		return nil, err
	}
	out := &ListKeyRotationsOutput{Rotations: []RotationsListEntry{}, NextMarker: p.Next, Truncated: new(p.Next != nil)}
	for _, g := range p.Items {
		entry, err := describeRotation(c, k, rotated, g)
		if err != nil {
			return nil, err
		}
		out.Rotations = append(out.Rotations, entry)
	}
	return out, nil
}

func describeRotation(c *operation.Call, k *keys.Key, rotated []keys.Rotated, generation int) (RotationsListEntry, error) {
	id, err := k.MaterialID(c.Directory.Sealer, generation)
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
	return entry, err
}
