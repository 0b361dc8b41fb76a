package overview

import (
	"encoding/json"
	"fmt"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// readOrganizations reads the trees of all organizations and the positions of accounts in them.
func (r *reader) readOrganizations() error {
	for row, err := range r.tx.Resources(store.Query{Service: "organizations"}) {
		if err != nil {
			return err
		}
		switch row.Type {
		case "organization":
			var o identity.OrganizationRecord
			if err := json.Unmarshal(row.Data, &o); err != nil {
				return fmt.Errorf("read %s: %w", row.ARN, err)
			}
			r.out.Nodes = append(r.out.Nodes, Node{ID: o.ID, ARN: row.ARN, Kind: row.Type, Name: o.ID})
		case identity.RootNode, identity.UnitNode, identity.AccountNode:
			var n identity.Node
			if err := json.Unmarshal(row.Data, &n); err != nil {
				return fmt.Errorf("read %s: %w", row.ARN, err)
			}
			r.addNode(n)
		}
	}
	return nil
}

func (r *reader) addNode(n identity.Node) {
	parent := n.Parent()
	if parent == "" {
		parent = n.Organization.ID
	}
	if n.Account == nil {
		r.out.Nodes = append(r.out.Nodes, Node{ID: n.ID, ARN: n.ARN(), Kind: n.Type(), Name: n.Name, Parent: parent})
		return
	}
	r.accounts[n.ID] = Account{ID: n.ID, Name: n.Name, Parent: parent, Closed: n.Account.Status == identity.SuspendedAccount}
}
