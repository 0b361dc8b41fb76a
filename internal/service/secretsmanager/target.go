package secretsmanager

import (
	"strconv"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// Condition keys of requests. Boolean members always have a condition key, so that a condition on false also
// matches an omitted member; other members have one only if the request contains them.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html#awssecretsmanager-policy-keys

// targetOf returns the target for a secret id in a request.
func targetOf(c *operation.Call, id string) (authz.Target, error) {
	f, err := secrets.FindCached(c, id)
	return secrets.Target(f, id), err
}

// onSecret returns the target function of operations whose requests have no condition keys.
func onSecret[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) { return targetOf(c, member(in)) }
}

// targetWithKeys is onSecret with condition keys.
func targetWithKeys(c *operation.Call, id string, set func(condition)) (authz.Target, error) {
	t, err := targetOf(c, id)
	if err != nil {
		return t, err
	}
	set(t.Keys)
	return t, nil
}

// condition holds the condition keys of a target, by their names in this service.
type condition map[string][]string

func (k condition) text(name string, value *string) {
	if value != nil {
		k[api.Name+":"+name] = []string{*value}
	}
}

func (k condition) truth(name string, value *bool, otherwise bool) {
	if value != nil {
		otherwise = *value
	}
	k[api.Name+":"+name] = []string{strconv.FormatBool(otherwise)}
}

func (k condition) regions(list []ReplicaRegionType) {
	for _, r := range list {
		if r.Region != nil {
			k[api.Name+":AddReplicaRegions"] = append(k[api.Name+":AddReplicaRegions"], *r.Region)
		}
	}
}

// key sets both condition keys for the KMS key of a request: the name in the request, and the ARN of the key.
func (k condition) key(c *operation.Call, id *string) error {
	k.text("KmsKeyId", id)
	if id == nil || *id == "" {
		return nil
	}
	found, err := c.FindKey(*id)
	if err != nil {
		return keyError(err, errEncryptionFailure(textNotEncrypted))
	}
	k.text("KmsKeyArn", &found.ARN)
	return nil
}

func createTarget(c *operation.Call, in *CreateSecretInput) (authz.Target, error) {
	f, err := secrets.FindCached(c, in.Name)
	if err != nil {
		return authz.Target{}, err
	}
	t := authz.Target{ARN: f.ARN, RequestTags: tagMap(in.Tags), Keys: map[string][]string{}}
	if f.Secret == nil {
		t.ARN = secrets.NewName(c, in.Name).ARN()
	}
	k := condition(t.Keys)
	k.text("Name", &in.Name)
	k.text("Description", in.Description)
	k.text("Type", in.Type)
	k.truth("ForceOverwriteReplicaSecret", in.ForceOverwriteReplicaSecret, false)
	k.regions(in.AddReplicaRegions)
	return t, k.key(c, in.KMSKeyID)
}

func updateTarget(c *operation.Call, in *UpdateSecretInput) (authz.Target, error) {
	t, err := targetOf(c, in.SecretID)
	if err != nil {
		return t, err
	}
	k := condition(t.Keys)
	k.text("Description", in.Description)
	k.text("Type", in.Type)
	return t, k.key(c, in.KMSKeyID)
}

func deleteTarget(c *operation.Call, in *DeleteSecretInput) (authz.Target, error) {
	return targetWithKeys(c, in.SecretID, func(k condition) {
		k.truth("ForceDeleteWithoutRecovery", in.ForceDeleteWithoutRecovery, false)
		if in.RecoveryWindowInDays != nil {
			k.text("RecoveryWindowInDays", new(strconv.FormatInt(*in.RecoveryWindowInDays, 10)))
		}
	})
}

func getTarget(c *operation.Call, in *GetSecretValueInput) (authz.Target, error) {
	return targetWithKeys(c, in.SecretID, func(k condition) {
		k.text("VersionId", in.VersionID)
		k.text("VersionStage", in.VersionStage)
	})
}

func stageTarget(c *operation.Call, in *UpdateSecretVersionStageInput) (authz.Target, error) {
	return targetWithKeys(c, in.SecretID, func(k condition) { k.text("VersionStage", &in.VersionStage) })
}

func putPolicyTarget(c *operation.Call, in *PutResourcePolicyInput) (authz.Target, error) {
	return targetWithKeys(c, in.SecretID, func(k condition) { k.truth("BlockPublicPolicy", in.BlockPublicPolicy, false) })
}

// validateTarget returns the target of ValidateResourcePolicy, which does not require a secret.
func validateTarget(c *operation.Call, in *ValidateResourcePolicyInput) (authz.Target, error) {
	if in.SecretID == nil {
		return authz.Target{ARN: "*"}, nil
	}
	return targetOf(c, *in.SecretID)
}

func rotateTarget(c *operation.Call, in *RotateSecretInput) (authz.Target, error) {
	return targetWithKeys(c, in.SecretID, func(k condition) {
		k.text("RotationLambdaARN", in.RotationLambdaARN)
		k.text("ExternalSecretRotationRoleArn", in.ExternalSecretRotationRoleARN)
		k.truth("ModifyRotationRules", nil, in.RotationRules != nil)
		k.truth("RotateImmediately", in.RotateImmediately, true)
	})
}

func replicateTarget(c *operation.Call, in *ReplicateSecretToRegionsInput) (authz.Target, error) {
	return targetWithKeys(c, in.SecretID, func(k condition) {
		k.truth("ForceOverwriteReplicaSecret", in.ForceOverwriteReplicaSecret, false)
		k.regions(in.AddReplicaRegions)
	})
}

func tagTarget(c *operation.Call, in *TagResourceInput) (authz.Target, error) {
	t, err := targetOf(c, in.SecretID)
	t.RequestTags = tagMap(in.Tags)
	return t, err
}

func untagTarget(c *operation.Call, in *UntagResourceInput) (authz.Target, error) {
	t, err := targetOf(c, in.SecretID)
	t.TagKeys = in.TagKeys
	return t, err
}

// managedKey is the alias of the AWS managed key, the default key of secrets.
var managedKey = keys.ManagedAlias(api.Name)
