package sharing

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// How shares, associations and permissions are stored.

const (
	ramService     = "ram"
	shareType      = "resource-share"
	permissionType = "permission"
)

func (s *Share) row(now time.Time) (store.Resource, error) {
	return operation.RecordAt(now, store.Resource{
		ARN: s.ARN, Service: ramService, Type: shareType, Account: s.Owner, Region: s.Region, Name: s.Name, CreatedAt: s.Created,
	}, s)
}

func decodeShare(r store.Resource) (*Share, error) {
	s, err := operation.Decode[Share](r)
	if err != nil {
		return nil, err
	}
	s.ARN, s.Owner, s.Region, s.Created, s.Updated = r.ARN, r.Account, r.Region, r.CreatedAt, r.UpdatedAt
	return s, nil
}

func (p *Permission) row(now time.Time) (store.Resource, error) {
	return operation.RecordAt(now, store.Resource{
		ARN: p.ARN, Service: ramService, Type: permissionType, Account: p.Owner, Region: p.Region, Name: p.Name, CreatedAt: p.Created,
	}, p)
}

func decodePermission(r store.Resource) (*Permission, error) {
	p, err := operation.Decode[Permission](r)
	if err != nil {
		return nil, err
	}
	p.ARN, p.Owner, p.Region, p.Created, p.Updated = r.ARN, r.Account, r.Region, r.CreatedAt, r.UpdatedAt
	return p, nil
}

func (s *Share) associationRow(a Association, now time.Time) (store.Association, error) {
	data, err := json.Marshal(a)
	if err != nil {
		return store.Association{}, fmt.Errorf("associate %s with %s: %w", a.Entity, s.ARN, err)
	}
	row := store.Association{
		Share: s.ARN, Kind: string(a.Type), Entity: a.Entity, Account: s.Owner, Region: s.Region,
		Status: string(a.Status), Data: data, CreatedAt: now, UpdatedAt: now,
	}
	if a.Type == Principal {
		row.Consumer = consumerOf(a.Entity)
	}
	return row, nil
}

func decodeAssociation(row store.Association) (Association, error) {
	var a Association
	if err := json.Unmarshal(row.Data, &a); err != nil {
		return a, fmt.Errorf("read association of %s with %s: %w", row.Entity, row.Share, err)
	}
	a.Share, a.Type, a.Entity, a.Owner, a.Region = row.Share, AssociationType(row.Kind), row.Entity, row.Account, row.Region
	a.Status, a.Created, a.Updated = AssociationStatus(row.Status), row.CreatedAt, row.UpdatedAt
	return a, nil
}

// content is a share with all that is in it.
type content struct {
	share        *Share
	associations []Association
	permissions  map[string]attachedPermission // those of customers, by ARN
}

// attachedPermission is a customer's permission that a share has attached.
type attachedPermission struct {
	*Permission
	shared bool // another share has it attached, too
}

// permission is an attached permission, a managed one included.
func (k *content) permission(arn string) (*Permission, error) {
	if p, ok := managedPermission(arn); ok {
		return p, nil
	}
	if p, ok := k.permissions[arn]; ok {
		return p.Permission, nil
	}
	return nil, fmt.Errorf("read permission %s: %w", arn, store.ErrNotFound)
}

// terms are what a version of an attached permission allows.
func (k *content) terms(ref PermissionRef) (terms, error) {
	p, err := k.permission(ref.ARN)
	if err != nil {
		return terms{}, err
	}
	version, ok := p.Version(ref.Version)
	if !ok {
		return terms{}, fmt.Errorf("permission %s has no version %d", ref.ARN, ref.Version)
	}
	return parseTemplate(version.Template)
}

// resources are the ARNs of the resources in the share.
func (k *content) resources() []string {
	var list []string
	for _, a := range k.associations {
		if a.Type == Resource {
			list = append(list, a.Entity)
		}
	}
	return list
}

// contentOf decodes the rows of a share.
func contentOf(row store.ShareRows) (*content, error) {
	share, err := decodeShare(row.Share)
	if err != nil {
		return nil, err
	}
	k := &content{share: share, permissions: map[string]attachedPermission{}}
	for _, a := range row.Associations {
		association, err := decodeAssociation(a)
		if err != nil {
			return nil, err
		}
		k.associations = append(k.associations, association)
	}
	for _, r := range row.Referenced {
		if r.Service != ramService || r.Type != permissionType {
			continue
		}
		p, err := decodePermission(r.Resource)
		if err != nil {
			return nil, err
		}
		k.permissions[p.ARN] = attachedPermission{p, r.Shared}
	}
	return k, nil
}
