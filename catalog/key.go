package catalog

import (
	"slices"
	"strings"
	"sync"
)

// KeyType is the type of a condition key: the type of its values, and whether it is multivalued.
type KeyType uint8

const (
	String KeyType = iota
	ARN
	Bool
	Date
	Numeric
	IPAddress
	ArrayOfString
	ArrayOfARN
	ArrayOfBool
)

var keyTypeNames = [...]string{"String", "ARN", "Bool", "Date", "Numeric", "IPAddress", "ArrayOfString", "ArrayOfARN", "ArrayOfBool"}

// String returns the term of the service authorization reference: "ArrayOfString".
func (t KeyType) String() string { return keyTypeNames[t] }

// Multivalued reports whether a request has a set of values, so that a condition requires ForAllValues or
// ForAnyValue.
func (t KeyType) Multivalued() bool { return t >= ArrayOfString }

// Element returns the type of one value: for ArrayOfARN it is ARN.
func (t KeyType) Element() KeyType {
	switch t {
	case ArrayOfString:
		return String
	case ArrayOfARN:
		return ARN
	case ArrayOfBool:
		return Bool
	}
	return t
}

// keyTypes returns the types by name.
var keyTypes = sync.OnceValue(func() map[string]KeyType {
	byName := make(map[string]KeyType, len(keyTypeNames))
	for t, name := range keyTypeNames {
		byName[name] = KeyType(t)
	}
	return byName
})

// ConditionKey is a condition key. Its name contains ${...} for the parts that a policy specifies:
// "aws:ResourceTag/${TagKey}".
type ConditionKey struct {
	Name string
	Type KeyType
}

// Is reports whether a policy's name refers to the key.
func (k *ConditionKey) Is(name string) bool {
	if !strings.Contains(k.Name, "${") {
		return strings.EqualFold(k.Name, name)
	}
	return matchesForm(k.Name, name)
}

// Stem returns the name's constant prefix, before the part that a policy specifies: "aws:ResourceTag/". For a
// key without such a part it is the whole name.
func (k *ConditionKey) Stem() string {
	stem, _, _ := strings.Cut(k.Name, "${")
	return stem
}

// matchesForm reports whether a name has a format; each ${...} of it matches any text.
func matchesForm(form, name string) bool {
	for {
		fixed, rest, more := strings.Cut(form, "${")
		if len(name) < len(fixed) || !strings.EqualFold(name[:len(fixed)], fixed) {
			return false
		}
		name = name[len(fixed):]
		if !more {
			return name == ""
		}
		_, rest, _ = strings.Cut(rest, "}")
		next, _, _ := strings.Cut(rest, "${")
		if next == "" {
			return name != ""
		}
		at := strings.Index(strings.ToLower(name), strings.ToLower(next))
		if at < 1 {
			return false
		}
		form, name = rest, name[at:]
	}
}

// keyTable finds keys by the names that policies use.
type keyTable struct {
	named []*ConditionKey // sorted without regard to case
	forms []*ConditionKey // those with a ${...}
}

func newKeyTable(keys []ConditionKey) (t keyTable) {
	for i := range keys {
		if strings.Contains(keys[i].Name, "${") {
			t.forms = append(t.forms, &keys[i])
		} else {
			t.named = append(t.named, &keys[i])
		}
	}
	slices.SortFunc(t.named, func(a, b *ConditionKey) int { return compareFold(a.Name, b.Name) })
	return t
}

func (t keyTable) find(name string) (*ConditionKey, bool) {
	if i, ok := slices.BinarySearchFunc(t.named, name, func(k *ConditionKey, name string) int { return compareFold(k.Name, name) }); ok {
		return t.named[i], true
	}
	for _, k := range t.forms {
		if matchesForm(k.Name, name) {
			return k, true
		}
	}
	return nil, false
}

// FindKey returns the condition key that a policy names: a global key, a key of the service with its prefix,
// or one of the few with another prefix, such as the identity provider keys of STS ("saml:aud").
func FindKey(name string) (*ConditionKey, bool) {
	if k, ok := globals().find(name); ok {
		return k, true
	}
	prefix, _, _ := strings.Cut(name, ":")
	if s, ok := Lookup(prefix); ok {
		if k, ok := s.ConditionKey(name); ok {
			return k, true
		}
	}
	x := readIndex()
	for _, i := range x.byKey[strings.ToLower(prefix)] {
		if k, ok := x.entries[i].read().ConditionKey(name); ok {
			return k, true
		}
	}
	return nil, false
}

// GlobalKeys returns the keys that AWS defines for all services: those that begin with aws:, and a few that
// depend on the source of the caller's credentials.
//
// Keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func GlobalKeys() []ConditionKey { return globalKeys() }

// GlobalKey returns the global key that a policy names.
func GlobalKey(name string) (*ConditionKey, bool) { return globals().find(name) }

var globals = sync.OnceValue(func() keyTable { return newKeyTable(globalKeys()) })

var globalKeys = sync.OnceValue(func() []ConditionKey {
	var keys []ConditionKey
	for line := range strings.Lines(globalKeyText) {
		t, names, _ := strings.Cut(strings.TrimSpace(line), ":")
		for name := range strings.FieldsSeq(names) {
			if !strings.Contains(name, ":") {
				name = "aws:" + name
			}
			keys = append(keys, ConditionKey{Name: name, Type: keyTypes()[t]})
		}
	}
	return keys
})

// globalKeyText has a line for each type. Names without a prefix begin with aws:.
const globalKeyText = `ARN: PrincipalArn SourceArn ChatbotSourceArn ec2:SourceInstanceArn lambda:SourceFunctionArn ssm:SourceInstanceArn
Bool: PrincipalIsAWSService MultiFactorAuthPresent SecureTransport ViaAWSService ViaAWSMCPService AssumedRoot IsMcpServiceAction
Date: CurrentTime EpochTime TokenIssueTime
Numeric: MultiFactorAuthAge ec2:RoleDelivery
IPAddress: SourceIp VpcSourceIp Ec2InstanceSourcePrivateIPv4
ArrayOfString: PrincipalOrgPaths PrincipalServiceNamesList ResourceOrgPaths SourceOrgPaths VpceOrgPaths CalledVia TagKeys
String: PrincipalAccount PrincipalOrgID PrincipalTag/${TagKey} PrincipalServiceName PrincipalType userid username FederatedProvider
String: Ec2InstanceSourceVpc SourceIdentity SourceVpc SourceVpcArn SourceVpce VpceAccount VpceOrgID ResourceAccount ResourceOrgID
String: ResourceTag/${TagKey} CalledViaFirst CalledViaLast CalledViaAWSMCP referer RequestedRegion RequestTag/${TagKey} SourceAccount
String: SourceOwner SourceOrgID UserAgent glue:RoleAssumedBy glue:CredentialIssuingService identitystore:UserId`
