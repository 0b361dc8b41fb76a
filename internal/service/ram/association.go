package ram

import (
	"errors"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// entities are what a call adds to a share or takes out of it.
type entities struct{ resources, principals, sources []string }

// maxEntities is how many resources one call may name, and how many principals
// and sources.
const maxEntities = 100

// checkCount makes sure that a call does not name too much.
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
	return once(c, apiAssociateResourceShare.Name, in.ClientToken, in, func() (*AssociateResourceShareOutput, error) {
		share, err := changeable(c, in.ResourceShareARN)
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
		return &AssociateResourceShareOutput{ResourceShareAssociations: associationViews(c, share, list), ClientToken: in.ClientToken}, nil
	})
}

// associate adds to a share of the caller's. Who has to accept an invitation
// gets one. What is in the share already stays as it is.
func associate(c *operation.Call, share *sharing.Share, named entities) ([]sharing.Association, error) {
	if err := named.checkCount(); err != nil {
		return nil, err
	}
	var list, added []sharing.Association
	add := func(a sharing.Association) error {
		a.Share, a.Owner, a.Region, a.Created, a.Updated = share.ARN, share.Owner, share.Region, c.Now, c.Now
		old, there, err := associated(c, share, a.Type, a.Entity)
		switch {
		case err != nil:
			return err
		case there && statusAt(share, old, c.Now) != sharing.Failed:
			list = append(list, old)
			return nil
		case there:
			a.Created = old.Created
		}
		if a.Status == sharing.Associating {
			if err := invite(c, share, a.Entity); err != nil {
				return err
			}
		}
		list, added = append(list, a), append(added, a)
		return nil
	}

	permitted := len(share.Permissions)
	for _, arn := range distinct(named.resources) {
		typ, err := shareableResource(c, arn)
		if err != nil {
			return nil, err
		}
		if _, ok := share.Permissions[typ.Name]; !ok {
			if share.Permissions == nil {
				share.Permissions = map[string]sharing.PermissionRef{}
			}
			share.Permissions[typ.Name] = sharing.PermissionRef{ARN: typ.Managed[0].ARN, Version: typ.Managed[0].Default}
		}
		if err := add(sharing.Association{Type: sharing.Resource, Entity: arn, Status: sharing.Associated}); err != nil {
			return nil, err
		}
	}
	for _, text := range distinct(named.principals) {
		p, err := findPrincipal(c, text, share.AllowExternal)
		if err != nil {
			return nil, err
		}
		status := sharing.Associated
		if p.Invited {
			status = sharing.Associating
		}
		if err := add(sharing.Association{Type: sharing.Principal, Entity: text, Status: status, External: p.External}); err != nil {
			return nil, err
		}
	}
	for _, source := range distinct(named.sources) {
		if !identity.IsAccountID(source) {
			return nil, errInvalidParameter("Source %s is not valid: it must be the id of an account.", source)
		}
		if err := add(sharing.Association{Type: sharing.Source, Entity: source, Status: sharing.Associated}); err != nil {
			return nil, err
		}
	}
	if err := takeAssociations(c, share, added); err != nil {
		return nil, err
	}
	if len(share.Permissions) > permitted {
		if err := share.Put(c); err != nil {
			return nil, err
		}
	}
	return list, sharing.Associate(c, share, added...)
}

// shareableResource makes sure that the caller can share a resource: it is its
// account's and in the region, and the caller itself could put a policy on it,
// which is what RAM does in its name.
// https://docs.aws.amazon.com/ram/latest/userguide/security-iam-policies.html
func shareableResource(c *operation.Call, text string) (sharing.ResourceType, error) {
	a, err := arn.Parse(text)
	if err != nil {
		return sharing.ResourceType{}, errMalformedARN(textResourceARN, text)
	}
	typ, ok := sharing.TypeOf(text)
	if !ok {
		return typ, errMalformedARN(textResourceType)
	}
	if a.Account != c.Account() || a.Partition != c.Partition || a.Region != c.Region {
		return typ, noResource(text)
	}
	if err := c.Authorize(typ.PutAction, viaRAM(text)); err != nil {
		return typ, err
	}
	reason, err := sharing.Shareable(c.Tx, text, c.Now)
	switch {
	case errors.Is(err, store.ErrNotFound):
		err = noResource(text)
	case err == nil && reason != "":
		err = errOperationNotPermitted("%s", reason)
	}
	return typ, err
}

func noResource(arn string) error { return errUnknownResource("Resource %s could not be found.", arn) }

// viaRAM is a resource that RAM acts on in the caller's name.
func viaRAM(arn string) authz.Target {
	const host = "ram.amazonaws.com"
	return authz.Target{ARN: arn, Keys: map[string][]string{
		"aws:ViaAWSService": {"true"}, "aws:CalledVia": {host}, "aws:CalledViaFirst": {host}, "aws:CalledViaLast": {host},
	}}
}

// associated reads one association of a share; false if there is none.
func associated(c *operation.Call, share *sharing.Share, typ sharing.AssociationType, entity string) (sharing.Association, bool, error) {
	for a, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN, Type: typ, Entity: entity}) {
		return a, err == nil, err
	}
	return sharing.Association{}, false, nil
}

// disassociateResourceShare takes out of a share of the caller's what it names,
// or the caller's account out of another account's share.
func (s *ram) disassociateResourceShare(c *operation.Call, in *DisassociateResourceShareInput) (*DisassociateResourceShareOutput, error) {
	return once(c, apiDisassociateResourceShare.Name, in.ClientToken, in, func() (*DisassociateResourceShareOutput, error) {
		named := entities{in.ResourceARNs, in.Principals, in.Sources}
		if named.empty() {
			return nil, errInvalidParameter("You must specify at least one of resourceArns, principals and sources.")
		}
		if err := named.checkCount(); err != nil {
			return nil, err
		}
		disassociate := take
		if !c.Caller.OwnsARN(in.ResourceShareARN) {
			disassociate = leave
		}
		share, list, err := disassociate(c, in.ResourceShareARN, named)
		if err != nil {
			return nil, err
		}
		if err := sharing.Disassociate(c, share, list...); err != nil {
			return nil, err
		}
		for i := range list {
			list[i].Status, list[i].Updated = sharing.Disassociated, c.Now
		}
		return &DisassociateResourceShareOutput{ResourceShareAssociations: associationViews(c, share, list), ClientToken: in.ClientToken}, nil
	})
}

// take finds what a call takes out of a share of the caller's, and withdraws the
// invitations that wait for it.
func take(c *operation.Call, arn string, named entities) (*sharing.Share, []sharing.Association, error) {
	share, err := changeable(c, arn)
	if err != nil {
		return nil, nil, err
	}
	var list []sharing.Association
	for _, part := range []struct {
		typ      sharing.AssociationType
		entities []string
	}{{sharing.Resource, named.resources}, {sharing.Principal, named.principals}, {sharing.Source, named.sources}} {
		for _, entity := range distinct(part.entities) {
			a, there, err := associated(c, share, part.typ, entity)
			if err != nil {
				return nil, nil, err
			}
			if !there {
				return nil, nil, errUnknownResource("%s is not associated with the resource share %s.", entity, arn)
			}
			if a.Type == sharing.Principal && a.Status == sharing.Associating {
				if err := withdraw(c, a); err != nil {
					return nil, nil, err
				}
			}
			list = append(list, a)
		}
	}
	return share, list, releaseAssociations(c, list)
}

// leave finds what the caller's account gives up when it leaves a share: its own
// principal, and the roles and users of it that the share names. Who is there as
// a member of an organization cannot leave.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-leave.html
func leave(c *operation.Call, arn string, named entities) (*sharing.Share, []sharing.Association, error) {
	share, err := consumed(c, arn)
	if err != nil {
		return nil, nil, err
	}
	if len(named.resources)+len(named.sources) > 0 {
		return nil, nil, notYours(share)
	}
	member, err := sharingIsEnabled(c, share.Owner)
	if err != nil {
		return nil, nil, err
	}
	var list []sharing.Association
	for _, text := range distinct(named.principals) {
		if accountOf(text) != c.Account() {
			return nil, nil, notYours(share)
		}
		a, there, err := associated(c, share, sharing.Principal, text)
		if err != nil {
			return nil, nil, err
		}
		if !there || a.Status != sharing.Associated || member && !a.External {
			return nil, nil, errOperationNotPermitted("You can't leave the resource share %s: it is not shared with %s alone.", arn, text)
		}
		list = append(list, a)
	}
	return share, list, nil
}

func notYours(share *sharing.Share) error {
	return errOperationNotPermitted("The resource share %s belongs to another account. You can only disassociate your own account from it.", share.ARN)
}

// statusAt is how an association stands at a time. That its share was deleted or
// its invitation ran out is not written to it.
func statusAt(share *sharing.Share, a sharing.Association, now time.Time) sharing.AssociationStatus {
	switch {
	case !share.Deleted.IsZero():
		return sharing.Disassociated
	case a.Status == sharing.Associating && lapsed(a.Updated, now):
		return sharing.Failed
	}
	return a.Status
}

func associationViews(c *operation.Call, share *sharing.Share, list []sharing.Association) []ResourceShareAssociation {
	views := make([]ResourceShareAssociation, 0, len(list))
	for _, a := range list {
		views = append(views, associationView(c, share, a))
	}
	return views
}

func associationView(c *operation.Call, share *sharing.Share, a sharing.Association) ResourceShareAssociation {
	v := ResourceShareAssociation{
		ResourceShareARN: &share.ARN, ResourceShareName: &share.Name, AssociatedEntity: &a.Entity,
		AssociationType: new(ResourceShareAssociationType(a.Type)), Status: new(ResourceShareAssociationStatus(statusAt(share, a, c.Now))),
		CreationTime: moment(a.Created), LastUpdatedTime: moment(a.Updated), External: &a.External,
	}
	if a.StatusMessage != "" {
		v.StatusMessage = &a.StatusMessage
	}
	return v
}
