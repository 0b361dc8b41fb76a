package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/trail"
)

// guarded restricts the paths of decisions, which show policies and principals of all
// accounts. On a loopback address they are open to the programs of this machine; on
// another address they need the admin token, and are disabled without one.
func (s *Server) guarded(handle http.HandlerFunc) http.HandlerFunc {
	if !s.cfg.Public {
		return s.loopbackOnly(handle)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if s.cfg.AdminToken == "" {
			fault(w, http.StatusForbidden, "This server can be reached by other machines, so decisions are shown only with an admin token; start it with --admin-token-file.")
			return
		}
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !equalSecrets(given, s.cfg.AdminToken) || !ok || isCrossOrigin(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fault(w, http.StatusUnauthorized, "The admin token is missing or wrong.")
			return
		}
		handle(w, r)
	}
}

// fault writes an error of one of Writ's own paths.
func fault(w http.ResponseWriter, status int, format string, args ...any) {
	ReplyJSON(w, status, map[string]string{"message": fmt.Sprintf(format, args...)})
}

// Decisions is the response of GET /_writ/decisions.
type Decisions struct {
	// Kept is the number of requests that are kept, Size the maximum, Since the time of
	// the oldest.
	Kept  int        `json:"kept"`
	Size  int        `json:"size"`
	Since *time.Time `json:"since,omitempty"`
	// Decisions are those that match the filter, the newest first.
	Decisions []decision.Record `json:"decisions"`
}

// Limits of a list of decisions.
const (
	usualDecisions = 100
	mostDecisions  = 1000
	mostBrief      = 100_000
)

func (s *Server) listDecisions(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	f, err := s.filter(query)
	if err != nil {
		fault(w, http.StatusBadRequest, "%v", err)
		return
	}
	record, most := recorder(query)
	limit := usualDecisions
	if text := query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > most {
			fault(w, http.StatusBadRequest, "limit is a number from 1 to %d, not %q", most, text)
			return
		}
	}
	out := Decisions{Decisions: []decision.Record{}}
	var since time.Time
	if out.Kept, out.Size, since = s.cfg.Ring.Stats(); out.Kept > 0 {
		out.Since = &since
	}
	for _, e := range s.cfg.Ring.Select(f, limit) {
		made, err := record(e)
		if err != nil {
			s.cfg.Log.Error("explain", "request", e.ID, "error", err)
			continue
		}
		out.Decisions = append(out.Decisions, made)
	}
	ReplyJSON(w, http.StatusOK, out)
}

// recorder is how the entries of a list or a stream are shown, and how many a list has at
// most: explained, with brief=true without the explanation and the condition keys, or with
// brief=audit as an audit file has them.
func recorder(query url.Values) (record func(*trail.Entry) (decision.Record, error), most int) {
	switch query.Get("brief") {
	case "audit":
		return func(e *trail.Entry) (decision.Record, error) { return e.Brief(), nil }, mostBrief
	case "true":
	default:
		return (*trail.Entry).Record, mostDecisions
	}
	return func(e *trail.Entry) (decision.Record, error) {
		r := e.Brief()
		r.Context = []decision.ContextKey{}
		if e.Denial() != nil { // or one of its children
			sentence, layer := e.Denied()
			r.Sentence, r.DecidedBy = sentence, []string{layer}
		}
		return r, nil
	}, mostBrief
}

// filter parses the filter in a query.
func (s *Server) filter(query url.Values) (trail.Filter, error) {
	known := []string{"outcome", "principal", "action", "resource", "service", "since", "limit", "brief"}
	for name, values := range query {
		if !slices.Contains(known, name) {
			return trail.Filter{}, fmt.Errorf("there is no filter %q; the filters are %s", name, strings.Join(known, ", "))
		}
		if len(values) > 1 {
			return trail.Filter{}, fmt.Errorf("the filter %q is given twice", name)
		}
	}
	f := trail.Filter{
		Outcome: query.Get("outcome"), Principal: query.Get("principal"), Action: query.Get("action"),
		Resource: query.Get("resource"), Service: query.Get("service"),
	}
	outcomes := []string{"", string(decision.Allowed), string(decision.Denied), string(decision.WouldBeDenied)}
	if !slices.Contains(outcomes, f.Outcome) {
		return f, fmt.Errorf("outcome is %q, %q or %q, not %q", outcomes[1], outcomes[2], outcomes[3], f.Outcome)
	}
	if text := query.Get("since"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if d, isDuration := time.ParseDuration(text); isDuration == nil {
			at, err = s.now().Add(-d), nil
		}
		if err != nil {
			return f, fmt.Errorf("since is a time such as 2026-01-31T12:00:00Z or a duration such as 10m, not %q", text)
		}
		f.Since = at
	}
	return f, nil
}

// find returns the request with an id; "last" is the last denial.
func (s *Server) find(id string) (*trail.Entry, bool) {
	if id != "last" {
		return s.cfg.Ring.Get(id)
	}
	for _, e := range s.cfg.Ring.Recent() {
		if e.Denial() != nil {
			return e, true
		}
	}
	return nil, false
}

// missing writes the error for a request id that is not kept.
func (s *Server) missing(w http.ResponseWriter, id string) {
	count, size, since := s.cfg.Ring.Stats()
	switch {
	case size == 0:
		fault(w, http.StatusNotFound, "This server keeps no decisions; start it with --decisions N.")
	case id == "last":
		fault(w, http.StatusNotFound, "None of the last %d requests was denied.", count)
	case count == 0:
		fault(w, http.StatusNotFound, "There is no decision with the request id %s: nothing was decided yet.", id)
	default:
		fault(w, http.StatusNotFound, "There is no decision with the request id %s. The last %d (of %d at most) are kept, since %s.", id, count, size, since.Format(time.RFC3339))
	}
}

func (s *Server) getDecision(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	e, ok := s.find(id)
	if !ok {
		s.missing(w, id)
		return
	}
	record, err := e.Record()
	if err != nil {
		s.cfg.Log.Error("explain", "request", e.ID, "error", err)
		fault(w, http.StatusInternalServerError, "The decision cannot be explained; see the log.")
		return
	}
	ReplyJSON(w, http.StatusOK, record)
}

// streamTimeout limits the time in which a client must receive one event.
const streamTimeout = 10 * time.Second

// streamDecisions sends each decision that matches the filter as a server-sent event. A
// client that is too slow is disconnected.
func (s *Server) streamDecisions(w http.ResponseWriter, r *http.Request) {
	f, err := s.filter(r.URL.Query())
	if err != nil {
		fault(w, http.StatusBadRequest, "%v", err)
		return
	}
	record, _ := recorder(r.URL.Query())
	subscription := s.cfg.Ring.Subscribe()
	if subscription == nil {
		s.missing(w, "")
		return
	}
	defer subscription.Close()
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	send := func(text string) error {
		if err := control.SetWriteDeadline(time.Now().Add(streamTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return err
		}
		return control.Flush()
	}
	if send(": the decisions as they are made\n\n") != nil {
		return
	}
	alive := time.NewTicker(streamTimeout)
	defer alive.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-s.ending:
			return
		case <-alive.C:
			if send(":\n\n") != nil {
				return
			}
		case e, open := <-subscription.Entries:
			if !open {
				return
			}
			if !e.Matches(f) {
				continue
			}
			made, err := record(e)
			if err != nil {
				s.cfg.Log.Error("explain", "request", e.ID, "error", err)
				continue
			}
			text, err := json.Marshal(made)
			if err != nil || send("id: "+e.ID+"\ndata: "+string(text)+"\n\n") != nil {
				return
			}
		}
	}
}

// End ends the event streams for a shutdown.
func (s *Server) End() { s.endOnce.Do(func() { close(s.ending) }) }
