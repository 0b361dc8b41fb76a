package prove

import (
	"fmt"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// actor is a principal, or all undeclared principals of one kind.
type actor struct {
	name     string
	kind     policy.PrincipalKind
	account  *account // nil for callers of no declared account
	outside  bool     // not declared
	callers  analyze.Callers
	identity []policy.Attached
	boundary []policy.Attached
	known    []analyze.Known
	id       string
	trust    *target // of a role: the role as a resource, to assume it
}

// principals makes the actors that are declared, and root users.
func (c *compiler) principals(w *World) {
	seen := map[string]bool{}
	entity := func(path, name, kind string, list []Document, boundary Document) *actor {
		owner := c.place(path+".arn", name, "")
		if owner == nil {
			return nil
		}
		if seen[name] {
			c.fault(path+".arn", "%s is declared twice", name)
			return nil
		}
		seen[name] = true
		p, err := policy.ParsePrincipal(name)
		if err != nil || !strings.Contains(name, ":"+kind+"/") || strings.ContainsAny(name, "*?") {
			c.fault(path+".arn", "%q is not the ARN of a %s", name, kind)
			return nil
		}
		a := &actor{name: name, kind: p.Kind, account: owner, identity: c.documents(path+".policies", list, policy.Identity)}
		if p.Kind == policy.RoleSession {
			p.ARN += "/session"
		}
		a.callers.Principal = &p
		if boundary != nil {
			if d, ok := c.document(path+".boundary", boundary, policy.Boundary); ok {
				a.boundary = []policy.Attached{d}
			}
		}
		return a
	}
	for i, u := range w.Users {
		if a := entity(fmt.Sprintf("users[%d]", i), u.ARN, "user", u.Policies, u.Boundary); a != nil {
			a.id, a.known = u.ID, c.callerKeys(a, u.Tags)
			c.actors = append(c.actors, a)
			c.targets = append(c.targets, c.newTarget(u.ARN, a.account, nil, u.Tags))
		}
	}
	for i, r := range w.Roles {
		path := fmt.Sprintf("roles[%d]", i)
		a := entity(path, r.ARN, "role", r.Policies, r.Boundary)
		if r.TrustPolicy == nil {
			c.fault(path+".trustPolicy", "a role needs a trust policy")
			continue
		}
		trust, ok := c.document(path+".trustPolicy", r.TrustPolicy, policy.Trust)
		if a == nil || !ok {
			continue
		}
		a.known = c.callerKeys(a, r.Tags)
		a.trust = c.newTarget(r.ARN, a.account, []policy.Attached{trust}, r.Tags)
		a.trust.trust = true
		c.actors = append(c.actors, a)
		c.targets = append(c.targets, a.trust, c.newTarget(r.ARN, a.account, nil, r.Tags))
	}
	for _, t := range c.targets {
		t.implicit = true
	}
	for _, id := range sortedKeys(c.accounts) {
		if a := c.accounts[id]; !a.External {
			name := "arn:" + c.partitionOr() + ":iam::" + id + ":root"
			p := policy.Principal{Kind: policy.Root, ARN: name, Account: id}
			root := &actor{name: name, kind: policy.Root, account: a, callers: analyze.Callers{Principal: &p}}
			root.known = c.callerKeys(root, nil)
			c.actors = append(c.actors, root)
		}
	}
}

func (c *compiler) partitionOr() string {
	if c.partition == "" {
		return "aws"
	}
	return c.partition
}

// callerKeys are the condition keys that follow from a declared principal.
func (c *compiler) callerKeys(a *actor, tags map[string]string) []analyze.Known {
	var own policy.Context
	a.callers.Principal.SetKeys(&own)
	var known []analyze.Known
	for key, values := range own.All() {
		known = append(known, analyze.Known{Key: key, Value: values[0]})
	}
	known = append(known, organizationKeys("aws:Principal", c.org, a.account)...)
	for _, key := range sortedKeys(tags) {
		known = append(known, analyze.Known{Key: "aws:PrincipalTag/" + key, Value: tags[key]})
	}
	if a.id != "" {
		known = append(known, analyze.Known{Key: "aws:userid", Value: a.id})
	}
	for _, key := range []string{
		"aws:PrincipalTag/*", "aws:username", "aws:PrincipalServiceName*", "aws:FederatedProvider", "aws:SourceIdentity",
		"aws:SourceArn", "aws:SourceAccount", "aws:SourceOrg*", "aws:SourceOwner",
	} {
		known = append(known, analyze.Known{Key: key, Absent: true})
	}
	return known
}

// outsiders makes the actors that stand for callers that nobody declares.
func (c *compiler) outsiders() {
	declared := sortedKeys(c.accounts)
	allows := []policy.Attached{c.named[fullAccess]}
	add := func(name string, kind policy.PrincipalKind, callers analyze.Callers, a *account) {
		callers.Kind = kind
		c.actors = append(c.actors, &actor{name: name, kind: kind, account: a, outside: true, callers: callers, identity: allows})
	}
	kinds := []policy.PrincipalKind{policy.User, policy.RoleSession, policy.Root}
	for _, id := range declared {
		if a := c.accounts[id]; a.External {
			for _, kind := range kinds {
				add(fmt.Sprintf("a %v of the external account %s", kind, id), kind, analyze.Callers{Accounts: []string{id}}, a)
			}
		}
	}
	for _, kind := range kinds {
		add(fmt.Sprintf("a %v of an account that is not declared", kind), kind, analyze.Callers{NotAccounts: declared}, nil)
	}
	add("an anonymous caller", policy.Anonymous, analyze.Callers{}, nil)
	add("a service", policy.Service, analyze.Callers{}, nil)
	add("a federated principal", policy.WebIdentity, analyze.Callers{}, nil)
}
