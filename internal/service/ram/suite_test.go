package ram_test

import (
	"testing"

	service "github.com/writdev/writ/internal/service/ram"
	"github.com/writdev/writ/internal/service/servicetest"
)

// TestTargets compares the operation table with the service authorization reference of
// AWS.
func TestTargets(t *testing.T) { servicetest.Targets(t, service.New(service.Config{})) }
