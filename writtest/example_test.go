package writtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/writdev/writ/writtest"
)

// secretIsShared is a test like those of your own: what you deploy is tried by callers of two
// accounts, before it is deployed.
func secretIsShared(t *testing.T) {
	ctx := context.Background()
	s := writtest.New(t)
	owner := secretsmanager.NewFromConfig(s.Config("111122223333"))
	secret, err := owner.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("app/db")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = owner.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: secret.ARN, ResourcePolicy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"secretsmanager:DescribeSecret","Resource":"*"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	reader := s.User("444455556666", "reader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}}`)
	_, err = secretsmanager.NewFromConfig(reader).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: secret.ARN})
	if err != nil {
		t.Errorf("the other account cannot see the secret: %v", err)
	}
	_, err = secretsmanager.NewFromConfig(s.Config("777788889999")).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: secret.ARN})
	if err == nil {
		t.Error("a third account sees the secret")
	}
}

// A test has a server of its own, which is gone when the test ends.
func Example() {
	passed := testing.RunTests(func(_, _ string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: "secret is shared", F: secretIsShared}})
	fmt.Println(passed)
	// Output: true
}
