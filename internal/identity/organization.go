package identity

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
)

// The types of policies that restrict the accounts of an organization.
const (
	ServiceControlPolicy  = "SERVICE_CONTROL_POLICY"
	ResourceControlPolicy = "RESOURCE_CONTROL_POLICY"
)

// The kinds of nodes of the tree, in the spelling of their ARNs.
const (
	RootNode    = "root"
	UnitNode    = "ou"
	AccountNode = "account"
)

// Organization identifies an organization. It determines the ARNs of everything in it.
type Organization struct {
	Partition  string
	ID         string // "o-..."
	Management string // the management account, 12 digits
}

// ARN returns the ARN of the organization.
func (o Organization) ARN() string { return o.arn("organization/" + o.ID) }

// TypeARN returns the prefix of the ARNs of a type in the organization.
func (o Organization) TypeARN(typ string) string { return o.arn(typ + "/" + o.ID + "/") }

func (o Organization) arn(rest string) string {
	return "arn:" + o.Partition + ":organizations::" + o.Management + ":" + rest
}

// NodeARN returns the ARN of a root, an organizational unit or an account by its id.
func (o Organization) NodeARN(id string) string { return o.TypeARN(nodeType(id)) + id }

// nodeType returns the kind of the node with an id.
func nodeType(id string) string {
	switch {
	case strings.HasPrefix(id, "r-"):
		return RootNode
	case strings.HasPrefix(id, "ou-"):
		return UnitNode
	}
	return AccountNode
}

// PolicyARN returns the ARN of a policy, which may be AWS managed.
func (o Organization) PolicyARN(policyType, id string) string {
	if _, ok := fullAccess[id]; ok {
		return "arn:" + o.Partition + ":organizations::aws:policy/" + strings.ToLower(policyType) + "/" + id
	}
	return o.TypeARN("policy") + strings.ToLower(policyType) + "/" + id
}

// Node is a node of an organization's tree: its root, an organizational unit or an account.
type Node struct {
	Organization Organization
	ID           string // "r-...", "ou-...", or 12 digits
	Name         string
	Parents      []string // the ids of its ancestors, the root first; empty for the root

	Attached    map[string][]string // the ids of the attached policies, by type
	PolicyTypes []string            `json:",omitempty"` // for the root: the enabled types
	Account     *MemberAccount      `json:",omitempty"` // for an account
}

// SuspendedAccount is the status of a closed account.
const SuspendedAccount = "SUSPENDED"

// MemberAccount is an account as a member of its organization.
type MemberAccount struct {
	Email        string
	Status       string // "ACTIVE" or "SUSPENDED"
	JoinedMethod string // "INVITED" or "CREATED"
	Joined       time.Time
}

// ARN returns the ARN of the node.
func (n Node) ARN() string { return n.Organization.NodeARN(n.ID) }

// Type returns the type in the ARN: root, ou or account.
func (n Node) Type() string { return nodeType(n.ID) }

// Parent returns the id of the parent; "" for the root.
func (n Node) Parent() string {
	if len(n.Parents) == 0 {
		return ""
	}
	return n.Parents[len(n.Parents)-1]
}

// ParentPath returns the path of the parent: "o-.../r-.../ou-.../".
func (n Node) ParentPath() string {
	return n.Organization.ID + "/" + strings.Join(append(n.Parents[:len(n.Parents):len(n.Parents)], ""), "/")
}

// Path returns the path of the node.
func (n Node) Path() string { return n.ParentPath() + n.ID + "/" }

// ReadNode reads the root, the organizational unit or the account at an ARN. It returns store.ErrNotFound if
// there is none.
func ReadNode(tx *store.Tx, arn string) (Node, error) { return readRow[Node](tx, arn) }

// Nodes yields the nodes of a kind, ordered by ARN, starting after the given ARN.
func Nodes(tx *store.Tx, o Organization, kind, after string) iter.Seq2[Node, error] {
	return rowsAs[Node](tx, store.Query{Prefix: o.TypeARN(kind), After: after})
}

// PutNode creates or replaces a node, with its references to its parent and to the
// policies attached to it.
func PutNode(tx *store.Tx, n Node, now time.Time) error {
	if n.Type() == AccountNode {
		arn := membershipARN(n.ID)
		if err := putRow(tx, arn, "membership", n.Organization.Management, n.Name, n.ARN(), now); err != nil {
			return err
		}
		if err := tx.SetReferences(arn, []string{n.ARN()}); err != nil {
			return err
		}
	}
	if err := putRow(tx, n.ARN(), n.Type(), n.Organization.Management, n.Name, n, now); err != nil {
		return err
	}
	var refers []string
	if parent := n.Parent(); parent != "" {
		refers = append(refers, n.Organization.NodeARN(parent))
	}
	for policyType, ids := range n.Attached {
		for _, id := range ids {
			refers = append(refers, n.Organization.PolicyARN(policyType, id))
		}
	}
	return tx.SetReferences(n.ARN(), refers)
}

// DeleteNode deletes a node. An account is then in no organization.
func DeleteNode(tx *store.Tx, n Node) error {
	if n.Type() == AccountNode {
		if err := tx.DeleteResource(membershipARN(n.ID)); err != nil {
			return err
		}
	}
	return tx.DeleteResource(n.ARN())
}

// membershipARN returns the key of the row that maps an account to its node. An account is in at most one
// organization, in any partition.
func membershipARN(account string) string {
	return "arn:aws:organizations::" + account + ":membership"
}

// MemberNode reads the node of an account. It returns store.ErrNotFound if the account is in no organization.
func MemberNode(tx *store.Tx, account string) (Node, error) {
	row, err := cachedAs[membershipRow](tx, membershipARN(account))
	if err != nil {
		return Node{}, err
	}
	return ReadNode(tx, row.node)
}

// OrganizationPolicy is a policy that can be attached to nodes.
type OrganizationPolicy struct {
	ID, Type, Name, Description, Content string
	AWSManaged                           bool
}

// fullAccess holds the AWS managed policies by id. They are attached by default.
var fullAccess = map[string]OrganizationPolicy{
	"p-FullAWSAccess": {
		ID: "p-FullAWSAccess", Type: ServiceControlPolicy, Name: "FullAWSAccess", AWSManaged: true,
		Description: "Allows access to every operation",
		Content:     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	},
	"p-RCPFullAWSAccess": {
		ID: "p-RCPFullAWSAccess", Type: ResourceControlPolicy, Name: "RCPFullAWSAccess", AWSManaged: true,
		Description: "Allows access to every resource",
		Content:     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`,
	},
}

// FullAccess returns the AWS managed policy of a type.
func FullAccess(policyType string) (OrganizationPolicy, bool) {
	for _, p := range fullAccess {
		if p.Type == policyType {
			return p, true
		}
	}
	return OrganizationPolicy{}, false
}

// ReadOrganizationPolicy reads a policy of an organization, which may be AWS managed. It returns
// store.ErrNotFound if there is none.
func ReadOrganizationPolicy(tx *store.Tx, o Organization, policyType, id string) (OrganizationPolicy, error) {
	if p, ok := fullAccess[id]; ok {
		return p, nil
	}
	return readRow[OrganizationPolicy](tx, o.PolicyARN(policyType, id))
}

// OrganizationPolicies yields the policies of a type that were created in an organization, ordered by ARN,
// starting after the given ARN.
func OrganizationPolicies(tx *store.Tx, o Organization, policyType, after string) iter.Seq2[OrganizationPolicy, error] {
	return rowsAs[OrganizationPolicy](tx, store.Query{Prefix: o.PolicyARN(policyType, ""), After: after})
}

// PutOrganizationPolicy creates or replaces a policy of an organization.
func PutOrganizationPolicy(tx *store.Tx, o Organization, p OrganizationPolicy, now time.Time) error {
	return putRow(tx, o.PolicyARN(p.Type, p.ID), "policy", o.Management, p.Name, p, now)
}

// OrganizationRecord is the stored state of an organization.
type OrganizationRecord struct {
	Organization
	Root        string // the id of its root
	AllFeatures bool   // otherwise billing only, without policies

	// Services holds the services with trusted access, with the time since when. Delegates holds the
	// delegated administrators, by account and service.
	Services  map[string]time.Time            `json:",omitempty"`
	Delegates map[string]map[string]time.Time `json:",omitempty"`

	// The resource-based policy that delegates policy management to accounts; "" for none.
	ResourcePolicyID, ResourcePolicy string `json:",omitempty"`
}

// ReadOrganization reads the organization of an account. It returns store.ErrNotFound if the account is in
// none.
func ReadOrganization(tx *store.Tx, account string) (OrganizationRecord, error) {
	node, err := MemberNode(tx, account)
	if err != nil {
		return OrganizationRecord{}, err
	}
	return readRow[OrganizationRecord](tx, node.Organization.ARN())
}

// PutOrganization creates or replaces the state of an organization.
func PutOrganization(tx *store.Tx, o OrganizationRecord, now time.Time) error {
	return putRow(tx, o.ARN(), "organization", o.Management, o.ID, o, now)
}

// readRow reads and decodes the row at an ARN.
func readRow[T any](tx *store.Tx, arn string) (T, error) {
	r, err := tx.Resource(arn)
	if err != nil {
		var none T
		return none, err
	}
	return decodeAs[T](r)
}

// rowsAs yields decoded rows.
func rowsAs[T any](tx *store.Tx, q store.Query) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for r, err := range tx.Resources(q) {
			var v T
			if err == nil {
				v, err = decodeAs[T](r)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

func putRow(tx *store.Tx, arn, typ, owner, name string, v any, now time.Time) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("put %s: %w", arn, err)
	}
	return tx.PutResource(store.Resource{
		ARN: arn, Service: "organizations", Type: typ, Account: owner, Name: name,
		Data: data, CreatedAt: now, UpdatedAt: now,
	})
}
