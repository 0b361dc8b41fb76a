package operation

import "github.com/writdev/writ/internal/authz"

// PassRole authorizes the caller to pass a role to an AWS service, such as
// "ec2.amazonaws.com". Every operation with a role's ARN for a service to use calls it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
func (c *Call) PassRole(roleARN, to string) error {
	return c.Authorize("iam:PassRole", authz.Target{
		ARN:  roleARN,
		Keys: map[string][]string{"iam:PassedToService": {to}},
	})
}
