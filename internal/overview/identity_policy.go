package overview

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// identityPolicies lists the inline policies of users, groups and roles, and the default
// versions of managed policies.
func identityPolicies(tx *store.Tx) ([]Policy, error) {
	var list []Policy
	attached := map[string][]string{} // the users and roles to which a managed policy applies
	for row, err := range tx.Resources(store.Query{Service: "iam"}) {
		if err != nil {
			return nil, err
		}
		switch identity.Kind(row.Type) {
		case identity.UserKind, identity.GroupKind, identity.RoleKind:
			owned, err := grantedPolicies(tx, row, attached)
			if err != nil {
				return nil, err
			}
			list = append(list, owned...)
		case identity.PolicyKind:
			var managed identity.ManagedPolicy
			if err := decode(row, &managed); err != nil {
				return nil, err
			}
			if version, ok := managed.Version(managed.Default); ok {
				list = append(list, Policy{Kind: "identity", Name: row.ARN, Account: row.Account, Updated: managed.UpdatedAt, Document: version.Document})
			}
		}
	}
	for i := range list {
		if of, managed := attached[list[i].Name]; managed {
			slices.Sort(of)
			list[i].Principals = slices.Compact(of)
		}
	}
	return list, nil
}

// grantedPolicies returns the inline policies of a user, a group or a role. It records the users and roles to
// which managed policies are attached, or whose permissions boundary they are.
func grantedPolicies(tx *store.Tx, row store.Resource, attached map[string][]string) ([]Policy, error) {
	var owner struct {
		identity.Grants
		Boundary string // of a user or a role
	}
	if err := decode(row, &owner); err != nil {
		return nil, err
	}
	principals := []string{row.ARN}
	if identity.Kind(row.Type) == identity.GroupKind {
		var err error
		if principals, err = identity.GroupMembers(tx, row.ARN); err != nil {
			return nil, err
		}
	}
	for _, arn := range owner.Attached {
		attached[arn] = append(attached[arn], principals...)
	}
	if owner.Boundary != "" {
		attached[owner.Boundary] = append(attached[owner.Boundary], principals...)
	}
	var list []Policy
	for _, name := range slices.Sorted(maps.Keys(owner.Policies)) {
		list = append(list, Policy{
			Kind: "identity", Name: row.ARN + "/policy/" + name, Account: row.Account, Updated: row.UpdatedAt, Principals: principals, Document: owner.Policies[name],
		})
	}
	return list, nil
}

func decode(row store.Resource, into any) error {
	if err := json.Unmarshal(row.Data, into); err != nil {
		return fmt.Errorf("read %s: %w", row.ARN, err)
	}
	return nil
}
