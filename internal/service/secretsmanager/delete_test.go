package secretsmanager_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/writdev/writ/writtest"
)

const (
	textDeleted  = "You can't perform this operation on the secret because it was marked for deletion."
	textNotFound = "Secrets Manager can't find the specified secret."
)

// TestRecoveryWindow follows a secret past the end of its window.
func TestRecoveryWindow(t *testing.T) {
	s := writtest.New(t)
	start := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	s.SetClock(start)
	c := newClient(t, s, alice)
	id := c.create("db", "hush")
	ok(t, c.putPolicy(id, document(lets(account(bob), "secretsmanager:DescribeSecret"))))
	out, err := c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: new("db"), RecoveryWindowInDays: new(int64(7))})
	ok(t, err)
	if want := start.Add(7 * 24 * time.Hour); !out.DeletionDate.Equal(want) || !c.describe(id).DeletedDate.Equal(want) {
		t.Errorf("deleted %v, %v", out.DeletionDate, c.describe(id).DeletedDate)
	}
	_, err = c.get(id)
	wantError(t, err, invalidRequest, textDeleted)
	_, err = c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: new("x")})
	wantError(t, err, invalidRequest, textDeleted)
	_, err = c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &id})
	wantError(t, err, invalidRequest, textDeleted)
	_, err = c.tryCreate("db", "other")
	wantError(t, err, invalidRequest, "You can't create this secret because a secret with this name is already scheduled for deletion.")
	if n := len(c.list()); n != 0 {
		t.Errorf("%d are listed", n)
	}
	s.Advance(7*24*time.Hour - time.Second)
	_, err = c.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &id})
	ok(t, err)
	c.has(id, "hush")
	if d := c.describe(id).DeletedDate; d != nil {
		t.Errorf("restored, and deleted %v", d)
	}

	_, err = c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &id})
	ok(t, err)
	s.Advance(30 * 24 * time.Hour)
	_, err = c.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &id})
	wantError(t, err, notFound, textNotFound)
	again := c.create("db", "new")
	if again == id {
		t.Error("the new secret has the ARN of the old one")
	}
	c.has("db", "new")
	_, err = newClient(t, s, bob).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &again})
	wantError(t, err, accessDenied, "") // the old policy is deleted
	_, err = c.get(id)
	wantError(t, err, notFound, textNotFound)
}

func TestDeleteAtOnce(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	id := c.create("db", "hush")
	force := &secretsmanager.DeleteSecretInput{SecretId: &id, ForceDeleteWithoutRecovery: new(true)}
	_, err := c.DeleteSecret(ctx, force)
	ok(t, err)
	_, err = c.get(id)
	wantError(t, err, notFound, textNotFound)
	if again := c.create("db", "new"); again == id {
		t.Error("the new secret has the ARN of the old one")
	}
	_, err = c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: new("none"), ForceDeleteWithoutRecovery: new(true)})
	ok(t, err)
	_, err = c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: new("none")})
	wantError(t, err, notFound, textNotFound)
	for days, text := range map[int64]string{
		6:  "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
		31: "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
	} {
		_, err := c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: new("db"), RecoveryWindowInDays: &days})
		wantError(t, err, invalidParameter, text)
	}
	_, err = c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: new("db"), RecoveryWindowInDays: new(int64(7)), ForceDeleteWithoutRecovery: new(true)})
	wantError(t, err, invalidParameter, "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
}
