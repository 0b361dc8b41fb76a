package kms_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/writdev/writ/writtest"
)

const unknown = "1234abcd-12ab-34cd-56ef-1234567890ab"

// TestKeyPolicy tests a key policy: the default, updates, and rejected documents.
func TestKeyPolicy(t *testing.T) {
	s := writtest.New(t)
	a, b := root(t, s, alice), root(t, s, bob)
	key := a.key()
	if got := a.policy(key); !strings.Contains(got, `"arn:aws:iam::111122223333:root"`) || !strings.Contains(got, `"kms:*"`) {
		t.Errorf("the default policy is %s", got)
	}
	_, err := iam.NewFromConfig(s.Config(bob)).CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("reader"), AssumeRolePolicyDocument: new(
		document(`{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":"sts:AssumeRole"}`))})
	ok(t, err)
	shared := owned(lets(roleARN(bob, "reader"), "kms:Decrypt", "kms:DescribeKey"))
	id := a.describe(key).KeyId
	a.put(*id, shared)
	out, err := a.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: id})
	ok(t, err)
	if *out.Policy != shared || *out.PolicyName != "default" {
		t.Errorf("%s: %s", *out.PolicyName, *out.Policy)
	}
	list, err := a.ListKeyPolicies(ctx, &kms.ListKeyPoliciesInput{KeyId: id})
	ok(t, err)
	if len(list.PolicyNames) != 1 || list.PolicyNames[0] != "default" || list.Truncated || list.NextMarker != nil {
		t.Errorf("policies %+v", list)
	}

	for _, test := range []struct {
		name, key, policy string
		slot              *string
		code, text        string
	}{
		{"another slot", key, shared, new("other"), notFound, ""},
		{"no JSON", key, "{", nil, malformed, ""},
		{"no principal", key, owned(can("kms:Decrypt")), nil, malformed, ""},
		{"a user who is not there", key, owned(lets(userARN(bob, "nobody"), "kms:Decrypt")), nil, malformed,
			"Policy contains a statement with one or more invalid principals."},
		{"a lock out", key, document(lets(alice, "kms:Decrypt")), nil, malformed,
			"The new key policy will not allow you to update the key policy in the future."},
		{"too long", key, shared + strings.Repeat(" ", 131073-len(shared)), nil, validation, ""},
		{"a malformed id", "nope", shared, nil, notFound, "Invalid keyId 'nope'"},
		{"an unknown id", unknown, shared, nil, notFound, "Key 'arn:aws:kms:us-east-1:111122223333:key/" + unknown + "' does not exist"},
		{"an unknown ARN", "arn:aws:kms:us-east-1:111122223333:key/" + unknown, shared, nil, notFound,
			"Key 'arn:aws:kms:us-east-1:111122223333:key/" + unknown + "' does not exist"},
		{"another region", strings.Replace(key, "us-east-1", "eu-west-1", 1), shared, nil, notFound, "Invalid arn eu-west-1"},
		{"no ARN of KMS", "arn:aws:s3:::bucket", shared, nil, "InvalidArnException", ""},
		{"an unknown alias", "alias/none", shared, nil, notFound, "Invalid keyId 'alias/none'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := a.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &test.key, Policy: &test.policy, PolicyName: test.slot})
			if got := wantCode(t, err, test.code); test.text != "" && got != test.text {
				t.Errorf("message %q, want %q", got, test.text)
			}
		})
	}
	_, err = a.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key, PolicyName: new("other")})
	wantCode(t, err, notFound)
	if a.policy(key) != shared {
		t.Error("a rejected policy was stored")
	}

	// Another account cannot even read it, whatever the policy allows.
	a.put(key, owned(lets(bob, "kms:*")))
	_, err = b.ListKeyRotations(ctx, &kms.ListKeyRotationsInput{KeyId: &key})
	wantCode(t, err, accessDenied)
	_, err = b.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &key})
	wantCode(t, err, accessDenied)
	wantCode(t, b.schedule(key, 7), accessDenied)
	wantCode(t, b.tryPut(key, shared), accessDenied)
	_, err = b.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key})
	wantCode(t, err, accessDenied)
	_, err = b.ListKeyPolicies(ctx, &kms.ListKeyPoliciesInput{KeyId: &key})
	wantCode(t, err, accessDenied)

	// A caller who bypasses the check can be locked out, even the root user.
	_, err = a.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &key, Policy: new(document(lets(alice, "kms:Decrypt"))), BypassPolicyLockoutSafetyCheck: true})
	ok(t, err)
	wantCode(t, a.tryPut(key, shared), accessDenied)

	_, err = a.CreateKey(ctx, &kms.CreateKeyInput{Policy: new(document(lets(alice, "kms:Decrypt")))})
	wantCode(t, err, malformed)
}

// TestWhoMayUse tests each combination of key policy and identity policy, in the key's own account and in
// another one.
func TestWhoMayUse(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	use := []string{"kms:Encrypt"}
	callers := map[string]client{
		"own root": a, "foreign root": root(t, s, bob), "stranger": root(t, s, carol),
		"own ann": as(t, s, alice, "ann", can(use...)), "own eve": as(t, s, alice, "eve", can("none:*")),
		"own dan":     as(t, s, alice, "dan", can(use...), `{"Effect":"Deny","Action":"kms:*","Resource":"*"}`),
		"foreign ann": as(t, s, bob, "ann", can(use...)), "foreign eve": as(t, s, bob, "eve", can("none:*")),
		"own role": asRole(t, s, alice, "maker", can("none:*")), "foreign role": asRole(t, s, bob, "maker", can(use...)),
	}
	admin := lets("arn:aws:iam::"+alice+":root", "kms:PutKeyPolicy")
	for _, test := range []struct {
		name, policy string
		may          string
	}{
		{"the account", owned(), "own root, own ann"},
		{"nobody", document(admin), ""},
		{"one own user", document(admin, lets(userARN(alice, "eve"), use...)), "own eve"},
		{"an own user who is denied", document(admin, lets(userARN(alice, "dan"), use...)), ""},
		{"an own role", document(admin, lets(roleARN(alice, "maker"), use...)), "own role"},
		{"a foreign account", document(admin, lets(bob, use...)), "foreign root, foreign ann, foreign role"},
		{"a foreign user", document(admin, lets(userARN(bob, "ann"), use...)), "foreign ann"},
		{"a foreign user without permission", document(admin, lets(userARN(bob, "eve"), use...)), ""},
		{"a foreign role", document(admin, lets(roleARN(bob, "maker"), use...)), "foreign role"},
		{"one team", owned(where(lets(bob, use...), `{"StringEquals":{"kms:EncryptionContext:team":"red"}}`)), "own root, own ann, foreign root, foreign ann, foreign role"},
		{"another team", document(admin, where(lets(bob, use...), `{"StringEquals":{"kms:EncryptionContext:team":"blue"}}`)), ""},
		{"these keys of the context", document(admin, where(lets(bob, use...), `{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["team"]}}`)), "foreign root, foreign ann, foreign role"},
		{"through a service", document(admin, where(lets(bob, use...), `{"StringLike":{"kms:ViaService":"*"}}`)), ""},
		{"one calling account", document(admin, where(lets("*", use...), `{"StringEquals":{"kms:CallerAccount":"`+bob+`"}}`)), "foreign root, foreign ann, foreign role"},
		{"a kind of key", document(admin, where(lets(bob, use...), `{"StringEquals":{"kms:KeySpec":"SYMMETRIC_DEFAULT","kms:KeyUsage":"ENCRYPT_DECRYPT"}}`)), "foreign root, foreign ann, foreign role"},
		{"by its alias", document(admin, where(lets(bob, use...), `{"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/mine-*"}}`)), "foreign root, foreign ann, foreign role"},
		{"named by its alias", document(admin, where(lets(bob, use...), `{"StringLike":{"kms:RequestAlias":"alias/mine-*"}}`)), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			key := a.key()
			a.alias("alias/mine-"+strings.ReplaceAll(test.name, " ", "-"), key)
			a.put(key, test.policy)
			for name, c := range callers {
				_, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("hush"), EncryptionContext: map[string]string{"team": "red"}})
				may := false
				for _, who := range strings.Split(test.may, ", ") {
					may = may || who == name
				}
				if may && err != nil {
					t.Errorf("%s: %v", name, err)
				} else if !may {
					wantCode(t, err, accessDenied)
				}
			}
		})
	}
}

// TestPolicyConditionsOfRequests tests the condition keys of individual operations.
func TestPolicyConditionsOfRequests(t *testing.T) {
	s := writtest.New(t)
	a := root(t, s, alice)
	key := a.key()
	u := as(t, s, alice, "ann",
		where(can("kms:Encrypt", "kms:DescribeKey"), `{"StringEquals":{"kms:RequestAlias":"alias/mine"}}`),
		where(can("kms:ScheduleKeyDeletion"), `{"NumericGreaterThanEquals":{"kms:ScheduleKeyDeletionPendingWindowInDays":"20"}}`),
		where(can("kms:CreateGrant"), `{"ForAllValues:StringEquals":{"kms:GrantOperations":["Decrypt"]},"StringEquals":{"kms:GranteePrincipal":"`+bob+`"},"Bool":{"kms:GrantIsForAWSResource":"false"}}`),
		where(can("kms:CreateKey"), `{"StringEquals":{"kms:KeySpec":"SYMMETRIC_DEFAULT","aws:RequestTag/team":"red"},"Bool":{"kms:BypassPolicyLockoutSafetyCheck":"true"}}`),
		where(can("kms:TagResource"), `{"StringEquals":{"aws:RequestTag/team":"red"}}`),
		where(can("kms:GenerateDataKey"), `{"StringEquals":{"aws:ResourceTag/team":"red"}}`))
	a.alias("alias/mine", key)
	for _, name := range []string{"alias/mine", "arn:aws:kms:us-east-1:" + alice + ":alias/mine"} {
		if got := *u.describe(name).Arn; got != key {
			t.Errorf("%s is %s", name, got)
		}
		u.encrypt(name, "hush", nil)
	}
	_, err := u.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	wantCode(t, err, accessDenied)

	grant := func(to string, operations ...string) error {
		in := &kms.CreateGrantInput{KeyId: &key, GranteePrincipal: &to}
		for _, o := range operations {
			in.Operations = append(in.Operations, grantOperation(o))
		}
		_, err := u.CreateGrant(ctx, in)
		return err
	}
	ok(t, grant(bob, "Decrypt"))
	wantCode(t, grant(bob, "Decrypt", "Encrypt"), accessDenied)
	wantCode(t, grant(carol, "Decrypt"), accessDenied)

	_, err = u.CreateKey(ctx, &kms.CreateKeyInput{Tags: tags("team", "red")})
	wantCode(t, err, accessDenied)
	_, err = u.CreateKey(ctx, &kms.CreateKeyInput{Tags: tags("team", "red"), BypassPolicyLockoutSafetyCheck: true})
	ok(t, err)

	dataKey := &kms.GenerateDataKeyInput{KeyId: &key, KeySpec: "AES_256"}
	_, err = u.GenerateDataKey(ctx, dataKey)
	wantCode(t, err, accessDenied)
	_, err = a.TagResource(ctx, &kms.TagResourceInput{KeyId: &key, Tags: tags("team", "red")})
	ok(t, err)
	_, err = u.GenerateDataKey(ctx, dataKey)
	ok(t, err)

	wantCode(t, u.schedule(key, 7), accessDenied)
	ok(t, u.schedule(key, 20))
}
