package ssm_test

import (
	"testing"

	"github.com/writdev/writ/internal/service/servicetest"
	service "github.com/writdev/writ/internal/service/ssm"
)

// TestTargets compares the rows with AWS's service authorization reference.
func TestTargets(t *testing.T) { servicetest.Targets(t, service.New()) }
