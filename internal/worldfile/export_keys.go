package worldfile

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/store"
)

// key reads a customer managed key, without its key material.
func (x *exporter) key(k *kind, r store.Resource, e *Entry) (bool, error) {
	answer, err := x.describe(k, r)
	switch {
	case err != nil:
		return false, err
	case answer["KeyManager"] != "CUSTOMER":
		return false, nil // made when a service needs it
	case answer["DeletionDate"] != nil, answer["KeyState"] == "PendingReplicaDeletion", answer["CustomKeyStoreId"] != nil:
		x.leave("key that is in a key store or to be deleted")
		return false, nil
	}
	x.keep(k, answer, e)
	replica := member(answer, "MultiRegionConfiguration.MultiRegionKeyType") == "REPLICA"
	if replica { // which has the rest of its primary key
		e.Members = map[string]any{}
		if text := answer["Description"]; text != nil && text != "" {
			e.Members["Description"] = text
		}
		e.Own["primary"] = member(answer, "MultiRegionConfiguration.PrimaryKey.Arn")
	}
	usable := answer["Origin"] != "EXTERNAL" // once it is loaded
	if !usable {
		if usable, err = x.material(r, answer, replica, e); err != nil {
			return false, err
		}
	}
	if answer["KeyState"] == "Disabled" && usable {
		e.Own["disabled"] = true
	}
	aliases, err := x.get(r.ARN, "kms", "ListAliases", map[string]any{"KeyId": r.Name})
	if err != nil {
		return false, err
	}
	var names []any
	for _, a := range items(aliases["Aliases"]) {
		names = append(names, a["AliasName"])
	}
	e.own("aliases", names)
	if err := x.grantsOfKey(r, usable, e); err != nil {
		return false, err
	}
	if replica || answer["KeySpec"] != "SYMMETRIC_DEFAULT" {
		return true, nil
	}
	return true, x.rotation(r, e)
}

// material reads whether a key has imported key material, which itself is not exported. It
// returns whether the key can be used once it is loaded: only symmetric keys that are no
// replicas get other material then.
func (x *exporter) material(r store.Resource, answer map[string]any, replica bool, e *Entry) (usable bool, err error) {
	if answer["KeyState"] == "PendingImport" {
		return false, nil
	}
	x.leave("secret of imported key material")
	if replica || answer["KeySpec"] != "SYMMETRIC_DEFAULT" {
		return false, nil
	}
	rotations, err := x.get(r.ARN, "kms", "ListKeyRotations", map[string]any{"KeyId": r.Name, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"})
	if err != nil {
		return false, err
	}
	material := new(Material)
	for _, one := range items(rotations["Rotations"]) {
		switch {
		case one["KeyMaterialState"] == "CURRENT":
			material.Description, _ = one["KeyMaterialDescription"].(string)
			if one["ValidTo"] != nil {
				x.leave("expiration of imported key material")
			}
		default:
			x.leave("imported key material that is not current")
		}
	}
	e.Own["material"] = material
	return true, nil
}

// rotation reads how often a key is rotated. Past rotations only concern ciphertexts.
func (x *exporter) rotation(r store.Resource, e *Entry) error {
	rotation, err := x.get(r.ARN, "kms", "GetKeyRotationStatus", map[string]any{"KeyId": r.Name})
	if err != nil || rotation["KeyRotationEnabled"] != true {
		return err
	}
	if days, ok := rotation["RotationPeriodInDays"].(json.Number); ok && days != usualPeriod {
		period, err := days.Int64()
		e.Own["rotationPeriodInDays"] = int(period)
		return err
	}
	e.Own["rotation"] = true
	return nil
}

// usualPeriod is the period of rotation where none is given, in days.
const usualPeriod = "365"

// grantsOfKey reads the grants of a key.
func (x *exporter) grantsOfKey(r store.Resource, usable bool, e *Entry) error {
	var list []Grant
	in := map[string]any{"KeyId": r.Name}
	for {
		answer, err := x.get(r.ARN, "kms", "ListGrants", in)
		if err != nil {
			return err
		}
		for _, one := range items(answer["Grants"]) {
			g := readGrant(one)
			switch {
			case !usable:
				x.leave("grant of a key without key material")
				continue
			case isID(g.GranteePrincipal) || isID(g.RetiringPrincipal):
				x.leave("grant of a principal that was deleted")
				continue
			case one["IssuingAccount"] != "arn:"+x.owner(r.ARN).Partition+":iam::"+r.Account+":root":
				x.leave("issuing account of a grant, if it is not the key's")
			}
			x.speaksOf(g.GranteePrincipal)
			x.speaksOf(g.RetiringPrincipal)
			list = append(list, g)
		}
		if answer["NextMarker"] == nil {
			break
		}
		in["Marker"] = answer["NextMarker"]
	}
	if list == nil {
		return nil
	}
	slices.SortFunc(list, func(a, b Grant) int { return strings.Compare(a.key(), b.key()) }) // their ids are random
	e.Own["grants"] = list
	return nil
}

// speaksOf declares the account of a principal.
func (x *exporter) speaksOf(principal string) {
	if arn.IsAccountID(principal) {
		x.accounts[principal] = true
		return
	}
	x.owner(principal)
}

func readGrant(one map[string]any) Grant {
	text := func(name string) string {
		s, _ := one[name].(string)
		return s
	}
	pairs := func(name string) map[string]string {
		found, _ := member(one, "Constraints."+name).(map[string]any)
		out := map[string]string{}
		for key, value := range found {
			out[key], _ = value.(string)
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	return Grant{
		GranteePrincipal: text("GranteePrincipal"), RetiringPrincipal: text("RetiringPrincipal"), Name: text("Name"), Operations: texts(one["Operations"]),
		EncryptionContextEquals: pairs("EncryptionContextEquals"), EncryptionContextSubset: pairs("EncryptionContextSubset"),
	}
}

// isID reports whether a principal is the unique id of one that was deleted.
func isID(principal string) bool {
	return principal != "" && !strings.HasPrefix(principal, "arn:") && !arn.IsAccountID(principal)
}

// key orders grants: no two that differ have the same.
func (g Grant) key() string {
	text, _ := json.Marshal(g) // strings alone
	return string(text)
}
