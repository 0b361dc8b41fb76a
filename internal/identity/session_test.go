package identity

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// TestSessionKeyTellsAccount checks that the access key id of a session contains its account.
func TestSessionKeyTellsAccount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account := fmt.Sprintf("%012d", rapid.Int64Range(0, 999_999_999_999).Draw(t, "account"))
		id := newSessionKeyID(account)
		if got, ok := AccountOfSessionKey(id); !ok || got != account || len(id) != 20 {
			t.Fatalf("AccountOfSessionKey(%s) = %s, %v; want %s", id, got, ok, account)
		}
	})
	for _, id := range []string{"", "AKIAIOSFODNN7EXAMPLE", "ASIA", "ASIA0000000000000000", "ASIA7777777777777777", newSessionKeyID("111122223333") + "A"} {
		if account, ok := AccountOfSessionKey(id); ok {
			t.Errorf("AccountOfSessionKey(%q) = %s", id, account)
		}
	}
}

// TestSessionComesBack checks that a token decodes to the session that was encoded.
func TestSessionComesBack(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	directory := &Directory{Sealer: sealer}
	issued := time.Date(2022, 1, 27, 1, 59, 28, 0, time.UTC)
	want := Session{
		Principal: policy.Principal{
			Kind: policy.FederatedUser, ARN: "arn:aws:sts::111122223333:federated-user/fred",
			Account: "111122223333", Issuer: "arn:aws:iam::111122223333:root",
		},
		UserID:         "111122223333:fred",
		Policy:         `{"Version":"2012-10-17","Statement":[]} <&>`,
		PolicyARNs:     []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
		Tags:           map[string]string{"team": "red", "größe": "9 µ"},
		TransitiveKeys: []string{"team"},
		SourceIdentity: "ann",
		IssuedAt:       issued,
		ExpiresAt:      issued.Add(time.Hour),
	}
	key, err := directory.StartSession(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Credential
	err = st.View(t.Context(), func(tx *store.Tx) (err error) {
		got, err = directory.SessionCredential(tx, key.ID, key.Token)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got.Caller.Session); diff != "" {
		t.Error("session (-want +got):", diff)
	}
	if got.Secret != key.Secret || got.Caller.Principal != want.Principal || got.Caller.UserID != want.UserID || got.Caller.AccessKeyID != key.ID {
		t.Errorf("credential %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"team": "red"}, want.TransitiveTags()); diff != "" {
		t.Error("transitive tags (-want +got):", diff)
	}
	if want.Expired(issued.Add(time.Hour-1)) || !want.Expired(issued.Add(time.Hour)) {
		t.Error("a session of one hour does not end after one hour")
	}
}

// TestSessionLayer distinguishes a session without session policies, which is not limited, from a federated
// user without them, which has no permissions.
func TestSessionLayer(t *testing.T) {
	for kind, want := range map[policy.PrincipalKind][]Document{
		policy.User:          nil,
		policy.RoleSession:   nil,
		policy.FederatedUser: {},
	} {
		var p PrincipalPolicies
		s := Session{Principal: policy.Principal{Kind: kind}}
		if err := (Rows{}).addSession(&p, &s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, p.Session); diff != "" {
			t.Errorf("session layer of kind %v (-want +got):\n%s", kind, diff)
		}
	}
}

// TestSessionOfAnotherRole checks that a session ends with its role, even if a role is created again under
// the name.
func TestSessionOfAnotherRole(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	role := NewRole("aws", "111122223333", "/", "builder")
	role.TrustPolicy = `{"Version":"2012-10-17","Statement":[]}`
	err = st.Update(t.Context(), func(tx *store.Tx) error { return PutRole(tx, role, time.Unix(0, 0)) })
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]error{role.ID: nil, "AROAEXAMPLE": ErrUnknownKey} {
		p := policy.Principal{Kind: policy.RoleSession, ARN: "arn:aws:sts::111122223333:assumed-role/builder/s", Account: role.Account, Issuer: role.ARN}
		err := st.View(t.Context(), func(tx *store.Tx) error {
			_, err := policiesOf(tx, Caller{Principal: p, Session: &Session{Principal: p, IssuerID: id}})
			return err
		})
		if err != want {
			t.Errorf("session of role %s: %v, want %v", id, err, want)
		}
	}
}

// TestReaches checks that IAM rejects sessions of GetSessionToken.
func TestReaches(t *testing.T) {
	session := new(Session)
	for _, c := range []struct {
		kind    policy.PrincipalKind
		session *Session
		service string
		want    bool
	}{
		{policy.User, nil, "iam", true},
		{policy.Root, nil, "iam", true},
		{policy.User, session, "iam", false},
		{policy.Root, session, "iam", false},
		{policy.User, &Session{MFAAt: time.Unix(1, 0)}, "iam", true},
		{policy.User, session, "ssm", true},
		{policy.RoleSession, session, "iam", true},
		{policy.FederatedUser, session, "iam", true}, // the gate rejects it
	} {
		caller := Caller{Principal: policy.Principal{Kind: c.kind}, Session: c.session}
		if got := caller.AcceptedBy(c.service); got != c.want {
			t.Errorf("kind %v, session %v, %s: Reaches = %v", c.kind, c.session != nil, c.service, got)
		}
	}
}

func TestOverlay(t *testing.T) {
	got := overlay(map[string]string{"Team": "blue", "stage": "dev"}, map[string]string{"team": "red"})
	if diff := cmp.Diff(map[string]string{"team": "red", "stage": "dev"}, got); diff != "" {
		t.Error("-want +got:", diff)
	}
}
