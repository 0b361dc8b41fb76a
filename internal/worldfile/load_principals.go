package worldfile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
)

// controlPlace is where control policies stand: statements without a principal.
var controlPlace = place{identity: true}

// principals makes managed policies, groups, roles and users. Roles get their trust
// policies last: each may trust any other, and IAM wants those that are named to exist.
func (l *loader) principals() {
	policies, _ := kindOfSection("managedPolicies")
	for i, e := range l.Entries[policies.section] {
		l.entry(fmt.Sprintf("%s[%d]", policies.section, i), policies, e)
	}
	for i, g := range l.Groups {
		path := fmt.Sprintf("groups[%d]", i)
		if p, ok := l.principal(path, g.ARN, "Group", nil); ok {
			p.policies(g.Policies)
		}
	}
	roles := make([]*principal, len(l.Roles))
	for i, r := range l.Roles {
		path := fmt.Sprintf("roles[%d]", i)
		extra := map[string]any{"AssumeRolePolicyDocument": trustNobody, "Tags": tagList(r.Tags)}
		if r.Description != "" {
			extra["Description"] = r.Description
		}
		if r.MaxSessionDuration != 0 {
			extra["MaxSessionDuration"] = r.MaxSessionDuration
		}
		if p, ok := l.principal(path, r.ARN, "Role", extra); ok {
			p.limit(r.Boundary)
			p.policies(r.Policies)
			p.setID(r.ID)
			roles[i] = p
		}
	}
	for i, u := range l.Users {
		path := fmt.Sprintf("users[%d]", i)
		p, ok := l.principal(path, u.ARN, "User", map[string]any{"Tags": tagList(u.Tags)})
		if !ok {
			continue
		}
		p.limit(u.Boundary)
		p.policies(u.Policies)
		p.setID(u.ID)
		for j, g := range u.Groups {
			p.join(fmt.Sprintf("%s.groups[%d]", path, j), g)
		}
	}
	for i, r := range l.Roles {
		if p := roles[i]; p != nil {
			p.call(r.TrustPolicy.path, "UpdateAssumeRolePolicy", map[string]any{"PolicyDocument": l.resolve(r.TrustPolicy, trustPlace).text})
		}
	}
}

// trustNobody is the trust policy of a role until it gets its own.
const trustNobody = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}`

// principal is a group, a role or a user that was made.
type principal struct {
	*loader
	kind    string // "Group", "Role", "User"
	path    string // of its entry
	arn     string
	account string
	name    string
}

// principal makes one.
func (l *loader) principal(path, name, kind string, extra map[string]any) (*principal, bool) {
	long, err := l.source.names.full(name)
	if err != nil {
		l.source.fault(path+".arn", "%v", err)
		return nil, false
	}
	a, _ := arn.Parse(long)
	_, full, _ := strings.Cut(a.Resource, "/")
	cut := strings.LastIndexByte(full, '/') + 1
	p := &principal{loader: l, kind: kind, path: path, arn: long, account: a.Account, name: full[cut:]}
	in := map[string]any{"Path": "/" + full[:cut]}
	for member, value := range extra {
		in[member] = value
	}
	_, ok := p.call(path, "Create"+kind, in)
	return p, ok
}

// call is a call of IAM about the principal.
func (p *principal) call(path, operation string, in map[string]any) (map[string]any, bool) {
	in[p.kind+"Name"] = p.name
	return p.do(call{path: path, account: p.account, service: "iam", operation: operation, input: in})
}

// policies puts inline policies and attaches managed ones.
func (p *principal) policies(list []Document) {
	for i, d := range list {
		r := p.resolve(d, place{identity: true})
		if r.managed != "" {
			p.call(d.path, "Attach"+p.kind+"Policy", map[string]any{"PolicyArn": r.managed})
			continue
		}
		if r.name == "" {
			r.name = "policy-" + strconv.Itoa(i+1)
		}
		p.call(d.path, "Put"+p.kind+"Policy", map[string]any{"PolicyName": r.name, "PolicyDocument": r.text})
	}
}

// limit sets the permissions boundary, which is a managed policy: one is made of a document.
func (p *principal) limit(boundary Document) {
	if boundary.IsZero() {
		return
	}
	r := p.resolve(boundary, place{identity: true})
	if r.managed == "" {
		if r.name == "" {
			r.name = p.name + "-boundary"
		}
		r.managed = "arn:aws:iam::" + p.account + ":policy/" + r.name
		if !p.loader.made[r.managed] {
			p.loader.made[r.managed] = true
			if _, ok := p.do(call{path: boundary.path, account: p.account, service: "iam", operation: "CreatePolicy",
				input: map[string]any{"PolicyName": r.name, "PolicyDocument": r.text}}); !ok {
				return
			}
		}
	}
	p.call(boundary.path, "Put"+p.kind+"PermissionsBoundary", map[string]any{"PermissionsBoundary": r.managed})
}

// join adds a user to a group.
func (p *principal) join(path, group string) {
	long, err := p.source.names.full(group)
	if err != nil {
		p.source.fault(path, "%v", err)
		return
	}
	p.call(path, "AddUserToGroup", map[string]any{"GroupName": long[strings.LastIndexByte(long, '/')+1:]})
}

func (p *principal) setID(id string) {
	if id == "" {
		return
	}
	if err := identity.SetID(p.Tx, p.arn, id, p.Now()); err != nil {
		p.source.fault(p.path+".id", "%v", err)
	}
}
