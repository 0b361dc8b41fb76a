package secretsmanager_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/writdev/writ/writtest"
)

const textReplica = "Operation not permitted on a replica secret. Call must be made in primary secret's region."

// TestReplicas follows a replica through changes of its primary secret until it becomes independent.
func TestReplicas(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	there := c.in("eu-west-1")
	id := c.create("db", "S1", withTag("team", "red"), withReplicas("eu-west-1"))
	replica := strings.Replace(id, "us-east-1", "eu-west-1", 1)
	there.has(replica, "S1")
	there.has("db", "S1")
	d := c.describe(id)
	if *d.PrimaryRegion != "us-east-1" || len(d.ReplicationStatus) != 1 || d.ReplicationStatus[0].Status != types.StatusTypeInSync {
		t.Errorf("%+v", d)
	}
	c.put(id, "S2")
	there.has(replica, "S2")
	previous, err := there.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &replica, VersionStage: new("AWSPREVIOUS")})
	ok(t, err)
	if *previous.SecretString != "S1" {
		t.Errorf("previous %q", *previous.SecretString)
	}
	_, err = c.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &id, Tags: tags("team", "blue")})
	ok(t, err)
	ok(t, c.putPolicy(id, document(lets(account(bob), "secretsmanager:DescribeSecret"))))
	if d := there.describe(replica); *d.Tags[0].Value != "blue" || *d.PrimaryRegion != "us-east-1" {
		t.Errorf("%+v", d)
	}
	_, err = newClient(t, s, bob).in("eu-west-1").DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &replica})
	ok(t, err)

	_, err = there.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &replica, SecretString: new("x")})
	wantError(t, err, invalidParameter, textReplica)
	_, err = there.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &replica})
	wantError(t, err, invalidParameter, textReplica)
	_, err = c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &id})
	wantError(t, err, invalidParameter, "You can't delete secret "+id+" that still has replica regions [eu-west-1]")

	_, err = there.StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: &replica})
	ok(t, err)
	there.put(replica, "own")
	c.has(id, "S2")
	if d := c.describe(id); d.ReplicationStatus != nil || d.PrimaryRegion != nil {
		t.Errorf("%+v", d)
	}
	_, err = there.StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: &replica})
	wantError(t, err, invalidParameter, "")
}

// TestReplicaFails tests reasons why a replica may not be in sync, and its repair.
func TestReplicaFails(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	there := c.in("eu-west-1")
	there.create("db", "other")
	id := c.create("db", "S1")
	replicate := func(overwrite bool) types.ReplicationStatusType {
		t.Helper()
		out, err := c.ReplicateSecretToRegions(ctx, &secretsmanager.ReplicateSecretToRegionsInput{
			SecretId: &id, AddReplicaRegions: []types.ReplicaRegionType{{Region: new("eu-west-1")}}, ForceOverwriteReplicaSecret: overwrite,
		})
		ok(t, err)
		return out.ReplicationStatus[0]
	}
	if r := replicate(false); r.Status != types.StatusTypeFailed || *r.StatusMessage != "Secret with this name already exists in this region" {
		t.Errorf("%+v", r)
	}
	there.has("db", "other")
	if r := replicate(true); r.Status != types.StatusTypeInSync {
		t.Errorf("%+v", r)
	}
	there.has("db", "S1")
	_, err := c.ReplicateSecretToRegions(ctx, &secretsmanager.ReplicateSecretToRegionsInput{SecretId: &id, AddReplicaRegions: []types.ReplicaRegionType{{Region: new("us-east-1")}}})
	wantError(t, err, invalidParameter, "Invalid replica region.")
	_, err = c.RemoveRegionsFromReplication(ctx, &secretsmanager.RemoveRegionsFromReplicationInput{SecretId: &id, RemoveReplicaRegions: []string{"ap-south-1"}})
	wantError(t, err, invalidParameter, "")
	_, err = c.RemoveRegionsFromReplication(ctx, &secretsmanager.RemoveRegionsFromReplicationInput{SecretId: &id, RemoveReplicaRegions: []string{"eu-west-1"}})
	ok(t, err)
	_, err = there.get("db")
	wantError(t, err, notFound, "")
}

// TestReplicaKey checks that the key of the other region is also authorized.
func TestReplicaKey(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	key := c.in("eu-west-1").key()
	id := c.create("db", "S1")
	u := as(t, s, alice, "replicator", can("secretsmanager:*", "*"))
	out, err := u.ReplicateSecretToRegions(ctx, &secretsmanager.ReplicateSecretToRegionsInput{SecretId: &id, AddReplicaRegions: []types.ReplicaRegionType{{Region: new("eu-west-1"), KmsKeyId: &key}}})
	ok(t, err)
	if r := out.ReplicationStatus[0]; r.Status != types.StatusTypeFailed || !strings.Contains(*r.StatusMessage, "kms:GenerateDataKey on resource: "+key) {
		t.Errorf("%+v", r)
	}
	c.put(id, "S2") // by a caller with permission
	if r := c.describe(id).ReplicationStatus[0]; r.Status != types.StatusTypeInSync {
		t.Errorf("%+v", r)
	}
	c.in("eu-west-1").has(id[:strings.Index(id, "us-east-1")]+"eu-west-1"+id[strings.Index(id, "us-east-1")+9:], "S2")
}
