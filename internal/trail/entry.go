package trail

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/policy"
)

// Entry is a request that the gate decided. It is immutable.
type Entry struct {
	ID        string
	Time      time.Time
	Latency   time.Duration
	Operation string // "ssm:GetParameter"
	ErrorCode string // of the response; "" for none
	Audit     bool   // audit mode: the request was not blocked
	NotOwner  bool   // denied because the caller's account does not own the target
	Replaces  bool   // in the audit file: an earlier line of the request is invalid

	// Decisions are those of the request, in order: the one about the operation's
	// target, then those that its handler asked for. There is at least one.
	Decisions []*authz.Decision
}

// Outcome is the outcome of the request: denied if one of its decisions was.
func (e *Entry) Outcome() decision.Outcome {
	if e.NotOwner {
		return decision.Denied
	}
	for _, d := range e.Decisions {
		if d.Result.Allowed() {
			continue
		}
		if e.Audit {
			return decision.WouldBeDenied
		}
		return decision.Denied
	}
	return decision.Allowed
}

// Denial is the decision that denied the request; nil if none did.
func (e *Entry) Denial() *authz.Decision {
	if e.NotOwner {
		return e.Decisions[0]
	}
	for _, d := range e.Decisions {
		if !d.Result.Allowed() {
			return d
		}
	}
	return nil
}

// Denied returns the reason of a denial: a sentence and the layer that denied.
func (e *Entry) Denied() (sentence, layer string) {
	d := e.Denial()
	if e.NotOwner {
		return decision.OwnershipSentence(d.Request()), decision.Ownership
	}
	return d.Result.Sentence(d.Request()), d.Result.Layer.String()
}

// EqualLines reports whether the audit lines of two entries of one request differ in
// nothing but latency.
func (e *Entry) EqualLines(other *Entry) bool {
	if e.ErrorCode == other.ErrorCode && e.NotOwner == other.NotOwner && slices.Equal(e.Decisions, other.Decisions) {
		return true
	}
	a, b := e.Brief(), other.Brief()
	a.LatencyMicros, a.Replaces, b.LatencyMicros, b.Replaces = 0, false, 0, false
	return reflect.DeepEqual(a, b)
}

// sortContexts sorts the condition keys of a record and its children.
func sortContexts(r *decision.Record) {
	slices.SortFunc(r.Context, func(a, b decision.ContextKey) int { return strings.Compare(a.Key, b.Key) })
	for i := range r.Children {
		sortContexts(&r.Children[i])
	}
}

// Record explains the request.
func (e *Entry) Record() (decision.Record, error) { return e.tree(explained) }

// Brief returns the record without the parts of an explanation: layers, nearest miss and
// change. Its context contains every condition key of the request, sorted.
func (e *Entry) Brief() decision.Record {
	r := e.brief(make([]briefMemory, len(e.Decisions)))
	sortContexts(&r)
	return r
}

// briefMemory is reusable memory for one decision of a brief record.
type briefMemory struct {
	request policy.Request
	context []decision.ContextKey
}

// brief is Brief, not sorted, with memory for each decision, which can be reused when the record is no
// longer needed.
func (e *Entry) brief(memory []briefMemory) decision.Record {
	r, _ := e.tree(func(d *authz.Decision, in decision.Input) (decision.Record, error) {
		m := &memory[0]
		memory = memory[1:]
		d.SetRequest(&m.request)
		in.Request, in.Memory, in.Caller = &m.request, m.context, callerOf(d)
		r := decision.Brief(in, d.Result)
		m.context = r.Context
		return r, nil
	})
	return r
}

// tree builds a record of each decision: the first with the others as children.
func (e *Entry) tree(record func(*authz.Decision, decision.Input) (decision.Record, error)) (decision.Record, error) {
	var root decision.Record
	for i, d := range e.Decisions {
		in := decision.Input{ID: e.ID, Time: e.Time, Audit: e.Audit}
		if i > 0 {
			in.ID = fmt.Sprintf("%s.%d", e.ID, i)
		}
		r, err := record(d, in)
		if err != nil {
			return root, err
		}
		if i == 0 {
			root = r
		} else {
			root.Children = append(root.Children, r)
		}
	}
	root.LatencyMicros, root.Operation, root.ErrorCode, root.Replaces = e.Latency.Microseconds(), e.Operation, e.ErrorCode, e.Replaces
	root.Outcome = e.Outcome()
	if e.NotOwner {
		root.DenyByOwnership(e.Decisions[0].Request())
	}
	return root, nil
}

func explained(d *authz.Decision, in decision.Input) (decision.Record, error) {
	request, policies, err := d.Restore()
	if err != nil {
		return decision.Record{}, err
	}
	in.Request, in.Policies, in.Caller, in.Editable = request, policies, callerOf(d), Editable
	return decision.New(in), nil
}

func callerOf(d *authz.Decision) decision.Caller {
	c := decision.Caller{UserID: d.Caller.UserID}
	if s := d.Caller.Session; s != nil {
		c.SourceIdentity, c.SessionTags = s.SourceIdentity, s.Tags
	}
	return c
}

// Editable reports whether the caller's or the resource's account can edit a policy, by
// the name that the gate gives it. Neither can edit the policies of organizations and
// AWS, what RAM or a KMS grant generates, or the policy of an existing session.
func Editable(kind policy.Kind, name string) bool {
	switch {
	case !decision.OwnPolicies(kind, name), kind == policy.Session:
		return false
	case strings.HasSuffix(name, authz.BySharesSuffix), strings.Contains(name, ":grant/"), strings.HasSuffix(name, ":root"):
		return false
	}
	return true
}

// Matches reports whether the request matches a filter.
func (e *Entry) Matches(f Filter) bool {
	d := e.Decisions[0]
	if denial := e.Denial(); denial != nil {
		d = denial
	}
	service, _, _ := strings.Cut(e.Operation, ":")
	return (f.Outcome == "" || string(e.Outcome()) == f.Outcome) &&
		matches(f.Principal, d.Caller.ARN()) && matches(f.Action, d.Action) && matches(f.Resource, d.Target.ARN) &&
		matches(f.Service, service) && !e.Time.Before(f.Since)
}

// Filter selects requests. Principal, Action, Resource and Service are patterns with "*"
// and "?"; an empty field matches all.
type Filter struct {
	Outcome                              string
	Principal, Action, Resource, Service string
	Since                                time.Time
}

// matches reports whether a pattern with "*" and "?" matches a whole text, ignoring the
// case of ASCII letters. The empty pattern matches all.
func matches(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	pattern, text = strings.ToLower(pattern), strings.ToLower(text)
	star, mark := -1, 0 // the last star, and where the text that it matches ends
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
