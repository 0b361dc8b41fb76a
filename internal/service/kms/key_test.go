package kms_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/writdev/writ/writtest"
)

func tags(pairs ...string) (list []types.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.Tag{TagKey: &pairs[i], TagValue: &pairs[i+1]})
	}
	return list
}

func grantOperation(name string) types.GrantOperation { return types.GrantOperation(name) }

func TestCreateKey(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	out, err := a.CreateKey(ctx, &kms.CreateKeyInput{Description: new("mine"), Tags: tags("team", "red")})
	ok(t, err)
	m := out.KeyMetadata
	if *m.Arn != "arn:aws:kms:us-east-1:"+alice+":key/"+*m.KeyId || *m.AWSAccountId != alice || *m.Description != "mine" || !m.Enabled ||
		m.KeyState != types.KeyStateEnabled || m.KeyManager != types.KeyManagerTypeCustomer || m.Origin != types.OriginTypeAwsKms ||
		m.KeySpec != types.KeySpecSymmetricDefault || m.KeyUsage != types.KeyUsageTypeEncryptDecrypt || *m.MultiRegion || len(m.EncryptionAlgorithms) != 1 {
		t.Errorf("made %+v", m)
	}
	_, err = a.UpdateKeyDescription(ctx, &kms.UpdateKeyDescriptionInput{KeyId: m.KeyId, Description: new("yours")})
	ok(t, err)
	if got := *a.describe(*m.KeyId).Description; got != "yours" {
		t.Errorf("description %q", got)
	}

	want := []string{*m.KeyId}
	for range 4 {
		want = append(want, *a.describe(a.key()).KeyId)
	}
	slices.Sort(want)
	var got []string
	pages := kms.NewListKeysPaginator(a, &kms.ListKeysInput{Limit: new(int32(2))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		ok(t, err)
		for _, k := range page.Keys {
			got = append(got, *k.KeyId)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	_, err = a.ListKeys(ctx, &kms.ListKeysInput{Marker: new("strange")})
	wantCode(t, err, "InvalidMarkerException")
}

// TestStates tests the operations that are possible in each state of a key. TestWhoMayCreate tests who may
// create a key, with a policy, and with or without tags.
func TestWhoMayCreate(t *testing.T) {
	s := writtest.New(t)
	create := func(c client, in *kms.CreateKeyInput) error {
		_, err := c.CreateKey(ctx, in)
		return err
	}
	mine := func() *kms.CreateKeyInput {
		return &kms.CreateKeyInput{Policy: new(owned())}
	}
	tagged := func() *kms.CreateKeyInput { return &kms.CreateKeyInput{Tags: tags("team", "red")} }
	maker := as(t, s, alice, "maker", can("kms:CreateKey"))
	ok(t, create(maker, &kms.CreateKeyInput{}))
	wantError(t, create(maker, mine()), malformed, "The new key policy will not allow you to update the key policy in the future.")
	wantCode(t, create(maker, tagged()), accessDenied)
	ok(t, create(as(t, s, alice, "owner", can("kms:CreateKey", "kms:PutKeyPolicy")), mine()))

	tagger := as(t, s, alice, "tagger", can("kms:CreateKey"), where(can("kms:TagResource"), `{"StringEquals":{"aws:RequestTag/team":"red"}}`))
	ok(t, create(tagger, tagged()))
	wantCode(t, create(tagger, &kms.CreateKeyInput{Tags: tags("team", "blue")}), accessDenied)
	// The policy of the new key does not allow tagging it at creation.
	lent := tagged()
	lent.Policy, lent.BypassPolicyLockoutSafetyCheck = new(owned(lets(userARN(alice, "maker"), "kms:*"))), true
	wantCode(t, create(maker, lent), accessDenied)
	forbidden := as(t, s, alice, "forbidden", can("kms:*"), `{"Effect":"Deny","Action":"kms:TagResource","Resource":"*"}`)
	wantCode(t, create(forbidden, tagged()), accessDenied)
	ok(t, create(forbidden, mine()))
}

// TestNoAlias tests the operations that accept the id or the ARN of a key, but no alias.
func TestNoAlias(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	key := a.key()
	a.alias("alias/mine", key)
	for _, name := range []string{"alias/mine", "alias/none", "arn:aws:kms:us-east-1:" + alice + ":alias/mine"} {
		for operation, call := range map[string]func() (any, error){
			"CancelKeyDeletion":    func() (any, error) { return a.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &name}) },
			"CreateGrant":          func() (any, error) { return a.grant(name, alice, nil, "Decrypt") },
			"DisableKey":           func() (any, error) { return a.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &name}) },
			"EnableKeyRotation":    func() (any, error) { return a.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &name}) },
			"GetKeyPolicy":         func() (any, error) { return a.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &name}) },
			"GetKeyRotationStatus": func() (any, error) { return a.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &name}) },
			"ListAliases":          func() (any, error) { return a.ListAliases(ctx, &kms.ListAliasesInput{KeyId: &name}) },
			"ListGrants":           func() (any, error) { return a.ListGrants(ctx, &kms.ListGrantsInput{KeyId: &name}) },
			"RetireGrant":          func() (any, error) { return a.RetireGrant(ctx, &kms.RetireGrantInput{KeyId: &name, GrantId: new("g")}) },
			"RevokeGrant":          func() (any, error) { return a.RevokeGrant(ctx, &kms.RevokeGrantInput{KeyId: &name, GrantId: new("g")}) },
			"ScheduleKeyDeletion":  func() (any, error) { return a.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &name}) },
			"TagResource": func() (any, error) {
				return a.TagResource(ctx, &kms.TagResourceInput{KeyId: &name, Tags: tags("a", "b")})
			},
			"PutKeyPolicy": func() (any, error) { return nil, a.tryPut(name, owned()) },
		} {
			t.Run(operation+" "+name, func(t *testing.T) {
				_, err := call()
				wantError(t, err, notFound, "Invalid keyId '"+name+"'")
			})
		}
	}
}

func TestStates(t *testing.T) {
	a, clock := onClock(t)
	key := a.key()
	blob := a.encrypt(key, "hush", nil)
	a.alias("alias/mine", key)

	_, err := a.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})
	ok(t, err)
	_, err = a.tryDecrypt(blob, nil)
	wantError(t, err, "DisabledException", key+" is disabled.")
	_, err = a.CreateGrant(ctx, &kms.CreateGrantInput{KeyId: &key, GranteePrincipal: new(bob), Operations: []types.GrantOperation{"Decrypt"}})
	wantCode(t, err, "DisabledException")
	_, err = a.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &key})
	ok(t, err)
	a.decrypts(blob, nil, "hush")

	for _, days := range []int32{1, 6, 31} {
		wantError(t, a.schedule(key, days), validation, "PendingWindowInDays must be between 7 and 30")
	}
	out, err := a.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &key})
	ok(t, err)
	if *out.KeyId != key || *out.PendingWindowInDays != 30 || out.KeyState != types.KeyStatePendingDeletion {
		t.Errorf("scheduled %+v", out)
	}
	if m := a.describe(key); m.KeyState != types.KeyStatePendingDeletion || m.Enabled || !m.DeletionDate.Equal(*out.DeletionDate) {
		t.Errorf("state %s", m.KeyState)
	}
	for name, err := range map[string]error{
		"Decrypt":             second(a.tryDecrypt(blob, nil)),
		"Encrypt":             second(a.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x")})),
		"EnableKey":           second(a.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &key})),
		"DisableKey":          second(a.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})),
		"ScheduleKeyDeletion": a.schedule(key, 7),
		"EnableKeyRotation":   second(a.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &key})),
		"CreateAlias":         second(a.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: new("alias/more"), TargetKeyId: &key})),
		"TagResource":         second(a.TagResource(ctx, &kms.TagResourceInput{KeyId: &key, Tags: tags("a", "b")})),
	} {
		t.Run(name, func(t *testing.T) { wantError(t, err, invalidState, key+" is pending deletion.") })
	}
	_, err = a.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &key})
	ok(t, err)
	_, err = a.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &key})
	wantCode(t, err, invalidState)
	if m := a.describe(key); m.KeyState != types.KeyStateDisabled || m.DeletionDate != nil {
		t.Errorf("after the deletion was cancelled: %s", m.KeyState)
	}

	ok(t, a.schedule(key, 7))
	clock.pass(6)
	a.describe(key)
	clock.pass(1)
	_, err = a.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	wantError(t, err, notFound, "Key '"+key+"' does not exist")
	_, err = a.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: new("alias/mine")})
	wantCode(t, err, notFound)
	_, err = a.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &key})
	wantCode(t, err, notFound)
	_, err = a.tryDecrypt(blob, nil)
	wantCode(t, err, accessDenied)
	list, err := a.ListKeys(ctx, &kms.ListKeysInput{})
	ok(t, err)
	aliases, err := a.ListAliases(ctx, &kms.ListAliasesInput{})
	ok(t, err)
	if len(list.Keys) != 0 || slices.ContainsFunc(aliases.Aliases, func(l types.AliasListEntry) bool { return l.TargetKeyId != nil }) {
		t.Errorf("%d keys and %d aliases are left", len(list.Keys), len(aliases.Aliases))
	}
	a.alias("alias/mine", a.key()) // the name is available
}

func TestRotation(t *testing.T) {
	a, clock := onClock(t)
	key := a.key()
	status := func() *kms.GetKeyRotationStatusOutput {
		out, err := a.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &key})
		ok(t, err)
		return out
	}
	rotations := func() []types.RotationsListEntry {
		out, err := a.ListKeyRotations(ctx, &kms.ListKeyRotationsInput{KeyId: &key})
		ok(t, err)
		return out.Rotations
	}
	if status().KeyRotationEnabled {
		t.Error("a new key rotates")
	}
	first, material := a.encrypt(key, "first", nil), *a.describe(key).CurrentKeyMaterialId
	_, err := a.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &key, RotationPeriodInDays: new(int32(100))})
	ok(t, err)
	if s := status(); !s.KeyRotationEnabled || *s.RotationPeriodInDays != 100 || s.NextRotationDate == nil {
		t.Errorf("status %+v", s)
	}
	clock.pass(99)
	if len(rotations()) != 0 {
		t.Error("rotated too early")
	}
	clock.pass(1)
	second, now := a.encrypt(key, "second", nil), *a.describe(key).CurrentKeyMaterialId
	_, err = a.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &key})
	ok(t, err)
	list := rotations()
	if len(list) != 2 || list[0].RotationType != types.RotationTypeAutomatic || list[1].RotationType != types.RotationTypeOnDemand ||
		*list[0].KeyMaterialId != now || now == material || list[1].KeyMaterialState != types.KeyMaterialStateCurrent {
		t.Errorf("rotations %+v", list)
	}
	_, err = a.DisableKeyRotation(ctx, &kms.DisableKeyRotationInput{KeyId: &key})
	ok(t, err)
	clock.pass(1000)
	if len(rotations()) != 2 || status().KeyRotationEnabled {
		t.Error("a key rotates that should not")
	}
	a.decrypts(first, nil, "first")
	a.decrypts(second, nil, "second")
	a.decrypts(a.encrypt(key, "third", nil), nil, "third")
	for range 24 {
		_, err = a.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &key})
		ok(t, err)
	}
	_, err = a.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &key})
	wantCode(t, err, "LimitExceededException")
	a.decrypts(first, nil, "first")
}

func TestAliases(t *testing.T) {
	s := writtest.New(t)
	a, b := root(t, s, alice), root(t, s, bob)
	key, other := a.key(), a.key()
	a.alias("alias/mine", key)
	create := func(c client, name, key string) error {
		_, err := c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &name, TargetKeyId: &key})
		return err
	}
	wantCode(t, create(a, "alias/mine", other), "AlreadyExistsException")
	wantError(t, create(a, "mine", key), validation, `Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`)
	wantCode(t, create(a, "alias/aws/mine", key), "NotAuthorizedException")
	wantError(t, create(a, "alias/my:alias", key), validation, "alias/my:alias contains invalid characters for an alias")
	wantCode(t, create(a, "alias/second", "alias/mine"), validation)
	wantCode(t, create(a, "alias/second", unknown), notFound)
	wantCode(t, create(b, "alias/yours", key), accessDenied)
	a.decrypts(a.encrypt("alias/mine", "hush", nil), nil, "hush")
	if got := *a.describe("arn:aws:kms:us-east-1:" + alice + ":alias/mine").Arn; got != key {
		t.Errorf("the alias leads to %s", got)
	}
	// Another account refers to it by its ARN.
	a.put(key, owned(lets(bob, "kms:Encrypt", "kms:DescribeKey")))
	_ = b.encrypt("arn:aws:kms:us-east-1:"+alice+":alias/mine", "hush", nil)
	_, err := b.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: new("alias/mine")})
	wantCode(t, err, notFound)

	a.alias("alias/second", key)
	_, err = a.UpdateAlias(ctx, &kms.UpdateAliasInput{AliasName: new("alias/mine"), TargetKeyId: &other})
	ok(t, err)
	for _, test := range []struct {
		key  *string
		want []string
	}{{nil, []string{"alias/mine", "alias/second"}}, {&key, []string{"alias/second"}}, {&other, []string{"alias/mine"}}} {
		out, err := a.ListAliases(ctx, &kms.ListAliasesInput{KeyId: test.key})
		ok(t, err)
		var got []string
		for _, l := range out.Aliases {
			if l.TargetKeyId != nil { // predefined aliases have no key yet
				got = append(got, *l.AliasName)
			} else if test.key != nil || !strings.HasPrefix(*l.AliasArn, "arn:aws:kms:us-east-1:"+alice+":alias/aws/") {
				t.Errorf("aliases of %s: %s", aws.ToString(test.key), *l.AliasArn)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("aliases of %s: %v, want %v", aws.ToString(test.key), got, test.want)
		}
	}
	// The largest number of aliases of a key, in pages; an existing one may be written again.
	full := a.key()
	for i := range 50 {
		a.alias(fmt.Sprintf("alias/full-%02d", i), full)
	}
	wantCode(t, create(a, "alias/full-50", full), "LimitExceededException")
	for _, target := range []*string{&full, &other, &full} {
		_, err = a.UpdateAlias(ctx, &kms.UpdateAliasInput{AliasName: new("alias/full-07"), TargetKeyId: target})
		ok(t, err)
	}
	for limit, want := range map[int32]int{0: 50, 7: 7, 1000: 66} {
		in := &kms.ListAliasesInput{}
		if limit > 0 {
			in.Limit = &limit
		}
		out, err := a.ListAliases(ctx, in)
		ok(t, err)
		if len(out.Aliases) != want || out.Truncated != (want < 66) {
			t.Errorf("a page of %d has %d aliases (%t)", limit, len(out.Aliases), out.Truncated)
		}
	}
	// Both the alias and its keys are authorized.
	half := as(t, s, alice, "half", `{"Effect":"Allow","Action":"kms:*Alias","Resource":"arn:aws:kms:*:*:alias/*"}`)
	wantCode(t, create(half, "alias/third", key), accessDenied)
	_, err = half.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: new("alias/mine")})
	wantCode(t, err, accessDenied)
	_, err = a.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: new("alias/mine")})
	ok(t, err)
	_, err = a.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: new("alias/mine")})
	wantCode(t, err, notFound)
}

func TestTags(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	key := a.key()
	tag := func(pairs ...string) error {
		_, err := a.TagResource(ctx, &kms.TagResourceInput{KeyId: &key, Tags: tags(pairs...)})
		return err
	}
	ok(t, tag("team", "red", "stage", ""))
	ok(t, tag("team", "blue"))
	wantError(t, tag("a", "1", "a", "2"), "TagException", "Duplicate tag keys")
	wantError(t, tag("aws:x", "1"), "TagException", "Tags beginning with aws: are reserved")
	var many []string
	for i := range 49 {
		many = append(many, strconv.Itoa(i), "")
	}
	wantError(t, tag(many...), "TagException", "Too many tags")
	list := func() (pairs []string) {
		out, err := a.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &key})
		ok(t, err)
		for _, t := range out.Tags {
			pairs = append(pairs, *t.TagKey+"="+*t.TagValue)
		}
		return pairs
	}
	if got := list(); !slices.Equal(got, []string{"stage=", "team=blue"}) {
		t.Errorf("tags %v", got)
	}
	_, err := a.UntagResource(ctx, &kms.UntagResourceInput{KeyId: &key, TagKeys: []string{"stage", "none"}})
	ok(t, err)
	if got := list(); !slices.Equal(got, []string{"team=blue"}) {
		t.Errorf("tags %v", got)
	}
}

// TestManagedKey tests the key of alias/aws/ssm: everyone may describe it, and no one may change it or use it
// except through its service.
func TestManagedKey(t *testing.T) {
	s := writtest.New(t)
	a, b := root(t, s, alice), root(t, s, bob)
	const name = "alias/aws/ssm"
	m := a.describe(name)
	if m.KeyManager != types.KeyManagerTypeAws || *a.describe(name).Arn != *m.Arn || *b.describe(name).Arn == *m.Arn {
		t.Errorf("%s is %+v", name, m)
	}
	key := *m.Arn
	_, err := b.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	wantCode(t, err, accessDenied)
	for what, err := range map[string]error{
		"PutKeyPolicy":        a.tryPut(key, owned(lets(bob, "kms:Decrypt"))),
		"Encrypt":             second(a.Encrypt(ctx, &kms.EncryptInput{KeyId: new(name), Plaintext: []byte("hush")})),
		"ScheduleKeyDeletion": a.schedule(key, 7),
		"DisableKey":          second(a.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})),
		"CreateGrant":         second(a.CreateGrant(ctx, &kms.CreateGrantInput{KeyId: &key, GranteePrincipal: new(bob), Operations: []types.GrantOperation{"Decrypt"}})),
	} {
		t.Run(what, func(t *testing.T) { wantCode(t, err, accessDenied) })
	}
	if out, err := a.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &key}); err != nil || !out.KeyRotationEnabled {
		t.Errorf("rotation %+v, %v", out, err)
	}
	_, err = a.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: new("alias/aws/none")})
	wantCode(t, err, notFound)
	// A caller without permission to describe it does not create it.
	_, err = as(t, s, carol, "eve", can("none:*")).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: new(name)})
	wantCode(t, err, accessDenied)
	if list, err := root(t, s, carol).ListKeys(ctx, &kms.ListKeysInput{}); err != nil || len(list.Keys) != 0 {
		t.Errorf("%d keys, %v", len(list.Keys), err)
	}
}
