package authz

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// TestExplainLater checks that a decision is explained as it was made, after its transaction has ended and
// all of its inputs have changed.
func TestExplainLater(t *testing.T) {
	st, err := store.OpenSQLite(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	const account, parameter = "111122223333", "arn:aws:ssm:us-east-1:111122223333:parameter/p"
	now := time.Date(2026, time.November, 27, 8, 0, 0, 0, time.UTC)
	ann := identity.NewUser("aws", account, "/", "ann")
	ann.SetPolicy("reads", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}}`)
	write := func(fn func(*store.Tx) error) {
		t.Helper()
		if err := st.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	tags := func(tx *store.Tx, arn, team string) error { return tx.SetTags(arn, map[string]string{"team": team}) }
	write(func(tx *store.Tx) error {
		if err := identity.PutUser(tx, ann, now); err != nil {
			return err
		}
		if err := tags(tx, ann.ARN, "red"); err != nil {
			return err
		}
		return tags(tx, parameter, "red")
	})
	gate := new(Gate)
	q := Question{
		Caller: identity.Caller{Principal: policy.Principal{Kind: policy.User, ARN: ann.ARN, Account: account}, UserID: ann.ID, Name: ann.Name},
		Action: "ssm:GetParameter", Target: Target{ARN: parameter},
		Keys: &RequestKeys{Time: now, Region: "us-east-1", RemoteAddr: "192.0.2.1:4711"},
	}
	check := func() (d *Decision) {
		t.Helper()
		err := st.View(t.Context(), func(tx *store.Tx) error {
			d, _ = gate.Check(tx, q) // a denial is also an error
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	explain := func(d *Decision) policy.Explanation {
		t.Helper()
		x, err := d.Explain()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	allowed := check()
	before := explain(allowed)
	write(func(tx *store.Tx) error {
		ann.SetPolicy("reads", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
		if err := identity.PutUser(tx, ann, now); err != nil {
			return err
		}
		return tags(tx, parameter, "blue")
	})
	denied := check()
	for _, c := range []struct {
		decision *Decision
		want     policy.Verdict
	}{{allowed, policy.Allow}, {denied, policy.ExplicitDeny}} {
		x := explain(c.decision)
		if c.decision.Result.Verdict != c.want || x.Decision != c.decision.Result {
			t.Errorf("decided %v, explained %v, want %v", c.decision.Result, x.Decision, c.want)
		}
	}
	if diff := cmp.Diff(before.Sentence, explain(allowed).Sentence); diff != "" {
		t.Errorf("explained later (-before +after):\n%s", diff)
	}
	var context policy.Context
	allowed.SetContext(&context)
	for key, want := range map[string]string{
		"aws:PrincipalTag/team": "red", "aws:ResourceTag/team": "red", "aws:SourceIp": "192.0.2.1",
		"aws:CurrentTime": "2026-11-27T08:00:00Z", "aws:username": "ann", "aws:ResourceAccount": account,
	} {
		if diff := cmp.Diff([]string{want}, context.Get(key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}
