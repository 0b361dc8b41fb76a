package policy

import (
	"fmt"
	"strings"
)

// NearMiss is the Allow statement closest to matching the request, in the layer that denied it implicitly.
type NearMiss struct {
	Layer    Layer
	Level    int // of service control policies, counted from the root
	Policy   string
	Index    int
	Sid      string
	Location Location
	Reasons  []string // one for each element or condition that does not match
}

// String describes in one line what does not match.
func (n NearMiss) String() string {
	s := StatementReport{Policy: n.Policy, Index: n.Index, Sid: n.Sid, Reason: strings.Join(n.Reasons, "; ")}
	return s.String()
}

// miss is one element of a statement, or one condition, that does not match the request.
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

// nearStatement is an Allow statement that does not apply, with the elements that do not match.
type nearStatement struct {
	policy, statement int
	misses            []miss
}

// nearStatements returns the Allow statements of a layer, or of one level of it, ordered by the number of
// elements that do not match.
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

// maxMisses is the largest number of misses that are counted: statements with more are equally distant.
const maxMisses = 8

// nearestMiss returns the Allow statement closest to matching a request that was denied implicitly, or nil if
// the layer that denied it contains no Allow statement.
func nearestMiss(req *Request, p *Policies, b *binding, d Decision) *NearMiss {
	if d.Verdict != ImplicitDeny {
		return nil
	}
	e := newEvaluator(req, p)
	for _, l := range p.levelsOf(d.Layer, b) {
		policies := *p.layer(l.kind, l.level)
		if d.Layer == LayerServiceControl && e.evaluate(policies, l.kind, l.level).allowed {
			continue // another level denies
		}
		near := e.nearStatements(policies, l.kind)
		if len(near) == 0 {
			continue
		}
		n := near[0]
		a := policies[n.policy]
		s := &a.Document.Statements()[n.statement]
		m := &NearMiss{Layer: d.Layer, Level: l.level, Policy: a.Name, Index: n.statement, Sid: s.Sid.Text, Location: Location{s.Span, s.Path()}}
		for _, missed := range n.misses {
			m.Reasons = append(m.Reasons, e.reason(s, &a.Document.rules[n.statement], outcome{missed: missed.element, condition: missed.condition}))
		}
		return m
	}
	return nil
}

// layerRef identifies one layer of a request's policies, or one level of it.
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

// layer returns the list of policies that a reference identifies.
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

// levelsOf returns the parts of a layer: its levels, or the layer itself.
func (p *Policies) levelsOf(l Layer, b *binding) []layerRef {
	var refs []layerRef
	for _, ref := range p.binding(b) {
		if ref.kind.layer() == l {
			refs = append(refs, ref)
		}
	}
	return refs
}

// binding returns the layers and levels that apply to a request, in the order in which their denials are
// reported.
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
