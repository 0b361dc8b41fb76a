package prove

import (
	"fmt"

	"github.com/writdev/writ/policy"
)

// edge is a request by which a node obtains a session of a role.
type edge struct {
	from node
	to   authentication
	reply
}

// edgesTo returns the edges to a role. They are computed once.
func (m *Model) edgesTo(role *actor) []edge {
	if found, ok := m.edges[role]; ok {
		return found
	}
	var found []edge
	for _, a := range m.actors {
		// Root users cannot assume roles, and an anonymous caller has no credentials.
		if a.kind == policy.Root || a.kind == policy.Anonymous {
			continue
		}
		actions := []string{"sts:AssumeRole"}
		if a.kind == policy.WebIdentity {
			actions = []string{"sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"}
		}
		for _, auth := range m.authentications(a) {
			e := edge{from: node{a, auth}, to: afterAssume(auth)}
			if e.reply = m.ask(e.from, role.trust, actions, nil, nil); e.request != nil || e.maybe != "" {
				found = append(found, e)
			}
		}
	}
	m.edges[role] = found
	return found
}

// afterAssume returns what a session of a role contains about MFA: whether the request that assumed the role had
// it.
func afterAssume(a authentication) authentication {
	if a == longTerm {
		return withoutMFA
	}
	return a
}

// paths is the result of a backward search: the nodes from which a goal is reached, by distance.
type paths struct {
	order []node
	steps map[node]int
	next  map[node]edgeTo
	goals map[node]reply
}

type edgeTo struct {
	to   node
	edge edge
}

// search returns the shortest path of every node to a goal. With maybe it also follows steps that are
// possibly allowed.
func (m *Model) search(goals map[node]reply, maybe bool) *paths {
	p := &paths{steps: map[node]int{}, next: map[node]edgeTo{}, goals: goals}
	for _, n := range m.nodes() {
		if g, ok := goals[n]; ok && (g.request != nil || maybe) {
			p.order, p.steps[n] = append(p.order, n), 1
		}
	}
	for i := 0; i < len(p.order); i++ {
		n := p.order[i]
		if n.trust == nil {
			continue
		}
		for _, e := range m.edgesTo(n.actor) {
			if _, seen := p.steps[e.from]; seen || e.to != n.auth || e.request == nil && !maybe {
				continue
			}
			p.order, p.steps[e.from] = append(p.order, e.from), p.steps[n]+1
			p.next[e.from] = edgeTo{n, e}
		}
	}
	return p
}

func (m *Model) nodes() []node {
	var nodes []node
	for _, a := range m.actors {
		for _, auth := range m.authentications(a) {
			nodes = append(nodes, node{a, auth})
		}
	}
	return nodes
}

// obtainableSessions returns the role sessions that some principal can obtain, where sessions with and without MFA are
// distinguished. A role that no principal can assume may have both.
func (m *Model) obtainableSessions() map[node]bool {
	exists := map[node]bool{}
	for _, n := range m.nodes() {
		exists[n] = n.trust == nil
	}
	for changed := true; changed; {
		changed = false
		for _, role := range m.actors {
			if role.trust == nil {
				continue
			}
			for _, e := range m.edgesTo(role) {
				if n := (node{role, e.to}); exists[e.from] && !exists[n] {
					exists[n], changed = true, true
				}
			}
		}
	}
	for _, role := range m.actors {
		some := false
		for _, auth := range m.authentications(role) {
			some = some || exists[node{role, auth}]
		}
		for _, auth := range m.authentications(role) {
			exists[node{role, auth}] = exists[node{role, auth}] || !some
		}
	}
	return exists
}

// Step is one request of a chain, which the engine has allowed.
type Step struct {
	Request    policy.Request
	Policies   *policy.Policies
	Decision   policy.Decision
	Conditions []string // of the statements that allow
}

// chain creates the requests on the path of a node and evaluates each with the engine. A session has the name
// with which it was assumed.
func (m *Model) chain(p *paths, from node) ([]Step, error) {
	var steps []Step
	var actors []*actor
	var targets []*target
	n := from
	for {
		next, more := p.next[n]
		req := p.goals[n].request
		t := (*target)(nil)
		if more {
			req, t = next.edge.request, next.to.trust
		}
		if req == nil {
			return nil, fmt.Errorf("no request of %s is known", n.name)
		}
		actors, targets = append(actors, n.actor), append(targets, t)
		steps = append(steps, Step{Request: *req})
		if !more {
			break
		}
		n = next.to
	}
	for i := range steps {
		req := &steps[i].Request
		if i+1 < len(steps) {
			setSessionName(req, &steps[i+1].Request)
		}
		t := targets[i]
		if t == nil {
			t = m.targetOf(actors[i], req)
		}
		if t == nil {
			return nil, fmt.Errorf("no declared resource is %s", req.Resource)
		}
		steps[i].Policies = policies(actors[i], t)
		if steps[i].Decision = policy.Decide(req, steps[i].Policies); !steps[i].Decision.Allowed() {
			return nil, fmt.Errorf("the chain requires a session name that not every step allows: %s", steps[i].Decision.Sentence(req))
		}
		steps[i].Conditions = conditions(&steps[i])
	}
	return steps, nil
}

// setSessionName renames a session to the name that the request which assumes it specifies.
func setSessionName(assume, use *policy.Request) {
	const key = "sts:RoleSessionName"
	session := use.Principal.ARN
	for i := len(session) - 1; i >= 0; i-- {
		if session[i] == '/' {
			if given := assume.Context.Get(key); len(given) == 1 {
				use.Principal.ARN = session[:i+1] + given[0]
			} else {
				context := policy.Context{}
				for k, v := range assume.Context.All() {
					context.Set(k, v...)
				}
				context.Set(key, session[i+1:])
				assume.Context = context
			}
			return
		}
	}
}

// targetOf returns the target of the last request of a chain.
func (m *Model) targetOf(a *actor, req *policy.Request) *target {
	for _, t := range m.targets {
		if patternsOverlap(t.arn, req.Resource) && t.owner.ID == req.Owner() && policy.Decide(req, policies(a, t)).Allowed() {
			return t
		}
	}
	return nil
}

// conditions returns the conditions of the statements that allow a step.
func conditions(s *Step) []string {
	var found []string
	for _, layer := range policy.Explain(&s.Request, s.Policies).Layers {
		for _, st := range layer.Statements {
			if st.Applies && st.Effect == "Allow" && layer.Layer&s.Decision.Layer != 0 {
				found = append(found, st.Conditions...)
			}
		}
	}
	return found
}
