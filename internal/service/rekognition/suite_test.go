package rekognition_test

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	service "github.com/writdev/writ/internal/service/rekognition"
	"github.com/writdev/writ/internal/service/servicetest"
)

// TestTargets compares the rows with AWS's service authorization reference.
func TestTargets(t *testing.T) { servicetest.Targets(t, service.New(service.Config{})) }

// TestSuite runs the suite of resource policies for projects.
func TestSuite(t *testing.T) {
	var copies atomic.Int64
	servicetest.Run(t, servicetest.Resource{
		Action: copyAction, NotOwner: accessDenied, Malformed: malformed,
		Make: func(t *testing.T, owner aws.Config) servicetest.Made {
			m := fromConfig(t, owner).model("birds")
			return servicetest.Made{ARN: m.project, Resource: m.version}
		},
		Put: func(t *testing.T, caller aws.Config, m servicetest.Made, document string) error {
			c := fromConfig(t, caller)
			_, err := c.tryPut(m.ARN, "suite", document, c.revision(m.ARN, "suite"))
			return err
		},
		Get: func(t *testing.T, caller aws.Config, m servicetest.Made) (string, error) {
			return *fromConfig(t, caller).policies(m.ARN)[0].PolicyDocument, nil
		},
		Use: func(t *testing.T, caller servicetest.Caller, m servicetest.Made) error {
			name := strconv.FormatInt(copies.Add(1), 10)
			_, err := fromConfig(t, caller.Config).copy(model{m.ARN, m.Resource}, fromConfig(t, caller.Root).project(name), name)
			return err
		},
	})
}
