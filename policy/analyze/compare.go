package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// Verdict compares what a new policy allows with what an old one allows. The zero value is [Unknown].
type Verdict uint8

const (
	Unknown   Verdict = iota // the question was not answered: see Comparison.Reason
	Equal                    // both allow the same requests
	More                     // the new policy allows everything that the old one allows, and more
	Less                     // the new policy allows only part of what the old one allows
	Different                // each allows a request that the other does not
)

// String returns "equal", "more", "less", "different" or "unknown".
func (v Verdict) String() string {
	return [...]string{"unknown", "equal", "more", "less", "different"}[v]
}

// Comparison is the result of [Compare]. A comparison with the verdict Unknown can still have a witness for
// one direction.
type Comparison struct {
	Verdict Verdict
	Gained  *Witness // a request that only the new policy allows; nil if there is none
	Lost    *Witness // a request that only the old policy allows; nil if there is none
	Reason  string   // why the verdict is Unknown, or a limitation of the verdict
}

// Witness is a request that proves a difference. The engine has evaluated it against both policies.
type Witness struct {
	Request policy.Request
	// Around holds the other policies of the evaluation, where the policy in question does not decide the
	// request alone.
	Around     policy.Policies
	Statements []Responsible
	// Before is the decision with the old policy, After the decision with the new one.
	Before, After policy.Decision
	// Invented means that the action is not in the facts: only future actions make the difference.
	Invented bool

	cost int
}

// Responsible is a statement that causes a difference: an Allow of the policy that allows the request, or a
// Deny of the policy that denies it.
type Responsible struct {
	New       bool // part of the new policy
	Policy    string
	Statement int
	Sid       string
	Effect    string
	Position  policy.Position
}

// Compare compares the requests that two documents of the same kind allow. It covers every possible request:
// any action, resource, kind of caller, and set of condition keys.
//
// Each document is compared alone, as if all other policies allowed the request. If neither of two service
// control policies has an Allow statement, both are evaluated together with one that allows everything.
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
	return slices.ContainsFunc(d.Statements(), func(s policy.Statement) bool { return s.Effect.Text == "Allow" })
}

// side identifies one of the two policies, and the direction of a difference: requests that only the new
// policy allows are gained.
type side int

const (
	oldSide side = iota // lost
	newSide             // gained
)

func (s side) other() side { return 1 - s }

// question asks which requests are allowed on one side and not on the other.
type question struct {
	kind      policy.Kind            // of the documents, if they are compared alone
	kinds     []policy.PrincipalKind // empty: those that documents of the kind apply to
	sides     [2][]*policy.Document  // the documents of each side
	documents []*policy.Document     // the documents of both sides, without duplicates
	actions   []string               // the actions that the question names
	facts     Facts                  // may be nil
	given     []Known                // the condition keys for which the question gives the value
	// goals returns formulas for the lost and the gained requests: a request belongs to a side if it
	// satisfies one of the side's goals.
	goals func(b *builder) [2][]goal
	// try evaluates a draft and returns a witness if the draft is allowed on one side only.
	try func(d *draft, allows side) (*Witness, bool)
}

// inquiry is the state of the search for one question.
type inquiry struct {
	*builder
	question
	solver *solver
	side   side // the current direction
	best   *Witness
	reason string // why a request may exist although none is found
}

// answer searches each kind of caller until both directions have a witness.
func (q question) answer(options Options) Comparison {
	budgets := [2]*budget{newBudget(options), newBudget(options)}
	var best [2]*Witness
	var reason [2]string
	q.facts = options.Facts
	reads := newKeyReader(q.documents)
	if len(q.kinds) == 0 {
		q.kinds = callersOf(q.kind, reads)
	}
	in := q.newInquiry(reads)
	for _, kind := range q.kinds {
		in.setCaller(kind)
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
	outside := q.unsupported()
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
		c.Reason = "no action of " + q.facts.Source() + " is in the difference; patterns also cover future actions"
	}
	return c
}

// newInquiry prepares a question for the search.
func (q question) newInquiry(reads *keyReader) *inquiry {
	a := newAtoms()
	in := &inquiry{builder: &builder{atoms: a, readsOwner: reads.key(ownerKey)}, solver: newSolver(a), question: q}
	in.solver.fields[actionField] = textField{membership{actionBase(), true}, "a:a", "abcdefghijklmnopqrstuvwxyz0123456789-"}
	return in
}

// setCaller switches the search to callers of one kind.
func (q *inquiry) setCaller(kind policy.PrincipalKind) {
	q.caller = newCallerKind(kind, q.given)
	_, given := q.caller.key(ownerKey) // the resource text then need not include its account
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
		q.reason = "the search exceeded its budget: the patterns of " + q.hardestStatement() + " are too many to distinguish"
	case s.unresolved && q.reason == "":
		q.reason = "a condition cannot be decided: " + q.hardestStatement()
	}
}

// hardestStatement describes the statement that requires the most search.
func (q *inquiry) hardestStatement() string {
	most, name := -1, "the policy"
	for side, documents := range q.sides {
		for _, d := range documents {
			for i := range d.Statements() {
				s := &d.Statements()[i]
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

// unsupported returns why the analysis cannot decide, if the documents differ in a construct that it does not
// support: the account of an S3 canonical user is unknown.
func (q question) unsupported() string {
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
	return "a statement names a canonical user, which cannot be distinguished from other callers"
}

// canonicalUserStatements returns the texts of the statements that name a canonical user.
func canonicalUserStatements(d *policy.Document) []string {
	var texts []string
	for i := range d.Statements() {
		s := &d.Statements()[i]
		entries := slices.Concat(s.Principal.Entries, s.NotPrincipal.Entries)
		if slices.ContainsFunc(entries, func(e policy.PrincipalEntry) bool { return e.Type == "CanonicalUser" }) {
			texts = append(texts, string(d.Source()[s.Span.Start.Offset:s.Span.End.Offset]))
		}
	}
	return texts
}

// resourceNames returns the names in the documents' resources, as possible values of variables.
func resourceNames(documents []*policy.Document) []string {
	var words []string
	for _, d := range documents {
		for i := range d.Statements() {
			for _, v := range slices.Concat(d.Statements()[i].Resource.Values, d.Statements()[i].NotResource.Values) {
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
