package server

import (
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

var errNotAttached = badInput("The old document is not an SCP or an RCP that is attached to an account in question.")

// scope is where an SCP or an RCP applies.
type scope struct {
	tx     *store.Tx
	change *replacement
	bound  map[string]bool // by account
}

func newScope(tx *store.Tx, change *replacement) *scope {
	return &scope{tx, change, map[string]bool{}}
}

// binds reports whether the policy applies to an account: to its principals, for an SCP, or
// to its resources, for an RCP.
func (s *scope) binds(account string) (bool, error) {
	if account == "" {
		return false, nil
	}
	if bound, known := s.bound[account]; known {
		return bound, nil
	}
	m, err := identity.MembershipOf(s.tx, account)
	if err != nil {
		return false, err
	}
	levels := m.ServiceControl
	if s.change.kind == "rcp" {
		levels = m.ResourceControl
	}
	s.bound[account] = slices.ContainsFunc(slices.Concat(levels...), s.change.replaces)
	return s.bound[account], nil
}

// diffServiceControl compares the decisions for every action of the principals to which an
// SCP applies.
func (s *Server) diffServiceControl(tx *store.Tx, change *replacement, out *Diff) error {
	principals, err := identity.LoadPrincipals(tx)
	if err != nil {
		return err
	}
	scope, found := newScope(tx, change), false
	for caller, err := range s.principals(tx, principals, "*") {
		if err != nil {
			return err
		}
		bound, err := scope.binds(caller.Account())
		if err != nil {
			return err
		}
		if !bound {
			continue
		}
		found = true
		if err := s.diffCaller(tx, caller, change, out); err != nil {
			return err
		}
	}
	if !found {
		return errNotAttached
	}
	return nil
}

// diffResourceControl compares the decisions for every action on the resources to which an
// RCP applies: for one principal, or for every one, those outside the organization included.
func (s *Server) diffResourceControl(tx *store.Tx, q *DiffQuestion, change *replacement, out *Diff) error {
	scope := newScope(tx, change)
	found := false
	for _, svc := range s.cfg.Services {
		types, err := svc.ResourceTypes()
		if err != nil {
			return err
		}
		byType := actionsByType(svc, types)
		bound, err := s.diffWithoutResource(tx, q, scope, underResourceControl(byType[""]), out)
		if err != nil {
			return err
		}
		found = found || bound
		for resource, err := range tx.Resources(store.Query{Service: svc.API.Name}) {
			if err != nil {
				return err
			}
			bound, err := scope.binds(resource.Account)
			if err != nil {
				return err
			}
			found = found || bound
			actions := underResourceControl(byType[operation.FoldType(resource.Type)])
			if !bound || len(actions) == 0 {
				continue
			}
			if err := s.diffCallersOf(tx, q, resource.ARN, actions, change, out); err != nil {
				return err
			}
		}
	}
	if !found {
		return errNotAttached
	}
	return nil
}

// underResourceControl returns the actions of the services to which RCPs apply.
func underResourceControl(actions []string) []string {
	services := policy.RCPServices()
	return slices.DeleteFunc(slices.Clone(actions), func(action string) bool {
		service, _, _ := strings.Cut(action, ":")
		return !slices.Contains(services, service)
	})
}

// diffWithoutResource compares the decisions for actions without a resource: they belong to
// the account of their caller. It reports whether the RCP applies to an account.
func (s *Server) diffWithoutResource(tx *store.Tx, q *DiffQuestion, scope *scope, actions []string, out *Diff) (found bool, err error) {
	principals, err := identity.LoadPrincipals(tx)
	if err != nil {
		return false, err
	}
	for caller, err := range s.principals(tx, principals, "*") {
		if err != nil {
			return found, err
		}
		bound, err := scope.binds(caller.Account())
		if err != nil {
			return found, err
		}
		found = found || bound
		if !bound || q.Principal != "" && q.Principal != nameOf(&caller.Principal) {
			continue
		}
		if err := s.diffOne(tx, caller, "*", actions, scope.change, out); err != nil {
			return found, err
		}
	}
	return found, nil
}

// diffCallersOf compares the decisions for actions on a resource.
func (s *Server) diffCallersOf(tx *store.Tx, q *DiffQuestion, resource string, actions []string, change *replacement, out *Diff) error {
	if q.Principal != "" {
		caller, err := identity.FindCaller(tx, q.Principal, s.now())
		if err != nil {
			return err
		}
		return s.diffOne(tx, caller, resource, actions, change, out)
	}
	for caller, err := range s.diffCallers(tx, resource, change) {
		if err != nil {
			return err
		}
		if out.Asked > mostAsked {
			return badInput("There are more than %d requests to decide; name a principal.", mostAsked)
		}
		if err := s.diffOne(tx, caller, resource, actions, change, out); err != nil {
			return err
		}
	}
	return nil
}
