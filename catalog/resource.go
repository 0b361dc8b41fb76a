package catalog

import "strings"

// CanMatch reports whether some ARN of the type is matched by a pattern of a
// policy's Resource element. Policy variables in the pattern stand for any text.
//
// How wildcards of a pattern match: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (t *ResourceType) CanMatch(pattern string) bool {
	return pattern == "*" || meet(formShape(t.ARN), patternShape(wildcards(pattern)))
}

// Pattern is the type's form as a pattern of a Resource element:
// "arn:*:s3:::*".
func (t *ResourceType) Pattern() string { return wildcards(t.ARN) }

// HasRegion reports whether an ARN of the type names a region.
func (t *ResourceType) HasRegion() bool { return t.field(3) != "" }

// HasAccount reports whether an ARN of the type names an account.
func (t *ResourceType) HasAccount() bool { return t.field(4) != "" }

// field is one of the first five fields of the type's form.
func (t *ResourceType) field(i int) string {
	f := strings.SplitN(t.ARN, ":", 6)
	if len(f) <= i {
		return ""
	}
	return f[i]
}

// wildcards writes each ${...} as "*".
func wildcards(s string) string { return replaceVariables(s, func(string) string { return "*" }) }

// replaceVariables replaces each ${...} by what the function makes of the text
// before it.
func replaceVariables(s string, by func(before string) string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	var b strings.Builder
	for {
		text, rest, more := strings.Cut(s, "${")
		b.WriteString(text)
		if !more {
			return b.String()
		}
		b.WriteString(by(b.String()))
		if _, s, more = strings.Cut(rest, "}"); !more {
			return b.String()
		}
	}
}

// In a shape these characters stand for more than themselves. The wildcards of a
// segment do not match a colon.
const (
	anyRun     = '*'
	anyOne     = '?'
	segmentRun = '\x01'
	segmentOne = '\x02'
)

// formShape is the shape of the ARNs of a form: each ${...} is some text, in the
// fields before the resource without a colon.
func formShape(form string) string {
	return replaceVariables(form, func(before string) string {
		if strings.Count(before, ":") < 5 {
			return string([]byte{segmentOne, segmentRun})
		}
		return string([]byte{anyOne, anyRun})
	})
}

// patternShape is the shape of what a pattern matches: before the resource, only
// a "*" at the end of its field runs across colons.
func patternShape(pattern string) string {
	shape := []byte(pattern)
	colons := 0
	for i, c := range shape {
		switch {
		case c == ':':
			colons++
		case colons >= 5:
			return string(shape)
		case c == '?':
			shape[i] = segmentOne
		case c == '*' && i+1 < len(shape) && shape[i+1] != ':':
			shape[i] = segmentRun
		}
	}
	return string(shape)
}

// meet reports whether some text has both shapes: it walks all pairs of
// positions that a common text can reach.
func meet(a, b string) bool {
	width := len(b) + 1
	reached := make([]bool, (len(a)+1)*width)
	reached[0] = true
	for i := range len(a) + 1 {
		for j := range len(b) + 1 {
			if !reached[i*width+j] {
				continue
			}
			stepA, stepB := 1, 1
			if i < len(a) && isRun(a[i]) {
				reached[(i+1)*width+j] = true
				stepA = 0
			}
			if j < len(b) && isRun(b[j]) {
				reached[i*width+j+1] = true
				stepB = 0
			}
			if i < len(a) && j < len(b) && share(a[i], b[j]) {
				reached[(i+stepA)*width+j+stepB] = true
			}
		}
	}
	return reached[len(reached)-1]
}

func isRun(c byte) bool { return c == anyRun || c == segmentRun }

// share reports whether two characters of shapes have a character in common.
func share(a, b byte) bool {
	switch {
	case a == anyRun || a == anyOne || b == anyRun || b == anyOne:
		return true
	case a == segmentRun || a == segmentOne:
		return b != ':'
	case b == segmentRun || b == segmentOne:
		return a != ':'
	}
	return a == b
}
