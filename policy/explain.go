package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// Explanation is a decision with its reasons.
type Explanation struct {
	Decision Decision
	// Sentence states the decision in the form of AWS's error messages.
	Sentence string
	// Layers lists the layers that apply to the request, in the order in which denials are reported. They
	// contain every statement, including those without effect.
	Layers []LayerReport
	// Nearest is the Allow statement closest to matching a request that was
	// denied implicitly; nil if there is none.
	Nearest *NearMiss
	// Change is the smallest change that turns a denial into an allow. It edits
	// only policies that are editable by their name: see [EditableByName].
	Change Change
}

// LayerReport is the result of one layer, or of one level of the organization.
type LayerReport struct {
	Layer      Layer
	Level      int // of service and resource control policies, counted from the root
	Verdict    Verdict
	Statements []StatementReport
}

// StatementReport is the result of one statement.
type StatementReport struct {
	Policy   string // the name of its policy
	Index    int
	Sid      string
	Effect   string
	Location Location
	Applies  bool
	Missed   Element // the first element that does not match
	Reason   string  // the compared value and pattern

	Conditions []string // "StringEquals aws:SourceVpc vpc-1", one for each condition of the statement
}

// Explain decides a request by the same evaluation as [Decide], and returns the
// reasons too.
//
// Messages: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func Explain(req *Request, p *Policies) Explanation {
	e := newEvaluator(req, p)
	e.trace = new(trace)
	b := bind(req, p)
	var l layerResults
	e.evaluateLayers(&l, &b, p)
	x := Explanation{Decision: combine(&b, &l), Layers: e.trace.layers}
	x.Sentence = x.Decision.Sentence(req) + denyingPolicy(&x)
	if !x.Decision.Allowed() {
		x.Nearest = nearestMiss(req, p, &b, x.Decision)
		x.Change = SmallestChange(req, p, EditableByName)
	}
	return x
}

// trace records the evaluation of every layer.
type trace struct {
	layers []LayerReport
}

// layer evaluates all statements of a layer and records their outcomes.
func (t *trace) layer(e *evaluator, policies []Attached, kind Kind, level int) layerResult {
	result := layerResult{attached: true}
	report := LayerReport{Layer: kind.layer(), Level: level}
	for _, a := range policies {
		if a.Document == nil {
			continue
		}
		for i := range a.Document.rules {
			r, s := &a.Document.rules[i], &a.Document.Statements()[i]
			o := e.evaluateStatement(r, kind)
			result.add(r, o)
			report.Statements = append(report.Statements, StatementReport{
				Policy: a.Name, Index: i, Sid: s.Sid.Text, Effect: s.Effect.Text,
				Location: Location{s.Span, s.Path()},
				Applies:  o.applies, Missed: o.missed, Reason: e.reason(s, r, o), Conditions: s.Condition.texts(),
			})
		}
	}
	switch {
	case result.denied:
		report.Verdict = ExplicitDeny
	case result.allowed:
		report.Verdict = Allow
	}
	t.layers = append(t.layers, report)
	return result
}

// texts returns each condition with its operator, key and values.
func (c Condition) texts() []string {
	var list []string
	for _, op := range c.Operators {
		for _, k := range op.Keys {
			list = append(list, op.Name+" "+k.Name+" "+quoted(k.Values.Values))
		}
	}
	return list
}

// layer returns the layer to which policies of the kind belong.
func (k Kind) layer() Layer {
	return [...]Layer{
		Identity: LayerIdentity, Resource: LayerResource, Trust: LayerResource,
		Boundary: LayerBoundary, Session: LayerSession, ServiceControl: LayerServiceControl,
		ResourceControl: LayerResourceControl, Endpoint: LayerEndpoint,
	}[k]
}

// reason describes an outcome.
func (e *evaluator) reason(s *Statement, r *rule, o outcome) string {
	switch o.missed {
	case PrincipalElement:
		return principalReason(s, r, e.request.Principal.name())
	case ActionElement:
		return listReason("Action", s.Action, s.NotAction, e.request.Action)
	case ResourceElement:
		return listReason("Resource", s.Resource, s.NotResource, e.request.Resource)
	case ConditionElement:
		return e.conditionReason(s, o.condition)
	}
	if r.deny {
		return "denies"
	}
	return "allows"
}

// name identifies the caller in a sentence.
func (p *Principal) name() string {
	if p.Kind == Anonymous {
		return "anonymous"
	}
	return p.ARN
}

func principalReason(s *Statement, r *rule, caller string) string {
	switch {
	case r.principal.test == testAbsent:
		return "this kind of policy needs a Principal"
	case r.principal.test == testListed && s.Principal.Any.Present():
		return "Principal is not allowed in this kind of policy"
	case r.principal.test == testListed:
		return fmt.Sprintf("Principal %s does not cover %s", principalText(s.Principal), caller)
	case r.deny:
		return fmt.Sprintf("NotPrincipal %s exempts %s", principalText(s.NotPrincipal), caller)
	}
	return "NotPrincipal grants nothing"
}

func principalText(p Principals) string {
	if p.Any.Present() {
		return quoted([]Value{p.Any})
	}
	var all []Value
	for _, e := range p.Entries {
		all = append(all, e.Values.Values...)
	}
	return quoted(all)
}

func listReason(element string, listed, unlisted List, value string) string {
	switch {
	case listed.Present() && unlisted.Present():
		return fmt.Sprintf("%s and Not%s are mutually exclusive", element, element)
	case listed.Present():
		return fmt.Sprintf("%s %s does not match %s", element, quoted(listed.Values), value)
	case unlisted.Present():
		return fmt.Sprintf("Not%s %s matches %s", element, quoted(unlisted.Values), value)
	}
	return "the statement has no " + element
}

func (e *evaluator) conditionReason(s *Statement, n int) string {
	for _, op := range s.Condition.Operators {
		if n >= len(op.Keys) {
			n -= len(op.Keys)
			continue
		}
		k := op.Keys[n]
		detail := "the request has no such key"
		if values := e.request.Context.Get(k.Name); len(values) > 0 {
			detail = "the request has " + quoted(values)
		}
		switch parsed, _, ok := parseOperator(op.Name); {
		case !ok:
			detail = "the operator does not exist"
		case parsed.quantifier == single && parsed.family != null && isMultivalued(k.Name) && e.request.Context.Has(k.Name):
			detail += ", but the key is multivalued and needs ForAnyValue or ForAllValues"
		}
		return fmt.Sprintf("%s %s %s is not satisfied: %s", op.Name, k.Name, quoted(k.Values.Values), detail)
	}
	return ""
}

// quoted lists the first texts in quotes.
func quoted[T string | Value](texts []T) string {
	const limit = 4
	var b strings.Builder
	for i, t := range texts {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == limit {
			fmt.Fprintf(&b, "and %d more", len(texts)-limit)
			break
		}
		switch t := any(t).(type) {
		case string:
			b.WriteString(strconv.Quote(t))
		case Value:
			b.WriteString(strconv.Quote(t.Text))
		}
	}
	if len(texts) == 0 {
		return "nothing"
	}
	return b.String()
}

// String formats the explanation for readers, one line per statement.
func (x Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\n%s\n", x.Decision, x.Sentence)
	for _, l := range x.Layers {
		fmt.Fprintf(&b, "%s: %v\n", l.name(), l.Verdict)
		for _, s := range l.Statements {
			b.WriteString("  " + s.String() + "\n")
		}
	}
	if x.Nearest != nil {
		fmt.Fprintf(&b, "nearest: %s\n", x.Nearest)
	}
	for _, e := range x.Change.Edits {
		fmt.Fprintf(&b, "change: %s\n", e)
	}
	for _, o := range x.Change.Obstacles {
		fmt.Fprintf(&b, "no change: %s\n", o)
	}
	return b.String()
}

func (l LayerReport) name() string {
	if l.Layer == LayerServiceControl || l.Layer == LayerResourceControl {
		return fmt.Sprintf("%v level %d", l.Layer, l.Level)
	}
	return l.Layer.String()
}

// String returns a text such as "policy statement 0 (Sid): Action "s3:Get*" does not match s3:PutObject".
func (s StatementReport) String() string {
	var b strings.Builder
	if s.Policy != "" {
		b.WriteString(s.Policy + " ")
	}
	fmt.Fprintf(&b, "statement %d", s.Index)
	if s.Sid != "" {
		fmt.Fprintf(&b, " (%s)", s.Sid)
	}
	b.WriteString(": " + s.Reason)
	return b.String()
}
