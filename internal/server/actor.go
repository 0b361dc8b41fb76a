package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/writdev/writ/internal/console"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// actor is the principal of a request that the console makes: it replaces only the
// signature. The gate authorizes the principal like any other.
type actor struct {
	console.Choice
	service, region string
}

type actorKey struct{}

// actorOf returns the actor of a request; nil for one from a network connection.
func actorOf(r *http.Request) *actor {
	a, _ := r.Context().Value(actorKey{}).(*actor)
	return a
}

// act serves a request of the console to an AWS API as a principal.
func (s *Server) act(ctx context.Context, as console.Actor, r *http.Request) (status int, answer []byte) {
	a := &actor{as.Choice, as.Service, as.Region}
	r = r.WithContext(context.WithValue(ctx, actorKey{}, a))
	r.RemoteAddr = thisMachine
	r.Header.Set("User-Agent", "writ-console")
	response := s.serve(nil, r)
	return response.Status, response.Body
}

// routeActor finds the operation of a request of the console.
func (x *exchange) routeActor(a *actor) (err error) {
	x.region = a.region
	x.match, err = x.server.router.Route(x.http, x.body, a.service)
	if err != nil {
		return err
	}
	x.op = x.server.operations[x.match.Operation]
	return nil
}

// verifyActor sets the caller of a request of the console: a root user, or an existing
// user or role, with the chosen session.
func (x *exchange) verifyActor(a *actor) error {
	err := x.server.cfg.Store.View(x.http.Context(), func(tx *store.Tx) (err error) {
		x.caller, err = identity.FindCaller(tx, a.Principal, x.now)
		return err
	})
	kinds := []policy.PrincipalKind{policy.Root, policy.User, policy.RoleSession}
	if err == nil && !slices.Contains(kinds, x.caller.Principal.Kind) {
		err = fmt.Errorf("%q cannot make requests", a.Principal)
	}
	if err == nil {
		x.caller, err = x.caller.WithSession(a.Session, x.now)
	}
	if err != nil {
		x.caller = identity.Caller{}
		return x.reject(accessDenied, "The console cannot act as this principal: "+err.Error()+".")
	}
	return nil
}

// thisMachine is the address of requests that the server makes itself.
const thisMachine = "127.0.0.1:0"
