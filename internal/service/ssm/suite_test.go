package ssm_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/writdev/writ/internal/service/servicetest"
)

// TestSuite runs the suite of resource policies for parameters, and for the OpsItems of an account whose
// organization bob manages.
func TestSuite(t *testing.T) {
	put := func(t *testing.T, caller aws.Config, m servicetest.Made, document string) error {
		c := fromConfig(t, caller)
		var known []policyVersion // only the owner sees it
		if out, err := c.GetResourcePolicies(ctx, &ssm.GetResourcePoliciesInput{ResourceArn: &m.ARN}); err == nil {
			for _, p := range out.Policies {
				known = append(known, policyVersion{p.PolicyId, p.PolicyHash})
			}
		}
		_, err := c.putPolicy(m.ARN, document, known...)
		return err
	}
	get := func(t *testing.T, caller aws.Config, m servicetest.Made) (string, error) {
		return *fromConfig(t, caller).policies(m.ARN)[0].Policy, nil
	}
	t.Run("parameter", func(t *testing.T) {
		servicetest.Run(t, servicetest.Resource{
			Action: "ssm:GetParameter", NotOwner: accessDenied, Malformed: policyMalformed, Put: put, Get: get,
			Make: func(t *testing.T, owner aws.Config) servicetest.Made {
				arn := fromConfig(t, owner).shareable(alice, "/app/db-host")
				return servicetest.Made{ARN: arn, Resource: arn}
			},
			Use: func(t *testing.T, caller servicetest.Caller, m servicetest.Made) error {
				_, err := fromConfig(t, caller.Config).get(m.ARN)
				return err
			},
		})
	})
	t.Run("OpsItemGroup", func(t *testing.T) {
		servicetest.Run(t, servicetest.Resource{
			Action: "ssm:GetOpsItem", NotOwner: accessDenied, Malformed: policyMalformed, Put: put, Get: get,
			Make: func(t *testing.T, owner aws.Config) servicetest.Made {
				organize(t, func(account string) aws.Config {
					cfg := owner.Copy()
					cfg.Credentials = credentials.NewStaticCredentialsProvider(account, "test", "")
					return cfg
				}, bob, alice)
				return servicetest.Made{ARN: groupOf(alice), Resource: arnOf(alice, "opsitem/"+fromConfig(t, owner).open("Disk nearly full"))}
			},
			Use: func(t *testing.T, caller servicetest.Caller, m servicetest.Made) error {
				_, id, _ := strings.Cut(m.Resource, "opsitem/")
				_, err := fromConfig(t, caller.Config).GetOpsItem(ctx, &ssm.GetOpsItemInput{OpsItemId: &id, OpsItemArn: &m.Resource})
				return err
			},
		})
	})
}
