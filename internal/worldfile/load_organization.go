package worldfile

import (
	"fmt"
	"strings"
)

// organization makes the organization with its units, puts the accounts where they belong
// and attaches the control policies.
func (l *loader) organization() {
	o := l.Organization
	if o == nil {
		l.checkNoControl()
		return
	}
	manager, err := l.source.names.account(o.ManagementAccount)
	if err != nil {
		l.source.fault("organization.managementAccount", "%v", err)
		return
	}
	m := &organizer{loader: l, manager: manager, root: o.Root.ID, parents: map[string]string{}, policies: map[string]string{}}
	if m.root == "" {
		m.root = rootID(manager)
	}
	id := o.ID
	if id == "" {
		id = organizationID(manager)
	}
	if !m.madeUp("organization.id", id, "o-", 10) || !m.madeUp("organization.root.id", m.root, "r-", 4) {
		return
	}
	if _, ok := m.call("organization", "CreateOrganization", map[string]any{"FeatureSet": "ALL"}, id[2:], m.root[2:]); !ok {
		return
	}
	m.id = id
	m.unit("organization.root", m.root, o.Root)
	m.control("organization.root", m.root, o.Root.ServiceControlPolicies, o.Root.ResourceControlPolicies)
	for i, a := range l.Accounts {
		path := fmt.Sprintf("accounts[%d]", i)
		if n := len(a.ServiceControlPolicies) + len(a.ResourceControlPolicies); n > 0 && m.parents[a.ID] == "" {
			l.source.fault(path, "control policies need an account of the organization")
			continue
		}
		m.control(path, a.ID, a.ServiceControlPolicies, a.ResourceControlPolicies)
	}
	if o.ShareWithOrganization {
		l.do(call{path: "organization.shareWithOrganization", account: manager, service: "ram", operation: "EnableSharingWithAwsOrganization"})
	}
}

// The ids of an organization, its root and its units where a file gives none.
func organizationID(manager string) string {
	return "o-" + strings.ReplaceAll(uuidOf("organization of "+manager), "-", "")[:10]
}
func rootID(manager string) string { return "r-" + uuidOf("root of " + manager)[:4] }
func unitID(root, parent, name string) string {
	return "ou-" + root[2:] + "-" + uuidOf(parent + "/" + name)[:8]
}

func (l *loader) checkNoControl() {
	for i, a := range l.Accounts {
		if len(a.ServiceControlPolicies)+len(a.ResourceControlPolicies) > 0 {
			l.source.fault(fmt.Sprintf("accounts[%d]", i), "control policies need an organization")
		}
	}
}

// organizer makes one organization.
type organizer struct {
	*loader
	manager, id, root string
	parents           map[string]string // of accounts: the unit or root that each is in
	policies          map[string]string // ids, by type, name and text
	resourceControl   bool              // the type is enabled
}

// call is a call of the management account.
func (m *organizer) call(path, operation string, input map[string]any, ids ...string) (map[string]any, bool) {
	for i, id := range ids {
		ids[i] = id + strings.Repeat("0", 32) // of which the operation takes as many as it needs
	}
	return m.do(call{path: path, account: m.manager, service: "organizations", operation: operation, input: input, ids: ids})
}

// madeUp reports whether an id has the length of those that Organizations makes up.
func (m *organizer) madeUp(path, id, prefix string, n int) bool {
	if rest, ok := strings.CutPrefix(id, prefix); ok && len(rest) == n && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789") == "" {
		return true
	}
	m.source.fault(path, "%q is no id: expected %s and %d of a-z and 0-9", id, prefix, n)
	return false
}

// unit fills a unit: its accounts and the units below it.
func (m *organizer) unit(path, id string, u Unit) {
	for i, name := range u.Accounts {
		m.join(fmt.Sprintf("%s.accounts[%d]", path, i), name, id)
	}
	for i, below := range u.Units {
		at := fmt.Sprintf("%s.units[%d]", path, i)
		prefix := "ou-" + m.root[2:] + "-"
		if below.ID == "" {
			below.ID = unitID(m.root, id, below.Name)
		}
		if below.Name == "" {
			below.Name = below.ID
		}
		if !m.madeUp(at+".id", below.ID, prefix, 8) {
			continue
		}
		if _, ok := m.call(at, "CreateOrganizationalUnit", map[string]any{"ParentId": id, "Name": below.Name}, strings.TrimPrefix(below.ID, prefix)); !ok {
			continue
		}
		m.unit(at, below.ID, below)
		m.control(at, below.ID, below.ServiceControlPolicies, below.ResourceControlPolicies)
	}
}

// join puts an account into a unit: it is invited and accepts.
func (m *organizer) join(path, name, parent string) {
	account, err := m.source.names.account(name)
	switch {
	case err != nil:
		m.source.fault(path, "%v", err)
		return
	case m.parents[account] != "":
		m.source.fault(path, "account %s is in two units", account)
		return
	}
	m.parents[account] = parent
	if account != m.manager {
		answer, ok := m.call(path, "InviteAccountToOrganization", map[string]any{"Target": map[string]any{"Id": account, "Type": "ACCOUNT"}})
		if !ok {
			return
		}
		if _, ok := m.do(call{path: path, account: account, service: "organizations", operation: "AcceptHandshake",
			input: map[string]any{"HandshakeId": at(answer, "Handshake.Id")}}); !ok {
			return
		}
	}
	if parent != m.root {
		m.call(path, "MoveAccount", map[string]any{"AccountId": account, "SourceParentId": m.root, "DestinationParentId": parent})
	}
}

// control attaches the control policies of a unit or an account. Those that are listed
// replace FullAWSAccess.
func (m *organizer) control(path, target string, service, resource []Document) {
	if len(service) > 0 {
		keep := false
		for _, d := range service {
			if d.Reference == fullAccess {
				keep = true
				continue
			}
			m.attach(target, "SERVICE_CONTROL_POLICY", d)
		}
		if !keep {
			m.call(path+".serviceControlPolicies", "DetachPolicy", map[string]any{"PolicyId": "p-" + fullAccess, "TargetId": target})
		}
	}
	for _, d := range resource {
		if !m.resourceControl {
			m.resourceControl = true
			m.call(path, "EnablePolicyType", map[string]any{"RootId": m.root, "PolicyType": "RESOURCE_CONTROL_POLICY"})
		}
		m.attach(target, "RESOURCE_CONTROL_POLICY", d)
	}
}

func (m *organizer) attach(target, kind string, d Document) {
	r := m.resolve(d, controlPlace)
	if r.managed != "" {
		m.source.fault(d.path, "a control policy is a document, or the name of one of policies")
		return
	}
	if r.name == "" {
		r.name = strings.ToLower(strings.ReplaceAll(kind, "_", "-")) + "-" + uuidOf(r.text)[:8]
	}
	key := kind + "\n" + r.name + "\n" + r.text
	id, ok := m.policies[key]
	if !ok {
		answer, made := m.call(d.path, "CreatePolicy", map[string]any{"Name": r.name, "Description": r.name, "Type": kind, "Content": r.text},
			strings.ReplaceAll(uuidOf(key), "-", ""))
		if !made {
			return
		}
		id = at(answer, "Policy.PolicySummary.Id")
		m.policies[key] = id
	}
	m.call(d.path, "AttachPolicy", map[string]any{"PolicyId": id, "TargetId": target})
}
