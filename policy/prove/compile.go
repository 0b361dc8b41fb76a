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

// Model is a checked world with parsed policies.
type Model struct {
	Facts analyze.Facts // the requests that services support; may be nil

	accounts   map[string]*account
	partition  string
	org        *Organization
	never      []policy.Predicate // conditions that are false for callers outside the organization
	actors     []*actor
	targets    []*target
	invariants []*invariant

	splitsMFA     bool   // some policy or invariant reads whether MFA was used
	namesSessions bool   // some policy names a session of a role
	carries       string // why sessions may have tags or a source identity that policies read
	bounds        map[*policy.Document]*policy.Document
	edges         map[*actor][]edge
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

// compiler builds a model and collects faults.
type compiler struct {
	*Model
	file   string
	read   func(name string) ([]byte, error)
	named  map[string]policy.Attached
	docs   []*policy.Document
	faults []error
}

// Compile checks a world and parses its policies. Read reads the files that it names. The error joins all
// faults, each a [*Fault].
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
	c.undeclaredCallers()
	if len(w.Accounts) == 0 {
		c.fault("accounts", "a world requires at least one account")
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
			c.fault(path, "the name is already in use")
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

// document parses the document at a path of the world, or the one that it names.
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

// accountOf returns the account of an ARN and checks that all ARNs are in one partition.
func (c *compiler) accountOf(path, name, accountID string) *account {
	a, err := arn.Parse(name)
	if err != nil {
		c.fault(path, "%v", err)
		return nil
	}
	if c.partition == "" {
		c.partition = a.Partition
	}
	if a.Partition != c.partition {
		c.fault(path, "partition %q: all ARNs of a world must be in the same partition, and others are in %q", a.Partition, c.partition)
	}
	if a.Account != "" && accountID != "" && a.Account != accountID {
		c.fault(path, "the ARN belongs to account %s, not to %s", a.Account, accountID)
	}
	if a.Account != "" {
		accountID = a.Account
	}
	found := c.accounts[accountID]
	switch {
	case accountID == "":
		c.fault(path, "the ARN has no account: specify the owner as account")
	case found == nil:
		c.fault(path, "account %s is not declared", accountID)
	case found.External:
		c.fault(path, "account %s is external: its principals and resources are not declared", accountID)
		return nil
	}
	return found
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
		owner := c.accountOf(path+".arn", r.ARN, r.Account)
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

// readKeys finds the session keys that the policies read.
func (c *compiler) readKeys(w *World) {
	var read string
	for _, d := range c.docs {
		text := strings.ToLower(string(d.Source()))
		c.splitsMFA = c.splitsMFA || mayName(text, "aws:multifactorauth")
		c.namesSessions = c.namesSessions || mayName(text, "assumed-role")
		for _, key := range []string{"aws:principaltag/", "aws:sourceidentity"} {
			if mayName(text, key) {
				read = key
			}
		}
	}
	for _, inv := range w.Invariants {
		c.splitsMFA = c.splitsMFA || mayName(strings.ToLower(string(inv.Condition)), "aws:multifactorauth")
	}
	for _, a := range c.actors {
		if a.trust == nil || read == "" {
			continue
		}
		carrying := analyze.Grants(a.trust.policies[0].Document, policy.Trust, []string{"sts:TagSession", "sts:SetSourceIdentity"}, nil, analyze.Options{})
		if carrying.Witness != nil || carrying.Unknown {
			c.carries = fmt.Sprintf("sessions of %s may have tags or a source identity that their caller chooses (%s), and a policy reads %s", a.name, a.trust.policies[0].Name, read)
		}
	}
}

// mayName reports whether a JSON text in lower case could contain a key's name. For a text with an escaped
// character it returns true for any key.
func mayName(text, key string) bool {
	return strings.Contains(text, `\u`) || strings.Contains(text, key)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
