package iam_test

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"pgregory.net/rapid"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/writtest"
)

// TestEscalation lets a user with arbitrary policies do arbitrary things to its
// own policies, to groups, roles and managed policies, and assume what roles it
// can: each call succeeds if, and only if, the documents as they then stand allow
// it. What stands is kept by a model of its own, which knows documents and who
// holds them, and asks policy.Decide.
func TestEscalation(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	var accounts, allowed, denied, assumed atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		account := fmt.Sprintf("%012d", 500000000000+accounts.Add(1))
		w := newWorld(t, rt, s, account)
		for range rapid.IntRange(1, 10).Draw(rt, "calls") {
			m := rapid.SampledFrom(moves).Draw(rt, "call")(rt, w)
			want := w.allows(m.asks)
			err := m.do(w.actor)
			if got := code(err) != "AccessDenied"; got != want {
				rt.Fatalf("%s by %s: allowed %v (%v), want %v\n%s", m.asks, w.who.ARN, got, err, want, w)
			}
			if want {
				allowed.Add(1)
			} else {
				denied.Add(1)
			}
			if err == nil && m.then != nil {
				m.then()
			}
			if w.who.Kind == policy.RoleSession {
				assumed.Add(1)
			}
		}
	})
	if allowed.Load() < 50 || denied.Load() < 50 || assumed.Load() < 20 {
		t.Errorf("%d calls allowed, %d denied, %d made as a role: too few of one kind to show anything", allowed.Load(), denied.Load(), assumed.Load())
	}
}

// world is an account as the model has it: a user, a group, two roles, two
// managed policies and an instance profile.
type world struct {
	account string
	root    client
	user    client // the actor's own credentials
	actor   client // who acts now: the user, or a session of a role
	who     policy.Principal
	owners  map[string]*held   // "user", "group", "r1", "r2"
	member  bool               // the user is in the group
	managed map[string]*stated // by ARN
	trusts  map[string]string  // of r1 and r2

}

// held is what a user, a group or a role holds.
type held struct {
	inline   map[string]string
	attached map[string]bool
	boundary string
}

// stated is a managed policy.
type stated struct {
	versions []string
	current  int
}

func (w *world) arn(resource string) string { return "arn:aws:iam::" + w.account + ":" + resource }

func (w *world) String() string {
	text := ""
	for name, h := range w.owners {
		text += fmt.Sprintf("%s: %v, attached %v, boundary %q\n", name, h.inline, h.attached, h.boundary)
	}
	for arn, p := range w.managed {
		text += fmt.Sprintf("%s: %v\n", arn, p.versions[p.current])
	}
	return text + fmt.Sprintf("member %v, trusts %v", w.member, w.trusts)
}

func newWorld(t testing.TB, rt *rapid.T, s *writtest.Server, account string) *world {
	c := root(t, s, account)
	w := &world{account: account, root: c, owners: map[string]*held{}, managed: map[string]*stated{}, trusts: map[string]string{}}
	for _, name := range []string{"user", "group", "r1", "r2"} {
		w.owners[name] = &held{map[string]string{}, map[string]bool{}, ""}
	}
	c.user("user")
	c.group("group")
	for _, name := range []string{"p1", "p2"} {
		doc := w.document(rt)
		w.managed[c.policy(name, doc)] = &stated{versions: []string{doc}}
	}
	for _, name := range []string{"r1", "r2"} {
		w.trusts[name] = w.trust(rt)
		c.role(name, w.trusts[name])
	}
	for name, h := range w.owners {
		doc := w.document(rt)
		h.inline["a"] = doc
		switch name {
		case "user":
			ok(t, second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &name, PolicyName: new("a"), PolicyDocument: &doc})))
		case "group":
			ok(t, second(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: &name, PolicyName: new("a"), PolicyDocument: &doc})))
		default:
			ok(t, second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: new("a"), PolicyDocument: &doc})))
		}
	}
	ok(t, second(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("profile")})))
	if w.member = rapid.Bool().Draw(rt, "member"); w.member {
		ok(t, second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: new("group"), UserName: new("user")})))
	}
	w.user = c.login(s, "user")
	w.become(w.user, policy.Principal{Kind: policy.User, ARN: w.arn("user/user"), Account: account})
	return w
}

func (w *world) become(c client, p policy.Principal) { w.actor, w.who = c, p }

// document draws an identity policy of one to three statements.
func (w *world) document(rt *rapid.T) string {
	text := ""
	for i := range rapid.IntRange(1, 3).Draw(rt, "statements") {
		if i > 0 {
			text += ","
		}
		effect := rapid.SampledFrom([]string{"Allow", "Allow", "Allow", "Deny"}).Draw(rt, "effect")
		action := rapid.SampledFrom([]string{
			"*", "iam:*", "iam:*", "iam:Put*", "iam:Attach*", "iam:*Policy", "iam:*PolicyVersion", "iam:*Boundary", "iam:*Group*", "iam:PassRole",
			"iam:AddRoleToInstanceProfile", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "sts:*",
		}).Draw(rt, "action")
		resource := rapid.SampledFrom([]string{
			"*", "*", w.arn("user/*"), w.arn("user/${aws:username}"), w.arn("role/*"), w.arn("role/r1"), w.arn("group/group"), w.arn("policy/p1"), w.arn("*/p2"),
		}).Draw(rt, "resource")
		condition := rapid.SampledFrom([]string{
			"", "", "", "",
			`,"Condition":{"ArnEquals":{"iam:PolicyARN":"` + w.arn("policy/p1") + `"}}`,
			`,"Condition":{"StringEquals":{"iam:PermissionsBoundary":"` + w.arn("policy/p2") + `"}}`,
			`,"Condition":{"StringNotEqualsIfExists":{"iam:PolicyARN":"` + administrator + `"}}`,
			`,"Condition":{"StringEqualsIfExists":{"iam:PassedToService":"lambda.amazonaws.com"}}`,
		}).Draw(rt, "condition")
		text += `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"` + condition + `}`
	}
	return document(text)
}

// trust draws a trust policy.
func (w *world) trust(rt *rapid.T) string {
	principal := rapid.SampledFrom([]string{w.account, w.arn("user/user"), "*", "444455556666"}).Draw(rt, "principal")
	effect := rapid.SampledFrom([]string{"Allow", "Allow", "Allow", "Deny"}).Draw(rt, "effect")
	return document(`{"Effect":"` + effect + `","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}`)
}

// documents are the identity policies of a policyOwner, as they stand.
func (w *world) documents(name string) []string {
	h := w.owners[name]
	list := slices.Collect(maps.Values(h.inline))
	for arn := range h.attached {
		list = append(list, w.managedDocument(arn))
	}
	if name == "user" && w.member {
		list = append(list, w.documents("group")...)
	}
	return list
}

func (w *world) managedDocument(arn string) string {
	if arn == administrator {
		return document(allow("*", "*"))
	}
	p := w.managed[arn]
	return p.versions[p.current]
}

// asked is one question that a call makes the gate ask.
type asked struct {
	action, resource string
	keys             map[string]string
}

// allows reports whether the documents allow all that is asked.
func (w *world) allows(questions []asked) bool {
	return !slices.ContainsFunc(questions, func(q asked) bool {
		name := "user"
		req := policy.Request{Principal: w.who, Action: q.action, Resource: q.resource}
		if w.who.Kind == policy.RoleSession {
			name = w.who.Issuer[len(w.arn("role/")):]
		} else {
			req.Context.Set("aws:username", "user")
		}
		for key, value := range q.keys {
			if value != "" {
				req.Context.Set(key, value)
			}
		}
		p := policy.Policies{Identity: attached(w.documents(name))}
		if b := w.owners[name].boundary; b != "" {
			p.Boundary = attached([]string{w.managedDocument(b)})
		}
		if q.action == "sts:AssumeRole" {
			p.Resource = attached([]string{w.trusts[q.resource[len(w.arn("role/")):]]})
		}
		return !policy.Decide(&req, &p).Allowed()
	})
}

func attached(documents []string) []policy.Attached {
	list := []policy.Attached{}
	for _, text := range documents {
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			panic(err) // the test's own text
		}
		list = append(list, policy.Attached{Document: doc})
	}
	return list
}

// move is one call: what it asks, how it is made, and what it changes.
type move struct {
	asks []asked
	do   func(client) error
	then func()
}

func ask(action, resource string, keys ...string) []asked {
	q := asked{action, resource, map[string]string{}}
	for i := 0; i < len(keys); i += 2 {
		q.keys[keys[i]] = keys[i+1]
	}
	return []asked{q}
}

// target draws whom a call is about: a user or a role, with its ARN.
func (w *world) target(rt *rapid.T) (name, arn string, h *held) {
	name = rapid.SampledFrom([]string{"user", "user", "r1", "r2"}).Draw(rt, "target")
	if name == "user" {
		return name, w.arn("user/user"), w.owners[name]
	}
	return name, w.arn("role/" + name), w.owners[name]
}

func (w *world) anyManaged(rt *rapid.T) string {
	return rapid.SampledFrom([]string{w.arn("policy/p1"), w.arn("policy/p2"), administrator}).Draw(rt, "policy")
}

const bounding = "iam:PermissionsBoundary"

// moves are the calls that can widen what one may do.
var moves = []func(*rapid.T, *world) move{
	func(rt *rapid.T, w *world) move { // put an inline policy
		name, arn, h := w.target(rt)
		doc := w.document(rt)
		then := func() { h.inline["b"] = doc }
		if name == "user" {
			return move{ask("iam:PutUserPolicy", arn, bounding, h.boundary), func(c client) error {
				return second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &name, PolicyName: new("b"), PolicyDocument: &doc}))
			}, then}
		}
		return move{ask("iam:PutRolePolicy", arn, bounding, h.boundary), func(c client) error {
			return second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: new("b"), PolicyDocument: &doc}))
		}, then}
	},
	func(rt *rapid.T, w *world) move { // delete an inline policy
		name, arn, h := w.target(rt)
		then := func() { delete(h.inline, "a") }
		if name == "user" {
			return move{ask("iam:DeleteUserPolicy", arn, bounding, h.boundary), func(c client) error {
				return second(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &name, PolicyName: new("a")}))
			}, then}
		}
		return move{ask("iam:DeleteRolePolicy", arn, bounding, h.boundary), func(c client) error {
			return second(c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &name, PolicyName: new("a")}))
		}, then}
	},
	func(rt *rapid.T, w *world) move { // attach a managed policy
		name, arn, h := w.target(rt)
		p := w.anyManaged(rt)
		then := func() { h.attached[p] = true }
		if name == "user" {
			return move{ask("iam:AttachUserPolicy", arn, bounding, h.boundary, "iam:PolicyARN", p), func(c client) error {
				return second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: &p}))
			}, then}
		}
		return move{ask("iam:AttachRolePolicy", arn, bounding, h.boundary, "iam:PolicyARN", p), func(c client) error {
			return second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &p}))
		}, then}
	},
	func(rt *rapid.T, w *world) move { // put on a boundary, or take it off
		name, arn, h := w.target(rt)
		p := w.anyManaged(rt)
		if rapid.Bool().Draw(rt, "off") {
			then := func() { h.boundary = "" }
			if name == "user" {
				return move{ask("iam:DeleteUserPermissionsBoundary", arn, bounding, h.boundary), func(c client) error {
					return second(c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: &name}))
				}, then}
			}
			return move{ask("iam:DeleteRolePermissionsBoundary", arn, bounding, h.boundary), func(c client) error {
				return second(c.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &name}))
			}, then}
		}
		then := func() { h.boundary = p }
		if name == "user" {
			return move{ask("iam:PutUserPermissionsBoundary", arn, bounding, p), func(c client) error {
				return second(c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: &name, PermissionsBoundary: &p}))
			}, then}
		}
		return move{ask("iam:PutRolePermissionsBoundary", arn, bounding, p), func(c client) error {
			return second(c.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: &name, PermissionsBoundary: &p}))
		}, then}
	},
	func(rt *rapid.T, w *world) move { // a new version of a managed policy
		arn := w.arn("policy/" + rapid.SampledFrom([]string{"p1", "p2"}).Draw(rt, "policy"))
		doc, current := w.document(rt), rapid.Bool().Draw(rt, "current")
		p := w.managed[arn]
		return move{ask("iam:CreatePolicyVersion", arn), func(c client) error {
			return second(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &doc, SetAsDefault: current}))
		}, func() {
			p.versions = append(p.versions, doc)
			if current {
				p.current = len(p.versions) - 1
			}
		}}
	},
	func(rt *rapid.T, w *world) move { // another version of a managed policy
		arn := w.arn("policy/" + rapid.SampledFrom([]string{"p1", "p2"}).Draw(rt, "policy"))
		p := w.managed[arn]
		n := rapid.IntRange(0, len(p.versions)-1).Draw(rt, "version")
		return move{ask("iam:SetDefaultPolicyVersion", arn), func(c client) error {
			return second(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: new(fmt.Sprint("v", n+1))}))
		}, func() { p.current = n }}
	},
	func(_ *rapid.T, w *world) move { // join the group
		return move{ask("iam:AddUserToGroup", w.arn("group/group")), func(c client) error {
			return second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: new("group"), UserName: new("user")}))
		}, func() { w.member = true }}
	},
	func(rt *rapid.T, w *world) move { // widen the group
		p := w.anyManaged(rt)
		return move{ask("iam:AttachGroupPolicy", w.arn("group/group"), "iam:PolicyARN", p), func(c client) error {
			return second(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("group"), PolicyArn: &p}))
		}, func() { w.owners["group"].attached[p] = true }}
	},
	func(rt *rapid.T, w *world) move { // open a role
		name := rapid.SampledFrom([]string{"r1", "r2"}).Draw(rt, "role")
		doc := w.trust(rt)
		return move{ask("iam:UpdateAssumeRolePolicy", w.arn("role/"+name), bounding, w.owners[name].boundary), func(c client) error {
			return second(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &name, PolicyDocument: &doc}))
		}, func() { w.trusts[name] = doc }}
	},
	func(rt *rapid.T, w *world) move { // pass a role
		name := rapid.SampledFrom([]string{"r1", "r2"}).Draw(rt, "role")
		asks := append(ask("iam:AddRoleToInstanceProfile", w.arn("instance-profile/profile")),
			ask("iam:PassRole", w.arn("role/"+name), "iam:PassedToService", "ec2.amazonaws.com")...)
		return move{asks, func(c client) error {
			return second(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("profile"), RoleName: &name}))
		}, nil}
	},
	assumeRole,
	assumeRole,
	func(_ *rapid.T, w *world) move { // be the user again
		return move{do: func(client) error { return nil }, then: func() {
			w.become(w.user, policy.Principal{Kind: policy.User, ARN: w.arn("user/user"), Account: w.account})
		}}
	},
}

func assumeRole(rt *rapid.T, w *world) move {
	name := rapid.SampledFrom([]string{"r1", "r2"}).Draw(rt, "role")
	arn := w.arn("role/" + name)
	var session client
	return move{ask("sts:AssumeRole", arn), func(c client) (err error) {
		session, err = c.assume(arn)
		return err
	}, func() {
		w.become(session, policy.Principal{
			Kind: policy.RoleSession, ARN: "arn:aws:sts::" + w.account + ":assumed-role/" + name + "/test", Account: w.account, Issuer: arn,
		})
	}}
}
