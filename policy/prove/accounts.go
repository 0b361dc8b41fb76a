package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// account is an account with the control policies that apply to it.
type account struct {
	Account
	units      []string // ids, from the root down
	path       string   // the value of aws:PrincipalOrgPaths
	management bool
	scp, rcp   [][]policy.Attached
}

func (c *compiler) allAccounts(w *World) {
	for i, a := range w.Accounts {
		path := fmt.Sprintf("accounts[%d]", i)
		if !isAccountID(a.ID) {
			c.fault(path+".id", "%q is not an account id, which has twelve digits", a.ID)
			continue
		}
		if c.accounts[a.ID] != nil {
			c.fault(path+".id", "account %s is declared twice", a.ID)
			continue
		}
		if a.Name != "" && c.accountNamed(a.Name) != nil {
			c.fault(path+".name", "two accounts have the name %q", a.Name)
		}
		c.accounts[a.ID] = &account{Account: a}
	}
}

func (m *Model) accountNamed(name string) *account {
	for _, id := range sortedKeys(m.accounts) {
		if m.accounts[id].Name == name {
			return m.accounts[id]
		}
	}
	return nil
}

// organization assigns each account its position in the organization and its control policies.
func (c *compiler) organization(w *World) {
	if w.Organization == nil {
		for i, a := range w.Accounts {
			if len(a.ServiceControlPolicies)+len(a.ResourceControlPolicies) > 0 {
				c.fault(fmt.Sprintf("accounts[%d]", i), "control policies require an organization")
			}
		}
		return
	}
	o := w.Organization
	if !strings.HasPrefix(o.ID, "o-") {
		c.fault("organization.id", "%q is not the id of an organization", o.ID)
	}
	c.unit("organization.root", &o.Root, &account{path: o.ID + "/"})
	if a := c.accounts[o.ManagementAccount]; a == nil || a.path == "" {
		c.fault("organization.managementAccount", "%q is not an account of the organization", o.ManagementAccount)
	} else {
		a.management, a.scp, a.rcp = true, nil, nil
	}
	for i, declared := range w.Accounts {
		a := c.accounts[declared.ID]
		path := fmt.Sprintf("accounts[%d]", i)
		scp := c.documents(path+".serviceControlPolicies", declared.ServiceControlPolicies, policy.ServiceControl)
		rcp := c.documents(path+".resourceControlPolicies", declared.ResourceControlPolicies, policy.ResourceControl)
		switch {
		case a == nil || a.management:
		case a.path == "" && len(scp)+len(rcp) > 0:
			c.fault(path, "control policies require an account of the organization")
		default:
			a.scp, a.rcp = addLevel(a.scp, scp), addLevel(a.rcp, rcp)
		}
	}
	for _, block := range []string{
		fmt.Sprintf(`{"StringEquals":{"aws:PrincipalOrgID":%q}}`, o.ID),
		fmt.Sprintf(`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":%q}}`, o.ID+"/*"),
	} {
		if p, err := analyze.Conditions([]byte(block)); err == nil {
			c.never = append(c.never, p...)
		}
	}
}

// addLevel adds a level of the organization; a level without policies limits nothing.
func addLevel(levels [][]policy.Attached, level []policy.Attached) [][]policy.Attached {
	if len(level) == 0 {
		return levels
	}
	return append(slices.Clip(levels), level)
}

// unit assigns the accounts of a unit and of the units below it.
func (c *compiler) unit(path string, u *Unit, above *account) {
	if u.ID == "" || strings.ContainsAny(u.ID, "/*?") {
		c.fault(path+".id", "a unit requires an id, such as ou-ab12-11111111")
	}
	here := &account{path: above.path + u.ID + "/", units: append(slices.Clip(above.units), u.ID)}
	here.scp = addLevel(above.scp, c.documents(path+".serviceControlPolicies", u.ServiceControlPolicies, policy.ServiceControl))
	here.rcp = addLevel(above.rcp, c.documents(path+".resourceControlPolicies", u.ResourceControlPolicies, policy.ResourceControl))
	for i, id := range u.Accounts {
		a := c.accounts[id]
		switch at := fmt.Sprintf("%s.accounts[%d]", path, i); {
		case a == nil:
			c.fault(at, "account %q is not declared", id)
		case a.path != "":
			c.fault(at, "account %s is in two units", id)
		case a.External:
			c.fault(at, "account %s is external", id)
		default:
			a.path, a.units, a.scp, a.rcp = here.path, here.units, here.scp, here.rcp
		}
	}
	for i := range u.Units {
		c.unit(fmt.Sprintf("%s.units[%d]", path, i), &u.Units[i], here)
	}
}

func organizationKeys(prefix string, o *Organization, a *account) []analyze.Known {
	if o == nil || a.path == "" {
		return []analyze.Known{{Key: prefix + "OrgID", Absent: true}, {Key: prefix + "OrgPaths", Absent: true}}
	}
	return []analyze.Known{{Key: prefix + "OrgID", Value: o.ID}, {Key: prefix + "OrgPaths", Value: a.path}}
}

func isAccountID(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }
