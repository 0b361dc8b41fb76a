package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Attached reads what an authorization needs of its target besides its row: the policies on
// one ARN, and the tags on the resource and on the principal.
type Attached struct {
	tx                          *Tx
	policy, resource, principal string
	ahead                       *ahead // nil if each is read on demand
}

// ahead is a query that was sent before its result is needed.
type ahead struct {
	writes   int // write statements of the transaction when the query was sent
	policies bool
	list     []Policy
	tags     []tag
	err      error
}

type tag struct{ arn, key, value string }

// Attached identifies the policies on policyARN and the tags on the other two ARNs; ""
// has none. SQLite reads each on demand, because few decisions need tags. An engine for
// which each query is a round trip reads all with one statement, which is sent together
// with the transaction's next query.
func (tx *Tx) Attached(policyARN, resource, principal string) Attached {
	a := Attached{tx: tx, policy: policyARN, resource: resource, principal: principal}
	if !tx.session.asksAhead() || tx.checkActive() != nil {
		return a
	}
	if _, known := tx.policies[policyARN]; known {
		policyARN = ""
	}
	if policyARN == "" && resource == "" && principal == "" {
		return a
	}
	a.ahead = &ahead{writes: tx.writes, policies: policyARN != ""}
	tx.counts.queries.Add(1)
	tx.session.ask(a.ahead.receive,
		`SELECT 1, arn, source, name, document, revision, created_at, updated_at FROM policies WHERE arn = $1
		UNION ALL SELECT 2, arn, key, value, '', '', 0, 0 FROM tags WHERE arn IN ($2, $3)`, policyARN, resource, principal)
	return a
}

// receive adds a row.
func (a *ahead) receive(r row) bool {
	var kind, created, updated int64
	var p Policy
	if a.err = r.Scan(&kind, &p.ARN, &p.Source, &p.Name, &p.Document, &p.Revision, &created, &updated); a.err != nil {
		return false
	}
	if kind == 2 {
		a.tags = append(a.tags, tag{p.ARN, p.Source, p.Name})
		return true
	}
	p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
	a.list = append(a.list, p)
	return true
}

// arrived waits for the result of the query; nil if none was sent, or if the transaction
// has written since.
func (a Attached) arrived() (*ahead, error) {
	if a.ahead == nil {
		return nil, nil
	}
	if err := a.tx.checkActive(); err != nil {
		return nil, err
	}
	err := a.tx.engineError(cmp.Or(a.tx.session.receive(), a.ahead.err))
	if err != nil || a.ahead.writes != a.tx.writes {
		return nil, err
	}
	return a.ahead, nil
}

// Policies returns the policies, ordered by Source and Name. They are shared and must not
// be changed.
func (a Attached) Policies() ([]Policy, error) {
	if a.policy == "" {
		return nil, nil
	}
	ahead, err := a.arrived()
	if err != nil {
		return nil, fmt.Errorf("read policies of %s: %w", a.policy, err)
	}
	if ahead != nil && ahead.policies {
		slices.SortFunc(ahead.list, func(p, q Policy) int {
			return cmp.Or(strings.Compare(p.Source, q.Source), strings.Compare(p.Name, q.Name))
		})
		a.tx.recordPolicies(a.policy, ahead.list)
	}
	return a.tx.readPolicies(a.policy)
}

// Tags returns the tags on the resource and on the principal. They are shared and must
// not be changed.
func (a Attached) Tags() (resource, principal map[string]string, err error) {
	resource, hasResource := a.knownTags(a.resource)
	principal, hasPrincipal := a.knownTags(a.principal)
	if hasResource && hasPrincipal {
		return resource, principal, nil
	}
	var list []tag
	ahead, err := a.arrived()
	if ahead != nil {
		list = ahead.tags
	} else if err == nil {
		list, err = queryAll(a.tx, func(r row) (t tag, err error) {
			err = r.Scan(&t.arn, &t.key, &t.value)
			return t, err
		}, `SELECT arn, key, value FROM tags WHERE arn IN ($1, $2)`, a.resource, a.principal)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read tags of %s and %s: %w", a.resource, a.principal, err)
	}
	return a.keepTags(a.resource, list), a.keepTags(a.principal, list), nil
}

// knownTags returns the tags on an ARN if they need not be read; "" has none.
func (a Attached) knownTags(arn string) (map[string]string, bool) {
	if arn == "" {
		return map[string]string{}, true
	}
	return a.tx.session.tagsOf(arn)
}

// keepTags returns the tags on an ARN from those that were read.
func (a Attached) keepTags(arn string, read []tag) map[string]string {
	tags := map[string]string{}
	if arn == "" {
		return tags
	}
	for _, t := range read {
		if t.arn == arn {
			tags[t.key] = t.value
		}
	}
	a.tx.session.keepTags(arn, tags)
	return tags
}
