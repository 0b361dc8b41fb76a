package ram

import (
	"fmt"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
)

// The types of resources, as their ARNs spell them. The store knows them by the
// same words.
const (
	shareType      = "resource-share"
	invitationType = "resource-share-invitation"
	permissionType = "permission"
)

// name is an ARN of this service taken apart: resource-share/ID,
// resource-share-invitation/ID or permission/ID.
type name struct {
	Partition string
	Region    string // "" of a permission that AWS manages
	Account   string // 12 digits; "aws" of a permission that AWS manages
	Type      string
	ID        string // a UUID, or the name of a permission
}

// parseName is the inverse of name.String for ARNs of a type.
func parseName(typ, text string) (name, error) {
	a, err := arn.Parse(text)
	if err != nil {
		return name{}, err
	}
	id, ok := strings.CutPrefix(a.Resource, typ+"/")
	if a.Service != api.Name || a.Account == "" || !ok || id == "" || strings.ContainsAny(id, "/:*?") {
		return name{}, fmt.Errorf("%q names no %s", text, typ)
	}
	return name{Partition: a.Partition, Region: a.Region, Account: a.Account, Type: typ, ID: id}, nil
}

// newName is the name of what the caller makes now.
func newName(c *operation.Call, typ, id string) name {
	return name{Partition: c.Partition, Region: c.Region, Account: c.Account(), Type: typ, ID: id}
}

func (n name) String() string { return n.prefix() + n.ID }

// prefix begins the ARNs of all of the type that the account has in the region.
func (n name) prefix() string {
	return "arn:" + n.Partition + ":" + api.Name + ":" + n.Region + ":" + n.Account + ":" + n.Type + "/"
}

// here reports whether n is of the partition and the region that are called.
func here(c *operation.Call, n name) bool { return n.Partition == c.Partition && n.Region == c.Region }
