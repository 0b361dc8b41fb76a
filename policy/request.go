package policy

// Request asks whether a principal may perform an action on a resource. An operation
// on several resources is several requests.
type Request struct {
	Principal Principal
	Action    string // "s3:GetObject"; compared without regard to case
	Resource  string // the full ARN, or "*" for an action without a resource

	// ResourceAccount owns the resource. If it is empty, the account in the ARN is
	// the owner; if the ARN has none, the principal's account is.
	ResourceAccount string

	Context Context

	// ManagementAccount is the organization's management account, to which SCPs
	// and RCPs do not apply. It is empty outside an organization.
	ManagementAccount string

	// AWSManaged marks a resource that AWS manages for the account, such as an AWS managed KMS key. RCPs do
	// not apply to it.
	AWSManaged bool

	// NeedsResourceGrant means that the resource policy must also allow principals of the owner's account. It
	// is implied for KMS keys and for assuming a role.
	NeedsResourceGrant bool
}

// PrincipalKind is the kind of a [Principal].
type PrincipalKind uint8

const (
	Anonymous     PrincipalKind = iota // an unsigned request
	Root                               // an account's root user
	User                               // an IAM user
	RoleSession                        // a session of a role
	FederatedUser                      // a session from GetFederationToken
	Service                            // an AWS service principal
	WebIdentity                        // a caller of AssumeRoleWithWebIdentity or AssumeRoleWithSAML
)

var principalKindNames = [...]string{"anonymous", "root", "user", "role session", "federated user", "service", "web identity"}

// String returns the name of the kind, such as "role session".
func (k PrincipalKind) String() string {
	if int(k) < len(principalKindNames) {
		return principalKindNames[k]
	}
	return "unknown"
}

// Principal is the caller. The zero value is the anonymous caller.
type Principal struct {
	Kind PrincipalKind

	// ARN identifies the caller: for Root "arn:aws:iam::A:root", for a User its ARN,
	// for a RoleSession "arn:aws:sts::A:assumed-role/name/session", for a
	// FederatedUser "arn:aws:sts::A:federated-user/name". For a Service it is the
	// principal name ("ec2.amazonaws.com"), for a WebIdentity the provider.
	ARN string

	Account string // twelve digits; empty for Anonymous, Service and WebIdentity

	// Issuer is the session issuer: the ARN of the role with its path (RoleSession),
	// or the ARN of the user (FederatedUser).
	Issuer string
}

// Policies holds the policies that apply to a request, by layer. A nil layer is absent and limits nothing; a
// layer that is present but empty allows nothing.
type Policies struct {
	Identity []Attached // the user's, its groups', the role's; for a FederatedUser the user's
	Boundary []Attached
	Session  []Attached
	Resource []Attached // the resource's policy; a role's trust policy when the role is assumed
	Endpoint []Attached // the policy of the VPC endpoint the request came through

	// ServiceControl holds the policies of the principal's account, ResourceControl those of the resource's
	// account: one list per level, from the root to the account. Every level must allow; without any level
	// there is no limit.
	ServiceControl  [][]Attached
	ResourceControl [][]Attached
}

// Attached is a document and its name in explanations.
type Attached struct {
	Name     string // the policy's ARN, or another name that identifies it
	Document *Document
}
