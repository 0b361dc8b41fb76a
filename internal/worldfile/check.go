package worldfile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
)

// check finds what is wrong in a file without making anything of it: names that lead
// nowhere, what is declared twice, documents that are none.
func (w *World) check() {
	w.checkAccounts()
	seen := map[string]string{}
	declare := func(path, name string, is func(resource string) bool) {
		long, err := w.source.names.full(name)
		if err != nil {
			w.source.fault(path+".arn", "%v", err)
			return
		}
		a, _ := arn.Parse(long)
		if !is(a.Resource) {
			w.source.fault(path+".arn", "%s is no ARN of these", long)
		}
		if _, err := w.source.names.account(a.Account); err != nil {
			w.source.fault(path+".arn", "%v", err)
		}
		if first, twice := seen[long]; twice {
			w.source.fault(path+".arn", "%s is declared twice, first by %s", long, first)
		}
		seen[long] = path
	}
	begins := func(prefix string) func(string) bool {
		return func(resource string) bool { return strings.HasPrefix(resource, prefix) }
	}
	for i, g := range w.Groups {
		declare(fmt.Sprintf("groups[%d]", i), g.ARN, begins("group/"))
	}
	for i, u := range w.Users {
		declare(fmt.Sprintf("users[%d]", i), u.ARN, begins("user/"))
	}
	for i, r := range w.Roles {
		declare(fmt.Sprintf("roles[%d]", i), r.ARN, begins("role/"))
	}
	for i, s := range w.Shares {
		declare(fmt.Sprintf("shares[%d]", i), s.ARN, begins("resource-share/"))
	}
	for i := range kinds {
		k := &kinds[i]
		for j, e := range w.Entries[k.section] {
			declare(fmt.Sprintf("%s[%d]", k.section, j), e.ARN, func(resource string) bool { _, ok := k.named(resource); return ok })
		}
	}
	w.checkPrincipals(seen)
	if w.Organization != nil {
		w.checkUnits("organization.root", w.Organization.Root, map[string]string{})
	}
	w.checkTests()
}

// checkUnits checks that no unit is there twice, also not below itself.
func (w *World) checkUnits(path string, u Unit, seen map[string]string) {
	if first, twice := seen[u.ID]; twice && u.ID != "" {
		w.source.fault(path+".id", "unit %s is there twice, first as %s", u.ID, first)
	}
	seen[u.ID] = path
	for i, below := range u.Units {
		at := fmt.Sprintf("%s.units[%d]", path, i)
		if below.ID == "" && below.Name == "" {
			w.source.fault(at, "expected a name or an id")
		}
		w.checkUnits(at, below, seen)
	}
}

func (w *World) checkAccounts() {
	ids, names := map[string]bool{}, map[string]bool{}
	for i, a := range w.Accounts {
		path := fmt.Sprintf("accounts[%d]", i)
		switch {
		case !arn.IsAccountID(a.ID):
			w.source.fault(path+".id", "%q is not an account id, which has twelve digits", a.ID)
		case ids[a.ID]:
			w.source.fault(path+".id", "account %s is declared twice", a.ID)
		case a.Name != "" && names[a.Name]:
			w.source.fault(path+".name", "two accounts have the name %q", a.Name)
		}
		if !isAccountName(a.Name) {
			w.source.fault(path+".name", "%q cannot be the name of an account: it has : * ? or /, or is an id", a.Name)
		}
		ids[a.ID], names[a.Name] = true, true
	}
}

// isAccountName reports whether a name can stand before the colon of a short name.
func isAccountName(name string) bool {
	return !strings.ContainsAny(name, ":*?/") && !arn.IsAccountID(name) && name != "arn"
}

// checkPrincipals checks that groups and roles that are referred to are declared, and all
// documents. Each section that has documents is resolved once here, where the service
// cannot say it better.
func (w *World) checkPrincipals(declared map[string]string) {
	refer := func(path, name string) {
		long, err := w.source.names.full(name)
		if err != nil {
			w.source.fault(path, "%v", err)
		} else if declared[long] == "" {
			w.source.fault(path, "%s is not declared", long)
		}
	}
	documents := func(list []Document, at place) {
		for _, d := range list {
			w.checkDocument(d, at)
		}
	}
	identity := place{identity: true}
	for i, u := range w.Users {
		for j, g := range u.Groups {
			refer(fmt.Sprintf("users[%d].groups[%d]", i, j), g)
		}
		documents(u.Policies, identity)
		w.checkDocument(u.Boundary, identity)
	}
	for _, g := range w.Groups {
		documents(g.Policies, identity)
	}
	for _, r := range w.Roles {
		documents(r.Policies, identity)
		w.checkDocument(r.Boundary, identity)
		w.checkDocument(r.TrustPolicy, trustPlace)
	}
	for i, s := range w.Sessions {
		refer(fmt.Sprintf("sessions[%d].role", i), s.Role)
		documents(s.Policies, identity)
	}
	for i := range kinds {
		for _, e := range w.Entries[kinds[i].section] {
			long, _ := w.source.names.full(e.ARN)
			documents(e.Policies, kinds[i].place(long))
		}
	}
	for _, r := range w.Resources {
		documents(r.Policies, place{resource: r.ARN})
	}
}

// trustPlace is where the trust policy of a role stands.
var trustPlace = place{action: "sts:AssumeRole"}

func (w *World) checkDocument(d Document, at place) {
	if d.IsZero() {
		return
	}
	r := w.resolve(d, at)
	if d.Text != nil && r.text != "" {
		w.parsePolicy(d.path, []byte(r.text))
	}
}

// layers are the names that decidedBy can have.
var layers = []string{"boundary", "identity", "ownership", "rcp", "resource", "scp", "session"}

func (w *World) checkTests() {
	for i, t := range w.Tests {
		path := fmt.Sprintf("tests[%d]", i)
		if _, err := w.source.names.principal(t.Principal); err != nil {
			w.source.fault(path+".principal", "%v", err)
		}
		if len(t.May)+len(t.MayNot) == 0 {
			w.source.fault(path, "expected may or mayNot, with actions")
		}
		for _, list := range []struct {
			member  string
			actions List
		}{{"may", t.May}, {"mayNot", t.MayNot}} {
			for _, action := range list.actions {
				if service, name, ok := strings.Cut(action, ":"); !ok || service == "" || name == "" || strings.ContainsAny(name, "*? ") {
					w.source.fault(path+"."+list.member, "%q is not one action, such as ssm:GetParameter", action)
				}
			}
		}
		for _, r := range t.Resource {
			if _, err := w.source.names.pattern(r); err != nil {
				w.source.fault(path+".resource", "%v", err)
			} else if long, _ := w.source.names.pattern(r); long != "*" && strings.ContainsAny(long, "*?") {
				w.source.fault(path+".resource", "%q is a pattern; a test asks about one resource", r)
			}
		}
		if t.DecidedBy != "" && !slices.Contains(layers, t.DecidedBy) {
			w.source.fault(path+".decidedBy", "there is no layer %q; known are %s", t.DecidedBy, strings.Join(layers, ", "))
		}
	}
}

// sortedKeys are the keys of a map in their order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
