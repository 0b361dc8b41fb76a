package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
)

// Question is the body of POST /_writ/decide: a hypothetical request.
type Question struct {
	// Principal is an ARN, an account id, a service or "*" for an anonymous request.
	Principal string `json:"principal"`
	Action    string `json:"action"`
	// Resource is an ARN; "*" for an action without one, which is the default.
	Resource string `json:"resource,omitempty"`
	// Context has condition keys, each with a value or a list of values, in place of those
	// that are derived from the other members. An empty list removes a key.
	Context map[string]Values `json:"context,omitempty"`
	// Session has properties of the principal's session.
	Session identity.SessionSettings `json:"session,omitzero"`

	// Decision is the id of an earlier decision, or of one of its children, whose request is
	// evaluated again with all its condition keys. The other members replace its own.
	Decision string `json:"decision,omitempty"`
}

// Values are the values of a condition key: a string, or a list of strings.
type Values []string

// UnmarshalJSON reads a string or a list of strings.
func (v *Values) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*v = Values{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(v))
}

// decide decides a hypothetical request with the current state, and changes nothing.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) {
	var q Question
	if !readBody(w, r, &q, `{"principal":"...","action":"...","resource":"...","context":{}}`) {
		return
	}
	var entry *trail.Entry
	err := s.cfg.Store.View(r.Context(), func(tx *store.Tx) error {
		var err error
		entry = &trail.Entry{Time: s.now()}
		entry.Decisions, err = s.decisions(tx, q)
		return err
	})
	if s.faulty(w, err) {
		return
	}
	record, err := entry.Record()
	if s.faulty(w, err) {
		return
	}
	ReplyJSON(w, http.StatusOK, record)
}

// readBody decodes the body of a request to one of Writ's own paths. If it is not a JSON
// object of the form, readBody writes an error and returns false.
func readBody(w http.ResponseWriter, r *http.Request, into any, form string) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.Decode(&struct{}{}) != io.EOF {
		err = errors.New("text after the JSON object")
	}
	if err != nil {
		fault(w, http.StatusBadRequest, "The body must be JSON: %s (%v).", form, err)
		return false
	}
	return true
}

// inputError is an error in a request to one of Writ's own paths.
type inputError struct{ message string }

func (e *inputError) Error() string { return e.message }

func badInput(format string, args ...any) error { return &inputError{fmt.Sprintf(format, args...)} }

// faulty writes the response for an error; false if there is none.
func (s *Server) faulty(w http.ResponseWriter, err error) bool {
	bad, isBad := errors.AsType[*inputError](err)
	refused, isRefused := errors.AsType[*awserr.Error](err)
	switch {
	case err == nil:
		return false
	case isBad:
		fault(w, http.StatusBadRequest, "%s", bad.message)
	case isRefused:
		fault(w, http.StatusBadRequest, "%s", refused.Message)
	case errors.Is(err, identity.ErrNoPrincipal):
		fault(w, http.StatusNotFound, "%v", err)
	case errors.Is(err, identity.ErrUnknownKey):
		fault(w, http.StatusNotFound, "The principal of the request no longer exists.")
	default:
		s.cfg.Log.Error("decide", "error", err)
		fault(w, http.StatusInternalServerError, "The request could not be decided; see the log.")
	}
	return true
}

// decisions decides a hypothetical request, or an earlier one.
func (s *Server) decisions(tx *store.Tx, q Question) ([]*authz.Decision, error) {
	if q.Decision != "" {
		return s.decideAgain(tx, q)
	}
	d, err := s.hypothetical(tx, q)
	return []*authz.Decision{d}, err
}

// hypothetical decides a hypothetical request.
func (s *Server) hypothetical(tx *store.Tx, q Question) (*authz.Decision, error) {
	if q.Resource == "" {
		q.Resource = "*"
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	caller, err := callerOf(tx, q, s.now())
	if err != nil {
		return nil, err
	}
	return s.askAs(tx, caller, q)
}

// callerOf returns the caller of a hypothetical request at a time, with its session.
func callerOf(tx *store.Tx, q Question, at time.Time) (identity.Caller, error) {
	caller, err := identity.FindCaller(tx, q.Principal, at)
	if err == nil {
		caller, err = caller.WithSession(q.Session, at)
	}
	if err != nil && !errors.Is(err, identity.ErrNoPrincipal) {
		err = badInput("%v", err)
	}
	return caller, err
}

// askAs decides a hypothetical request of any kind of caller.
func (s *Server) askAs(tx *store.Tx, caller identity.Caller, q Question) (*authz.Decision, error) {
	target, err := s.target(tx, caller, q)
	if err != nil {
		return nil, err
	}
	return s.cfg.Gate.Ask(tx, authz.Question{Caller: caller, Action: q.Action, Target: target, Keys: s.hypotheticalKeys(q.Resource)})
}

func (q *Question) check() error {
	service, name, ok := strings.Cut(q.Action, ":")
	if !ok || service == "" || name == "" || strings.ContainsAny(q.Action, "*? ") {
		return badInput(`action is of the form "service:Name", not %q`, q.Action)
	}
	if _, err := arn.Parse(q.Resource); err != nil && q.Resource != "*" {
		return badInput(`resource is an ARN or "*", not %q`, q.Resource)
	}
	return nil
}

// hypotheticalKeys returns the condition keys of a hypothetical request: from this
// machine, now, in the region of its resource.
func (s *Server) hypotheticalKeys(resource string) *authz.RequestKeys {
	region := unsignedRegion
	if a, err := arn.Parse(resource); err == nil && a.Region != "" {
		region = a.Region
	}
	return &authz.RequestKeys{Time: s.now(), Region: region, RemoteAddr: "127.0.0.1:0"}
}

// target returns the target of a hypothetical request. Services whose authorization
// depends on more than the policies on the resource compute it.
func (s *Server) target(tx *store.Tx, caller identity.Caller, q Question) (authz.Target, error) {
	target := authz.Target{ARN: q.Resource}
	if a, err := arn.Parse(q.Resource); err == nil {
		for _, svc := range s.cfg.Services {
			if svc.API.Name != a.Service || svc.Locate == nil {
				continue
			}
			call := operation.Call{Tx: tx, Now: s.now(), Partition: a.Partition, Region: a.Region, Caller: caller, Directory: s.cfg.Directory, NewID: newID, Gate: s.cfg.Gate}
			if target, err = svc.Locate(&call, q.Action, q.Resource); err != nil {
				return target, err
			}
		}
	}
	if target.Keys == nil {
		target.Keys = map[string][]string{}
	}
	for key, values := range q.Context {
		setKey(target.Keys, key, values)
	}
	return target, nil
}
