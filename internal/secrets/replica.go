package secrets

import (
	"errors"
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// A replica is a secret of the same name and suffix in another region. It has the values, the labels, the
// tags and the policy of its primary secret, and a KMS key of its own region, under which the values are
// encrypted for the caller who changes the primary secret.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html

// TextTaken is the failure message of a replica whose name is in use by another secret.
const TextTaken = "Secret with this name already exists in this region"

// Replica returns the replica in a region, or nil if there is none.
func (s *Secret) Replica(region string) *Replica {
	i := slices.IndexFunc(s.Replicas, func(r Replica) bool { return r.Region == region })
	if i < 0 {
		return nil
	}
	return &s.Replicas[i]
}

// callInRegion calls a function with a call of another region. The gate's decisions there are decisions of the
// call.
func callInRegion(c *operation.Call, region string, do func(*operation.Call) error) error {
	there := *c
	there.Region = region
	err := do(&there)
	c.Decisions = there.Decisions
	return err
}

// Sync copies a changed primary secret to all of its replicas, before its record is written. A replica is
// marked as failed if KMS denies the encryption to the caller, or if its name is in use; overwrite replaces
// the other secret.
func (s *Secret) Sync(c *operation.Call, overwrite bool) error {
	for i := range s.Replicas {
		r := &s.Replicas[i]
		err := s.syncTo(c, r, overwrite)
		r.Failure = ""
		if e, ok := errors.AsType[*awserr.Error](err); ok {
			r.Failure, err = e.Message, nil
		}
		if d, ok := errors.AsType[*authz.Denial](err); ok {
			r.Failure, err = d.Error(), nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// syncTo copies the secret to one region.
func (s *Secret) syncTo(c *operation.Call, r *Replica, overwrite bool) error {
	n := s.name().In(r.Region)
	var copied *Secret
	err := callInRegion(c, r.Region, func(there *operation.Call) (err error) {
		copied, err = s.prepare(there, n, r.KeyID, overwrite)
		return err
	})
	if err != nil {
		return err
	}
	known := copied.Versions
	copied.Versions = nil
	for _, v := range s.Versions {
		if len(v.Stages) == 0 {
			continue
		}
		i := slices.IndexFunc(known, func(k Version) bool { return k.ID == v.ID && k.Empty == v.Empty })
		if i >= 0 {
			known[i].Stages = v.Stages
			copied.Versions = append(copied.Versions, known[i])
			continue
		}
		copied.Versions = append(copied.Versions, v)
		if v.Empty {
			continue
		}
		value, err := s.Open(c, &v)
		if err != nil {
			return err
		}
		err = callInRegion(c, r.Region, func(there *operation.Call) error {
			return copied.Seal(there, copied.Version(v.ID), value)
		})
		if err != nil {
			return err
		}
	}
	known = slices.DeleteFunc(known, func(k Version) bool { return copied.Version(k.ID) != nil })
	if err := copied.DropValues(c, known); err != nil {
		return err
	}
	if err := copied.Write(c); err != nil {
		return err
	}
	return s.copyAttached(c, n.ARN())
}

// prepare returns the existing replica, or a new one, with the description of the primary secret.
func (s *Secret) prepare(there *operation.Call, n Name, key string, overwrite bool) (*Secret, error) {
	if err := ReleaseName(there, n); err != nil {
		return nil, err
	}
	f, err := Find(there, n.Name)
	if err != nil {
		return nil, err
	}
	if f.Secret != nil && f.Secret.Primary != s.ARN() {
		if !overwrite || f.Secret.Primary != "" {
			return nil, awserr.New("ResourceExistsException", 400, "%s", TextTaken)
		}
		if err := f.Secret.Delete(there); err != nil {
			return nil, err
		}
		f.Secret = nil
	}
	if f.Secret == nil {
		f.Secret = &Secret{Primary: s.ARN(), KeyID: key}
		if err := f.Secret.Insert(there, n); err != nil {
			return nil, err
		}
	}
	f.Secret.Description, f.Secret.Kind = s.Description, s.Kind
	return f.Secret, nil
}

// copyAttached copies the tags and the policy of the secret to its replica.
func (s *Secret) copyAttached(c *operation.Call, replica string) error {
	tags, err := c.Tx.Tags(s.ARN())
	if err != nil {
		return err
	}
	old, err := c.Tx.Tags(replica)
	if err != nil {
		return err
	}
	var gone []string
	for key := range old {
		if _, stays := tags[key]; !stays {
			gone = append(gone, key)
		}
	}
	if err := c.Tx.DeleteTags(replica, gone); err != nil {
		return err
	}
	if err := c.Tx.SetTags(replica, tags); err != nil {
		return err
	}
	policies, err := c.Tx.Policies(s.ARN())
	if err != nil {
		return err
	}
	if len(policies) == 0 {
		return DeletePolicy(c, replica)
	}
	p := policies[0]
	p.ARN = replica
	return c.Tx.PutPolicy(p)
}

// DeletePolicy deletes the policy of a secret, if there is one.
func DeletePolicy(c *operation.Call, arn string) error {
	policies, err := c.Tx.Policies(arn)
	if err != nil || len(policies) == 0 {
		return err
	}
	return c.Tx.DeletePolicy(arn, store.SourceUser, "")
}

// Unreplicate deletes the replica in a region and removes it from the record.
func (s *Secret) Unreplicate(c *operation.Call, region string) error {
	err := callInRegion(c, region, func(there *operation.Call) error {
		f, err := Find(there, s.name().In(region).ARN())
		if err != nil || f.Secret == nil || f.Secret.Primary != s.ARN() {
			return err
		}
		return f.Secret.Delete(there)
	})
	s.Replicas = slices.DeleteFunc(s.Replicas, func(r Replica) bool { return r.Region == region })
	return err
}

// Promote makes a replica an independent secret and removes it from its primary secret.
func (s *Secret) Promote(c *operation.Call) error {
	err := callInRegion(c, s.PrimaryRegion(), func(there *operation.Call) error {
		f, err := Find(there, s.Primary)
		if err != nil || f.Secret == nil {
			return err
		}
		f.Secret.Replicas = slices.DeleteFunc(f.Secret.Replicas, func(r Replica) bool { return r.Region == s.Region() })
		return f.Secret.Write(there)
	})
	s.Primary = ""
	return err
}
