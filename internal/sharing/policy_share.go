package sharing

import (
	"slices"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// PutPolicy writes a policy that a user put on a resource, and updates the share created
// from it: a document that names principals outside the owner's account has a share of
// feature set CREATED_FROM_POLICY, others have none. before is the previous document; ""
// for a new policy. Principals that a share cannot have (anyone, an identity provider, a
// session) are omitted. The share is not written if the grant does not change.
//
// https://docs.aws.amazon.com/ram/latest/APIReference/API_PromoteResourceShareCreatedFromPolicy.html
func PutPolicy(c *operation.Call, p store.Policy, before string) error {
	changes, err := policyChanges(c, PolicyKey{p.ARN, p.Name}, before, p.Document)
	if err != nil {
		return err
	}
	return c.Tx.Apply(append(changes, store.PutPolicy{Policy: p}))
}

// DeletePolicy deletes a policy that a user put on a resource, with the share
// created from it.
func DeletePolicy(c *operation.Call, p store.Policy) error {
	changes, err := policyChanges(c, PolicyKey{p.ARN, p.Name}, p.Document, "")
	if err != nil {
		return err
	}
	return c.Tx.Apply(append(changes, store.DeletePolicy{ARN: p.ARN, Source: p.Source, Name: p.Name}))
}

// policyChanges returns the changes of the share of a policy with a new document; "" is
// no document.
func policyChanges(c *operation.Call, key PolicyKey, before, after string) ([]store.Change, error) {
	typ, ok := TypeOf(key.ARN)
	if !ok {
		return nil, nil
	}
	old, err := parseDocument(c, before)
	if err != nil {
		return nil, err
	}
	document, err := parseDocument(c, after)
	if err != nil || equivalent(old, document) {
		return nil, err
	}
	state, err := loadPolicyShare(c.Tx, key, typ, document)
	if err != nil {
		return nil, err
	}
	u := planPolicyShare(state, c.Now, c.NewShareID)
	if u == nil {
		return nil, nil
	}
	return u.rows(state.content, c.Now) // a share created from a policy generates no documents
}

// parseDocument parses a document; "" is none.
func parseDocument(c *operation.Call, text string) (*policy.Document, error) {
	if text == "" {
		return nil, nil
	}
	return c.Gate.Parse(text)
}

// policyShare is the data that determines the share of a policy.
type policyShare struct {
	key      PolicyKey
	typ      ResourceType
	document policyDocument // Document is nil if the policy is deleted
	owner    ownerScope
	content  *content // the existing share; nil if there is none
}

// loadPolicyShare reads what the share of a policy depends on.
func loadPolicyShare(tx *store.Tx, key PolicyKey, typ ResourceType, document *policy.Document) (policyShare, error) {
	state := policyShare{key: key, typ: typ}
	resource, err := arn.Parse(key.ARN)
	if err != nil {
		return state, err
	}
	state.document = policyDocument{document, resource, typ.OwnAccount}
	rows, err := tx.SharesByReference(key.reference())
	if err != nil {
		return state, err
	}
	if len(rows) > 0 {
		if state.content, err = contentOf(rows[0]); err != nil {
			return state, err
		}
	}
	if document == nil {
		return state, nil
	}
	state.owner, err = loadOwnerScope(tx, state.document)
	return state, err
}

// planPolicyShare returns the update of the share of a policy; nil if it does not change.
// It reads and writes nothing; newID generates names.
func planPolicyShare(state policyShare, now time.Time, newID func() string) *update {
	var grant *externalGrant
	if state.document.Document != nil {
		grant = readExternalGrant(state.document, state.owner)
	}
	switch {
	case grant == nil && state.content == nil:
		return nil
	case grant == nil:
		return &update{share: state.content.share, erase: true}
	case state.content != nil && state.content.share.GrantDigest == grant.digest:
		return nil
	}
	u := &update{put: true}
	if state.content == nil {
		state.create(u, grant, newID)
	} else {
		state.change(u, grant)
	}
	state.permit(u, grant, now, newID)
	return u
}

// create makes the share of a policy.
func (state *policyShare) create(u *update, grant *externalGrant, newID func() string) {
	resource := state.document.resource
	key := state.key
	u.share = &Share{
		ARN:   shareARN(resource.Partition, resource.Region, resource.Account, newID()),
		Owner: resource.Account, Region: resource.Region, Name: newID(), AllowExternal: true, FeatureSet: CreatedFromPolicy, Policy: &key,
	}
	u.add = []Association{{Type: Resource, Entity: key.ARN, Status: Associated}}
	for _, p := range grant.principals {
		u.add = append(u.add, p.association())
	}
}

// change gives the share of a policy the principals to which the policy grants now.
func (state *policyShare) change(u *update, grant *externalGrant) {
	share := *state.content.share
	u.share = &share
	known := map[string]bool{}
	for _, a := range state.content.associations {
		switch {
		case a.Type == Resource:
		case grant.names(a.Entity):
			known[a.Entity] = true
		default:
			u.remove = append(u.remove, a)
		}
	}
	for _, p := range grant.principals {
		if !known[p.name] {
			u.add = append(u.add, p.association())
		}
	}
}

// permit attaches a permission with exactly the terms of a grant: an AWS managed one, the
// one that the share has, or a new one.
func (state *policyShare) permit(u *update, grant *externalGrant, now time.Time, newID func() string) {
	share := u.share
	share.GrantDigest = grant.digest
	before, attached := share.Permissions[state.typ.Name]
	p := managedWith(state.typ, grant.terms)
	if p == nil && attached {
		if own, ok := state.content.permissions[before.ARN]; ok && own.has(grant.terms) {
			p = own.Permission
		}
	}
	if p == nil {
		name := newID()
		p = &Permission{
			ARN:   arn.ARN{Partition: state.document.resource.Partition, Service: ramService, Region: share.Region, Account: share.Owner, Resource: permissionType + "/" + name}.String(),
			Owner: share.Owner, Region: share.Region, Name: name, ResourceType: state.typ.Name, FeatureSet: CreatedFromPolicy,
			Default: 1, Last: 1, Versions: []PermissionVersion{{Number: 1, Template: grant.terms.template(), Created: now}},
		}
		u.created = []*Permission{p}
	}
	share.Permissions = map[string]PermissionRef{state.typ.Name: p.ref()}
}

// managedWith returns the AWS managed permission with exactly the given terms; nil if
// there is none.
func managedWith(typ ResourceType, t terms) *Permission {
	for i := range typ.Managed {
		if p := &typ.Managed[i]; p.has(t) {
			return p
		}
	}
	return nil
}

// has reports whether the default version of the permission has exactly these terms.
func (p *Permission) has(t terms) bool {
	version, _ := p.Version(p.Default)
	its, err := parseTemplate(version.Template)
	return err == nil && its.text() == t.text()
}

// A share that was created from a policy refers to the policy, so that it can be found by
// it.
func (k PolicyKey) reference() string { return "policy " + k.Name + " of " + k.ARN }

// equivalent reports whether two documents grant the same with the same elements,
// ignoring Sids, ids and layout. With it most puts of a policy need not read its share.
// Documents with conditions are never equivalent, because their meaning for a share
// depends on the owner's organization. nil is no document.
func equivalent(a, b *policy.Document) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Version().Text == b.Version().Text && slices.EqualFunc(a.Statements(), b.Statements(), equivalentStatements)
}

func equivalentStatements(a, b policy.Statement) bool {
	return !a.Condition.Present() && !b.Condition.Present() && a.Effect.Text == b.Effect.Text &&
		equivalentPrincipals(a.Principal, b.Principal) && equivalentPrincipals(a.NotPrincipal, b.NotPrincipal) &&
		equivalentLists(a.Action, b.Action) && equivalentLists(a.NotAction, b.NotAction) &&
		equivalentLists(a.Resource, b.Resource) && equivalentLists(a.NotResource, b.NotResource)
}

func equivalentPrincipals(a, b policy.Principals) bool {
	return a.Present() == b.Present() && a.Any.Present() == b.Any.Present() && a.Any.Text == b.Any.Text &&
		slices.EqualFunc(a.Entries, b.Entries, func(a, b policy.PrincipalEntry) bool {
			return a.Type == b.Type && equivalentLists(a.Values, b.Values)
		})
}

func equivalentLists(a, b policy.List) bool {
	return a.Present() == b.Present() &&
		slices.EqualFunc(a.Values, b.Values, func(a, b policy.Value) bool { return a.Text == b.Text })
}
