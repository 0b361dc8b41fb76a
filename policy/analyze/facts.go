package analyze

import (
	"iter"
	"slices"
	"strings"
)

// Facts describes the requests that services support, which the policy language does not define. If an
// existing action makes a difference, the witness names one, with a resource and condition keys that the
// action supports. No verdict depends on facts: patterns also cover future actions.
type Facts interface {
	// Source names the origin of the facts and their date.
	Source() string
	// Actions returns the actions that match a pattern of an Action element.
	Actions(pattern string) iter.Seq[Action]
}

// Action is an existing action.
type Action interface {
	FullName() string // "s3:GetObject"
	// Forms returns the ARN formats of the action's resources, with ${...} for the variable parts. An action
	// without any applies to "*".
	Forms() iter.Seq[string]
	// HasKey reports whether requests for the action can contain a condition key.
	HasKey(key string) bool
}

// realRequest is an existing action and a resource.
type realRequest struct {
	Action
	name, resource string
	rank           int // how closely it resembles a real request
}

// Ranks of realRequest.
const (
	rankAction   = 1
	rankKeys     = 2
	rankResource = 4
	rankBest     = rankAction | rankKeys | rankResource
)

// maxActions is the largest number of actions to check for one that supports the resource, maxSearched the
// largest number of actions for which a resource is searched.
const (
	maxActions  = 30
	maxSearched = 4
)

// findReal returns an existing action and a resource for it.
func (q *inquiry) findReal(action, resource *fieldState, keys []string) (best realRequest) {
	var looked []realRequest
	ofForm := make(map[string]string) // the resource found for each format
	for a := range q.existingActions(action, resource.text) {
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
		if looked = append(looked, r); best.rank == rankBest || len(looked) == maxActions {
			break
		}
	}
	for i := 0; i < len(looked) && i < maxSearched && best.rank < rankResource; i++ {
		r := looked[i]
		if r.resource = q.resourceOfForms(resource, r.Action); r.resource != "" {
			r.rank |= rankResource
			best = r
		}
	}
	return best
}

// commonActions lists common actions, which are tried first.
var commonActions = []string{
	"s3:GetObject", "s3:ListBucket", "ec2:RunInstances", "iam:PassRole", "lambda:InvokeFunction", "dynamodb:GetItem", "sqs:SendMessage",
	"ssm:GetParameter", "ec2:DescribeInstances",
}

// existingActions returns existing actions that may satisfy a state: common actions first, then those that match a
// pattern of the state, or else those of the resource's service.
func (q *inquiry) existingActions(action *fieldState, resource string) iter.Seq[Action] {
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
		for _, name := range commonActions {
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

// globs returns the patterns of a language in policy syntax.
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

// resourceLike returns the shortest resource in one of the formats that satisfies a state: an example of the
// format, or the state's text with its missing parts added. It returns an empty string if there is none.
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

// instanceOf returns an ARN in a format that satisfies a state, or an empty string.
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

// fillFields returns an ARN whose empty region and account are replaced by those of a sample.
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

// exampleOf returns an example ARN in a format.
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

// isInstance reports whether an ARN has a format.
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

// resourceOfForms searches for a resource in one of the formats, first for one with the region and account of
// the examples.
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

// formPattern returns an ARN format as a pattern. Parts of an example may replace its variable parts; names
// then contain no separators.
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
