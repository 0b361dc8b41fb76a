package policy

import "strings"

// Kind is the type of a policy. All types share one language; which elements a
// document may and must have depends on the type.
type Kind uint8

const (
	Identity        Kind = iota // attached to a user, group or role
	Resource                    // attached to a resource
	Trust                       // a role's trust policy, the resource policy of a role
	Boundary                    // a permissions boundary
	Session                     // passed when a session is created
	ServiceControl              // SCP of an organization
	ResourceControl             // RCP of an organization
	Endpoint                    // a VPC endpoint policy
)

var kindNames = [...]string{"identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// ParseKind is the inverse of [Kind.String].
func ParseKind(s string) (Kind, bool) {
	for i, name := range kindNames {
		if s == name {
			return Kind(i), true
		}
	}
	return 0, false
}

// Layer is the set of policy types that decided a request: a cross-account request is
// allowed by LayerResource|LayerIdentity.
type Layer uint16

const (
	LayerIdentity Layer = 1 << iota
	LayerResource       // the resource policy; a role's trust policy when a role is assumed
	LayerBoundary
	LayerSession
	LayerServiceControl
	LayerResourceControl
	LayerEndpoint
	LayerRoot   // the root user in its own account needs no policy
	LayerExempt // the action needs no permission
)

var layerNames = [...]struct {
	layer Layer
	name  string
}{
	{LayerResource, "resource"}, {LayerIdentity, "identity"}, {LayerBoundary, "boundary"},
	{LayerSession, "session"}, {LayerServiceControl, "scp"}, {LayerResourceControl, "rcp"},
	{LayerEndpoint, "endpoint"}, {LayerRoot, "root"}, {LayerExempt, "exempt"},
}

// String joins the names with "+": "resource+identity". The empty set is "none".
func (l Layer) String() string { return strings.Join(l.Names(), "+") }

// Names returns the names of the layers in a set, such as "identity" and "resource"; "none" for the empty set.
func (l Layer) Names() []string {
	names := make([]string, 0, 2)
	for _, n := range layerNames {
		if l&n.layer != 0 {
			names = append(names, n.name)
		}
	}
	if len(names) == 0 {
		return append(names, "none")
	}
	return names
}
