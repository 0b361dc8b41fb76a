package worldfile

import (
	"iter"
	"reflect"
	"slices"
	"strings"
)

// kind is one section of resources: which calls make one of them and read it back. The
// members of an entry are the input of create, spelled with a small first letter.
type kind struct {
	section string // "parameters"
	service string // "ssm"
	typ     string // as the store calls it; the section's rows
	// resource is the resource part of the ARNs; what stands in braces is a member of the
	// input of create, or an id that AWS makes up ("{id}"), or nothing ("{}").
	resource string
	create   string   // "" if it is there by itself
	made     string   // where the answer has the ARN: "image.arn"; "" if it has none
	hidden   []string // members of the input that an entry does not have
	always   map[string]any
	// own are members of an entry that other calls take, see loader.finish.
	own map[string]ownMember

	policy policyCall

	get     string            // reads one
	by      string            // the member that takes its ARN, or its name
	byName  bool              // by takes the last part of the ARN
	out     string            // the member of the answer that has it; "" for the answer itself
	renamed map[string]string // members of the answer, to those of the input
	usual   map[string]any    // values of members that need not be written
}

// policyCall is how a resource gets a resource-based policy. The zero value says that it
// has none.
type policyCall struct {
	operation      string // "" if it is a member of create
	arn, doc, name string // the members; name is "" where policies have none
	one            bool   // there is at most one
}

// ownMember is a member of an entry that is none of create.
type ownMember struct {
	typ  reflect.Type
	text string // what it says
}

func kindOfSection(name string) (*kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.section == name })
	if i < 0 {
		return nil, false
	}
	return &kinds[i], true
}

// sections yields the names of the sections.
func sections() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range kinds {
			if !yield(kinds[i].section) {
				return
			}
		}
	}
}

// named are the members of the input that stand in an ARN, and the ids in it; false if the
// ARN is none of the kind.
func (k *kind) named(resource string) (map[string]string, bool) {
	found := map[string]string{}
	form := k.resource
	for form != "" {
		open := strings.IndexByte(form, '{')
		if open < 0 {
			return found, resource == form
		}
		if !strings.HasPrefix(resource, form[:open]) {
			return nil, false
		}
		resource = resource[open:]
		name, rest, _ := strings.Cut(form[open+1:], "}")
		end := len(resource)
		switch {
		case name == "Path":
			end = strings.LastIndexByte(resource, '/') + 1
		case k.typ == "secret" && rest != "": // a name may have dashes, a suffix has none
			end = strings.LastIndexByte(resource, '-')
		case rest != "":
			end = strings.IndexByte(resource, '/')
		case strings.Contains(resource, "/") && !k.hasPaths():
			return nil, false
		}
		if end < 1 {
			return nil, false
		}
		if name != "" {
			found[name] = resource[:end]
		}
		resource, form = resource[end:], rest
	}
	return found, resource == ""
}

// hasPaths reports whether what an ARN ends with may have slashes.
func (k *kind) hasPaths() bool {
	return k.typ == "parameter" || k.typ == "opsmetadata" || k.typ == "oidc-provider"
}

// input are the members of create that the ARN of an entry gives.
func (k *kind) input(named map[string]string) map[string]any {
	in := map[string]any{}
	for name, value := range named {
		switch {
		case name == "id" || name == "now" || name == "suffix":
		case k.typ == "parameter" && strings.Count(value, "/") == 1: // "parameter/db" is of "db" and of "/db"
			in[name] = value[1:]
		case k.typ == "workflow" && name == "type", name == "DatasetType":
			in[name] = strings.ToUpper(value)
		case k.typ == "oidc-provider":
			in[name] = "https://" + value
		default:
			in[name] = value
		}
	}
	return in
}

// place is where the resource-based policies of a resource stand: those of a key speak of
// that key as "*", those of a project of its model versions.
func (k *kind) place(long string) place {
	if k.typ == "key" || k.typ == "project" {
		return place{resource: "*"}
	}
	return place{resource: long}
}

// isGiven reports whether an entry has a member of the input: the others follow from its
// ARN, or are given in another form.
func (k *kind) isGiven(member string) bool {
	lower := strings.ToLower(member)
	if lower == "tags" || isToken(lower) || slices.Contains(k.hidden, member) || k.policy.operation == "" && k.policy.doc == member {
		return false
	}
	return member != "Path" && member != "PolicyName" && member != "InstanceProfileName"
}

// isToken reports whether a member, in lower case, is one by which a service knows a
// request that is repeated.
func isToken(lower string) bool { return lower == "clienttoken" || lower == "clientrequesttoken" }

// spelled is a member of an API as a file spells it.
func (k *kind) spelled(member string) string {
	if k.typ == "parameter" && member == "Policies" { // not the resource-based ones
		return "parameterPolicies"
	}
	upper := 0
	for upper < len(member) && member[upper] >= 'A' && member[upper] <= 'Z' {
		upper++
	}
	if upper > 1 && upper < len(member) {
		upper-- // the last capital begins the next word
	}
	return strings.ToLower(member[:upper]) + member[upper:]
}
