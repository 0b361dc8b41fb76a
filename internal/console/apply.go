package console

import (
	"errors"
	"net/http"
	"slices"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/fix"
)

// outcomeChange is a decision before and after a fix.
type outcomeChange struct {
	Before, After *decision.Record
	Calls         []fix.Call
}

// errNothingToFix is returned if no call can change a decision.
var errNothingToFix = errors.New(text("fix.nothing"))

// fixCallsFor returns the calls that make the smallest change to the current policies; none if the request is
// now allowed.
func (c *Console) fixCallsFor(r *http.Request, id string) (now *decision.Record, calls []fix.Call, err error) {
	now = new(decision.Record)
	if err := c.request(r.Context(), http.MethodPost, "/_writ/decide", map[string]string{"decision": id}, now); err != nil {
		return nil, nil, err
	}
	denied := fix.Denied(now)
	if denied == nil || slices.Contains(denied.DecidedBy, decision.Ownership) {
		return now, nil, errNothingToFix
	}
	calls, err = fix.For(denied, func(call fix.Call, into any) error { return c.call(r, call, into) })
	return now, calls, err
}

// fixCalls responds to a script with the calls as commands of the AWS CLI.
func (c *Console) fixCalls(w http.ResponseWriter, r *http.Request) {
	_, calls, err := c.fixCallsFor(r, r.PathValue("id"))
	if err != nil {
		w.WriteHeader(http.StatusConflict)
		writeJSON(w, map[string]string{"message": err.Error()})
		return
	}
	commands := []string{}
	for _, call := range calls {
		commands = append(commands, "# "+text("fix.as-account", call.Account), call.Command())
	}
	writeJSON(w, map[string][]string{"commands": commands})
}

// applyFix makes the calls as the chosen principal, and shows the decision before and after.
func (c *Console) applyFix(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	before, calls, err := c.fixCallsFor(r, id)
	if errors.Is(err, errNothingToFix) {
		c.fail(w, r, http.StatusConflict, err.Error())
		return
	}
	for i := 0; err == nil && i < len(calls); i++ {
		err = c.call(r, calls[i], nil)
	}
	if err != nil {
		c.failed(w, r, err)
		return
	}
	after := new(decision.Record)
	if err := c.request(r.Context(), http.MethodPost, "/_writ/decide", map[string]string{"decision": id}, after); err != nil {
		c.failed(w, r, err)
		return
	}
	page, err := c.loadDecision(r, id)
	if err != nil {
		c.failed(w, r, err)
		return
	}
	page.Here = c.cfg.Path + "decisions/" + page.ID
	page.Changed = &outcomeChange{before, after, calls}
	c.render(w, r, http.StatusOK, "decision", page)
}
