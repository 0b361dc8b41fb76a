package accessanalyzer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	service "github.com/writdev/writ/internal/service/accessanalyzer"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"

	"github.com/writdev/writ/internal/authz"
)

// twenty returns an identity-based policy with 20 statements, of which the last varies.
func twenty(last string) *string {
	var statements []string
	for i := range 19 {
		statements = append(statements, fmt.Sprintf(`{"Sid":"S%d","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket%d/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"t%d"}}}`, i, i, i))
	}
	return document(append(statements, last)...)
}

const (
	narrow = `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}`
	wide   = `{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:111122223333:q*"}`
)

// BenchmarkPrepare measures the stateless part of the operations.
func BenchmarkPrepare(b *testing.B) {
	svc := service.New()
	for _, bc := range []struct {
		name string
		in   any
	}{
		{"ValidatePolicy", &service.ValidatePolicyInput{PolicyType: service.PolicyTypeIdentityPolicy, PolicyDocument: *twenty(narrow)}},
		{"CheckNoNewAccess", &service.CheckNoNewAccessInput{PolicyType: service.AccessCheckPolicyTypeIdentityPolicy, ExistingPolicyDocument: *twenty(wide), NewPolicyDocument: *twenty(narrow)}},
		{"CheckAccessNotGranted", &service.CheckAccessNotGrantedInput{PolicyType: service.AccessCheckPolicyTypeIdentityPolicy, PolicyDocument: *twenty(narrow), Access: []service.Access{{Actions: []string{"s3:DeleteObject"}}}}},
		{"CheckNoPublicAccess", &service.CheckNoPublicAccessInput{ResourceType: service.AccessCheckResourceTypeAWSS3Bucket, PolicyDocument: strings.ReplaceAll(*twenty(narrow), `"Effect":"Allow"`, `"Effect":"Allow","Principal":{"AWS":"111122223333"}`)}},
	} {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			if op.Wire.Name != bc.name {
				continue
			}
			b.Run(bc.name, func(b *testing.B) {
				for b.Loop() {
					op.Prepare(&operation.Call{}, bc.in)
				}
			})
		}
	}
}

// BenchmarkListFindings lists pages of findings about 10,000 roles that each trust another account.
func BenchmarkListFindings(b *testing.B) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	now := time.Date(2026, time.November, 30, 8, 0, 0, 0, time.UTC)
	call := func(tx *store.Tx) *operation.Call {
		return &operation.Call{
			Context: context.Background(), Tx: tx, Now: now, Partition: "aws", Region: "us-east-1", Gate: &authz.Gate{Mode: authz.Off},
			Caller: identity.Caller{Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", alice), Account: alice}},
		}
	}
	ops := map[string]*operation.Operation{}
	svc := service.New()
	for i := range svc.Operations {
		ops[svc.Operations[i].Wire.Name] = &svc.Operations[i]
	}
	err = st.Update(context.Background(), func(tx *store.Tx) error {
		for i := range 10_000 {
			role := identity.NewRole("aws", alice, "/", fmt.Sprintf("role%05d", i))
			role.TrustPolicy = trust(fmt.Sprintf(`{"AWS":"4444%08d"}`, i))
			if err := identity.PutRole(tx, role, now); err != nil {
				return err
			}
		}
		_, err := ops["CreateAnalyzer"].Handle(call(tx), &service.CreateAnalyzerInput{AnalyzerName: "outside", Type: service.TypeAccount})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	var token *string
	for b.Loop() {
		err := st.View(context.Background(), func(tx *store.Tx) error {
			out, err := ops["ListFindings"].Handle(call(tx), &service.ListFindingsInput{AnalyzerARN: "arn:aws:access-analyzer:us-east-1:" + alice + ":analyzer/outside", NextToken: token})
			if err != nil {
				return err
			}
			list := out.(*service.ListFindingsOutput)
			if token = list.NextToken; len(list.Findings) != 100 {
				return fmt.Errorf("a page of %d findings", len(list.Findings))
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHTTP measures whole requests of the SDK, one after the other.
func BenchmarkHTTP(b *testing.B) {
	c := newClient(b, alice)
	b.Run("ValidatePolicy", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.ValidatePolicy(ctx, &accessanalyzer.ValidatePolicyInput{PolicyType: types.PolicyTypeIdentityPolicy, PolicyDocument: twenty(narrow)}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("CheckNoNewAccess", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.CheckNoNewAccess(ctx, &accessanalyzer.CheckNoNewAccessInput{PolicyType: types.AccessCheckPolicyTypeIdentityPolicy, ExistingPolicyDocument: twenty(wide), NewPolicyDocument: twenty(narrow)}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
