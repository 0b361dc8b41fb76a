package imagebuilder

import (
	"errors"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// passRole asks whether the caller may pass the role that Image Builder is to assume, by its
// name or its ARN. Nobody may pass a role of another account: it has no policy for that.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-workflows.html
func passRole(c *operation.Call, role *string) error {
	if role == nil {
		return nil
	}
	arn := *role
	if !strings.HasPrefix(arn, "arn:") {
		arn = "arn:" + c.Partition + ":iam::" + c.Account() + ":role/" + strings.TrimPrefix(arn, "/")
	}
	return c.PassRole(arn, api.Name+".amazonaws.com")
}

// passInstanceProfile asks whether the caller may pass the role of an instance profile to
// EC2. A profile that does not exist is let be, as the network that an image is built in is;
// it is asked about by its own ARN, so that nobody gets ahead of whoever makes it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html
func passInstanceProfile(c *operation.Call, name string) error {
	arn, err := identity.ARNByName(c.Tx, identity.InstanceProfileKind, c.Partition, c.Account(), name)
	if errors.Is(err, store.ErrNotFound) {
		return c.PassRole(arn, ec2)
	}
	if err != nil {
		return err
	}
	profile, err := identity.ReadInstanceProfile(c.Tx, arn)
	if err != nil || profile.Role == "" {
		return err
	}
	return c.PassRole(profile.Role, ec2)
}

// ec2 is the service that the role of an instance profile is passed to.
const ec2 = "ec2.amazonaws.com"
