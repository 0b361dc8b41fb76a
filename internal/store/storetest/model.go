package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/store"
)

// model is the state of a store, in maps.
type model struct {
	Resources map[string]store.Resource
	Policies  map[[3]string]store.Policy // by ARN, source and name
	Tags      map[[2]string]string       // by ARN and key
	Refs      map[[2]string]bool         // from, to
	Tokens    map[store.TokenKey]store.Token
	Keys      map[string]store.AccessKey
	Shares    map[[3]string]store.Association // by share, kind and entity
	Shown     map[store.Discovery]bool
	Timers    map[string]store.Timer
}

func newModel() *model {
	return &model{
		map[string]store.Resource{}, map[[3]string]store.Policy{}, map[[2]string]string{},
		map[[2]string]bool{}, map[store.TokenKey]store.Token{}, map[string]store.AccessKey{},
		map[[3]string]store.Association{}, map[store.Discovery]bool{}, map[string]store.Timer{},
	}
}

func (m *model) clone() *model {
	return &model{
		maps.Clone(m.Resources), maps.Clone(m.Policies), maps.Clone(m.Tags),
		maps.Clone(m.Refs), maps.Clone(m.Tokens), maps.Clone(m.Keys),
		maps.Clone(m.Shares), maps.Clone(m.Shown), maps.Clone(m.Timers),
	}
}

// What the operations are about: few of each, so that they meet.
var (
	arns     = []string{"arn:a", "arn:a/b", "arn:a/c", "arn:b"}
	services = []string{"ssm", "kms"}
	sources  = []string{"user", "ram"}
	names    = []string{"", "one"}
)

// op is one call of a method, made on both the store and the model. do
// returns an error if the two answer differently.
type op struct {
	name string
	do   func(tx *store.Tx, m *model) error
}

// wrote compares the outcome of a write with what the model says of it.
func wrote(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("outcome %v, want %v", err, want)
	}
	return nil
}

// drawOp draws an operation with its arguments.
func drawOp(t *rapid.T, n int) op {
	arn := rapid.SampledFrom(arns).Draw(t, "arn")
	other := rapid.SampledFrom(arns).Draw(t, "other")
	source := rapid.SampledFrom(sources).Draw(t, "source")
	name := rapid.SampledFrom(names).Draw(t, "name")
	resource := store.Resource{
		ARN: arn, Service: rapid.SampledFrom(services).Draw(t, "service"), Name: name, Data: fmt.Append(nil, n),
		CreatedAt: at(n), UpdatedAt: at(n),
	}
	exists := func(m *model) bool { _, ok := m.Resources[arn]; return ok }
	ops := map[string]func(tx *store.Tx, m *model) error{
		"InsertResource": func(tx *store.Tx, m *model) error {
			err := tx.InsertResource(resource)
			if exists(m) {
				return wrote(err, store.ErrExists)
			}
			m.Resources[arn] = resource
			return err
		},
		"UpdateResource": func(tx *store.Tx, m *model) error {
			err := tx.UpdateResource(resource)
			if !exists(m) {
				return wrote(err, store.ErrNotFound)
			}
			r := resource
			r.CreatedAt = m.Resources[arn].CreatedAt
			m.Resources[arn] = r
			return err
		},
		"PutResource": func(tx *store.Tx, m *model) error {
			r := resource
			if exists(m) {
				r.CreatedAt = m.Resources[arn].CreatedAt
			}
			m.Resources[arn] = r
			return tx.PutResource(resource)
		},
		"DeleteResource": func(tx *store.Tx, m *model) error {
			err := tx.DeleteResource(arn)
			if !exists(m) {
				return wrote(err, store.ErrNotFound)
			}
			delete(m.Resources, arn)
			maps.DeleteFunc(m.Policies, func(k [3]string, _ store.Policy) bool { return k[0] == arn })
			maps.DeleteFunc(m.Tags, func(k [2]string, _ string) bool { return k[0] == arn })
			maps.DeleteFunc(m.Refs, func(k [2]string, _ bool) bool { return k[0] == arn })
			return err
		},
		"Resource": func(tx *store.Tx, m *model) error {
			got, err := tx.Resource(arn)
			if !exists(m) {
				return wrote(err, store.ErrNotFound)
			}
			return errors.Join(err, equal("resource", got, m.Resources[arn]))
		},
		"Resources": func(tx *store.Tx, m *model) error {
			q := store.Query{Service: resource.Service, Prefix: strings.TrimSuffix(arn, "/b"), After: other, Limit: n % 4}
			got, err := collect(tx, q)
			var want []store.Resource
			for _, key := range slices.Sorted(maps.Keys(m.Resources)) {
				r := m.Resources[key]
				if r.Service == q.Service && strings.HasPrefix(key, q.Prefix) && key > q.After && (q.Limit == 0 || len(want) < q.Limit) {
					want = append(want, r)
				}
			}
			return errors.Join(err, equal(fmt.Sprintf("%+v", q), got, want))
		},
		"PutPolicy": func(tx *store.Tx, m *model) error {
			p := store.Policy{ARN: arn, Source: source, Name: name, Document: fmt.Sprint(n), CreatedAt: at(n), UpdatedAt: at(n)}
			err := tx.PutPolicy(p)
			if old, ok := m.Policies[[3]string{arn, source, name}]; ok {
				p.CreatedAt = old.CreatedAt
			}
			m.Policies[[3]string{arn, source, name}] = p
			return err
		},
		"DeletePolicy": func(tx *store.Tx, m *model) error {
			err := tx.DeletePolicy(arn, source, name)
			if _, ok := m.Policies[[3]string{arn, source, name}]; !ok {
				return wrote(err, store.ErrNotFound)
			}
			delete(m.Policies, [3]string{arn, source, name})
			return err
		},
		"Policies": func(tx *store.Tx, m *model) error {
			got, err := tx.Policies(arn)
			return errors.Join(err, equal("policies", got, m.policiesOf(arn)))
		},
		"SetTags": func(tx *store.Tx, m *model) error {
			m.Tags[[2]string{arn, name}] = fmt.Sprint(n)
			return tx.SetTags(arn, map[string]string{name: fmt.Sprint(n)})
		},
		"DeleteTags": func(tx *store.Tx, m *model) error {
			delete(m.Tags, [2]string{arn, name})
			return tx.DeleteTags(arn, []string{name})
		},
		"SetReferences": func(tx *store.Tx, m *model) error {
			maps.DeleteFunc(m.Refs, func(k [2]string, _ bool) bool { return k[0] == arn })
			m.Refs[[2]string{arn, other}] = true
			return tx.SetReferences(arn, []string{other})
		},
		"PutToken": func(tx *store.Tx, m *model) error {
			token := store.Token{TokenKey: tokenKey(arn), Fingerprint: name, Output: fmt.Append(nil, n), CreatedAt: at(n)}
			m.Tokens[token.TokenKey] = token
			return tx.PutToken(token)
		},
		"DeleteTokens": func(tx *store.Tx, m *model) error {
			maps.DeleteFunc(m.Tokens, func(_ store.TokenKey, t store.Token) bool { return t.CreatedAt.Before(at(n / 2)) })
			return tx.DeleteTokens(at(n / 2))
		},
		"SetTimer": func(tx *store.Tx, m *model) error {
			timer := store.Timer{ARN: arn, Due: at(n % 3)}
			m.Timers[arn] = timer
			return tx.SetTimer(timer)
		},
		"DeleteTimer": func(tx *store.Tx, m *model) error {
			delete(m.Timers, arn)
			return tx.DeleteTimer(arn)
		},
		"FirstTimer": func(tx *store.Tx, m *model) error {
			got, err := tx.FirstTimer()
			want, found := m.firstTimer()
			if !found {
				return wrote(err, store.ErrNotFound)
			}
			return errors.Join(err, equal("first timer", got, want))
		},
		"PutAccessKey": func(tx *store.Tx, m *model) error {
			k := store.AccessKey{ID: arn, Principal: other, Status: name, SealedSecret: fmt.Append(nil, n), CreatedAt: at(n)}
			err := tx.PutAccessKey(k)
			if old, ok := m.Keys[k.ID]; ok {
				k.CreatedAt = old.CreatedAt
			}
			m.Keys[k.ID] = k
			return err
		},
		"DeleteAccessKey": func(tx *store.Tx, m *model) error {
			err := tx.DeleteAccessKey(arn)
			if _, ok := m.Keys[arn]; !ok {
				return wrote(err, store.ErrNotFound)
			}
			delete(m.Keys, arn)
			return err
		},
		"PutAssociation": func(tx *store.Tx, m *model) error {
			a := store.Association{Share: arn, Kind: source, Entity: other, Consumer: name, Account: "1", Region: "r", Status: name, Data: fmt.Append(nil, n), CreatedAt: at(n), UpdatedAt: at(n)}
			err := tx.PutAssociation(a)
			if old, ok := m.Shares[[3]string{arn, source, other}]; ok {
				a.CreatedAt = old.CreatedAt
			}
			m.Shares[[3]string{arn, source, other}] = a
			return err
		},
		"DeleteAssociation": func(tx *store.Tx, m *model) error {
			err := tx.DeleteAssociation(arn, source, other)
			if _, ok := m.Shares[[3]string{arn, source, other}]; !ok {
				return wrote(err, store.ErrNotFound)
			}
			delete(m.Shares, [3]string{arn, source, other})
			return err
		},
		"DeleteAssociations": func(tx *store.Tx, m *model) error {
			maps.DeleteFunc(m.Shares, func(k [3]string, _ store.Association) bool { return k[0] == arn })
			return tx.DeleteAssociations(arn)
		},
		"PutDiscovery": func(tx *store.Tx, m *model) error {
			d := store.Discovery{Consumer: name, Region: "r", Type: source, ARN: other, Share: arn}
			m.Shown[d] = true
			return tx.PutDiscovery(d)
		},
		"DeleteDiscovery": func(tx *store.Tx, m *model) error {
			d := store.Discovery{Consumer: name, Region: "r", Type: source, ARN: other, Share: arn}
			delete(m.Shown, d)
			return tx.DeleteDiscovery(d)
		},
		"DeleteDiscoveries": func(tx *store.Tx, m *model) error {
			maps.DeleteFunc(m.Shown, func(d store.Discovery, _ bool) bool { return d.Share == arn })
			return tx.DeleteDiscoveries(arn)
		},
	}
	method := rapid.SampledFrom(slices.Sorted(maps.Keys(ops))).Draw(t, "method")
	return op{fmt.Sprintf("%s(%s)", method, arn), ops[method]}
}

func tokenKey(arn string) store.TokenKey { return store.TokenKey{Operation: "test", Token: arn} }

func (m *model) policiesOf(arn string) []store.Policy {
	var list []store.Policy
	for _, key := range slices.SortedFunc(maps.Keys(m.Policies), func(a, b [3]string) int { return slices.Compare(a[:], b[:]) }) {
		if key[0] == arn {
			list = append(list, m.Policies[key])
		}
	}
	return list
}

// firstTimer is the timer that is due first.
func (m *model) firstTimer() (first store.Timer, found bool) {
	for _, arn := range arns {
		if t, is := m.Timers[arn]; is && (!found || t.Due.Before(first.Due)) {
			first, found = t, true
		}
	}
	return first, found
}

// readModel reads the whole state of a store, but only the first of the timers.
func readModel(tx *store.Tx) (*model, error) {
	m := newModel()
	list, err := collect(tx, store.Query{})
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		m.Resources[r.ARN] = r
	}
	switch first, err := tx.FirstTimer(); {
	case err == nil:
		m.Timers[first.ARN] = first
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	for _, arn := range arns {
		policies, err1 := tx.Policies(arn)
		tags, err2 := tx.Tags(arn)
		users, err3 := tx.ReferencedBy(arn, 0)
		token, err4 := tx.Token(tokenKey(arn))
		key, err5 := tx.AccessKey(arn)
		shares, err6 := gather(tx.Associations(store.AssociationQuery{Share: arn}))
		shown, err7 := tx.Discoveries(arn)
		if err := errors.Join(err1, err2, err3, err6, err7); err != nil {
			return nil, err
		}
		for _, a := range shares {
			m.Shares[[3]string{a.Share, a.Kind, a.Entity}] = a
		}
		for _, d := range shown {
			m.Shown[d] = true
		}
		for _, p := range policies {
			m.Policies[[3]string{arn, p.Source, p.Name}] = p
		}
		for k, v := range tags {
			m.Tags[[2]string{arn, k}] = v
		}
		for _, from := range users {
			m.Refs[[2]string{from, arn}] = true
		}
		if err4 == nil {
			m.Tokens[token.TokenKey] = token
		}
		if err5 == nil {
			m.Keys[arn] = key
		}
	}
	return m, nil
}

// testModel runs random transactions, some of which are refused at their end,
// on the store and on the model, and compares every answer and every state.
func testModel(t *testing.T, s *store.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		if err := s.Reset(t.Context()); err != nil {
			rt.Fatal(err)
		}
		truth, n := newModel(), 0
		for range rapid.IntRange(1, 5).Draw(rt, "transactions") {
			// Drawn here, since a draw may panic and a transaction catches panics.
			ops := make([]op, rapid.IntRange(1, 12).Draw(rt, "operations"))
			for i := range ops {
				n++
				ops[i] = drawOp(rt, n)
			}
			refuse := rapid.Bool().Draw(rt, "refuse")
			var next *model
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				next = truth.clone()
				for _, op := range ops {
					if err := op.do(tx, next); err != nil {
						return fmt.Errorf("%s: %w", op.name, err)
					}
				}
				if refuse {
					return errRefused
				}
				return nil
			})
			switch {
			case refuse && err == errRefused:
			case err == nil:
				truth = next
			default:
				rt.Fatal(err)
			}
			var got *model
			if err := s.View(t.Context(), func(tx *store.Tx) (err error) { got, err = readModel(tx); return err }); err != nil {
				rt.Fatal(err)
			}
			want := truth.clone()
			first, timed := truth.firstTimer()
			maps.DeleteFunc(want.Timers, func(arn string, _ store.Timer) bool { return arn != first.ARN })
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("state (-want +got):\n%s", diff)
			}
			for _, now := range []time.Time{first.Due.Add(-time.Microsecond), first.Due} {
				if due, err := s.IsDue(t.Context(), now); err != nil || due != (timed && now == first.Due) {
					rt.Fatalf("at %v something is due: %v, %v; the first timer is %v", now, due, err, first)
				}
			}
		}
	})
}
