package prove

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// actor is a principal, or all undeclared principals of one kind.
type actor struct {
	name     string
	kind     policy.PrincipalKind
	account  *account // nil for callers without a declared account
	outside  bool     // not declared
	callers  analyze.Callers
	identity []policy.Attached
	boundary []policy.Attached
	session  []policy.Attached // for a declared session
	known    []analyze.Known
	id       string
	trust    *target // for a role: the role as a resource, to assume it
}

// principals creates the actors for declared principals and root users.
func (c *compiler) principals(w *World) {
	seen := map[string]bool{}
	entity := func(path, name, kind string, list []Document, boundary Document) *actor {
		owner := c.accountOf(path+".arn", name, "")
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
	groups := c.groups(w)
	for i, u := range w.Users {
		path := fmt.Sprintf("users[%d]", i)
		if a := entity(path, u.ARN, "user", u.Policies, u.Boundary); a != nil {
			for n, name := range u.Groups {
				switch g, ok := groups[name]; {
				case !ok:
					c.fault(fmt.Sprintf("%s.groups[%d]", path, n), "there is no group %q", name)
				case g.account != a.account:
					c.fault(fmt.Sprintf("%s.groups[%d]", path, n), "the group belongs to another account than the user")
				default:
					a.identity = append(a.identity, g.policies...)
				}
			}
			a.id, a.known = u.ID, c.callerKeys(a, u.Tags)
			c.actors = append(c.actors, a)
			c.targets = append(c.targets, c.newTarget(u.ARN, a.account, nil, u.Tags))
		}
	}
	for i, r := range w.Roles {
		path := fmt.Sprintf("roles[%d]", i)
		a := entity(path, r.ARN, "role", r.Policies, r.Boundary)
		if r.TrustPolicy == nil {
			c.fault(path+".trustPolicy", "a role requires a trust policy")
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
	c.sessions(w)
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

// sessions creates the actors for declared sessions.
func (c *compiler) sessions(w *World) {
	for i, s := range w.Sessions {
		path := fmt.Sprintf("sessions[%d]", i)
		at := slices.IndexFunc(c.actors, func(a *actor) bool { return a.trust != nil && a.name == s.Role })
		if at < 0 {
			c.fault(path+".role", "there is no role %q", s.Role)
			continue
		}
		if s.Name == "" || strings.ContainsAny(s.Name, "/*?") {
			c.fault(path+".name", "%q is not a valid session name", s.Name)
			continue
		}
		role := c.actors[at]
		p := *role.callers.Principal
		p.ARN = strings.TrimSuffix(p.ARN, "session") + s.Name
		if slices.ContainsFunc(c.actors, func(a *actor) bool { return a.name == p.ARN }) {
			c.fault(path+".name", "%s is declared twice", p.ARN)
			continue
		}
		a := &actor{name: p.ARN, kind: p.Kind, account: role.account, identity: role.identity, boundary: role.boundary}
		a.callers.Principal = &p
		if len(s.Policies) > 0 {
			a.session = c.documents(path+".policies", s.Policies, policy.Session)
		}
		tags := map[string]string{}
		for _, r := range w.Roles {
			if r.ARN == s.Role {
				maps.Copy(tags, r.Tags)
			}
		}
		maps.Copy(tags, s.Tags)
		a.known = c.callerKeys(a, tags)
		c.actors = append(c.actors, a)
	}
}

// declared reports whether the actor is one session with a name.
func (a *actor) declared() bool { return a.kind == policy.RoleSession && a.trust == nil && !a.outside }

// group is an IAM group: its members have its policies.
type group struct {
	account  *account
	policies []policy.Attached
}

// groups returns the groups by ARN.
func (c *compiler) groups(w *World) map[string]group {
	all := map[string]group{}
	for i, g := range w.Groups {
		path := fmt.Sprintf("groups[%d]", i)
		owner := c.accountOf(path+".arn", g.ARN, "")
		switch _, twice := all[g.ARN]; {
		case owner == nil:
		case twice:
			c.fault(path+".arn", "%s is declared twice", g.ARN)
		case !strings.Contains(g.ARN, ":group/") || strings.ContainsAny(g.ARN, "*?"):
			c.fault(path+".arn", "%q is not the ARN of a group", g.ARN)
		default:
			all[g.ARN] = group{owner, c.documents(path+".policies", g.Policies, policy.Identity)}
		}
	}
	return all
}

func (c *compiler) partitionOr() string {
	if c.partition == "" {
		return "aws"
	}
	return c.partition
}

// callerKeys returns the condition keys that a declared principal determines.
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

// undeclaredCallers creates the actors that represent undeclared callers.
func (c *compiler) undeclaredCallers() {
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
		add(fmt.Sprintf("a %v of an undeclared account", kind), kind, analyze.Callers{NotAccounts: declared}, nil)
	}
	add("an anonymous caller", policy.Anonymous, analyze.Callers{}, nil)
	add("a service", policy.Service, analyze.Callers{}, nil)
	add("a federated principal", policy.WebIdentity, analyze.Callers{}, nil)
}
