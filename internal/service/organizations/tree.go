package organizations

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// node reads the root, the unit or the account with an id; the error is notFound if there
// is none, or if its creation has not finished.
func (c *call) node(id string, notFound error) (identity.Node, error) {
	n, err := identity.ReadNode(c.Tx, c.org.NodeARN(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && !c.joined(n) {
		return identity.Node{}, notFound
	}
	return n, err
}

// joined reports whether the creation of a node has finished.
func (c *call) joined(n identity.Node) bool {
	return n.Account == nil || !n.Account.Joined.After(c.Now)
}

// parent is node for the root or a unit.
func (c *call) parent(id string, notFound error) (identity.Node, error) {
	n, err := c.node(id, notFound)
	if err == nil && n.Account != nil {
		return identity.Node{}, notFound
	}
	return n, err
}

func errNoParent() error { return errParentNotFound("You specified parent that doesn't exist.") }

// put stores a node.
func (c *call) put(n identity.Node) error { return identity.PutNode(c.Tx, n, c.Now) }

// nodes yields the nodes of some kinds in the caller's organization among the rows at the
// given ARNs, in order.
func (c *call) nodes(arns []string, kinds ...string) func(after string) iter.Seq2[operation.Keyed[identity.Node], error] {
	ours := func(arn string) bool {
		return slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(arn, c.org.TypeARN(kind)) })
	}
	return func(after string) iter.Seq2[operation.Keyed[identity.Node], error] {
		return func(yield func(operation.Keyed[identity.Node], error) bool) {
			for _, arn := range arns {
				if arn <= after || !ours(arn) {
					continue
				}
				n, err := identity.ReadNode(c.Tx, arn)
				if err == nil && !c.joined(n) {
					continue
				}
				if !yield(operation.Keyed[identity.Node]{Key: arn, Item: n}, err) || err != nil {
					return
				}
			}
		}
	}
}

// children yields the nodes of a kind with a parent.
func (c *call) children(parent identity.Node, kind string) (func(after string) iter.Seq2[operation.Keyed[identity.Node], error], error) {
	arns, err := c.Tx.ReferencedBy(parent.ARN(), 0)
	return c.nodes(arns, kind), err
}

// every yields all nodes of a kind whose creation has finished.
func (c *call) every(kind string) func(after string) iter.Seq2[operation.Keyed[identity.Node], error] {
	return func(after string) iter.Seq2[operation.Keyed[identity.Node], error] {
		return func(yield func(operation.Keyed[identity.Node], error) bool) {
			for n, err := range identity.Nodes(c.Tx, c.org.Organization, kind, after) {
				if err == nil && !c.joined(n) {
					continue
				}
				if !yield(operation.Keyed[identity.Node]{Key: n.ARN(), Item: n}, err) || err != nil {
					return
				}
			}
		}
	}
}

// shown converts a page of nodes for the output of a list.
func shown[T any](nodes operation.Page[identity.Node], show func(identity.Node) T) []T {
	list := make([]T, len(nodes.Items))
	for i, n := range nodes.Items {
		list[i] = show(n)
	}
	return list
}

func (o *organizations) listRoots(c *call, in *ListRootsInput) (*ListRootsOutput, error) {
	p, err := page(apiListRoots.Name, in.MaxResults, in.NextToken, c.every(identity.RootNode))
	if err != nil {
		return nil, err
	}
	return &ListRootsOutput{Roots: shown(p, rootShape), NextToken: p.Next}, nil
}

func rootShape(n identity.Node) Root {
	types := make([]PolicyTypeSummary, len(n.PolicyTypes))
	for i, t := range n.PolicyTypes {
		types[i] = PolicyTypeSummary{Type: new(PolicyType(t)), Status: new(PolicyTypeStatusEnabled)}
	}
	return Root{ID: &n.ID, ARN: new(n.ARN()), Name: &n.Name, PolicyTypes: types}
}

func (o *organizations) listParents(c *call, in *ListParentsInput) (*ListParentsOutput, error) {
	n, err := c.node(in.ChildID, errChildNotFound("You specified a child that doesn't exist."))
	if err != nil {
		return nil, err
	}
	kind := ParentTypeOrganizationalUnit
	if len(n.Parents) == 1 {
		kind = ParentTypeRoot
	}
	return &ListParentsOutput{Parents: []Parent{{ID: new(n.Parent()), Type: &kind}}}, nil
}

func (o *organizations) listChildren(c *call, in *ListChildrenInput) (*ListChildrenOutput, error) {
	parent, err := c.parent(in.ParentID, errNoParent())
	if err != nil {
		return nil, err
	}
	kind := identity.AccountNode
	if in.ChildType == ChildTypeOrganizationalUnit {
		kind = identity.UnitNode
	}
	nodes, err := c.children(parent, kind)
	if err != nil {
		return nil, err
	}
	p, err := page(apiListChildren.Name, in.MaxResults, in.NextToken, nodes)
	if err != nil {
		return nil, err
	}
	return &ListChildrenOutput{
		Children:  shown(p, func(n identity.Node) Child { return Child{ID: &n.ID, Type: &in.ChildType} }),
		NextToken: p.Next,
	}, nil
}
