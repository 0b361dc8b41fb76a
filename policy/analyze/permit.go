package analyze

import (
	"slices"

	"github.com/writdev/writ/policy"
)

// Known is a condition key for which the question gives the value.
type Known struct {
	Key    string // compared without regard to case; a final "*" covers every key with that prefix
	Value  string
	Absent bool // no request has the key
}

// Callers selects the callers of a [Permission]: the principal, all sessions of a role, or all callers of one
// kind.
type Callers struct {
	Principal *policy.Principal
	Role      *policy.Principal // any session of this role, whatever the session's name
	Kind      policy.PrincipalKind
	// Accounts, NotAccounts and Except limit the callers of a kind: to accounts, to other accounts, and to
	// callers other than the ARNs of users, roles and sessions.
	Accounts, NotAccounts, Except []string
}

// Permission asks whether a set of policies allows any of the callers any of the actions on any of the
// resources.
type Permission struct {
	Callers    Callers
	Actions    []string // patterns; an empty list means all
	NotActions []string // patterns
	Resources  []string // lists of patterns; the resource matches at least one pattern of each list
	Within     []string
	Owner      string // the account that owns the resource
	Management string // the management account: control policies do not apply to its principals and resources
	Known      []Known
	// Violates holds conditions of a condition block; the question covers the requests for which at least one
	// of them is false.
	Violates []policy.Predicate
	// Never holds conditions; the question covers the requests for which all of them are false.
	Never []policy.Predicate
}

// Permits answers a [Permission]. The engine has evaluated each witness; its condition keys include those of
// Known.
func Permits(p *policy.Policies, q Permission, options Options) Answer {
	q.Known = foldKnown(q.Known)
	x := &permission{Permission: q, policies: p}
	kind := q.Callers.Kind
	switch {
	case q.Callers.Principal != nil:
		kind = q.Callers.Principal.Kind
	case q.Callers.Role != nil:
		kind = policy.RoleSession
	}
	docs := documentsOf(p)
	r := question{
		kinds: []policy.PrincipalKind{kind}, sides: [2][]*policy.Document{newSide: docs}, documents: docs,
		actions: q.Actions, given: q.Known, goals: x.goals, try: x.try,
	}.answer(options)
	return Answer{Witness: r.Gained, Unknown: r.Gained == nil && r.Verdict == Unknown, Reason: r.Reason}
}

// Conditions parses a condition block of the policy language.
func Conditions(block []byte) ([]policy.Predicate, error) {
	d, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + string(block) + `}}`))
	if err != nil {
		return nil, err
	}
	if err := Check(d, policy.Identity); err != nil {
		return nil, err
	}
	return d.Clauses(policy.Identity)[0].Conditions, nil
}

type permission struct {
	Permission
	policies *policy.Policies
}

func foldKnown(known []Known) []Known {
	folded := slices.Clone(known)
	for i := range folded {
		folded[i].Key = foldKey(folded[i].Key)
	}
	return folded
}

func (x *permission) goals(b *builder) [2][]goal {
	own := b.caller.ofAccount() && x.account() == x.Owner
	parts := []*formula{
		x.callers(b), b.matches(actionField, x.Actions), b.matches(resourceField, x.Resources), b.matches(resourceField, x.Within),
		(&layerSet{b, x.policies, own}).allowed(),
	}
	if len(x.NotActions) > 0 {
		parts = append(parts, not(b.matches(actionField, x.NotActions)))
	}
	if len(x.Violates) > 0 {
		var hold []*formula
		for _, p := range x.Violates {
			hold = append(hold, b.condition(p))
		}
		parts = append(parts, not(and(hold...)))
	}
	for _, p := range x.Never {
		parts = append(parts, not(b.condition(p)))
	}
	return [2][]goal{newSide: {{and(parts...), func() *formula { return yes }}}}
}

// account returns the callers' account if the question names it.
func (x *permission) account() string {
	switch c := &x.Callers; {
	case c.Principal != nil:
		return c.Principal.Account
	case c.Role != nil:
		return c.Role.Account
	case len(c.Accounts) == 1:
		return c.Accounts[0]
	}
	return ""
}

// callers returns a formula that holds for the callers in question.
func (x *permission) callers(b *builder) *formula {
	switch c := &x.Callers; {
	case c.Principal != nil:
		return b.callers([]pattern{pattern(nil).text(callerText(c.Principal))})
	case c.Role != nil:
		return b.callers([]pattern{pattern(nil).text(c.Role.Issuer + "\n").one(exceptNewline).star(exceptNewline)})
	}
	f := yes
	if len(x.Callers.Accounts) > 0 && b.caller.ofAccount() {
		f = b.callers(b.ofAccounts(x.Callers.Accounts))
	}
	if b.caller.ofAccount() {
		f = and(f, not(b.callers(b.ofAccounts(x.Callers.NotAccounts))))
	}
	var entries []policy.CallerEntry
	for _, e := range x.Callers.Except {
		for _, kind := range []policy.CallerEntryKind{policy.ARNEntry, policy.ServiceEntry, policy.ProviderEntry} {
			entries = append(entries, policy.CallerEntry{Kind: kind, Text: e})
		}
	}
	cover := b.caller.coverage(entries)
	return and(f, not(b.callers(slices.Concat(cover.self, cover.issuer))))
}

func (b *builder) ofAccounts(accounts []string) []pattern {
	var entries []policy.CallerEntry
	for _, a := range accounts {
		entries = append(entries, policy.CallerEntry{Kind: policy.AccountEntry, Text: a})
	}
	return b.caller.coverage(entries).account
}

// try evaluates a draft after adding the context that the question gives.
func (x *permission) try(d *draft, allows side) (*Witness, bool) {
	req := d.request
	if x.Callers.Principal != nil {
		req.Principal = *x.Callers.Principal
	}
	req.ManagementAccount = x.Management
	if _, account := arnAccount(req.Resource); account != x.Owner {
		req.ResourceAccount = x.Owner
	}
	for _, k := range x.Known {
		if !k.Absent {
			req.Context.Set(k.Key, k.Value)
		}
	}
	after := policy.Decide(&req, x.policies)
	if slices.ContainsFunc(x.Never, func(p policy.Predicate) bool { return Hold([]policy.Predicate{p}, &req) }) {
		return nil, false
	}
	if allows != newSide || !after.Allowed() || len(x.Violates) > 0 && Hold(x.Violates, &req) {
		return nil, false
	}
	w := &Witness{Request: req, After: after}
	w.addAll(true, x.policies, "Allow")
	return w, true
}

// Hold reports whether a request satisfies all conditions.
func Hold(conditions []policy.Predicate, req *policy.Request) bool {
	return !slices.ContainsFunc(conditions, func(p policy.Predicate) bool { return !p.Holds(req.Context.Get(p.Name()), &req.Context) })
}
