package secretsmanager_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

const (
	token1 = "11111111-1111-4111-8111-111111111111"
	token2 = "22222222-2222-4222-8222-222222222222"
	token3 = "33333333-3333-4333-8333-333333333333"
)

// versions returns the listed version ids of a secret, with their labels.
func (c client) versions(id string, deprecated bool) (list []string) {
	c.t.Helper()
	out, err := c.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: &id, IncludeDeprecated: &deprecated})
	ok(c.t, err)
	for _, v := range out.Versions {
		list = append(list, (*v.VersionId)[:1]+" "+strings.Join(v.VersionStages, " "))
	}
	return list
}

// move moves a label from a version to another.
func (c client) move(id, stage string, from, to *string) error {
	_, err := c.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{SecretId: &id, VersionStage: &stage, RemoveFromVersionId: from, MoveToVersionId: to})
	return err
}

// putAs puts a value under a token.
func (c client) putAs(id, token, value string, stages ...string) error {
	_, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, ClientRequestToken: &token, SecretString: &value, VersionStages: stages})
	return err
}

// TestStages tests sequences of labels that were recorded from AWS.
func TestStages(t *testing.T) {
	s := writtest.New(t)
	for _, test := range []struct {
		name  string
		steps func(c client, id string)
		want  []string
	}{
		{"a new value", func(c client, id string) { ok(t, c.putAs(id, token2, "S2")) }, []string{"1 AWSPREVIOUS", "2 AWSCURRENT"}},
		{"a third", func(c client, id string) {
			ok(t, c.putAs(id, token2, "S2"))
			ok(t, c.putAs(id, token3, "S3"))
		}, []string{"2 AWSPREVIOUS", "3 AWSCURRENT"}},
		{"pending", func(c client, id string) { ok(t, c.putAs(id, token2, "S2", "AWSPENDING")) }, []string{"1 AWSCURRENT", "2 AWSPENDING"}},
		{"pending becomes current", func(c client, id string) {
			ok(t, c.putAs(id, token2, "S2", "AWSPENDING"))
			ok(t, c.move(id, "AWSCURRENT", new(token1), new(token2)))
		}, []string{"1 AWSPREVIOUS", "2 AWSCURRENT AWSPENDING"}},
		{"and another follows", func(c client, id string) {
			ok(t, c.putAs(id, token2, "S2", "AWSPENDING"))
			ok(t, c.move(id, "AWSCURRENT", new(token1), new(token2)))
			ok(t, c.putAs(id, token3, "S3"))
		}, []string{"2 AWSPREVIOUS", "3 AWSCURRENT"}},
		{"and another is pending", func(c client, id string) {
			ok(t, c.putAs(id, token2, "S2", "AWSPENDING", "AWSSOMETHING", "PUT1"))
			ok(t, c.move(id, "AWSCURRENT", new(token1), new(token2)))
			ok(t, c.putAs(id, token3, "S3", "PUT2", "AWSPENDING"))
		}, []string{"1 AWSPREVIOUS", "2 AWSCURRENT AWSSOMETHING PUT1", "3 AWSPENDING PUT2"}},
		{"own labels", func(c client, id string) {
			ok(t, c.putAs(id, token2, "S2", "one", "two", "three"))
			ok(t, c.putAs(id, token3, "S3", "one", "two", "four"))
		}, []string{"1 AWSCURRENT", "2 three", "3 four one two"}},
		{"back to the previous", func(c client, id string) {
			ok(t, c.putAs(id, token2, "S2"))
			ok(t, c.move(id, "AWSCURRENT", new(token2), new(token1)))
		}, []string{"1 AWSCURRENT", "2 AWSPREVIOUS"}},
		{"a label is removed", func(c client, id string) {
			ok(t, c.putAs(id, token2, "S2", "mine"))
			ok(t, c.move(id, "mine", new(token2), nil))
		}, []string{"1 AWSCURRENT"}},
		{"where it is", func(c client, id string) { ok(t, c.move(id, "AWSCURRENT", nil, new(token1))) }, []string{"1 AWSCURRENT"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClient(t, s, alice)
			id := c.create(strings.ReplaceAll(test.name, " ", "-"), "S1", withToken(token1))
			test.steps(c, id)
			if diff := cmp.Diff(test.want, c.versions(id, false)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStageErrors(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	id := c.create("db", "S1", withToken(token1))
	ok(t, c.putAs(id, token2, "S2", "mine"))
	const attached = "Staging label AWSCURRENT is currently attached to version " + token1 + ", so you must explicitly reference that version in RemoveFromVersionId."
	for _, test := range []struct {
		name, stage string
		from, to    *string
		code, text  string
	}{
		{"from where it is", "AWSCURRENT", nil, new(token2), invalidParameter, "The parameter RemoveFromVersionId can't be empty. " + attached},
		{"from where it is not", "AWSCURRENT", new(token2), new(token1), invalidParameter, attached},
		{"nowhere", "AWSCURRENT", new(token1), nil, invalidParameter, "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."},
		{"to no version", "AWSCURRENT", new(token1), new(token3), notFound, "Secrets Manager can't find the specified secret value for VersionId: " + token3},
		{"from no version", "mine", new(token3), nil, notFound, ""},
		{"a label that is not there", "other", new(token1), nil, invalidParameter, ""},
		{"neither", "mine", nil, nil, invalidParameter, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantError(t, c.move(id, test.stage, test.from, test.to), test.code, test.text)
		})
	}
	if diff := cmp.Diff([]string{"1 AWSCURRENT", "2 mine"}, c.versions(id, true)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSelect reads versions by id and by label.
func TestSelect(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	id := c.create("db", "S1", withToken(token1))
	ok(t, c.putAs(id, token2, "S2"))
	for _, test := range []struct {
		name           string
		version, stage *string
		want           string
		code, text     string
	}{
		{"neither", nil, nil, "S2", "", ""},
		{"a version", new(token1), nil, "S1", "", ""},
		{"a label", nil, new("AWSPREVIOUS"), "S1", "", ""},
		{"both", new(token1), new("AWSPREVIOUS"), "S1", "", ""},
		{"both, of two versions", new(token1), new("AWSCURRENT"), "", invalidRequest, "You provided a VersionStage that is not associated to the provided VersionId."},
		{"no version", new(token3), nil, "", notFound, "Secrets Manager can't find the specified secret value for VersionId: " + token3},
		{"no label", nil, new("AWSPENDING"), "", notFound, "Secrets Manager can't find the specified secret value for staging label: AWSPENDING"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id, VersionId: test.version, VersionStage: test.stage})
			if test.code != "" {
				wantError(t, err, test.code, test.text)
				return
			}
			ok(t, err)
			if *out.SecretString != test.want || out.SecretBinary != nil {
				t.Errorf("%q, %q", *out.SecretString, out.SecretBinary)
			}
		})
	}
	c.create("empty", "")
	_, err := c.get("empty")
	wantError(t, err, notFound, "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")
}

// TestTokens repeats requests with their tokens.
func TestTokens(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	id := c.create("db", "S1", withToken(token1))
	again, err := c.tryCreate("db", "S1", withToken(token1))
	ok(t, err)
	if *again.ARN != id || *again.VersionId != token1 {
		t.Errorf("repeated: %s %s", *again.ARN, *again.VersionId)
	}
	_, err = c.tryCreate("db", "other", withToken(token1))
	wantError(t, err, exists, "You can't use ClientRequestToken "+token1+" because that value is already in use for a version of secret "+id+".")
	_, err = c.tryCreate("db", "S1", withToken(token2))
	wantError(t, err, exists, "The operation failed because the secret db already exists.")
	ok(t, c.putAs(id, token2, "S2"))
	ok(t, c.putAs(id, token1, "S1")) // it does not become current
	c.has(id, "S2")
	wantError(t, c.putAs(id, token1, "S2"), exists, "")
	_, err = c.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &id, ClientRequestToken: new(token2), SecretString: new("other")})
	wantError(t, err, exists, "")
	c.has(id, "S2")
}

func TestValues(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	id := c.create("db", "")
	_, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretBinary: []byte{0, 1, 255}, VersionStages: []string{"mine"}})
	ok(t, err)
	out, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id}) // the first value is current
	ok(t, err)
	if diff := cmp.Diff([]byte{0, 1, 255}, out.SecretBinary); diff != "" || out.SecretString != nil || !slices.Equal(out.VersionStages, []string{"AWSCURRENT", "mine"}) {
		t.Errorf("%v %v %s", out.SecretString, out.VersionStages, diff)
	}
	_, err = c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretBinary: []byte{1}, SecretString: new("x")})
	wantError(t, err, invalidParameter, "You can't specify both a binary secret value and a string secret value in the same secret.")
	_, err = c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id})
	wantError(t, err, invalidRequest, "You must provide either SecretString or SecretBinary.")
	_, err = c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: new("")})
	wantError(t, err, invalidRequest, "You must provide either SecretString or SecretBinary.")
	_, err = c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: new(strings.Repeat("x", 65537))})
	wantError(t, err, validation, "")
	long := strings.Repeat("x", 65536)
	c.put(id, long)
	c.has(id, long)
	for _, name := range []string{"Inv Name", " Inv*Name? "} {
		_, err := c.tryCreate(name, "x")
		wantError(t, err, validation, "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
		_, err = c.get(name)
		wantError(t, err, validation, "")
	}
	_, err = c.get("nope")
	wantError(t, err, notFound, "Secrets Manager can't find the specified secret.")
}

// TestUpdate changes one thing at a time.
func TestUpdate(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	id := c.create("db", "S1", withToken(token1))
	out, err := c.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: new("db"), Description: new("The database's.")})
	ok(t, err)
	if out.VersionId != nil || *c.describe("db").Description != "The database's." {
		t.Errorf("version %v, %q", out.VersionId, *c.describe("db").Description)
	}
	out, err = c.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &id, ClientRequestToken: new(token2), SecretString: new("S2")})
	ok(t, err)
	d := c.describe("db")
	if diff := cmp.Diff(map[string][]string{token1: {"AWSPREVIOUS"}, token2: {"AWSCURRENT"}}, d.VersionIdsToStages); diff != "" || *out.VersionId != token2 || *d.Description != "The database's." {
		t.Errorf("%s %s", *out.VersionId, diff)
	}
}

// TestPartialARN finds a secret by its name, its ARN, and its ARN without the suffix.
func TestPartialARN(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	arn := c.create("app/db", "hush")
	c.create("app/db-copy", "other")
	partial := arn[:len(arn)-7]
	for _, id := range []string{"app/db", arn, partial} {
		c.has(id, "hush")
	}
	for _, id := range []string{arn[:len(arn)-1], strings.Replace(arn, "us-east-1", "eu-west-1", 1), strings.Replace(arn, ":secretsmanager:", ":ssm:", 1)} {
		_, err := c.get(id)
		wantError(t, err, notFound, "")
	}
	_, err := newClient(t, s, bob).get("app/db")
	wantError(t, err, notFound, "")
	_, err = newClient(t, s, bob).get(partial)
	wantError(t, err, accessDenied, "")
}

// TestOldVersions checks that at most a hundred versions are kept, except for those of the last day.
func TestOldVersions(t *testing.T) {
	s := writtest.New(t)
	s.SetClock(time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC))
	c := newClient(t, s, alice)
	id := c.create("db", "S")
	for range 99 {
		c.put(id, "S")
	}
	_, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: new("S")})
	wantError(t, err, "LimitExceededException", "")
	s.Advance(25 * time.Hour)
	c.put(id, "T")
	if n := len(c.versions(id, true)); n != 100 {
		t.Errorf("%d versions", n)
	}
	if diff := cmp.Diff(2, len(c.versions(id, false))); diff != "" {
		t.Error(diff)
	}
	c.has(id, "T")
}
