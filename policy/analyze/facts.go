package analyze

import (
	"iter"
	"slices"
	"strings"
)

// Facts tells which requests services know, of which the policy language says
// nothing. Where an action that exists makes a difference, the witness names one, on
// a resource that it can act on and with condition keys that it has. No verdict
// depends on facts: patterns also cover actions to come.
type Facts interface {
	// Source names where the facts are from, and of which day.
	Source() string
	// Actions are those that a pattern of an Action element matches.
	Actions(pattern string) iter.Seq[Action]
}

// Action is an action that exists.
type Action interface {
	FullName() string // "s3:GetObject"
	// Forms are the forms of the ARNs that the action can act on, with ${...} in
	// the place of what varies. An action without any acts on "*".
	Forms() iter.Seq[string]
	// HasKey reports whether requests of the action can have a condition key.
	HasKey(key string) bool
}

// realRequest is an action that exists and a resource.
type realRequest struct {
	Action
	name, resource string
	rank           int // how much of it is as services have it
}

// Ranks of a real request.
const (
	rankAction   = 1
	rankKeys     = 2
	rankResource = 4
	rankBest     = rankAction | rankKeys | rankResource
)

// mostReal bounds how many actions are looked at for one that fits the resource, and
// mostSearched those for which such a resource is searched for.
const (
	mostReal     = 30
	mostSearched = 4
)

// real finds an action that exists, and a resource for it.
func (q *inquiry) real(action, resource *fieldState, keys []string) (best realRequest) {
	var looked []realRequest
	ofForm := make(map[string]string) // what was found for a form
	for a := range q.existing(action, resource.text) {
		r := realRequest{Action: a, name: a.FullName(), rank: rankAction}
		if !q.fits(action, foldKey(r.name)) {
			continue
		}
		if !slices.ContainsFunc(keys, func(k string) bool { return !a.HasKey(k) }) {
			r.rank |= rankKeys
		}
		if r.resource = q.resourceLike(resource, a, ofForm); r.resource != "" {
			r.rank |= rankResource
		}
		if r.rank > best.rank {
			best = r
		}
		if looked = append(looked, r); best.rank == rankBest || len(looked) == mostReal {
			break
		}
	}
	for i := 0; i < len(looked) && i < mostSearched && best.rank < rankResource; i++ {
		r := looked[i]
		if r.resource = q.resourceOfForms(resource, r.Action); r.resource != "" {
			r.rank |= rankResource
			best = r
		}
	}
	return best
}

// familiar are actions to try before others.
var familiar = []string{
	"s3:GetObject", "s3:ListBucket", "ec2:RunInstances", "iam:PassRole", "lambda:InvokeFunction", "dynamodb:GetItem", "sqs:SendMessage",
	"ssm:GetParameter", "ec2:DescribeInstances",
}

// existing are actions that exist and may satisfy a state: familiar ones, and those
// that a pattern it must match matches, else those of the service of the resource.
func (q *inquiry) existing(action *fieldState, resource string) iter.Seq[Action] {
	var patterns []string
	for _, l := range action.literals {
		if l.positive() {
			patterns = q.all[l.atom()].language.globs()
			break
		}
	}
	if patterns == nil {
		if fields := strings.SplitN(resource, ":", 4); len(fields) == 4 && !strings.ContainsAny(fields[2], "*?") {
			patterns = []string{fields[2] + ":*"}
		}
	}
	return func(yield func(Action) bool) {
		for _, name := range familiar {
			if !q.fits(action, foldKey(name)) {
				continue
			}
			for a := range q.facts.Actions(name) {
				if !yield(a) {
					return
				}
			}
		}
		for _, p := range patterns {
			for a := range q.facts.Actions(p) {
				if !yield(a) {
					return
				}
			}
		}
	}
}

// exists reports whether an action exists.
func (q *inquiry) exists(action string) bool {
	for range q.facts.Actions(action) {
		return true
	}
	return false
}

// globs are the patterns of a language, as policies write them.
func (l *language) globs() []string {
	if texts := l.finite(); texts != nil {
		return texts
	}
	l.prepare()
	var globs []string
	var b strings.Builder
	for i := range l.steps {
		switch s := &l.steps[i]; s.kind {
		case unitStep:
			b.WriteRune(rune(s.unit))
		case starStep:
			b.WriteByte('*')
		case endStep:
			globs = append(globs, b.String())
			b.Reset()
		default:
			b.WriteByte('?')
		}
	}
	return globs
}

// resourceLike is the shortest resource of one of the forms that satisfies a state: an
// example of the form, or the text of the state with what it lacks; empty if none of
// them does.
func (q *inquiry) resourceLike(st *fieldState, a Action, ofForm map[string]string) string {
	best, none := "", true
	for form := range a.Forms() {
		none = false
		found, known := ofForm[form]
		if !known {
			found = q.instanceOf(form, st)
			ofForm[form] = found
		}
		if best == "" || found != "" && len(found) < len(best) {
			best = found
		}
	}
	if all := "*" + q.ownerless(); none && q.fits(st, all) {
		return all
	}
	return best
}

// instanceOf is an instance of a form that satisfies a state; empty if none is found.
func (q *inquiry) instanceOf(form string, st *fieldState) string {
	text, owner, _ := strings.Cut(st.text, "\n")
	if owner != "" {
		owner = "\n" + owner
	}
	sample := exampleOf(form)
	filled := fillFields(text, sample)
	for _, t := range [...]string{sample, text, filled, filled + "a"} {
		if isInstance(form, t) && q.fits(st, t+owner) {
			return t + owner
		}
	}
	return ""
}

// fillFields is an ARN with the region and the account of a sample, if it has none.
func fillFields(arn, sample string) string {
	fields, from := strings.SplitN(arn, ":", 6), strings.SplitN(sample, ":", 6)
	if len(fields) < 6 || len(from) < 6 {
		return arn
	}
	for i := 3; i <= 4; i++ {
		if fields[i] == "" {
			fields[i] = from[i]
		}
	}
	return strings.Join(fields, ":")
}

// exampleOf is an ARN of a form.
func exampleOf(form string) string {
	var b strings.Builder
	for {
		text, rest, more := strings.Cut(form, "${")
		b.WriteString(text)
		if !more {
			return b.String()
		}
		var variable string
		variable, form, _ = strings.Cut(rest, "}")
		switch variable {
		case "Partition":
			b.WriteString("aws")
		case "Region":
			b.WriteString("us-east-1")
		case "Account":
			b.WriteString(ownAccount)
		default:
			b.WriteString("a")
		}
	}
}

// isInstance reports whether an ARN is of a form.
func isInstance(form, arn string) bool {
	for {
		text, rest, more := strings.Cut(form, "${")
		if !strings.HasPrefix(arn, text) {
			return false
		}
		if arn = arn[len(text):]; !more {
			return arn == ""
		}
		_, form, _ = strings.Cut(rest, "}")
		next, _, _ := strings.Cut(form, "${")
		at := len(arn)
		if next != "" && len(arn) > 0 {
			if at = strings.Index(arn[1:], next) + 1; at == 0 {
				return false
			}
		}
		if at == 0 {
			return false
		}
		arn = arn[at:]
	}
}

// resourceOfForms searches for a resource of one of the forms, first for one with the
// region and account of examples.
func (q *inquiry) resourceOfForms(st *fieldState, a Action) string {
	for _, example := range []string{"region and account", "account", ""} {
		for form := range a.Forms() {
			of := q.named(resourceField, "example of "+example+" "+form, func() *language {
				return newLanguage(append(formPattern(form, example), q.resourceTail()...))
			})
			if next := q.assert(st, of); next != nil && next.exact {
				return next.text
			}
		}
	}
	return ""
}

// formPattern is a form of ARNs as a pattern. Parts of it may be those of an example;
// names then have no separators.
func formPattern(form, example string) pattern {
	var p pattern
	for {
		text, rest, more := strings.Cut(form, "${")
		p = p.text(text)
		if !more {
			return p
		}
		var variable string
		variable, form, _ = strings.Cut(rest, "}")
		switch {
		case variable == "Partition":
			p = p.text("aws")
		case variable == "Region" && example == "region and account":
			p = p.text("us-east-1")
		case variable == "Region":
			p = append(p, name(inField)...)
		case variable == "Account" && example != "":
			p = p.text(ownAccount)
		case variable == "Account":
			p = p.digits(12)
		case example != "":
			p = append(p, name(inField|exceptSlash)...)
		default:
			p = append(p, name(exceptNewline)...)
		}
	}
}
