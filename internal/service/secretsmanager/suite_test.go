package secretsmanager_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	service "github.com/writdev/writ/internal/service/secretsmanager"
	"github.com/writdev/writ/internal/service/servicetest"
)

// TestTargets compares the rows with AWS's service authorization reference.
func TestTargets(t *testing.T) { servicetest.Targets(t, service.New()) }

// TestSuite runs the suite of resource policies for secrets, encrypted with a key that everyone may use.
func TestSuite(t *testing.T) {
	servicetest.Run(t, servicetest.Resource{
		Action: "secretsmanager:GetSecretValue", NotOwner: accessDenied, Malformed: malformed,
		Make: func(t *testing.T, owner aws.Config) servicetest.Made {
			c := fromConfig(t, owner)
			arn := c.create("db", "hush", withKey(c.openKey()))
			return servicetest.Made{ARN: arn, Resource: arn}
		},
		Put: func(t *testing.T, caller aws.Config, m servicetest.Made, document string) error {
			_, err := fromConfig(t, caller).PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &m.ARN, ResourcePolicy: &document})
			return err
		},
		Get: func(t *testing.T, caller aws.Config, m servicetest.Made) (string, error) {
			out, err := fromConfig(t, caller).GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &m.ARN})
			if err != nil {
				return "", err
			}
			return *out.ResourcePolicy, nil
		},
		Use: func(t *testing.T, caller servicetest.Caller, m servicetest.Made) error {
			_, err := fromConfig(t, caller.Config).get(m.ARN)
			return err
		},
	})
}
