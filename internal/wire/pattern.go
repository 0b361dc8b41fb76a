package wire

import (
	"fmt"
	"regexp"
	"strings"
)

// A pattern of an API model must match the whole value. Smithy leaves patterns
// unanchored, but the models of the services served here mean whole values:
// most are anchored by hand, the others are plain character classes such as
// [\w+=,.@-]+ that would constrain nothing as a search.
//
// Patterns are written for ECMAScript and Java. Go's RE2 lacks look-ahead and
// caps repeats at 1000, so the few patterns that need either have a twin here,
// keyed by the pattern's exact text. A pattern that neither compiles nor has a
// twin fails NewRouter, and so every test that builds a server.

// compilePattern returns the test that a model's pattern stands for.
func compilePattern(text string) (func(string) bool, error) {
	if twin, ok := twins[text]; ok {
		return twin, nil
	}
	re, err := regexp.Compile(`\A(?:` + unicodeEscape.ReplaceAllString(text, `\x{$1}`) + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("pattern %q needs a twin: %w", text, err)
	}
	return re.MatchString, nil
}

// unicodeEscape is how ECMAScript and Java spell a code point.
var unicodeEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// twins are the patterns that RE2 cannot express.
var twins = map[string]func(string) bool{
	// Systems Manager: titles, categories, sources, policies. The dot of the
	// original excludes line breaks, yet a policy may be an indented document;
	// what the pattern is there for is to refuse blank values.
	`^(?!\s*$).+`: func(s string) bool { return strings.TrimSpace(s) != "" },

	// Image Builder and Rekognition: keys of tags. The prefix is reserved.
	`^(?!aws:)[a-zA-Z+-=._:/]+$`:            unreserved(`[a-zA-Z+-=._:/]+`),
	`^(?!aws:)[a-zA-Z0-9\s_.:/=+\-@]*$`:     unreserved(`[a-zA-Z0-9\s_.:/=+\-@]*`),
	`^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`: unreserved(`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`),

	// Image Builder: names and values of list filters.
	`^[a-zA-Z]{1,1024}$`:              between(1, 1024, `[a-zA-Z]`),
	`^[0-9a-zA-Z./_ :-]{1,1024}$`:     between(1, 1024, `[0-9a-zA-Z./_ :-]`),
	`^[0-9a-zA-Z./_ :,{}"-]{1,1024}$`: between(1, 1024, `[0-9a-zA-Z./_ :,{}"-]`),
	`^[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,2048}$`: func() func(string) bool { // Rekognition: KMS keys
		first, rest := between(1, 1, `[A-Za-z0-9]`), between(0, 2048, `[A-Za-z0-9:_/+=,@.-]`)
		return func(s string) bool { return s != "" && first(s[:1]) && rest(s[1:]) }
	}(),

	// IAM: an account alias has no two hyphens in a row.
	`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`: func() func(string) bool {
		letters := regexp.MustCompile(`\A[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\z`)
		return func(s string) bool { return letters.MatchString(s) && !strings.Contains(s, "--") }
	}(),
}

// unreserved matches what does not begin with "aws:" and matches expr.
func unreserved(expr string) func(string) bool {
	re := regexp.MustCompile(`\A` + expr + `\z`)
	return func(s string) bool { return !strings.HasPrefix(s, "aws:") && re.MatchString(s) }
}

// between matches min to max ASCII characters of a class.
func between(min, max int, class string) func(string) bool {
	re := regexp.MustCompile(`\A` + class + `*\z`)
	return func(s string) bool { return min <= len(s) && len(s) <= max && re.MatchString(s) }
}
