package catalog

import (
	"iter"
	"strings"
)

// AsOf is the day of which the tables are a picture: "2026-09-26".
func AsOf() string { return readIndex().date }

// Source names what the tables were made from, and its version.
func Source() string { return readIndex().source }

// Prefixes returns the prefixes of all services, "s3" for one, in order.
func Prefixes() []string {
	x := readIndex()
	prefixes := make([]string, len(x.entries))
	for i := range x.entries {
		prefixes[i] = x.entries[i].prefix
	}
	return prefixes
}

// Known reports whether there is a service with the prefix. It reads no service.
func Known(prefix string) bool {
	_, ok := readIndex().find(prefix)
	return ok
}

// SupportsRCP reports whether resource control policies apply to the actions
// with the prefix. It reads no service.
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

// Services returns all services in order of their prefixes. It reads them all.
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

// FindAction returns the action with a full name: "s3:GetObject".
func FindAction(name string) (*Action, bool) {
	prefix, name, _ := strings.Cut(name, ":")
	s, ok := Lookup(prefix)
	if !ok {
		return nil, false
	}
	return s.Action(name)
}

// Match returns the actions that a pattern of a policy's Action element matches:
// "*", "s3:GetObject", "ec2:Describe*". It reads only the services that the
// prefix can be of.
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

// Unlisted reports whether an action, a pattern of actions or a condition key that
// the reference does not have stands in one of AWS's managed policies: it is of a
// service that has been retired or is not public, and no mistake in writing. A
// name without a colon is a prefix.
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

// ResourceTypes returns the types whose ARNs have a service, "s3" for one, in
// their third field. It reads only the services that have such types.
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

// KnownARNService reports whether ARNs have the service in their third field: a
// type of resource has it, or it is the prefix of a service.
func KnownARNService(name string) bool {
	x := readIndex()
	return len(x.byARN[name]) > 0 || Known(name)
}

// Glob reports whether a pattern of actions matches a name, without regard to
// case: "*" stands for any run of characters, "?" for one. It takes no memory.
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
