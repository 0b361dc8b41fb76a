package worldfile

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// section reads the resources of a kind.
func (x *exporter) section(k *kind, rows []store.Resource) error {
	for _, r := range rows {
		a := x.owner(r.ARN)
		if _, ok := k.named(a.Resource); !ok {
			x.leave(k.service + " " + k.typ + " with a name that " + k.section + " cannot have")
			continue
		}
		e := Entry{ARN: r.ARN, Members: map[string]any{}, Own: map[string]any{}}
		written, err := x.read(k, r, &e)
		if err != nil {
			return err
		}
		if !written {
			continue
		}
		if e.Tags, err = x.Tx.Tags(r.ARN); err != nil {
			return err
		}
		if k.policy != (policyCall{}) {
			if e.Policies, err = x.policies(k, r.ARN); err != nil {
				return err
			}
		}
		x.out.Entries[k.section] = append(x.out.Entries[k.section], e)
	}
	slices.SortStableFunc(x.out.Entries[k.section], func(a, b Entry) int { return compareBuilds(a.ARN, b.ARN) })
	return nil
}

// compareBuilds orders ARNs, builds of one version by their numbers: they are made in this
// order.
func compareBuilds(a, b string) int {
	i, j := strings.LastIndexByte(a, '/'), strings.LastIndexByte(b, '/')
	x, errX := strconv.Atoi(a[i+1:])
	y, errY := strconv.Atoi(b[j+1:])
	if errX == nil && errY == nil && a[:i+1] == b[:j+1] {
		return x - y
	}
	return strings.Compare(a, b)
}

// policies are the resource-based policies that users put on a resource.
func (x *exporter) policies(k *kind, long string) ([]Document, error) {
	stored, err := x.Tx.Policies(long)
	if err != nil {
		return nil, err
	}
	var list []Document
	for _, p := range stored {
		if p.Source == store.SourceRAM {
			continue
		}
		name := ""
		if k.policy.name != "" {
			name = p.Name
		}
		list = append(list, document(name, p.Document))
	}
	if k.policy.name == "" {
		slices.SortStableFunc(list, func(a, b Document) int { return strings.Compare(string(a.Text), string(b.Text)) }) // their ids are random
	}
	return list, nil
}

// read reads the members of a resource; false if a file cannot have it.
func (x *exporter) read(k *kind, r store.Resource, e *Entry) (bool, error) {
	switch k.section {
	case "managedPolicies":
		return x.managedPolicy(r, e)
	case "keys":
		return x.key(k, r, e)
	case "parameters":
		return x.parameter(r, e)
	case "projects":
		return x.project(k, r, e)
	case "modelVersions":
		return x.modelVersion(k, r, e)
	case "permissions":
		return x.permission(r, e)
	case "secrets":
		return x.secret(k, r, e)
	case "datasets":
		return x.dataset(r, e)
	}
	answer, err := x.describe(k, r)
	if err != nil {
		return false, err
	}
	x.keep(k, answer, e)
	switch k.section {
	case "documents":
		shared, err := x.get(r.ARN, "ssm", "DescribeDocumentPermission", map[string]any{"Name": r.Name, "PermissionType": "Share"})
		if err != nil {
			return false, err
		}
		e.own("sharedWith", shared["AccountIds"])
		for _, account := range texts(shared["AccountIds"]) {
			x.owner("arn:aws:iam::" + account + ":root")
		}
	case "collections":
		users, err := x.users(r)
		if err != nil {
			return false, err
		}
		e.own("users", users)
	case "samlProviders":
		if len(items(answer["PrivateKeyList"])) > 0 {
			x.leave("private key of an identity provider")
		}
	case "opsItems":
		if answer["Status"] != "Open" {
			x.leave("status of an OpsItem that is not open")
		}
	case "instanceProfiles":
		profile, err := identity.ReadInstanceProfile(x.Tx, r.ARN)
		if err != nil {
			return false, err
		}
		if profile.Role != "" {
			e.Own["role"] = profile.Role
		}
	case "analyzers":
		rules, err := x.get(r.ARN, "access-analyzer", "ListArchiveRules", map[string]any{"analyzerName": r.Name})
		if err != nil {
			return false, err
		}
		var list []any
		for _, rule := range items(rules["archiveRules"]) {
			list = append(list, map[string]any{"ruleName": rule["ruleName"], "filter": rule["filter"]})
		}
		if list != nil {
			e.Members["archiveRules"] = list
		}
	}
	return true, nil
}

// describe makes the call that reads a resource of a kind.
func (x *exporter) describe(k *kind, r store.Resource) (map[string]any, error) {
	if k.get == "" {
		return map[string]any{}, nil
	}
	by := r.ARN
	if k.byName {
		by = by[strings.LastIndexByte(by, '/')+1:]
	}
	answer, err := x.get(r.ARN, k.service, k.get, map[string]any{k.by: by})
	if err != nil || k.out == "" {
		return answer, err
	}
	found, _ := answer[k.out].(map[string]any)
	return found, nil
}

// keep takes over what the input of create has, but for what the ARN says and what is usual.
func (x *exporter) keep(k *kind, answer map[string]any, e *Entry) {
	for path, name := range k.renamed {
		if v := member(answer, path); v != nil {
			answer[name] = v
		}
	}
	a := x.owner(e.ARN)
	named, _ := k.named(a.Resource)
	given := k.input(named)
	input := x.format.inputs[k.section]
	for i := range input.NumField() {
		name := wireName(input.Field(i))
		v, ok := answer[name]
		if !ok || v == nil || !k.isGiven(name) || reflect.DeepEqual(v, given[name]) {
			continue
		}
		if usual, has := k.usual[name]; has && reflect.DeepEqual(v, usual) {
			continue
		}
		if list, isList := v.([]any); isList && len(list) == 0 {
			continue
		}
		if m, isMap := v.(map[string]any); isMap && len(m) == 0 {
			continue
		}
		e.Members[name] = v
	}
}

func (e *Entry) own(name string, v any) {
	if list := texts(v); len(list) > 0 {
		slices.Sort(list)
		e.Own[name] = List(list)
	}
}

// texts is a list of strings in an answer.
func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, one := range list {
		if text, ok := one.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// items is a list of structures in an answer.
func items(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, one := range list {
		if item, ok := one.(map[string]any); ok {
			out = append(out, item)
		}
	}
	return out
}
