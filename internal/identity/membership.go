package identity

import (
	"fmt"
	"slices"

	"github.com/writdev/writ/internal/store"
)

// Membership is an account's position in its organization. The zero value means that the account is in no
// organization.
type Membership struct {
	OrganizationID    string // "o-..."
	ManagementAccount string // 12 digits
	Path              string // "o-.../r-.../ou-.../", the value of aws:PrincipalOrgPaths

	// ServiceControl and ResourceControl are the policies of those types, one list
	// per level from the root to the account. They are nil if the type is not
	// enabled, and for the management account, to which neither applies.
	ServiceControl, ResourceControl [][]Document
}

// MembershipOf reads an account's position in its organization.
func MembershipOf(tx *store.Tx, account string) (Membership, error) {
	rows := Rows{}
	if err := rows.Load(tx, Caller{}, account); err != nil {
		return Membership{}, err
	}
	return rows.Membership(account)
}

// Membership computes the position in its organization of an account whose rows were loaded.
func (rows Rows) Membership(account string) (m Membership, err error) {
	levels, err := rows.levels(account)
	if err != nil || len(levels) == 0 {
		return Membership{}, err
	}
	node := levels[len(levels)-1]
	m = Membership{
		OrganizationID: node.Organization.ID, ManagementAccount: node.Organization.Management, Path: node.parentPath,
	}
	if account == m.ManagementAccount {
		return m, nil
	}
	enabled := levels[0].PolicyTypes
	if slices.Contains(enabled, ServiceControlPolicy) {
		m.ServiceControl, err = rows.attachedDocuments(ServiceControlPolicy, levels)
	}
	if err == nil && slices.Contains(enabled, ResourceControlPolicy) {
		m.ResourceControl, err = rows.attachedDocuments(ResourceControlPolicy, levels)
	}
	if err != nil {
		return Membership{}, fmt.Errorf("organization of %s: %w", account, err)
	}
	return m, nil
}

// Suspended reports whether an account, whose rows were loaded, was closed by its organization.
func (rows Rows) Suspended(account string) (bool, error) {
	arn := membershipARN(account)
	if rows[arn] == nil {
		return false, nil
	}
	membership, err := rowAt[membershipRow](rows, arn)
	if err != nil {
		return false, fmt.Errorf("organization of %s: %w", account, err)
	}
	node, err := rowAt[*nodeRow](rows, membership.node)
	if err != nil {
		return false, fmt.Errorf("organization of %s: %w", account, err)
	}
	return node.Account != nil && node.Account.Status == SuspendedAccount, nil
}

// levels returns the nodes from the root to an account, or none if the account is in no organization.
func (rows Rows) levels(account string) ([]*nodeRow, error) {
	arn := membershipARN(account)
	if value, loaded := rows[arn]; loaded && value == nil {
		return nil, nil
	}
	membership, err := rowAt[membershipRow](rows, arn)
	if err != nil {
		return nil, fmt.Errorf("organization of %s: %w", account, err)
	}
	node, err := rowAt[*nodeRow](rows, membership.node)
	if err != nil {
		return nil, fmt.Errorf("organization of %s: %w", account, err)
	}
	levels := make([]*nodeRow, 0, len(node.parents)+1)
	for _, arn := range node.parents {
		parent, err := rowAt[*nodeRow](rows, arn)
		if err != nil {
			return nil, fmt.Errorf("organization of %s: %w", account, err)
		}
		levels = append(levels, parent)
	}
	return append(levels, node), nil
}

// attachedDocuments returns the policies of a type at each level. A level without policies allows nothing:
// its list is empty, not nil.
func (rows Rows) attachedDocuments(policyType string, levels []*nodeRow) ([][]Document, error) {
	n := 0
	for _, level := range levels {
		n += len(level.attached[policyType])
	}
	all, documents := make([][]Document, 0, len(levels)), make([]Document, 0, n)
	for _, level := range levels {
		from := len(documents)
		for _, arn := range level.attached[policyType] {
			document, err := rows.controlPolicy(arn)
			if err != nil {
				return nil, err
			}
			documents = append(documents, document)
		}
		all = append(all, documents[from:len(documents):len(documents)])
	}
	return all, nil
}
