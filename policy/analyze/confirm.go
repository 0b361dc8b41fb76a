package analyze

import (
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// Accounts of witnesses whose accounts nothing else determines.
const (
	ownAccount   = "111122223333"
	otherAccount = "444455556666"
)

// mustParse parses the documents that are evaluated together with those in question.
func mustParse(text string) []policy.Attached {
	d, err := policy.Parse([]byte(text))
	if err != nil {
		panic(err) // the texts are constant except for an account
	}
	return []policy.Attached{{Document: d}}
}

var allowAll = sync.OnceValue(func() []policy.Attached {
	return mustParse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
})

var allowEveryone = sync.OnceValue(func() []policy.Attached {
	return mustParse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)
})

// delegateTo returns a resource policy that delegates access decisions to an account.
func delegateTo(account string) []policy.Attached {
	return mustParse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"*","Resource":"*"}}`)
}

// setting is one way to complete a draft: the resource's owner and the other policies of the evaluation.
type setting struct {
	owner  string
	beside policy.Policies
	change func(p *policy.Policies) // adds policies that are made only when needed
}

func (s *setting) around() policy.Policies {
	p := s.beside
	if s.change != nil {
		s.change(&p)
	}
	return p
}

// settings returns the settings in which a document of the kind can decide a request, those with the fewest
// other policies first.
func (c *documents) settings(d *draft) []setting {
	who := &d.request.Principal
	own := who.Account
	other := otherAccount
	if isAccountID(d.owner) && d.owner != own {
		other = d.owner
	}
	if other == own {
		other = ownAccount
	}
	if own == "" {
		own = ownAccount
		if d.owner != "" {
			own = d.owner
		}
	}
	resourceSide := c.kind == policy.Resource || c.kind == policy.Trust
	var beside policy.Policies
	if who.Kind == policy.FederatedUser && c.kind != policy.Session {
		beside.Session = allowAll()
	}
	var list []setting
	add := func(owner string, change func(p *policy.Policies)) {
		list = append(list, setting{owner, beside, change})
	}
	foreign := isAccountID(d.owner) && d.owner != own
	switch {
	case resourceSide:
		if !foreign {
			add(own, nil)
		}
		add(other, nil)
		add(other, func(p *policy.Policies) { p.Identity = allowAll() })
	case c.kind == policy.Identity:
		if !foreign {
			add(own, nil)
			add(own, func(p *policy.Policies) { p.Resource = delegateTo(who.Account) })
		}
		add(other, func(p *policy.Policies) { p.Resource = delegateTo(who.Account) })
	case !accountKind(who.Kind):
		add(own, func(p *policy.Policies) { p.Resource = allowEveryone() })
	default:
		if !foreign {
			add(own, func(p *policy.Policies) { p.Identity = allowAll() })
			add(own, func(p *policy.Policies) { p.Identity, p.Resource = allowAll(), delegateTo(who.Account) })
		}
		add(other, func(p *policy.Policies) { p.Identity, p.Resource = allowAll(), delegateTo(who.Account) })
	}
	return list
}

func accountKind(k policy.PrincipalKind) bool {
	return k == policy.Root || k == policy.User || k == policy.RoleSession || k == policy.FederatedUser
}

// try evaluates a draft in each setting until one document allows it and the other does not.
func (c *documents) try(d *draft, allows side) (*Witness, bool) {
	for _, s := range c.settings(d) {
		req := d.request
		if _, account := arnAccount(req.Resource); account != s.owner {
			req.ResourceAccount = s.owner
		}
		around := s.around()
		var placed [2]*policy.Policies
		var decisions [2]policy.Decision
		for i := range placed {
			placed[i] = c.withDocument(around, c.docs[i])
			decisions[i] = policy.Decide(&req, placed[i])
		}
		if !decisions[allows].Allowed() || decisions[allows.other()].Allowed() {
			continue
		}
		w := &Witness{Request: req, Around: around, Before: decisions[oldSide], After: decisions[newSide]}
		w.add(allows == newSide, c.docs[allows], placed[allows], c.kind, "Allow")
		w.add(allows != newSide, c.docs[allows.other()], placed[allows.other()], c.kind, "Deny")
		return w, true
	}
	return nil, false
}

// withDocument adds a document to the other policies of the evaluation.
func (c *documents) withDocument(p policy.Policies, d *policy.Document) *policy.Policies {
	a := []policy.Attached{{Document: d}}
	switch c.kind {
	case policy.Identity:
		p.Identity = a
	case policy.Resource, policy.Trust:
		p.Resource = a
	case policy.Boundary:
		p.Boundary = a
	case policy.Session:
		p.Session = a
	case policy.ServiceControl:
		if c.ceiling {
			a = append(a, allowAll()...)
		}
		p.ServiceControl = [][]policy.Attached{a}
	case policy.ResourceControl:
		p.ResourceControl = [][]policy.Attached{a}
	case policy.Endpoint:
		p.Endpoint = a
	}
	return &p
}

// add records the document's statements that apply and have the effect.
func (w *Witness) add(isNew bool, d *policy.Document, p *policy.Policies, kind policy.Kind, effect string) {
	for _, i := range d.Applying(&w.Request, p, kind) {
		s := &d.Statements()[i]
		if s.Effect.Text != effect && (effect == "Allow" || s.Effect.Text == "Allow") {
			continue
		}
		w.Statements = append(w.Statements, Responsible{
			New: isNew, Statement: i, Sid: s.Sid.Text, Effect: s.Effect.Text, Position: s.Span.Start,
		})
	}
}

func arnAccount(resource string) (isARN bool, account string) {
	fields := strings.SplitN(resource, ":", 6)
	if len(fields) < 6 {
		return false, ""
	}
	return true, fields[4]
}
