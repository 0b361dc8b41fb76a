package policy

// Request is one question: may this principal do this action on this resource?
// An operation that touches several resources is several requests.
type Request struct {
	Principal Principal
	Action    string // "s3:GetObject"; compared without regard to case
	Resource  string // the full ARN, or "*" for an action without a resource

	// ResourceAccount owns the resource. When it is empty it is read from the
	// ARN; when the ARN has none either, the resource is the principal's own.
	ResourceAccount string

	Context Context

	// ManagementAccount is the organization's management account, which no SCP
	// and no RCP binds. Empty if there is none.
	ManagementAccount string

	// AWSManaged marks a resource that AWS keeps for the account, such as an AWS
	// managed KMS key. RCPs do not bind it.
	AWSManaged bool

	// NeedsResourceGrant says that the resource policy must allow even the
	// owner's own principals. For KMS keys and for assuming a role it is so
	// whether set or not.
	NeedsResourceGrant bool
}

// PrincipalKind says what kind of caller a [Principal] is.
type PrincipalKind uint8

const (
	Anonymous     PrincipalKind = iota // an unsigned request
	Root                               // an account's root user
	User                               // an IAM user
	RoleSession                        // a session of a role
	FederatedUser                      // a session from GetFederationToken
	Service                            // an AWS service, in its own name
	WebIdentity                        // a caller of AssumeRoleWithWebIdentity or AssumeRoleWithSAML
)

var principalKindNames = [...]string{"anonymous", "root", "user", "role session", "federated user", "service", "web identity"}

// String is the kind in words: "role session".
func (k PrincipalKind) String() string {
	if int(k) < len(principalKindNames) {
		return principalKindNames[k]
	}
	return "unknown"
}

// Principal is who asks. The zero value is the anonymous caller.
type Principal struct {
	Kind PrincipalKind

	// ARN names the caller: of Root "arn:aws:iam::A:root", of a User its ARN, of
	// a RoleSession "arn:aws:sts::A:assumed-role/name/session", of a
	// FederatedUser "arn:aws:sts::A:federated-user/name". A Service has its
	// principal name here ("ec2.amazonaws.com"), a WebIdentity its provider.
	ARN string

	Account string // twelve digits; empty for Anonymous, Service and WebIdentity

	// Issuer is who stands behind a session: the ARN of the role with its path
	// (RoleSession), the ARN of the user (FederatedUser).
	Issuer string
}

// Policies are the policies that bind a request, layer by layer. A nil layer is
// absent and limits nothing; a layer that is there but empty allows nothing.
type Policies struct {
	Identity []Attached // the user's, its groups', the role's; for a FederatedUser the user's
	Boundary []Attached
	Session  []Attached
	Resource []Attached // the resource's policy; a role's trust policy when the role is assumed
	Endpoint []Attached // the policy of the VPC endpoint the request came through

	// ServiceControl of the principal's account and ResourceControl of the
	// resource's account: one list per level, from the root to the account. Every
	// level must allow; no level at all limits nothing.
	ServiceControl  [][]Attached
	ResourceControl [][]Attached
}

// Attached is a document and the name it goes by in explanations.
type Attached struct {
	Name     string // the policy's ARN, or what else a reader would know it by
	Document *Document
}
