package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/awserr"
)

// Step is one step of a [Path]: into a member, a list element or a map entry.
type Step struct {
	Name  string // member, or key of a map entry if Key is set
	Index int    // list element, from 1; 0 for the others
	Key   bool
}

// Path leads from an input to one of its values.
type Path []Step

// String returns the path as filters[0].name, with list elements counted from
// zero and map entries as tags["key"].
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.Index > 0:
			fmt.Fprintf(&b, "[%d]", s.Index-1)
		case s.Key:
			fmt.Fprintf(&b, "[%q]", s.Name)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.Name)
		}
	}
	return b.String()
}

// Dotted returns the path as AWS validation messages do: filters.1.member.name,
// each member beginning in lower case whatever its name on the wire.
func (p Path) Dotted() string {
	var b strings.Builder
	for i, s := range p {
		if i > 0 {
			b.WriteByte('.')
		}
		switch {
		case s.Index > 0:
			b.WriteString(strconv.Itoa(s.Index) + ".member")
		case s.Key:
			b.WriteString(s.Name + ".member")
		default:
			b.WriteString(lowerFirst(s.Name))
		}
	}
	return b.String()
}

// lowerFirst lowers the first letter, which in member names is always ASCII.
func lowerFirst(s string) string {
	if s != "" && 'A' <= s[0] && s[0] <= 'Z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// Constraint is a kind of rule that an API model sets for a value.
type Constraint uint8

// The constraints, with the Detail of their [Violation].
const (
	Required  Constraint = iota + 1 // the member is missing; no detail
	MinLength                       // the least length allowed
	MaxLength                       // the greatest
	MinValue                        // the least number allowed
	MaxValue                        // the greatest
	Pattern                         // the pattern as it is written in the model
	Enum                            // the values allowed, "A, B"
	Elements                        // a list element breaks one of the rules given
	Values                          // a map value ...
	Keys                            // a map key ...
)

// sentences state the constraints; %s stands for the detail. The wording is
// that of AWS's own validation messages, as they are quoted in public issues
// of its SDKs.
var sentences = [...]string{
	Required:  "Member must not be null%s",
	MinLength: "Member must have length greater than or equal to %s",
	MaxLength: "Member must have length less than or equal to %s",
	MinValue:  "Member must have value greater than or equal to %s",
	MaxValue:  "Member must have value less than or equal to %s",
	Pattern:   "Member must satisfy regular expression pattern: %s",
	Enum:      "Member must satisfy enum value set: [%s]",
	Elements:  "Member must satisfy constraint: [%s]",
	Values:    "Map value must satisfy constraint: [%s]",
	Keys:      "Map keys must satisfy constraint: [%s]",
}

// Violation is one value of an input that breaks a constraint of the model.
type Violation struct {
	Path       Path
	Value      string // as text; "" if the member is missing
	Constraint Constraint
	Detail     string
}

// Rule is the sentence for the broken rule: "Member must have length ...".
func (v Violation) Rule() string {
	return fmt.Sprintf(sentences[v.Constraint], v.Detail)
}

// String is the common wording of a violation.
func (v Violation) String() string {
	value := " '" + shorten(v.Value) + "'"
	switch {
	case v.Constraint == Required:
		value = " null"
	case v.Value == hiddenValue:
		value = ""
	}
	return fmt.Sprintf("Value%s at '%s' failed to satisfy constraint: %s", value, v.Path.Dotted(), v.Rule())
}

// maxRepeated limits how many bytes of a value are repeated in an error.
const maxRepeated = 1024

// shorten cuts a long value at a character.
func shorten(value string) string {
	if len(value) <= maxRepeated {
		return value
	}
	return strings.ToValidUTF8(value[:maxRepeated], "") + "..."
}

// hiddenValue replaces a sensitive value, which messages must not contain.
const hiddenValue = "***sensitiveInformation***"

// maxViolations limits the length of the message for an input with many errors.
const maxViolations = 50

// invalid converts violations to the service's error; nil if there are none.
func (s *Service) invalid(vs []Violation) error {
	if len(vs) == 0 {
		return nil
	}
	if s.Invalid != nil {
		return s.Invalid(vs)
	}
	code := "ValidationException"
	if s.Protocol == Query {
		code = "ValidationError"
	}
	words := make([]string, len(vs))
	for i, v := range vs {
		words[i] = v.String()
	}
	noun := "errors"
	if len(vs) == 1 {
		noun = "error"
	}
	return awserr.New(code, 400, "%d validation %s detected: %s", len(vs), noun, strings.Join(words, "; "))
}

// limits are the constraints on one value. A length or a value without a limit has an
// infinite one.
type limits struct {
	min, max float64
	pattern  *pattern // nil for none
	enum     []string
}

// broken calls report for each rule that v breaks.
func (l *limits) broken(s *shape, v reflect.Value, report func(Constraint, string)) {
	least, most := MinLength, MaxLength
	var size float64
	switch s.kind {
	case kString:
		text := v.String()
		l.brokenText(text, report)
		return
	case kBlob, kList, kMap:
		size = float64(v.Len())
	case kInt:
		least, most, size = MinValue, MaxValue, float64(v.Int())
	case kFloat:
		least, most, size = MinValue, MaxValue, v.Float()
	default:
		return
	}
	// Comparisons with NaN are false: test for values within the limits.
	if !(size >= l.min) {
		report(least, formatFloat(l.min))
	}
	if !(size <= l.max) {
		report(most, formatFloat(l.max))
	}
}

// brokenText is broken for strings and for the keys of maps.
func (l *limits) brokenText(text string, report func(Constraint, string)) {
	// A string has at most as many characters as bytes: count only if necessary.
	if n := float64(len(text)); n < l.min || n > l.max || l.min > 1 {
		n = float64(utf8.RuneCountInString(text))
		if n < l.min {
			report(MinLength, formatFloat(l.min))
		}
		if n > l.max {
			report(MaxLength, formatFloat(l.max))
		}
	}
	if l.pattern != nil && !l.pattern.match(text) {
		report(Pattern, l.pattern.text)
	}
	if l.enum != nil && !slices.Contains(l.enum, text) {
		report(Enum, strings.Join(l.enum, ", "))
	}
}

// rules lists all rules of l, for the message about a list of values.
func (l *limits) rules(s *shape) string {
	var words []string
	add := func(c Constraint, detail string) { words = append(words, fmt.Sprintf(sentences[c], detail)) }
	least, most := MinLength, MaxLength
	if s.kind == kInt || s.kind == kFloat {
		least, most = MinValue, MaxValue
	}
	if l.max <= maxFinite {
		add(most, formatFloat(l.max))
	}
	if l.min >= -maxFinite {
		add(least, formatFloat(l.min))
	}
	if l.pattern != nil {
		add(Pattern, l.pattern.text)
	}
	if l.enum != nil {
		add(Enum, strings.Join(l.enum, ", "))
	}
	return strings.Join(words, ", ")
}

// check records the violations of a member's value, its elements and its keys. The
// members of nested structures were checked when they were read.
func (in *reader) check(f *field, v reflect.Value) {
	s := &f.shape
	if s.limits == nil && s.keyLimits == nil && (s.elem == nil || s.elem.limits == nil) {
		return
	}
	if s.pointer {
		v = v.Elem()
	}
	report := func(c Constraint, detail string) {
		if len(in.violations) == maxViolations {
			return
		}
		value := hiddenValue
		if !f.sensitive {
			value = formatValue(s, v)
		}
		in.violations = append(in.violations, Violation{slices.Clone(in.path), value, c, detail})
	}
	if s.limits != nil {
		s.limits.broken(s, v, report)
	}
	if s.keyLimits != nil {
		for iter := v.MapRange(); iter.Next(); {
			if fails(func(r func(Constraint, string)) { s.keyLimits.brokenText(iter.Key().String(), r) }) {
				report(Keys, s.keyLimits.rules(&stringShape))
				break
			}
		}
	}
	if s.elem == nil || s.elem.limits == nil {
		return
	}
	whole := Elements
	if s.kind == kMap {
		whole = Values
	}
	for elem := range elements(v) {
		if fails(func(r func(Constraint, string)) { s.elem.limits.broken(s.elem, elem, r) }) {
			report(whole, s.elem.limits.rules(s.elem))
			break
		}
	}
}

// stringShape is the shape of the keys of a map.
var stringShape = shape{kind: kString}

// fails reports whether check reports anything.
func fails(check func(report func(Constraint, string))) bool {
	failed := false
	check(func(Constraint, string) { failed = true })
	return failed
}

// missing records the required members of p that were not read.
func (in *reader) missing(p *structPlan, read *fieldSet) {
	for _, i := range p.required {
		if read.has(i) || len(in.violations) == maxViolations {
			continue
		}
		path := append(slices.Clone(in.path), Step{Name: p.fields[i].name})
		in.violations = append(in.violations, Violation{Path: path, Constraint: Required})
	}
}
