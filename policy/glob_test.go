package policy

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// naiveGlob matches a pattern of the ARN dialect, or of plain wildcards, by computing, from the end, which
// suffix of the pattern matches which suffix of the text. It does not support variables.
func naiveGlob(pattern, text []uint16, arn bool) bool {
	matches := make([]bool, len(text)+1) // for the current suffix of the pattern, by offset in the text
	matches[len(text)] = true
	for i := len(pattern) - 1; i >= 0; i-- {
		inField := arn && strings.Count(string(utf16.Decode(pattern[:i])), ":") < 5
		lastOfField := i == len(pattern)-1 || pattern[i+1] == ':'
		next := make([]bool, len(text)+1)
		for j := len(text); j >= 0; j-- {
			colon := j < len(text) && text[j] == ':'
			switch c := pattern[i]; {
			case c == '*':
				next[j] = matches[j] || j < len(text) && next[j+1] && !(colon && inField && !lastOfField)
			case c == '?':
				next[j] = j < len(text) && matches[j+1] && !(colon && inField)
			default:
				next[j] = j < len(text) && text[j] == c && matches[j+1]
			}
		}
		matches = next
	}
	return matches[0]
}

func units(s string) []uint16 { return utf16.Encode([]rune(s)) }

func compareGlob(t interface{ Errorf(string, ...any) }, pattern, text string) {
	for _, arn := range []bool{false, true} {
		g := compileGlob(pattern, dialect{wildcards: true, arn: arn})
		m := matcher{context: new(Context)}
		want := naiveGlob(units(pattern), units(text), arn)
		if got := m.match(&g, text); got != want {
			t.Errorf("pattern %q, text %q, arn %v: %v, want %v", pattern, text, arn, got, want)
		}
		if got := new(bitParallelMatcher).match(g.pieces, text, 0, len(text), false); g.pieces != nil && got != want {
			t.Errorf("pattern %q, text %q, arn %v: %v by bitParallelMatcher, want %v", pattern, text, arn, got, want)
		}
		m.fold = true
		g = compileGlob(lowerString(pattern), dialect{wildcards: true, arn: arn})
		want = naiveGlob(units(lowerString(pattern)), units(lowerString(text)), arn)
		if got := m.match(&g, text); got != want {
			t.Errorf("folded pattern %q, text %q, arn %v: %v, want %v", pattern, text, arn, got, want)
		}
	}
}

func TestGlob(t *testing.T) {
	patterns := rapid.StringOfN(rapid.RuneFrom([]rune("aAbé😀:*?*?")), 0, 12, -1)
	texts := rapid.StringOfN(rapid.RuneFrom([]rune("aAbé😀:*")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		compareGlob(t, patterns.Draw(t, "pattern"), texts.Draw(t, "text"))
	})
}

// TestGlobLongText covers texts whose bit sets have several words.
func TestGlobLongText(t *testing.T) {
	for _, n := range []int{62, 63, 64, 65, 127, 128, 129, 1000} {
		text := strings.Repeat("a", n-1) + "b"
		m := matcher{context: new(Context)}
		for pattern, want := range map[string]bool{
			"*?b*": true, "*?b": true, "*a?*": true, "*b?*": false, "*?" + text[1:] + "*": true, "?*?" + text[1:] + "*": false,
			"*a?b*": true, "*?c*": false, strings.Repeat("*a", 20) + "*?b": true,
		} {
			g := compileGlob(pattern, dialect{wildcards: true})
			if got := m.match(&g, text); got != want {
				t.Errorf("pattern %.20q..., %d characters: %v, want %v", pattern, n, got, want)
			}
		}
		field := "x:" + text + ":y"
		for pattern, want := range map[string]bool{"x:a*b:y": true, "x:a*c:y": false, "x*b:y": false, "x:*:y": true, "x:a*?b:y": true, "x:a*a*a*b:y": true, "a*b": false} {
			g := compileGlob(pattern, dialect{wildcards: true, arn: true})
			if got := m.match(&g, field); got != want {
				t.Errorf("pattern %q in fields, %d characters: %v, want %v", pattern, n, got, want)
			}
		}
	}
}

// TestGlobCodePoints covers letters of several bytes with both matchers.
func TestGlobCodePoints(t *testing.T) {
	for _, text := range []string{"éb", "ééb", "€b€", "a😀b", "😀😀", "é", ""} {
		for _, pattern := range []string{"*?b*", "*??b*", "*é?*", "*?*", "?*?*", "*???*", "*😀?*", "*?€*", "*a?b*", "?", "??", "a??b", "????", "?*?", "*?", "?*"} {
			compareGlob(t, pattern, text)
		}
	}
}

func FuzzGlob(f *testing.F) {
	for _, s := range [][2]string{{"a*b", "aab"}, {"*?b*", "ab"}, {"a*b:c*:*d", "ab:c:d"}, {"é?*", "éé"}, {"*a*a*a*b", "aaaa"}, {"**:?*", ":"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(pattern) > 200 || len(text) > 200 {
			t.Skip("not a text of a policy, or too large for the naive matcher")
		}
		compareGlob(t, pattern, text)
	})
}
