package catalog

import (
	"iter"
	"strings"
)

// AsOf returns the date of the tables: "2026-09-26".
func AsOf() string { return readIndex().date }

// Source returns the source of the tables, and its version.
func Source() string { return readIndex().source }

// Prefixes returns the sorted prefixes of all services, such as "s3".
func Prefixes() []string {
	x := readIndex()
	prefixes := make([]string, len(x.entries))
	for i := range x.entries {
		prefixes[i] = x.entries[i].prefix
	}
	return prefixes
}

// Known reports whether a service has the prefix. It loads no service.
func Known(prefix string) bool {
	_, ok := readIndex().find(prefix)
	return ok
}

// SupportsRCP reports whether resource control policies apply to the actions with the prefix. It loads no
// service.
func SupportsRCP(prefix string) bool {
	x := readIndex()
	i, ok := x.find(prefix)
	return ok && x.entries[i].rcp
}

// Lookup returns the service with a prefix.
func Lookup(prefix string) (*Service, bool) {
	x := readIndex()
	i, ok := x.find(prefix)
	if !ok {
		return nil, false
	}
	return x.entries[i].read(), true
}

func (x *index) find(prefix string) (int, bool) {
	i, ok := x.byPrefix[prefix]
	if !ok {
		i, ok = x.byPrefix[strings.ToLower(prefix)]
	}
	return i, ok
}

// Services returns all services, sorted by prefix. It loads all of them.
func Services() iter.Seq[*Service] {
	return func(yield func(*Service) bool) {
		x := readIndex()
		for i := range x.entries {
			if !yield(x.entries[i].read()) {
				return
			}
		}
	}
}

// FindAction returns the action with a full name, such as "s3:GetObject".
func FindAction(name string) (*Action, bool) {
	prefix, name, _ := strings.Cut(name, ":")
	s, ok := Lookup(prefix)
	if !ok {
		return nil, false
	}
	return s.Action(name)
}

// Match returns the actions that match a pattern of a policy's Action element: "*", "s3:GetObject",
// "ec2:Describe*". It loads only the services whose prefix can match.
func Match(pattern string) iter.Seq[*Action] {
	return func(yield func(*Action) bool) {
		prefix, name, ok := strings.Cut(pattern, ":")
		if pattern == "*" {
			prefix, name, ok = "*", "*", true
		}
		if !ok {
			return
		}
		x := readIndex()
		if i, ok := x.find(prefix); ok {
			x.entries[i].read().Match(name)(yield)
			return
		}
		if !strings.ContainsAny(prefix, "*?") {
			return
		}
		for i := range x.entries {
			if !Glob(prefix, x.entries[i].prefix) {
				continue
			}
			for a := range x.entries[i].read().Match(name) {
				if !yield(a) {
					return
				}
			}
		}
	}
}

// Unlisted reports whether an action, a pattern of actions or a condition key that is missing from the
// reference occurs in one of AWS's managed policies: its service is retired or not public, so it is not a
// spelling mistake. A name without a colon is a prefix.
func Unlisted(name string) bool {
	x := readIndex()
	name = strings.ToLower(name)
	if strings.Contains(name, ":") {
		return x.unlisted[name]
	}
	for action := range x.unlisted {
		if strings.HasPrefix(action, name+":") {
			return true
		}
	}
	return false
}

// ResourceTypes returns the types whose ARNs have a service, such as "s3", in their third field. It loads
// only the services that have such types.
func ResourceTypes(arnService string) iter.Seq[*ResourceType] {
	return func(yield func(*ResourceType) bool) {
		x := readIndex()
		for _, i := range x.byARN[arnService] {
			types := x.entries[i].read().ResourceTypes
			for j := range types {
				if types[j].service == arnService && !yield(&types[j]) {
					return
				}
			}
		}
	}
}

// KnownARNService reports whether a service occurs in the third field of ARNs: in a resource type's ARN, or
// as the prefix of a service.
func KnownARNService(name string) bool {
	x := readIndex()
	return len(x.byARN[name]) > 0 || Known(name)
}

// Glob reports whether a pattern of actions matches a name, without regard to case: "*" matches any run of
// characters, "?" one. It allocates no memory.
func Glob(pattern, name string) bool {
	star, mark := -1, 0
	p, n := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || lower(pattern[p]) == lower(name[n])):
			p, n = p+1, n+1
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
