package server

import (
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// WhoCan is the response of GET /_writ/who-can.
type WhoCan struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	// Asked is the number of principals that were checked: all users and roles, the root
	// users of all accounts, the services in the resource's policies, and anonymous
	// callers.
	Asked      int       `json:"asked"`
	Principals []Grantee `json:"principals"`
	// Conditional are the principals that are denied a request from this machine now, and
	// allowed one with other values of condition keys: see Example.
	Conditional []Grantee `json:"conditional,omitempty"`
}

// Grantee is a principal that may do the action.
type Grantee struct {
	Principal string   `json:"principal"` // an ARN, a service, or "*" for everybody
	Type      string   `json:"type"`
	Account   string   `json:"account,omitempty"`
	DecidedBy []string `json:"decidedBy"`
	// Conditions are those of the allowing statements. They hold for a request from this
	// machine now; for a conditional principal they are those that do not hold yet.
	Conditions []string `json:"conditions,omitempty"`
	// Example has, for a conditional principal, values of condition keys with which its
	// request is allowed; the other keys are unchanged.
	Example map[string]string `json:"example,omitempty"`
}

// whoCan lists the principals that may do an action on a resource.
func (s *Server) whoCan(w http.ResponseWriter, r *http.Request) {
	out := WhoCan{Action: r.URL.Query().Get("action"), Resource: r.URL.Query().Get("resource"), Principals: []Grantee{}}
	q := Question{Action: out.Action, Resource: out.Resource}
	if err := q.check(); s.faulty(w, err) {
		return
	}
	err := s.cfg.Store.View(r.Context(), func(tx *store.Tx) error {
		out.Asked, out.Principals, out.Conditional = 0, []Grantee{}, nil
		keys := s.hypotheticalKeys(q.Resource)
		principals, err := identity.LoadPrincipals(tx)
		if err != nil {
			return err
		}
		survey, err := s.cfg.Gate.Survey(tx, principals.Rows())
		if err != nil {
			return err
		}
		for caller, err := range s.principals(tx, principals, q.Resource) {
			if err != nil {
				return err
			}
			target, err := s.target(tx, caller, q)
			if err != nil {
				return err
			}
			d, err := survey.Ask(authz.Question{Caller: caller, Action: q.Action, Target: target, Keys: keys})
			if err != nil {
				return err
			}
			out.Asked++
			if d.Result.Allowed() {
				g, err := granteeOf(d)
				if err != nil {
					return err
				}
				out.Principals = append(out.Principals, g)
				continue
			}
			g, ok, err := remaining(d)
			if err != nil {
				return err
			}
			if ok {
				out.Conditional = append(out.Conditional, g)
			}
		}
		return nil
	})
	if !s.faulty(w, err) {
		ReplyJSON(w, http.StatusOK, out)
	}
}

// principals yields every principal that could be allowed: those that exist, and those
// that the policies of the resource name.
func (s *Server) principals(tx *store.Tx, existing *identity.Principals, resource string) iter.Seq2[identity.Caller, error] {
	return func(yield func(identity.Caller, error) bool) {
		accounts, services, err := s.named(tx, resource)
		if err != nil {
			yield(identity.Caller{}, err)
			return
		}
		for c := range existing.Callers(s.now()) {
			accounts[c.Account()] = true
			if !yield(c, nil) {
				return
			}
		}
		for a, err := range identity.Accounts(tx) {
			if err != nil {
				yield(identity.Caller{}, err)
				return
			}
			accounts[a.ID] = true
		}
		others := slices.Concat(slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(services)), []string{"*"})
		for _, name := range others {
			c, err := identity.FindCaller(tx, name, s.now())
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// named are the accounts and the services that the policies on a resource name,
// and the account that owns it.
func (s *Server) named(tx *store.Tx, resource string) (accounts, services map[string]bool, err error) {
	accounts, services = map[string]bool{}, map[string]bool{}
	policies, err := tx.Policies(resource)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range policies {
		doc, err := s.cfg.Gate.Parse(p.Document)
		if err != nil {
			return nil, nil, err
		}
		for _, st := range doc.Statements() {
			for _, entry := range st.Principal.Entries {
				for _, v := range entry.Values.Values {
					c, err := policy.ParsePrincipal(v.Text)
					switch {
					case err != nil:
					case entry.Type == "AWS" && c.Account != "":
						accounts[c.Account] = true
					case entry.Type == "Service" && c.Kind == policy.Service:
						services[v.Text] = true
					}
				}
			}
		}
	}
	if fields := strings.SplitN(resource, ":", 6); len(fields) == 6 && arn.IsAccountID(fields[4]) {
		accounts[fields[4]] = true
	}
	return accounts, services, nil
}

// granteeFor is the principal of a decision, which the result allows.
func granteeFor(d *authz.Decision, result policy.Decision) Grantee {
	p := d.Caller.Principal
	g := Grantee{Principal: p.ARN, Type: p.Kind.String(), Account: p.Account, DecidedBy: strings.Split(result.Layer.String(), "+")}
	switch p.Kind {
	case policy.Anonymous:
		g.Principal = "*"
	case policy.RoleSession:
		g.Principal, g.Type = p.Issuer, "role"
	}
	return g
}

// granteeOf is the principal of a decision that allows, with the conditions.
func granteeOf(d *authz.Decision) (Grantee, error) {
	g := granteeFor(d, d.Result)
	if !d.HasConditions() {
		return g, nil
	}
	request, policies, err := d.Restore()
	if err != nil {
		return g, err
	}
	for _, layer := range policy.Explain(request, policies).Layers {
		for _, st := range layer.Statements {
			if st.Applies && st.Effect == "Allow" && layer.Layer&d.Result.Layer != 0 {
				g.Conditions = append(g.Conditions, st.Conditions...)
			}
		}
	}
	return g, nil
}

// WhatCan is the response of GET /_writ/what-can.
type WhatCan struct {
	Principal string      `json:"principal"`
	Resources []Permitted `json:"resources"`
}

// Permitted are the actions that a principal may do on a resource.
type Permitted struct {
	Resource string   `json:"resource"`
	Actions  []string `json:"actions"`
}

// mostResources limits the resources of a what-can query.
const mostResources = 10_000

// whatCan lists the actions that a principal may do on each resource and, for "*", the
// actions without resource-level permissions.
func (s *Server) whatCan(w http.ResponseWriter, r *http.Request) {
	out := WhatCan{Principal: r.URL.Query().Get("principal"), Resources: []Permitted{}}
	err := s.cfg.Store.View(r.Context(), func(tx *store.Tx) error {
		out.Resources = []Permitted{}
		caller, err := identity.FindCaller(tx, out.Principal, s.now())
		if err != nil {
			return err
		}
		looked := 0
		for _, svc := range s.cfg.Services {
			types, err := svc.ResourceTypes()
			if err != nil {
				return err
			}
			byType := actionsByType(svc, types)
			if err := s.permit(tx, caller, &out, "*", byType[""]); err != nil {
				return err
			}
			for resource, err := range tx.Resources(store.Query{Service: svc.API.Name}) {
				if err != nil {
					return err
				}
				actions := byType[operation.FoldType(resource.Type)]
				if len(actions) == 0 {
					continue
				}
				if looked++; looked > mostResources {
					return badInput("There are more than %d resources; ask about one with who-can.", mostResources)
				}
				if err := s.permit(tx, caller, &out, resource.ARN, actions); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if !s.faulty(w, err) {
		ReplyJSON(w, http.StatusOK, out)
	}
}

// actionsByType lists the served actions by the type of resource that they act
// on; "" is none.
func actionsByType(svc *operation.Service, types map[string][]string) map[string][]string {
	byType := map[string][]string{}
	for i := range svc.Operations {
		action := svc.Operations[i].Action
		of := types[action]
		if len(of) == 0 {
			of = []string{""}
		}
		for _, t := range of {
			if !slices.Contains(byType[t], action) {
				byType[t] = append(byType[t], action)
			}
		}
	}
	if svc.API.Name == "iam" {
		byType["role"] = append(byType["role"], "sts:AssumeRole") // of STS, on a resource of IAM
	}
	for _, actions := range byType {
		slices.Sort(actions)
	}
	return byType
}

// permit adds the actions that a caller may do on a resource.
func (s *Server) permit(tx *store.Tx, caller identity.Caller, out *WhatCan, resource string, actions []string) error {
	var may []string
	for _, action := range actions {
		d, err := s.askAs(tx, caller, Question{Action: action, Resource: resource})
		if err != nil {
			return err
		}
		if d.Result.Allowed() {
			may = append(may, action)
		}
	}
	if may != nil {
		out.Resources = append(out.Resources, Permitted{resource, may})
	}
	return nil
}
