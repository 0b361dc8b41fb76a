package catalog

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// Service is one service: the prefix of its actions.
type Service struct {
	Prefix        string         // "s3"
	Name          string         // "Amazon S3"
	SupportsRCP   bool           // resource control policies apply to its resources
	Actions       []Action       // sorted by name
	ResourceTypes []ResourceType // sorted by name
	ConditionKeys []ConditionKey // the keys that its actions and resource types list

	keys keyTable
}

// AccessLevel classifies actions by their effect.
type AccessLevel uint8

const (
	List AccessLevel = iota
	Read
	Write
	Tagging               // changes tags only
	PermissionsManagement // grants or changes permissions
)

// String returns AWS's term: "Permissions management".
func (l AccessLevel) String() string {
	return [...]string{"List", "Read", "Write", "Tagging", "Permissions management"}[l]
}

// accessLevel returns the level for a letter of the tables.
func accessLevel(letter string) AccessLevel { return AccessLevel(strings.Index("LRWTP", letter)) }

// Action is one action of a service.
type Action struct {
	Service       *Service
	Name          string // "GetObject"
	Access        AccessLevel
	Resources     []ActionResource // if empty, the action requires "Resource": "*"
	ConditionKeys []*ConditionKey  // of the action, for any resource
	Dependent     []string         // full names of actions that the caller also needs
}

// ActionResource is a resource type that an action supports.
type ActionResource struct {
	Type          *ResourceType
	Required      bool            // every request for the action names such a resource
	ConditionKeys []*ConditionKey // of the action for this type, in addition to the type's keys
	Dependent     []string
}

// ResourceType is a type of resource of a service.
type ResourceType struct {
	Name          string          // "bucket"
	ARN           string          // "arn:${Partition}:s3:::${BucketName}"
	ConditionKeys []*ConditionKey // of every action for the type

	service             string // third field of the ARN
	shape, tail         string // of the ARN, and of its last field
	hasRegion, hasOwner bool
}

// FullName returns the name with the prefix: "s3:GetObject".
func (a *Action) FullName() string { return a.Service.Prefix + ":" + a.Name }

// Accepts reports whether the reference lists a condition key, named as in a policy, for the action or for
// one of its resource types. It does not include global keys that no list has, such as aws:SourceIp.
func (a *Action) Accepts(key string) bool {
	listed := func(keys []*ConditionKey) bool {
		return slices.ContainsFunc(keys, func(k *ConditionKey) bool { return k.Is(key) })
	}
	return listed(a.ConditionKeys) || slices.ContainsFunc(a.Resources, func(r ActionResource) bool {
		return listed(r.ConditionKeys) || listed(r.Type.ConditionKeys)
	})
}

// Action returns the action with a name, without the prefix.
func (s *Service) Action(name string) (*Action, bool) {
	i, ok := slices.BinarySearchFunc(s.Actions, name, func(a Action, name string) int { return compareFold(a.Name, name) })
	if !ok {
		return nil, false
	}
	return &s.Actions[i], true
}

// Match returns the actions whose names, without the prefix, match a pattern.
func (s *Service) Match(pattern string) iter.Seq[*Action] {
	return func(yield func(*Action) bool) {
		if !strings.ContainsAny(pattern, "*?") {
			if a, ok := s.Action(pattern); ok {
				yield(a)
			}
			return
		}
		for i := range s.Actions {
			if Glob(pattern, s.Actions[i].Name) && !yield(&s.Actions[i]) {
				return
			}
		}
	}
}

// ConditionKey returns the service's key that a policy names: its own keys and the aws: keys that its actions
// and resource types list. For example, "s3:ExistingObjectTag/team" refers to "s3:ExistingObjectTag/<key>".
func (s *Service) ConditionKey(name string) (*ConditionKey, bool) { return s.keys.find(name) }

// resourceType returns the type with a name, or nil.
func (s *Service) resourceType(name string) *ResourceType {
	for i := range s.ResourceTypes {
		if strings.EqualFold(s.ResourceTypes[i].Name, name) {
			return &s.ResourceTypes[i]
		}
	}
	return nil
}

// compareFold compares without regard to case, in the order of Actions.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(lower(a[i]), lower(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}
