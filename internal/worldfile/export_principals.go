package worldfile

import (
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// principals reads groups, users and roles.
func (x *exporter) principals(rows map[string][]store.Resource) error {
	for _, r := range rows["iam group"] {
		g, err := identity.ReadGroup(x.Tx, r.ARN)
		if err != nil {
			return err
		}
		x.owner(r.ARN)
		x.out.Groups = append(x.out.Groups, Group{ARN: g.ARN, Policies: x.grants(g.Grants)})
	}
	for _, r := range rows["iam user"] {
		u, err := identity.ReadUser(x.Tx, r.ARN)
		if err != nil {
			return err
		}
		x.owner(r.ARN)
		out := User{ARN: u.ARN, ID: u.ID, Policies: x.grants(u.Grants), Groups: u.Groups, Boundary: x.managed(u.Boundary)}
		if out.Tags, err = x.Tx.Tags(r.ARN); err != nil {
			return err
		}
		keys, err := x.Tx.AccessKeys(r.ARN)
		if err != nil {
			return err
		}
		for range keys {
			x.leave("access key")
		}
		x.out.Users = append(x.out.Users, out)
	}
	for _, r := range rows["iam role"] {
		role, err := identity.ReadRole(x.Tx, r.ARN)
		if err != nil {
			return err
		}
		x.owner(r.ARN)
		if role.Service != "" {
			x.leave("service-linked role")
			continue
		}
		out := Role{ARN: role.ARN, ID: role.ID, TrustPolicy: document("", role.TrustPolicy), Description: role.Description,
			Policies: x.grants(role.Grants), Boundary: x.managed(role.Boundary), Tags: role.Tags}
		if role.MaxSessionDuration != identity.DefaultMaxSession {
			out.MaxSessionDuration = role.MaxSessionDuration
		}
		x.out.Roles = append(x.out.Roles, out)
	}
	return nil
}

// grants are inline policies by name, then managed ones in the order of their attachment.
func (x *exporter) grants(g identity.Grants) []Document {
	var list []Document
	for _, name := range sortedKeys(g.Policies) {
		list = append(list, document(name, g.Policies[name]))
	}
	for _, managed := range g.Attached {
		list = append(list, x.managed(managed))
	}
	return list
}

func (x *exporter) managed(long string) Document {
	if long != "" {
		x.owner(long)
	}
	return Document{Reference: long}
}

// readOrganization reads the organization: its tree, and the control policies.
func (x *exporter) readOrganization(rows map[string][]store.Resource) error {
	for i, r := range rows["organizations organization"] {
		record, err := identity.ReadOrganization(x.Tx, r.Account)
		if err != nil {
			return err
		}
		if i > 0 || !record.AllFeatures {
			x.leave("organization beside the first, or without all features")
			continue
		}
		x.accounts[record.Management] = true
		nodes := map[string][]identity.Node{} // by parent
		var root identity.Node
		for _, kind := range []string{identity.RootNode, identity.UnitNode, identity.AccountNode} {
			for n, err := range identity.Nodes(x.Tx, record.Organization, kind, "") {
				if err != nil {
					return err
				}
				if kind == identity.RootNode {
					root = n
				}
				nodes[n.Parent()] = append(nodes[n.Parent()], n)
			}
		}
		o := &Organization{ID: record.ID, ManagementAccount: record.Management, ShareWithOrganization: len(rows["ram sharing-with-organization"]) > 0}
		if len(record.Services) > 0 && !o.ShareWithOrganization || len(record.Services) > 1 || len(record.Delegates) > 0 || record.ResourcePolicy != "" {
			x.leave("trusted access, delegated administrators or resource policy of an organization")
		}
		x.out.Organization = o
		if o.Root, err = x.unit(record, root, nodes); err != nil {
			return err
		}
		o.Root.Name = ""
	}
	return nil
}

func (x *exporter) unit(record identity.OrganizationRecord, n identity.Node, nodes map[string][]identity.Node) (Unit, error) {
	u := Unit{ID: n.ID, Name: n.Name}
	if u.Name == u.ID {
		u.Name = ""
	}
	var err error
	if u.ServiceControlPolicies, u.ResourceControlPolicies, err = x.control(record, n); err != nil {
		return u, err
	}
	for _, below := range nodes[n.ID] {
		if below.Type() == identity.UnitNode {
			unit, err := x.unit(record, below, nodes)
			if err != nil {
				return u, err
			}
			u.Units = append(u.Units, unit)
			continue
		}
		u.Accounts = append(u.Accounts, below.ID)
		x.accounts[below.ID] = true
		if below.Account != nil && below.Account.Status == identity.SuspendedAccount {
			x.leave("closing of an account")
		}
		service, resource, err := x.control(record, below)
		if err != nil {
			return u, err
		}
		i := slices.IndexFunc(x.out.Accounts, func(a Account) bool { return a.ID == below.ID })
		if i < 0 {
			i = len(x.out.Accounts)
			x.out.Accounts = append(x.out.Accounts, Account{ID: below.ID})
		}
		x.out.Accounts[i].ServiceControlPolicies, x.out.Accounts[i].ResourceControlPolicies = service, resource
	}
	return u, nil
}

// control are the control policies of a node; none where FullAWSAccess stands alone.
func (x *exporter) control(record identity.OrganizationRecord, n identity.Node) (service, resource []Document, err error) {
	for kind, ids := range n.Attached {
		if kind != identity.ServiceControlPolicy && kind != identity.ResourceControlPolicy {
			x.leave("management policy of an organization")
			continue
		}
		full, _ := identity.FullAccess(kind)
		if len(ids) == 1 && ids[0] == full.ID {
			continue
		}
		var list []Document
		for _, id := range ids {
			p, err := identity.ReadOrganizationPolicy(x.Tx, record.Organization, kind, id)
			switch {
			case err != nil:
				return nil, nil, err
			case p.AWSManaged && kind == identity.ResourceControlPolicy:
			case p.AWSManaged:
				list = append(list, Document{Reference: p.Name})
			default:
				list = append(list, document(p.Name, p.Content))
			}
		}
		if kind == identity.ServiceControlPolicy {
			service = list
		} else {
			resource = list
		}
	}
	return service, resource, nil
}

// shares reads the shares that RAM manages. Those that were created from policies follow
// from these.
func (x *exporter) shares(rows []store.Resource) error {
	for _, r := range rows {
		share, err := sharing.ReadShare(x.Tx, r.ARN)
		if err != nil {
			return err
		}
		if share.FeatureSet != sharing.Standard || !share.Deleted.IsZero() {
			continue
		}
		a := x.owner(share.ARN)
		if share.Policy != nil || !share.Promoted.IsZero() {
			x.leave("share that was promoted")
			continue
		}
		out := Share{ARN: share.ARN, Name: share.Name}
		if !share.AllowExternal {
			out.AllowExternalPrincipals = new(false)
		}
		for association, err := range sharing.Associations(x.Tx, sharing.AssociationQuery{Share: share.ARN}) {
			if err != nil {
				return err
			}
			x.association(&out, association, a)
		}
		for _, kind := range sortedKeys(share.Permissions) {
			out.Permissions = append(out.Permissions, share.Permissions[kind].ARN)
		}
		if out.Tags, err = x.Tx.Tags(share.ARN); err != nil {
			return err
		}
		x.out.Shares = append(x.out.Shares, out)
	}
	return nil
}

func (x *exporter) association(out *Share, association sharing.Association, share arn.ARN) {
	switch {
	case association.Status != sharing.Associated && association.Status != sharing.Associating:
	case association.Type == sharing.Resource:
		out.Resources = append(out.Resources, association.Entity)
	case association.Type == sharing.Source:
		x.leave("source of a share")
	case association.Type == sharing.Principal:
		out.Principals = append(out.Principals, association.Entity)
		account := association.Entity
		if a, err := arn.Parse(account); err == nil {
			account = a.Account
		}
		if arn.IsAccountID(account) && !strings.HasSuffix(association.Entity, ".amazonaws.com") {
			x.accounts[account] = true
			if association.Status == sharing.Associating && !slices.Contains(out.Pending, account) {
				out.Pending = append(out.Pending, account)
			}
		}
	}
}
