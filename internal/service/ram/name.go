package ram

import (
	"fmt"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
)

// The resource types in ARNs and in the store.
const (
	shareType      = "resource-share"
	invitationType = "resource-share-invitation"
	permissionType = "permission"
)

// name is a parsed ARN of this service: of resource-share/ID,
// resource-share-invitation/ID or permission/ID.
type name struct {
	Partition string
	Region    string // "" for an AWS managed permission
	Account   string // 12 digits; "aws" for an AWS managed permission
	Type      string
	ID        string // a UUID, or the name of a permission
}

// parseName parses an ARN of a type. It is the inverse of name.String.
func parseName(typ, text string) (name, error) {
	a, err := arn.Parse(text)
	if err != nil {
		return name{}, err
	}
	id, ok := strings.CutPrefix(a.Resource, typ+"/")
	if a.Service != api.Name || a.Account == "" || !ok || id == "" || strings.ContainsAny(id, "/:*?") {
		return name{}, fmt.Errorf("%q is not the ARN of a %s", text, typ)
	}
	return name{Partition: a.Partition, Region: a.Region, Account: a.Account, Type: typ, ID: id}, nil
}

// newName returns the name of a resource in the caller's account and region.
func newName(c *operation.Call, typ, id string) name {
	return name{Partition: c.Partition, Region: c.Region, Account: c.Account(), Type: typ, ID: id}
}

func (n name) String() string { return n.prefix() + n.ID }

// prefix returns the common prefix of the ARNs of the name's type in its account and region.
func (n name) prefix() string {
	return "arn:" + n.Partition + ":" + api.Name + ":" + n.Region + ":" + n.Account + ":" + n.Type + "/"
}

// inRegion reports whether n is in the partition and region of the request.
func inRegion(c *operation.Call, n name) bool {
	return n.Partition == c.Partition && n.Region == c.Region
}
