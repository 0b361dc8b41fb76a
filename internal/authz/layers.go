package authz

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// layers collects the compiled documents that bind a request.
type layers struct {
	documents *documents
	policies  policy.Policies

	keys, resourceTags, principalTags bool // some document may ask for them
}

// own adds the caller's own side, and what is lent to it.
func (l *layers) own(b identity.Bonds, lent []identity.Text) (err error) {
	if l.policies.Identity, err = l.layer(append(slices.Clip(b.Identity), lent...)); err != nil {
		return err
	}
	if l.policies.Boundary, err = l.layer(b.Boundary); err != nil {
		return err
	}
	l.policies.Session, err = l.layer(b.Session)
	return err
}

// organizations adds the control policies of the caller's and of the resource's
// organization. Neither kind binds a management account.
func (l *layers) organizations(caller string, callers identity.Membership, owner string, owners identity.Membership) (err error) {
	if callers.ManagementAccount != caller {
		if l.policies.ServiceControl, err = l.levels(callers.ServiceControl); err != nil {
			return err
		}
	}
	if owners.ManagementAccount != owner {
		l.policies.ResourceControl, err = l.levels(owners.ResourceControl)
	}
	return err
}

// resource adds the documents on a target, whoever wrote them.
func (l *layers) resource(tx *store.Tx, t Target) (err error) {
	if l.policies.Resource, err = l.layer(t.Granted); err != nil {
		return err
	}
	holder := cmp.Or(t.PolicyARN, t.ARN)
	if holder == "*" {
		return nil
	}
	attached, err := tx.Policies(holder)
	if err != nil {
		return err
	}
	for _, a := range attached {
		d, err := l.compile(strings.TrimSpace(a.ARN+" "+a.Name), a.Document)
		if err != nil {
			return err
		}
		l.policies.Resource = append(l.policies.Resource, d)
	}
	return nil
}

// layer keeps nil and empty apart: an absent layer limits nothing, an empty one
// allows nothing.
func (l *layers) layer(texts []identity.Text) ([]policy.Attached, error) {
	if texts == nil {
		return nil, nil
	}
	list := make([]policy.Attached, 0, len(texts))
	for _, t := range texts {
		d, err := l.compile(t.Name, t.Document)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// levels compiles the levels of an organization, from the root down.
func (l *layers) levels(levels [][]identity.Text) ([][]policy.Attached, error) {
	if levels == nil {
		return nil, nil
	}
	list := make([][]policy.Attached, 0, len(levels))
	for _, texts := range levels {
		level, err := l.layer(texts)
		if err != nil {
			return nil, err
		}
		list = append(list, level)
	}
	return list, nil
}

func (l *layers) compile(name, text string) (policy.Attached, error) {
	d, err := l.documents.compile(text)
	if err != nil {
		return policy.Attached{}, fmt.Errorf("policy %s: %w", name, err)
	}
	l.keys = l.keys || d.keys
	l.resourceTags = l.resourceTags || d.resourceTags
	l.principalTags = l.principalTags || d.principalTags
	return policy.Attached{Name: name, Document: d.Document}, nil
}
