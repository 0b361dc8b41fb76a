package worldfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy/prove"
)

// Model is the world as invariants are decided about it. granted are the documents that
// resource shares grant with, by the ARN of the resource: see Granted. The error joins what
// is wrong, each a [*Fault].
func (w *World) Model(granted map[string][]string) (*prove.Model, error) {
	t := &translator{World: w, granted: granted, paths: map[string]string{}}
	m, err := prove.Compile(w.source.file, t.world(), func(string) ([]byte, error) { return nil, os.ErrNotExist })
	if err == nil {
		return m, nil
	}
	own := *w.source
	own.faults = nil
	t.note(&own, err)
	return nil, own.err()
}

// checkInvariants notes what is wrong with the invariants, and with what only they look
// into.
func (w *World) checkInvariants() {
	if len(w.Invariants) == 0 {
		return
	}
	t := &translator{World: w, paths: map[string]string{}}
	if _, err := prove.Compile(w.source.file, t.world(), func(string) ([]byte, error) { return nil, os.ErrNotExist }); err != nil {
		t.note(w.source, err)
	}
}

// Granted reads what resource shares grant in a server that has the world.
func (w *World) Granted(ctx context.Context, s *server.Server) (map[string][]string, error) {
	granted := map[string][]string{}
	err := s.Observe(ctx, func(o *server.Operator) error {
		for _, long := range w.shared() {
			policies, err := o.Tx.Policies(long)
			if err != nil {
				return err
			}
			for _, p := range policies {
				if p.Source == store.SourceRAM {
					granted[long] = append(granted[long], p.Document)
				}
			}
		}
		return nil
	})
	return granted, err
}

// shared are the resources of all shares.
func (w *World) shared() []string {
	var list []string
	for _, s := range w.Shares {
		for _, name := range s.Resources {
			if long, err := w.source.names.full(name); err == nil && !slices.Contains(list, long) {
				list = append(list, long)
			}
		}
	}
	return list
}

// translator writes a world as package prove has it.
type translator struct {
	*World
	granted map[string][]string
	paths   map[string]string // where a resource of the translation stands in the file
}

// note adds faults of the translation, each at its place in the file, unless there is one
// of the place already.
func (t *translator) note(s *source, err error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		s.fault("", "%v", err)
		return
	}
	known := map[string]bool{}
	for _, e := range s.faults {
		if f, ok := errors.AsType[*Fault](e); ok {
			known[f.Path] = true
		}
	}
	for _, e := range joined.Unwrap() {
		f, ok := errors.AsType[*prove.Fault](e)
		if !ok {
			s.fault("", "%v", e)
			continue
		}
		path := f.Path
		if i := strings.IndexByte(path, ']') + 1; i > 0 && t.paths[path[:i]] != "" {
			path = t.paths[path[:i]] + path[i:]
		}
		if !known[path] {
			s.fault(path, "%s", f.Message)
		}
	}
}

func (t *translator) world() *prove.World {
	out := &prove.World{}
	for _, a := range t.Accounts {
		out.Accounts = append(out.Accounts, prove.Account{ID: a.ID, Name: a.Name, External: a.External,
			ServiceControlPolicies: t.documents(a.ServiceControlPolicies, controlPlace), ResourceControlPolicies: t.control(a.ResourceControlPolicies)})
	}
	if o := t.Organization; o != nil {
		manager, err := t.source.names.account(o.ManagementAccount)
		if err != nil {
			manager = o.ManagementAccount
		}
		id := o.ID
		if id == "" {
			id = organizationID(manager)
		}
		root := o.Root
		if root.ID == "" {
			root.ID = rootID(manager)
		}
		out.Organization = &prove.Organization{ID: id, ManagementAccount: manager, Root: t.unit(root.ID, root)}
	}
	for _, g := range t.Groups {
		out.Groups = append(out.Groups, prove.Group{ARN: t.long(g.ARN), Policies: t.documents(g.Policies, place{identity: true})})
	}
	for _, u := range t.Users {
		user := prove.User{ARN: t.long(u.ARN), ID: u.ID, Policies: t.documents(u.Policies, place{identity: true}), Boundary: t.document(u.Boundary, place{identity: true}), Tags: u.Tags}
		for _, g := range u.Groups {
			user.Groups = append(user.Groups, t.long(g))
		}
		out.Users = append(out.Users, user)
	}
	for _, r := range t.Roles {
		out.Roles = append(out.Roles, prove.Role{ARN: t.long(r.ARN), TrustPolicy: t.document(r.TrustPolicy, trustPlace),
			Policies: t.documents(r.Policies, place{identity: true}), Boundary: t.document(r.Boundary, place{identity: true}), Tags: r.Tags})
	}
	for _, s := range t.Sessions {
		out.Sessions = append(out.Sessions, prove.Session{Role: t.long(s.Role), Name: s.Name, Policies: t.documents(s.Policies, place{identity: true}), Tags: s.Tags})
	}
	for _, r := range t.Resources {
		account := r.Account
		if id, err := t.source.names.account(account); err == nil {
			account = id
		}
		long, err := t.source.names.pattern(r.ARN)
		if err != nil {
			long = r.ARN
		}
		out.Resources = append(out.Resources, prove.Resource{ARN: long, Account: account, Policies: t.documents(r.Policies, place{resource: long}), Tags: r.Tags})
	}
	t.entries(out)
	for _, i := range t.Invariants {
		out.Invariants = append(out.Invariants, prove.Invariant{Name: i.Name, Actions: i.Actions, Resources: t.patterns(i.Resources),
			Only: t.selectors(i.Only), Nobody: t.selectors(i.Nobody), Condition: i.Condition, MaxLength: i.MaxLength})
	}
	return out
}

// entries adds the resources that the sections declare.
func (t *translator) entries(out *prove.World) {
	for i := range kinds {
		k := &kinds[i]
		if k.service == "iam" {
			continue
		}
		for j, e := range t.Entries[k.section] {
			long := t.long(e.ARN)
			a, err := arn.Parse(long)
			if err != nil {
				continue
			}
			r := prove.Resource{ARN: long, Policies: t.documents(e.Policies, k.place(long)), Tags: e.Tags}
			switch {
			case k.typ == "projectversion": // a project's policies are of its versions, too
				r.Policies = t.documents(t.projectPolicies(a), place{resource: long})
			case k.typ == "key" && len(r.Policies) == 0:
				r.Policies = []prove.Document{prove.Document(fmt.Sprintf(defaultKeyPolicy, a.Account))}
			}
			for _, text := range t.granted[long] {
				r.Policies = append(r.Policies, prove.Document(text))
			}
			t.paths[fmt.Sprintf("resources[%d]", len(out.Resources))] = fmt.Sprintf("%s[%d]", k.section, j)
			out.Resources = append(out.Resources, r)
		}
	}
}

// defaultKeyPolicy is the policy of a key that was made without one.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
const defaultKeyPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"kms:*","Resource":"*"}]}`

func (t *translator) projectPolicies(version arn.ARN) []Document {
	project := projectOf(version, t.Entries["projects"], t.source.names)
	for _, e := range t.Entries["projects"] {
		if t.long(e.ARN) == project {
			return e.Policies
		}
	}
	return nil
}

func (t *translator) unit(id string, u Unit) prove.Unit {
	out := prove.Unit{ID: id, ServiceControlPolicies: t.documents(u.ServiceControlPolicies, controlPlace), ResourceControlPolicies: t.control(u.ResourceControlPolicies)}
	for _, name := range u.Accounts {
		account, err := t.source.names.account(name)
		if err != nil {
			account = name
		}
		out.Accounts = append(out.Accounts, account)
	}
	for _, below := range u.Units {
		if below.ID == "" {
			below.ID = unitID(t.rootID(), id, below.Name)
		}
		out.Units = append(out.Units, t.unit(below.ID, below))
	}
	return out
}

func (t *translator) rootID() string {
	if t.Organization.Root.ID != "" {
		return t.Organization.Root.ID
	}
	manager, _ := t.source.names.account(t.Organization.ManagementAccount)
	return rootID(manager)
}

// control are resource control policies: the one that AWS attaches everywhere comes with
// the first.
func (t *translator) control(list []Document) []prove.Document {
	out := t.documents(list, place{})
	if len(out) > 0 {
		full, _ := identity.FullAccess(identity.ResourceControlPolicy)
		out = append(out, prove.Document(full.Content))
	}
	return out
}

func (t *translator) documents(list []Document, at place) []prove.Document {
	var out []prove.Document
	for _, d := range list {
		out = append(out, t.document(d, at))
	}
	return out
}

func (t *translator) document(d Document, at place) prove.Document {
	if d.IsZero() {
		return nil
	}
	r := t.resolve(d, at)
	switch {
	case r.text != "":
		return prove.Document(r.text)
	case r.managed == "":
		return prove.Document(quote(d.Reference)) // which was noted
	}
	for _, e := range t.Entries["managedPolicies"] {
		if text, ok := e.Members["PolicyDocument"].(string); ok && t.long(e.ARN) == r.managed {
			return prove.Document(text)
		}
	}
	if text, ok := identity.AWSManagedDocument(r.managed); ok {
		return prove.Document(text)
	}
	return prove.Document(quote(r.managed))
}

// long is a name as an ARN; the name itself if it is none, which was noted.
func (t *translator) long(name string) string {
	if long, err := t.source.names.pattern(name); err == nil {
		return long
	}
	return name
}

func (t *translator) patterns(list []string) []string {
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = t.long(name)
	}
	return out
}

// selectors are principals of an invariant: short names are ARNs, what else there may be is
// left to package prove.
func (t *translator) selectors(list []string) []string {
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = t.source.names.reference(name)
	}
	return out
}
