package secretsmanager_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/writdev/writ/writtest"
)

// TestBlockPublicPolicy checks that a public policy is rejected if the request blocks it, and put otherwise.
func TestBlockPublicPolicy(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	id := c.create("db", "hush")
	everyone := lets(`"*"`, "secretsmanager:GetSecretValue")
	for _, test := range []struct {
		name, document string
		public         bool
	}{
		{"everyone", document(everyone), true},
		{"everyone of an account", document(where(everyone, `{"StringEquals":{"aws:PrincipalAccount":"`+bob+`"}}`)), false},
		{"everyone of an organization", document(where(everyone, `{"StringEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}}`)), false},
		{"everyone with some user agent", document(where(everyone, `{"StringLike":{"aws:UserAgent":"*"}}`)), true},
		{"everyone but one account", document(where(everyone, `{"StringNotEquals":{"aws:PrincipalAccount":"`+carol+`"}}`)), true},
		{"everyone, and all are denied", document(everyone, `{"Effect":"Deny","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}`), false},
		{"an account", document(lets(account(bob), "secretsmanager:*")), false},
		{"a service", document(lets(`{"Service":"lambda.amazonaws.com"}`, "secretsmanager:GetSecretValue")), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &id, ResourcePolicy: &test.document, BlockPublicPolicy: new(true)})
			if test.public {
				wantError(t, err, "PublicPolicyException", "You can't attach a resource-based policy that allows broad access to the secret.")
			} else {
				ok(t, err)
			}
			ok(t, c.putPolicy(id, test.document))
			out, err := c.ValidateResourcePolicy(ctx, &secretsmanager.ValidateResourcePolicyInput{SecretId: &id, ResourcePolicy: &test.document})
			ok(t, err)
			if out.PolicyValidationPassed == test.public {
				t.Errorf("validation: %+v", out.ValidationErrors)
			}
		})
	}
}

func TestPolicyErrors(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	id := c.create("db", "hush")
	const lockout = "Your requested changes will not allow you to manage this secret in the future."
	denyAll := document(`{"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*"}`)
	wantError(t, c.putPolicy(id, denyAll), malformed, lockout)
	nobody := document(lets(account("arn:aws:iam::"+alice+":user/nobody"), "secretsmanager:GetSecretValue"))
	wantError(t, c.putPolicy(id, nobody), malformed, "This resource policy contains an unsupported principal.")
	wantError(t, c.putPolicy(id, `{"Version":`), malformed, "")
	wantError(t, c.putPolicy("none", denyAll), notFound, "")
	out, err := c.ValidateResourcePolicy(ctx, &secretsmanager.ValidateResourcePolicyInput{SecretId: &id, ResourcePolicy: &denyAll})
	ok(t, err)
	if out.PolicyValidationPassed || len(out.ValidationErrors) != 1 || *out.ValidationErrors[0].ErrorMessage != lockout {
		t.Errorf("%+v", out.ValidationErrors)
	}
	out, err = c.ValidateResourcePolicy(ctx, &secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: &nobody})
	ok(t, err)
	if out.PolicyValidationPassed || *out.ValidationErrors[0].CheckName != "UNSUPPORTED_PRINCIPAL" {
		t.Errorf("%+v", out.ValidationErrors)
	}
	_, err = c.ValidateResourcePolicy(ctx, &secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: new("{}")})
	wantError(t, err, malformed, "")

	// A statement that denies all other principals does not lock its caller out.
	ok(t, c.putPolicy(id, document(`{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::`+alice+`:root"},"Action":"secretsmanager:*","Resource":"*"}`)))
	_, err = as(t, s, alice, "ann", can("secretsmanager:*", "*")).get(id)
	wantError(t, err, accessDenied, "")
	_, err = c.DeleteResourcePolicy(ctx, &secretsmanager.DeleteResourcePolicyInput{SecretId: &id})
	ok(t, err)
	got, err := c.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &id})
	ok(t, err)
	if got.ResourcePolicy != nil || *got.ARN != id || *got.Name != "db" {
		t.Errorf("%v", got.ResourcePolicy)
	}
	_, err = c.DeleteResourcePolicy(ctx, &secretsmanager.DeleteResourcePolicyInput{SecretId: &id}) // also without a policy
	ok(t, err)
}

// TestOtherAccountChanges checks the operations that the policy allows another account.
func TestOtherAccountChanges(t *testing.T) {
	s := writtest.New(t)
	c, b := newClient(t, s, alice), newClient(t, s, bob)
	id := c.create("db", "hush", withKey(c.openKey()))
	ok(t, c.putPolicy(id, document(lets(account(bob), "secretsmanager:*"))))
	b.put(id, "bob's")
	_, err := b.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &id})
	ok(t, err)
	_, err = c.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &id})
	ok(t, err)
	c.has(id, "bob's")
	wantError(t, b.putPolicy(id, document(lets(account(carol), "secretsmanager:*"))), malformed, "Your requested changes will not allow you to manage this secret in the future.")
}

// TestConditions tries the condition keys of requests and of secrets.
func TestConditions(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	key := c.key()
	id := c.create("db", "hush", withToken(token1), withTag("team", "red"), withKey(key))
	user := 0
	try := func(action, condition string, do func(client) error) {
		t.Helper()
		user++
		u := as(t, s, alice, "u"+string(rune('A'+user)), where(can(action, "*"), condition), can("kms:*", "*"), can("secretsmanager:TagResource", "*"))
		if err := do(u); err != nil {
			t.Errorf("%s where %s: %v", action, condition, err)
		}
	}
	refuse := func(action, condition string, do func(client) error) {
		t.Helper()
		user++
		u := as(t, s, alice, "u"+string(rune('A'+user)), where(can(action, "*"), condition), can("kms:*", "*"))
		wantError(t, do(u), accessDenied, "")
	}
	get := func(set ...func(*secretsmanager.GetSecretValueInput)) func(client) error {
		return func(c client) error {
			in := &secretsmanager.GetSecretValueInput{SecretId: &id}
			for _, f := range set {
				f(in)
			}
			_, err := c.GetSecretValue(ctx, in)
			return err
		}
	}
	const read = "secretsmanager:GetSecretValue"
	try(read, `{"StringEquals":{"secretsmanager:ResourceTag/team":"red","aws:ResourceTag/team":"red"}}`, get())
	refuse(read, `{"StringEquals":{"secretsmanager:ResourceTag/team":"blue"}}`, get())
	try(read, `{"StringEquals":{"secretsmanager:SecretId":"`+id+`","secretsmanager:SecretPrimaryRegion":"us-east-1"}}`, get())
	try(read, `{"StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}}`, get(func(in *secretsmanager.GetSecretValueInput) { in.VersionStage = new("AWSCURRENT") }))
	refuse(read, `{"StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}}`, get())
	try(read, `{"StringEquals":{"secretsmanager:VersionId":"`+token1+`"}}`, get(func(in *secretsmanager.GetSecretValueInput) { in.VersionId = new(token1) }))

	create := func(options ...option) func(client) error {
		return func(c client) error {
			_, err := c.tryCreate("new-"+string(rune('A'+user)), "x", options...)
			return err
		}
	}
	const made = "secretsmanager:CreateSecret"
	try(made, `{"StringLike":{"secretsmanager:Name":"new-*"}}`, create())
	try(made, `{"StringEquals":{"secretsmanager:KmsKeyId":"`+key+`","secretsmanager:KmsKeyArn":"`+key+`"}}`, create(withKey(key)))
	refuse(made, `{"StringEquals":{"secretsmanager:KmsKeyArn":"`+key+`"}}`, create())
	try(made, `{"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}`, create(withTag("team", "red")))
	refuse(made, `{"StringEquals":{"aws:RequestTag/team":"red"}}`, create(withTag("team", "blue")))
	// The tags of a new secret require a separate permission, and so do its replicas.
	wantError(t, create(withTag("team", "red"))(as(t, s, alice, "no-tags", can(made, "*"))), accessDenied, "")
	wantError(t, create(withReplicas("eu-west-1"))(as(t, s, alice, "no-replicas", can(made, "*"))), accessDenied, "")

	put := func(block *bool) func(client) error {
		return func(c client) error {
			_, err := c.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &id, BlockPublicPolicy: block, ResourcePolicy: new(document(lets(account(bob), read)))})
			return err
		}
	}
	try("secretsmanager:PutResourcePolicy", `{"Bool":{"secretsmanager:BlockPublicPolicy":"true"}}`, put(new(true)))
	refuse("secretsmanager:PutResourcePolicy", `{"Bool":{"secretsmanager:BlockPublicPolicy":"true"}}`, put(nil))
	remove := func(in secretsmanager.DeleteSecretInput) func(client) error {
		return func(c client) error {
			c2 := in
			c2.SecretId = new(newClient(t, s, alice).create("gone-"+string(rune('A'+user)), "x"))
			_, err := c.DeleteSecret(ctx, &c2)
			return err
		}
	}
	const deleted = "secretsmanager:DeleteSecret"
	try(deleted, `{"Bool":{"secretsmanager:ForceDeleteWithoutRecovery":"false"}}`, remove(secretsmanager.DeleteSecretInput{}))
	refuse(deleted, `{"Bool":{"secretsmanager:ForceDeleteWithoutRecovery":"false"}}`, remove(secretsmanager.DeleteSecretInput{ForceDeleteWithoutRecovery: new(true)}))
	try(deleted, `{"NumericGreaterThanEquals":{"secretsmanager:RecoveryWindowInDays":"14"}}`, remove(secretsmanager.DeleteSecretInput{RecoveryWindowInDays: new(int64(14))}))
	refuse(deleted, `{"NumericGreaterThanEquals":{"secretsmanager:RecoveryWindowInDays":"14"}}`, remove(secretsmanager.DeleteSecretInput{RecoveryWindowInDays: new(int64(7))}))
}

// TestTags checks that a caller cannot remove its own permissions by tags.
func TestTags(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	id := c.create("db", "hush", withTag("team", "red"))
	u := as(t, s, alice, "red", where(can("secretsmanager:*", "*"), `{"StringEquals":{"aws:ResourceTag/team":"red"}}`))
	_, err := u.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &id, Tags: tags("stage", "test")})
	ok(t, err)
	_, err = u.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &id, Tags: tags("team", "blue")})
	wantError(t, err, accessDenied, "")
	_, err = u.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &id, TagKeys: []string{"team"}})
	wantError(t, err, accessDenied, "")
	_, err = u.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &id, TagKeys: []string{"stage"}})
	ok(t, err)
	if d := c.describe(id); len(d.Tags) != 1 || *d.Tags[0].Value != "red" {
		t.Errorf("tags %v", d.Tags)
	}
	for name, list := range map[string][]string{"reserved": {"aws:x", "1"}, "twice": {"a", "1", "a", "2"}} {
		if _, err := c.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &id, Tags: tags(list...)}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
