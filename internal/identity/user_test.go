package identity

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

const ours = "111122223333"

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// inStore runs fn in a transaction on an empty store.
func inStore(t *testing.T, fn func(*store.Tx)) {
	t.Helper()
	st, err := store.OpenSQLite(":memory:")
	must(t, err)
	defer st.Close()
	must(t, st.Update(context.Background(), func(tx *store.Tx) error {
		fn(tx)
		return nil
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// policiesOf reads the policies of a caller.
func policiesOf(tx *store.Tx, c Caller) (PrincipalPolicies, error) {
	rows := Rows{}
	if err := rows.Load(tx, c); err != nil {
		return PrincipalPolicies{}, err
	}
	return rows.PrincipalPolicies(c)
}

// TestMadeAgain checks that a user created again under an old name is not the caller whose signature was
// verified before.
func TestMadeAgain(t *testing.T) {
	inStore(t, func(tx *store.Tx) {
		old := NewUser("aws", ours, "/", "ann")
		must(t, PutUser(tx, old, noon))
		if _, err := policiesOf(tx, old.caller("AKIA")); err != nil {
			t.Error(err)
		}
		must(t, DeleteUser(tx, old, noon))
		if _, err := policiesOf(tx, old.caller("AKIA")); !errors.Is(err, ErrUnknownKey) {
			t.Errorf("gone: %v", err)
		}
		again := NewUser("aws", ours, "/", "ann")
		must(t, PutUser(tx, again, noon))
		if _, err := policiesOf(tx, old.caller("AKIA")); !errors.Is(err, ErrUnknownKey) {
			t.Errorf("made again: %v", err)
		}
	})
}

// TestNames checks that a name is in use regardless of case and path, and is found as written.
func TestNames(t *testing.T) {
	inStore(t, func(tx *store.Tx) {
		role := NewRole("aws", ours, "/team/", "Web")
		role.TrustPolicy = `{"Version":"2012-10-17","Statement":[]}`
		must(t, PutRole(tx, role, noon))
		for _, test := range []struct {
			kind               Kind
			partition, account string
			name               string
			taken              bool
			arn                string
		}{
			{RoleKind, "aws", ours, "Web", true, role.ARN},
			{RoleKind, "aws", ours, "web", true, "arn:aws:iam::" + ours + ":role/web"},
			{RoleKind, "aws", ours, "eb", false, "arn:aws:iam::" + ours + ":role/eb"},
			{UserKind, "aws", ours, "Web", false, "arn:aws:iam::" + ours + ":user/Web"},
			{RoleKind, "aws-cn", ours, "Web", false, "arn:aws-cn:iam::" + ours + ":role/Web"},
			{RoleKind, "aws", "444455556666", "Web", false, "arn:aws:iam::444455556666:role/Web"},
		} {
			taken, err := NameTaken(tx, test.kind, test.partition, test.account, test.name)
			must(t, err)
			arn, err := ARNByName(tx, test.kind, test.partition, test.account, test.name)
			if taken != test.taken || arn != test.arn || isNotFound(err) == (arn == role.ARN) {
				t.Errorf("%+v: taken %v, ARN %s, %v", test, taken, arn, err)
			}
		}
	})
}

// TestPoliciesOfUser checks that a user's policies are its own, those of its groups and its permissions
// boundary.
func TestPoliciesOfUser(t *testing.T) {
	inStore(t, func(tx *store.Tx) {
		const a, b, c, d = `{"Statement":[],"Id":"a"}`, `{"Statement":[],"Id":"b"}`, `{"Statement":[],"Id":"c"}`, `{"Statement":[],"Id":"d"}`
		managed := NewPolicy("aws", ours, "/", "p", a, noon)
		managed.AddVersion(b, true, noon)
		bound := NewPolicy("aws", ours, "/", "bound", c, noon)
		g := NewGroup("aws", ours, "/", "g")
		g.Attached = []string{managed.ARN}
		u := NewUser("aws", ours, "/", "ann")
		u.SetPolicy("own", d)
		u.Groups, u.Boundary = []string{g.ARN}, bound.ARN
		for _, err := range []error{PutPolicy(tx, managed, noon), PutPolicy(tx, bound, noon), PutGroup(tx, g, noon), PutUser(tx, u, noon)} {
			must(t, err)
		}
		got, err := LoadPrincipalPolicies(tx, u.ARN)
		must(t, err)
		want := PrincipalPolicies{
			Tagged:   u.ARN,
			Identity: []Document{{u.ARN + "/policy/own", d}, {managed.ARN, b}},
			Boundary: []Document{{bound.ARN, c}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		u.SetPolicy("bad", "{")
		if PutUser(tx, u, noon) == nil {
			t.Error("an invalid document was stored")
		}
	})
}

// TestAWSManagedDocuments checks that each AWS managed policy is valid, and is found in every partition under
// the ARN that it is listed with.
func TestAWSManagedDocuments(t *testing.T) {
	inStore(t, func(tx *store.Tx) {
		for _, partition := range []string{"aws", "aws-cn"} {
			for _, p := range AWSManaged(partition) {
				text, err := ManagedDocument(tx, p.ARN)
				must(t, err)
				doc, err := policy.Parse([]byte(text))
				must(t, err)
				if f, bad := policy.FirstRefused(policy.Validate(doc, policy.Identity, nil)); bad {
					t.Errorf("%s: %s", p.ARN, f)
				}
			}
		}
		if _, err := ManagedDocument(tx, "arn:aws:iam::aws:policy/None"); !isNotFound(err) {
			t.Errorf("an invalid policy: %v", err)
		}
	})
}
