package secretsmanager

import (
	_ "embed"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// actionReference is the part of the service authorization reference about the service's actions.
//
//go:embed authorization.json
var actionReference []byte

// secretsManager implements the handlers. Its state is in the store, except for the dates of the last reads.
type secretsManager struct {
	accessed accessTimes
}

// New returns the service.
func New() *operation.Service {
	s := new(secretsManager)
	w := api
	w.ExtendError = addMessage
	const (
		read  = operation.Read
		write = operation.Write
	)
	return &operation.Service{
		API:           &w,
		Authorization: actionReference,
		Locate:        locate,
		Operations: []operation.Operation{
			operation.Row(&w, apiCreateSecret, write, createTarget, s.createSecret),
			operation.Row(&w, apiDescribeSecret, read, onSecret(func(in *DescribeSecretInput) string { return in.SecretID }), s.describeSecret),
			operation.Row(&w, apiUpdateSecret, write, updateTarget, s.updateSecret),
			operation.Row(&w, apiDeleteSecret, write, deleteTarget, s.deleteSecret),
			operation.Row(&w, apiRestoreSecret, write, onSecret(func(in *RestoreSecretInput) string { return in.SecretID }), s.restoreSecret),
			operation.Row(&w, apiListSecrets, read, operation.OnAll, s.listSecrets),

			operation.Row(&w, apiGetSecretValue, read, getTarget, s.getSecretValue),
			operation.Row(&w, apiBatchGetSecretValue, read, operation.OnAll, s.batchGetSecretValue),
			operation.Row(&w, apiPutSecretValue, write, onSecret(func(in *PutSecretValueInput) string { return in.SecretID }), s.putSecretValue),
			operation.Row(&w, apiListSecretVersionIds, read, onSecret(func(in *ListSecretVersionIdsInput) string { return in.SecretID }), s.listSecretVersionIDs),
			operation.Row(&w, apiUpdateSecretVersionStage, write, stageTarget, s.updateSecretVersionStage),
			operation.Row(&w, apiGetRandomPassword, read, operation.OnAll, s.getRandomPassword),

			operation.Prepared(operation.Row(&w, apiPutResourcePolicy, write, putPolicyTarget, s.putResourcePolicy),
				func(_ *operation.Call, in *PutResourcePolicyInput) any { return checkDocument(in.ResourcePolicy) }),
			operation.Row(&w, apiGetResourcePolicy, read, onSecret(func(in *GetResourcePolicyInput) string { return in.SecretID }), s.getResourcePolicy),
			operation.Row(&w, apiDeleteResourcePolicy, write, onSecret(func(in *DeleteResourcePolicyInput) string { return in.SecretID }), s.deleteResourcePolicy),
			operation.Prepared(operation.Row(&w, apiValidateResourcePolicy, read, validateTarget, s.validateResourcePolicy),
				func(_ *operation.Call, in *ValidateResourcePolicyInput) any { return checkDocument(in.ResourcePolicy) }),

			operation.Row(&w, apiRotateSecret, write, rotateTarget, s.rotateSecret),
			operation.Row(&w, apiCancelRotateSecret, write, onSecret(func(in *CancelRotateSecretInput) string { return in.SecretID }), s.cancelRotateSecret),

			operation.Row(&w, apiReplicateSecretToRegions, write, replicateTarget, s.replicateSecretToRegions),
			operation.Row(&w, apiRemoveRegionsFromReplication, write, onSecret(func(in *RemoveRegionsFromReplicationInput) string { return in.SecretID }), s.removeRegionsFromReplication),
			operation.Row(&w, apiStopReplicationToReplica, write, onSecret(func(in *StopReplicationToReplicaInput) string { return in.SecretID }), s.stopReplicationToReplica),

			operation.Row(&w, apiTagResource, write, tagTarget, s.tagResource),
			operation.Row(&w, apiUntagResource, write, untagTarget, s.untagResource),
		},
	}
}

// locate returns the target of a hypothetical request on a secret.
func locate(c *operation.Call, _, arn string) (authz.Target, error) { return targetOf(c, arn) }
