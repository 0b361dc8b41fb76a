package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// service is one service as the reference has it.
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

// readReference reads all services, in order of their prefixes.
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
		services = append(services, s)
	}
	return services, nil
}

func decode[T any](files map[string][]byte, name string) (v T, err error) {
	text, ok := files[name]
	if !ok {
		return v, fmt.Errorf("the package has no %s", name)
	}
	return v, json.Unmarshal(text, &v)
}

// entries reads a file that maps names in lower case to entries, which come
// ordered without regard to case. Not every service has every file.
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

// principalName is a service principal that is the same in every region.
var principalName = regexp.MustCompile(`"([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)?\.amazonaws\.com)"`)

// principals are the service principals that the managed policies name as
// those to which a role is passed or for which a service-linked role is made.
func principals(managed map[string]json.RawMessage) []string {
	found := map[string]bool{}
	for _, document := range managed {
		var d struct {
			Statement json.RawMessage
		}
		if json.Unmarshal(document, &d) != nil {
			continue
		}
		for _, block := range conditionBlocks(d.Statement) {
			for _, m := range principalName.FindAllSubmatch(block, -1) {
				found[string(m[1])] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// conditionBlocks are the values of iam:PassedToService and iam:AWSServiceName.
func conditionBlocks(statements json.RawMessage) []json.RawMessage {
	type statement struct {
		Condition map[string]map[string]json.RawMessage
	}
	var many []statement
	if json.Unmarshal(statements, &many) != nil {
		var one statement
		if json.Unmarshal(statements, &one) != nil {
			return nil
		}
		many = []statement{one}
	}
	var blocks []json.RawMessage
	for _, s := range many {
		for _, keys := range s.Condition {
			for key, values := range keys {
				if k := strings.ToLower(key); k == "iam:passedtoservice" || k == "iam:awsservicename" {
					blocks = append(blocks, values)
				}
			}
		}
	}
	return blocks
}
