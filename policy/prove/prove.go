package prove

import (
	"fmt"

	"github.com/writdev/writ/policy"
)

// Verdict is the result for an invariant. The zero value is [Unknown].
type Verdict uint8

const (
	Unknown Verdict = iota // see Result.Reason
	Proved
	Refuted // see Result.Chain
)

// String returns "unknown", "proved" or "refuted".
func (v Verdict) String() string { return [...]string{"unknown", "proved", "refuted"}[v] }

// Result is the result for one invariant.
type Result struct {
	Invariant Invariant
	Verdict   Verdict
	Start     string // the principal at the start of the chain
	Chain     []Step // a shortest chain of requests that refutes the invariant
	Reason    string // why the verdict is Unknown
}

// Prove decides all invariants, in their order.
func (m *Model) Prove() []Result {
	results := make([]Result, len(m.invariants))
	for i, inv := range m.invariants {
		results[i] = m.prove(inv)
	}
	return results
}

// prove searches for a chain of a forbidden principal, and for a chain of any principal whose last request
// violates the condition.
func (m *Model) prove(inv *invariant) Result {
	r := Result{Invariant: inv.Invariant, Verdict: Proved}
	var exists map[node]bool
	if m.splitsMFA {
		exists = m.obtainableSessions()
	}
	attempt := func(starts func(a *actor) bool, violated []policy.Predicate) {
		may := func(n node) bool { return starts(n.actor) && (exists == nil || exists[n]) }
		found := m.violation(inv, may, violated)
		switch {
		case found.Verdict == Refuted && (r.Verdict != Refuted || len(found.Chain) < len(r.Chain)):
			r.Verdict, r.Start, r.Chain, r.Reason = Refuted, found.Start, found.Chain, ""
		case found.Verdict == Unknown && r.Verdict != Refuted:
			r.Verdict, r.Reason = Unknown, found.Reason
		}
	}
	if len(inv.Only)+len(inv.Nobody) > 0 {
		attempt(func(a *actor) bool { return inv.forbidden[a] }, nil)
	}
	if len(inv.conditions) > 0 {
		attempt(func(*actor) bool { return true }, inv.conditions)
	}
	if r.Verdict == Proved && m.carries != "" {
		r.Verdict, r.Reason = Unknown, m.carries
	}
	return r
}

// violation searches for a shortest chain from a start to a request on one of the
// invariant's targets.
func (m *Model) violation(inv *invariant, may func(n node) bool, violated []policy.Predicate) Result {
	goals := m.goals(inv.targets, inv.Actions, inv.Resources, violated, func(n node) bool {
		return n.trust != nil && inv.MaxLength != 1 || may(n)
	})
	certain := m.search(goals, false)
	unconfirmed := ""
	for _, n := range certain.order {
		if !may(n) || inv.MaxLength > 0 && certain.steps[n] > inv.MaxLength {
			continue
		}
		chain, err := m.chain(certain, n)
		if err == nil {
			return Result{Verdict: Refuted, Start: n.name, Chain: chain}
		}
		unconfirmed = err.Error()
	}
	if unconfirmed != "" {
		return Result{Reason: unconfirmed}
	}
	possible := m.search(goals, true)
	for _, n := range possible.order {
		if may(n) && (inv.MaxLength == 0 || possible.steps[n] <= inv.MaxLength) {
			return Result{Reason: possible.reason(n)}
		}
	}
	return Result{Verdict: Proved}
}

// goals returns the replies of the nodes that may, or possibly may, make the last request.
func (m *Model) goals(targets []*target, actions, patterns []string, violated []policy.Predicate, relevant func(n node) bool) map[node]reply {
	goals := map[node]reply{}
	for _, n := range m.nodes() {
		if !relevant(n) {
			continue
		}
		for _, t := range targets {
			a := m.askEach(n, t, actions, patterns, violated)
			if a.request != nil {
				goals[n] = a
				break
			}
			if a.maybe != "" && goals[n].maybe == "" {
				goals[n] = a
			}
		}
	}
	return goals
}

// askEach asks about each action separately: a single action often requires no search.
func (m *Model) askEach(n node, t *target, actions, patterns []string, violated []policy.Predicate) reply {
	var last reply
	for _, action := range actions {
		a := m.ask(n, t, []string{action}, patterns, violated)
		if a.request != nil {
			return a
		}
		if a.maybe != "" {
			last = a
		}
	}
	return last
}

// reason returns why a path is only possible.
func (p *paths) reason(n node) string {
	for {
		next, more := p.next[n]
		switch {
		case !more:
			return p.goals[n].maybe
		case next.edge.maybe != "":
			return next.edge.maybe
		}
		n = next.to
	}
}

// Path is a path by which a principal reaches an action on a resource.
type Path struct {
	Start  string
	Chain  []Step // a shortest chain; nil if it is unknown whether one exists
	Reason string
}

// Reach returns the principals that reach an action on a resource, with a shortest chain of each, shortest
// first. Action and resource may be patterns.
func (m *Model) Reach(action, resource string) ([]Path, error) {
	var targets []*target
	for _, t := range m.targets {
		if patternsOverlap(resource, t.arn) && t.concerns([]string{action}) {
			targets = append(targets, t)
		}
	}
	if len(targets) == 0 {
		return nil, fmt.Errorf("no declared resource matches %q", resource)
	}
	goals := m.goals(targets, []string{action}, []string{resource}, nil, func(node) bool { return true })
	var ways []Path
	seen := map[*actor]bool{}
	var exists map[node]bool
	if m.splitsMFA {
		exists = m.obtainableSessions()
	}
	for _, p := range []*paths{m.search(goals, false), m.search(goals, true)} {
		for _, n := range p.order {
			if seen[n.actor] || exists != nil && !exists[n] {
				continue
			}
			w := Path{Start: n.name}
			chain, err := m.chain(p, n)
			if w.Chain = chain; err != nil {
				if w.Reason = p.reason(n); w.Reason == "" {
					w.Reason = err.Error()
				}
			}
			seen[n.actor] = true
			ways = append(ways, w)
		}
	}
	return ways, nil
}
