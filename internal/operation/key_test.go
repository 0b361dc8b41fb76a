package operation_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

const (
	alice = "111122223333"
	bob   = "444455556666"
)

// world is a store with its secrets.
type world struct {
	*testing.T
	store  *store.Store
	sealer *keys.Sealer
}

func newWorld(t *testing.T) world {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	return world{t, st, sealer}
}

// as runs do as a call of an account's root user.
func (w world) as(account string, do func(*operation.Call) error) error {
	return w.store.Update(context.Background(), func(tx *store.Tx) error {
		return do(&operation.Call{
			Context: context.Background(), Tx: tx, Now: time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC),
			Partition: "aws", Region: "us-east-1",
			Caller:    identity.Caller{Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", account), Account: account}, UserID: account},
			Directory: &identity.Directory{Sealer: w.sealer},
			NewID:     func() string { return "1234abcd-12ab-34cd-56ef-" + account },
			Gate:      &authz.Gate{},
		})
	})
}

func isDenial(err error) bool {
	_, is := errors.AsType[*authz.Denial](err)
	return is
}

// TestKeyOfService encrypts with an AWS managed key, through its service.
func TestKeyOfService(t *testing.T) {
	w := newWorld(t)
	parameter := map[string]string{"PARAMETER_ARN": "arn:aws:ssm:us-east-1:" + alice + ":parameter/p"}
	var blob []byte
	err := w.as(alice, func(c *operation.Call) error {
		sealed, key, err := c.EncryptVia("ssm", "alias/aws/ssm", parameter, []byte("hush"))
		if err != nil {
			return err
		}
		if key.Manager != "ssm" {
			t.Errorf("encrypted with %s", key.ARN())
		}
		blob = sealed
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = w.as(alice, func(c *operation.Call) error {
		if err := c.Authorize("ssm:GetParameter", authz.Target{ARN: parameter["PARAMETER_ARN"]}); err != nil {
			return err
		}
		_, _, err := c.DecryptVia("rekognition", blob, parameter)
		wantDecisions(t, c, "allow ssm:GetParameter", "implicitDeny kms:Decrypt")
		if d, ok := errors.AsType[*authz.Denial](err); !ok || d.Decision != c.Decisions[1] {
			t.Errorf("the denial %v is not the decision of the call", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	open := func(account, via string, context map[string]string) error {
		return w.as(account, func(c *operation.Call) error {
			text, _, err := c.DecryptVia(via, blob, context)
			if err == nil && string(text) != "hush" {
				t.Errorf("decrypted %q", text)
			}
			return err
		})
	}
	if err := open(alice, "ssm", parameter); err != nil {
		t.Error(err)
	}
	if err := open(alice, "rekognition", parameter); !isDenial(err) {
		t.Errorf("through another service: %v", err)
	}
	if err := open(bob, "ssm", parameter); !isDenial(err) {
		t.Errorf("of another account: %v", err)
	}
	err = open(alice, "ssm", nil)
	if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Code != "InvalidCiphertextException" {
		t.Errorf("of another parameter: %v", err)
	}
	err = w.as(alice, func(c *operation.Call) error {
		_, _, err := c.EncryptVia("ssm", "alias/none", nil, nil)
		return err
	})
	if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Code != "NotFoundException" {
		t.Errorf("with no key: %v", err)
	}
}

// wantDecisions compares the decisions of a call, in order.
func wantDecisions(t *testing.T, c *operation.Call, want ...string) {
	t.Helper()
	var got []string
	for _, d := range c.Decisions {
		got = append(got, d.Result.Verdict.String()+" "+d.Action)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
}
