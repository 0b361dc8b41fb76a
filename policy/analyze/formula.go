package analyze

import "slices"

// formula is a condition on requests, in negation normal form.
type formula struct {
	op      formulaOp
	literal literal
	parts   []*formula
}

type formulaOp uint8

const (
	literalOp formulaOp = iota
	allOf               // without parts: true
	anyOf               // without parts: false
)

var (
	yes = &formula{op: allOf}
	no  = &formula{op: anyOf}
)

func is(l literal) *formula { return &formula{op: literalOp, literal: l} }

func truth(b bool) *formula {
	if b {
		return yes
	}
	return no
}

// and returns the conjunction of formulas. It drops true parts; a false part makes the result false.
func and(parts ...*formula) *formula { return join(allOf, parts) }

// or returns the disjunction of formulas. It drops false parts; a true part makes the result true.
func or(parts ...*formula) *formula { return join(anyOf, parts) }

func join(op formulaOp, parts []*formula) *formula {
	f := &formula{op: op}
	for _, p := range parts {
		switch {
		case p.op == op:
			f.parts = append(f.parts, p.parts...)
		case p.op != literalOp && len(p.parts) == 0:
			return p // false in a conjunction, true in a disjunction
		default:
			f.parts = append(f.parts, p)
		}
	}
	if len(f.parts) == 1 {
		return f.parts[0]
	}
	return f
}

func not(f *formula) *formula {
	switch f.op {
	case literalOp:
		return is(f.literal.negate())
	case allOf:
		return &formula{op: anyOf, parts: notEach(f.parts)}
	}
	return &formula{op: allOf, parts: notEach(f.parts)}
}

func notEach(parts []*formula) []*formula {
	negated := make([]*formula, len(parts))
	for i, p := range parts {
		negated[i] = not(p)
	}
	return negated
}

// same reports whether two formulas are structurally equal.
func (f *formula) same(g *formula) bool {
	return f == g || f.op == g.op && f.literal == g.literal && slices.EqualFunc(f.parts, g.parts, (*formula).same)
}
