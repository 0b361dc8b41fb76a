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

// Version is one version of a secret. One without labels is deprecated.
type Version struct {
	ID        string
	Stages    []string `json:",omitempty"` // in order
	CreatedAt time.Time
	KeyARN    string `json:",omitempty"` // of the key of its value; "" for aws/secretsmanager
	Empty     bool   `json:",omitempty"` // a rotation began it, and it has no value yet
}

// Version returns the version of an id, nil if there is none.
func (s *Secret) Version(id string) *Version {
	i := slices.IndexFunc(s.Versions, func(v Version) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &s.Versions[i]
}

// Staged returns the version with a label, nil if none has it.
func (s *Secret) Staged(stage string) *Version {
	i := slices.IndexFunc(s.Versions, func(v Version) bool { return slices.Contains(v.Stages, stage) })
	if i < 0 {
		return nil
	}
	return &s.Versions[i]
}

// Select returns the version that a request means by an id, a label, or both: nil if there is
// none with a value. Neither means the current one. matches is false for an id and a label
// of different versions.
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

// Attach moves a label to the version of an id, which exists. Where AWSCURRENT leaves a
// version, that becomes AWSPREVIOUS.
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

// Detach takes a label away from the version that has it.
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

// CountStages returns how many labels the versions have.
func (s *Secret) CountStages() (n int) {
	for _, v := range s.Versions {
		n += len(v.Stages)
	}
	return n
}

const (
	// MaxVersions is how many versions a secret keeps.
	MaxVersions = 100
	// youngest is how old a deprecated version is before it is removed.
	youngest = 24 * time.Hour
)

// Outdated removes from the record, and returns, the versions for which there is no place
// any more: the oldest deprecated ones of more than a day ago, and those that a rotation
// began and gave up.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func (s *Secret) Outdated(now time.Time) (removed []Version) {
	excess := len(s.Versions) - MaxVersions
	s.Versions = slices.DeleteFunc(s.Versions, func(v Version) bool {
		drop := len(v.Stages) == 0 && (v.Empty || excess > 0 && now.Sub(v.CreatedAt) > youngest)
		if drop {
			excess--
			removed = append(removed, v)
		}
		return drop
	})
	return removed
}
