package server

import (
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/policy"
)

// fixedKeys are prefixes, in lower case, of condition keys that follow from the caller,
// the resource and the region: the request itself cannot choose their values.
var fixedKeys = []string{
	"aws:principal", "aws:userid", "aws:username", "aws:sourceidentity", "aws:tokenissuetime", "aws:federatedprovider",
	"aws:resource", "aws:requestedregion", "iam:resourcetag/", "ram:resourcetag/", "ssm:resourcetag/",
}

func isFixed(key string) bool {
	return slices.ContainsFunc(fixedKeys, func(prefix string) bool { return strings.HasPrefix(strings.ToLower(key), prefix) })
}

// mostTrials limits the requests that are tried for one principal.
const mostTrials = 256

// remaining searches for a request that is allowed although that of a decision is denied,
// and that differs only in condition keys whose values the request can choose. It tries
// the values in the conditions, and others. ok is false if none of them is allowed.
func remaining(d *authz.Decision) (g Grantee, ok bool, err error) {
	if d.Result.Allowed() || !d.HasConditions() {
		return g, false, nil
	}
	request, policies, err := d.Restore()
	if err != nil {
		return g, false, err
	}
	candidates := candidatesOf(policies)
	keys := slices.Sorted(maps.Keys(candidates))
	for example := range assignments(keys, candidates) {
		trial := *request
		trial.Context = with(&request.Context, example)
		result := policy.Decide(&trial, policies)
		if !result.Allowed() {
			continue
		}
		g = granteeFor(d, result)
		g.Example = example
		g.Conditions = met(policy.Explain(request, policies), policy.Explain(&trial, policies))
		return g, true, nil
	}
	return g, false, nil
}

// candidatesOf returns the values to try for each free key in a condition: one that
// satisfies and one that does not satisfy each of its tests.
func candidatesOf(p *policy.Policies) map[string][]string {
	layers := [][]policy.Attached{p.Identity, p.Boundary, p.Session, p.Resource}
	layers = append(append(layers, p.ServiceControl...), p.ResourceControl...)
	found := map[string][]string{}
	for _, layer := range layers {
		for _, a := range layer {
			for i := range a.Document.Statements() {
				for _, operator := range a.Document.Statements()[i].Condition.Operators {
					for _, key := range operator.Keys {
						if isFixed(key.Name) {
							continue
						}
						name := strings.ToLower(key.Name)
						for _, v := range valuesFor(operator.Name, key.Values.Values) {
							if !slices.Contains(found[name], v) {
								found[name] = append(found[name], v)
							}
						}
					}
				}
			}
		}
	}
	return found
}

// valuesFor are the values to try for one test of a condition.
func valuesFor(operator string, values []policy.Value) []string {
	var list []string
	switch operator := strings.ToLower(operator); {
	case strings.Contains(operator, "date"):
		list = []string{"1970-01-01T00:00:00Z", "9999-12-31T00:00:00Z"}
	case strings.Contains(operator, "numeric"):
		list = []string{"0", "1000000000"}
	case strings.Contains(operator, "ipaddress"):
		list = []string{"192.0.2.1"}
	case strings.HasSuffix(operator, "bool"):
		return []string{"true", "false"}
	case strings.HasPrefix(operator, "null"):
		return []string{"other"}
	default:
		list = []string{"other"}
	}
	for _, v := range values {
		text, _, _ := strings.Cut(v.Text, "${")
		if strings.Contains(strings.ToLower(operator), "ipaddress") {
			text, _, _ = strings.Cut(text, "/")
		}
		list = append(list, strings.NewReplacer("*", "", "?", "x").Replace(text))
	}
	return list
}

// assignments yields assignments of values to the keys: each key has no value or one of
// its candidates, fewer keys first.
func assignments(keys []string, candidates map[string][]string) func(yield func(map[string]string) bool) {
	return func(yield func(map[string]string) bool) {
		list := []map[string]string{{}}
		for _, key := range keys {
			for _, given := range list {
				for _, value := range candidates[key] {
					if len(list) == mostTrials {
						break
					}
					next := maps.Clone(given)
					next[key] = value
					list = append(list, next)
				}
			}
		}
		slices.SortStableFunc(list, func(a, b map[string]string) int { return len(a) - len(b) })
		for _, example := range list[1:] {
			if !yield(example) {
				return
			}
		}
	}
}

// with returns a context with other values of some keys.
func with(c *policy.Context, values map[string]string) (changed policy.Context) {
	for name, list := range c.All() {
		changed.Set(name, list...)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		changed.Set(name, values[name])
	}
	return changed
}

// met lists the conditions that make the difference between a denied and an allowed
// request: those of statements that only the second matches, and "not" those of denials
// that only the first matches.
func met(denied, allowed policy.Explanation) (list []string) {
	for i, layer := range allowed.Layers {
		if i >= len(denied.Layers) {
			break
		}
		for j, st := range layer.Statements {
			switch before := denied.Layers[i].Statements[j]; {
			case st.Effect == "Allow" && st.Applies && !before.Applies:
				list = append(list, st.Conditions...)
			case st.Effect == "Deny" && !st.Applies && before.Applies:
				list = append(list, "not "+strings.Join(st.Conditions, " and "))
			}
		}
	}
	return list
}
