package overview

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Overview describes a world. Lists are sorted, so that equal worlds have equal overviews.
type Overview struct {
	Accounts    []Account    `json:"accounts"`
	Nodes       []Node       `json:"nodes"`
	Principals  []Principal  `json:"principals"`
	Resources   []Resource   `json:"resources"`
	Shares      []Share      `json:"shares"`
	Invitations []Invitation `json:"invitations"`
	Edges       []Edge       `json:"edges"`
}

// Account is an account that was created, or that a resource, a principal or a policy names.
type Account struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Parent string `json:"parent,omitempty"` // the id of a Node; "" outside of organizations
	Closed bool   `json:"closed,omitempty"`
}

// Node is an organization, its root or an organizational unit.
type Node struct {
	ID     string `json:"id"`
	ARN    string `json:"arn"`
	Kind   string `json:"kind"` // "organization", "root" or "ou"
	Name   string `json:"name"`
	Parent string `json:"parent,omitempty"`
}

// Principal is a user or a role.
type Principal struct {
	ARN     string `json:"arn"`
	Type    string `json:"type"`
	Account string `json:"account"`
}

// Resource is a resource that policies can name.
type Resource struct {
	ARN     string    `json:"arn"`
	Service string    `json:"service"`
	Type    string    `json:"type"`
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	// Read is the action that reads it: "ssm:GetParameter"; "" if there is none.
	Read string `json:"read,omitempty"`
	// Details lists its properties, without values and secrets.
	Details []Detail `json:"details,omitempty"`
	// Key is the ARN of the customer managed KMS key that encrypts it; "" for none.
	Key string `json:"key,omitempty"`
}

// Read reads the overview of a world. parse parses a policy document.
func Read(tx *store.Tx, now time.Time, parse func(text string) (*policy.Document, error)) (*Overview, error) {
	r := &reader{tx: tx, now: now, parse: parse, accounts: map[string]Account{}, edges: map[edgeKey]*Edge{}}
	r.out = Overview{Nodes: []Node{}, Principals: []Principal{}, Resources: []Resource{}, Shares: []Share{}, Invitations: []Invitation{}, Edges: []Edge{}}
	for _, read := range []func() error{r.readAccounts, r.readOrganizations, r.readPrincipals, r.readResources, r.readShares, r.readInvitations, r.readPolicies} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return r.sorted(), nil
}

type reader struct {
	tx       *store.Tx
	now      time.Time
	parse    func(string) (*policy.Document, error)
	out      Overview
	accounts map[string]Account
	edges    map[edgeKey]*Edge
}

// account adds an account that another record names.
func (r *reader) account(id string) {
	if _, known := r.accounts[id]; !known && id != "" && id != "aws" {
		r.accounts[id] = Account{ID: id}
	}
}

func (r *reader) readAccounts() error {
	for a, err := range identity.Accounts(r.tx) {
		if err != nil {
			return err
		}
		r.accounts[a.ID] = Account{ID: a.ID, Name: a.Name}
	}
	return nil
}

func (r *reader) readPrincipals() error {
	principals, err := identity.LoadPrincipals(r.tx)
	if err != nil {
		return err
	}
	for c := range principals.Callers(r.now) {
		p := Principal{ARN: c.Principal.ARN, Type: "user", Account: c.Account()}
		if c.Session != nil {
			p.ARN, p.Type = c.Principal.Issuer, "role"
		}
		r.account(p.Account)
		r.out.Principals = append(r.out.Principals, p)
	}
	return nil
}

// sorted returns the overview with sorted lists.
func (r *reader) sorted() *Overview {
	o := &r.out
	for _, e := range r.edges {
		r.account(e.Account)
		slices.Sort(e.Actions)
		e.Actions = slices.Compact(e.Actions)
		o.Edges = append(o.Edges, *e)
	}
	o.Accounts = slices.SortedFunc(maps.Values(r.accounts), func(a, b Account) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Nodes, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Principals, func(a, b Principal) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(o.Resources, func(a, b Resource) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(o.Shares, func(a, b Share) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(o.Invitations, func(a, b Invitation) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(o.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Principal, b.Principal))
	})
	return o
}
