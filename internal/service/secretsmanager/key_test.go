package secretsmanager_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

const textNoKey = "Access to KMS is not allowed"

// TestCustomerKey checks that permission to read a secret is not sufficient: its key must allow the caller to
// decrypt through Secrets Manager.
func TestCustomerKey(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	key := c.key()
	id := c.create("db", "hush", withKey(key))
	all := can("secretsmanager:*", "*")
	context := func(version string) string {
		return `{"StringEquals":{"kms:ViaService":"secretsmanager.us-east-1.amazonaws.com","kms:EncryptionContext:SecretARN":"` + id + `"},
			"StringLike":{"kms:EncryptionContext:SecretVersionId":"` + version + `"}}`
	}
	_, err := as(t, s, alice, "no-key", all).get(id)
	wantError(t, err, accessDenied, textNoKey)
	as(t, s, alice, "decrypts", all, can("kms:Decrypt", key)).has(id, "hush")
	as(t, s, alice, "via", all, where(can("kms:Decrypt", key), context("*"))).has(id, "hush")
	_, err = as(t, s, alice, "another", all, where(can("kms:Decrypt", key), context("RequestToValidateKeyAccess"))).get(id)
	wantError(t, err, accessDenied, textNoKey)
	_, err = as(t, s, alice, "directly", all, where(can("kms:Decrypt", key), `{"StringEquals":{"kms:ViaService":"ssm.us-east-1.amazonaws.com"}}`)).get(id)
	wantError(t, err, accessDenied, textNoKey)

	// Writing a value requires GenerateDataKey; creating a secret requires both.
	writer := as(t, s, alice, "writer", all, where(can("kms:GenerateDataKey", key), context("*")))
	writer.put(id, "new")
	_, err = as(t, s, alice, "seals", all, can("kms:GenerateDataKey", key)).tryCreate("other", "x", withKey(key))
	wantError(t, err, accessDenied, textNoKey)
	maker := as(t, s, alice, "maker", all, where(can("kms:GenerateDataKey", key), `{"Null":{"kms:EncryptionContext:SecretARN":"false"}}`),
		where(can("kms:Decrypt", key), `{"StringEquals":{"kms:EncryptionContext:SecretVersionId":"RequestToValidateKeyAccess"}}`))
	maker.create("other", "x", withKey(key))
	_, err = maker.get("other")
	wantError(t, err, accessDenied, textNoKey)

	keys := kms.NewFromConfig(s.Config(alice))
	_, err = keys.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})
	ok(t, err)
	_, err = c.get(id)
	wantError(t, err, "DecryptionFailure", "")
	_, err = c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: new("x")})
	wantError(t, err, "EncryptionFailure", "")
	_, err = c.tryCreate("third", "x", withKey("alias/none"))
	wantError(t, err, "EncryptionFailure", "")
}

// TestManagedKey checks that every principal of the account can use aws/secretsmanager, and no other account
// can.
func TestManagedKey(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	for i, options := range [][]option{nil, {withKey("alias/aws/secretsmanager")}} {
		name := string(rune('a' + i))
		id := c.create(name, "hush", options...)
		ok(t, c.putPolicy(id, document(lets(account(bob), "secretsmanager:*"))))
		as(t, s, alice, "reader-"+name, can("secretsmanager:GetSecretValue", "*")).has(id, "hush")
		_, err := newClient(t, s, bob).get(id)
		wantError(t, err, accessDenied, textNoKey)
		_, err = newClient(t, s, bob).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: new("x")})
		wantError(t, err, accessDenied, textNoKey)
		if d := c.describe(id); d.KmsKeyId != nil {
			t.Errorf("the key is %s", *d.KmsKeyId)
		}
	}
}

// TestOwnersKey checks that a key id without an account means a key of the secret's account, whoever writes.
func TestOwnersKey(t *testing.T) {
	s := writtest.New(t)
	c, b := newClient(t, s, alice), newClient(t, s, bob)
	for _, of := range []struct {
		client
		key string
	}{{c, c.openKey()}, {b, b.key()}} {
		_, err := kms.NewFromConfig(of.cfg).CreateAlias(ctx, &kms.CreateAliasInput{AliasName: new("alias/mine"), TargetKeyId: &of.key})
		ok(t, err)
	}
	id := c.create("db", "hush", withKey("alias/mine"))
	ok(t, c.putPolicy(id, document(lets(account(bob), "secretsmanager:*"))))
	b.has(id, "hush")
	b.put(id, "bob's")
	c.has(id, "bob's")
	out, err := c.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: &id})
	ok(t, err)
	if a, b := out.Versions[0].KmsKeyIds[0], out.Versions[1].KmsKeyIds[0]; a != b {
		t.Errorf("keys %s and %s", a, b)
	}
}

// TestAnotherKey changes the key of a secret: values in use are encrypted again if the caller may encrypt,
// and are unchanged otherwise.
func TestAnotherKey(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	old, key := c.key(), c.key()
	for _, test := range []struct {
		name, action string
		moved        bool
	}{{"encrypts", "kms:*", true}, {"does-not", "kms:[DG]*", false}} {
		id := c.create(test.name, "hush", withKey(old))
		c.put(id, "new")
		statements := []string{can("secretsmanager:*", "*"), can("kms:Decrypt", "*"), can("kms:GenerateDataKey", "*")}
		if test.moved {
			statements = append(statements, can("kms:Encrypt", "*"))
		}
		u := as(t, s, alice, test.name, statements...)
		_, err := u.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &id, KmsKeyId: &key})
		ok(t, err)
		if d := c.describe(id); *d.KmsKeyId != key {
			t.Errorf("%s: the key is %s", test.name, *d.KmsKeyId)
		}
		out, err := c.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: &id})
		ok(t, err)
		for _, v := range out.Versions {
			if moved := v.KmsKeyIds[0] == key; moved != test.moved {
				t.Errorf("%s: version under %s", test.name, v.KmsKeyIds[0])
			}
		}
		c.has(id, "new")
	}
	id := c.create("denied", "hush", withKey(old))
	u := as(t, s, alice, "denied", can("secretsmanager:*", "*"), can("kms:*", old))
	_, err := u.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &id, KmsKeyId: &key})
	wantError(t, err, accessDenied, textNoKey)
}

// TestValuesStaySealed searches for the plaintext in the files of the store.
func TestValuesStaySealed(t *testing.T) {
	dir := t.TempDir()
	s := writtest.NewFromConfig(t, writ.Config{Data: dir})
	c := newClient(t, s, alice)
	const secret, public = "correct horse battery staple", "the public description"
	id := c.create("db", secret, withDescription(public))
	c.put(id, secret+" 2")
	c.has(id, secret+" 2")
	found := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	ok(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		ok(t, err)
		for _, known := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), public} {
			found[known] = found[known] || bytes.Contains(text, []byte(known))
		}
	}
	if !found[public] || found[secret] || found[base64.StdEncoding.EncodeToString([]byte(secret))] {
		t.Errorf("found %v", found)
	}
}
