package overview

import (
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Edge says that a resource is shared with a principal of another account.
type Edge struct {
	Resource  string `json:"resource"`
	Principal string `json:"principal"` // an account, the ARN of a role, user, unit or organization, a service, or "*"
	Account   string `json:"account,omitempty"`
	// Ways are the policies and shares that share it.
	Ways []Way `json:"ways"`
	// Lacks is what is missing until the principal can use and find the resource; none if
	// the sharing is complete.
	Lacks []Lack `json:"lacks,omitempty"`
	// Actions are those that the policies allow; those of shares follow from their
	// permissions.
	Actions []string `json:"actions,omitempty"`
	// Conditional says that a policy asks for more than the principal.
	Conditional bool `json:"conditional,omitempty"`
}

// Way is a policy or a share through which a resource is shared.
type Way struct {
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

// Lack is what a half-open sharing still needs.
type Lack string

// What can be missing.
const (
	Acceptance Lack = "acceptance" // the invitation is not answered
	Refusal    Lack = "refusal"    // the invitation was rejected or ran out
	Promotion  Lack = "promotion"  // the share was created from a policy: usable by ARN, not discoverable
	Key        Lack = "key"        // the key of the resource is not shared
)

type edgeKey struct{ resource, principal string }

// edge is the edge between two; a new one has no way.
func (r *reader) edge(resource, principal string) *Edge {
	key := edgeKey{resource, principal}
	e := r.edges[key]
	if e == nil {
		e = &Edge{Resource: resource, Principal: principal, Account: principalAccount(principal), Ways: []Way{}}
		r.edges[key] = e
	}
	return e
}

func (e *Edge) lacks(l Lack) {
	if !slices.Contains(e.Lacks, l) {
		e.Lacks = append(e.Lacks, l)
	}
}

// LacksKey notes that the principal may not use the key of the resource.
func (e *Edge) LacksKey() { e.lacks(Key) }

// principalAccount is the account of a principal; "" for organizations, units, services and
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

// readPolicies adds the edges of the resource-based policies that users wrote.
func (r *reader) readPolicies() error {
	policies, err := attachedPolicies(r.tx, r.out.Resources)
	if err != nil {
		return err
	}
	for _, p := range policies {
		doc, err := r.parse(p.Document)
		if err != nil {
			continue // it allows nothing, and the page of the policy shows why
		}
		via := ViaPolicy
		if p.Source == trustSource {
			via = ViaTrust
		}
		for i := range doc.Statements {
			r.addStatement(p, via, &doc.Statements[i])
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
			if principalAccount(name) != ownerOf(p.ARN) {
				names[name] = true
			}
		}
	}
	for name := range names {
		e := r.edge(p.ARN, name)
		way := Way{Via: via, Name: Name(p), Since: p.UpdatedAt}
		if !slices.Contains(e.Ways, way) {
			e.Ways = append(e.Ways, way)
		}
		for _, a := range st.Action.Values {
			e.Actions = append(e.Actions, a.Text)
		}
		e.Conditional = e.Conditional || st.Condition.Present()
	}
}

// sharedName is a principal of a policy as a share names it: an account by its id.
func sharedName(kind, text string) string {
	if a, err := arn.Parse(text); kind == "AWS" && err == nil && a.Service == "iam" && a.Resource == "root" {
		return a.Account
	}
	return strings.TrimSpace(text)
}
