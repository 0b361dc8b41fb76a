package kms_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/writdev/writ/writtest"
)

const elsewhere = "eu-west-1"

// in returns a client of the same account in another region.
func (c client) in(region string) client {
	return client{kms.New(c.Options(), func(o *kms.Options) { o.Region = region }), c.t}
}

// multiRegion creates a primary key and returns its ARN.
func (c client) multiRegion(in kms.CreateKeyInput) string {
	c.t.Helper()
	in.MultiRegion = new(true)
	out, err := c.CreateKey(ctx, &in)
	ok(c.t, err)
	m := out.KeyMetadata
	if !strings.HasPrefix(*m.KeyId, "mrk-") || len(*m.KeyId) != 36 || !*m.MultiRegion || m.MultiRegionConfiguration.MultiRegionKeyType != "PRIMARY" ||
		*m.MultiRegionConfiguration.PrimaryKey.Arn != *m.Arn || m.MultiRegionConfiguration.ReplicaKeys == nil || len(m.MultiRegionConfiguration.ReplicaKeys) != 0 {
		c.t.Errorf("made %+v", m)
	}
	return *m.Arn
}

func (c client) replicate(key string) string {
	c.t.Helper()
	out, err := c.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &key, ReplicaRegion: new(elsewhere)})
	ok(c.t, err)
	return *out.ReplicaKeyMetadata.Arn
}

func TestReplicate(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	far := a.in(elsewhere)
	key := a.multiRegion(kms.CreateKeyInput{Description: new("test replicated key")})
	id := *a.describe(key).KeyId
	_, err := far.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	wantError(t, err, notFound, "Key '"+strings.Replace(key, "us-east-1", elsewhere, 1)+"' does not exist")
	_, err = a.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &key, RotationPeriodInDays: new(int32(100))})
	ok(t, err)
	_, err = a.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &key})
	ok(t, err)

	out, err := a.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &key, ReplicaRegion: new(elsewhere), Tags: tags("team", "red")})
	ok(t, err)
	m := out.ReplicaKeyMetadata
	if *m.KeyId != id || *m.Arn != strings.Replace(key, "us-east-1", elsewhere, 1) || m.KeyState != "Creating" || m.Enabled || *m.Description != "" ||
		m.MultiRegionConfiguration.MultiRegionKeyType != "REPLICA" || *m.MultiRegionConfiguration.PrimaryKey.Region != "us-east-1" ||
		len(m.MultiRegionConfiguration.ReplicaKeys) != 1 || !strings.Contains(*out.ReplicaPolicy, `"Action" : "kms:*"`) || len(out.ReplicaTags) != 1 {
		t.Errorf("replica %+v", m)
	}
	replica := *m.Arn
	if m := a.describe(key); m.KeyState != "Enabled" || len(m.MultiRegionConfiguration.ReplicaKeys) != 1 || *m.MultiRegionConfiguration.ReplicaKeys[0].Arn != replica {
		t.Errorf("primary %+v", m)
	}
	if m := far.describe(id); m.KeyState != "Enabled" || *m.CurrentKeyMaterialId != *a.describe(key).CurrentKeyMaterialId {
		t.Errorf("replica %+v", m)
	}

	// Each key decrypts the other's ciphertexts, only with the same context.
	team := map[string]string{"team": "red"}
	far.decrypts(a.encrypt(key, "there", team), team, "there")
	a.decrypts(far.encrypt(replica, "back", team), team, "back")
	_, err = far.tryDecrypt(a.encrypt(key, "there", team), nil)
	wantError(t, err, noCiphertext, "")
	blob := a.encrypt(key, "there", nil)
	back, err := far.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, KeyId: &replica})
	ok(t, err)
	if string(back.Plaintext) != "there" || *back.KeyId != replica {
		t.Errorf("%q with %s", back.Plaintext, *back.KeyId)
	}
	other := far.key()
	_, err = far.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, KeyId: &other})
	wantCode(t, err, "IncorrectKeyException")
	a.in("eu-central-1").cannot(blob, nil) // there is no replica

	// The primary key's rotation status is the replica's.
	status, err := far.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &replica})
	ok(t, err)
	if !status.KeyRotationEnabled || *status.RotationPeriodInDays != 100 {
		t.Errorf("%+v", status)
	}
	_, err = a.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &key})
	ok(t, err)
	far.decrypts(a.encrypt(key, "rotated", nil), nil, "rotated")
	for _, err := range []error{
		second(far.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &replica})),
		second(far.DisableKeyRotation(ctx, &kms.DisableKeyRotationInput{KeyId: &replica})),
		second(far.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &replica, ReplicaRegion: new("eu-central-1")})),
	} {
		wantError(t, err, unsupported, replica+" is not a multi-region primary key.")
	}
	single := a.key()
	_, err = a.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &single, ReplicaRegion: new(elsewhere)})
	wantError(t, err, unsupported, single+" is not a multi-region primary key.")
	for _, region := range []string{elsewhere, "us-east-1"} {
		_, err = a.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &key, ReplicaRegion: &region})
		wantCode(t, err, "AlreadyExistsException")
	}
}

// TestReplicatePolicies tests who may replicate, and that each related key has its own policy.
func TestReplicatePolicies(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	for i, test := range []struct {
		statements []string
		code       string
	}{
		{[]string{can("kms:ReplicateKey", "kms:CreateKey")}, ""},
		{[]string{can("kms:ReplicateKey")}, accessDenied},
		{[]string{can("kms:CreateKey")}, accessDenied},
		{[]string{can("kms:CreateKey"), where(can("kms:ReplicateKey"), `{"StringEquals":{"kms:ReplicaRegion":"eu-west-1"}}`)}, ""},
		{[]string{can("kms:CreateKey"), where(can("kms:ReplicateKey"), `{"StringEquals":{"kms:ReplicaRegion":"eu-west-2"}}`)}, accessDenied},
		{[]string{can("kms:ReplicateKey"), where(can("kms:CreateKey"), `{"StringEquals":{"kms:MultiRegionKeyType":"REPLICA"},"Bool":{"kms:MultiRegion":"true"}}`)}, ""},
		{[]string{can("kms:ReplicateKey"), where(can("kms:CreateKey"), `{"StringEquals":{"kms:MultiRegionKeyType":"PRIMARY"}}`)}, accessDenied},
	} {
		key := a.multiRegion(kms.CreateKeyInput{})
		u := as(t, s, alice, "u"+string(rune('a'+i)), test.statements...)
		if _, err := u.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &key, ReplicaRegion: new(elsewhere)}); test.code == "" {
			ok(t, err)
		} else {
			wantCode(t, err, test.code)
		}
	}
	key := a.multiRegion(kms.CreateKeyInput{})
	a.put(key, owned(lets(bob, "kms:Encrypt")))
	replica := a.replicate(key)
	b := root(t, s, bob)
	_, err := b.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x")})
	ok(t, err)
	_, err = b.in(elsewhere).Encrypt(ctx, &kms.EncryptInput{KeyId: &replica, Plaintext: []byte("x")})
	wantCode(t, err, accessDenied)
	_, err = a.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &key, ReplicaRegion: new("eu-central-1"), Policy: new(document(lets(bob, "kms:*")))})
	wantCode(t, err, malformed)
	u := as(t, s, alice, "mover", where(can("kms:UpdatePrimaryRegion"), `{"StringEquals":{"kms:PrimaryRegion":"eu-west-1"}}`))
	a.in(elsewhere).put(replica, owned(`{"Effect":"Deny","Principal":"*","Action":"kms:UpdatePrimaryRegion","Resource":"*"}`))
	_, err = u.UpdatePrimaryRegion(ctx, &kms.UpdatePrimaryRegionInput{KeyId: &key, PrimaryRegion: new(elsewhere)})
	wantCode(t, err, accessDenied)
	a.in(elsewhere).put(replica, owned())
	_, err = u.UpdatePrimaryRegion(ctx, &kms.UpdatePrimaryRegionInput{KeyId: &key, PrimaryRegion: new(elsewhere)})
	ok(t, err)
}

func TestUpdatePrimaryRegion(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	far := a.in(elsewhere)
	key := a.multiRegion(kms.CreateKeyInput{KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY"})
	update := func(c client, key, region string) error {
		_, err := c.UpdatePrimaryRegion(ctx, &kms.UpdatePrimaryRegionInput{KeyId: &key, PrimaryRegion: &region})
		return err
	}
	wantCode(t, update(a, key, elsewhere), notFound)
	wantCode(t, update(a, key, "us-east-1"), validation)
	replica := a.replicate(key)
	wantCode(t, update(far, replica, elsewhere), unsupported)
	ok(t, update(a, key, elsewhere))
	if m := a.describe(key).MultiRegionConfiguration; m.MultiRegionKeyType != "REPLICA" || *m.PrimaryKey.Arn != replica || *m.ReplicaKeys[0].Arn != key {
		t.Errorf("former primary %+v", m)
	}
	if m := far.describe(replica).MultiRegionConfiguration; m.MultiRegionKeyType != "PRIMARY" || *m.ReplicaKeys[0].Arn != key {
		t.Errorf("primary %+v", m)
	}
	signature := a.sign(key, "ECDSA_SHA_256", "RAW", []byte("m"))
	ok(t, far.verify(replica, "ECDSA_SHA_256", "RAW", []byte("m"), signature))
	if !bytes.Equal(a.public(key), far.public(replica)) {
		t.Error("the keys are not related")
	}
	wantCode(t, update(a, key, elsewhere), unsupported)
}

// TestDeleteRelated deletes a primary key, which waits for its replica.
func TestDeleteRelated(t *testing.T) {
	a, clock := onClock(t)
	far := a.in(elsewhere)
	key := a.multiRegion(kms.CreateKeyInput{})
	replica := a.replicate(key)
	_, err := far.CreateGrant(ctx, &kms.CreateGrantInput{KeyId: &replica, GranteePrincipal: new(bob), Operations: []types.GrantOperation{"Decrypt"}})
	ok(t, err)
	out, err := a.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &key, PendingWindowInDays: new(int32(10))})
	ok(t, err)
	if out.KeyState != "PendingReplicaDeletion" || out.DeletionDate != nil || *out.PendingWindowInDays != 10 {
		t.Errorf("%+v", out)
	}
	if m := a.describe(key); m.KeyState != "PendingReplicaDeletion" || *m.PendingDeletionWindowInDays != 10 || m.DeletionDate != nil {
		t.Errorf("%+v", m)
	}
	ok(t, far.schedule(replica, 7))
	if m := a.describe(key); m.KeyState != "PendingReplicaDeletion" {
		t.Errorf("state %s", m.KeyState)
	}
	clock.pass(8)
	_, err = far.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &replica})
	wantCode(t, err, notFound)
	if m := a.describe(key); m.KeyState != "PendingDeletion" || m.DeletionDate.Sub(clock.now).Hours() < 200 || len(m.MultiRegionConfiguration.ReplicaKeys) != 0 {
		t.Errorf("%+v", m)
	}
	_, err = a.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &key})
	ok(t, err)
	_, err = a.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &key})
	ok(t, err)
	a.replicate(key) // nothing of the former replica is restored
	grants, err := far.ListGrants(ctx, &kms.ListGrantsInput{KeyId: &replica})
	ok(t, err)
	if len(grants.Grants) != 0 {
		t.Errorf("grants %+v", grants.Grants)
	}
	ok(t, far.schedule(replica, 7))
	ok(t, a.schedule(key, 10))
	clock.pass(18)
	_, err = a.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	wantCode(t, err, notFound)
}

// TestImportRelated imports into a primary key, and then the same material into its replica.
func TestImportRelated(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	far := a.in(elsewhere)
	key := a.multiRegion(kms.CreateKeyInput{Origin: types.OriginTypeExternal})
	first := a.importKey(key, zeros)
	replica := a.replicate(key)
	if m := far.describe(replica); m.KeyState != "PendingImport" {
		t.Errorf("%+v", m)
	}
	_, err := far.ImportKeyMaterial(ctx, far.importing(replica, bytes.Repeat([]byte("x"), 32)))
	wantCode(t, err, "IncorrectKeyMaterialException")
	if out := far.importKey(replica, zeros); *out.KeyMaterialId != *first.KeyMaterialId {
		t.Errorf("material %s, want %s", *out.KeyMaterialId, *first.KeyMaterialId)
	}
	far.decrypts(a.encrypt(key, "there", nil), nil, "there")

	next := a.importing(key, bytes.Repeat([]byte("n"), 32))
	next.ImportType = types.ImportTypeNewKeyMaterial
	_, err = a.ImportKeyMaterial(ctx, next)
	ok(t, err)
	state := func() types.KeyMaterialState {
		out, err := a.ListKeyRotations(ctx, &kms.ListKeyRotationsInput{KeyId: &key, IncludeKeyMaterial: types.IncludeKeyMaterialAllKeyMaterial})
		ok(t, err)
		return out.Rotations[len(out.Rotations)-1].KeyMaterialState
	}
	rotate := func() error {
		_, err := a.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &key})
		return err
	}
	if got := state(); got != "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" {
		t.Errorf("state %s", got)
	}
	wantCode(t, rotate(), invalidState)
	far.importKey(replica, bytes.Repeat([]byte("n"), 32))
	if got := state(); got != "PENDING_ROTATION" {
		t.Errorf("state %s", got)
	}
	ok(t, rotate())
	far.decrypts(a.encrypt(key, "rotated", nil), nil, "rotated")
	a.decrypts(far.encrypt(replica, "rotated", nil), nil, "rotated")
}
