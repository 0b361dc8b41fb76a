package wire

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// A pattern of an API model must match the whole value. Smithy leaves patterns
// unanchored, but the models of the services served here mean whole values:
// most are anchored by hand, the others are plain character classes such as
// [\w+=,.@-]+ that would constrain nothing as a search.
//
// Patterns are written for ECMAScript and Java. Go's RE2 lacks look-ahead and
// caps repeats at 1000, so the few patterns that need either have a twin here,
// keyed by the pattern's exact text. A pattern that neither compiles nor has a
// twin refuses every value; a test compiles all there are (see Compile).

// pattern is a model's pattern, compiled when the first value is matched: there
// are hundreds, and a start uses none of them.
type pattern struct {
	text  string
	match func(string) bool // compiles itself
}

// patterns holds each pattern once, however many members have it.
var patterns sync.Map // string to *pattern

func newPattern(text string) *pattern {
	if p, ok := patterns.Load(text); ok {
		return p.(*pattern)
	}
	p := &pattern{text: text}
	compile := sync.OnceValue(func() func(string) bool {
		match, err := compilePattern(text)
		if err != nil {
			return func(string) bool { return false }
		}
		return match
	})
	p.match = func(value string) bool { return compile()(value) }
	known, _ := patterns.LoadOrStore(text, p)
	return known.(*pattern)
}

// compilePattern returns the test that a model's pattern stands for.
func compilePattern(text string) (func(string) bool, error) {
	if twin, ok := twins[text]; ok {
		return twin(), nil
	}
	re, err := regexp.Compile(`\A(?:` + unicodeEscape.ReplaceAllString(text, `\x{$1}`) + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("pattern %q needs a twin: %w", text, err)
	}
	return re.MatchString, nil
}

// Compile compiles every pattern of the operation's input, and says which one
// cannot be. Servers need not call it: it is for the test that shows that all
// patterns of all services are understood.
func (op *Operation) Compile() error {
	p, err := planOf(op.In)
	if err != nil {
		return err
	}
	return p.compilePatterns(map[*structPlan]bool{})
}

func (p *structPlan) compilePatterns(seen map[*structPlan]bool) error {
	if seen[p] {
		return nil
	}
	seen[p] = true
	for _, f := range p.fields {
		for s := &f.shape; s != nil; s = s.elem {
			for _, l := range []*limits{s.limits, s.keyLimits} {
				if l == nil || l.pattern == nil {
					continue
				}
				if _, err := compilePattern(l.pattern.text); err != nil {
					return fmt.Errorf("%s: %w", f.name, err)
				}
			}
			if s.plan != nil {
				if err := s.plan.compilePatterns(seen); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// unicodeEscape is how ECMAScript and Java write a code point.
var unicodeEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// twins are the patterns that RE2 cannot express.
var twins = map[string]func() func(string) bool{
	// Systems Manager: titles, categories, sources, policies. The dot of the
	// original excludes line breaks, yet a policy may be an indented document;
	// what the pattern is there for is to refuse blank values.
	`^(?!\s*$).+`: func() func(string) bool {
		return func(s string) bool { return strings.TrimSpace(s) != "" }
	},

	// Image Builder and Rekognition: keys of tags. The prefix is reserved.
	`^(?!aws:)[a-zA-Z+-=._:/]+$`:            unreserved(`[a-zA-Z+-=._:/]+`),
	`^(?!aws:)[a-zA-Z0-9\s_.:/=+\-@]*$`:     unreserved(`[a-zA-Z0-9\s_.:/=+\-@]*`),
	`^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`: unreserved(`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`),

	// Image Builder: names and values of list filters.
	`^[a-zA-Z]{1,1024}$`:              between(1, 1024, `[a-zA-Z]`),
	`^[0-9a-zA-Z./_ :-]{1,1024}$`:     between(1, 1024, `[0-9a-zA-Z./_ :-]`),
	`^[0-9a-zA-Z./_ :,{}"-]{1,1024}$`: between(1, 1024, `[0-9a-zA-Z./_ :,{}"-]`),
	`^[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,2048}$`: func() func(string) bool { // Rekognition: KMS keys
		first, rest := between(1, 1, `[A-Za-z0-9]`)(), between(0, 2048, `[A-Za-z0-9:_/+=,@.-]`)()
		return func(s string) bool { return s != "" && first(s[:1]) && rest(s[1:]) }
	},

	// IAM: an account alias has no two hyphens in a row.
	`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`: func() func(string) bool {
		letters := regexp.MustCompile(`\A[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\z`)
		return func(s string) bool { return letters.MatchString(s) && !strings.Contains(s, "--") }
	},
}

// unreserved matches what does not begin with "aws:" and matches expr.
func unreserved(expr string) func() func(string) bool {
	return func() func(string) bool {
		re := regexp.MustCompile(`\A` + expr + `\z`)
		return func(s string) bool { return !strings.HasPrefix(s, "aws:") && re.MatchString(s) }
	}
}

// between matches min to max ASCII characters of a class.
func between(min, max int, class string) func() func(string) bool {
	return func() func(string) bool {
		re := regexp.MustCompile(`\A` + class + `*\z`)
		return func(s string) bool { return min <= len(s) && len(s) <= max && re.MatchString(s) }
	}
}
