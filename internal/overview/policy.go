package overview

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// Policy is a policy that a user wrote.
type Policy struct {
	Kind     string `json:"kind"`            // "identity", "resource", "trust", "scp" or "rcp"
	Name     string `json:"name"`            // as in decision records
	Title    string `json:"title,omitempty"` // its own name, if that is not part of Name
	Account  string `json:"account"`
	Resource string `json:"resource,omitempty"` // that it is attached to; of the kinds "resource" and "trust"
	// Principals lists the users and roles to which an identity-based policy applies, including through
	// groups and as a permissions boundary.
	Principals []string  `json:"principals,omitempty"`
	Updated    time.Time `json:"updated"`
	Document   string    `json:"document,omitempty"`
}

// trustSource is the source of trust policies in the store.
const trustSource = "trust"

// Name returns the name of a resource-based policy in decision records: the ARN that it is attached to and,
// if the service has several, a space and its slot.
func Name(p store.Policy) string {
	if p.Name == "" {
		return p.ARN
	}
	return p.ARN + " " + p.Name
}

// Policies lists the policies of a world that users wrote, sorted by kind and name.
func Policies(tx *store.Tx) ([]Policy, error) {
	r := &reader{tx: tx, accounts: map[string]Account{}}
	if err := r.readResources(); err != nil {
		return nil, err
	}
	attached, err := attachedPolicies(tx, r.out.Resources)
	if err != nil {
		return nil, err
	}
	list := []Policy{}
	for _, p := range attached {
		kind := "resource"
		if p.Source == trustSource {
			kind = "trust"
		}
		list = append(list, Policy{Kind: kind, Name: Name(p), Account: arnAccount(p.ARN), Resource: p.ARN, Updated: p.UpdatedAt, Document: p.Document})
	}
	written, err := identityPolicies(tx)
	if err != nil {
		return nil, err
	}
	list = append(list, written...)
	for row, err := range tx.Resources(store.Query{Service: "organizations", Type: "policy"}) {
		var p identity.OrganizationPolicy
		if err == nil {
			err = json.Unmarshal(row.Data, &p)
		}
		if err != nil {
			return nil, err
		}
		if kind, ok := map[string]string{identity.ServiceControlPolicy: "scp", identity.ResourceControlPolicy: "rcp"}[p.Type]; ok {
			list = append(list, Policy{Kind: kind, Name: row.ARN, Title: p.Name, Account: row.Account, Updated: row.UpdatedAt, Document: p.Content})
		}
	}
	slices.SortFunc(list, func(a, b Policy) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	return list, nil
}

// opsItemGroup is the end of the ARN of an account's group of OpsItems.
const opsItemGroup = ":opsitemgroup/default"

// attachedPolicies returns the resource-based policies that users wrote on resources, and on OpsItem groups,
// which have no row of their own.
func attachedPolicies(tx *store.Tx, resources []Resource) ([]store.Policy, error) {
	arns := map[string]bool{}
	for _, r := range resources {
		arns[r.ARN] = true
	}
	all, err := tx.PolicyARNs()
	if err != nil {
		return nil, err
	}
	for _, long := range all {
		if strings.HasSuffix(long, opsItemGroup) {
			arns[long] = true
		}
	}
	list := slices.Sorted(maps.Keys(arns))
	written, err := tx.PoliciesBySource(store.SourceUser, list)
	if err != nil {
		return nil, err
	}
	trusts, err := tx.PoliciesBySource(trustSource, list)
	if err != nil {
		return nil, err
	}
	for i := range trusts {
		trusts[i].Source = trustSource
	}
	return append(written, trusts...), nil
}
