package organizations_test

import (
	"testing"

	"github.com/writdev/writ/internal/service/servicetest"
)

func TestExchanges(t *testing.T) {
	servicetest.Exchanges(t, servicetest.Wire{Service: "organizations", Target: "AWSOrganizationsV20161128"})
}
