package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// Verdict says how what a new policy allows compares with what an old one allows.
// The zero value says nothing.
type Verdict uint8

const (
	Unknown   Verdict = iota // the question was not answered: see Comparison.Reason
	Equal                    // both allow the same requests
	More                     // the new policy allows all that the old one does, and more
	Less                     // the new policy allows a part of what the old one does
	Different                // each allows something that the other does not
)

// String is "equal", "more", "less", "different" or "unknown".
func (v Verdict) String() string {
	return [...]string{"unknown", "equal", "more", "less", "different"}[v]
}

// Comparison is the answer of [Compare]. With the verdict Unknown one direction may
// still have a witness.
type Comparison struct {
	Verdict Verdict
	Gained  *Witness // a request that only the new policy allows; nil if there is none
	Lost    *Witness // a request that only the old policy allows; nil if there is none
	Reason  string   // why the verdict is Unknown, or what it rests on
}

// Witness is a concrete request that proves a difference. The engine has decided
// it both ways.
type Witness struct {
	Request policy.Request
	// Around are the policies that stand beside the one in question, where it
	// does not decide the request alone.
	Around     policy.Policies
	Statements []Responsible
	// Before and After are the decisions over the old and over the new policy.
	Before, After policy.Decision
	// Invented says that the action is none of those that the facts have: only
	// actions to come make the difference.
	Invented bool

	cost int
}

// Responsible is a statement that makes a difference: an Allow of the policy that
// allows the request, or a Deny of the one that does not.
type Responsible struct {
	New       bool // it stands in the new policy
	Policy    string
	Statement int
	Sid       string
	Effect    string
	Position  policy.Position
}

// Compare compares two documents that serve the same purpose: which requests each
// allows that the other does not. It asks about every request that can be made:
// any action, resource, caller of any kind, and set of condition keys.
//
// A document is looked at alone, as if everything else let the request pass. A
// service control policy without an Allow statement stands beside one that allows
// everything, if neither document has one.
func Compare(old, new *policy.Document, kind policy.Kind, options Options) Comparison {
	if old.Source() != nil && string(old.Source()) == string(new.Source()) {
		return Comparison{Verdict: Equal}
	}
	c := &documents{kind: kind, docs: [2]*policy.Document{old, new}}
	if kind == policy.ServiceControl && !hasAllow(old) && !hasAllow(new) {
		c.ceiling = true
	}
	return c.question().answer(options)
}

// hasAllow reports whether a document has an Allow statement.
func hasAllow(d *policy.Document) bool {
	return slices.ContainsFunc(d.Statements, func(s policy.Statement) bool { return s.Effect.Text == "Allow" })
}

// Side tells the two directions of a comparison, and the two policies, apart: what
// only the new policy allows is gained.
type side int

const (
	oldSide side = iota // lost
	newSide             // gained
)

func (s side) other() side { return 1 - s }

// question is which requests are allowed on one side and not on the other.
type question struct {
	kind      policy.Kind            // of the documents, if they are compared alone
	kinds     []policy.PrincipalKind // empty: those that documents of the kind bind
	sides     [2][]*policy.Document  // the documents of each side
	documents []*policy.Document     // those of both sides, each once
	actions   []string               // that the question itself names
	facts     Facts                  // may be nil
	given     []Known                // the condition keys of which the question gives the value
	// goals are what is lost and what is gained: a request that satisfies one of them.
	goals func(b *builder) [2][]goal
	// try confirms with the engine a request that is allowed on one side only.
	try func(d *draft, allows side) (*Witness, bool)
}

// inquiry is the work on one question.
type inquiry struct {
	*builder
	question
	solver *solver
	side   side // the direction at hand
	best   *Witness
	reason string // why there may be a request though none is found
}

// answer asks about each kind of caller, until both directions have a witness.
func (q question) answer(options Options) Comparison {
	budgets := [2]*budget{newBudget(options), newBudget(options)}
	var best [2]*Witness
	var reason [2]string
	q.facts = options.Facts
	reads := newKeyReader(q.documents)
	if len(q.kinds) == 0 {
		q.kinds = callersOf(q.kind, reads)
	}
	in := q.inquire(reads)
	for _, kind := range q.kinds {
		in.turnTo(kind)
		goals := in.goals(in.builder)
		for s := range best {
			if best[s] != nil || len(goals[s]) == 0 {
				continue
			}
			in.run(side(s), goals[s], budgets[s])
			best[s] = in.best
			if reason[s] == "" {
				reason[s] = in.reason
			}
		}
		if best[oldSide] != nil && best[newSide] != nil {
			break
		}
	}
	c := Comparison{Gained: best[newSide], Lost: best[oldSide]}
	outside := q.outside()
	for s := range best {
		if reason[s] == "" {
			reason[s] = outside
		}
		if best[s] == nil && reason[s] != "" && c.Reason == "" {
			c.Reason = reason[s]
		}
	}
	switch {
	case c.Gained != nil && c.Lost != nil:
		c.Verdict = Different
	case c.Reason != "":
	case c.Gained != nil:
		c.Verdict = More
	case c.Lost != nil:
		c.Verdict = Less
	default:
		c.Verdict = Equal
	}
	if c.Reason == "" && (c.Gained != nil && c.Gained.Invented || c.Lost != nil && c.Lost.Invented) {
		c.Reason = "no action of " + q.facts.Source() + " is in the difference; patterns also cover actions to come"
	}
	return c
}

// inquire prepares the question.
func (q question) inquire(reads *keyReader) *inquiry {
	a := newAtoms()
	in := &inquiry{builder: &builder{atoms: a, readsOwner: reads.key(ownerKey)}, solver: newSolver(a), question: q}
	in.solver.fields[actionField] = textField{membership{actionBase(), true}, "a:a", "abcdefghijklmnopqrstuvwxyz0123456789-"}
	return in
}

// turnTo goes over to callers of one kind.
func (q *inquiry) turnTo(kind policy.PrincipalKind) {
	q.caller = newCallerKind(kind, q.given)
	_, given := q.caller.key(ownerKey) // a resource then need not carry its account
	q.ownerKey = q.readsOwner && !given
	q.solver.fields[resourceField] = textField{membership{resourceBase(q.ownerKey), true}, "*" + q.ownerless(), valueLetters}
	q.solver.fields[q.caller.field()] = textField{membership{q.caller.base, true}, q.caller.sample, valueLetters}
}

func (q *inquiry) run(direction side, goals []goal, b *budget) {
	q.solver.use(b)
	q.side, q.best, q.reason = direction, nil, ""
	s := &split{solver: q.solver, found: q.realize}
	s.search(goals)
	switch {
	case q.best != nil:
		q.reason = ""
	case q.solver.budget.exceeded:
		q.reason = "the search was given up: the patterns of " + q.hardest() + " are too many to tell apart within the budget"
	case s.unresolved && q.reason == "":
		q.reason = "a condition cannot be decided: " + q.hardest()
	}
}

// hardest names the statement with the most to search.
func (q *inquiry) hardest() string {
	most, name := -1, "the policy"
	for side, documents := range q.sides {
		for _, d := range documents {
			for i := range d.Statements {
				s := &d.Statements[i]
				size := s.Span.End.Offset - s.Span.Start.Offset
				if size <= most {
					continue
				}
				most, name = size, fmt.Sprintf("statement %d of the %s policy", i, [...]string{"old", "new"}[side])
				if s.Sid.Text != "" {
					name += " (" + s.Sid.Text + ")"
				}
			}
		}
	}
	return name
}

// outside says what in the documents the analysis cannot answer for, if they
// differ in it: an S3 canonical user is an account whose id nothing else tells.
func (q question) outside() string {
	var named [2][]string
	for i, documents := range q.sides {
		for _, d := range documents {
			named[i] = append(named[i], canonicalUserStatements(d)...)
		}
		slices.Sort(named[i])
	}
	if slices.Equal(named[0], named[1]) {
		return ""
	}
	return "a statement names a canonical user, who cannot be told apart from other callers"
}

// canonicalUserStatements are the texts of the statements that name one.
func canonicalUserStatements(d *policy.Document) []string {
	var texts []string
	for i := range d.Statements {
		s := &d.Statements[i]
		entries := slices.Concat(s.Principal.Entries, s.NotPrincipal.Entries)
		if slices.ContainsFunc(entries, func(e policy.PrincipalEntry) bool { return e.Type == "CanonicalUser" }) {
			texts = append(texts, string(d.Source()[s.Span.Start.Offset:s.Span.End.Offset]))
		}
	}
	return texts
}

// wordsOf are the names in the resources of the documents, which variables may
// stand for.
func wordsOf(documents []*policy.Document) []string {
	var words []string
	for _, d := range documents {
		for i := range d.Statements {
			for _, v := range slices.Concat(d.Statements[i].Resource.Values, d.Statements[i].NotResource.Values) {
				_, rest, _ := strings.Cut(v.Text, "/")
				for _, w := range strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("/:*?${}", r) }) {
					if len(words) < 8 && !slices.Contains(words, w) {
						words = append(words, w)
					}
				}
			}
		}
	}
	return words
}
