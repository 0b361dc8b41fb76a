package identity

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/store"
)

// rowAt returns the loaded row at an ARN, or store.ErrNotFound if there is none of its type.
func rowAt[T store.Linked](rows Rows, arn string) (T, error) {
	value, loaded := rows[arn]
	row, found := value.(T)
	switch {
	case !loaded:
		return row, fmt.Errorf("%s was not loaded", arn)
	case !found:
		return row, fmt.Errorf("%s: %w", arn, store.ErrNotFound)
	}
	return row, nil
}

// cachedAs reads a single row of one of these types.
func cachedAs[T store.Linked](tx *store.Tx, arn string) (T, error) {
	value, err := store.Cached(tx, arn, decodeLinked)
	row, found := value.(T)
	if err == nil && !found {
		err = fmt.Errorf("%s: %w", arn, store.ErrNotFound)
	}
	return row, err
}

// decodeLinked decodes a row of any of these types into the form that decisions need.
func decodeLinked(r store.Resource) (store.Linked, error) {
	switch r.Service + ":" + r.Type {
	case "iam:user":
		u, err := decodeAs[User](r)
		return u.row(), err
	case "iam:group":
		g, err := decodeAs[Group](r)
		return newIdentityRow(GroupKind, g.Entity, g.Grants, nil, ""), err
	case "iam:role":
		role, err := decodeAs[Role](r)
		return role.row(), err
	case "iam:policy":
		p, err := decodeAs[ManagedPolicy](r)
		if err != nil {
			return nil, err
		}
		return newPolicyRow(p)
	case "organizations:membership":
		arn, err := decodeAs[string](r)
		return membershipRow{arn}, err
	case "organizations:root", "organizations:ou", "organizations:account":
		n, err := decodeAs[Node](r)
		return newNodeRow(n), err
	case "organizations:policy":
		p, err := decodeAs[OrganizationPolicy](r)
		return &policyRow{Document{r.ARN, p.Content}}, err
	}
	return otherRow{}, nil
}

// identityRow is an IAM identity (a user, a group or a role) with its policies.
type identityRow struct {
	kind     Kind
	arn, id  string
	inline   []Document
	attached []string // ARNs of managed policies
	groups   []string // ARNs of a user's groups
	boundary string   // ARN of a managed policy; "" for none
	links    []string
}

func (u *User) row() *identityRow {
	return newIdentityRow(UserKind, u.Entity, u.Grants, u.Groups, u.Boundary)
}

func (role *Role) row() *identityRow {
	return newIdentityRow(RoleKind, role.Entity, role.Grants, nil, role.Boundary)
}

func newIdentityRow(kind Kind, e Entity, g Grants, groups []string, boundary string) *identityRow {
	row := &identityRow{kind: kind, arn: e.ARN, id: e.ID, attached: g.Attached, groups: groups, boundary: boundary}
	for _, name := range slices.Sorted(maps.Keys(g.Policies)) {
		row.inline = append(row.inline, Document{e.ARN + "/policy/" + name, g.Policies[name]})
	}
	row.links = appendStored(row.links, slices.Concat(g.Attached, groups, optionalList(boundary)))
	return row
}

func (r *identityRow) Links() []string { return r.links }

// policyRow is a managed policy of IAM with the document of its default version, or
// a policy of an organization.
type policyRow struct{ document Document }

func newPolicyRow(p ManagedPolicy) (*policyRow, error) {
	v, ok := p.Version(p.Default)
	if !ok {
		return nil, fmt.Errorf("policy %s has no version %s", p.ARN, p.Default)
	}
	return &policyRow{Document{p.ARN, v.Document}}, nil
}

func (*policyRow) Links() []string { return nil }

// membershipRow maps an account to its node in an organization.
type membershipRow struct{ node string }

func (r membershipRow) Links() []string { return []string{r.node} }

// nodeRow is a node of an organization with the ARNs of its ancestors and of the policies attached to it.
type nodeRow struct {
	Node
	parentPath string
	parents    []string // from the root
	attached   map[string][]string
	links      []string
}

func newNodeRow(n Node) *nodeRow {
	row := &nodeRow{Node: n, parentPath: n.ParentPath()}
	if n.ID == n.Organization.Management {
		return row // no policies of the organization apply to it
	}
	for _, id := range n.Parents {
		row.parents = append(row.parents, n.Organization.NodeARN(id))
	}
	row.links = slices.Clone(row.parents)
	row.attached = make(map[string][]string, len(n.Attached))
	for policyType, ids := range n.Attached {
		for _, id := range ids {
			row.attached[policyType] = append(row.attached[policyType], n.Organization.PolicyARN(policyType, id))
		}
		row.links = appendStored(row.links, row.attached[policyType])
	}
	return row
}

func (r *nodeRow) Links() []string { return r.links }

// otherRow is a row of any other type.
type otherRow struct{}

func (otherRow) Links() []string { return nil }

// appendStored appends the ARNs of policies and groups that are in the store. AWS managed policies are not.
func appendStored(list, arns []string) []string {
	for _, arn := range arns {
		if !isAWSOwned(arn) {
			list = append(list, arn)
		}
	}
	return list
}

// isAWSOwned reports whether an ARN is that of an AWS managed policy, with "aws" in place of the account.
func isAWSOwned(arn string) bool {
	for range 4 {
		_, arn, _ = strings.Cut(arn, ":")
	}
	return strings.HasPrefix(arn, awsOwner+":")
}

// managedDocument returns the document of a loaded managed policy, or of an AWS managed policy.
func (rows Rows) managedDocument(arn string) (Document, error) {
	if text, ok := awsManagedDocument(arn); ok {
		return Document{arn, text}, nil
	}
	row, err := rowAt[*policyRow](rows, arn)
	if err != nil {
		return Document{}, err
	}
	return row.document, nil
}

// controlPolicy returns the document of a loaded policy of an organization, or of the AWS managed policy that
// allows everything.
func (rows Rows) controlPolicy(arn string) (Document, error) {
	if isAWSOwned(arn) {
		return Document{arn, fullAccess[arn[strings.LastIndexByte(arn, '/')+1:]].Content}, nil
	}
	row, err := rowAt[*policyRow](rows, arn)
	if err != nil {
		return Document{}, err
	}
	return row.document, nil
}
