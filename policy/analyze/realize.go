package analyze

import (
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// draft is a request under construction, before the owner of the resource is known.
type draft struct {
	request policy.Request
	owner   string // the resource's account, if its ARN contains one
	foreign bool   // for policy sets: another account owns the resource
	// invented means that the action is not in the facts.
	invented bool
}

// realize makes requests from the states of a leaf and tries them until one is confirmed. Variables get
// values first.
func (q *inquiry) realize(states assignment) (cost int, ok bool) {
	variables := q.variablesOf(states)
	if len(variables) == 0 {
		return q.confirm(states)
	}
	for values := range q.valuations(variables, states) {
		concrete, possible := q.substitute(states, values)
		if !possible {
			continue
		}
		if cost, ok = q.confirm(concrete); ok {
			return cost, true
		}
	}
	q.noteVariable(variables)
	return 0, false
}

// inventedCost ranks every request with an existing action before all others.
const inventedCost = 1 << 20

// confirm makes a request and evaluates it with the engine: first a realistic request, then the shortest.
func (q *inquiry) confirm(states assignment) (cost int, ok bool) {
	if slices.ContainsFunc(states, func(st *fieldState) bool { return !st.exact }) {
		return 0, false
	}
	if cost = states.cost(); q.best != nil && cost >= q.best.cost {
		return cost, true
	}
	for _, real := range []bool{true, false} {
		if real && q.facts == nil {
			continue
		}
		d, ok := q.draft(states, real)
		if !ok || real && d.invented {
			continue
		}
		if d.invented {
			cost += inventedCost
		}
		if q.best != nil && cost >= q.best.cost {
			return cost, true
		}
		if w, ok := q.try(&d, q.side); ok {
			w.cost, w.Invented = cost, d.invented
			q.best = w
			return cost, true
		}
	}
	return 0, false
}

// draft makes a request from states that are all exact. Where the states leave a choice, the action exists,
// the resource is one that the action supports or an ARN of the action's service, and the caller has the
// resource's account and partition.
func (q *inquiry) draft(states assignment, real bool) (d draft, ok bool) {
	action, resource, caller := q.at(states, actionField), q.at(states, resourceField), q.at(states, q.caller.field())
	if action == nil || resource == nil || caller == nil || !action.exact || !resource.exact || !caller.exact {
		return d, false
	}
	var found realRequest
	if real {
		found = q.findReal(action, resource, q.keysOf(states))
	}
	if found.rank == 0 {
		found.name = restoreCase(q.documents, q.actions, action.text)
		d.invented = q.facts != nil && !q.exists(found.name)
	}
	if found.resource == "" {
		found.resource = q.resourceNear(resource, found.name)
	}
	text, owner, _ := strings.Cut(found.resource, "\n")
	arn := strings.SplitN(text, ":", 6)
	account, hasAccount := strings.CutPrefix(owner, "=")
	if len(arn) == 6 && arn[4] != "" {
		account = arn[4]
	}
	who, ok := q.callerFor(caller, arn, account)
	if !ok {
		return d, false
	}
	d.owner = account
	d.request = policy.Request{Principal: q.caller.principal(who), Action: found.name, Resource: text}
	context := &d.request.Context
	for _, st := range states {
		if st.field >= firstKey && q.keyName(st.field) == ownershipKey {
			d.foreign = st.value.values != nil
		} else if st.field >= firstKey && st.value.values != nil {
			context.Set(q.keyName(st.field), st.value.values...)
		}
	}
	if hasAccount {
		context.Set("aws:ResourceAccount", account)
	}
	d.request.Principal.SetKeys(context)
	return d, true
}

// keysOf returns the condition keys of a request.
func (q *inquiry) keysOf(states assignment) []string {
	var keys []string
	for _, st := range states {
		if st.field >= firstKey && st.value.values != nil && q.keyName(st.field) != ownershipKey {
			keys = append(keys, q.keyName(st.field))
		}
	}
	return keys
}

// resourceNear returns a text of the resource's state: an ARN of the action's service if possible, else any
// ARN.
func (q *inquiry) resourceNear(resource *fieldState, action string) string {
	service, _, _ := strings.Cut(action, ":")
	sample := "arn:aws:" + service + ":::a" + q.ownerless()
	switch {
	case looksReal(resource.text, service):
		return resource.text
	case q.fits(resource, sample):
		return sample
	}
	return q.prefer(resource, q.resourceOf(service), q.resourceOf("")).text
}

// looksReal reports whether a resource is a realistic ARN of the service.
func looksReal(resource, service string) bool {
	resource, _, _ = strings.Cut(resource, "\n")
	rest, ok := strings.CutPrefix(resource, "arn:aws:"+service+":")
	if !ok {
		return false
	}
	_, rest, _ = strings.Cut(rest, ":")
	account, _, _ := strings.Cut(rest, ":")
	return account == "" || isAccountID(account)
}

// callerFor returns a caller that satisfies a state: in the resource's partition, since no grant crosses
// partitions, and if possible in its account.
func (q *inquiry) callerFor(caller *fieldState, arn []string, account string) (name string, ok bool) {
	if !q.caller.ofAccount() {
		return caller.text, true
	}
	partition := "aws"
	if len(arn) == 6 {
		partition = arn[1]
	}
	if len(caller.literals) == 0 {
		if !isAccountID(account) {
			account = ownAccount
		}
		return q.caller.sampleOf(partition, account), true
	}
	if len(arn) == 6 {
		if caller = q.assert(caller, q.callerOf("arn:"+partition+":*")); caller == nil {
			return "", false
		}
	} else {
		caller = q.prefer(caller, q.callerOf("arn:aws:*"))
	}
	if isAccountID(account) {
		caller = q.prefer(caller, q.callerOf("arn:*:"+account+":*"))
	}
	return q.prefer(caller, q.callerOf("arn:*:"+ownAccount+":*")).text, true
}

// fits reports whether a text satisfies the literals of a state.
func (q *inquiry) fits(st *fieldState, text string) bool {
	return q.solver.fields[st.field].base.language.contains(text, q.solver.budget) && !slices.ContainsFunc(st.literals, func(l literal) bool {
		language := q.all[l.atom()].language
		return len(language.variables) > 0 || language.contains(text, q.solver.budget) != l.positive()
	})
}

// prefer asserts the first of the literals that is satisfiable.
func (q *inquiry) prefer(st *fieldState, literals ...literal) *fieldState {
	for _, l := range literals {
		if next := q.assert(st, l); next != nil && next.exact {
			return next
		}
	}
	return st
}

func (q *inquiry) assert(st *fieldState, l literal) *fieldState { return q.solver.assert(st, l) }

func (q *inquiry) at(states assignment, f field) *fieldState { return states.at(q.solver, f) }

// resourceOf returns a literal that holds for ARNs of a service in the partition aws; an empty service means
// any.
func (q *inquiry) resourceOf(service string) literal {
	return q.named(resourceField, "arn of "+service, func() *language {
		p := pattern(nil).text("arn:aws:").text(service)
		if service == "" {
			p = p.star(inField)
		}
		p = p.text(":").star(inField).text(":")
		return newLanguage(slices.Concat(p, pattern(nil).digits(12), pattern(nil).text(":").star(0)), p.text(":").star(0))
	})
}

// callerOf returns a literal that holds for callers whose name matches a pattern.
func (q *inquiry) callerOf(glob string) literal {
	return q.named(q.caller.field(), "like "+glob, func() *language {
		var p pattern
		for i, part := range strings.Split(glob, "*") {
			if i > 0 {
				p = p.star(0)
			}
			p = p.text(part)
		}
		return newLanguage(p)
	})
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// restoreCase restores the case of a lower-case action from its spelling in the documents, as far as they contain
// it.
func restoreCase(documents []*policy.Document, others []string, folded string) string {
	best := ""
	consider := func(p string) {
		if at := strings.IndexAny(p, "*?"); at >= 0 {
			p = p[:at]
		}
		if len(p) > len(best) && len(p) <= len(folded) && strings.EqualFold(p, folded[:len(p)]) {
			best = p
		}
	}
	for _, p := range others {
		consider(p)
	}
	for _, d := range documents {
		for i := range d.Statements() {
			for _, list := range [2]policy.List{d.Statements()[i].Action, d.Statements()[i].NotAction} {
				for _, v := range list.Values {
					consider(v.Text)
				}
			}
		}
	}
	service, rest, ok := strings.Cut(best+folded[len(best):], ":")
	if !ok {
		return folded
	}
	return strings.ToLower(service) + ":" + rest
}
