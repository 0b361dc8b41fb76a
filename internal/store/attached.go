package store

import "fmt"

// Attached is what an authorization needs of its target beside the target's row:
// the policies on one ARN, and the tags on the resource and on the principal.
type Attached struct {
	Policies []Policy // shared: they must not be changed

	tx                  *Tx
	resource, principal string
}

// LoadAttached reads the policies on policyARN; "" has none. The tags are those on
// the other two ARNs, where they are not "".
//
// The tags are named here so that an engine to which each query is a round trip
// can read them together with the policies. SQLite reads them when they are asked
// for, which few decisions do.
func (tx *Tx) LoadAttached(policyARN, resource, principal string) (Attached, error) {
	a := Attached{tx: tx, resource: resource, principal: principal}
	if policyARN == "" {
		return a, nil
	}
	var err error
	a.Policies, err = tx.readPolicies(policyARN)
	return a, err
}

// Tags returns the tags on the resource and on the principal. It must be called in
// the transaction that loaded the policies.
func (a *Attached) Tags() (resource, principal map[string]string, err error) {
	resource, principal = map[string]string{}, map[string]string{}
	if a.resource == "" && a.principal == "" {
		return resource, principal, nil
	}
	type tag struct{ arn, key, value string }
	list, err := queryAll(a.tx, func(r row) (t tag, err error) {
		err = r.Scan(&t.arn, &t.key, &t.value)
		return t, err
	}, `SELECT arn, key, value FROM tags WHERE arn IN ($1, $2)`, a.resource, a.principal)
	if err != nil {
		return nil, nil, fmt.Errorf("read tags of %s and %s: %w", a.resource, a.principal, err)
	}
	for _, t := range list {
		if t.arn == a.resource {
			resource[t.key] = t.value
		}
		if t.arn == a.principal {
			principal[t.key] = t.value
		}
	}
	return resource, principal, nil
}
