package identity

import (
	"errors"
	"fmt"
	"slices"

	"github.com/writdev/writ/internal/store"
)

// Membership is an account's place in its organization. The zero value is an
// account that is in none.
type Membership struct {
	OrganizationID    string // "o-..."
	ManagementAccount string // 12 digits
	Path              string // "o-.../r-.../ou-.../", as aws:PrincipalOrgPaths has it

	// ServiceControl and ResourceControl are the policies of those types, one
	// list per level from the root to the account; nil where the type is not
	// enabled, and for the management account, which neither binds.
	ServiceControl, ResourceControl [][]Text
}

// MembershipOf finds an account's place in its organization. It costs one read
// for an account that is in none; for the others one for each level of the tree
// and each policy attached on the way. The store keeps these rows in memory.
func MembershipOf(tx *store.Tx, account string) (Membership, error) {
	node, err := keptMember(tx, account)
	if errors.Is(err, store.ErrNotFound) {
		return Membership{}, nil
	}
	if err != nil {
		return Membership{}, fmt.Errorf("organization of %s: %w", account, err)
	}
	o := node.Organization
	m := Membership{OrganizationID: o.ID, ManagementAccount: o.Management, Path: node.ParentPath()}
	if account == o.Management {
		return m, nil
	}
	levels := make([]Node, 0, len(node.Parents)+1)
	for _, id := range node.Parents {
		level, err := keptRow[Node](tx, o.NodeARN(id))
		if err != nil {
			return Membership{}, fmt.Errorf("organization of %s: %w", account, err)
		}
		levels = append(levels, level)
	}
	levels = append(levels, node)
	enabled := levels[0].PolicyTypes
	for _, kind := range []struct {
		name string
		into *[][]Text
	}{{ServiceControlPolicy, &m.ServiceControl}, {ResourceControlPolicy, &m.ResourceControl}} {
		if !slices.Contains(enabled, kind.name) {
			continue
		}
		if *kind.into, err = attachedTexts(tx, kind.name, levels); err != nil {
			return Membership{}, fmt.Errorf("organization of %s: %w", account, err)
		}
	}
	return m, nil
}

// attachedTexts reads the policies of a type at each level. A level without any
// allows nothing, so its list is empty and not nil.
func attachedTexts(tx *store.Tx, policyType string, levels []Node) ([][]Text, error) {
	all := make([][]Text, 0, len(levels))
	for _, level := range levels {
		texts := make([]Text, 0, len(level.Attached[policyType]))
		for _, id := range level.Attached[policyType] {
			p, err := ReadOrganizationPolicy(tx, level.Organization, policyType, id)
			if err != nil {
				return nil, err
			}
			texts = append(texts, Text{level.Organization.PolicyARN(policyType, id), p.Content})
		}
		all = append(all, texts)
	}
	return all, nil
}

// keptMember is MemberNode of a node that is shared.
func keptMember(tx *store.Tx, account string) (Node, error) {
	arn, err := keptRow[string](tx, membershipARN(account))
	if err != nil {
		return Node{}, err
	}
	return keptRow[Node](tx, arn)
}
