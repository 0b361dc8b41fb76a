package servicetest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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

// reference is the part of AWS's service authorization reference that is about
// the operations of a service, as authorization.json has it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
type reference struct {
	Actions map[string]struct {
		Resources []string // types; none means "*"
		Keys      []string // condition keys
	}
	Resources map[string]string // type to ARN, with placeholders
}

// Targets compares each row of a service with the reference: its action exists,
// its target is an ARN of a type that the action has, and it sets the condition
// keys that the action has. The inputs are made of testdata/samples.json.
func Targets(t *testing.T, svc *operation.Service) {
	var ref reference
	var samples map[string]json.RawMessage
	readJSON(t, "authorization.json", &ref)
	readJSON(t, filepath.Join("testdata", "samples.json"), &samples)
	for i := range svc.Operations {
		op := &svc.Operations[i]
		t.Run(op.Wire.Name, func(t *testing.T) {
			want, ok := ref.Actions[strings.TrimPrefix(op.Action, svc.API.Name+":")]
			if !ok {
				t.Fatalf("there is no action %s", op.Action)
			}
			target := targetOf(t, op, samples)
			isOf := func(typ string) bool { return template(ref.Resources[typ]).MatchString(target.ARN) }
			if len(want.Resources) == 0 && target.ARN != "*" || len(want.Resources) > 0 && !slices.ContainsFunc(want.Resources, isOf) {
				t.Errorf("target %s is none of %v", target.ARN, want.Resources)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(want.Keys)), keysOf(target)); diff != "" {
				t.Errorf("condition keys (-want +got):\n%s", diff)
			}
		})
	}
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// targetOf is the target of an operation over an empty store, with all members
// of its input of which there are samples.
func targetOf(t *testing.T, op *operation.Operation, samples map[string]json.RawMessage) (target authz.Target) {
	t.Helper()
	in := op.Wire.NewInput()
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		member, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("wire"), ",")
		value := samples[op.Wire.Name+"."+member]
		if value == nil {
			value = samples[member]
		}
		if value == nil {
			continue
		}
		if err := json.Unmarshal(value, v.Field(i).Addr().Interface()); err != nil {
			t.Fatalf("sample of %s: %v", member, err)
		}
	}
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	err = st.Update(context.Background(), func(tx *store.Tx) (err error) {
		target, err = op.Target(&operation.Call{
			Context: context.Background(), Tx: tx, Now: time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC),
			RequestID: "request", Partition: "aws", Region: "us-east-1",
			Caller: identity.Caller{Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", alice), Account: alice}},
			NewID:  func() string { return "00000000-0000-4000-8000-000000000000" },
			Gate:   &authz.Gate{Mode: authz.Off},
		}, in)
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("target: %w", err))
	}
	return target
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
	for key := range target.Keys {
		if name, _, ok := strings.Cut(key, "/"); ok {
			key = name + "/${TagKey}"
		}
		if strings.HasPrefix(key, "kms:EncryptionContext:") {
			key = "kms:EncryptionContext:${EncryptionContextKey}"
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
