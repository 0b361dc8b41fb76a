package organizations

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

const testAccount = "111122223333"

// inCall runs fn in a call of the management account of an organization with a
// unit, a policy and an invitation, whose ids it gets by the members that take
// them.
func inCall(t *testing.T, fn func(c *operation.Call, ids map[string]string)) {
	t.Helper()
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	n := 0
	sc := operation.Call{
		Context: context.Background(), Now: time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC),
		RequestID: "request", Partition: "aws", Region: "us-east-1",
		Caller: identity.Caller{Principal: policy.Principal{Kind: policy.Root, Account: testAccount}},
		NewID: func() string {
			n++
			return strings.Repeat(string(rune('a'+n)), 32)
		},
		Gate: &authz.Gate{Mode: authz.Off},
	}
	err = st.Update(context.Background(), func(tx *store.Tx) error {
		sc.Tx = tx
		o := &organizations{}
		enterAgain := func() *call {
			c, err := enter(&sc)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if _, err := o.createOrganization(enterAgain(), &CreateOrganizationInput{}); err != nil {
			return err
		}
		c := enterAgain()
		unit, err := o.createUnit(c, &CreateOrganizationalUnitInput{ParentID: c.org.Root, Name: "unit"})
		if err != nil {
			return err
		}
		p, err := o.createPolicy(c, &CreatePolicyInput{
			Name: "deny", Type: PolicyTypeServiceControlPolicy,
			Content: `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`,
		})
		if err != nil {
			return err
		}
		h, err := o.inviteAccount(c, &InviteAccountToOrganizationInput{Target: &HandshakeParty{ID: "444455556666", Type: HandshakePartyTypeAccount}})
		if err != nil {
			return err
		}
		fn(&sc, map[string]string{
			"AccountID": testAccount, "ParentID": c.org.Root, "RootID": c.org.Root, "SourceParentID": c.org.Root,
			"DestinationParentID": *unit.OrganizationalUnit.ID, "ChildID": testAccount, "OrganizationalUnitID": *unit.OrganizationalUnit.ID,
			"PolicyID": *p.Policy.PolicySummary.ID, "TargetID": *unit.OrganizationalUnit.ID,
			"ResourceID": *p.Policy.PolicySummary.ID, "HandshakeID": *h.Handshake.ID,
			"ServicePrincipal": "ram.amazonaws.com", "Email": "a@writ.example", "AccountName": "a", "Name": "name",
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTableIsComplete(t *testing.T) {
	if err := New(Config{}).Complete(served); err != nil {
		t.Error(err)
	}
}

// authorization is the part of AWS's service authorization reference that is
// about the served operations.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
type authorization struct {
	Actions map[string]struct {
		Resources []string // none: "*"
		Keys      []string
	}
	Resources map[string]string // type to ARN, with placeholders
}

// TestTargets compares each row with the reference: its action exists, its
// target is an ARN of a type that the action has, and it sets the condition
// keys that the action has.
func TestTargets(t *testing.T) {
	text, err := os.ReadFile("authorization.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference authorization
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	inCall(t, func(c *operation.Call, ids map[string]string) {
		for _, op := range New(Config{}).Operations {
			t.Run(op.Wire.Name, func(t *testing.T) {
				want, ok := reference.Actions[strings.TrimPrefix(op.Action, "organizations:")]
				if !ok {
					t.Fatalf("there is no action %s", op.Action)
				}
				in := op.Wire.NewInput()
				fill(reflect.ValueOf(in).Elem(), ids)
				target, err := op.Target(c, in)
				if err != nil {
					t.Fatal(err)
				}
				types := slices.DeleteFunc(slices.Clone(want.Resources), func(r string) bool {
					return !template(reference.Resources[r]).MatchString(target.ARN)
				})
				if len(want.Resources) == 0 && target.ARN != "*" || len(want.Resources) > 0 && len(types) == 0 {
					t.Errorf("target %s is none of %v", target.ARN, want.Resources)
				}
				if diff := cmp.Diff(slices.Sorted(slices.Values(want.Keys)), keysOf(target)); diff != "" {
					t.Errorf("condition keys: %s", diff)
				}
			})
		}
	})
}

// fill sets the members of an input that targets are made of.
func fill(v reflect.Value, ids map[string]string) {
	values := map[string]any{
		"Type": PolicyTypeServiceControlPolicy, "PolicyType": PolicyTypeServiceControlPolicy, "Filter": PolicyTypeServiceControlPolicy,
		"Target": HandshakeParty{ID: "444455556666", Type: HandshakePartyTypeAccount},
		"Tags":   []Tag{{Key: "team", Value: "red"}}, "TagKeys": []string{"team"},
	}
	for name, id := range ids {
		values[name] = id
	}
	for name, value := range values {
		field, x := v.FieldByName(name), reflect.ValueOf(value)
		switch {
		case !field.IsValid():
		case field.Type() == x.Type():
			field.Set(x)
		case field.Kind() == reflect.Pointer && field.Type().Elem() == x.Type():
			field.Set(reflect.New(x.Type()))
			field.Elem().Set(x)
		}
	}
}

var placeholder = regexp.MustCompile(`\\\$\\\{[A-Za-z]+\\\}`)

// template is the pattern of an ARN with placeholders.
func template(arn string) *regexp.Regexp {
	return regexp.MustCompile("^" + placeholder.ReplaceAllString(regexp.QuoteMeta(arn), "[^/:]+") + "$")
}

// keysOf names the condition keys that a target sets, as the reference does.
func keysOf(target authz.Target) []string {
	var keys []string
	if target.RequestTags != nil {
		keys = append(keys, "aws:RequestTag/${TagKey}")
	}
	if target.RequestTags != nil || target.TagKeys != nil {
		keys = append(keys, "aws:TagKeys")
	}
	keys = slices.AppendSeq(keys, maps.Keys(target.Keys))
	slices.Sort(keys)
	return keys
}
