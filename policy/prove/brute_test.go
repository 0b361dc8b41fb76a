package prove

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

var (
	worlds     = flag.Int("worlds", 500, "worlds compared with brute force")
	firstWorld = flag.Uint64("first", 0, "seed of the first world")
)

const secret = "arn:aws:ssm:us-east-1:111122223333:parameter/db"

var (
	smallAccounts = []string{"111122223333", "444455556666"}
	smallUsers    = []string{"arn:aws:iam::111122223333:user/ann", "arn:aws:iam::444455556666:user/bob"}
	smallRoles    = []string{"arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:role/s", "arn:aws:iam::444455556666:role/t"}
)

type drawer struct{ *rand.Rand }

func (d drawer) one(of ...string) string { return of[d.IntN(len(of))] }

func (d drawer) condition(s map[string]any) {
	switch d.IntN(7) {
	case 0:
		s["Condition"] = map[string]any{"StringEquals": map[string]any{"sts:ExternalId": "x"}}
	case 1:
		s["Condition"] = map[string]any{d.one("Bool", "BoolIfExists"): map[string]any{"aws:MultiFactorAuthPresent": d.one("true", "false")}}
	case 2:
		s["Condition"] = map[string]any{d.one("IpAddress", "NotIpAddress"): map[string]any{"aws:SourceIp": "10.0.0.0/8"}}
	case 3:
		s["Condition"] = map[string]any{d.one("StringEquals", "StringNotEquals"): map[string]any{"aws:PrincipalOrgID": "o-1"}}
	case 4:
		s["Condition"] = map[string]any{d.one("ArnEquals", "ArnNotEquals"): map[string]any{"aws:PrincipalArn": d.one(append(smallRoles, smallUsers...)...)}}
	}
}

func (d drawer) document(callers bool, actions, resources []string) Document {
	var statements []any
	for range 1 + d.IntN(2) {
		s := map[string]any{"Effect": "Allow", "Action": d.one(actions...)}
		if d.IntN(5) == 0 {
			s["Effect"] = "Deny"
		}
		if resources != nil {
			s["Resource"] = d.one(resources...)
		}
		if callers {
			s["Principal"] = map[string]any{"AWS": d.one(append(append(smallAccounts, smallUsers...), smallRoles...)...)}
		}
		d.condition(s)
		statements = append(statements, s)
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	return text
}

func (d drawer) world() *World {
	w := &World{}
	for _, id := range smallAccounts {
		w.Accounts = append(w.Accounts, Account{ID: id})
	}
	identity := func() Document {
		return d.document(false, []string{"sts:AssumeRole", "sts:AssumeRole", "*", "ssm:GetParameter"}, append([]string{"*", "*", secret}, smallRoles...))
	}
	hops := d.IntN(2) == 0 // only one role can read, so chains are long
	held := func(name string) Document {
		if hops && name != smallRoles[0] {
			return d.document(false, []string{"sts:AssumeRole"}, []string{"*"})
		}
		return identity()
	}
	if d.IntN(2) == 0 {
		w.Organization = &Organization{ID: "o-1", ManagementAccount: "111122223333", Root: Unit{ID: "r-1", Accounts: smallAccounts}}
		if d.IntN(2) == 0 {
			w.Organization.ManagementAccount = "444455556666"
			w.Organization.Root.ServiceControlPolicies = []Document{Document(`"FullAWSAccess"`), identity()}
		}
		if d.IntN(3) == 0 {
			w.Organization.Root.ResourceControlPolicies = []Document{Document(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}}`)}
		}
	}
	for _, name := range smallUsers {
		u := User{ARN: name, Policies: []Document{held(name)}}
		if d.IntN(4) == 0 {
			u.Boundary = identity()
		}
		w.Users = append(w.Users, u)
	}
	for _, name := range smallRoles {
		r := Role{ARN: name, Policies: []Document{held(name)}, TrustPolicy: d.document(true, []string{"sts:AssumeRole"}, nil)}
		if d.IntN(4) == 0 {
			r.Boundary = identity()
		}
		w.Roles = append(w.Roles, r)
	}
	r := Resource{ARN: secret}
	if d.IntN(2) == 0 {
		r.Policies = []Document{d.document(true, []string{"ssm:*", "ssm:GetParameter"}, []string{secret})}
	}
	w.Resources = []Resource{r}
	inv := Invariant{Name: "i", Actions: []string{d.one("ssm:GetParameter", "ssm:*")}, Resources: []string{d.one(secret, "*")}, MaxLength: d.IntN(4)}
	switch all := append(append([]string{"root"}, smallUsers...), smallRoles...); d.IntN(4) {
	case 3:
		inv.Nobody, inv.MaxLength = []string{d.one(smallUsers...)}, 0
	case 0:
		inv.Only = []string{"root", d.one(all...), d.one(all...)}
	case 1:
		inv.Nobody = []string{d.one(all...)}
	default:
		inv.Condition = json.RawMessage(d.one(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, `{"IpAddress":{"aws:SourceIp":["10.0.0.0/8"]}}`))
	}
	w.Invariants = []Invariant{inv}
	if d.IntN(3) == 0 {
		g := Group{ARN: "arn:aws:iam::111122223333:group/g", Policies: w.Users[0].Policies}
		w.Groups, w.Users[0].Policies, w.Users[0].Groups = []Group{g}, nil, []string{g.ARN}
	}
	if d.IntN(3) == 0 {
		s := Session{Role: d.one(smallRoles...), Name: "ci"}
		if d.IntN(2) == 0 {
			s.Policies = []Document{identity()}
		}
		w.Sessions = []Session{s}
	}
	return w
}

// state is a principal and what its credentials contain about MFA.
type state struct {
	*actor
	mfa string // "", "false" or "true"
}

// brute decides an invariant by trying every request of a small universe, forward from every start.
type brute struct {
	m   *Model
	inv *invariant
}

func (b *brute) states() []state {
	var all []state
	for _, a := range b.m.actors {
		switch {
		case a.outside:
		case a.trust != nil || a.declared():
			all = append(all, state{a, "false"}, state{a, "true"})
		default:
			all = append(all, state{a, ""}, state{a, "false"}, state{a, "true"})
		}
	}
	return all
}

// some reports whether a request of the state passes the test.
func (b *brute) some(s state, t *target, action string, test func(req *policy.Request) bool) bool {
	for _, external := range []string{"", "x"} {
		for _, address := range []string{"", "10.0.0.1", "192.0.2.1"} {
			req := &policy.Request{Principal: *s.callers.Principal, Action: action, Resource: t.arn, ManagementAccount: b.m.management()}
			req.Principal.SetKeys(&req.Context)
			for key, value := range map[string]string{"sts:ExternalId": external, "aws:SourceIp": address, "aws:MultiFactorAuthPresent": s.mfa} {
				if value != "" {
					req.Context.Set(key, value)
				}
			}
			if s.account.path != "" {
				req.Context.Set("aws:PrincipalOrgID", "o-1")
			}
			p := &policy.Policies{Identity: s.identity, Boundary: s.boundary, Session: s.session, Resource: t.policies, ServiceControl: s.account.scp, ResourceControl: t.owner.rcp}
			if s.kind == policy.Root {
				p.Identity = nil
			}
			if policy.Decide(req, p).Allowed() && (test == nil || test(req)) {
				return true
			}
		}
	}
	return false
}

func (b *brute) assume(s state, role *actor) (state, bool) {
	if s.kind == policy.Root || !b.some(s, role.trust, "sts:AssumeRole", nil) {
		return state{}, false
	}
	if s.mfa == "true" {
		return state{role, "true"}, true
	}
	return state{role, "false"}, true
}

// shortest returns the length of a shortest chain that violates the invariant, or 0 if there is none.
func (b *brute) shortest() int {
	next := map[state][]state{}
	for _, s := range b.states() {
		for _, role := range b.m.actors {
			if role.trust == nil {
				continue
			}
			if to, ok := b.assume(s, role); ok {
				next[s] = append(next[s], to)
			}
		}
	}
	real := map[state]bool{}
	var visit func(s state)
	visit = func(s state) {
		if !real[s] {
			real[s] = true
			for _, to := range next[s] {
				visit(to)
			}
		}
	}
	for _, s := range b.states() {
		if s.trust == nil {
			visit(s)
		}
	}
	best := 0
	for _, start := range b.states() {
		if b.m.splitsMFA && !real[start] && (real[state{start.actor, "true"}] || real[state{start.actor, "false"}]) {
			continue
		}
		if n := b.from(start, next); n > 0 && (best == 0 || n < best) && (b.inv.MaxLength == 0 || n <= b.inv.MaxLength) {
			best = n
		}
	}
	return best
}

func (b *brute) from(start state, next map[state][]state) int {
	var test func(req *policy.Request) bool
	if !b.inv.forbidden[start.actor] {
		if len(b.inv.conditions) == 0 {
			return 0
		}
		test = func(req *policy.Request) bool { return !analyze.Hold(b.inv.conditions, req) }
	}
	seen := map[state]bool{start: true}
	level := []state{start}
	for n := 1; len(level) > 0; n++ {
		var following []state
		for _, s := range level {
			for _, t := range b.inv.targets {
				if !t.implicit && (b.some(s, t, "ssm:GetParameter", test) || b.inv.Actions[0] == "ssm:*" && b.some(s, t, "ssm:PutParameter", test)) {
					return n
				}
			}
			for _, to := range next[s] {
				if !seen[to] {
					seen[to] = true
					following = append(following, to)
				}
			}
		}
		level = following
	}
	return 0
}

func compile(t testing.TB, w *World) *Model {
	t.Helper()
	m, err := Compile("world.json", w, func(name string) ([]byte, error) { return nil, fmt.Errorf("no file %s", name) })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// confirm checks that the steps of a chain follow from each other and that the engine allows each of them.
func confirm(t *testing.T, m *Model, r *Result) {
	t.Helper()
	for i := range r.Chain {
		s := &r.Chain[i]
		if !policy.Decide(&s.Request, s.Policies).Allowed() {
			t.Errorf("step %d is denied: %v", i, s.Request)
		}
		if i == 0 {
			continue
		}
		before, p := &r.Chain[i-1].Request, &s.Request.Principal
		if before.Action != "sts:AssumeRole" || before.Resource != p.Issuer {
			t.Errorf("step %d is of %s after %s on %s", i, p.Issuer, before.Action, before.Resource)
		}
		if name := before.Context.Get("sts:RoleSessionName"); len(name) != 1 || p.ARN[len(p.ARN)-len(name[0]):] != name[0] {
			t.Errorf("step %d is of the session %s, and %v was assumed", i, p.ARN, name)
		}
	}
	if len(r.Chain) == 0 {
		t.Error("refuted without a chain")
	}
}

// TestBruteForce compares verdicts and the lengths of chains with a forward search
// over all requests of small worlds.
func TestBruteForce(t *testing.T) {
	var verdicts [3]int
	longest := 0
	for seed := *firstWorld; seed < *firstWorld+uint64(*worlds); seed++ {
		w := drawer{rand.New(rand.NewPCG(seed, 5))}.world()
		m := compile(t, w)
		r := m.Prove()[0]
		want := (&brute{m, m.invariants[0]}).shortest()
		verdicts[r.Verdict]++
		longest = max(longest, len(r.Chain))
		if r.Verdict == Refuted {
			confirm(t, m, &r)
		}
		if r.Verdict == Unknown || (r.Verdict == Refuted) != (want > 0) || len(r.Chain) != want {
			text, _ := json.MarshalIndent(w, "", " ")
			t.Fatalf("seed %d: %v with a chain of %d (%s), want one of %d\n%s", seed, r.Verdict, len(r.Chain), r.Reason, want, text)
		}
	}
	t.Logf("unknown, proved, refuted: %v; longest chain %d", verdicts, longest)
	if verdicts[Proved] < *worlds/10 || verdicts[Refuted] < *worlds/10 || longest < 3 {
		t.Errorf("the worlds are too similar: %v, longest chain %d", verdicts, longest)
	}
}
