package secretsmanager_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

const function = "arn:aws:lambda:us-east-1:" + alice + ":function:rotate"

func tags(pairs ...string) (list []types.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return list
}

// TestRotation acts as the rotation function, whose steps are calls of Secrets Manager.
func TestRotation(t *testing.T) {
	s := writtest.New(t)
	now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	s.SetClock(now)
	c := newClient(t, s, alice)
	id := c.create("db", "S1", withToken(token1))
	_, err := c.RotateSecret(ctx, &secretsmanager.RotateSecretInput{SecretId: &id})
	wantError(t, err, invalidRequest, "No Lambda rotation function ARN is associated with this secret.")
	in := &secretsmanager.RotateSecretInput{
		SecretId: &id, ClientRequestToken: new(token2), RotationLambdaARN: new(function),
		RotationRules: &types.RotationRulesType{AutomaticallyAfterDays: new(int64(10)), Duration: new("3h")},
	}
	out, err := c.RotateSecret(ctx, in)
	ok(t, err)
	d := c.describe(id)
	if *out.VersionId != token2 || !*d.RotationEnabled || *d.RotationLambdaARN != function || *d.RotationRules.AutomaticallyAfterDays != 10 || d.LastRotatedDate != nil ||
		!d.NextRotationDate.Equal(now.Add(10*24*time.Hour)) {
		t.Errorf("%+v", d)
	}
	if diff := cmp.Diff(map[string][]string{token1: {"AWSCURRENT"}, token2: {"AWSPENDING"}}, d.VersionIdsToStages); diff != "" {
		t.Error(diff)
	}
	in.ClientRequestToken = new(token3)
	_, err = c.RotateSecret(ctx, in)
	wantError(t, err, invalidRequest, "A previous rotation isn't complete. That rotation will be reattempted.")
	_, err = c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id, VersionId: new(token2), VersionStage: new("AWSPENDING")})
	wantError(t, err, notFound, "")
	wantError(t, c.move(id, "AWSCURRENT", new(token1), new(token2)), notFound, "") // it has no value yet
	ok(t, c.putAs(id, token2, "S2", "AWSPENDING"))
	c.has(id, "S1")
	s.Advance(time.Hour)
	ok(t, c.move(id, "AWSCURRENT", new(token1), new(token2)))
	c.has(id, "S2")
	rotated := now.Add(time.Hour)
	if d := c.describe(id); !d.LastRotatedDate.Equal(rotated) || !d.NextRotationDate.Equal(rotated.Add(10*24*time.Hour)) {
		t.Errorf("rotated %v, next %v", d.LastRotatedDate, d.NextRotationDate)
	}
	_, err = c.RotateSecret(ctx, in) // the previous rotation is complete
	ok(t, err)
	canceled, err := c.CancelRotateSecret(ctx, &secretsmanager.CancelRotateSecretInput{SecretId: &id})
	ok(t, err)
	if d := c.describe(id); *canceled.VersionId != token3 || *d.RotationEnabled || d.NextRotationDate != nil || *d.RotationLambdaARN != function {
		t.Errorf("canceled %v: %+v", canceled.VersionId, d)
	}
	c.put(id, "S4") // a new current value ends a pending rotation
	if diff := cmp.Diff([]string{"2 AWSPREVIOUS"}, c.versions(id, false)[:1]); diff != "" {
		t.Error(diff)
	}
	if n := len(c.versions(id, true)); n != 3 {
		t.Errorf("%d versions: the one without a value stays", n)
	}
}

func TestRotationRules(t *testing.T) {
	s := writtest.New(t)
	now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	s.SetClock(now)
	c := newClient(t, s, alice)
	id := c.create("db", "S1")
	for _, test := range []struct {
		rules types.RotationRulesType
		next  time.Duration // 0 for none
		code  string
	}{
		{types.RotationRulesType{ScheduleExpression: new("rate(4 hours)")}, 4 * time.Hour, ""},
		{types.RotationRulesType{ScheduleExpression: new("rate(1 day)")}, 24 * time.Hour, ""},
		{types.RotationRulesType{ScheduleExpression: new("cron(0 16 1,15 * ? *)")}, 0, ""},
		{types.RotationRulesType{ScheduleExpression: new("rate(0 days)")}, 0, invalidParameter},
		{types.RotationRulesType{ScheduleExpression: new("daily")}, 0, invalidParameter},
		{types.RotationRulesType{ScheduleExpression: new("rate(1 day)"), AutomaticallyAfterDays: new(int64(1))}, 0, invalidParameter},
		{types.RotationRulesType{AutomaticallyAfterDays: new(int64(1001))}, 0, validation},
	} {
		_, err := c.RotateSecret(ctx, &secretsmanager.RotateSecretInput{SecretId: &id, RotationLambdaARN: new(function), RotationRules: &test.rules, RotateImmediately: new(false)})
		if test.code != "" {
			wantError(t, err, test.code, "")
			continue
		}
		ok(t, err)
		switch d := c.describe(id); {
		case test.next == 0 && d.NextRotationDate != nil:
			t.Errorf("%v: next %v", test.rules, d.NextRotationDate)
		case test.next != 0 && !d.NextRotationDate.Equal(now.Add(test.next)):
			t.Errorf("%v: next %v", test.rules, d.NextRotationDate)
		}
		if n := len(c.describe(id).VersionIdsToStages); n != 1 {
			t.Errorf("%d versions, though nothing is to be rotated now", n)
		}
	}
	_, err := c.CancelRotateSecret(ctx, &secretsmanager.CancelRotateSecretInput{SecretId: new(c.create("other", "x"))})
	wantError(t, err, invalidRequest, "")
	only := as(t, s, alice, "functions", where(can("secretsmanager:*", "*"), `{"StringEquals":{"secretsmanager:resource/AllowRotationLambdaArn":"`+function+`"}}`))
	only.has(id, "S1")
	_, err = only.get("other")
	wantError(t, err, accessDenied, "")
}
