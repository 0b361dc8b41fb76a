package policy

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Clause is the compiled form of one statement in a policy of one kind: the data that the evaluator
// evaluates. Programs that reason about all requests at once, such as package policy/analyze, use it so that
// they need not repeat the rules of the language. A request satisfies a clause if it satisfies every element.
type Clause struct {
	Statement  int // index in the document
	Deny       bool
	Callers    Callers
	Actions    Patterns // compared in lower case
	Resources  Patterns
	Conditions []Predicate
}

// Scope specifies which values an element of a [Clause] covers.
type Scope uint8

const (
	CoversNone   Scope = iota // no value
	CoversAll                 // every value
	CoversListed              // the values that match one of the list
	CoversOthers              // the values that match none of the list
	CoversNotKMS              // every action except those of KMS
)

// Callers is the principal element of a [Clause]. With CoversOthers, which is NotPrincipal, a caller is
// exempt only if the list contains it together with every principal that contains it: a user and its account;
// a role session, its role and the account of both.
type Callers struct {
	Scope   Scope
	Entries []CallerEntry
}

// CallerEntry is one value of a principal element.
type CallerEntry struct {
	Kind CallerEntryKind
	Text string // the account, ARN, service or provider
}

// CallerEntryKind specifies what a [CallerEntry] names.
type CallerEntryKind uint8

const (
	NobodyEntry CallerEntryKind = iota
	EveryoneEntry
	AccountEntry
	ARNEntry // a user, role, role session or federated user
	ServiceEntry
	ProviderEntry
)

// Patterns is the action or resource element of a [Clause].
type Patterns struct {
	Scope Scope
	List  []Pattern
}

// Pattern is a sequence of text, wildcards and policy variables.
type Pattern []PatternPiece

// PatternPiece is one piece of a [Pattern].
type PatternPiece struct {
	Kind       PieceKind
	Text       string // for TextPiece; for VariablePiece the key
	Default    string // for VariablePiece
	HasDefault bool
}

// PieceKind is the kind of a [PatternPiece].
type PieceKind uint8

const (
	TextPiece        PieceKind = iota
	OnePiece                   // "?": one UTF-16 unit
	OneInFieldPiece            // "?" that is not a colon
	StarPiece                  // "*": any text
	StarInFieldPiece           // "*" without colons
	VariablePiece
)

// Clauses returns the clauses of the document in a policy of the kind, one per
// statement.
func (d *Document) Clauses(kind Kind) []Clause {
	clauses := make([]Clause, len(d.rules))
	for i := range d.rules {
		clauses[i] = d.Clause(i, kind)
	}
	return clauses
}

// Clause returns the clause of one statement.
func (d *Document) Clause(statement int, kind Kind) Clause {
	r := &d.rules[statement]
	c := Clause{
		Statement: statement, Deny: r.deny,
		Callers: r.callers(kind), Actions: r.actions(kind), Resources: r.resources(kind),
		Conditions: make([]Predicate, len(r.conditions)),
	}
	for i := range r.conditions {
		c.Conditions[i] = Predicate{&r.conditions[i]}
	}
	return c
}

// always returns the scope of an element that covers all values or none.
func always(covers bool) Scope {
	if covers {
		return CoversAll
	}
	return CoversNone
}

func (r *rule) callers(kind Kind) Callers {
	t := &r.principal
	if !kind.namesCallers() {
		return Callers{Scope: always(t.test == testAbsent || r.deny)}
	}
	var c Callers
	switch t.test {
	case testListed:
		c.Scope = CoversListed
	case testUnlisted:
		c.Scope = CoversOthers
	default:
		return Callers{Scope: always(r.deny)}
	}
	for _, e := range t.entries {
		c.Entries = append(c.Entries, CallerEntry{entryKinds[e.kind], e.text})
	}
	return c
}

var entryKinds = [...]CallerEntryKind{
	entryNobody: NobodyEntry, entryEveryone: EveryoneEntry, entryAccount: AccountEntry,
	entryARN: ARNEntry, entryService: ServiceEntry, entryProvider: ProviderEntry,
}

func (r *rule) actions(kind Kind) Patterns {
	t := &r.action
	p := Patterns{List: make([]Pattern, len(t.patterns))}
	for i := range t.patterns {
		p.List[i] = t.patterns[i].pattern()
	}
	switch {
	case t.test == testListed:
		p.Scope = CoversListed
	case t.test == testUnlisted:
		p.Scope = CoversOthers
	case t.test == testAbsent && r.deny && kind == Resource:
		p.Scope = CoversNotKMS
	default:
		p.Scope = always(r.deny)
	}
	return p
}

func (r *rule) resources(kind Kind) Patterns {
	t := &r.resource
	var p Patterns
	for i := range t.patterns {
		p.List = append(p.List, t.patterns[i].glob.pattern())
		if t.patterns[i].padded != nil && t.patterns[i].pads(kind) {
			p.List = append(p.List, t.patterns[i].padded.pattern())
		}
	}
	switch {
	case t.test == testListed:
		p.Scope = CoversListed
	case t.test == testUnlisted:
		p.Scope = CoversOthers
	case t.test == testAbsent && kind == Resource:
		p.Scope = CoversNotKMS
	case t.test == testAbsent && kind == Trust:
		p.Scope = CoversAll
	default:
		p.Scope = always(r.deny)
	}
	return p
}

func (g *glob) pattern() Pattern {
	if g.pieces == nil {
		if g.literal == "" {
			return nil
		}
		return Pattern{{Kind: TextPiece, Text: g.literal}}
	}
	kinds := [...]PieceKind{
		pieceText: TextPiece, pieceOne: OnePiece, pieceOneInField: OneInFieldPiece,
		pieceStar: StarPiece, pieceStarInField: StarInFieldPiece, pieceVariable: VariablePiece,
	}
	p := make(Pattern, len(g.pieces))
	for i, piece := range g.pieces {
		p[i] = PatternPiece{kinds[piece.kind], piece.text, piece.fallback, piece.hasFallback}
	}
	return p
}

// Predicate is one pair of operator and condition key.
type Predicate struct{ c *condition }

// Family is the type of value that a condition operator compares.
type Family uint8

const (
	StringEqualsFamily Family = iota
	StringEqualsIgnoreCaseFamily
	StringLikeFamily
	ARNFamily
	NumericFamily
	DateFamily
	BoolFamily
	BinaryFamily
	IPAddressFamily
	NullFamily
)

// Key returns the condition key in lower case.
func (p Predicate) Key() string { return lowerString(p.c.key) }

// Name returns the condition key as written.
func (p Predicate) Name() string { return p.c.key }

// Known reports whether the operator exists. A condition with an unknown operator is false in an Allow
// statement and true in a Deny statement.
func (p Predicate) Known() bool { return !p.c.unknown }

// Family returns the type of value that the operator compares.
func (p Predicate) Family() Family { return Family(p.c.family) }

// Negated reports whether the operator is negated, like StringNotEquals.
func (p Predicate) Negated() bool { return p.c.negated }

// Deny reports whether the condition is part of a Deny statement.
func (p Predicate) Deny() bool { return p.c.deny }

// Quantified reports whether the operator has ForAllValues or ForAnyValue.
func (p Predicate) Quantified() (forAll, forAny bool) {
	return p.c.quantifier == forAllValues, p.c.quantifier == forAnyValue
}

// Multivalued reports whether AWS defines the key as multivalued.
func (p Predicate) Multivalued() bool { return p.c.multivalued }

// Holds reports whether the condition is true for a request in which the key has these values. The other
// keys, which variables read, are taken from the context.
func (p Predicate) Holds(values []string, others *Context) bool {
	c := Context{}
	if others != nil {
		c = Context{keys: slices.Clone(others.keys), values: slices.Clone(others.values)}
	}
	c.Set(p.c.key, values...)
	return p.c.holds(&matcher{context: &c})
}

// Satisfied reports whether one value of the request satisfies the operator, without its quantifier.
// Variables have no value.
func (p Predicate) Satisfied(value string) bool {
	return p.c.satisfiedBy(&matcher{context: new(Context)}, value)
}

// Len returns the number of values in the policy.
func (p Predicate) Len() int { return len(p.c.values) }

// Valid reports whether value i is valid for the operator's type.
func (p Predicate) Valid(i int) bool { return p.c.values[i].valid }

// Pattern returns value i of a string operator. For an ARN operator it returns the pattern of the whole ARN;
// fields means that ARNs are compared field by field, so that no wildcard outside the last field matches a
// colon.
func (p Predicate) Pattern(i int) (pattern Pattern, fields, valid bool) {
	v := &p.c.values[i]
	if v.arn == nil {
		return v.glob.pattern(), false, v.valid
	}
	for f := range v.arn {
		for _, piece := range v.arn[f].pattern() {
			if f < 5 && piece.Kind == StarPiece {
				piece.Kind = StarInFieldPiece
			}
			if f < 5 && piece.Kind == OnePiece {
				piece.Kind = OneInFieldPiece
			}
			pattern = append(pattern, piece)
		}
		if f < 5 {
			pattern = append(pattern, PatternPiece{Kind: TextPiece, Text: ":"})
		}
	}
	return pattern, true, v.valid
}

// Bool returns value i of Bool or Null.
func (p Predicate) Bool(i int) (value, valid bool) {
	v := &p.c.values[i]
	return v.valid && v.scalar.bool, v.valid
}

// Binary returns value i of BinaryEquals.
func (p Predicate) Binary(i int) (value string, valid bool) {
	v := &p.c.values[i]
	if !v.valid {
		return "", false
	}
	return v.scalar.bytes, true
}

// Number returns value i of a numeric operator: its digits before and after the decimal point.
func (p Predicate) Number(i int) (negative bool, whole, fraction string, valid bool) {
	v := &p.c.values[i]
	if !v.valid {
		return false, "", "", false
	}
	n := v.scalar.number
	return n.negative, n.whole, n.fraction, true
}

// Date returns value i of a date operator: seconds since 1970 in UTC, and nanoseconds.
func (p Predicate) Date(i int) (seconds int64, nanos int32, valid bool) {
	v := &p.c.values[i]
	if !v.valid {
		return 0, 0, false
	}
	return v.scalar.time.seconds, v.scalar.time.nanos, true
}

// Prefix returns value i of an address operator.
func (p Predicate) Prefix(i int) (prefix netip.Prefix, valid bool) {
	v := &p.c.values[i]
	if !v.valid {
		return netip.Prefix{}, false
	}
	return v.scalar.prefix, true
}

// LowerRune returns a letter in the form in which operators that ignore case compare it.
func LowerRune(r rune) rune { return lowerRune(r) }

// Applying returns the indexes of the statements that apply to the request, in a policy of the kind that is
// evaluated together with the other policies.
func (d *Document) Applying(req *Request, p *Policies, kind Kind) []int {
	e := newEvaluator(req, p)
	var applying []int
	for i := range d.rules {
		if e.evaluateStatement(&d.rules[i], kind).applies {
			applying = append(applying, i)
		}
	}
	return applying
}

// RCPServices returns the prefixes of the services whose resources RCPs apply to.
func RCPServices() []string { return slices.Clone(rcpServices[:]) }

// Text returns an encoding of the condition: conditions with equal encodings are true for the same requests.
// The order of values does not matter.
func (p Predicate) Text() string {
	c := p.c
	texts := make([]string, len(c.values))
	for i := range c.values {
		texts[i] = c.values[i].text()
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	var b strings.Builder
	b.Write([]byte{byte(c.family), byte(c.relation), byte(c.quantifier), bit(c.negated), bit(c.ifExists), bit(c.deny), bit(c.unknown)})
	for _, t := range texts {
		writeCounted(&b, t)
	}
	return b.String()
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// text returns an encoding of the value; values with different meanings have different encodings.
func (v *conditionValue) text() string {
	switch {
	case !v.valid:
		return ""
	case v.scalar != nil:
		s := v.scalar
		return strconv.FormatBool(s.bool) + strconv.FormatBool(s.number.negative) + s.number.whole + "." + s.number.fraction + " " +
			strconv.FormatInt(s.time.seconds, 10) + "." + strconv.Itoa(int(s.time.nanos)) + " " + s.prefix.String() + " " + s.bytes
	}
	var b strings.Builder
	if v.arn == nil {
		v.glob.pattern().write(&b)
		return b.String()
	}
	for i := range v.arn {
		b.WriteByte(':')
		v.arn[i].pattern().write(&b)
	}
	return b.String()
}

// Text returns an encoding of the pattern: patterns with equal encodings match the same texts.
func (p Pattern) Text() string {
	var b strings.Builder
	p.write(&b)
	return b.String()
}

func (p Pattern) write(b *strings.Builder) {
	for i := range p {
		piece := &p[i]
		b.WriteByte('a' + byte(piece.Kind))
		if piece.Text != "" {
			writeCounted(b, piece.Text)
		}
		if piece.HasDefault {
			b.WriteByte('=')
			writeCounted(b, piece.Default)
		}
	}
}

// writeCounted writes a text preceded by its length, so that concatenated texts are unambiguous.
func writeCounted(b *strings.Builder, s string) {
	b.WriteString(strconv.Itoa(len(s)))
	b.WriteByte(' ')
	b.WriteString(s)
}
