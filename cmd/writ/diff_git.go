package main

import (
	"bytes"
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// compareCommits compares the policies in the files that differ between two commits.
func (c *diffCmd) compareCommits() ([]difference, error) {
	r, err := openRange(c.Git)
	if err != nil {
		return nil, err
	}
	files, err := r.changed(c.Documents)
	if err != nil {
		return nil, err
	}
	var all []difference
	for _, f := range files {
		all = append(all, c.compareFile(r, f)...)
	}
	return all, nil
}

// compareFile compares the policies of a file that differs.
func (c *diffCmd) compareFile(r repository, f changedFile) []difference {
	name := cmp.Or(f.new, f.old)
	if !holdsPolicies(f.old) && !holdsPolicies(f.new) {
		return nil
	}
	var sides [2][]located
	for i, side := range []struct{ rev, name string }{{r.base, f.old}, {r.head, f.new}} {
		if side.name == "" {
			continue
		}
		src, err := r.read(side.rev, side.name)
		if err == nil && bytes.IndexByte(src, 0) >= 0 {
			err = errors.New("not read: a binary file")
		}
		var before []located
		if err == nil && bytes.Contains(src, []byte("Statement")) {
			before, sides[i], err = policiesOf(side.name, src)
		}
		if err != nil {
			return []difference{undecided(r.base+":"+f.old, name, "", err)}
		}
		if i == 1 && before != nil {
			sides[0] = before // a plan has both sides itself
		}
	}
	return c.compareLocated(r.base+":"+cmp.Or(f.old, name), name, sides)
}

// holdsPolicies reports whether a file of this name is searched for policies.
func holdsPolicies(name string) bool {
	return slices.Contains([]string{".json", ".yaml", ".yml", ".template"}, path.Ext(name))
}

// policiesOf finds the policies of a file; those before the change if it is a plan.
func policiesOf(name string, src []byte) (before, after []located, err error) {
	nodes, err := readNodes(name, src)
	if err != nil {
		return nil, nil, err
	}
	for _, n := range nodes {
		if n.kind == objectNode && n.get("resource_changes") != nil {
			b, a := findPlanned(n)
			before, after = append(append([]located{}, before...), b...), append(after, a...)
			continue
		}
		after = append(after, findPolicies(n)...)
	}
	return before, after, nil
}

// comparePlan compares the policies of a plan of Terraform before and after it.
func (c *diffCmd) comparePlan() ([]difference, error) {
	src, err := readFile(c.Plan)
	if err != nil {
		return nil, err
	}
	n, err := readJSON(src)
	if err != nil {
		return nil, errors.New(c.Plan + ": " + err.Error() + "; --plan reads what terraform show -json prints")
	}
	if n.get("resource_changes") == nil && n.get("format_version") == nil {
		return nil, errors.New(c.Plan + ": not a plan: --plan reads what terraform show -json prints")
	}
	before, after := findPlanned(n)
	return c.compareLocated(c.Plan+" before", c.Plan, [2][]located{before, after}), nil
}

// compareLocated compares the policies at the same places.
func (c *diffCmd) compareLocated(oldName, newName string, sides [2][]located) []difference {
	var all []difference
	at := func(list []located, path string) *located {
		if i := slices.IndexFunc(list, func(l located) bool { return l.path == path }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	for i := range sides[1] {
		l := &sides[1][i]
		if d := c.compareAt(oldName, newName, at(sides[0], l.path), l); d != nil {
			all = append(all, *d)
		}
	}
	for i := range sides[0] {
		if l := &sides[0][i]; at(sides[1], l.path) == nil {
			if d := c.compareAt(oldName, newName, l, nil); d != nil {
				all = append(all, *d)
			}
		}
	}
	return all
}

// noPolicy stands for a policy that is not there.
var noPolicy = sync.OnceValue(func() *policy.Document {
	d, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[]}`))
	if err != nil {
		panic(err) // the text is constant
	}
	return d
})

// compareAt compares two policies of one place, of which one may be nil. It returns
// nil if they have the same text.
func (c *diffCmd) compareAt(oldName, newName string, old, new *located) *difference {
	d := difference{oldName: oldName, newName: newName, located: true, old: noPolicy(), new: noPolicy()}
	kind := c.Kind
	for _, l := range []*located{old, new} {
		if l == nil {
			continue
		}
		d.path = l.path
		if l.err != nil {
			u := undecided(oldName, newName, l.path, l.err)
			return &u
		}
		if kind == "auto" && l.kind != "auto" {
			kind = l.kind
		}
	}
	switch {
	case old == nil:
		d.new, d.added = new.doc, true
	case new == nil:
		d.old, d.removed = old.doc, true
	default:
		d.old, d.new = old.doc, new.doc
		if sameText(d.old, d.new) {
			return nil
		}
	}
	d.kind = kindOf(kind, d.new)
	if old != nil && (new == nil || len(d.new.Statements()) == 0) {
		d.kind = kindOf(kind, d.old)
	}
	for _, l := range []*located{old, new} {
		if l == nil {
			continue
		}
		if err := analyze.Check(l.doc, d.kind); err != nil {
			u := undecided(oldName, newName, l.path, err)
			return &u
		}
	}
	d.Comparison = analyze.Compare(d.old, d.new, d.kind, options())
	return &d
}

// undecided is the answer about a policy that cannot be read.
func undecided(oldName, newName, path string, err error) difference {
	d := difference{oldName: strings.TrimSuffix(oldName, ":"), newName: newName, path: path, located: true, old: noPolicy(), new: noPolicy()}
	d.Reason = err.Error()
	return d
}
