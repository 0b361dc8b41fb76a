package iam_test

import (
	"testing"

	"github.com/writdev/writ/internal/service/servicetest"
)

func TestExchanges(t *testing.T) {
	servicetest.Exchanges(t, servicetest.Wire{Service: "iam", Version: "2010-05-08"})
}
