// Package decision defines the decision record: what one request asked for, the result of each layer of
// policies, and the smallest change that would allow it. It is data with a documented JSON form
// (docs/reference/decision-record.md), and can be written as text, as Markdown, and as a picture.
//
// A record contains no parameter value, secret, token, plaintext or ciphertext: only names, condition keys
// and policies. The package decides nothing; it calls package policy. Start reading at Record, then at New.
package decision

import "time"

// Version is the version of the JSON form of a Record. It increases when a member changes its meaning or is
// removed; new members do not change it.
const Version = 1

// Record is one decision.
type Record struct {
	// Version is the version of this form: 1.
	Version int `json:"version"`
	// ID is the request id. A child has its parent's id, a dot and its number: "ID.1".
	ID string `json:"id"`
	// Time is when the request arrived, by Writ's clock.
	Time time.Time `json:"time"`
	// LatencyMicros is the duration of the whole request in microseconds. Absent for children and hypothetical requests.
	LatencyMicros int64 `json:"latencyMicros,omitempty"`
	// Operation is the API operation that was called: "ssm:GetParameter". Absent for hypothetical requests.
	Operation string `json:"operation,omitempty"`
	// ErrorCode is the error code that the client received; absent if the request succeeded.
	ErrorCode string `json:"errorCode,omitempty"`
	// Replaces means, in an audit file, that an earlier line with the same id no longer holds: its transaction ran again with another decision, or was not committed.
	Replaces bool `json:"replaces,omitempty"`

	// Outcome is the result of the request. In audit mode a request that the policies deny passes as "would be denied".
	Outcome Outcome `json:"outcome"`
	// Verdict is the result of the policies: "allow", "implicitDeny" (no policy allows) or "explicitDeny" (a policy denies).
	Verdict string `json:"verdict"`
	// DecidedBy lists the layers that granted access, or the one that denied it; "ownership" if only the account that owns the resource may call the operation, regardless of policies.
	DecidedBy []string `json:"decidedBy"`
	// Sentence states the decision in the form of AWS's error messages.
	Sentence string `json:"sentence"`

	// Caller is the principal that made the request.
	Caller Caller `json:"caller"`
	// Action is the IAM action: "ssm:GetParameter".
	Action string `json:"action"`
	// Resource is the ARN of the resource, or "*".
	Resource string `json:"resource"`
	// ResourceAccount is the account that owns the resource.
	ResourceAccount string `json:"resourceAccount"`
	// Context lists every condition key that a policy reads; in an audit file every condition key of the request.
	Context []ContextKey `json:"context"`

	// Sides holds the verdicts of the caller's account and of the resource's account; one side within one account. Absent in an audit file.
	Sides []Side `json:"sides,omitempty"`
	// Layers lists the layers of policies that apply to the request, in the order in which denials are reported. Absent in an audit file.
	Layers []Layer `json:"layers,omitempty"`

	// NearestMiss is the Allow statement closest to matching the request; absent unless no policy allows.
	NearestMiss *NearestMiss `json:"nearestMiss,omitempty"`
	// Change is the smallest change that would allow the request; absent if it is allowed.
	Change *Change `json:"change,omitempty"`

	// Children lists the decisions of the operation about other resources, such as the KMS key of a SecureString.
	Children []Record `json:"children,omitempty"`
}

// Outcome is the result of a request.
type Outcome string

// The outcomes.
const (
	Allowed       Outcome = "allowed"
	Denied        Outcome = "denied"
	WouldBeDenied Outcome = "would be denied" // in audit mode: denied by the policies, but allowed to proceed
)

// Caller is the principal that made a request.
type Caller struct {
	// Type is "root", "user", "role session", "federated user", "service", "web identity" or "anonymous".
	Type string `json:"type"`
	// ARN is the principal's ARN, or the name of a service. Absent for an anonymous request.
	ARN string `json:"arn,omitempty"`
	// Account is the principal's account.
	Account string `json:"account,omitempty"`
	// UserID is the principal's unique id, the value of aws:userid.
	UserID string `json:"userId,omitempty"`
	// Issuer is the role or user of a session.
	Issuer string `json:"issuer,omitempty"`
	// SourceIdentity is the source identity of a session.
	SourceIdentity string `json:"sourceIdentity,omitempty"`
	// SessionTags are the tags of a session.
	SessionTags map[string]string `json:"sessionTags,omitempty"`
}

// ContextKey is a condition key that a policy reads.
type ContextKey struct {
	// Key is the name of the key.
	Key string `json:"key"`
	// Values lists the key's values in the request.
	Values []string `json:"values,omitempty"`
	// Absent means that the request does not have the key.
	Absent bool `json:"absent,omitempty"`
}

// Side is one of the two accounts that a request concerns.
type Side struct {
	// Role is "caller" or "resource".
	Role string `json:"role"`
	// Account is the account.
	Account string `json:"account"`
	// Verdict is the result of this side's policies: "allow", "implicitDeny" or "explicitDeny".
	Verdict string `json:"verdict"`
}

// Layer is one layer of policies, or one level of an organization's policies.
type Layer struct {
	// Layer is "identity", "resource", "boundary", "session", "scp", "rcp" or "endpoint".
	Layer string `json:"layer"`
	// Level is the level of an organization's policies, counted from the root (0).
	Level int `json:"level,omitempty"`
	// Side is the side to which these policies belong: "caller" or "resource".
	Side string `json:"side"`
	// Verdict is the result of the layer: "allow", "implicitDeny" or "explicitDeny".
	Verdict string `json:"verdict"`
	// Statements lists every statement of the layer.
	Statements []Statement `json:"statements"`
}

// Statement is the result of one statement for the request.
type Statement struct {
	// Policy is the name of the policy that contains the statement, usually its ARN.
	Policy string `json:"policy,omitempty"`
	// Index is the statement's number in its policy, from 0.
	Index int `json:"index"`
	// Sid is the statement's id.
	Sid string `json:"sid,omitempty"`
	// Effect is "Allow" or "Deny".
	Effect string `json:"effect"`
	// Line is the line of the policy's text on which the statement begins, from 1.
	Line int `json:"line"`
	// Column is the column in that line, from 1.
	Column int `json:"column"`
	// Applies means that every element of the statement matches the request.
	Applies bool `json:"applies"`
	// Missed is the first element that does not match: "Principal", "Action", "Resource" or "Condition".
	Missed string `json:"missed,omitempty"`
	// Reason names the compared value and pattern.
	Reason string `json:"reason"`
}

// NearestMiss is the Allow statement closest to matching the request, in the layer that denied it.
type NearestMiss struct {
	// Layer is the layer that contains the statement.
	Layer string `json:"layer"`
	// Level is the level of an organization's policies.
	Level int `json:"level,omitempty"`
	// Policy is the name of the policy that contains the statement.
	Policy string `json:"policy,omitempty"`
	// Index is the statement's number in its policy, from 0.
	Index int `json:"index"`
	// Sid is the statement's id.
	Sid string `json:"sid,omitempty"`
	// Reasons has one sentence for each element or condition that does not match.
	Reasons []string `json:"reasons"`
}

// Change is the smallest change after which the request is allowed.
type Change struct {
	// Edits must all be made; none of them is redundant. Absent if no edit of the caller's or the resource's policies changes the decision.
	Edits []Edit `json:"edits,omitempty"`
	// Obstacles lists the policies that must change and that neither side may edit.
	Obstacles []Obstacle `json:"obstacles,omitempty"`
	// Summary describes in a sentence what can be changed and by which account.
	Summary string `json:"summary"`
}

// Edit is one change to one policy.
type Edit struct {
	// Op is "widen", "add", "narrow" or "remove".
	Op string `json:"op"`
	// Kind is the kind of policy: "identity", "resource", "trust", "boundary", "session" or "endpoint".
	Kind string `json:"kind"`
	// Side is the side that makes the edit: "caller" or "resource".
	Side string `json:"side"`
	// Account is the account whose administrator makes the edit.
	Account string `json:"account,omitempty"`
	// Policy is the name of the policy; absent for a new policy.
	Policy string `json:"policy,omitempty"`
	// Statement is the number of the statement that is edited or added.
	Statement int `json:"statement"`
	// Element is the element that is widened or narrowed.
	Element string `json:"element,omitempty"`
	// Key is the operator and the condition key of a Condition: "StringEquals aws:SourceVpc".
	Key string `json:"key,omitempty"`
	// Values lists what is added to the element or removed from it.
	Values []string `json:"values,omitempty"`
	// Add is the statement to add, as JSON text.
	Add string `json:"add,omitempty"`
	// Document is the whole policy after the change; absent if no statement is left and the policy must be deleted.
	Document string `json:"document,omitempty"`
	// Text describes the edit in a sentence.
	Text string `json:"text"`
}

// Obstacle is a policy that blocks the request and that neither side may edit.
type Obstacle struct {
	// Kind is the kind of policy: "scp", "rcp", or another that AWS manages.
	Kind string `json:"kind"`
	// Level is the level of an organization's policies.
	Level int `json:"level,omitempty"`
	// Policy is the name of the policy that denies; absent if no policy of the layer allows.
	Policy string `json:"policy,omitempty"`
	// Statement is the number of the statement that denies; -1 if none allows.
	Statement int `json:"statement"`
	// Text describes in a sentence what blocks the request.
	Text string `json:"text"`
}
