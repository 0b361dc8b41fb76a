package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The sources of policies.
const (
	SourceUser = "user" // written through the service's API
	SourceRAM  = "ram"  // generated from resource shares
)

// Policy is one resource-based policy document on an ARN. An ARN may have several, with
// different Source or Name. A resource with the ARN need not exist.
type Policy struct {
	ARN      string
	Source   string // who wrote it: SourceUser or SourceRAM
	Name     string // "" for services with a single policy per resource
	Document string // the text as received
	Revision string // as the service counts them; "" if it does not

	CreatedAt, UpdatedAt time.Time
}

// Policies returns the policies on an ARN, ordered by Source and Name; none is no error.
func (tx *Tx) Policies(arn string) ([]Policy, error) {
	list, err := tx.readPolicies(arn)
	return slices.Clone(list), err
}

// PolicyARNs returns the ARNs that have policies, in their order. A resource with the ARN
// need not exist.
func (tx *Tx) PolicyARNs() ([]string, error) {
	list, err := queryAll(tx, func(r row) (arn string, err error) {
		err = r.Scan(&arn)
		return arn, err
	},
		`SELECT DISTINCT arn FROM policies ORDER BY arn`)
	if err != nil {
		return nil, fmt.Errorf("list the ARNs with policies: %w", err)
	}
	return list, nil
}

// readPolicies is Policies for a caller that does not change the list.
func (tx *Tx) readPolicies(arn string) ([]Policy, error) {
	if err := tx.checkActive(); err != nil {
		return nil, fmt.Errorf("read policies of %s: %w", arn, err)
	}
	if list, ok := tx.policies[arn]; ok {
		return list, nil
	}
	list, ok := tx.session.policiesOf(arn)
	if !ok {
		var err error
		list, err = queryAll(tx, func(r row) (p Policy, err error) {
			var created, updated int64
			p.ARN = arn
			err = r.Scan(&p.Source, &p.Name, &p.Document, &p.Revision, &created, &updated)
			p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
			return p, err
		}, `SELECT source, name, document, revision, created_at, updated_at FROM policies WHERE arn = $1 ORDER BY source, name`,
			arn)
		if err != nil {
			return nil, fmt.Errorf("read policies of %s: %w", arn, err)
		}
		tx.session.keepPolicies(arn, list)
	}
	tx.recordPolicies(arn, list)
	return list, nil
}

// recordPolicies caches the policies that were read on an ARN.
func (tx *Tx) recordPolicies(arn string, list []Policy) {
	if tx.policies == nil {
		tx.policies = make(map[string][]Policy)
	}
	tx.policies[arn] = list
}

// PutPolicy adds a policy or replaces the one with its ARN, Source and Name, whose
// CreatedAt is kept.
func (tx *Tx) PutPolicy(p Policy) error {
	before, known := tx.policies[p.ARN]
	if err := tx.invalidatePolicies(p.ARN); err != nil {
		return fmt.Errorf("put policy on %s: %w", p.ARN, err)
	}
	err := tx.write(
		`INSERT INTO policies (arn, source, name, document, revision, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (arn, source, name) DO UPDATE SET document = excluded.document,
			revision = excluded.revision, updated_at = excluded.updated_at`,
		p.ARN, p.Source, p.Name, p.Document, p.Revision, toMicros(p.CreatedAt), toMicros(p.UpdatedAt))
	if err != nil {
		return fmt.Errorf("put policy on %s: %w", p.ARN, err)
	}
	if known { // and so is what there is now
		list := withPolicy(before, p)
		tx.policies[p.ARN] = list
		tx.session.setPolicies(p.ARN, list)
	}
	return nil
}

// withPolicy returns the policies on an ARN after a put.
func withPolicy(before []Policy, p Policy) []Policy {
	p.CreatedAt, p.UpdatedAt = fromMicros(toMicros(p.CreatedAt)), fromMicros(toMicros(p.UpdatedAt))
	i, found := slices.BinarySearchFunc(before, p, func(a, b Policy) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Name, b.Name))
	})
	list := slices.Clone(before)
	if found {
		p.CreatedAt = list[i].CreatedAt
		list[i] = p
		return list
	}
	return slices.Insert(list, i, p)
}

// invalidatePolicies drops the cached policies on an ARN before a write; an error if the
// transaction cannot write.
func (tx *Tx) invalidatePolicies(arn string) error {
	if err := tx.checkWritable(); err != nil {
		return err
	}
	delete(tx.policies, arn)
	tx.session.forgetPolicies(arn)
	return nil
}

// DeletePolicy removes one policy; ErrNotFound if there is none.
func (tx *Tx) DeletePolicy(arn, source, name string) error {
	known := slices.ContainsFunc(tx.policies[arn], func(p Policy) bool { return p.Source == source && p.Name == name })
	if err := tx.invalidatePolicies(arn); err != nil {
		return fmt.Errorf("delete policy of %s: %w", arn, err)
	}
	err := tx.writeOne(known, `DELETE FROM policies WHERE arn = $1 AND source = $2 AND name = $3`, arn, source, name)
	if err != nil {
		return fmt.Errorf("delete policy of %s: %w", arn, err)
	}
	return nil
}
