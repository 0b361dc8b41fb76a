package server

import (
	"errors"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
)

// Recorded is a request that was made elsewhere or earlier.
type Recorded struct {
	Principal        string // as in a Question
	Action, Resource string
	SessionTags      map[string]string
	SourceIdentity   string
	// Context has the condition keys that the request had. What follows from the state, as
	// the tags of the resource do, is taken from the state.
	Context map[string][]string
}

// Again is how a recorded request is decided now.
type Again struct {
	Allowed   bool
	DecidedBy []string
	Sentence  string
}

// Again decides a recorded request by the policies of the state, without explaining it. The
// error is identity.ErrNoPrincipal if the state does not have the principal; IsBadQuestion
// reports whether it is about the request.
func (o *Operator) Again(r Recorded) (Again, error) {
	if r.Resource == "" {
		r.Resource = "*"
	}
	q := Question{Principal: r.Principal, Action: r.Action, Resource: r.Resource}
	if err := q.check(); err != nil {
		return Again{}, err
	}
	caller, err := identity.FindCaller(o.Tx, r.Principal, o.server.now())
	if err != nil && !errors.Is(err, identity.ErrNoPrincipal) {
		err = badInput("%v", err)
	}
	if err != nil {
		return Again{}, err
	}
	if s := caller.Session; s != nil {
		s.Tags, s.SourceIdentity = r.SessionTags, r.SourceIdentity
	}
	target, err := o.server.target(o.Tx, caller, q)
	if err != nil {
		return Again{}, err
	}
	for key, values := range r.Context {
		if !followsFromState(key) {
			target.Keys[key] = values
		}
	}
	d, err := o.server.cfg.Gate.Ask(o.Tx, authz.Question{Caller: caller, Action: r.Action, Target: target, Keys: o.server.hypotheticalKeys(r.Resource)})
	if err != nil {
		return Again{}, err
	}
	return Again{Allowed: d.Result.Allowed(), DecidedBy: strings.Split(d.Result.Layer.String(), "+"), Sentence: d.Result.Sentence(d.Request())}, nil
}

// IsBadQuestion reports whether an error is about what was asked.
func IsBadQuestion(err error) bool {
	if _, ok := errors.AsType[*inputError](err); ok {
		return true
	}
	_, ok := errors.AsType[*awserr.Error](err)
	return ok
}

// followsFromState reports whether a condition key has its value from the principal, the
// resource and their organizations.
func followsFromState(key string) bool {
	name := strings.ToLower(key)
	return strings.HasPrefix(name, "aws:principal") || strings.HasPrefix(name, "aws:resource") || name == "aws:userid" || name == "aws:username" ||
		strings.Contains(name, ":resourcetag/")
}
