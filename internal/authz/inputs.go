package authz

import (
	"cmp"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// Inputs holds the inputs of one decision. The documents are texts: they share the memory of the store's
// cache, and are compiled again to explain the decision.
type Inputs struct {
	Question
	Owner    string // the account that owns the target
	Policies Policies

	CallerOrganization, OwnerOrganization Organization

	// The tags of the target and of the principal; nil unless a document may read tags.
	ResourceTags, PrincipalTags map[string]string
}

// Policies holds the documents of each layer. As in policy.Policies, a nil layer restricts nothing, and an
// empty layer allows nothing.
type Policies struct {
	Identity, Boundary, Session, Resource []identity.Document
	ServiceControl, ResourceControl       [][]identity.Document // by level, from the root
}

// Organization is an account's position in its organization; zero if it is in none.
type Organization struct{ ID, Path string }

// load reads the inputs of the decision in two store calls: the policies of the caller and of the
// organizations, and the policies and tags of the target. The target comes first so that an engine can read
// both at once.
func (in *Inputs) load(tx *store.Tx, rows identity.Rows) (target store.Attached, err error) {
	caller := in.Caller.Account()
	in.Owner = owner(in.Question)
	target = tx.Attached(policyARN(in.Target), taggedARN(in.Target), in.Caller.Tagged())
	if err := rows.Load(tx, in.Caller, caller, in.Owner); err != nil {
		return target, err
	}
	principal, err := rows.PrincipalPolicies(in.Caller)
	if err != nil {
		return target, err
	}
	callers, err := rows.Membership(caller)
	if err != nil {
		return target, err
	}
	owners := callers
	if in.Owner != caller {
		if owners, err = rows.Membership(in.Owner); err != nil {
			return target, err
		}
	}
	attached, err := target.Policies()
	if err != nil {
		return target, err
	}
	in.CallerOrganization = Organization{callers.OrganizationID, callers.Path}
	in.OwnerOrganization = Organization{owners.OrganizationID, owners.Path}
	in.Policies = Policies{
		Identity:        append(principal.Identity, in.Target.CallerPolicies...),
		Boundary:        principal.Boundary,
		Session:         principal.Session,
		Resource:        resourcePolicies(in.Target, attached),
		ServiceControl:  callers.ServiceControl,
		ResourceControl: owners.ResourceControl,
	}
	return target, nil
}

// loadTags adds the tags of the target and of the principal.
func (in *Inputs) loadTags(target store.Attached) error {
	resource, principal, err := target.Tags()
	in.ResourceTags, in.PrincipalTags = resource, in.Caller.Tags(principal)
	return err
}

// owner returns the account that owns the target; a target without an account belongs to the caller's
// account.
func owner(q Question) string {
	if a, err := arn.Parse(q.Target.ARN); err == nil {
		return a.Account
	}
	return q.Caller.Account()
}

// policyARN returns the ARN whose policies apply to the target, or "" if none apply.
func policyARN(t Target) string { return noWildcard(cmp.Or(t.PolicyARN, t.ARN)) }

// taggedARN returns the ARN whose tags are the target's tags, or "" if it has none.
func taggedARN(t Target) string { return noWildcard(t.ARN) }

func noWildcard(arn string) string {
	if arn == "*" {
		return ""
	}
	return arn
}

// BySharesSuffix is the end of the name of the document that RAM's resource shares add to a resource.
const BySharesSuffix = " (resource shares)"

// resourcePolicies returns the documents on a target, from every source.
func resourcePolicies(t Target, stored []store.Policy) []identity.Document {
	if len(stored) == 0 {
		return t.ResourcePolicies
	}
	list := append(make([]identity.Document, 0, len(t.ResourcePolicies)+len(stored)), t.ResourcePolicies...)
	for _, p := range stored {
		name := p.ARN
		if p.Name != "" {
			name += " " + p.Name
		}
		if p.Source == store.SourceRAM {
			name += BySharesSuffix
		}
		list = append(list, identity.Document{Name: name, Text: p.Document})
	}
	return list
}
