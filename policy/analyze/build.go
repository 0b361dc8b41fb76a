package analyze

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/writdev/writ/policy"
)

// builder turns clauses into formulas for one kind of caller.
type builder struct {
	*atoms
	readsOwner bool // a policy reads aws:ResourceAccount
	ownerKey   bool // and the question gives no value for it, so the resource text includes the account
}

// applies returns the formula of a clause.
func (b *builder) applies(c *policy.Clause) *formula {
	return and(b.covers(&c.Callers), b.appliesToAny(c))
}

// appliesToAny returns the formula of a clause without its principal element.
func (b *builder) appliesToAny(c *policy.Clause) *formula {
	parts := []*formula{b.action(&c.Actions), b.resource(&c.Resources)}
	for _, p := range c.Conditions {
		parts = append(parts, b.condition(p))
	}
	return and(parts...)
}

// covers returns a formula that holds for the callers that a principal element covers.
func (b *builder) covers(c *policy.Callers) *formula {
	switch c.Scope {
	case policy.CoversAll:
		return yes
	case policy.CoversListed:
		cover := b.caller.coverage(c.Entries)
		if cover.everyone {
			return yes
		}
		return b.callers(slices.Concat(cover.self, cover.issuer, cover.account))
	case policy.CoversOthers:
		return not(b.exempted(c.Entries))
	}
	return no
}

// callers returns a formula that holds for callers that match one of the patterns.
func (b *builder) callers(patterns []pattern) *formula {
	if len(patterns) == 0 {
		return no
	}
	id := "callers\x00" + b.caller.name() + stepsText(patterns)
	return is(positive(b.intern(id, func() atom { return atom{field: b.caller.field(), language: newLanguage(patterns...)} })))
}

// exempted returns a formula that holds for the callers that a NotPrincipal element exempts: those listed
// together with all principals that contain them.
func (b *builder) exempted(entries []policy.CallerEntry) *formula {
	c := b.caller.coverage(entries)
	if c.everyone {
		return yes
	}
	var need []*formula
	switch b.caller.kind {
	case policy.User:
		need = []*formula{b.callers(c.self), b.callers(c.account)}
	case policy.RoleSession, policy.FederatedUser:
		need = []*formula{b.callers(c.self), b.callers(c.issuer), b.callers(c.account)}
	case policy.Root:
		need = []*formula{b.callers(c.account)}
	case policy.Service, policy.WebIdentity:
		need = []*formula{b.callers(c.self)}
	default:
		return no
	}
	return and(need...)
}

func (b *builder) action(p *policy.Patterns) *formula {
	return b.patterns(p, actionField, &wholeText)
}

func (b *builder) resource(p *policy.Patterns) *formula {
	s := &wholeText
	if b.ownerKey {
		s = resourcePart
	}
	return b.patterns(p, resourceField, s)
}

func (b *builder) patterns(p *policy.Patterns, f field, s *shape) *formula {
	switch p.Scope {
	case policy.CoversAll:
		return yes
	case policy.CoversNone:
		return no
	case policy.CoversNotKMS:
		return not(b.actionLike("kms:*"))
	}
	listed := no
	switch {
	case slices.ContainsFunc(p.List, matchesAll):
		listed = yes
	case len(p.List) > 0:
		listed = is(positive(b.textAtom(f, s, patternList{patterns: p.List})))
	}
	if p.Scope == policy.CoversOthers {
		return not(listed)
	}
	return listed
}

func matchesAll(p policy.Pattern) bool { return len(p) == 1 && p[0].Kind == policy.StarPiece }

// textAtom returns the atom that a field's text matches one of the patterns in the shape.
func (b *builder) textAtom(f field, s *shape, list patternList) int32 {
	l := b.language(s, list)
	return b.languageAtom(f, l, list)
}

func (b *builder) languageAtom(f field, l *language, list patternList) int32 {
	id := "language\x00" + strconv.Itoa(int(f)) + "\x00" + strconv.Itoa(b.number(l))
	return b.intern(id, func() atom {
		return atom{field: f, language: l, requires: b.required(list)}
	})
}

// required returns the variables without a default value that occur in every pattern of a list.
func (b *builder) required(list patternList) []variable {
	var common []variable
	for i, p := range list.patterns {
		var own []variable
		for _, piece := range p {
			if piece.Kind != policy.VariablePiece || piece.HasDefault {
				continue
			}
			v := variable{key: foldKey(piece.Text)}
			if _, known := b.caller.key(v.key); !known {
				own = append(own, v)
			}
		}
		if i == 0 {
			common = own
		}
		common = slices.DeleteFunc(common, func(v variable) bool { return !slices.Contains(own, v) })
	}
	return common
}

// actionLike returns a formula that holds for actions that match one of a few patterns, which consist of
// letters and stars.
func (b *builder) actionLike(patterns ...string) *formula {
	return is(positive(b.textAtom(actionField, &wholeText, patternList{patterns: globs(patterns)})))
}

// globs parses patterns in which only "*" is special.
func globs(texts []string) []policy.Pattern {
	patterns := make([]policy.Pattern, len(texts))
	for i, t := range texts {
		for n, part := range strings.Split(t, "*") {
			if n > 0 {
				patterns[i] = append(patterns[i], policy.PatternPiece{Kind: policy.StarPiece})
			}
			if part != "" {
				patterns[i] = append(patterns[i], policy.PatternPiece{Kind: policy.TextPiece, Text: part})
			}
		}
	}
	return patterns
}

// condition returns the formula of a condition.
func (b *builder) condition(p policy.Predicate) *formula {
	if !p.Known() {
		return truth(p.Deny())
	}
	if b.ownerKey && p.Key() == ownerKey {
		return b.ownerCondition(p)
	}
	key, known := b.caller.key(p.Key())
	switch {
	case !known:
		return is(b.keyLiteral(p))
	case key.absent:
		return truth(p.Holds(nil, nil))
	case key.part == nil:
		k := b.predicate(p, &wholeText)
		if k.language != nil && len(k.language.variables) > 0 {
			return b.undecided(p)
		}
		return truth(p.Holds([]string{key.constant}, nil))
	}
	return b.partCondition(p, b.caller.field(), key.part)
}

// partCondition returns the formula of a condition on a key whose value is part of a text: the key has
// exactly one value.
func (b *builder) partCondition(p policy.Predicate, f field, s *shape) *formula {
	k := keyLiteral{b.predicate(p, s), true}
	switch {
	case k.fixed(1):
		return truth(p.Holds([]string{"x"}, nil))
	case k.form == constantForm:
		return truth(k.constant)
	case k.form == opaqueForm && (s == &wholeText || s == issuerPart):
		return truth(p.Holds([]string{"x"}, nil)) // no such name is a number, a date or an address
	case k.form != languageForm:
		return b.undecided(p)
	}
	l := is(positive(b.languageAtom(f, k.language, patternList{})))
	if k.flipped {
		return not(l)
	}
	return l
}

// undecided returns the formula of a condition that may be true or false for any request.
func (b *builder) undecided(p policy.Predicate) *formula {
	f := b.key(p.Name() + "\x00" + strconv.Itoa(len(b.all)))
	id := "vague\x00" + strconv.Itoa(len(b.all))
	return is(positive(b.intern(id, func() atom {
		return atom{field: f, predicate: &predicate{test: p, form: unsupportedForm}}
	})))
}

// keyLiteral returns the literal of a condition on an independent key.
func (b *builder) keyLiteral(p policy.Predicate) literal {
	f := b.key(p.Name())
	forAll, forAny := p.Quantified()
	if p.Multivalued() || (forAll || forAny) && p.Family() != policy.NullFamily && !strings.HasPrefix(p.Key(), "aws:") {
		b.multi[f] = true
	}
	id := "key\x00" + strconv.Itoa(int(f)) + "\x00" + p.Text()
	if readsVariables(p) {
		id = b.caller.name() + id // which variables have a value depends on the caller
	}
	return positive(b.intern(id, func() atom {
		k := b.predicate(p, &wholeText)
		return atom{field: f, predicate: k}
	}))
}

func readsVariables(p policy.Predicate) bool {
	if p.Family() == policy.StringEqualsFamily || p.Family() == policy.StringEqualsIgnoreCaseFamily || p.Family() == policy.StringLikeFamily || p.Family() == policy.ARNFamily {
		for i := range p.Len() {
			pattern, _, _ := p.Pattern(i)
			if slices.ContainsFunc(pattern, func(piece policy.PatternPiece) bool { return piece.Kind == policy.VariablePiece }) {
				return true
			}
		}
	}
	return false
}

// predicate prepares a condition for the key solver. The values are parts of a shape.
func (b *builder) predicate(p policy.Predicate, s *shape) *predicate {
	k := &predicate{test: p, flipped: p.Negated()}
	switch p.Family() {
	case policy.StringEqualsFamily, policy.StringLikeFamily, policy.StringEqualsIgnoreCaseFamily:
		list := patternList{fold: p.Family() == policy.StringEqualsIgnoreCaseFamily}
		for i := range p.Len() {
			pattern, _, _ := p.Pattern(i)
			list.patterns = append(list.patterns, pattern)
		}
		if i := slices.IndexFunc(list.patterns, matchesAll); i >= 0 {
			list.patterns = list.patterns[i : i+1]
		}
		k.language = b.language(s, list)
	case policy.ARNFamily:
		b.arnPredicate(k, p, s)
	case policy.BoolFamily:
		boolPredicate(k, p, s)
	case policy.BinaryFamily:
		var list patternList
		for i := range p.Len() {
			if v, ok := p.Binary(i); ok && utf8.ValidString(v) {
				list.patterns = append(list.patterns, policy.Pattern{{Kind: policy.TextPiece, Text: v}})
			}
		}
		k.language = b.language(s, list)
	case policy.NullFamily:
		k.form = constantForm
	default:
		k.form = opaqueForm
		if noneValid(p) && (!p.Negated() || p.Deny()) {
			k.form, k.constant = constantForm, p.Negated()
		}
	}
	return k
}

// noneValid reports whether a typed operator has no valid value. Nothing then satisfies the operator. Its
// negation is satisfied by everything in a Deny, and by every parsable value in an Allow.
func noneValid(p policy.Predicate) bool {
	for i := range p.Len() {
		if p.Valid(i) {
			return false
		}
	}
	return true
}

// anyARN is the pattern of all syntactically valid ARNs.
var anyARN = func() policy.Pattern {
	var p policy.Pattern
	for range 5 {
		p = append(p, policy.PatternPiece{Kind: policy.StarInFieldPiece}, policy.PatternPiece{Kind: policy.TextPiece, Text: ":"})
	}
	return append(p, policy.PatternPiece{Kind: policy.StarPiece})
}()

// arnPredicate prepares an ARN operator. A value that is not an ARN satisfies no condition of an Allow,
// negated or not, and every negated condition of a Deny.
func (b *builder) arnPredicate(k *predicate, p policy.Predicate, s *shape) {
	var list patternList
	whole := false // some pattern is not compared field by field
	for i := range p.Len() {
		pattern, fields, valid := p.Pattern(i)
		if !valid {
			continue
		}
		whole = whole || !fields
		list.patterns = append(list.patterns, pattern)
	}
	k.language = b.language(s, list)
	arns := b.language(s, patternList{patterns: []policy.Pattern{anyARN}})
	switch {
	case p.Negated() && !p.Deny():
		k.language, k.flipped = without(arns, k.language), false
	case whole:
		k.language = without(arns, without(arns, k.language)) // the intersection of both
	}
}

// boolPredicate prepares Bool: every value other than "true" is false.
func boolPredicate(k *predicate, p policy.Predicate, s *shape) {
	var some [2]bool
	for i := range p.Len() {
		if v, ok := p.Bool(i); ok && v {
			some[1] = true
		} else if ok {
			some[0] = true
		}
	}
	if some[0] == some[1] {
		k.form, k.constant = constantForm, some[0]
		return
	}
	k.language = newLanguage(s.place(pattern(nil).set('t', 'T').set('r', 'R').set('u', 'U').set('e', 'E'))...)
	k.flipped = some[0]
}

const ownerKey = "aws:resourceaccount"

// A resource whose account matters is encoded in two lines: the resource; then "!" if the request has no
// aws:ResourceAccount, else "=", followed by the account if the ARN has none.
var (
	arnBehind    = pattern(nil).text("arn:").star(inField).text(":").star(inField).text(":").star(inField).text(":")
	resourcePart = &shape{name: "resource", except: exceptNewline, places: []place{{nil, pattern(nil).text("\n").star(0)}}}
	ownerPart    = &shape{name: "owner", except: inField, places: []place{
		{arnBehind, pattern(nil).text(":").star(exceptNewline).text("\n=")},
		{slices.Concat(arnBehind, pattern(nil).text(":").star(exceptNewline).text("\n=")), nil},
		{pattern(nil).text("*\n="), nil},
	}}
)

func (b *builder) ownerCondition(p policy.Predicate) *formula {
	absent := is(b.named(resourceField, "owner absent", func() *language {
		return newLanguage(pattern(nil).star(exceptNewline).text("\n!"))
	}))
	return or(and(absent, truth(p.Holds(nil, nil))), and(not(absent), b.partCondition(p, resourceField, ownerPart)))
}

// ownerless returns the suffix of a resource without aws:ResourceAccount in the field's text.
func (b *builder) ownerless() string {
	if b.ownerKey {
		return "\n!"
	}
	return ""
}

// resourceBase returns the language of resources that requests can name; owned means that their texts include
// the account.
func resourceBase(owned bool) *language {
	if owned {
		return ownedResources()
	}
	return plainResources()
}

var (
	plainResources = sync.OnceValue(func() *language { return newResourceBase(false).complete() })
	ownedResources = sync.OnceValue(func() *language { return newResourceBase(true).complete() })
	// actionBase returns the language of the actions that require a permission.
	actionBase = sync.OnceValue(func() *language {
		exempt := newLanguage(pattern(nil).text("sts:getcalleridentity"), pattern(nil).text("sts:getsessiontoken"))
		return without(newLanguage(slices.Concat(name(inField), pattern(nil).text(":"), name(exceptNewline))), exempt).complete()
	})
)

func newResourceBase(owned bool) *language {
	head := pattern(nil).text("arn:").one(inField).star(inField).text(":").one(inField).star(inField).text(":").star(inField).text(":")
	star := pattern(nil).text("*")
	rest := name(exceptNewline)
	if !owned {
		return newLanguage(star, slices.Concat(head, pattern(nil).star(inField).text(":"), rest))
	}
	absent, given := pattern(nil).text("\n!"), slices.Concat(pattern(nil).text("\n="), name(inField))
	ofOwner := slices.Concat(head, name(inField), pattern(nil).text(":"), rest)
	ownerless := slices.Concat(head, pattern(nil).text(":"), rest)
	return newLanguage(
		slices.Concat(star, absent), slices.Concat(star, given),
		slices.Concat(ownerless, absent), slices.Concat(ownerless, given),
		slices.Concat(ofOwner, absent), ofOwner.text("\n="),
	)
}

// named returns the literal for a text field and a language, which is made only once.
func (b *builder) named(f field, id string, make func() *language) literal {
	id = "named\x00" + strconv.Itoa(int(f)) + "\x00" + b.caller.name() + id
	return positive(b.intern(id, func() atom { return atom{field: f, language: make()} }))
}

// presence returns the literal that a key has exactly one value: the value of the variable.
func (a *atoms) presence(v variable) literal {
	f := a.key(v.key)
	return positive(a.intern("present\x00"+strconv.Itoa(int(f)), func() atom {
		return atom{field: f, predicate: &predicate{present: true}}
	}))
}

// stepsText returns an encoding of a list of patterns; only equal lists have equal encodings.
func stepsText(patterns []pattern) string {
	var b []byte
	for _, p := range patterns {
		b = binary.AppendUvarint(b, uint64(len(p)))
		for _, s := range p {
			b = append(b, byte(s.kind), byte(s.except))
			b = binary.AppendUvarint(b, uint64(s.unit))
			if s.set == nil {
				continue
			}
			b = binary.AppendUvarint(b, uint64(len(*s.set)))
			for _, u := range *s.set {
				b = binary.AppendUvarint(b, uint64(u))
			}
		}
	}
	return string(b)
}
