package sts_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/writdev/writ/internal/service/servicetest"
	"github.com/writdev/writ/writtest"
)

// TestExchanges calls as a user who may do everything, in an account with the role ops.
func TestExchanges(t *testing.T) {
	servicetest.Exchanges(t, servicetest.Wire{Service: "sts", Version: "2011-06-15", Caller: func(t *testing.T, s *writtest.Server) aws.Config {
		const account = "111122223333"
		trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}`
		_, err := iam.NewFromConfig(s.Config(account)).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: new("ops"), AssumeRolePolicyDocument: &trust})
		if err != nil {
			t.Fatal(err)
		}
		return s.User(account, "ann", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	}})
}
