package policy

// Element is an element of a statement, in the order in which they are judged.
type Element uint8

const (
	NoElement Element = iota
	PrincipalElement
	ActionElement
	ResourceElement
	ConditionElement
)

// String is the name of the element.
func (e Element) String() string {
	return [...]string{"", "Principal", "Action", "Resource", "Condition"}[e]
}

// outcome is what one statement says to one request.
type outcome struct {
	applies   bool
	missed    Element  // the first element that did not match, if it does not apply
	condition int      // if that is the condition: which one
	via       coverage // how the statement names the caller, in layers that name callers
}

// evaluator judges statements for one request. There is one, for the decision
// and for its explanation.
type evaluator struct {
	request *Request
	matcher matcher

	service  uint64 // foldHash of the action's service prefix
	action   uint64 // foldHash of the action
	kms      bool   // the action is of KMS
	boundary bool   // the caller has a permissions boundary

	trace *trace // what is seen, when it is to be explained
}

// judge evaluates one statement. It looks at the elements in the order of
// [Element] and stops at the first that does not match.
func (e *evaluator) judge(r *rule, kind Kind) outcome {
	via, ok := e.principal(r, kind)
	if !ok {
		return outcome{missed: PrincipalElement}
	}
	if !e.actionMatches(r, kind) {
		return outcome{missed: ActionElement}
	}
	if !e.resourceMatches(r, kind) {
		return outcome{missed: ResourceElement}
	}
	for i := range r.conditions {
		if !r.conditions[i].holds(&e.matcher) {
			return outcome{missed: ConditionElement, condition: i}
		}
	}
	return outcome{applies: true, via: via}
}

// namesCallers reports whether statements of the kind have a Principal.
func (k Kind) namesCallers() bool {
	return k == Resource || k == Trust || k == ResourceControl || k == Endpoint
}

func (e *evaluator) principal(r *rule, kind Kind) (via coverage, ok bool) {
	t := &r.principal
	if !kind.namesCallers() {
		// The caller is who the policy is attached to; a Principal is a mistake.
		return 0, t.test == testAbsent || r.deny
	}
	switch t.test {
	case testListed:
		via = cover(t.entries, &e.request.Principal)
		return via, via != 0
	case testUnlisted:
		return byEveryone, e.boundary || !spares(t.entries, &e.request.Principal)
	}
	return byEveryone, r.deny
}

func (e *evaluator) actionMatches(r *rule, kind Kind) bool {
	t := &r.action
	switch t.test {
	case testListed:
		return e.anyAction(t.patterns)
	case testUnlisted:
		return !e.anyAction(t.patterns)
	case testAbsent:
		return r.deny && !e.inert(kind)
	}
	return r.deny
}

func (e *evaluator) anyAction(patterns []glob) bool {
	e.matcher.fold = true
	found := false
	for i := 0; i < len(patterns) && !found; i++ {
		found = e.matcher.match(&patterns[i], e.request.Action)
	}
	e.matcher.fold = false
	return found
}

func (e *evaluator) resourceMatches(r *rule, kind Kind) bool {
	t := &r.resource
	switch t.test {
	case testListed:
		return e.anyResource(t.patterns, kind)
	case testUnlisted:
		return !e.anyResource(t.patterns, kind)
	case testAbsent:
		// A statement of a resource policy speaks of the resource it is attached to.
		if kind == Resource || kind == Trust {
			return !e.inert(kind)
		}
	}
	return r.deny
}

// inert reports whether a statement that lacks its Action or Resource has no
// effect at all, as KMS says of key policies.
func (e *evaluator) inert(kind Kind) bool { return kind == Resource && e.kms }

func (e *evaluator) anyResource(patterns []resourcePattern, kind Kind) bool {
	for i := range patterns {
		p := &patterns[i]
		if e.matcher.match(&p.glob, e.request.Resource) {
			return true
		}
		if p.padded != nil && p.pads(kind) && e.matcher.match(p.padded, e.request.Resource) {
			return true
		}
	}
	return false
}

// pads reports whether a pattern of fewer than six fields is filled up with "*".
// Policies of the caller always are, those of a resource if they hold a
// wildcard, those of the organization never.
func (p *resourcePattern) pads(kind Kind) bool {
	switch kind {
	case ServiceControl, ResourceControl:
		return false
	case Resource, Trust, Endpoint:
		return p.wild
	}
	return true
}

// newEvaluator prepares the evaluation of a request.
func newEvaluator(req *Request, p *Policies) evaluator {
	service := servicePrefix(req.Action)
	return evaluator{
		request:  req,
		matcher:  matcher{context: &req.Context},
		service:  foldHash(service),
		action:   foldHash(req.Action),
		kms:      equalFold(service, "kms"),
		boundary: p.Boundary != nil && req.Principal.belongsToAccount() && req.Principal.Kind != Root,
	}
}

// tally is what a layer, or one level of it, says to a request.
type tally struct {
	attached bool     // the layer exists and binds the caller
	denied   bool     // a statement denies
	allowed  bool     // a statement allows
	via      coverage // how the statements that allow name the caller
}

func (t *tally) count(r *rule, o outcome) {
	switch {
	case !o.applies:
	case r.deny:
		t.denied = true
	default:
		t.allowed = true
		t.via |= o.via
	}
}

// settled reports whether the rule can no longer change the tally.
func (t *tally) settled(r *rule) bool {
	return t.denied || !r.deny && t.allowed && (t.via == 0 || t.via&byEveryone != 0)
}

// tally evaluates one layer, or one level of it.
func (e *evaluator) tally(policies []Attached, kind Kind, level int) tally {
	if e.trace != nil {
		return e.trace.layer(e, policies, kind, level)
	}
	t := tally{attached: true}
	for i := range policies {
		if d := policies[i].Document; d != nil {
			e.tallyBucket(&t, d, &d.index.open, kind)
			if b := d.index.byService[e.service]; b != nil {
				e.tallyBucket(&t, d, b, kind)
			}
			if b := d.index.byAction[e.action]; b != nil {
				e.tallyBucket(&t, d, b, kind)
			}
		}
	}
	return t
}

func (e *evaluator) tallyBucket(t *tally, d *Document, b *bucket, kind Kind) {
	e.tallyRules(t, d, b.rules, kind)
	h, from := hashStart, 0
	for _, n := range b.lengths {
		if n > len(e.request.Resource) {
			return
		}
		for ; from < n; from++ {
			h = hashByte(h, e.request.Resource[from])
		}
		e.tallyRules(t, d, b.heads[h], kind)
	}
}

func (e *evaluator) tallyRules(t *tally, d *Document, rules []int32, kind Kind) {
	for _, i := range rules {
		if r := &d.rules[i]; !t.settled(r) {
			t.count(r, e.judge(r, kind))
		}
	}
}
