package analyze

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

// nearby draws requests near two documents: from the texts in the documents, with replaced wildcards, and
// from others.
type nearby struct {
	drawer
	actions, resources, callers []string
	keys                        []string
	multi                       map[string]bool // keys that may have several values
	values                      map[string][]string
}

func newNearby(seed uint64, kind policy.Kind, docs ...*policy.Document) *nearby {
	n := &nearby{drawer: drawer{Rand: rand.New(rand.NewPCG(seed, 11))}, values: make(map[string][]string), multi: make(map[string]bool)}
	n.actions, n.resources = []string{"s3:ListAllMyBuckets", "iam:GetUser"}, []string{"*", "arn:aws:s3:::other", "arn:aws:sqs:us-east-1:111122223333:q"}
	n.callers = []string{"arn:aws:iam::111122223333:user/a"}
	if namesCallers := kind == policy.Resource || kind == policy.Trust || kind == policy.ResourceControl; namesCallers {
		n.callers = append(n.callers, "*", "ec2.amazonaws.com", "arn:aws:iam::999988887777:user/z")
	}
	for _, account := range []string{"111122223333", "444455556666", "777788889999"} {
		n.callers = append(n.callers, "arn:aws:iam::"+account+":role/Admin", "arn:aws:iam::"+account+":user/Bob")
	}
	for _, d := range docs {
		for _, c := range d.Clauses(kind) {
			for _, p := range c.Conditions {
				forAll, forAny := p.Quantified()
				n.multi[p.Key()] = n.multi[p.Key()] || p.Multivalued() || (forAll || forAny) && !strings.HasPrefix(p.Key(), "aws:")
			}
		}
		for i := range d.Statements() {
			s := &d.Statements()[i]
			for _, l := range []policy.List{s.Action, s.NotAction} {
				n.actions = append(n.actions, n.fillPatterns(l, "Get", "Describe", "Xa")...)
			}
			for _, l := range []policy.List{s.Resource, s.NotResource} {
				n.resources = append(n.resources, n.fillPatterns(l, "a", "public/x", "111122223333", "us-east-1")...)
			}
			for _, e := range slices.Concat(s.Principal.Entries, s.NotPrincipal.Entries) {
				for _, v := range e.Values.Values {
					n.callers = append(n.callers, v.Text)
				}
			}
			for _, o := range s.Condition.Operators {
				for _, k := range o.Keys {
					key := strings.ToLower(k.Name)
					if !slices.Contains(n.keys, key) {
						n.keys = append(n.keys, key)
					}
					n.values[key] = append(n.values[key], n.fillPatterns(k.Values, "a", "x/y", "us-east-1")...)
					n.values[key] = append(n.values[key], nearbyValues(k.Values)...)
				}
			}
		}
	}
	if kind == policy.Trust { // the sampled requests of a trust policy have no KMS actions
		n.actions = slices.DeleteFunc(n.actions, func(a string) bool { return strings.HasPrefix(strings.ToLower(a), "kms:") })
	}
	n.callers = slices.DeleteFunc(n.callers, func(c string) bool {
		_, err := policy.ParsePrincipal(c)
		return err != nil
	})
	return n
}

// fillPatterns returns the values of a list with each of the fillings in place of wildcards and variables.
func (n *nearby) fillPatterns(l policy.List, fillings ...string) []string {
	var texts []string
	for _, v := range l.Values {
		for range 6 {
			var b strings.Builder
			rest := v.Text
			for rest != "" {
				at := strings.IndexAny(rest, "*?$")
				if at < 0 {
					b.WriteString(rest)
					break
				}
				b.WriteString(rest[:at])
				c, inside := rest[at], rest[at+1:]
				rest = inside
				switch {
				case c == '?':
					b.WriteString(draw(n.drawer, "a", "x", "1"))
				case c == '*':
					b.WriteString(draw(n.drawer, append(fillings, "")...))
				case strings.HasPrefix(inside, "{"):
					b.WriteString(draw(n.drawer, "a", "b", "Bob"))
					_, rest, _ = strings.Cut(inside, "}")
				}
			}
			texts = append(texts, b.String())
		}
	}
	return texts
}

// nearbyValues returns values that operators of any type may distinguish from those of a list.
func nearbyValues(l policy.List) []string {
	texts := []string{"true", "false", "0", "3600", "10000", "2020-01-01T00:00:00Z", "2026-05-01T00:00:00Z", "2030-01-01T00:00:00Z", "other", "203.0.113.7", "198.51.100.1"}
	for _, v := range l.Values {
		texts = append(texts, v.Text+"x", strings.ToUpper(v.Text))
		if address, _, ok := strings.Cut(v.Text, "/"); ok {
			texts = append(texts, address)
		}
	}
	return texts
}

func (n *nearby) request(t testing.TB) policy.Request {
	who, err := policy.ParsePrincipal(draw(n.drawer, n.callers...))
	if err != nil {
		t.Fatal(err)
	}
	req := policy.Request{Principal: who, Action: draw(n.drawer, n.actions...), Resource: draw(n.drawer, n.resources...)}
	who.SetKeys(&req.Context)
	if _, account := arnAccount(req.Resource); account != "" && slices.Contains(n.keys, ownerKey) {
		req.Context.Set(ownerKey, account)
	}
	for _, key := range n.keys {
		if req.Context.Get(key) != nil || n.chance(25) || follows(key, &who) {
			continue
		}
		req.Context.Set(key, draw(n.drawer, n.values[key]...))
		if n.multi[key] && n.chance(30) {
			req.Context.Set(key, draw(n.drawer, n.values[key]...), draw(n.drawer, n.values[key]...))
		}
	}
	return req
}

// follows reports whether the caller or the resource determines a key.
func follows(key string, who *policy.Principal) bool {
	_, known := newCallerKind(who.Kind, nil).key(key)
	return known || key == ownerKey
}

// checkNearby reports requests near two documents that contradict a verdict. It returns whether sampling
// alone finds each difference.
func checkNearby(t *testing.T, verdict Verdict, old, new *policy.Document, kind policy.Kind) (gained, lost bool) {
	n := newNearby(*seed, kind, old, new)
	for range *nearbyRequests {
		req := n.request(t)
		before, after := allows(old, &req, kind), allows(new, &req, kind)
		if after && !before && !gained {
			if gained = true; verdict == Equal || verdict == Less {
				t.Errorf("%v, but %+v is gained", verdict, req)
			}
		}
		if before && !after && !lost {
			if lost = true; verdict == Equal || verdict == More {
				t.Errorf("%v, but %+v is lost", verdict, req)
			}
		}
	}
	return gained, lost
}
