package ram_test

import (
	"testing"

	service "github.com/writdev/writ/internal/service/ram"
	"github.com/writdev/writ/internal/service/servicetest"
)

// TestTargets compares the rows with AWS's service authorization reference.
func TestTargets(t *testing.T) { servicetest.Targets(t, service.New(service.Config{})) }
