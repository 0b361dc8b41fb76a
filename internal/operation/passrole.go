package operation

import "github.com/writdev/writ/internal/authz"

// PassRole asks whether the caller may hand a role to an AWS service, which will
// act as that role on nobody's behalf but the role's own: "ec2.amazonaws.com".
// Every operation that takes a role's ARN for a service to use asks this.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
func (c *Call) PassRole(roleARN, to string) error {
	return c.Authorize("iam:PassRole", authz.Target{
		ARN:  roleARN,
		Keys: map[string][]string{"iam:PassedToService": {to}},
	})
}
