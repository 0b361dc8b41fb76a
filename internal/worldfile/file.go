package worldfile

import "encoding/json"

// File is a world as its file declares it. Its members are named and described here; the
// sections of resources follow from the API models, see kind.
type File struct {
	// Region is the region of short names of resources; us-east-1 if none is given.
	Region string `json:"region,omitempty"`
	// Accounts lists every account whose principals and resources the file declares.
	Accounts []Account `json:"accounts"`
	// Organization is the organization that accounts belong to.
	Organization *Organization `json:"organization,omitempty"`
	// Policies has policy documents by the names under which the rest of the file uses them.
	Policies map[string]Document `json:"policies,omitempty"`
	// Groups lists the IAM groups that users are in.
	Groups []Group `json:"groups,omitempty"`
	// Users lists the IAM users.
	Users []User `json:"users,omitempty"`
	// Roles lists the IAM roles.
	Roles []Role `json:"roles,omitempty"`
	// Sessions lists sessions of roles that somebody holds; invariants speak of them, beside those that chains of role assumption lead to.
	Sessions []Session `json:"sessions,omitempty"`
	// Resources lists resources that no other section declares, of any service, and patterns of them; invariants speak of them, and a server does not have them.
	Resources []Resource `json:"resources,omitempty"`
	// Shares lists the resource shares of RAM.
	Shares []Share `json:"shares,omitempty"`
	// Tests lists who may do what, and who may not.
	Tests []Test `json:"tests,omitempty"`
	// Invariants lists what must hold of all requests.
	Invariants []Invariant `json:"invariants,omitempty"`

	// Entries are the resources of each section that a kind describes.
	Entries map[string][]Entry `json:"-"`
}

// Account is an AWS account.
type Account struct {
	// ID is the account id, twelve digits.
	ID string `json:"id"`
	// Name is a name by which the file can call the account.
	Name string `json:"name,omitempty"`
	// Email is the e-mail address of the account; one of example.com if none is given.
	Email string `json:"email,omitempty"`
	// External says that the account's principals are not declared: for an invariant there may be any, with any permissions.
	External bool `json:"external,omitempty"`
	// ServiceControlPolicies lists those attached to the account.
	ServiceControlPolicies []Document `json:"serviceControlPolicies,omitempty"`
	// ResourceControlPolicies lists those attached to the account.
	ResourceControlPolicies []Document `json:"resourceControlPolicies,omitempty"`
}

// Organization is an organization of AWS Organizations.
type Organization struct {
	// ID is the organization's id, such as o-a1b2c3d4e5; one is made up if none is given.
	ID string `json:"id,omitempty"`
	// ManagementAccount is the account that control policies do not bind.
	ManagementAccount string `json:"managementAccount"`
	// ShareWithOrganization says that RAM shares resources inside the organization without invitations.
	ShareWithOrganization bool `json:"shareWithOrganization,omitempty"`
	// Root is the root of the tree of organizational units.
	Root Unit `json:"root"`
}

// Unit is the root of an organization or an organizational unit.
type Unit struct {
	// ID is the id, such as r-ab12 or ou-ab12-11111111; one is made up if none is given.
	ID string `json:"id,omitempty"`
	// Name is the name of an organizational unit; its id if none is given.
	Name string `json:"name,omitempty"`
	// Accounts lists the accounts directly in the unit.
	Accounts []string `json:"accounts,omitempty"`
	// Units lists the organizational units directly in the unit.
	Units []Unit `json:"units,omitempty"`
	// ServiceControlPolicies lists those attached to the unit; without any, FullAWSAccess is.
	ServiceControlPolicies []Document `json:"serviceControlPolicies,omitempty"`
	// ResourceControlPolicies lists those attached to the unit.
	ResourceControlPolicies []Document `json:"resourceControlPolicies,omitempty"`
}

// Group is an IAM group.
type Group struct {
	// ARN is the ARN of the group, with its path, or its short name.
	ARN string `json:"arn"`
	// Policies lists the identity policies.
	Policies []Document `json:"policies,omitempty"`
}

// User is an IAM user.
type User struct {
	// ARN is the ARN of the user, with its path, or its short name.
	ARN string `json:"arn"`
	// ID is the unique id, such as AIDAEXAMPLE; it is the value of aws:userid.
	ID string `json:"id,omitempty"`
	// Policies lists the identity policies, other than those of the user's groups.
	Policies []Document `json:"policies,omitempty"`
	// Groups lists the groups that the user is in, which are of its account.
	Groups []string `json:"groups,omitempty"`
	// Boundary is the permissions boundary.
	Boundary Document `json:"boundary,omitzero"`
	// Tags has the tags.
	Tags map[string]string `json:"tags,omitempty"`
}

// Role is an IAM role.
type Role struct {
	// ARN is the ARN of the role, with its path, or its short name.
	ARN string `json:"arn"`
	// ID is the unique id, such as AROAEXAMPLE.
	ID string `json:"id,omitempty"`
	// TrustPolicy is the document that says who may assume the role.
	TrustPolicy Document `json:"trustPolicy"`
	// Description is the description.
	Description string `json:"description,omitempty"`
	// MaxSessionDuration is how long a session may last, in seconds; 3600 if none is given.
	MaxSessionDuration int `json:"maxSessionDuration,omitempty"`
	// Policies lists the identity policies.
	Policies []Document `json:"policies,omitempty"`
	// Boundary is the permissions boundary.
	Boundary Document `json:"boundary,omitzero"`
	// Tags has the tags, which are those of its sessions.
	Tags map[string]string `json:"tags,omitempty"`
}

// Session is a session of a role, such as that of an instance or a pipeline.
type Session struct {
	// Role is the ARN of the role, or its short name.
	Role string `json:"role"`
	// Name is the name of the session.
	Name string `json:"name"`
	// Policies lists the session policies, which limit what the role may do; without any, nothing does.
	Policies []Document `json:"policies,omitempty"`
	// Tags has the session tags, which come before those of the role.
	Tags map[string]string `json:"tags,omitempty"`
}

// Resource is a resource, or all resources that a pattern matches.
type Resource struct {
	// ARN is the ARN, in which * and ? are wildcards.
	ARN string `json:"arn"`
	// Account is the account that owns the resource; it is needed where the ARN has none.
	Account string `json:"account,omitempty"`
	// Policies lists the resource-based policies.
	Policies []Document `json:"policies,omitempty"`
	// Tags has the tags.
	Tags map[string]string `json:"tags,omitempty"`
}

// Share is a resource share of RAM.
type Share struct {
	// ARN is the ARN of the share, or ACCOUNT:resource-share/NAME, from which its id is made up.
	ARN string `json:"arn"`
	// Name is the name; what follows the slash of a short name if none is given.
	Name string `json:"name,omitempty"`
	// Resources lists what is shared.
	Resources []string `json:"resources,omitempty"`
	// Principals lists whom it is shared with: accounts, organizational units, the organization, users, roles, services.
	Principals []string `json:"principals,omitempty"`
	// Permissions lists the ARNs of RAM permissions; without one, the default permission of each resource type.
	Permissions []string `json:"permissions,omitempty"`
	// AllowExternalPrincipals says whether accounts outside the organization can be invited; yes if it is not given.
	AllowExternalPrincipals *bool `json:"allowExternalPrincipals,omitempty"`
	// Pending lists the accounts whose invitation is not accepted yet; all others accept theirs.
	Pending []string `json:"pending,omitempty"`
	// Tags has the tags.
	Tags map[string]string `json:"tags,omitempty"`
}

// Entry is one resource of a section that a kind describes. In a file its members follow
// beside these; they are those of the API call that creates it.
type Entry struct {
	// ARN is the ARN of the resource, or its short name.
	ARN string `json:"arn"`
	// Policies lists the resource-based policies.
	Policies []Document `json:"policies,omitempty"`
	// Tags has the tags.
	Tags map[string]string `json:"tags,omitempty"`

	Members map[string]any `json:"-"` // of the call, as its API spells them
	Own     map[string]any `json:"-"` // of the kind, see kind.own
}

// Test says what one principal may do, or may not.
type Test struct {
	// Name tells the test apart from others; what it asks if none is given.
	Name string `json:"name,omitempty"`
	// Principal is an ARN, a short name, an account, a service, or * for anonymous.
	Principal string `json:"principal"`
	// May lists actions that are allowed.
	May List `json:"may,omitempty"`
	// MayNot lists actions that are denied.
	MayNot List `json:"mayNot,omitempty"`
	// Resource lists ARNs or short names; * if none is given. The test holds of each.
	Resource List `json:"resource,omitempty"`
	// Context has condition keys of the requests, each with a value or a list of values.
	Context map[string]List `json:"context,omitempty"`
	// DecidedBy is the layer that must decide: identity, resource, boundary, session, scp, rcp, ownership.
	DecidedBy string `json:"decidedBy,omitempty"`
}

// List is a list of strings; in a file also a single string.
type List []string

// Invariant says who may not do something, or under which conditions alone. It speaks of direct requests and of chains of role assumption.
type Invariant struct {
	// Name tells the invariant apart from others.
	Name string `json:"name"`
	// Actions lists the actions, in which * and ? are wildcards.
	Actions []string `json:"actions"`
	// Resources lists the ARNs of the resources, in which * and ? are wildcards, or short names.
	Resources []string `json:"resources"`
	// Only lists the principals that may; no other may.
	Only []string `json:"only,omitempty"`
	// Nobody lists the principals that may not.
	Nobody []string `json:"nobody,omitempty"`
	// Condition is a condition block of the policy language that must be true of every such request that is allowed.
	Condition json.RawMessage `json:"condition,omitempty"`
	// MaxLength is the longest chain of requests that the invariant speaks of: 1 means direct requests only; 0 or none means any length.
	MaxLength int `json:"maxLength,omitempty"`
}

// Grant is a grant of a KMS key.
type Grant struct {
	// GranteePrincipal is the principal that may use the key: an ARN, a short name or an account.
	GranteePrincipal string `json:"granteePrincipal"`
	// RetiringPrincipal is the principal that may retire the grant.
	RetiringPrincipal string `json:"retiringPrincipal,omitempty"`
	// Operations lists the operations of KMS that it allows, such as Decrypt.
	Operations List `json:"operations"`
	// Name is the name of the grant.
	Name string `json:"name,omitempty"`
	// EncryptionContextEquals is the encryption context that requests must have.
	EncryptionContextEquals map[string]string `json:"encryptionContextEquals,omitempty"`
	// EncryptionContextSubset has pairs that the encryption context of requests must have.
	EncryptionContextSubset map[string]string `json:"encryptionContextSubset,omitempty"`
}

// Material is imported key material of a KMS key, without its secret.
type Material struct {
	// Description is its description.
	Description string `json:"description,omitempty"`
}
