package policy

import (
	"fmt"
	"strings"
)

// NearMiss is the Allow statement that lacks least of those in the layer that
// denied a request implicitly.
type NearMiss struct {
	Layer    Layer
	Level    int // of service control policies, from the root down
	Policy   string
	Index    int
	Sid      string
	Location Location
	Reasons  []string // one for each element or condition that does not match
}

// String says in one line what the statement lacks.
func (n NearMiss) String() string {
	s := StatementReport{Policy: n.Policy, Index: n.Index, Sid: n.Sid, Reason: strings.Join(n.Reasons, "; ")}
	return s.String()
}

// miss is one element of a statement, or one condition of it, that does not
// match the request.
type miss struct {
	element   Element
	condition int
}

// misses lists everything in a statement that does not match.
func (e *evaluator) misses(r *rule, kind Kind) []miss {
	var list []miss
	if _, ok := e.principal(r, kind); !ok {
		list = append(list, miss{element: PrincipalElement})
	}
	if !e.actionMatches(r, kind) {
		list = append(list, miss{element: ActionElement})
	}
	if !e.resourceMatches(r, kind) {
		list = append(list, miss{element: ResourceElement})
	}
	for i := range r.conditions {
		if !r.conditions[i].holds(&e.matcher) {
			list = append(list, miss{ConditionElement, i})
		}
	}
	return list
}

// nearStatement is an Allow statement that does not apply, and what it lacks.
type nearStatement struct {
	policy, statement int
	misses            []miss
}

// nearStatements lists the Allow statements of a layer, or of one level of it,
// by how much they lack, those that lack least first.
func (e *evaluator) nearStatements(policies []Attached, kind Kind) []nearStatement {
	var byMisses [maxMisses + 1][]nearStatement
	for i, a := range policies {
		if a.Document == nil {
			continue
		}
		for j := range a.Document.rules {
			r := &a.Document.rules[j]
			if r.deny {
				continue
			}
			if m := e.misses(r, kind); len(m) > 0 {
				n := min(len(m), maxMisses)
				byMisses[n] = append(byMisses[n], nearStatement{i, j, m})
			}
		}
	}
	var list []nearStatement
	for _, near := range byMisses {
		list = append(list, near...)
	}
	return list
}

// maxMisses bounds how finely statements are ordered: one that lacks more is as
// far as any.
const maxMisses = 8

// nearestMiss is the statement nearest to allowing a request that was denied
// implicitly; nil if the layer that denied holds no Allow statement.
func nearestMiss(req *Request, p *Policies, b *binding, d Decision) *NearMiss {
	if d.Verdict != ImplicitDeny {
		return nil
	}
	e := newEvaluator(req, p)
	for _, l := range p.levelsOf(d.Layer, b) {
		policies := *p.layer(l.kind, l.level)
		if d.Layer == LayerServiceControl && e.evaluate(policies, l.kind, l.level).allowed {
			continue // another level is in the way
		}
		near := e.nearStatements(policies, l.kind)
		if len(near) == 0 {
			continue
		}
		n := near[0]
		a := policies[n.policy]
		s := &a.Document.Statements[n.statement]
		m := &NearMiss{Layer: d.Layer, Level: l.level, Policy: a.Name, Index: n.statement, Sid: s.Sid.Text, Location: Location{s.Span, s.Path()}}
		for _, missed := range n.misses {
			m.Reasons = append(m.Reasons, e.reason(s, &a.Document.rules[n.statement], outcome{missed: missed.element, condition: missed.condition}))
		}
		return m
	}
	return nil
}

// layerRef names one layer of a request's policies, or one level of it.
type layerRef struct {
	kind  Kind
	level int
}

func (l layerRef) String() string {
	if l.kind.ofOrganization() {
		return fmt.Sprintf("%v level %d", l.kind, l.level)
	}
	return l.kind.String()
}

// layer is the list of policies that a reference names.
func (p *Policies) layer(kind Kind, level int) *[]Attached {
	switch kind {
	case ServiceControl:
		return &p.ServiceControl[level]
	case ResourceControl:
		return &p.ResourceControl[level]
	case Resource, Trust:
		return &p.Resource
	case Endpoint:
		return &p.Endpoint
	case Boundary:
		return &p.Boundary
	case Session:
		return &p.Session
	}
	return &p.Identity
}

// levelsOf lists the parts of a layer: its levels, or itself.
func (p *Policies) levelsOf(l Layer, b *binding) []layerRef {
	var refs []layerRef
	for _, ref := range p.binding(b) {
		if ref.kind.layer() == l {
			refs = append(refs, ref)
		}
	}
	return refs
}

// binding lists the layers and levels that bind a request, in the order in which
// their denials count.
func (p *Policies) binding(b *binding) []layerRef {
	var refs []layerRef
	if b.rcp {
		for i := range p.ResourceControl {
			refs = append(refs, layerRef{ResourceControl, i})
		}
	}
	if b.scp {
		for i := range p.ServiceControl {
			refs = append(refs, layerRef{ServiceControl, i})
		}
	}
	for _, l := range []struct {
		kind  Kind
		binds bool
	}{
		{Endpoint, p.Endpoint != nil}, {b.resourceKind(), b.resource && p.Resource != nil}, {Identity, b.identity && p.Identity != nil},
		{Boundary, b.identity && p.Boundary != nil}, {Session, b.session && p.Session != nil},
	} {
		if l.binds {
			refs = append(refs, layerRef{l.kind, 0})
		}
	}
	return refs
}
