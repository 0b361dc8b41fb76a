package ssm

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Operational data is what callers note of an OpsItem, by key. The keys that
// begin as AWS's own do are AWS's, and three of them mean something: the
// resources that the OpsItem is about, the automations that were run for it, and
// the string by which it is known again.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-create-OpsItems.html
const (
	resourcesKey   = "/aws/resources"
	automationsKey = "/aws/automations"
	dedupKey       = "/aws/dedup"
)

const (
	maxDataBytes        = 20 << 10 // of a value
	maxRelatedResources = 100      // of an OpsItem
)

// reservedKeys begin the keys that callers cannot use.
var reservedKeys = []string{"amazon", "aws", "amzn", "ssm", "/amazon", "/aws", "/amzn", "/ssm"}

// checkData checks the whole operational data of an OpsItem.
func checkData(data map[string]OpsItemDataValue) error {
	bad := func(reason string) error { return opsItemParameter("OperationalData", reason) }
	for _, key := range slices.Sorted(maps.Keys(data)) {
		value := data[key]
		switch {
		case value.Value == nil:
			return bad("The key " + key + " has no value.")
		case len(*value.Value) > maxDataBytes:
			return bad("The value of the key " + key + " is larger than 20 KB.")
		case !isOwnKey(key) && slices.ContainsFunc(reservedKeys, func(p string) bool { return strings.HasPrefix(strings.ToLower(key), p) }):
			return bad("A key can't begin with " + strings.Join(reservedKeys, ", ") + ": " + key + ".")
		}
	}
	resources, ok := relatedResources(data)
	if !ok {
		return bad(resourcesKey + ` must be a list of objects with the member "arn".`)
	}
	if len(resources) > maxRelatedResources {
		return opsItemLimit("RelatedResources", maxRelatedResources)
	}
	if _, ok := automations(data); !ok {
		return bad(automationsKey + ` must be a list of objects with the members "automationType" and "automationId".`)
	}
	if _, ok := deduplicationString(data); !ok {
		return bad(dedupKey + ` must be an object with the member "dedupString".`)
	}
	return nil
}

func isOwnKey(key string) bool {
	return key == resourcesKey || key == automationsKey || key == dedupKey
}

// equal compares two values; one that says no type is a String.
func (v OpsItemDataValue) equal(w OpsItemDataValue) bool {
	return v.Value != nil && w.Value != nil && *v.Value == *w.Value && v.searchable() == w.searchable()
}

// searchable reports whether everybody may see the value who can list OpsItems.
func (v OpsItemDataValue) searchable() bool {
	return v.Type != nil && *v.Type == OpsItemDataTypeSearchableString
}

// searchableData returns what everybody may see who can list OpsItems.
func searchableData(data map[string]OpsItemDataValue) map[string]OpsItemDataValue {
	seen := maps.Clone(data)
	maps.DeleteFunc(seen, func(_ string, v OpsItemDataValue) bool { return !v.searchable() })
	return seen
}

// relatedResources returns the ARNs under /aws/resources; false if they cannot be read.
func relatedResources(data map[string]OpsItemDataValue) ([]string, bool) {
	var list []struct {
		ARN string `json:"arn"`
	}
	if !readData(data, resourcesKey, &list) {
		return nil, false
	}
	arns := make([]string, len(list))
	for i, related := range list {
		if _, err := arn.Parse(related.ARN); err != nil {
			return nil, false
		}
		arns[i] = related.ARN
	}
	return arns, true
}

// automations returns the ids under /aws/automations; false if they cannot be read.
func automations(data map[string]OpsItemDataValue) ([]string, bool) {
	var list []struct {
		Type string `json:"automationType"`
		ID   string `json:"automationId"`
	}
	if !readData(data, automationsKey, &list) {
		return nil, false
	}
	ids := make([]string, len(list))
	for i, a := range list {
		if a.Type == "" || a.ID == "" {
			return nil, false
		}
		ids[i] = a.ID
	}
	return ids, true
}

// deduplicationString returns what stands under /aws/dedup, "" if nothing does; false if it
// cannot be read.
func deduplicationString(data map[string]OpsItemDataValue) (string, bool) {
	var dedup struct {
		String *string `json:"dedupString"`
	}
	if !readData(data, dedupKey, &dedup) {
		return "", false
	}
	_, given := data[dedupKey]
	if !given || dedup.String == nil {
		return "", !given
	}
	return *dedup.String, true
}

// readData reads the JSON under a key into v, which it leaves as it is if there
// is none; false if it is not of v's form.
func readData(data map[string]OpsItemDataValue, key string, v any) bool {
	value, ok := data[key]
	return !ok || json.Unmarshal([]byte(*value.Value), v) == nil
}

// deduplicate refuses an OpsItem that there is already: an open one with the
// same deduplication string, about the same resources of the same source. Case
// does not count. An OpsItem that is resolved blocks no other.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-working-deduplication.html
func deduplicate(c *operation.Call, r store.Resource, v *opsItemRecord) error {
	dedup, _ := deduplicationString(v.OperationalData)
	if dedup == "" || *v.Status == OpsItemStatusResolved {
		return c.Tx.SetReferences(r.ARN, nil)
	}
	resources, _ := relatedResources(v.OperationalData)
	slices.Sort(resources)
	mark := groupARN(c, r.Account) + "/" + hashOf(strings.ToLower(dedup), *v.Source, strings.Join(resources, " "))
	same, err := c.Tx.ReferencedBy(mark, 0)
	if err != nil {
		return err
	}
	for _, other := range same {
		if other != r.ARN {
			_, id, _ := strings.Cut(other, ":"+opsItemType+"/")
			return errOpsItemAlreadyExists(textOpsItemExists).With("OpsItemId", id)
		}
	}
	return c.Tx.SetReferences(r.ARN, []string{mark})
}
