package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// service is one service of the reference.
type service struct {
	prefix, name string
	rcp          bool // resource control policies apply to it
	actions      []action
	types        []resourceType
	keys         []conditionKey
}

type action struct {
	Name          string         `json:"name"`
	AccessLevel   string         `json:"accessLevel"`
	ResourceTypes []typeOfAction `json:"resourceTypes"`
	ConditionKeys []string       `json:"conditionKeys"`
	Dependent     []string       `json:"dependentActions"`
}

type typeOfAction struct {
	Name          string   `json:"name"`
	Required      bool     `json:"required"`
	ConditionKeys []string `json:"conditionKeys"`
	Dependent     []string `json:"dependentActions"`
}

type resourceType struct {
	Key           string   `json:"key"`
	ARN           string   `json:"arn"`
	ConditionKeys []string `json:"conditionKeys"`
}

type conditionKey struct {
	Key  string `json:"key"`
	Type string `json:"type"`
}

// readReference reads all services, sorted by prefix.
func readReference() ([]service, error) {
	files, err := reference.fetch()
	if err != nil {
		return nil, err
	}
	names, err := decode[map[string]string](files, "data/serviceNames.json")
	if err != nil {
		return nil, err
	}
	rcp, err := decode[[]string](files, "data/rcpSupportedServices.json")
	if err != nil {
		return nil, err
	}
	var services []service
	for _, prefix := range slices.Sorted(maps.Keys(names)) {
		s := service{prefix: prefix, name: names[prefix], rcp: slices.Contains(rcp, prefix)}
		if s.actions, err = entries(files, "data/actions/"+prefix+".json", func(a action) string { return a.Name }); err != nil {
			return nil, err
		}
		if s.types, err = entries(files, "data/resourceTypes/"+prefix+".json", func(t resourceType) string { return t.Key }); err != nil {
			return nil, err
		}
		if s.keys, err = entries(files, "data/conditionKeys/"+prefix+".json", func(k conditionKey) string { return k.Key }); err != nil {
			return nil, err
		}
		s.unifyKeys()
		services = append(services, s)
	}
	return services, nil
}

// placeholder matches the placeholders that a few keys of the reference have instead of ${...}.
var placeholder = regexp.MustCompile(`<[^>]*>|/tag-key$`)

// unifyKeys replaces every variable part of a key by ${...}.
func (s *service) unifyKeys() {
	unify := func(names []string) {
		for i, name := range names {
			names[i] = unified(name)
		}
	}
	for i := range s.keys {
		s.keys[i].Key = unified(s.keys[i].Key)
	}
	for i := range s.types {
		unify(s.types[i].ConditionKeys)
	}
	for i := range s.actions {
		unify(s.actions[i].ConditionKeys)
		for j := range s.actions[i].ResourceTypes {
			unify(s.actions[i].ResourceTypes[j].ConditionKeys)
		}
	}
}

func unified(key string) string {
	return placeholder.ReplaceAllStringFunc(key, func(p string) string {
		if p[0] == '/' {
			return "/${TagKey}"
		}
		return "${Key}"
	})
}

func decode[T any](files map[string][]byte, name string) (v T, err error) {
	text, ok := files[name]
	if !ok {
		return v, fmt.Errorf("the package has no %s", name)
	}
	return v, json.Unmarshal(text, &v)
}

// entries reads a file that maps lower-case names to entries, and returns them sorted without regard to case.
// Some services lack some files.
func entries[T any](files map[string][]byte, file string, name func(T) string) ([]T, error) {
	if _, ok := files[file]; !ok {
		return nil, nil
	}
	byName, err := decode[map[string]T](files, file)
	return slices.SortedFunc(maps.Values(byName), func(a, b T) int {
		return cmp.Compare(strings.ToLower(name(a)), strings.ToLower(name(b)))
	}), err
}

// readPolicies reads the newest version of each managed policy by its name.
func readPolicies() (map[string]json.RawMessage, error) {
	files, err := policies.fetch()
	if err != nil {
		return nil, err
	}
	type policy struct {
		Latest   string `json:"latestVersionId"`
		Versions map[string]struct {
			Document json.RawMessage `json:"document"`
		} `json:"versions"`
	}
	all, err := decode[map[string]policy](files, "dist/managedPolicies.json")
	if err != nil {
		return nil, err
	}
	newest := map[string]json.RawMessage{}
	for name, p := range all {
		newest[name] = p.Versions[p.Latest].Document
	}
	return newest, nil
}

// principalName matches service principals that are the same in every region.
var principalName = regexp.MustCompile(`"([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)?\.amazonaws\.com)"`)

// principals returns the service principals in managed policies to which a role is passed or for which a
// service-linked role is created.
func principals(managed map[string]json.RawMessage) []string {
	found := map[string]bool{}
	for s := range statements(managed) {
		for _, block := range s.conditionBlocks() {
			for _, m := range principalName.FindAllSubmatch(block, -1) {
				found[string(m[1])] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// unlisted returns the actions, patterns of actions and condition keys in managed policies that are missing
// from the reference: their services are retired or not public.
func unlisted(managed map[string]json.RawMessage, services []service) []string {
	actions, keys, found := map[string][]string{}, map[string]bool{}, map[string]bool{}
	for _, s := range services {
		for _, a := range s.actions {
			actions[s.prefix] = append(actions[s.prefix], strings.ToLower(a.Name))
		}
		for _, k := range s.keys {
			stem, _, form := strings.Cut(strings.ToLower(k.Key), "${")
			keys[stem] = form
		}
	}
	for s := range statements(managed) {
		for _, name := range slices.Concat(texts(s.Action), texts(s.NotAction)) {
			prefix, pattern, ok := strings.Cut(strings.ToLower(name), ":")
			if ok && !slices.ContainsFunc(actions[prefix], func(a string) bool { return globMatch(pattern, a) }) {
				found[name] = true
			}
		}
		for _, block := range s.Condition {
			for name := range block {
				if !strings.HasPrefix(strings.ToLower(name), "aws:") && !hasKey(keys, strings.ToLower(name)) {
					found[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// hasKey reports whether a key is among stems, some of which are prefixes.
func hasKey(stems map[string]bool, name string) bool {
	if _, ok := stems[name]; ok {
		return true
	}
	for stem, goesOn := range stems {
		if goesOn && strings.HasPrefix(name, stem) {
			return true
		}
	}
	return false
}

func globMatch(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

type statement struct {
	Action, NotAction json.RawMessage
	Condition         map[string]map[string]json.RawMessage
}

// statements returns the statements of all policies.
func statements(managed map[string]json.RawMessage) iter.Seq[statement] {
	return func(yield func(statement) bool) {
		for _, document := range managed {
			var d struct{ Statement json.RawMessage }
			var many []statement
			if json.Unmarshal(document, &d) != nil {
				continue
			}
			if json.Unmarshal(d.Statement, &many) != nil {
				var one statement
				if json.Unmarshal(d.Statement, &one) == nil {
					many = []statement{one}
				}
			}
			for _, s := range many {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// texts returns the texts of a list, or the only one.
func texts(block json.RawMessage) []string {
	var many []string
	if json.Unmarshal(block, &many) == nil {
		return many
	}
	var one string
	if json.Unmarshal(block, &one) == nil {
		return []string{one}
	}
	return nil
}

// conditionBlocks returns the values of iam:PassedToService and iam:AWSServiceName.
func (s statement) conditionBlocks() (blocks []json.RawMessage) {
	for _, keys := range s.Condition {
		for key, values := range keys {
			if k := strings.ToLower(key); k == "iam:passedtoservice" || k == "iam:awsservicename" {
				blocks = append(blocks, values)
			}
		}
	}
	return blocks
}
