package sharing

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// model is a small world as people would think of it: it shares no code with
// what it is compared with, and knows no documents.
type model struct {
	place    map[string]string // account -> where it lies: "" outside, or the id of the root or of a unit
	sharing  bool
	policies map[PolicyKey]said
	shares   map[string]*modelShare
}

// said is what a user's policy says.
type said struct {
	to      []string // accounts, a user, the organization
	actions []string
}

type modelShare struct {
	owner     string
	retain    bool
	deleted   bool
	actions   []string
	resources map[string]bool
	to        map[string]modelGrant
}

type modelGrant struct{ associated, granted, external bool }

var (
	modelAccounts = []string{boss, alice, bob, carol}
	modelPlaces   = []string{root.ID, outer.ID, inner.ID, other.ID}
	modelImages   = []string{imageOf(alice, "a"), imageOf(alice, "b"), imageOf(bob, "a")}
	modelActions  = map[string][]string{
		"default": {"imagebuilder:GetImage", "imagebuilder:ListImages"},
		"get":     {"imagebuilder:GetImage"},
		"list":    {"imagebuilder:ListImages"},
	}
	// Whom a share or a policy can name.
	modelPrincipals = []string{boss, alice, bob, carol, annOf(bob), annOf(carol), org.ARN(), outer.ARN(), inner.ARN(), other.ARN()}
)

func imageOf(owner, name string) string {
	return "arn:aws:imagebuilder:us-east-1:" + owner + ":image/" + name + "/1.0.0/1"
}
func annOf(account string) string { return "arn:aws:iam::" + account + ":user/ann" }

// field is one of the six fields of an ARN, or the text itself if it is none.
func field(text string, n int) string {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 {
		return text
	}
	return parts[n]
}

// within reports whether an account lies in the organization, or in a unit.
func (m *model) within(account, principal string) bool {
	at := m.place[account]
	switch principal {
	case org.ARN():
		return at != ""
	case outer.ARN():
		return at == outer.ID || at == inner.ID
	}
	return at != "" && principal == org.NodeARN(at)
}

// together reports whether two accounts are in the organization.
func (m *model) together(a, b string) bool { return m.place[a] != "" && m.place[b] != "" }

// names reports whether a principal is or covers a caller, who is an account's
// root user or its user ann.
func (m *model) names(principal, account string, ann bool) bool {
	switch {
	case arn.IsAccountID(principal):
		return principal == account
	case strings.Contains(principal, ":user/"):
		return ann && principal == annOf(account)
	}
	return m.within(account, principal)
}

// allows is the decision on a request.
func (m *model) allows(account string, ann bool, action, image string) bool {
	if field(image, 4) == account {
		return true
	}
	for key, p := range m.policies {
		if key.ARN == image && slices.Contains(p.actions, action) &&
			slices.ContainsFunc(p.to, func(to string) bool { return m.names(to, account, ann) }) {
			return true
		}
	}
	for _, s := range m.shares {
		if s.deleted || !s.resources[image] || !slices.Contains(s.actions, action) {
			continue
		}
		for to, g := range s.to {
			if (g.associated || g.granted) && m.names(to, account, ann) {
				return true
			}
		}
	}
	return false
}

// discovers are the images that a caller can discover.
func (m *model) discovers(account string, ann bool) (list []string) {
	for _, image := range modelImages {
		if field(image, 4) == account || !m.allows(account, ann, "imagebuilder:GetImage", image) {
			continue
		}
		for _, s := range m.shares {
			if !s.deleted && s.resources[image] && slices.ContainsFunc(slices.Collect(maps.Keys(s.to)), func(to string) bool {
				return s.to[to].associated && m.names(to, account, true)
			}) {
				list = append(list, image)
				break
			}
		}
	}
	slices.Sort(list)
	return list
}

// document is the policy that says it.
func (p said) document(image string) string {
	var named, statements []string
	statement := func(principal, condition string) {
		statements = append(statements, fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":["%s"],"Resource":"%s"%s}`,
			principal, strings.Join(p.actions, `","`), image, condition))
	}
	for _, to := range p.to {
		if to == org.ARN() {
			statement(`"*"`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"`+org.ID+`"}}`)
		} else {
			named = append(named, to)
		}
	}
	if len(named) > 0 {
		statement(`{"AWS":["`+strings.Join(named, `","`)+`"]}`, "")
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// play is a world with its model.
type play struct {
	*world
	t    *rapid.T
	m    *model
	anns map[string]identity.Caller
}

func newPlay(t *testing.T, rt *rapid.T) *play {
	p := &play{newWorld(t), rt, &model{map[string]string{}, false, map[PolicyKey]said{}, map[string]*modelShare{}}, map[string]identity.Caller{}}
	for _, n := range []identity.Node{root, outer, inner, other} {
		p.as(boss, func(c *operation.Call) error { return identity.PutNode(c.Tx, n, c.Now) })
	}
	p.move(boss, root.ID)
	for _, image := range modelImages {
		p.image(field(image, 4), strings.Split(image, "/")[1])
	}
	for _, account := range modelAccounts {
		ann := identity.NewUser("aws", account, "/", "ann")
		ann.SetPolicy("all", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
		p.as(account, func(c *operation.Call) error { return identity.PutUser(c.Tx, ann, c.Now) })
		p.anns[account] = identity.Caller{
			Principal: policy.Principal{Kind: policy.User, ARN: ann.ARN, Account: account}, UserID: ann.ID, Name: ann.Name,
		}
	}
	return p
}

// move places an account in the organization.
func (p *play) move(account, place string) {
	parents := map[string]identity.Node{root.ID: root, outer.ID: outer, inner.ID: inner, other.ID: other}
	p.as(boss, func(c *operation.Call) error { return identity.PutNode(c.Tx, member(account, parents[place]), c.Now) })
	p.m.place[account] = place
}

// shareOf draws a share that is not deleted; nil if there is none.
func (p *play) shareOf() (string, *modelShare) {
	var live []string
	for arn, s := range p.m.shares {
		if !s.deleted {
			live = append(live, arn)
		}
	}
	if len(live) == 0 {
		return "", nil
	}
	slices.Sort(live)
	arn := rapid.SampledFrom(live).Draw(p.t, "share")
	return arn, p.m.shares[arn]
}

// change does something to a share as its owner.
func (p *play) change(arn string, do func(c *operation.Call, s *Share) error) {
	p.as(field(arn, 4), func(c *operation.Call) error {
		s, err := ReadShare(c.Tx, arn)
		if err != nil {
			return err
		}
		return do(c, s)
	})
}

// step does one thing, to the world and to the model.
func (p *play) step() {
	image := rapid.SampledFrom(modelImages).Draw(p.t, "image")
	principal := rapid.SampledFrom(modelPrincipals).Draw(p.t, "principal")
	actions := rapid.SampledFrom([]string{"default", "get", "list"}).Draw(p.t, "actions")
	flag := rapid.Bool().Draw(p.t, "flag")
	account := rapid.SampledFrom([]string{alice, bob, carol}).Draw(p.t, "account")
	place := rapid.SampledFrom(modelPlaces).Draw(p.t, "place")
	key := PolicyKey{image, rapid.SampledFrom([]string{"", "two"}).Draw(p.t, "slot")}
	owner := field(image, 4)
	many := field(principal, 2) == "organizations"

	steps := map[string]func(){
		"put policy": func() {
			says := said{actions: modelActions[actions]}
			if !many || principal == org.ARN() {
				says.to = append(says.to, principal)
			}
			if flag {
				says.to = append(says.to, carol)
			}
			if len(says.to) == 0 {
				return
			}
			p.as(owner, func(c *operation.Call) error { return putPolicy(c, key, says.document(image)) })
			p.m.policies[key] = says
		},
		"delete policy": func() {
			if _, ok := p.m.policies[key]; ok {
				p.as(owner, func(c *operation.Call) error { return putPolicy(c, key, "") })
				delete(p.m.policies, key)
			}
		},
		"promote": func() { p.promote(key) },
		"create share": func() {
			var arn string
			p.as(owner, func(c *operation.Call) error {
				s := newShare(c, owner)
				s.RetainOnLeave = flag
				arn = s.ARN
				return s.Put(c)
			})
			p.m.shares[arn] = &modelShare{owner, flag, false, modelActions["default"], map[string]bool{}, map[string]modelGrant{}}
		},
		"associate principal": func() {
			arn, s := p.shareOf()
			if s == nil || many && p.m.place[s.owner] == "" {
				return
			}
			g := modelGrant{associated: flag || many}
			if !many {
				g.external = field(principal, 4) != s.owner && !p.m.together(s.owner, field(principal, 4))
			}
			status := Associating
			if g.associated {
				status = Associated
			}
			p.change(arn, func(c *operation.Call, s *Share) error {
				organization, err := LoadOwnerOrganization(c.Tx, s.Owner, principal)
				if err != nil {
					return err
				}
				outside := organization.Outside(principal)
				if outside != g.external {
					return fmt.Errorf("%s is outside %t, want %t", principal, outside, g.external)
				}
				return Associate(c, s, Association{Type: Principal, Entity: principal, Status: status, External: outside})
			})
			s.to[principal] = g
		},
		"disassociate principal": func() {
			if arn, s := p.shareOf(); s != nil {
				p.change(arn, func(c *operation.Call, s *Share) error { return Disassociate(c, s, with(principal)) })
				delete(s.to, principal)
			}
		},
		"associate resource": func() {
			if arn, s := p.shareOf(); s != nil && s.owner == owner {
				p.change(arn, func(c *operation.Call, s *Share) error { return Associate(c, s, of(image)) })
				s.resources[image] = true
			}
		},
		"disassociate resource": func() {
			if arn, s := p.shareOf(); s != nil {
				p.change(arn, func(c *operation.Call, s *Share) error { return Disassociate(c, s, of(image)) })
				delete(s.resources, image)
			}
		},
		"permission": func() {
			arn, s := p.shareOf()
			if s == nil {
				return
			}
			s.actions = modelActions[actions]
			p.change(arn, func(c *operation.Call, s *Share) error {
				s.Permissions["imagebuilder:Image"] = imagePermission
				if actions != "default" {
					custom := &Permission{
						ARN: "arn:aws:ram:us-east-1:" + s.Owner + ":permission/" + actions, Owner: s.Owner, Region: region, Name: actions,
						ResourceType: "imagebuilder:Image", FeatureSet: Standard, Default: 1,
						Versions: []PermissionVersion{{Number: 1, Template: `{"Effect":"Allow","Action":["` + strings.Join(modelActions[actions], `","`) + `"]}`}},
					}
					if err := custom.Put(c); err != nil {
						return err
					}
					s.Permissions["imagebuilder:Image"] = custom.ref()
				}
				if err := s.Put(c); err != nil {
					return err
				}
				return Refresh(c, s)
			})
		},
		"delete share": func() {
			arn, s := p.shareOf()
			if s == nil {
				return
			}
			if flag { // its rows go, too
				p.change(arn, func(c *operation.Call, s *Share) error { return s.Delete(c) })
				delete(p.m.shares, arn)
				return
			}
			p.change(arn, func(c *operation.Call, s *Share) error {
				s.Deleted = c.Now
				if err := s.Put(c); err != nil {
					return err
				}
				return Refresh(c, s)
			})
			s.deleted = true
		},
		"join or move": func() { p.move(account, place) },
		"leave": func() {
			if p.m.place[account] != "" {
				p.leave(account)
				p.m.leave(account)
			}
		},
		"sharing": func() {
			p.as(boss, func(c *operation.Call) error {
				if flag {
					return EnableSharingWithOrganization(c, org.ID)
				}
				return DisableSharingWithOrganization(c, org.ID)
			})
			p.m.sharing = flag
		},
		"delete image": func() {
			p.as(owner, func(c *operation.Call) error {
				if err := c.Tx.DeleteResource(image); err != nil {
					return err
				}
				return Deleted(c, image)
			})
			p.image(owner, strings.Split(image, "/")[1]) // another one of the same name
			maps.DeleteFunc(p.m.policies, func(k PolicyKey, _ said) bool { return k.ARN == image })
			for _, s := range p.m.shares {
				delete(s.resources, image)
			}
		},
	}
	steps[rapid.SampledFrom(slices.Sorted(maps.Keys(steps))).Draw(p.t, "step")]()
}

// leave ends what an account had as a member, and gave to members.
func (m *model) leave(account string) {
	for _, s := range m.shares {
		if s.deleted {
			continue
		}
		for to, g := range s.to {
			consumer := to
			if !arn.IsAccountID(to) && strings.Contains(to, ":user/") {
				consumer = field(to, 4)
			}
			parted := s.owner == account && consumer != account || s.owner != account && m.place[s.owner] != "" && consumer == account
			switch {
			case !parted || g.external:
			case s.retain && field(to, 2) != "organizations":
				g.external = true
				s.to[to] = g
			default:
				delete(s.to, to)
			}
		}
	}
	m.place[account] = ""
}

// promote promotes the share of a policy, if there is one.
func (p *play) promote(key PolicyKey) {
	owner := field(key.ARN, 4)
	says, ok := p.m.policies[key]
	outside := slices.DeleteFunc(slices.Clone(says.to), func(to string) bool { return to == owner })
	external := slices.ContainsFunc(outside, func(to string) bool { return to != annOf(owner) })
	var s *Share
	p.as(owner, func(c *operation.Call) (err error) { s, err = policyShareOf(c, key); return err })
	if (s != nil) != (ok && external) {
		p.t.Fatalf("%v says %+v, and has the share %v", key, says, s)
	}
	if s == nil {
		return
	}
	var want error
	made := &modelShare{owner: owner, actions: says.actions, resources: map[string]bool{key.ARN: true}, to: map[string]modelGrant{}}
	for _, to := range outside {
		inside := p.m.together(owner, to)
		switch {
		case to == org.ARN() && p.m.place[owner] != "" && p.m.sharing:
			made.to[to] = modelGrant{associated: true}
		case !arn.IsAccountID(to):
			want = ErrUnpromotable
		default:
			made.to[to] = modelGrant{associated: inside && p.m.sharing, granted: true, external: !inside}
		}
	}
	if want == nil && len(says.actions) < 2 {
		// A permission with just these actions is there once a share has used it.
		err := p.try(rootOf(owner), func(c *operation.Call) error {
			state, err := loadPromotion(c, s)
			if err == nil && state.match(terms{actions: says.actions}) == nil {
				err = ErrUnmatched
			}
			return err
		})
		want = err
	}
	err := p.try(rootOf(owner), func(c *operation.Call) error { return Promote(c, s) })
	if want != nil {
		if err == nil || !strings.HasSuffix(err.Error(), want.Error()) {
			p.t.Fatalf("promoting %+v: %v, want %v", says, err, want)
		}
		return
	}
	if err != nil {
		p.t.Fatalf("promoting %+v: %v", says, err)
	}
	delete(p.m.policies, key)
	p.m.shares[s.ARN] = made
}

// check compares the world with the model, and what is kept with what it
// follows from.
func (p *play) check() {
	err := p.store.View(context.Background(), func(tx *store.Tx) error {
		for _, account := range modelAccounts {
			if err := p.checkCaller(p.call(tx, rootOf(account)), account, false); err != nil {
				return err
			}
			if err := p.checkCaller(p.call(tx, p.anns[account]), account, true); err != nil {
				return err
			}
		}
		for arn := range p.m.shares {
			kept, err := tx.Discoveries(arn)
			if err != nil {
				return err
			}
			anew, err := discoveries(tx, arn)
			if err != nil {
				return err
			}
			if diff := gocmp.Diff(anew, kept); diff != "" {
				return fmt.Errorf("discoverable through %s (-anew +kept):\n%s", arn, diff)
			}
		}
		return p.checkRest(tx)
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// checkCaller compares what a caller may do and can discover with the model.
func (p *play) checkCaller(c *operation.Call, account string, ann bool) error {
	may := map[string]bool{}
	for _, image := range modelImages {
		for _, action := range modelActions["default"] {
			got, err := c.May(action, authz.Target{ARN: image})
			if err != nil {
				return err
			}
			if want := p.m.allows(account, ann, action, image); got != want {
				return fmt.Errorf("%s may %s on %s: %t, want %t", c.Caller.ARN(), action, image, got, want)
			}
			may[action+image] = got
		}
	}
	found, err := discovered(c)
	if err != nil {
		return err
	}
	if diff := gocmp.Diff(p.m.discovers(account, ann), found); diff != "" {
		return fmt.Errorf("%s discovers (-want +got):\n%s", c.Caller.ARN(), diff)
	}
	for _, image := range found { // which must hold whatever the model thinks
		if !may["imagebuilder:GetImage"+image] {
			return fmt.Errorf("%s discovers %s and may not read it", c.Caller.ARN(), image)
		}
	}
	return nil
}

// discoveries computes what a share makes discoverable from what is in it.
func discoveries(tx *store.Tx, arn string) (list []store.Discovery, err error) {
	s, err := ReadShare(tx, arn)
	if err != nil || !s.Deleted.IsZero() {
		return nil, err
	}
	for r, err := range Associations(tx, AssociationQuery{Share: arn, Type: Resource}) {
		if err != nil {
			return nil, err
		}
		for a, err := range Associations(tx, AssociationQuery{Share: arn, Type: Principal}) {
			if err != nil {
				return nil, err
			}
			consumer := a.Entity
			if field(consumer, 2) == "iam" {
				consumer = field(consumer, 4)
			}
			if a.Status == Associated && r.Status == Associated {
				list = append(list, store.Discovery{Consumer: consumer, Region: region, Type: "imagebuilder:Image", ARN: r.Entity, Share: arn})
			}
		}
	}
	slices.SortFunc(list, func(a, b store.Discovery) int {
		return cmp.Or(cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.Consumer, b.Consumer))
	})
	return slices.Compact(list), nil
}

// checkRest makes sure that the shares there are those of the model and of
// policies, and that each permission made from a policy is in use.
func (p *play) checkRest(tx *store.Tx) error {
	for _, owner := range modelAccounts {
		for s, err := range SharesOf(tx, owner, region, "") {
			if err != nil {
				return err
			}
			if _, known := p.m.shares[s.ARN]; known == (s.Policy != nil) {
				return fmt.Errorf("share %+v, known %t", s, known)
			}
			if s.Policy != nil {
				if _, ok := p.m.policies[*s.Policy]; !ok {
					return fmt.Errorf("share %+v follows no policy", s)
				}
			}
		}
		for permission, err := range PermissionsOf(tx, owner, region, "") {
			if err != nil {
				return err
			}
			used := 0
			for range permission.UsedBy(tx, "") {
				used++
			}
			if permission.FeatureSet == CreatedFromPolicy && used != 1 {
				return fmt.Errorf("permission %+v is used by %d shares", permission, used)
			}
		}
	}
	return nil
}

// TestWorlds plays random histories. After each step everybody may do and can
// discover what the model says, so that nothing is left of what was taken away.
func TestWorlds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlay(t, rt)
		defer p.store.Close()
		if rapid.Bool().Draw(rt, "organized") { // or it rarely comes to sharing in an organization
			p.move(alice, root.ID)
			p.move(bob, inner.ID)
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			p.step()
			p.check()
		}
	})
}
