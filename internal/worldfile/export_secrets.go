package worldfile

import (
	"strings"

	"github.com/writdev/writ/internal/store"
)

// secret reads a secret with its current value. Replicas stand with their primary.
func (x *exporter) secret(k *kind, r store.Resource, e *Entry) (bool, error) {
	answer, err := x.describe(k, r)
	if err != nil {
		if strings.Contains(err.Error(), "ResourceNotFoundException") { // its recovery window is over
			return false, nil
		}
		return false, err
	}
	switch primary := answer["PrimaryRegion"]; {
	case answer["DeletedDate"] != nil:
		x.leave("secret that is to be deleted")
		return false, nil
	case primary != nil && primary != r.Region:
		return false, nil
	}
	x.keep(k, answer, e)
	delete(e.Members, "Name")
	if answer["RotationEnabled"] == true || answer["RotationRules"] != nil {
		x.leave("rotation of a secret")
	}
	stages, _ := answer["VersionIdsToStages"].(map[string]any)
	if len(stages) > 1 {
		x.leave("secret's versions but the current one")
	}
	var regions []any
	for _, replica := range items(answer["ReplicationStatus"]) {
		if replica["Status"] != "InSync" {
			x.leave("replica of a secret that is not in sync")
			continue
		}
		region := map[string]any{"Region": replica["Region"]}
		if key := replica["KmsKeyId"]; key != nil {
			region["KmsKeyId"] = key
		}
		regions = append(regions, region)
	}
	if regions != nil {
		e.Members["AddReplicaRegions"] = regions
	}
	if !hasStage(stages, "AWSCURRENT") {
		return true, nil
	}
	value, err := x.get(r.ARN, k.service, "GetSecretValue", map[string]any{k.by: r.ARN})
	if err != nil {
		x.leave("value of a secret that cannot be decrypted")
		return true, nil
	}
	for _, name := range []string{"SecretString", "SecretBinary"} {
		if value[name] != nil {
			e.Members[name] = value[name]
		}
	}
	return true, nil
}

// hasStage reports whether a version of a secret has a staging label.
func hasStage(versions map[string]any, stage string) bool {
	for _, of := range versions {
		for _, one := range texts(of) {
			if one == stage {
				return true
			}
		}
	}
	return false
}
