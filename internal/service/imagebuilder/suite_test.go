package imagebuilder_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"

	service "github.com/writdev/writ/internal/service/imagebuilder"
	"github.com/writdev/writ/internal/service/servicetest"
)

// TestTargets compares the rows with AWS's service authorization reference.
func TestTargets(t *testing.T) { servicetest.Targets(t, service.New(service.Config{})) }

// TestSuite runs the suite of resource policies for the four types that have one.
func TestSuite(t *testing.T) {
	for _, r := range shareables {
		t.Run(r.name, func(t *testing.T) {
			by := func(t *testing.T, cfg aws.Config) client { return client{imagebuilder.NewFromConfig(cfg), t, alice} }
			servicetest.Run(t, servicetest.Resource{
				Action: "imagebuilder:" + r.actions[0], NotOwner: "ForbiddenException", Malformed: "InvalidParameterValueException",
				Make: func(t *testing.T, owner aws.Config) servicetest.Made {
					arn := r.make(by(t, owner), "web")
					return servicetest.Made{ARN: arn, Resource: arn}
				},
				Put: func(t *testing.T, caller aws.Config, m servicetest.Made, document string) error {
					_, _, err := r.put(by(t, caller), m.ARN, document)
					return err
				},
				Get: func(t *testing.T, caller aws.Config, m servicetest.Made) (string, error) {
					document, _, err := r.get(by(t, caller), m.ARN)
					return aws.ToString(document), err
				},
				Use: func(t *testing.T, caller servicetest.Caller, m servicetest.Made) error {
					return r.read(by(t, caller.Config), m.ARN)
				},
			})
		})
	}
}
