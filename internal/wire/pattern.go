package wire

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// A pattern of an API model must match the whole value. Smithy does not anchor patterns,
// but the models of the services here intend whole values: most patterns are anchored
// explicitly, the others are plain character classes such as [\w+=,.@-]+ that would not
// constrain anything as a search.
//
// Patterns are written for ECMAScript and Java. Go's RE2 has no look-ahead and limits
// repeats to 1000, so the few patterns that need either have a replacement here, by the
// exact text of the pattern. A pattern that neither compiles nor has a replacement
// rejects every value; a test compiles all patterns (see Compile).

// pattern is a model's pattern, compiled at its first use: there are hundreds, and a
// start of the server uses none of them.
type pattern struct {
	text  string
	match func(string) bool // compiles the pattern at the first call
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

// compilePattern returns the matching function of a model's pattern.
func compilePattern(text string) (func(string) bool, error) {
	if twin, ok := handWritten[text]; ok {
		return twin(), nil
	}
	re, err := regexp.Compile(`\A(?:` + unicodeEscape.ReplaceAllString(text, `\x{$1}`) + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("pattern %q needs a twin: %w", text, err)
	}
	return re.MatchString, nil
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

// unicodeEscape matches a code point in the notation of ECMAScript and Java.
var unicodeEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// handWritten are hand-written matchers of patterns that RE2 cannot express.
var handWritten = map[string]func() func(string) bool{
	// Systems Manager: titles, categories, sources, policies. The dot in the original
	// excludes line breaks, although a policy may be an indented document; the purpose of
	// the pattern is to reject blank values.
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

// unreserved matches texts that do not begin with "aws:" and match expr.
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
