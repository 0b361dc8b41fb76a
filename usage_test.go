package writ_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// TestLastUseSurvives: when an access key was last used is known after a restart.
func TestLastUseSurvives(t *testing.T) {
	const account = "111122223333"
	dir := t.TempDir()
	var key string
	var used time.Time
	last := func(t *testing.T, s *writtest.Server) *iam.GetAccessKeyLastUsedOutput {
		t.Helper()
		out, err := iam.NewFromConfig(s.Config(account)).GetAccessKeyLastUsed(t.Context(), &iam.GetAccessKeyLastUsedInput{AccessKeyId: &key})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	t.Run("use", func(t *testing.T) { // the server ends with the subtest
		s := writtest.NewFromConfig(t, writ.Config{Data: dir})
		cfg := s.User(account, "ann", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
		if _, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err != nil {
			t.Fatal(err)
		}
		credentials, err := cfg.Credentials.Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		key = credentials.AccessKeyID
		used = *last(t, s).AccessKeyLastUsed.LastUsedDate
	})
	t.Run("restart", func(t *testing.T) {
		out := last(t, writtest.NewFromConfig(t, writ.Config{Data: dir}))
		if u := out.AccessKeyLastUsed; u.LastUsedDate == nil || !u.LastUsedDate.Equal(used) || *u.ServiceName != "sts" {
			t.Errorf("after the restart: %+v, want %v", u, used)
		}
	})
}
