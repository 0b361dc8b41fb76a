package server

import (
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// DiffQuestion is the body of POST /_writ/diff: which decisions would change with another
// policy? It names a resource, for its policy, or a principal, for its identity-based
// policy or permissions boundary. With kind "scp" or "rcp" the document replaces a policy
// of an organization wherever that is attached, and a principal only restricts the
// question.
type DiffQuestion struct {
	Resource  string `json:"resource,omitempty"`
	Principal string `json:"principal,omitempty"`
	// Kind is "identity", which is the default for a principal, "boundary", "scp" or "rcp".
	Kind string `json:"kind,omitempty"`
	// Policy is the name of the policy that is replaced, as in decision records; by default it
	// is found by the old document. An identity-based policy is also replaced where it is the
	// permissions boundary.
	Policy string `json:"policy,omitempty"`
	// Old and New are policy documents; null is no document.
	Old json.RawMessage `json:"old"`
	New json.RawMessage `json:"new"`
}

// Diff is the response: the principals for which a decision changes. It covers the
// actions that Writ serves, for requests from this machine now.
type Diff struct {
	Asked   int             `json:"asked"` // requests that were decided with both documents
	Changes []ChangedAccess `json:"changes"`
}

// ChangedAccess is what a principal gains and loses on a resource.
type ChangedAccess struct {
	Principal string   `json:"principal"`
	Resource  string   `json:"resource"`
	Gained    []string `json:"gained,omitempty"`
	Lost      []string `json:"lost,omitempty"`
}

// diff decides requests with the old and with the new document, and changes nothing.
func (s *Server) diff(w http.ResponseWriter, r *http.Request) {
	var q DiffQuestion
	if !readBody(w, r, &q, `{"resource":"...","old":{},"new":{}} or {"principal":"...","old":{},"new":{}}`) {
		return
	}
	change, err := s.replacement(&q)
	if s.faulty(w, err) {
		return
	}
	var out Diff
	err = s.cfg.Store.View(r.Context(), func(tx *store.Tx) error {
		out = Diff{Changes: []ChangedAccess{}}
		switch {
		case q.Resource != "":
			return s.diffResource(tx, &q, change, &out)
		case change.kind == "rcp":
			return s.diffResourceControl(tx, &q, change, &out)
		case q.Principal != "":
			return s.diffPrincipal(tx, &q, change, &out)
		}
		return s.diffServiceControl(tx, change, &out)
	})
	if !s.faulty(w, err) {
		ReplyJSON(w, http.StatusOK, out)
	}
}

// replacement is a document that replaces another. An empty text is no document.
type replacement struct {
	kind     string // "resource", "identity", "boundary", "scp" or "rcp"
	old, new string
	policy   string          // its name; "" if the old document finds it
	isOld    map[string]bool // whether texts have the contents of the old document
}

// replaces reports whether a document is the one that is replaced: by its name or, without
// one, by its contents.
func (c *replacement) replaces(d identity.Document) bool {
	if c.policy != "" {
		return d.Name == c.policy
	}
	same, known := c.isOld[d.Text]
	if !known {
		same = sameJSON(d.Text, c.old)
		c.isOld[d.Text] = same
	}
	return same
}

// ofOrganization reports whether the document is an SCP or an RCP.
func (c *replacement) ofOrganization() bool { return c.kind == "scp" || c.kind == "rcp" }

func (s *Server) replacement(q *DiffQuestion) (*replacement, error) {
	c := &replacement{kind: q.Kind, policy: q.Policy, isOld: map[string]bool{}}
	switch {
	case c.ofOrganization() && q.Resource == "":
	case (q.Resource == "") == (q.Principal == ""):
		return nil, badInput("A resource or a principal is required.")
	case q.Resource != "":
		if _, err := arn.Parse(q.Resource); err != nil {
			return nil, badInput("resource is an ARN, not %q", q.Resource)
		}
		c.kind = "resource"
	case c.kind == "":
		c.kind = "identity"
	}
	if q.Resource != "" && q.Kind != "" && q.Kind != "resource" || !slices.Contains([]string{"resource", "identity", "boundary", "scp", "rcp"}, c.kind) || q.Principal != "" && c.kind == "resource" {
		return nil, badInput(`kind is "identity" or "boundary", of a principal, or "scp" or "rcp", not %q`, q.Kind)
	}
	if q.Policy != "" && !c.ofOrganization() && c.kind != "identity" {
		return nil, badInput("policy is the name of an identity-based policy, an SCP or an RCP.")
	}
	for _, side := range []struct {
		name string
		src  json.RawMessage
		text *string
	}{{"old", q.Old, &c.old}, {"new", q.New, &c.new}} {
		if len(side.src) == 0 || string(side.src) == "null" {
			continue
		}
		if _, err := s.cfg.Gate.Parse(string(side.src)); err != nil {
			return nil, badInput("%s: %v", side.name, err)
		}
		*side.text = string(side.src)
	}
	if c.ofOrganization() && c.old == "" && c.policy == "" {
		return nil, badInput("old is an SCP or an RCP that is attached.")
	}
	return c, nil
}

// diffResource compares the decisions for every principal and every action on the
// resource.
func (s *Server) diffResource(tx *store.Tx, q *DiffQuestion, change *replacement, out *Diff) error {
	actions, err := s.actionsOn(tx, q.Resource)
	if err != nil {
		return err
	}
	for caller, err := range s.diffCallers(tx, q.Resource, change) {
		if err != nil {
			return err
		}
		if err := s.diffOne(tx, caller, q.Resource, actions, change, out); err != nil {
			return err
		}
	}
	return nil
}

// diffCallers are the principals of the server, and the accounts and services that
// the documents name.
func (s *Server) diffCallers(tx *store.Tx, resource string, change *replacement) iter.Seq2[identity.Caller, error] {
	return func(yield func(identity.Caller, error) bool) {
		seen := map[string]bool{}
		principals, err := identity.LoadPrincipals(tx)
		if err != nil {
			yield(identity.Caller{}, err)
			return
		}
		for c, err := range s.principals(tx, principals, resource) {
			seen[c.Principal.ARN] = true
			if !yield(c, err) || err != nil {
				return
			}
		}
		for _, text := range []string{change.old, change.new} {
			for _, p := range s.principalsIn(text) {
				if seen[p] {
					continue
				}
				seen[p] = true
				c, err := identity.FindCaller(tx, p, s.now())
				if errors.Is(err, identity.ErrNoPrincipal) {
					continue
				}
				if !yield(c, err) || err != nil {
					return
				}
			}
		}
	}
}

// principalsIn are the root users and the services that a document names.
func (s *Server) principalsIn(text string) []string {
	var names []string
	doc, err := s.cfg.Gate.Parse(text)
	if text == "" || err != nil {
		return nil
	}
	for _, st := range doc.Statements() {
		for _, entry := range slices.Concat(st.Principal.Entries, st.NotPrincipal.Entries) {
			for _, v := range entry.Values.Values {
				p, err := policy.ParsePrincipal(v.Text)
				switch {
				case err != nil:
				case entry.Type == "Service" && p.Kind == policy.Service:
					names = append(names, p.ARN)
				case entry.Type == "AWS" && p.Account != "":
					names = append(names, "arn:aws:iam::"+p.Account+":root")
				}
			}
		}
	}
	return names
}

// actionsOn are the served actions on the type of a resource.
func (s *Server) actionsOn(tx *store.Tx, resource string) ([]string, error) {
	found, err := tx.Resource(resource)
	if errors.Is(err, store.ErrNotFound) {
		return nil, badInput("There is no resource %s.", resource)
	}
	if err != nil {
		return nil, err
	}
	for _, svc := range s.cfg.Services {
		if svc.API.Name != found.Service {
			continue
		}
		types, err := svc.ResourceTypes()
		if err != nil {
			return nil, err
		}
		return actionsByType(svc, types)[operation.FoldType(found.Type)], nil
	}
	return nil, badInput("No service of Writ has the resource %s.", resource)
}

// diffPrincipal compares the decisions for every action of the principal on every
// resource.
func (s *Server) diffPrincipal(tx *store.Tx, q *DiffQuestion, change *replacement, out *Diff) error {
	caller, err := identity.FindCaller(tx, q.Principal, s.now())
	if err != nil {
		return err
	}
	if k := caller.Principal.Kind; k != policy.User && k != policy.RoleSession && (k != policy.Root || change.kind != "scp") {
		return badInput("principal is a user or a role, not %q", q.Principal)
	}
	if change.kind == "scp" {
		bound, err := newScope(tx, change).binds(caller.Account())
		if err != nil {
			return err
		}
		if !bound {
			return errNotAttached
		}
	}
	return s.diffCaller(tx, caller, change, out)
}

// mostAsked limits the decisions of one comparison.
const mostAsked = 500_000

// diffCaller compares the decisions for every action of a principal on every resource.
func (s *Server) diffCaller(tx *store.Tx, caller identity.Caller, change *replacement, out *Diff) error {
	looked := 0
	for _, svc := range s.cfg.Services {
		types, err := svc.ResourceTypes()
		if err != nil {
			return err
		}
		byType := actionsByType(svc, types)
		if err := s.diffOne(tx, caller, "*", byType[""], change, out); err != nil {
			return err
		}
		for resource, err := range tx.Resources(store.Query{Service: svc.API.Name}) {
			if err != nil {
				return err
			}
			if looked++; looked > mostResources {
				return badInput("There are more than %d resources.", mostResources)
			}
			if out.Asked > mostAsked {
				return badInput("There are more than %d requests to decide; name a principal.", mostAsked)
			}
			if err := s.diffOne(tx, caller, resource.ARN, byType[operation.FoldType(resource.Type)], change, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// diffOne decides the actions of a caller on a resource with both documents.
func (s *Server) diffOne(tx *store.Tx, caller identity.Caller, resource string, actions []string, change *replacement, out *Diff) error {
	found := ChangedAccess{Principal: nameOf(&caller.Principal), Resource: resource}
	for _, action := range actions {
		d, err := s.askAs(tx, caller, Question{Action: action, Resource: resource})
		if err != nil {
			return err
		}
		before, err := change.before(d)
		if err != nil {
			return err
		}
		after, err := change.decide(d, change.new)
		if err != nil {
			return err
		}
		out.Asked++
		switch {
		case after && !before:
			found.Gained = append(found.Gained, action)
		case before && !after:
			found.Lost = append(found.Lost, action)
		}
	}
	if found.Gained != nil || found.Lost != nil {
		out.Changes = append(out.Changes, found)
	}
	return nil
}

func nameOf(p *policy.Principal) string {
	switch p.Kind {
	case policy.Anonymous:
		return "*"
	case policy.RoleSession:
		return p.Issuer
	}
	return p.ARN
}
