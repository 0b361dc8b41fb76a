package sharing

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Permission is a RAM permission, one that AWS manages or a customer's.
type Permission struct {
	ARN          string `json:"-"`
	Owner        string `json:"-"` // 12 digits; "aws" for one that AWS manages
	Region       string `json:"-"`
	Name         string
	ResourceType string
	FeatureSet   FeatureSet
	Default      int  // the default version's number
	TypeDefault  bool // what a share gets where none is named
	Last         int  // the highest number that a version ever had
	Versions     []PermissionVersion

	Created, Updated time.Time `json:"-"`
}

// PermissionVersion is one version of a permission. It never changes.
type PermissionVersion struct {
	Number   int
	Template string // the statement without Principal and Resource, as it was given
	Created  time.Time
}

// ReadPermission reads the permission at an ARN, managed ones included (with and
// without the "imagebuilder:" that some documentation puts before the name);
// store.ErrNotFound if there is none.
func ReadPermission(tx *store.Tx, arn string) (*Permission, error) {
	if p, ok := managedPermission(arn); ok {
		return p, nil
	}
	r, err := tx.Resource(arn)
	if err != nil {
		return nil, err
	}
	if r.Service != ramService || r.Type != permissionType {
		return nil, fmt.Errorf("read permission %s: %w", arn, store.ErrNotFound)
	}
	return decodePermission(r)
}

// PermissionsOf yields the permissions that an account made in a region, by ARN,
// from the one that sorts after the given ARN; those that AWS manages come from
// ResourceTypes.
func PermissionsOf(tx *store.Tx, owner, region, after string) iter.Seq2[*Permission, error] {
	return decoded(tx, store.Query{Service: ramService, Type: permissionType, Account: owner, Region: region, After: after}, decodePermission)
}

// Put creates or replaces a customer's permission.
func (p *Permission) Put(c *operation.Call) error {
	if p.Created.IsZero() {
		p.Created = c.Now
	}
	p.Updated = c.Now
	row, err := p.row(c.Now)
	if err != nil {
		return err
	}
	return c.Tx.PutResource(row)
}

// Delete removes a customer's permission.
func (p *Permission) Delete(c *operation.Call) error { return c.Tx.DeleteResource(p.ARN) }

// Version is one version of the permission; false if there is none.
func (p *Permission) Version(number int) (PermissionVersion, bool) {
	i := slices.IndexFunc(p.Versions, func(v PermissionVersion) bool { return v.Number == number })
	if i < 0 {
		return PermissionVersion{}, false
	}
	return p.Versions[i], true
}

// UsedBy yields the ARNs of the active shares that have the permission attached,
// in their order, from the one that sorts after the given ARN. Of a permission
// that AWS manages they are everybody's: an account's own begin with
// "arn:aws:ram:REGION:ACCOUNT:" and are adjacent.
func (p *Permission) UsedBy(tx *store.Tx, after string) iter.Seq2[string, error] {
	return tx.Referrers(p.ARN, after)
}

// ref names the version of a permission that is its default now.
func (p *Permission) ref() PermissionRef { return PermissionRef{p.ARN, p.Default} }
