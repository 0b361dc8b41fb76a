package ssm

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// inCall runs f in a transaction of its own, as a call of an account's root user at a time.
func inCall(t *testing.T, st *store.Store, now time.Time, f func(*operation.Call) error) error {
	t.Helper()
	const account = "111122223333"
	return st.Update(context.Background(), func(tx *store.Tx) error {
		return f(&operation.Call{
			Context: context.Background(), Tx: tx, Now: now, RequestID: "request", Partition: "aws", Region: "us-east-1",
			Caller: identity.Caller{Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", account), Account: account}},
			NewID:  func() string { return "00000000-0000-4000-8000-000000000000" },
			Gate:   &authz.Gate{Mode: authz.Off},
		})
	})
}

// TestQuotas begins with an account that has one parameter less than the quota.
func TestQuotas(t *testing.T) {
	now := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	put := func(name string, change func(*PutParameterInput)) (tier ParameterTier, err error) {
		in := &PutParameterInput{Name: name, Value: "x", Type: new(ParameterTypeString)}
		change(in)
		err = inCall(t, st, now, func(c *operation.Call) error {
			out, err := ssm{}.putParameter(c, in)
			if err == nil {
				tier = *out.Tier
			}
			return err
		})
		return tier, err
	}
	remove := func(name string) error {
		return inCall(t, st, now, func(c *operation.Call) error {
			_, err := ssm{}.deleteParameter(c, &DeleteParameterInput{Name: name})
			return err
		})
	}
	plain := func(*PutParameterInput) {}
	overwrite := func(in *PutParameterInput) { in.Overwrite = new(true) }
	tier := func(tier ParameterTier) func(*PutParameterInput) {
		return func(in *PutParameterInput) { in.Tier, in.Overwrite = &tier, new(true) }
	}
	full := func(err error) {
		t.Helper()
		if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Code != "ParameterLimitExceeded" {
			t.Errorf("error %v", err)
		}
	}
	fits := func(got ParameterTier, err error, want ParameterTier) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("tier %s, %v; want %s", got, err, want)
		}
	}
	// The count is stored, so parameters that do not exist can be counted.
	err = inCall(t, st, now, func(c *operation.Call) error {
		r, err := operation.Record(c, store.Resource{ARN: countsARN(c), Service: api.Name, Type: countsType, Account: c.Account(), Region: c.Region, Name: countsType},
			tierCounts{Standard: standardParameters - 1, Advanced: advancedParameters - 3})
		if err != nil {
			return err
		}
		return c.Tx.InsertResource(r)
	})
	if err != nil {
		t.Fatal(err)
	}
	const standard, advanced = ParameterTierStandard, ParameterTierAdvanced
	got, err := put("a", plain)
	fits(got, err, standard)
	_, err = put("b", plain)
	full(err)
	got, err = put("a", overwrite) // it does not add a parameter
	fits(got, err, standard)
	got, err = put("b", tier(ParameterTierIntelligentTiering)) // it uses the other tier
	fits(got, err, advanced)
	got, err = put("a", tier(advanced))
	fits(got, err, advanced)
	got, err = put("c", plain)
	fits(got, err, standard)
	if err := remove("c"); err != nil {
		t.Fatal(err)
	}
	got, err = put("d", plain)
	fits(got, err, standard)
	_, err = put("e", plain)
	full(err)

	// Expired parameters do not count.
	got, err = put("short", func(in *PutParameterInput) {
		in.Tier = new(advanced)
		in.Policies = new(fmt.Sprintf(`[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":%q}}]`, now.Add(time.Hour).Format(time.RFC3339)))
	})
	fits(got, err, advanced)
	_, err = put("f", tier(advanced))
	full(err)
	now = now.Add(time.Hour)
	got, err = put("f", tier(advanced))
	fits(got, err, advanced)
	_, err = put("g", tier(advanced))
	full(err)
}
