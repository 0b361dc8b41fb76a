package decision

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/policy"
)

// Input is the input of a decision. It must not change afterwards: a record may be built
// from it later.
type Input struct {
	ID       string
	Time     time.Time
	Caller   Caller // without Type, ARN, Account and Issuer, which New sets from Request
	Request  *policy.Request
	Policies *policy.Policies
	// Audit means that the server is in audit mode: a denial does not block the request.
	Audit bool
	// Editable reports whether a policy can be edited; nil means [policy.EditableByName], without the
	// policies of organizations.
	Editable func(kind policy.Kind, name string) bool
	// Memory is reused for the context of a brief record; nil allocates.
	Memory []ContextKey
}

// New explains a decision. It evaluates the request again with the same evaluator.
func New(in Input) Record {
	x := policy.Explain(in.Request, in.Policies)
	req := in.Request
	r := Record{
		Version: Version, ID: in.ID, Time: in.Time, Sentence: x.Sentence,
		Caller: in.Caller, Action: req.Action, Resource: req.Resource, ResourceAccount: req.Owner(),
		Context: contextKeys(req, in.Policies),
		Layers:  layersOf(x.Layers),
	}
	r.setDecision(in, x.Decision)
	r.Sides = sidesOf(&r)
	if x.Decision.Allowed() {
		return r
	}
	if n := x.Nearest; n != nil {
		r.NearestMiss = &NearestMiss{Layer: n.Layer.String(), Level: n.Level, Policy: n.Policy, Index: n.Index, Sid: n.Sid, Reasons: n.Reasons}
	}
	editable := in.Editable
	if editable == nil {
		editable = OwnPolicies
	}
	r.Change = changeOf(&r, policy.SmallestChange(req, in.Policies, editable))
	return r
}

// Brief returns the record of a decision without an explanation: no layers, no nearest miss, no change. Its
// context contains every condition key of the request, in no particular order, and shares their values. Policies and Editable of the
// input are not used.
func Brief(in Input, result policy.Decision) Record {
	req := in.Request
	r := Record{
		Version: Version, ID: in.ID, Time: in.Time, Sentence: result.Sentence(req),
		Caller: in.Caller, Action: req.Action, Resource: req.Resource, ResourceAccount: req.Owner(), Context: in.Memory[:0],
	}
	if r.Context == nil {
		r.Context = make([]ContextKey, 0, req.Context.Len())
	}
	r.setDecision(in, result)
	for name, values := range req.Context.All() {
		r.Context = append(r.Context, ContextKey{Key: name, Values: values})
	}
	return r
}

// setDecision sets the members that depend on the decision.
func (r *Record) setDecision(in Input, result policy.Decision) {
	r.Verdict, r.DecidedBy = result.Verdict.String(), result.Layer.Names()
	p := &in.Request.Principal
	r.Caller.Type, r.Caller.ARN, r.Caller.Account, r.Caller.Issuer = p.Kind.String(), p.ARN, p.Account, p.Issuer
	switch {
	case result.Allowed():
		r.Outcome = Allowed
	case in.Audit:
		r.Outcome = WouldBeDenied
	default:
		r.Outcome = Denied
	}
}

// Ownership is the DecidedBy of a request that only the account that owns the resource may make.
const Ownership = "ownership"

// OwnershipSentence returns the sentence of the denial of such a request by another account.
func OwnershipSentence(req *policy.Request) string {
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because only account %s, which owns the resource, can",
		cmp.Or(req.Principal.ARN, req.Principal.Kind.String()), req.Action, req.Resource, req.Owner())
}

// DenyByOwnership changes the record to that of a request that was denied because the
// caller's account does not own the resource. Verdict and layers remain those of the
// policies.
func (r *Record) DenyByOwnership(req *policy.Request) {
	r.Outcome, r.DecidedBy, r.Sentence = Denied, []string{Ownership}, OwnershipSentence(req)
	r.NearestMiss = nil
	if r.Layers != nil {
		r.Change = &Change{Summary: fmt.Sprintf("No change of policies can help: only account %s can do this.", req.Owner())}
	}
}

// OwnPolicies is the rule for which policies the caller's and the resource's account can edit: not those of
// organizations or AWS managed policies.
func OwnPolicies(kind policy.Kind, name string) bool {
	return kind != policy.ServiceControl && kind != policy.ResourceControl && policy.EditableByName(kind, name)
}

func layersOf(reports []policy.LayerReport) []Layer {
	layers := make([]Layer, len(reports))
	for i, l := range reports {
		layers[i] = Layer{Layer: l.Layer.String(), Level: l.Level, Side: sideOf(l.Layer), Verdict: l.Verdict.String(), Statements: []Statement{}}
		for _, s := range l.Statements {
			at := s.Location.Span.Start
			layers[i].Statements = append(layers[i].Statements, Statement{
				Policy: s.Policy, Index: s.Index, Sid: s.Sid, Effect: s.Effect, Line: at.Line, Column: at.Column + 1,
				Applies: s.Applies, Missed: s.Missed.String(), Reason: s.Reason,
			})
		}
	}
	return layers
}

// The sides of a request.
const (
	callerSide   = "caller"
	resourceSide = "resource"
)

// sideOf returns the side to which the policies of a layer belong.
func sideOf(l policy.Layer) string {
	if l == policy.LayerResource || l == policy.LayerResourceControl {
		return resourceSide
	}
	return callerSide
}

// sidesOf returns the verdict of each account that the request concerns.
func sidesOf(r *Record) []Side {
	caller := Side{callerSide, r.Caller.Account, r.Verdict}
	if r.Caller.Account == r.ResourceAccount || r.Caller.Account == "" {
		if r.Caller.Account == "" {
			return []Side{{resourceSide, r.ResourceAccount, r.Verdict}}
		}
		return []Side{caller}
	}
	caller.Verdict = r.sideVerdict(callerSide, r.Caller.Type == policy.Root.String())
	return []Side{caller, {resourceSide, r.ResourceAccount, r.sideVerdict(resourceSide, false)}}
}

// sideVerdict combines the layers of one side: every layer must allow, and a granting
// layer must exist unless the caller needs no grant on this side.
func (r *Record) sideVerdict(side string, granted bool) string {
	verdict := policy.Allow
	grants := map[string]string{callerSide: "identity", resourceSide: "resource"}[side]
	for _, l := range r.Layers {
		switch {
		case l.Side != side || l.Layer == "rcp" && l.Verdict != policy.ExplicitDeny.String():
			continue
		case l.Verdict == policy.ExplicitDeny.String():
			return l.Verdict
		case l.Verdict == policy.ImplicitDeny.String():
			verdict = policy.ImplicitDeny
		case l.Layer == grants:
			granted = true
		}
	}
	if !granted {
		verdict = policy.ImplicitDeny
	}
	return verdict.String()
}

func changeOf(r *Record, c policy.Change) *Change {
	out := &Change{}
	for _, e := range c.Edits {
		out.Edits = append(out.Edits, Edit{
			Op: e.Op.String(), Kind: e.Kind.String(), Side: editSide(e.Kind), Account: e.Account, Policy: e.Policy, Statement: e.Statement,
			Element: e.Element.String(), Key: e.Key, Values: e.Values, Add: e.Add, Document: e.Document, Text: e.String(),
		})
	}
	for _, o := range c.Obstacles {
		out.Obstacles = append(out.Obstacles, Obstacle{Kind: o.Kind.String(), Level: o.Level, Policy: o.Policy, Statement: o.Statement, Text: o.String()})
	}
	out.Summary = summary(r, out)
	return out
}

func editSide(k policy.Kind) string {
	if k == policy.Resource || k == policy.Trust {
		return resourceSide
	}
	return callerSide
}

// summary describes which change is possible and which account can make it.
func summary(r *Record, c *Change) string {
	switch {
	case len(c.Obstacles) > 0:
		var texts []string
		for _, o := range c.Obstacles {
			texts = append(texts, o.Text)
		}
		who := "the service that manages it"
		if slices.ContainsFunc(c.Obstacles, func(o Obstacle) bool { return o.Kind == "scp" || o.Kind == "rcp" }) {
			who = "the administrator of the organization"
		}
		return fmt.Sprintf("No change of the caller's or the resource's policies can help: %s; only %s can change that.", strings.Join(texts, "; "), who)
	case len(c.Edits) == 0:
		return "No change of policies can help."
	}
	accounts := map[string]bool{}
	for _, e := range c.Edits {
		accounts[e.Account] = true
	}
	switch {
	case len(accounts) > 1:
		return fmt.Sprintf("Both sides must change: the caller's account %s and the resource's account %s.", r.Caller.Account, r.ResourceAccount)
	case r.Caller.Account == r.ResourceAccount:
		return fmt.Sprintf("Account %s can make the change.", r.ResourceAccount)
	case accounts[r.ResourceAccount]:
		return fmt.Sprintf("Only the resource's account %s can make the change; no change on the caller's side can help.", r.ResourceAccount)
	}
	return fmt.Sprintf("Only the caller's account %s can make the change; no change on the resource's side can help.", r.Caller.Account)
}
