package overview

import (
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Edge means that a resource is shared with a principal of another account.
type Edge struct {
	Resource  string `json:"resource"`
	Principal string `json:"principal"` // an account, the ARN of a role, user, unit or organization, a service, or "*"
	Account   string `json:"account,omitempty"`
	// Sources lists the policies and shares through which it is shared.
	Sources []Source `json:"sources"`
	// Missing lists what is missing until the principal can use and find the resource; empty if the sharing is
	// complete.
	Missing []MissingStep `json:"missing,omitempty"`
	// Actions lists the actions that the policies allow; those of shares follow from their permissions.
	Actions []string `json:"actions,omitempty"`
	// Conditional means that a policy has conditions other than the principal.
	Conditional bool `json:"conditional,omitempty"`
}

// Source is a policy or a share through which a resource is shared.
type Source struct {
	Via   string    `json:"via"`
	Name  string    `json:"name"` // of the policy, as in decision records, or the ARN of the share
	Title string    `json:"title,omitempty"`
	Since time.Time `json:"since"`
}

// How a resource is shared.
const (
	ViaPolicy = "policy"
	ViaTrust  = "trust policy"
	ViaShare  = "share"
)

// MissingStep is a missing step of an incomplete sharing.
type MissingStep string

// The missing steps.
const (
	Acceptance MissingStep = "acceptance" // the invitation is pending
	Refusal    MissingStep = "refusal"    // the invitation was rejected or expired
	Promotion  MissingStep = "promotion"  // the share was created from a policy: usable by ARN, not discoverable
	Key        MissingStep = "key"        // the key of the resource is not shared
)

type edgeKey struct{ resource, principal string }

// edge returns the edge between a resource and a principal; a new edge has no sources.
func (r *reader) edge(resource, principal string) *Edge {
	key := edgeKey{resource, principal}
	e := r.edges[key]
	if e == nil {
		e = &Edge{Resource: resource, Principal: principal, Account: principalAccount(principal), Sources: []Source{}}
		r.edges[key] = e
	}
	return e
}

func (e *Edge) addMissing(l MissingStep) {
	if !slices.Contains(e.Missing, l) {
		e.Missing = append(e.Missing, l)
	}
}

// AddMissingKey records that the principal may not use the resource's key.
func (e *Edge) AddMissingKey() { e.addMissing(Key) }

// principalAccount returns the account of a principal, or "" for organizations, units, services and
// everybody.
func principalAccount(principal string) string {
	if arn.IsAccountID(principal) {
		return principal
	}
	if a, err := arn.Parse(principal); err == nil && (a.Service == "iam" || a.Service == "sts") {
		return a.Account
	}
	return ""
}

// readPolicies adds the edges of resource-based policies that users wrote.
func (r *reader) readPolicies() error {
	policies, err := attachedPolicies(r.tx, r.out.Resources)
	if err != nil {
		return err
	}
	for _, p := range policies {
		doc, err := r.parse(p.Document)
		if err != nil {
			continue // it allows nothing; the policy's page shows the reason
		}
		via := ViaPolicy
		if p.Source == trustSource {
			via = ViaTrust
		}
		for i := range doc.Statements() {
			r.addStatement(p, via, &doc.Statements()[i])
		}
	}
	return nil
}

func (r *reader) addStatement(p store.Policy, via string, st *policy.Statement) {
	if st.Effect.Text != "Allow" || st.NotPrincipal.Present() {
		return
	}
	names := map[string]bool{}
	if st.Principal.Any.Present() {
		names["*"] = true
	}
	for _, entry := range st.Principal.Entries {
		if via == ViaTrust && entry.Type == "Service" {
			continue // the service acts for the role's own account
		}
		for _, v := range entry.Values.Values {
			name := sharedName(entry.Type, v.Text)
			if principalAccount(name) != arnAccount(p.ARN) {
				names[name] = true
			}
		}
	}
	for name := range names {
		e := r.edge(p.ARN, name)
		source := Source{Via: via, Name: Name(p), Since: p.UpdatedAt}
		if !slices.Contains(e.Sources, source) {
			e.Sources = append(e.Sources, source)
		}
		for _, a := range st.Action.Values {
			e.Actions = append(e.Actions, a.Text)
		}
		e.Conditional = e.Conditional || st.Condition.Present()
	}
}

// sharedName returns a policy's principal in the form that shares use: an account by its id.
func sharedName(kind, text string) string {
	if a, err := arn.Parse(text); kind == "AWS" && err == nil && a.Service == "iam" && a.Resource == "root" {
		return a.Account
	}
	return strings.TrimSpace(text)
}
