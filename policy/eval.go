package policy

// Element is an element of a statement, in the order of evaluation.
type Element uint8

const (
	NoElement Element = iota
	PrincipalElement
	ActionElement
	ResourceElement
	ConditionElement
)

// String returns the element's name.
func (e Element) String() string {
	return [...]string{"", "Principal", "Action", "Resource", "Condition"}[e]
}

// outcome is the result of evaluating one statement for one request.
type outcome struct {
	applies   bool
	missed    Element  // the first element that did not match, if the statement does not apply
	condition int      // the index of the condition, if missed is ConditionElement
	coverage  coverage // how the Principal element names the caller, in policies that have one
}

// evaluator evaluates statements for one request. [Decide] and [Explain] share it.
type evaluator struct {
	request *Request
	matcher matcher

	service  uint64 // foldHash of the action's service prefix
	action   uint64 // foldHash of the action
	kms      bool   // the action belongs to KMS
	boundary bool   // the caller has a permissions boundary

	trace *trace // records the evaluation for an explanation; nil for a decision
}

// evaluateStatement evaluates one statement. It evaluates the elements in the order of [Element]
// and stops at the first that does not match.
func (e *evaluator) evaluateStatement(r *rule, kind Kind) outcome {
	coverage, ok := e.principal(r, kind)
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
	return outcome{applies: true, coverage: coverage}
}

// namesCallers reports whether statements of the kind have a Principal element.
func (k Kind) namesCallers() bool {
	return k == Resource || k == Trust || k == ResourceControl || k == Endpoint
}

func (e *evaluator) principal(r *rule, kind Kind) (c coverage, ok bool) {
	t := &r.principal
	if !kind.namesCallers() {
		// The policy applies to the principal it is attached to; a Principal element is
		// an error.
		return 0, t.test == testAbsent || r.deny
	}
	switch t.test {
	case testListed:
		c = cover(t.entries, &e.request.Principal)
		return c, c != 0
	case testUnlisted:
		return byEveryone, e.boundary || !exempts(t.entries, &e.request.Principal)
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
		// Without Resource, a statement of a resource policy applies to the resource that
		// the policy is attached to.
		if kind == Resource || kind == Trust {
			return !e.inert(kind)
		}
	}
	return r.deny
}

// inert reports whether a statement without Action or Resource has no effect, as
// KMS documents for key policies.
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

// pads reports whether "*" is added to the pattern for the fields it lacks: always in
// policies of the caller, in policies of a resource if the pattern has a wildcard,
// and never in policies of the organization.
func (p *resourcePattern) pads(kind Kind) bool {
	switch kind {
	case ServiceControl, ResourceControl:
		return false
	case Resource, Trust, Endpoint:
		return p.hasWildcard
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

// layerResult is the result of evaluating one layer, or one level of it.
type layerResult struct {
	attached bool     // the layer exists and applies to the request
	denied   bool     // a statement denies
	allowed  bool     // a statement allows
	coverage coverage // how the statements that allow name the caller
}

// add adds the outcome of one statement.
func (l *layerResult) add(r *rule, o outcome) {
	switch {
	case !o.applies:
	case r.deny:
		l.denied = true
	default:
		l.allowed = true
		l.coverage |= o.coverage
	}
}

// unaffectedBy reports whether the rule cannot change the result any more.
func (l *layerResult) unaffectedBy(r *rule) bool {
	return l.denied || !r.deny && l.allowed && (l.coverage == 0 || l.coverage&byEveryone != 0)
}

// evaluate evaluates one layer, or one level of it.
func (e *evaluator) evaluate(policies []Attached, kind Kind, level int) layerResult {
	if e.trace != nil {
		return e.trace.layer(e, policies, kind, level)
	}
	result := layerResult{attached: true}
	for i := range policies {
		if d := policies[i].Document; d != nil {
			e.addBucket(&result, d, &d.index.anyService, kind)
			if b := d.index.byService[e.service]; b != nil {
				e.addBucket(&result, d, b, kind)
			}
			if b := d.index.byAction[e.action]; b != nil {
				e.addBucket(&result, d, b, kind)
			}
		}
	}
	return result
}

// addBucket evaluates the rules of a bucket that can match the resource.
func (e *evaluator) addBucket(result *layerResult, d *Document, b *bucket, kind Kind) {
	e.addRules(result, d, b.rules, kind)
	h, from := hashStart, 0
	for _, n := range b.lengths {
		if n > len(e.request.Resource) {
			return
		}
		for ; from < n; from++ {
			h = hashByte(h, e.request.Resource[from])
		}
		e.addRules(result, d, b.byPrefix[h], kind)
	}
}

func (e *evaluator) addRules(result *layerResult, d *Document, rules []int32, kind Kind) {
	for _, i := range rules {
		if r := &d.rules[i]; !result.unaffectedBy(r) {
			result.add(r, e.evaluateStatement(r, kind))
		}
	}
}
