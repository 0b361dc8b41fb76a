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

// Operational data is a set of values that callers attach to an OpsItem, by key. Keys with AWS's prefixes are
// reserved for AWS, and three of them have a meaning: the related resources of the OpsItem, the automations
// that were run for it, and the deduplication string.
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

// reservedKeys lists the prefixes of keys that callers cannot use.
var reservedKeys = []string{"amazon", "aws", "amzn", "ssm", "/amazon", "/aws", "/amzn", "/ssm"}

// checkData checks the complete operational data of an OpsItem.
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

// equal compares two values; a value without a type is a String.
func (v OpsItemDataValue) equal(w OpsItemDataValue) bool {
	return v.Value != nil && w.Value != nil && *v.Value == *w.Value && v.searchable() == w.searchable()
}

// searchable reports whether everyone who can list OpsItems may see the value.
func (v OpsItemDataValue) searchable() bool {
	return v.Type != nil && *v.Type == OpsItemDataTypeSearchableString
}

// searchableData returns the values that everyone who can list OpsItems may see.
func searchableData(data map[string]OpsItemDataValue) map[string]OpsItemDataValue {
	seen := maps.Clone(data)
	maps.DeleteFunc(seen, func(_ string, v OpsItemDataValue) bool { return !v.searchable() })
	return seen
}

// relatedResources returns the ARNs under /aws/resources, or false if they are malformed.
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

// automations returns the ids under /aws/automations, or false if they are malformed.
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

// deduplicationString returns the string under /aws/dedup, or "" if there is none. It returns false if it is
// malformed.
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

// readData decodes the JSON under a key into v, which is unchanged if there is none. It returns false if the
// JSON is malformed.
func readData(data map[string]OpsItemDataValue, key string, v any) bool {
	value, ok := data[key]
	return !ok || json.Unmarshal([]byte(*value.Value), v) == nil
}

// deduplicate rejects a duplicate OpsItem: an open one exists with the same deduplication string, about the
// same resources of the same source. Case is ignored. A resolved OpsItem does not block others.
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
