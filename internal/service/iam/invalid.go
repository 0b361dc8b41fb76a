package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/wire"
)

// invalid is a ValidationError.
func invalid(format string, args ...any) error {
	return awserr.New("ValidationError", 400, format, args...)
}

// The patterns of the model whose violation has a text of its own.
const (
	namePattern       = `[\w+=,.@-]+`
	pathPattern       = `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`
	policyPathPattern = `((/[A-Za-z0-9\.,\+@=_-]+)*)/`
)

// violated returns the error for an input that violates constraints of the model.
// Unlike other services, IAM does not repeat values. Wording and order are those of
// recorded answers of AWS.
func violated(violations []wire.Violation) error {
	if len(violations) == 1 && violations[0].Constraint == wire.Pattern {
		member := violations[0].Path.Dotted()
		switch violations[0].Detail {
		case namePattern:
			return invalid("The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-", member)
		case pathPattern, policyPathPattern:
			return invalid("The specified value for %s is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.", member)
		}
	}
	words := make([]string, len(violations))
	for i, v := range hashed(violations) {
		rule := v.Rule()
		switch {
		case v.Constraint == wire.Enum: // without the values
			rule, _, _ = strings.Cut(rule, ":")
		case v.Constraint == wire.Elements && v.Path.Dotted() == "tagKeys":
			rule = strings.TrimSuffix(rule, "]") + ", Member must not be null]"
		}
		words[i] = fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", v.Path.Dotted(), rule)
	}
	noun := "errors"
	if len(words) == 1 {
		noun = "error"
	}
	return invalid("%d validation %s detected: %s", len(words), noun, strings.Join(words, "; "))
}

// hashed sorts violations in the order of AWS's validator, which keeps them in a hash
// table by their paths: sixteen buckets, more for more than twelve violations.
func hashed(violations []wire.Violation) []wire.Violation {
	buckets := uint32(16)
	for len(violations) > int(buckets)*3/4 {
		buckets *= 2
	}
	bucket := func(v wire.Violation) uint32 {
		var h uint32
		for _, c := range []byte(v.Path.Dotted()) {
			h = 31*h + uint32(c)
		}
		return (h ^ h>>16) % buckets
	}
	return slices.SortedStableFunc(slices.Values(violations), func(a, b wire.Violation) int { return cmp.Compare(bucket(a), bucket(b)) })
}
