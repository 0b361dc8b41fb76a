package secrets

import (
	"slices"
	"time"
)

// The staging labels that Secrets Manager itself moves.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
const (
	Current  = "AWSCURRENT"
	Pending  = "AWSPENDING"
	Previous = "AWSPREVIOUS"
)

// Version is one version of a secret. A version without labels is deprecated.
type Version struct {
	ID        string
	Stages    []string `json:",omitempty"` // sorted
	CreatedAt time.Time
	KeyARN    string `json:",omitempty"` // of the key that encrypts its value; "" for aws/secretsmanager
	Empty     bool   `json:",omitempty"` // created by a rotation, without a value yet
}

// Version returns the version with an id, or nil if there is none.
func (s *Secret) Version(id string) *Version {
	i := slices.IndexFunc(s.Versions, func(v Version) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &s.Versions[i]
}

// Staged returns the version with a label, or nil if there is none.
func (s *Secret) Staged(stage string) *Version {
	i := slices.IndexFunc(s.Versions, func(v Version) bool { return slices.Contains(v.Stages, stage) })
	if i < 0 {
		return nil
	}
	return &s.Versions[i]
}

// Select returns the version that a request selects by an id, a label, or both, or nil if there is none with
// a value. By default it is the current version. matches is false if id and label belong to different
// versions.
func (s *Secret) Select(id, stage *string) (v *Version, matches bool) {
	switch {
	case id != nil:
		v = s.Version(*id)
	case stage != nil:
		v = s.Staged(*stage)
	default:
		v = s.Staged(Current)
	}
	if v == nil || v.Empty {
		return nil, true
	}
	return v, stage == nil || slices.Contains(v.Stages, *stage)
}

// Attach moves a label to the version with an id, which must exist. If AWSCURRENT moves, its former version
// gets AWSPREVIOUS.
func (s *Secret) Attach(stage, id string) {
	before := s.Staged(stage)
	if before != nil && before.ID == id {
		return
	}
	s.Detach(stage)
	if stage == Current {
		s.Detach(Previous)
		if before != nil {
			before.add(Previous)
		}
	}
	s.Version(id).add(stage)
}

// Detach removes a label from the version that has it.
func (s *Secret) Detach(stage string) {
	if v := s.Staged(stage); v != nil {
		v.Stages = slices.DeleteFunc(slices.Clone(v.Stages), func(has string) bool { return has == stage })
	}
}

func (v *Version) add(stage string) {
	v.Stages = append(slices.Clone(v.Stages), stage)
	slices.Sort(v.Stages)
}

// Stages returns the ids of all versions with labels, each with its labels.
func (s *Secret) Stages() map[string][]string {
	var stages map[string][]string
	for _, v := range s.Versions {
		if len(v.Stages) == 0 {
			continue
		}
		if stages == nil {
			stages = map[string][]string{}
		}
		stages[v.ID] = v.Stages
	}
	return stages
}

// CountStages returns the number of labels of all versions.
func (s *Secret) CountStages() (n int) {
	for _, v := range s.Versions {
		n += len(v.Stages)
	}
	return n
}

const (
	// MaxVersions is the largest number of versions of a secret.
	MaxVersions = 100
	// minAge is the age at which deprecated versions may be removed.
	minAge = 24 * time.Hour
)

// Outdated removes versions from the record and returns them: the oldest deprecated versions above the limit
// that are more than a day old, and unfinished versions of abandoned rotations.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func (s *Secret) Outdated(now time.Time) (removed []Version) {
	excess := len(s.Versions) - MaxVersions
	s.Versions = slices.DeleteFunc(s.Versions, func(v Version) bool {
		drop := len(v.Stages) == 0 && (v.Empty || excess > 0 && now.Sub(v.CreatedAt) > minAge)
		if drop {
			excess--
			removed = append(removed, v)
		}
		return drop
	})
	return removed
}
