package prove

import "encoding/json"

// World is what a world file declares: accounts, what is in them, and invariants.
type World struct {
	// Accounts lists every account whose principals and resources the file declares.
	Accounts []Account `json:"accounts"`
	// Organization is the organization that accounts belong to.
	Organization *Organization `json:"organization,omitempty"`
	// Policies holds policy documents by the names that the rest of the file uses.
	Policies map[string]Document `json:"policies,omitempty"`
	// Groups lists the IAM groups of users.
	Groups []Group `json:"groups,omitempty"`
	// Users lists all IAM users of the accounts.
	Users []User `json:"users,omitempty"`
	// Roles lists all IAM roles of the accounts.
	Roles []Role `json:"roles,omitempty"`
	// Sessions lists role sessions in use, in addition to those that chains of role assumption create.
	Sessions []Session `json:"sessions,omitempty"`
	// Resources lists the resources of invariants, in addition to users and roles.
	Resources []Resource `json:"resources,omitempty"`
	// Invariants lists the properties that must hold.
	Invariants []Invariant `json:"invariants,omitempty"`
}

// Document is a policy document: the document itself, the name of one of the world's policies, or within policies the name of a file.
type Document json.RawMessage

// UnmarshalJSON keeps the text.
func (d *Document) UnmarshalJSON(text []byte) error {
	*d = append((*d)[:0], text...)
	return nil
}

// MarshalJSON returns the text.
func (d Document) MarshalJSON() ([]byte, error) { return d, nil }

// Account is an AWS account.
type Account struct {
	// ID is the account id, twelve digits.
	ID string `json:"id"`
	// Name is a name that invariants can use.
	Name string `json:"name,omitempty"`
	// External means that the account's principals are not declared: there may be any, with any permissions.
	External bool `json:"external,omitempty"`
	// ServiceControlPolicies lists the SCPs attached to the account.
	ServiceControlPolicies []Document `json:"serviceControlPolicies,omitempty"`
	// ResourceControlPolicies lists the RCPs attached to the account.
	ResourceControlPolicies []Document `json:"resourceControlPolicies,omitempty"`
}

// Organization is an organization of AWS Organizations.
type Organization struct {
	// ID is the organization's id, such as o-a1b2c3d4e5.
	ID string `json:"id"`
	// ManagementAccount is the id of the account to which control policies do not apply.
	ManagementAccount string `json:"managementAccount"`
	// Root is the root of the tree of organizational units.
	Root Unit `json:"root"`
}

// Unit is the root of an organization or an organizational unit.
type Unit struct {
	// ID is the id, such as r-ab12 or ou-ab12-11111111.
	ID string `json:"id"`
	// Accounts lists the ids of the accounts directly in the unit.
	Accounts []string `json:"accounts,omitempty"`
	// Units lists the organizational units directly in the unit.
	Units []Unit `json:"units,omitempty"`
	// ServiceControlPolicies lists the SCPs attached to the unit; the default is FullAWSAccess.
	ServiceControlPolicies []Document `json:"serviceControlPolicies,omitempty"`
	// ResourceControlPolicies lists the RCPs attached to the unit.
	ResourceControlPolicies []Document `json:"resourceControlPolicies,omitempty"`
}

// Group is an IAM group.
type Group struct {
	// ARN is the ARN of the group, with its path.
	ARN string `json:"arn"`
	// Policies lists the identity policies.
	Policies []Document `json:"policies,omitempty"`
}

// User is an IAM user.
type User struct {
	// ARN is the ARN of the user, with its path.
	ARN string `json:"arn"`
	// ID is the unique id, such as AIDAEXAMPLE; it is the value of aws:userid.
	ID string `json:"id,omitempty"`
	// Policies lists the identity policies, other than those of the user's groups.
	Policies []Document `json:"policies,omitempty"`
	// Groups lists the ARNs of the user's groups, which must be in the same account.
	Groups []string `json:"groups,omitempty"`
	// Boundary is the permissions boundary.
	Boundary Document `json:"boundary,omitempty"`
	// Tags holds the tags.
	Tags map[string]string `json:"tags,omitempty"`
}

// Role is an IAM role.
type Role struct {
	// ARN is the ARN of the role, with its path.
	ARN string `json:"arn"`
	// TrustPolicy is the role's trust policy.
	TrustPolicy Document `json:"trustPolicy"`
	// Policies lists the identity policies.
	Policies []Document `json:"policies,omitempty"`
	// Boundary is the permissions boundary.
	Boundary Document `json:"boundary,omitempty"`
	// Tags holds the tags, which are also the principal tags of its sessions.
	Tags map[string]string `json:"tags,omitempty"`
}

// Session is a session of a role, such as that of an instance or a pipeline.
type Session struct {
	// Role is the ARN of the role.
	Role string `json:"role"`
	// Name is the name of the session.
	Name string `json:"name"`
	// Policies lists the session policies, which limit the role's permissions; without any, there is no limit.
	Policies []Document `json:"policies,omitempty"`
	// Tags holds the session tags, which take precedence over those of the role.
	Tags map[string]string `json:"tags,omitempty"`
}

// Resource is a resource, or all resources that a pattern matches.
type Resource struct {
	// ARN is the ARN, in which * and ? are wildcards.
	ARN string `json:"arn"`
	// Account is the id of the account that owns the resource; it is required if the ARN has none.
	Account string `json:"account,omitempty"`
	// Policies lists the resource-based policies.
	Policies []Document `json:"policies,omitempty"`
	// Tags holds the tags.
	Tags map[string]string `json:"tags,omitempty"`
}

// Invariant limits which principals may perform actions, or under which conditions. It covers direct requests and chains of role assumption.
type Invariant struct {
	// Name is the unique name of the invariant.
	Name string `json:"name"`
	// Actions lists the actions, in which * and ? are wildcards.
	Actions []string `json:"actions"`
	// Resources lists the ARNs of the resources, in which * and ? are wildcards.
	Resources []string `json:"resources"`
	// Only lists the principals that may perform the actions; no others may.
	Only []string `json:"only,omitempty"`
	// Nobody lists the principals that may not perform the actions.
	Nobody []string `json:"nobody,omitempty"`
	// Condition is a condition block of the policy language that every allowed request must satisfy.
	Condition json.RawMessage `json:"condition,omitempty"`
	// MaxLength is the length of the longest chain of requests that the invariant covers: 1 means direct requests only; 0 or none means any length.
	MaxLength int `json:"maxLength,omitempty"`
}
