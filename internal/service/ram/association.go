package ram

import (
	"slices"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// entities holds the resources, principals and sources that a request associates
// with a share or disassociates from it.
type entities struct{ resources, principals, sources []string }

// maxEntities is the most resources that one request may name, and likewise the
// most principals and sources.
const maxEntities = 100

// checkCount returns an error if a request names too many entities.
func (e entities) checkCount() error {
	for member, list := range map[string][]string{"resourceArns": e.resources, "principals": e.principals, "sources": e.sources} {
		if len(list) > maxEntities {
			return errInvalidParameter("You can specify at most %d values of %s in one call.", maxEntities, member)
		}
	}
	return nil
}

func (e entities) empty() bool { return len(e.resources)+len(e.principals)+len(e.sources) == 0 }

func (s *ram) associateResourceShare(c *operation.Call, in *AssociateResourceShareInput) (*AssociateResourceShareOutput, error) {
	return idempotent(c, apiAssociateResourceShare.Name, in.ClientToken, in, func() (*AssociateResourceShareOutput, error) {
		share, err := readModifiableShare(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		named := entities{in.ResourceARNs, in.Principals, in.Sources}
		if named.empty() {
			return nil, errInvalidParameter("You must specify at least one of resourceArns, principals and sources.")
		}
		list, err := associate(c, share, named)
		if err != nil {
			return nil, err
		}
		return &AssociateResourceShareOutput{ResourceShareAssociations: associationOutputs(c, share, list), ClientToken: in.ClientToken}, nil
	})
}

// associate adds entities to a share of the caller's account, and sends an
// invitation to each account that must accept one. Entities that are already
// associated stay unchanged.
func associate(c *operation.Call, share *sharing.Share, named entities) ([]sharing.Association, error) {
	if err := named.checkCount(); err != nil {
		return nil, err
	}
	present, err := loadAssociations(c, share)
	if err != nil {
		return nil, err
	}
	wanted, err := newAssociations(c, share, named)
	if err != nil {
		return nil, err
	}
	list, added := planAssociations(share, present, wanted, c.Now)
	if err := reserveAssociations(c, present, added); err != nil {
		return nil, err
	}
	if err := sendInvitations(c, share, pending(added)); err != nil {
		return nil, err
	}
	if attachDefaultPermissions(share, named.resources) {
		if err := share.Put(c); err != nil {
			return nil, err
		}
	}
	return list, sharing.Associate(c, share, added...)
}

// loadAssociations reads all associations of a share.
func loadAssociations(c *operation.Call, share *sharing.Share) ([]sharing.Association, error) {
	var list []sharing.Association
	for a, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN}) {
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// newAssociations returns the associations of entities with a share, or an error if
// the caller cannot share a resource or the share cannot have a principal or a source.
func newAssociations(c *operation.Call, share *sharing.Share, named entities) ([]sharing.Association, error) {
	var list []sharing.Association
	add := func(typ sharing.AssociationType, entity string, status sharing.AssociationStatus, external bool) {
		list = append(list, sharing.Association{
			Type: typ, Entity: entity, Status: status, External: external,
			Share: share.ARN, Owner: share.Owner, Region: share.Region, Created: c.Now, Updated: c.Now,
		})
	}
	for _, resource := range distinct(named.resources) {
		if err := checkShareable(c, resource); err != nil {
			return nil, err
		}
		add(sharing.Resource, resource, sharing.Associated, false)
	}
	principals, err := resolvePrincipals(c, distinct(named.principals), share.AllowExternal)
	if err != nil {
		return nil, err
	}
	for _, p := range principals {
		status := sharing.Associated
		if p.Invited {
			status = sharing.Associating
		}
		add(sharing.Principal, p.Text, status, p.External)
	}
	for _, source := range distinct(named.sources) {
		if !arn.IsAccountID(source) {
			return nil, errInvalidParameter("Source %s is not valid: it must be the id of an account.", source)
		}
		add(sharing.Source, source, sharing.Associated, false)
	}
	return list, nil
}

// planAssociations decides which of the wanted associations a share gets. It returns
// all of them as they will be, and those that are added: the share does not have them
// yet, or has them with the status FAILED.
func planAssociations(share *sharing.Share, present, wanted []sharing.Association, now time.Time) (list, added []sharing.Association) {
	type key struct {
		typ    sharing.AssociationType
		entity string
	}
	old := make(map[key]sharing.Association, len(present))
	for _, a := range present {
		old[key{a.Type, a.Entity}] = a
	}
	for _, a := range wanted {
		before, found := old[key{a.Type, a.Entity}]
		if found && associationStatus(share, before, now) != sharing.Failed {
			list = append(list, before)
			continue
		}
		if found {
			a.Created = before.Created
		}
		list, added = append(list, a), append(added, a)
	}
	return list, added
}

// pending returns the principals that must accept an invitation.
func pending(list []sharing.Association) []string {
	var principals []string
	for _, a := range list {
		if a.Type == sharing.Principal && a.Status == sharing.Associating {
			principals = append(principals, a.Entity)
		}
	}
	return principals
}

// attachDefaultPermissions attaches the default permission of each resource type for
// which a share has none. It reports whether it attached any.
func attachDefaultPermissions(share *sharing.Share, resources []string) (attached bool) {
	for _, resource := range resources {
		typ, _ := sharing.TypeOf(resource)
		if _, ok := share.Permissions[typ.Name]; ok {
			continue
		}
		if share.Permissions == nil {
			share.Permissions = map[string]sharing.PermissionRef{}
		}
		share.Permissions[typ.Name] = sharing.PermissionRef{ARN: typ.Managed[0].ARN, Version: typ.Managed[0].Default}
		attached = true
	}
	return attached
}

// findAssociation reads one association of a share. It reports false if there is
// none.
func findAssociation(c *operation.Call, share *sharing.Share, typ sharing.AssociationType, entity string) (sharing.Association, bool, error) {
	for a, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN, Type: typ, Entity: entity}) {
		return a, err == nil, err
	}
	return sharing.Association{}, false, nil
}

// disassociateResourceShare removes entities from a share of the caller's account,
// or the caller's account from a share of another account.
func (s *ram) disassociateResourceShare(c *operation.Call, in *DisassociateResourceShareInput) (*DisassociateResourceShareOutput, error) {
	return idempotent(c, apiDisassociateResourceShare.Name, in.ClientToken, in, func() (*DisassociateResourceShareOutput, error) {
		named := entities{in.ResourceARNs, in.Principals, in.Sources}
		if named.empty() {
			return nil, errInvalidParameter("You must specify at least one of resourceArns, principals and sources.")
		}
		if err := named.checkCount(); err != nil {
			return nil, err
		}
		disassociate := disassociateAsOwner
		if !c.Caller.OwnsARN(in.ResourceShareARN) {
			disassociate = disassociateAsConsumer
		}
		share, list, err := disassociate(c, in.ResourceShareARN, named)
		if err != nil {
			return nil, err
		}
		for i := range list {
			list[i].Status, list[i].Updated = sharing.Disassociated, c.Now
		}
		return &DisassociateResourceShareOutput{ResourceShareAssociations: associationOutputs(c, share, list), ClientToken: in.ClientToken}, nil
	})
}

// disassociateAsOwner removes entities from a share of the caller's account. It
// withdraws the pending invitations of principals that it removes.
func disassociateAsOwner(c *operation.Call, arn string, named entities) (*sharing.Share, []sharing.Association, error) {
	share, err := readModifiableShare(c, arn)
	if err != nil {
		return nil, nil, err
	}
	present, err := loadAssociations(c, share)
	if err != nil {
		return nil, nil, err
	}
	var list []sharing.Association
	for _, part := range []struct {
		typ      sharing.AssociationType
		entities []string
	}{{sharing.Resource, named.resources}, {sharing.Principal, named.principals}, {sharing.Source, named.sources}} {
		for _, entity := range distinct(part.entities) {
			i := slices.IndexFunc(present, func(a sharing.Association) bool { return a.Type == part.typ && a.Entity == entity })
			if i < 0 {
				return nil, nil, errUnknownResource("%s is not associated with the resource share %s.", entity, arn)
			}
			list = append(list, present[i])
		}
	}
	if err := withdrawInvitations(c, share, pending(list)); err != nil {
		return nil, nil, err
	}
	if err := releaseAssociations(c, list); err != nil {
		return nil, nil, err
	}
	return share, list, sharing.Disassociate(c, share, list...)
}

// disassociateAsConsumer removes principals of the caller's account from a share of
// another account: the account itself, or a role or user in it. An account that has
// access as a member of the organization cannot leave, and no account can leave a share that
// has resources: none of the types that Writ shares supports it.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-leave.html
func disassociateAsConsumer(c *operation.Call, arn string, named entities) (*sharing.Share, []sharing.Association, error) {
	share, err := readSharedWithCaller(c, arn)
	if err != nil {
		return nil, nil, err
	}
	if len(named.resources)+len(named.sources) > 0 {
		return nil, nil, errForeignShare(share)
	}
	organization, err := sharing.LoadOwnerOrganization(c.Tx, share.Owner)
	if err != nil {
		return nil, nil, err
	}
	var list []sharing.Association
	for _, text := range distinct(named.principals) {
		if principalAccount(text) != c.Account() {
			return nil, nil, errForeignShare(share)
		}
		a, found, err := findAssociation(c, share, sharing.Principal, text)
		if err != nil {
			return nil, nil, err
		}
		if !found || a.Status != sharing.Associated || organization.Enabled && !a.External {
			return nil, nil, errOperationNotPermitted("You can't leave the resource share %s: it is not shared with %s alone.", arn, text)
		}
		list = append(list, a)
	}
	for _, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN, Type: sharing.Resource}) {
		if err != nil {
			return nil, nil, err
		}
		return nil, nil, errOperationNotPermitted("You can't leave the resource share %s: it has resources of types that don't support leaving a resource share.", arn)
	}
	return share, list, sharing.Disassociate(c, share, list...)
}

func errForeignShare(share *sharing.Share) error {
	return errOperationNotPermitted("The resource share %s belongs to another account. You can only disassociate your own account from it.", share.ARN)
}

// associationStatus returns the status of an association at a time. The stored
// status does not tell that the share was deleted or that the invitation expired.
func associationStatus(share *sharing.Share, a sharing.Association, now time.Time) sharing.AssociationStatus {
	switch {
	case !share.Deleted.IsZero():
		return sharing.Disassociated
	case a.Status == sharing.Associating && sharing.InvitationExpired(a.Updated, now):
		return sharing.Failed
	}
	return a.Status
}
