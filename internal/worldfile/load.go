package worldfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
)

// ErrNotEmpty says that a state has something already, so that no world is loaded into it.
var ErrNotEmpty = errors.New("the state is not empty: a world file is loaded into an empty one")

// Load makes the world of files in a server's state, which must be empty: all of it, or
// nothing. The error joins what services refuse, each a [*Fault].
func Load(ctx context.Context, s *server.Server, worlds ...*World) error {
	return s.Operate(ctx, func(o *server.Operator) error {
		for _, err := range o.Tx.Resources(store.Query{Prefix: "arn:", Limit: 1}) { // what Writ notes for itself has no ARN
			if err != nil {
				return err
			}
			return ErrNotEmpty
		}
		var refused []error
		for _, w := range worlds {
			l := newLoader(w, o)
			if err := l.load(); err != nil {
				return err
			}
			refused = append(refused, l.source.sorted()...)
		}
		return errors.Join(refused...)
	})
}

// loader makes the calls that make a world.
type loader struct {
	*World
	*server.Operator
	failed map[string]bool // the ARNs that were not made
	made   map[string]bool // managed policies made for boundaries
	broken error           // what is no service's refusal
}

func newLoader(w *World, o *server.Operator) *loader {
	source, own := *w.source, *w // a transaction may run again: it notes its own faults
	source.faults, own.source = nil, &source
	return &loader{World: &own, Operator: o, failed: map[string]bool{}, made: map[string]bool{}}
}

// load makes everything, in an order in which each refers to what is there.
func (l *loader) load() error {
	for _, step := range []func(){l.accounts, l.organization, l.principals, l.sections, l.shares} {
		step()
		if l.broken != nil {
			return l.broken
		}
	}
	return nil
}

// globalRegion is the region of the calls of services that have one endpoint.
const globalRegion = "us-east-1"

// call is one call, of an entry of the file.
type call struct {
	path               string // of the entry
	account, region    string
	service, operation string
	input              map[string]any
	ids                []string  // that the operation makes up, in order
	made               string    // the ARN of what it makes
	now                time.Time // zero for now
}

// do makes a call and returns its answer; false if it was refused, which is noted.
func (l *loader) do(c call) (map[string]any, bool) {
	if l.broken != nil {
		return nil, false
	}
	if c.input == nil {
		c.input = map[string]any{}
	}
	input, err := json.Marshal(c.input)
	if err != nil {
		l.broken = err
		return nil, false
	}
	if c.region == "" {
		c.region = globalRegion
	}
	made := 0
	answer, err := l.Call(server.OperatorCall{
		Account: c.account, Region: c.region, Service: c.service, Operation: c.operation, Input: input, Now: c.now, NewARN: c.made,
		NewID: func() string {
			made++
			if made <= len(c.ids) {
				return c.ids[made-1]
			}
			return uuidOf(c.path + "\n" + c.operation + "\n" + strconv.Itoa(made) + string(input))
		},
	})
	if refusal, ok := errors.AsType[*awserr.Error](err); ok {
		l.source.fault(c.path, "%s refuses: %s: %s", c.operation, refusal.Code, refusal.Message)
		return nil, false
	}
	if err != nil {
		l.broken = fmt.Errorf("%s at %s: %w", c.operation, c.path, err)
		return nil, false
	}
	var out map[string]any
	if err := json.Unmarshal(answer, &out); err != nil {
		l.broken = err
	}
	return out, l.broken == nil
}

// at is a value in an answer, by the names of its members.
func at(answer map[string]any, path string) string {
	var v any = answer
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	text, _ := v.(string)
	return text
}

func (l *loader) accounts() {
	for i, a := range l.Accounts {
		if a.Name == "" && a.Email == "" {
			continue
		}
		if a.Name == "" {
			a.Name = a.ID
		}
		if _, err := identity.AddAccount(l.Tx, identity.Account{ID: a.ID, Name: a.Name, Email: a.Email}, l.Now()); err != nil {
			l.broken = fmt.Errorf("accounts[%d]: %w", i, err)
			return
		}
	}
}

// sections makes the resources that kinds describe.
func (l *loader) sections() {
	for i := range kinds {
		k := &kinds[i]
		if k.section == "managedPolicies" {
			continue // principals makes them
		}
		for _, replicas := range []bool{false, true} { // a replica is made of a key that is there
			for j, e := range l.Entries[k.section] {
				if (e.Own["primary"] != nil) == replicas {
					l.entry(fmt.Sprintf("%s[%d]", k.section, j), k, e)
				}
			}
		}
	}
}

// entry makes one resource with its tags and policies.
func (l *loader) entry(path string, k *kind, e Entry) {
	long, err := l.source.names.full(e.ARN)
	if err != nil {
		l.source.fault(path, "%v", err)
		return
	}
	a, _ := arn.Parse(long)
	if k.create != "" && !l.create(path, k, e, a) {
		l.failed[long] = true
		return
	}
	for i, d := range e.Policies {
		if k.policy.operation == "" {
			continue
		}
		r := l.resolve(d, k.place(long))
		in := map[string]any{k.policy.arn: long, k.policy.doc: r.text}
		if k.policy.name != "" {
			in[k.policy.name] = r.name
			if r.name == "" {
				in[k.policy.name] = "policy-" + strconv.Itoa(i+1)
			}
		}
		l.do(call{path: d.path, account: a.Account, region: a.Region, service: k.service, operation: k.policy.operation, input: in})
	}
	l.finish(path, k, e, a)
}

// create makes the call that makes the resource of an entry.
func (l *loader) create(path string, k *kind, e Entry, a arn.ARN) bool {
	if primary, ok := e.Own["primary"].(string); ok {
		return l.replicate(path, k, e, a, primary)
	}
	long := a.String()
	named, _ := k.named(a.Resource)
	in := k.input(named)
	for name, value := range k.always {
		in[name] = value
	}
	for name, value := range e.Members {
		in[name] = value
	}
	input := l.source.inputs[k.section]
	for i := range input.NumField() {
		switch name := wireName(input.Field(i)); {
		case isToken(strings.ToLower(name)):
			in[name] = uuidOf(long)
		case strings.EqualFold(name, "tags") && len(e.Tags) > 0:
			in[name] = tagsAs(input.Field(i).Type, e.Tags)
		}
	}
	if k.policy.operation == "" && k.policy.doc != "" && len(e.Policies) > 0 {
		in[k.policy.doc] = l.resolve(e.Policies[0], k.place(long)).text
	}
	if k.typ == "projectversion" || k.typ == "dataset" {
		in["ProjectArn"] = projectOf(a, l.File.Entries["projects"], l.source.names)
	}
	c := call{path: path, account: a.Account, region: a.Region, service: k.service, operation: k.create, input: in, made: long}
	if id := named["id"]; id != "" {
		c.ids = []string{strings.TrimPrefix(strings.TrimPrefix(id, "mrk-"), "oi-")}
	}
	if millis, err := strconv.ParseInt(strings.TrimPrefix(named["now"], "/"), 10, 64); err == nil {
		c.now = time.UnixMilli(millis).UTC()
	}
	answer, ok := l.do(c)
	if !ok {
		return false
	}
	if made := at(answer, k.made); k.made != "" && made != long {
		l.source.fault(path+".arn", "%s makes %s of this, not %s", k.create, made, long)
		return false
	}
	return true
}
