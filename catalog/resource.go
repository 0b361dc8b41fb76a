package catalog

import "strings"

func newResourceType(name, form string, keys []*ConditionKey) ResourceType {
	t := ResourceType{Name: name, ARN: form, ConditionKeys: keys, shape: formShape(form)}
	if f := strings.SplitN(form, ":", 6); len(f) == 6 {
		t.service, t.hasRegion, t.hasOwner = f[2], f[3] != "", f[4] != ""
		t.tail = strings.SplitN(t.shape, ":", 6)[5]
	}
	return t
}

// CanMatch reports whether a pattern of a policy's Resource element matches some ARN of the type. Policy
// variables in the pattern match any text.
//
// How wildcards of a pattern match:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (t *ResourceType) CanMatch(pattern string) bool {
	return pattern == "*" || !t.cannotMatch(pattern) && shapesOverlap(t.shape, patternShape(wildcards(pattern)))
}

// cannotMatch returns a cheap test that a pattern without wildcards before its last field cannot match: it has another
// service, or has a region or an account where the type's ARNs have none, or the reverse.
func (t *ResourceType) cannotMatch(pattern string) bool {
	var field [5]string
	rest := pattern
	for i := range field {
		var ok bool
		if field[i], rest, ok = strings.Cut(rest, ":"); !ok || strings.ContainsAny(field[i], "*?$") {
			return false
		}
	}
	return field[2] != t.service && !strings.Contains(t.service, "$") || (field[3] != "") != t.hasRegion || (field[4] != "") != t.hasOwner
}

// CanName reports whether a pattern of the last field, such as "key/*", matches the last field of some ARN of
// the type.
func (t *ResourceType) CanName(field string) bool {
	return field == "*" || shapesOverlap(t.tail, wildcards(field))
}

// Pattern returns the type's format as a pattern of a Resource element: "arn:*:s3:::*".
func (t *ResourceType) Pattern() string { return wildcards(t.ARN) }

// HasRegion reports whether an ARN of the type names a region.
func (t *ResourceType) HasRegion() bool { return t.hasRegion }

// HasAccount reports whether an ARN of the type names an account.
func (t *ResourceType) HasAccount() bool { return t.hasOwner }

// wildcards replaces each ${...} by "*".
func wildcards(s string) string { return replaceVariables(s, func(_, _ string) string { return "*" }) }

// replaceVariables replaces each ${...} by the function's result for the text before it and its name.
func replaceVariables(s string, by func(before, name string) string) string {
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
		name, rest, more := strings.Cut(rest, "}")
		b.WriteString(by(b.String(), name))
		if !more {
			return b.String()
		}
		s = rest
	}
}

// In a shape these characters represent sets of characters. The wildcards of a segment do not match a colon,
// those of a name no slash either.
const (
	anyRun     = '*'
	anyOne     = '?'
	segmentRun = '\x01'
	segmentOne = '\x02'
	nameRun    = '\x03'
	nameOne    = '\x04'
)

// formShape returns the shape of the ARNs of a format: each ${...} matches any text, but no colon in the
// fields before the resource. A bucket name contains no slash, which distinguishes buckets from objects.
func formShape(form string) string {
	return replaceVariables(form, func(before, name string) string {
		if strings.Count(before, ":") < 5 {
			return string([]byte{segmentOne, segmentRun})
		}
		if name == "BucketName" {
			return string([]byte{nameOne, nameRun})
		}
		return string([]byte{anyOne, anyRun})
	})
}

// patternShape returns the shape of the texts that a pattern matches: before the resource, only a "*" at the
// end of its field matches colons.
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

// shapesOverlap reports whether some text has both shapes: it visits all pairs of positions that a common text can
// reach.
func shapesOverlap(a, b string) bool {
	for a != "" && b != "" && !isRun(a[0]) && !isRun(b[0]) {
		if !charactersOverlap(a[0], b[0]) {
			return false
		}
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && !isRun(a[len(a)-1]) && !isRun(b[len(b)-1]) {
		if !charactersOverlap(a[len(a)-1], b[len(b)-1]) {
			return false
		}
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	width := len(b) + 1
	cells := (len(a) + 1) * width
	var few [2048]bool
	reached := few[:min(cells, len(few))]
	if cells > len(few) {
		reached = make([]bool, cells)
	}
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
			if i < len(a) && j < len(b) && charactersOverlap(a[i], b[j]) {
				reached[(i+stepA)*width+j+stepB] = true
			}
		}
	}
	return reached[len(reached)-1]
}

func isRun(c byte) bool { return c == anyRun || c == segmentRun || c == nameRun }

// charactersOverlap reports whether two characters of shapes have a character in common.
func charactersOverlap(a, b byte) bool {
	return a == b || wildcardAllows(a, b) || wildcardAllows(b, a)
}

// wildcardAllows reports whether a wildcard has a character in common with another character of a shape; two
// wildcards always have one.
func wildcardAllows(wildcard, c byte) bool {
	switch wildcard {
	case anyRun, anyOne:
		return true
	case segmentRun, segmentOne:
		return c != ':'
	case nameRun, nameOne:
		return c != ':' && c != '/'
	}
	return false
}
