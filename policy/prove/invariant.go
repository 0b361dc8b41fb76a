package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// invariant is an invariant with resolved names.
type invariant struct {
	Invariant
	targets    []*target
	forbidden  map[*actor]bool
	conditions []policy.Predicate
}

func (c *compiler) allInvariants(w *World) {
	var names []string
	for i := range w.Invariants {
		inv := &invariant{Invariant: w.Invariants[i], forbidden: map[*actor]bool{}}
		path := fmt.Sprintf("invariants[%d]", i)
		if inv.Name == "" || slices.Contains(names, inv.Name) {
			c.fault(path+".name", "an invariant requires a unique name")
		}
		names = append(names, inv.Name)
		c.scope(path, inv)
		if len(inv.Only) > 0 && len(inv.Nobody) > 0 {
			c.fault(path, "only and nobody are mutually exclusive")
		}
		if len(inv.Only)+len(inv.Nobody)+len(inv.Condition) == 0 {
			c.fault(path, "an invariant requires only, nobody or condition")
		}
		if inv.MaxLength < 0 {
			c.fault(path+".maxLength", "%d is negative", inv.MaxLength)
		}
		listed := c.selected(path+".only", inv.Only)
		for _, a := range c.actors {
			inv.forbidden[a] = len(inv.Only) > 0 && !listed[a]
		}
		for a := range c.selected(path+".nobody", inv.Nobody) {
			inv.forbidden[a] = true
		}
		if len(inv.Condition) > 0 {
			conditions, err := analyze.Conditions(inv.Condition)
			if err != nil {
				c.fault(path+".condition", "%v", err)
			}
			inv.conditions = conditions
		}
		c.invariants = append(c.invariants, inv)
	}
}

// scope resolves the resources of an invariant.
func (c *compiler) scope(path string, inv *invariant) {
	if len(inv.Actions) == 0 {
		c.fault(path+".actions", "an invariant requires actions")
	}
	for i, a := range inv.Actions {
		at := fmt.Sprintf("%s.actions[%d]", path, i)
		if service, name, ok := strings.Cut(a, ":"); a != "*" && (!ok || service == "" || name == "") {
			c.fault(at, "%q is not an action, such as s3:GetObject", a)
		}
		for _, free := range []string{"sts:GetCallerIdentity", "sts:GetSessionToken"} {
			if strings.EqualFold(a, free) {
				c.fault(at, "%s requires no permission: every caller may do it", free)
			}
		}
	}
	if len(inv.Resources) == 0 {
		c.fault(path+".resources", "an invariant requires resources")
	}
	for i, r := range inv.Resources {
		found := false
		for _, t := range c.targets {
			if patternsOverlap(r, t.arn) {
				found = true
				if t.concerns(inv.Actions) && !slices.Contains(inv.targets, t) {
					inv.targets = append(inv.targets, t)
				}
			}
		}
		if !found {
			c.fault(fmt.Sprintf("%s.resources[%d]", path, i), "no declared resource matches %q", r)
		}
	}
}

// concerns reports whether some of the actions can apply to the target: users and roles are resources of IAM,
// STS and the services that pass roles.
func (t *target) concerns(actions []string) bool {
	if !t.implicit {
		return true
	}
	return slices.ContainsFunc(actions, func(a string) bool {
		a = strings.ToLower(a)
		return t.trust && patternsOverlap(a, "sts:assumerole*") || !t.trust && (patternsOverlap(a, "iam:*") || patternsOverlap(a, "sts:*"))
	})
}

// patternsOverlap reports whether some text matches both patterns.
func patternsOverlap(a, b string) bool {
	for a != "" && b != "" && !wild(a[0]) && !wild(b[0]) {
		if a[0] != b[0] {
			return false
		}
		a, b = a[1:], b[1:]
	}
	if a == "" && b == "" || a == "*" || b == "*" {
		return true
	}
	// row[j] is whether the rest of a, from the current position, meets b[j:].
	row, below := make([]bool, len(b)+1), make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		row, below = below, row
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				row[j] = true
			case i < len(a) && a[i] == '*':
				row[j] = below[j] || j < len(b) && row[j+1]
			case j < len(b) && b[j] == '*':
				row[j] = row[j+1] || i < len(a) && below[j]
			default:
				row[j] = i < len(a) && j < len(b) && (a[i] == b[j] || a[i] == '?' || b[j] == '?') && below[j+1]
			}
		}
	}
	return row[0]
}

func wild(c byte) bool { return c == '*' || c == '?' }

// Selectors of principals that are not names.
const (
	everybody           = "*"
	outsideOrganization = "outside-organization"
	anonymous           = "anonymous"
	services            = "services"
	federated           = "federated"
	rootUsers           = "root"
)

// selected returns the actors that a list of selectors names. A selector that names none is a fault.
func (c *compiler) selected(path string, selectors []string) map[*actor]bool {
	found := map[*actor]bool{}
	for i, s := range selectors {
		some := false
		for _, a := range c.actors {
			if c.selects(s, a) {
				found[a], some = true, true
			}
		}
		if !some {
			c.fault(fmt.Sprintf("%s[%d]", path, i), "%q names no declared principal", s)
		}
	}
	return found
}

func (c *compiler) selects(s string, a *actor) bool {
	switch s {
	case everybody:
		return true
	case outsideOrganization:
		ofAccount := a.kind != policy.Service && a.kind != policy.WebIdentity
		return c.org != nil && ofAccount && (a.account == nil || a.account.path == "")
	case anonymous:
		return a.kind == policy.Anonymous
	case services:
		return a.kind == policy.Service
	case federated:
		return a.kind == policy.WebIdentity
	case rootUsers:
		return a.kind == policy.Root && !a.outside
	}
	if strings.HasPrefix(s, "arn:") {
		return !a.outside && patternsOverlap(s, a.name)
	}
	return a.account != nil && (s == a.account.ID || s == a.account.Name || slices.Contains(a.account.units, s) ||
		c.org != nil && s == c.org.ID && a.account.path != "")
}
