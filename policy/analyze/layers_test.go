package analyze

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/writdev/writ/policy"
)

var setPairs = flag.Int("sets", 80, "pairs of sets of policies compared with brute force")

func (d drawer) layerAction() string {
	return draw(d, "*", "s:*", "s:a", "kms:*", "sts:*", "sts:AssumeRole", "s3:*", "iam:*", "s:?", "*:a")
}

func (d drawer) layerResource() string {
	return draw(d, "*", "*", "arn:aws:s:::a", "arn:aws:s:::?", "arn:aws:kms:*:*:key/*", "arn:aws:iam:*", "arn:*")
}

func (d drawer) layerStatement(caller bool) map[string]any {
	s := d.statement(caller)
	for _, key := range []string{"Action", "NotAction"} {
		if s[key] != nil {
			s[key] = d.list(2, d.layerAction)
		}
	}
	for _, key := range []string{"Resource", "NotResource"} {
		if s[key] != nil {
			s[key] = d.list(2, d.layerResource)
		}
	}
	return s
}

func (d drawer) layer(t testing.TB, caller bool) []policy.Attached {
	var all []map[string]any
	for range 1 + d.IntN(2) {
		all = append(all, d.layerStatement(caller))
	}
	return []policy.Attached{{Document: encode(t, all)}}
}

// policySet draws a set of policies. Each layer may be absent.
func (d drawer) policySet(t testing.TB) policy.Policies {
	var p policy.Policies
	if d.chance(80) {
		p.Identity = d.layer(t, false)
	}
	if d.chance(30) {
		p.Boundary = d.layer(t, false)
	}
	if d.chance(30) {
		p.Session = d.layer(t, false)
	}
	if d.chance(60) {
		p.Resource = d.layer(t, true)
	}
	if d.chance(15) {
		p.Endpoint = d.layer(t, true)
	}
	if d.chance(25) {
		for range 1 + d.IntN(2) {
			p.ServiceControl = append(p.ServiceControl, d.layer(t, false))
		}
	}
	if d.chance(25) {
		p.ResourceControl = [][]policy.Attached{d.layer(t, true)}
	}
	return p
}

// change replaces one layer.
func (d drawer) change(t testing.TB, p policy.Policies) policy.Policies {
	other := d.policySet(t)
	switch d.IntN(6) {
	case 0:
		p.Identity = other.Identity
	case 1:
		p.Boundary = other.Boundary
	case 2:
		p.Session = other.Session
	case 3:
		p.Resource = other.Resource
	case 4:
		p.ServiceControl = other.ServiceControl
	case 5:
		p.ResourceControl, p.Endpoint = other.ResourceControl, other.Endpoint
	}
	return p
}

var (
	layerActions   = []string{"s:a", "s:b", "kms:Decrypt", "kms:RetireGrant", "sts:AssumeRole", "s3:PutBucketPolicy", "s3:a", "iam:GetUser", "sts:GetCallerIdentity", "sts:GetSessionToken"}
	layerResources = []string{"*", "arn:aws:s:::a", "arn:aws:kms:::key/a", "arn:aws:iam:::role/aws-service-role/a", "arn:aws:iam:::role/R"}
	layerCallers   = append([]string{"arn:aws:iam::111122223333:role/aws-service-role/s/S", "arn:aws:sts::111122223333:federated-user/f", "www.amazon.com"}, smallCallers...)
)

func bruteSets(t testing.TB, docs []*policy.Document, visit func(req *policy.Request)) {
	values := [][]string{nil}
	if newKeyReader(docs).key("k:s") {
		values = smallKeys["k:s"]
	}
	for _, name := range layerCallers {
		who, err := policy.ParsePrincipal(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			req := policy.Request{Principal: who}
			who.SetKeys(&req.Context)
			if v != nil {
				req.Context.Set("k:s", v...)
			}
			for _, req.ResourceAccount = range []string{"111122223333", "444455556666"} {
				for _, req.Action = range layerActions {
					for _, req.Resource = range layerResources {
						visit(&req)
					}
				}
			}
		}
	}
}

// TestCompareSetsAgainstBruteForce checks pairs of policy sets against the engine's decisions on all requests
// of a small universe. The long run is
//
//	go test ./policy/analyze -run SetsAgainst -sets 100000 -timeout 4h
func TestCompareSetsAgainstBruteForce(t *testing.T) {
	d := drawer{Rand: rand.New(rand.NewPCG(*seed, 1)), families: []int{0, 10, 10}}
	var counts [Different + 1]int
	for n := range *setPairs {
		old := d.policySet(t)
		new := d.change(t, old)
		c := CompareSets(&old, &new, Subject{}, Options{})
		counts[c.Verdict]++
		docs := slices.Concat(documentsOf(&old), documentsOf(&new))
		bruteSets(t, docs, func(req *policy.Request) {
			before, after := policy.Decide(req, &old), policy.Decide(req, &new)
			missed := after.Allowed() && !before.Allowed() && c.Gained == nil || before.Allowed() && !after.Allowed() && c.Lost == nil
			if missed && c.Verdict != Unknown && !t.Failed() {
				t.Errorf("pair %d: %v, but %+v is %v and then %v\nold %v\nnew %v", n, c.Verdict, *req, before, after, sources(&old), sources(&new))
			}
		})
		if c.Verdict == Unknown {
			t.Logf("pair %d: %s\nold %v\nnew %v", n, c.Reason, sources(&old), sources(&new))
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("unknown, equal, more, less, different: %v", counts)
	if counts[Unknown]*50 > *setPairs {
		t.Errorf("%d of %d pairs are unknown", counts[Unknown], *setPairs)
	}
}

// sources returns the texts of a set, by layer.
func sources(p *policy.Policies) (all []string) {
	add := func(name string, layer []policy.Attached) {
		for _, a := range layer {
			all = append(all, name+" "+string(a.Document.Source()))
		}
	}
	add("identity", p.Identity)
	add("boundary", p.Boundary)
	add("session", p.Session)
	add("resource", p.Resource)
	add("endpoint", p.Endpoint)
	for _, level := range p.ServiceControl {
		add("scp", level)
	}
	for _, level := range p.ResourceControl {
		add("rcp", level)
	}
	return all
}

// TestCompareSets tests the effect of a change of one layer.
func TestCompareSets(t *testing.T) {
	attach := func(statements string) []policy.Attached {
		return []policy.Attached{{Name: "p", Document: doc(t, statements)}}
	}
	all := attach(`{"Effect":"Allow","Action":"*","Resource":"*"}`)
	storage := attach(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	trust := attach(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/a"},"Action":"sts:AssumeRole"}`)
	user, err := policy.ParsePrincipal("arn:aws:iam::111122223333:user/a")
	if err != nil {
		t.Fatal(err)
	}
	linked, err := policy.ParsePrincipal("arn:aws:iam::111122223333:role/aws-service-role/s/S")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		old, new policy.Policies
		about    Subject
		want     Verdict
	}{
		{"a boundary", policy.Policies{Identity: all}, policy.Policies{Identity: all, Boundary: storage}, Subject{Principal: &user}, Less},
		{"a boundary, for other actions", policy.Policies{Identity: all}, policy.Policies{Identity: all, Boundary: storage}, Subject{Principal: &user, Action: "s3:Get*"}, Equal},
		{"a boundary does not limit a grant to a user by name", policy.Policies{Resource: attach(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/a"},"Action":"sqs:*","Resource":"*"}`)},
			policy.Policies{Resource: attach(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/a"},"Action":"sqs:*","Resource":"*"}`), Boundary: storage}, Subject{Principal: &user}, Equal},
		{"a boundary limits a user named in a trust policy", policy.Policies{Resource: trust}, policy.Policies{Resource: trust, Boundary: storage}, Subject{Principal: &user}, Less},
		{"a level of SCPs", policy.Policies{Identity: all, ServiceControl: [][]policy.Attached{all}}, policy.Policies{Identity: all, ServiceControl: [][]policy.Attached{all, storage}}, Subject{}, Less},
		{"an SCP and a service-linked role", policy.Policies{Identity: all}, policy.Policies{Identity: all, ServiceControl: [][]policy.Attached{storage}}, Subject{Principal: &linked}, Equal},
		{"an SCP for another resource", policy.Policies{Identity: all}, policy.Policies{Identity: all, ServiceControl: [][]policy.Attached{attach(`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`)}},
			Subject{Principal: &user, Resource: "arn:aws:s3:::b/x"}, Equal},
		{"identity against session", policy.Policies{Identity: all, Session: storage}, policy.Policies{Identity: storage, Session: all}, Subject{Kinds: []policy.PrincipalKind{policy.RoleSession}}, Equal},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := CompareSets(&c.old, &c.new, c.about, Options{})
			if got.Verdict != c.want {
				t.Errorf("%v (%s), want %v", got.Verdict, got.Reason, c.want)
			}
			if got.Lost != nil && len(got.Lost.Statements) == 0 {
				t.Errorf("no statement is responsible for %+v", got.Lost.Request)
			}
		})
	}
}
