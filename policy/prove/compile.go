package prove

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// Model is a world that has been checked and whose policies are parsed.
type Model struct {
	accounts   map[string]*account
	partition  string
	org        *Organization
	never      []policy.Predicate // conditions that are false of callers outside the organization
	actors     []*actor
	targets    []*target
	invariants []*invariant

	splitsMFA     bool   // some policy or invariant reads whether MFA was used
	namesSessions bool   // some policy names a session of a role
	carries       string // why sessions may carry tags or a source identity that policies read
	bounds        map[*policy.Document]*policy.Document
	edges         map[*actor][]edge
}

// account is an account with the control policies that bind it.
type account struct {
	Account
	units      []string // ids, from the root down
	path       string   // the value of aws:PrincipalOrgPaths
	management bool
	scp, rcp   [][]policy.Attached
}

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

// target is a resource, or all resources that a pattern matches.
type target struct {
	arn        string
	owner      *account
	policies   []policy.Attached
	trust      bool // a role, for the actions that assume it
	implicit   bool // a user or a role
	known      []analyze.Known
	everyone   bool // some statement covers callers of any account
	accounts   map[string]bool
	principals map[string]bool
}

// compiler builds a model and collects what is wrong.
type compiler struct {
	*Model
	file   string
	read   func(name string) ([]byte, error)
	named  map[string]policy.Attached
	docs   []*policy.Document
	faults []error
}

// Compile checks a world and parses its policies. Read reads the files that it
// names. The error joins all that is wrong, each a [*Fault].
func Compile(file string, w *World, read func(name string) ([]byte, error)) (*Model, error) {
	c := &compiler{file: file, read: read, named: map[string]policy.Attached{}, Model: &Model{
		accounts: map[string]*account{}, org: w.Organization,
		bounds: map[*policy.Document]*policy.Document{}, edges: map[*actor][]edge{},
	}}
	c.policies(w)
	c.allAccounts(w)
	c.organization(w)
	c.principals(w)
	c.resources(w)
	c.outsiders()
	if len(w.Accounts) == 0 {
		c.fault("accounts", "a world has at least one account")
	}
	c.readKeys(w)
	c.allInvariants(w)
	if len(c.faults) > 0 {
		return nil, errors.Join(c.faults...)
	}
	return c.Model, nil
}

func (c *compiler) fault(path, format string, args ...any) {
	c.faults = append(c.faults, &Fault{File: c.file, Path: path, Message: fmt.Sprintf(format, args...)})
}

const fullAccess = "FullAWSAccess"

func (c *compiler) policies(w *World) {
	all, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	if err != nil {
		panic(err) // the text is constant
	}
	c.named[fullAccess] = policy.Attached{Name: fullAccess, Document: all}
	for _, name := range sortedKeys(w.Policies) {
		path := fmt.Sprintf("policies[%q]", name)
		text := []byte(w.Policies[name])
		var file string
		if json.Unmarshal(text, &file) == nil {
			var err error
			if text, err = c.read(file); err != nil {
				c.fault(path, "%v", err)
				continue
			}
		}
		if name == fullAccess {
			c.fault(path, "the name is taken")
			continue
		}
		c.named[name] = policy.Attached{Name: name, Document: c.parse(path, text)}
	}
}

func (c *compiler) parse(path string, text []byte) *policy.Document {
	d, err := policy.Parse(text)
	if err != nil {
		c.fault(path, "%v", err)
		return nil
	}
	c.docs = append(c.docs, d)
	return d
}

// document is a document that a path of the world names or holds.
func (c *compiler) document(path string, text Document, kind policy.Kind) (policy.Attached, bool) {
	a := policy.Attached{Name: path}
	var name string
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte(`"`)) && json.Unmarshal(text, &name) == nil {
		found, ok := c.named[name]
		if !ok {
			c.fault(path, "there is no policy %q", name)
		}
		a = found
	} else {
		a.Document = c.parse(path, text)
	}
	if a.Document == nil {
		return a, false
	}
	if err := analyze.Check(a.Document, kind); err != nil {
		c.fault(path, "%v", err)
		return a, false
	}
	return a, true
}

func (c *compiler) documents(path string, list []Document, kind policy.Kind) []policy.Attached {
	attached := []policy.Attached{}
	for i, d := range list {
		if a, ok := c.document(fmt.Sprintf("%s[%d]", path, i), d, kind); ok {
			attached = append(attached, a)
		}
	}
	return attached
}

func (c *compiler) allAccounts(w *World) {
	for i, a := range w.Accounts {
		path := fmt.Sprintf("accounts[%d]", i)
		if !isAccountID(a.ID) {
			c.fault(path+".id", "%q is not an account id, which has twelve digits", a.ID)
			continue
		}
		if c.accounts[a.ID] != nil {
			c.fault(path+".id", "account %s is declared twice", a.ID)
			continue
		}
		if a.Name != "" && c.accountNamed(a.Name) != nil {
			c.fault(path+".name", "two accounts have the name %q", a.Name)
		}
		c.accounts[a.ID] = &account{Account: a}
	}
}

func (m *Model) accountNamed(name string) *account {
	for _, id := range sortedKeys(m.accounts) {
		if m.accounts[id].Name == name {
			return m.accounts[id]
		}
	}
	return nil
}

// organization gives each account its place and its control policies.
func (c *compiler) organization(w *World) {
	if w.Organization == nil {
		for i, a := range w.Accounts {
			if len(a.ServiceControlPolicies)+len(a.ResourceControlPolicies) > 0 {
				c.fault(fmt.Sprintf("accounts[%d]", i), "control policies need an organization")
			}
		}
		return
	}
	o := w.Organization
	if !strings.HasPrefix(o.ID, "o-") {
		c.fault("organization.id", "%q is not the id of an organization", o.ID)
	}
	c.unit("organization.root", &o.Root, &account{path: o.ID + "/"})
	if a := c.accounts[o.ManagementAccount]; a == nil || a.path == "" {
		c.fault("organization.managementAccount", "%q is not an account of the organization", o.ManagementAccount)
	} else {
		a.management, a.scp, a.rcp = true, nil, nil
	}
	for i, declared := range w.Accounts {
		a := c.accounts[declared.ID]
		path := fmt.Sprintf("accounts[%d]", i)
		scp := c.documents(path+".serviceControlPolicies", declared.ServiceControlPolicies, policy.ServiceControl)
		rcp := c.documents(path+".resourceControlPolicies", declared.ResourceControlPolicies, policy.ResourceControl)
		switch {
		case a == nil || a.management:
		case a.path == "" && len(scp)+len(rcp) > 0:
			c.fault(path, "control policies need an account of the organization")
		default:
			a.scp, a.rcp = addLevel(a.scp, scp), addLevel(a.rcp, rcp)
		}
	}
	for _, block := range []string{
		fmt.Sprintf(`{"StringEquals":{"aws:PrincipalOrgID":%q}}`, o.ID),
		fmt.Sprintf(`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":%q}}`, o.ID+"/*"),
	} {
		if p, err := analyze.Conditions([]byte(block)); err == nil {
			c.never = append(c.never, p...)
		}
	}
}

// addLevel adds a level of the organization; one without policies limits nothing.
func addLevel(levels [][]policy.Attached, level []policy.Attached) [][]policy.Attached {
	if len(level) == 0 {
		return levels
	}
	return append(slices.Clip(levels), level)
}

// unit places the accounts of a unit and of those below it.
func (c *compiler) unit(path string, u *Unit, above *account) {
	if u.ID == "" || strings.ContainsAny(u.ID, "/*?") {
		c.fault(path+".id", "a unit needs an id, such as ou-ab12-11111111")
	}
	here := &account{path: above.path + u.ID + "/", units: append(slices.Clip(above.units), u.ID)}
	here.scp = addLevel(above.scp, c.documents(path+".serviceControlPolicies", u.ServiceControlPolicies, policy.ServiceControl))
	here.rcp = addLevel(above.rcp, c.documents(path+".resourceControlPolicies", u.ResourceControlPolicies, policy.ResourceControl))
	for i, id := range u.Accounts {
		a := c.accounts[id]
		switch at := fmt.Sprintf("%s.accounts[%d]", path, i); {
		case a == nil:
			c.fault(at, "account %q is not declared", id)
		case a.path != "":
			c.fault(at, "account %s is in two units", id)
		case a.External:
			c.fault(at, "account %s is external", id)
		default:
			a.path, a.units, a.scp, a.rcp = here.path, here.units, here.scp, here.rcp
		}
	}
	for i := range u.Units {
		c.unit(fmt.Sprintf("%s.units[%d]", path, i), &u.Units[i], here)
	}
}

// place finds the account of an ARN; all ARNs are of one partition.
func (c *compiler) place(path, name, accountID string) *account {
	a, err := arn.Parse(name)
	if err != nil {
		c.fault(path, "%v", err)
		return nil
	}
	if c.partition == "" {
		c.partition = a.Partition
	}
	if a.Partition != c.partition {
		c.fault(path, "partition %q: all ARNs of a world are of one partition, and others are of %q", a.Partition, c.partition)
	}
	if a.Account != "" && accountID != "" && a.Account != accountID {
		c.fault(path, "the ARN is of account %s, not of %s", a.Account, accountID)
	}
	if a.Account != "" {
		accountID = a.Account
	}
	found := c.accounts[accountID]
	switch {
	case accountID == "":
		c.fault(path, "the ARN has no account: give the owner as account")
	case found == nil:
		c.fault(path, "account %s is not declared", accountID)
	case found.External:
		c.fault(path, "account %s is external: its principals and resources are not declared", accountID)
		return nil
	}
	return found
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

func organizationKeys(prefix string, o *Organization, a *account) []analyze.Known {
	if o == nil || a.path == "" {
		return []analyze.Known{{Key: prefix + "OrgID", Absent: true}, {Key: prefix + "OrgPaths", Absent: true}}
	}
	return []analyze.Known{{Key: prefix + "OrgID", Value: o.ID}, {Key: prefix + "OrgPaths", Value: a.path}}
}

func (c *compiler) newTarget(name string, owner *account, policies []policy.Attached, tags map[string]string) *target {
	t := &target{arn: name, owner: owner, policies: policies, accounts: map[string]bool{}, principals: map[string]bool{}}
	t.known = append(organizationKeys("aws:Resource", c.org, owner), analyze.Known{Key: "aws:ResourceAccount", Value: owner.ID})
	for _, key := range sortedKeys(tags) {
		t.known = append(t.known, analyze.Known{Key: "aws:ResourceTag/" + key, Value: tags[key]})
	}
	t.known = append(t.known, analyze.Known{Key: "aws:ResourceTag/*", Absent: true})
	for _, p := range policies {
		for _, clause := range p.Document.Clauses(policy.Resource) {
			switch {
			case clause.Deny:
			case clause.Callers.Scope != policy.CoversListed:
				t.everyone = true
			default:
				for _, e := range clause.Callers.Entries {
					t.everyone = t.everyone || e.Kind == policy.EveryoneEntry
					t.accounts[e.Text] = t.accounts[e.Text] || e.Kind == policy.AccountEntry
					t.principals[e.Text] = true
				}
			}
		}
	}
	return t
}

func (c *compiler) resources(w *World) {
	seen := map[string]bool{}
	for i, r := range w.Resources {
		path := fmt.Sprintf("resources[%d]", i)
		owner := c.place(path+".arn", r.ARN, r.Account)
		if seen[r.ARN] {
			c.fault(path+".arn", "%s is declared twice", r.ARN)
		}
		seen[r.ARN] = true
		var policies []policy.Attached
		if len(r.Policies) > 0 {
			policies = c.documents(path+".policies", r.Policies, policy.Resource)
		}
		if owner != nil {
			c.targets = append(c.targets, c.newTarget(r.ARN, owner, policies, r.Tags))
		}
	}
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

// readKeys finds out which keys of sessions the policies read.
func (c *compiler) readKeys(w *World) {
	var read string
	for _, d := range c.docs {
		text := strings.ToLower(string(d.Source()))
		c.splitsMFA = c.splitsMFA || strings.Contains(text, "aws:multifactorauth")
		c.namesSessions = c.namesSessions || strings.Contains(text, "assumed-role")
		for _, key := range []string{"aws:principaltag/", "aws:sourceidentity"} {
			if strings.Contains(text, key) {
				read = key
			}
		}
	}
	for _, inv := range w.Invariants {
		c.splitsMFA = c.splitsMFA || strings.Contains(strings.ToLower(string(inv.Condition)), "aws:multifactorauth")
	}
	for _, a := range c.actors {
		if a.trust == nil || read == "" {
			continue
		}
		carrying := analyze.Grants(a.trust.policies[0].Document, policy.Trust, []string{"sts:TagSession", "sts:SetSourceIdentity"}, nil, analyze.Budget{})
		if carrying.Witness != nil || carrying.Unknown {
			c.carries = fmt.Sprintf("sessions of %s may carry tags or a source identity that its caller chooses (%s), and a policy reads %s", a.name, a.trust.policies[0].Name, read)
		}
	}
}

func isAccountID(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
