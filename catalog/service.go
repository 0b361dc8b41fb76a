package catalog

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// Service is one service: what stands before the colon of its actions.
type Service struct {
	Prefix        string         // "s3"
	Name          string         // "Amazon S3"
	SupportsRCP   bool           // resource control policies apply to it
	Actions       []Action       // in order of their names
	ResourceTypes []ResourceType // in order of their names
	ConditionKeys []ConditionKey // those that its actions and resource types list

	keys keyTable
}

// AccessLevel groups actions by what they do.
type AccessLevel uint8

const (
	List AccessLevel = iota
	Read
	Write
	Tagging               // changes tags only
	PermissionsManagement // grants or changes permissions
)

// String is AWS's word: "Permissions management".
func (l AccessLevel) String() string {
	return [...]string{"List", "Read", "Write", "Tagging", "Permissions management"}[l]
}

// accessLevel is the level that the tables write as a letter.
func accessLevel(letter string) AccessLevel { return AccessLevel(strings.Index("LRWTP", letter)) }

// Action is one action of a service.
type Action struct {
	Service       *Service
	Name          string // "GetObject"
	Access        AccessLevel
	Resources     []ActionResource // none: the action needs "Resource": "*"
	ConditionKeys []*ConditionKey  // of the action, whatever the resource
	Dependent     []string         // full names of actions that the caller needs too
}

// ActionResource says that an action acts on a type of resource.
type ActionResource struct {
	Type          *ResourceType
	Required      bool            // every request of the action names such a resource
	ConditionKeys []*ConditionKey // of the action on this type, besides those of the type
	Dependent     []string
}

// ResourceType is a type of resource of a service.
type ResourceType struct {
	Name          string          // "bucket"
	ARN           string          // "arn:${Partition}:s3:::${BucketName}"
	ConditionKeys []*ConditionKey // of every action on the type

	service             string // third field of the ARN
	shape, tail         string // of the ARN, and of its last field
	hasRegion, hasOwner bool
}

// FullName is "s3:GetObject".
func (a *Action) FullName() string { return a.Service.Prefix + ":" + a.Name }

// Accepts reports whether the reference lists a condition key, named as in a
// policy, for the action or for one of the types it acts on. Global keys that no
// list has, such as aws:SourceIp, are not asked about here.
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

// Match returns the actions whose names, without the prefix, a pattern matches.
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

// ConditionKey returns the key of the service that a policy names: its own and
// those aws: keys that its actions and resource types list. In
// "s3:ExistingObjectTag/team" it knows the key "s3:ExistingObjectTag/<key>".
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

// compareFold compares without regard to case, which is how Actions are ordered.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(lower(a[i]), lower(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}
