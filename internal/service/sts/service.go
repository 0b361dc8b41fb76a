package sts

import (
	"github.com/writdev/writ/internal/service"
)

// New makes the service.
func New() *service.Service {
	s := &service.Service{API: &api}
	s.Operations = []service.Operation{
		service.Row(s.API, apiGetCallerIdentity, service.Read, service.OnAll[GetCallerIdentityInput], getCallerIdentity),
	}
	return s
}

// getCallerIdentity needs no permission, even under an explicit deny; the
// policy engine knows that.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func getCallerIdentity(c *service.Call, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	return &GetCallerIdentityOutput{
		UserID:  &c.Caller.UserID,
		Account: new(c.Account()),
		ARN:     new(c.Caller.ARN()),
	}, nil
}
