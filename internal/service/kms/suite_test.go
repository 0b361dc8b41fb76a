package kms_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	service "github.com/writdev/writ/internal/service/kms"
	"github.com/writdev/writ/internal/service/servicetest"
)

// TestTargets compares the rows with AWS's service authorization reference.
func TestTargets(t *testing.T) { servicetest.Targets(t, service.New()) }

// TestSuite runs the suite of resource policies for keys. A statement is added to each policy, without which
// the owner could not write the next one.
func TestSuite(t *testing.T) {
	const begin = `"Statement":[`
	admin := lets(alice, "kms:PutKeyPolicy", "kms:GetKeyPolicy") + ","
	servicetest.Run(t, servicetest.Resource{
		Action: "kms:Encrypt", NotOwner: accessDenied, Malformed: malformed,
		// KMS accepts statements without Action or Resource, or about other resources; they have no effect.
		Tolerates: []string{"no Action", "another service", "no Resource", "another resource", "NotPrincipal"},
		Make: func(t *testing.T, owner aws.Config) servicetest.Made {
			return servicetest.Made{ARN: fromConfig(t, owner).key(), Resource: "*"}
		},
		Put: func(t *testing.T, caller aws.Config, m servicetest.Made, document string) error {
			return fromConfig(t, caller).tryPut(m.ARN, strings.Replace(document, begin, begin+admin, 1))
		},
		Get: func(t *testing.T, caller aws.Config, m servicetest.Made) (string, error) {
			return strings.Replace(fromConfig(t, caller).policy(m.ARN), begin+admin, begin, 1), nil
		},
		Use: func(t *testing.T, caller servicetest.Caller, m servicetest.Made) error {
			_, err := fromConfig(t, caller.Config).Encrypt(ctx, &kms.EncryptInput{KeyId: &m.ARN, Plaintext: []byte("hush")})
			return err
		},
	})
}
