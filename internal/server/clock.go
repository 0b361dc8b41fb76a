package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/writdev/writ/internal/clock"
	"github.com/writdev/writ/internal/store"
)

// Clock is the response of /_writ/clock.
type Clock struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

// ClockMove is the body of POST /_writ/clock.
type ClockMove struct {
	Set     *time.Time `json:"set"`     // RFC 3339
	Advance string     `json:"advance"` // "36h", "90s"
	Freeze  bool       `json:"freeze"`
	Run     bool       `json:"run"`
}

func (m ClockMove) move() (move clock.Move, err error) {
	move.Freeze, move.Run = m.Freeze, m.Run
	if m.Set != nil {
		move.Set = m.Set.UTC()
	}
	if m.Advance != "" {
		if move.Advance, err = time.ParseDuration(m.Advance); err != nil {
			return move, fmt.Errorf(`advance is a duration such as "36h" or "90s", not %q`, m.Advance)
		}
	}
	return move, nil
}

func (s *Server) showClock(w http.ResponseWriter, _ *http.Request) {
	ReplyJSON(w, http.StatusOK, Clock{s.now(), s.clock.Frozen()})
}

// moveClock moves the clock. Signatures are verified against the real time. The clock is
// never set before the last change of a resource, which would then be in the future.
func (s *Server) moveClock(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Store.Shared() {
		fault(w, http.StatusConflict, "Servers that share a database keep the real time.")
		return
	}
	var in ClockMove
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	if err := body.Decode(&in); err != nil {
		fault(w, http.StatusBadRequest, `The body must be JSON with "set" (RFC 3339), "advance" (a duration), "freeze" or "run".`)
		return
	}
	move, err := in.move()
	if err == nil {
		_, err = s.clock.Apply(move, func(to time.Time) error {
			return s.cfg.Store.View(r.Context(), func(tx *store.Tx) error {
				last, err := tx.LastChange()
				if err == nil && to.Before(last) {
					err = fmt.Errorf("a resource was changed at %s: the clock cannot be set before that", last.Format(time.RFC3339))
				}
				return err
			})
		})
	}
	if err != nil {
		fault(w, http.StatusBadRequest, "%v", err)
		return
	}
	s.cfg.Log.Info("moved the clock", "now", s.now())
	s.showClock(w, r)
}
