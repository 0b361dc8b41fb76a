package authz

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// Message returns the denial as a JSON text in the format of the result of sts:DecodeAuthorizationMessage:
// principal, action, resource, condition keys, and the statements that match and that do not. AWS does not
// have the members "sentence", and "sourcePolicy" and "reason" of a statement.
//
// The caller's account can read the message. It therefore contains no policies or tags of another account or
// of the organization, except for those in the sentence.
//
// A brief message omits the statements that do not match.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
func (d *Denial) Message(brief bool) ([]byte, error) {
	x, err := d.Explain()
	if err != nil {
		return nil, err
	}
	m := message{ExplicitDeny: d.Result.Verdict == policy.ExplicitDeny, Sentence: d.Sentence}
	caller := d.Caller
	own := d.Owner == caller.Account()
	brief = brief || !own // a reason may contain the other account's tags
	m.Context.Principal = messagePrincipal{ID: caller.UserID, Name: caller.Name, ARN: caller.ARN()}
	m.Context.Action, m.Context.Resource = d.Action, d.Target.ARN
	m.Context.Conditions.Items = d.conditions(own)
	for _, layer := range x.Layers {
		if !isReadable(layer.Layer, own) {
			continue
		}
		for _, s := range layer.Statements {
			item := messageStatement{s.Sid, strings.ToUpper(s.Effect), cmp.Or(s.Policy, layer.Layer.String()), s.Reason}
			switch {
			case s.Applies:
				m.Matched.Items = append(m.Matched.Items, item)
			case !brief:
				m.Failures.Items = append(m.Failures.Items, item)
			}
		}
	}
	return json.Marshal(m)
}

// isReadable reports whether the caller's account may read the policies of a layer. Policies of an
// organization belong to its management account.
func isReadable(l policy.Layer, own bool) bool {
	switch l {
	case policy.LayerServiceControl, policy.LayerResourceControl:
		return false
	case policy.LayerResource:
		return own
	}
	return true
}

// isResourceTag reports whether a condition key is a tag of the resource, which only the owner account may
// read.
func isResourceTag(key string) bool { return strings.Contains(strings.ToLower(key), ":resourcetag/") }

// globalKeys lists the condition keys of a message in addition to those of the target.
var globalKeys = []string{
	"aws:CurrentTime", "aws:MultiFactorAuthPresent", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalType",
	"aws:RequestedRegion", "aws:SecureTransport", "aws:SourceIdentity", "aws:SourceIp", "aws:TokenIssueTime",
	"aws:UserAgent", "aws:userid", "aws:username",
}

// conditions returns the condition keys of the request, without the tags of the principal and of the
// resource.
func (d *Denial) conditions(own bool) (list []messageCondition) {
	var c policy.Context
	callerKeys(&c, d.Caller)
	if d.Keys != nil {
		d.Keys.set(&c)
	}
	names := slices.Clone(globalKeys)
	for key, values := range d.Target.Keys {
		if own || !isResourceTag(key) {
			c.Set(key, values...)
			names = append(names, key)
		}
	}
	for key, value := range d.Target.RequestTags {
		c.Set("aws:RequestTag/"+key, value)
		names = append(names, "aws:RequestTag/"+key)
	}
	slices.Sort(names)
	for _, name := range names {
		values := c.Get(name)
		if len(values) == 0 {
			continue
		}
		condition := messageCondition{Key: name}
		for _, value := range values {
			condition.Values.Items = append(condition.Values.Items, messageValue{value})
		}
		list = append(list, condition)
	}
	return list
}

// items is a list in the format of the message.
type items[T any] struct {
	Items []T `json:"items"`
}

// MarshalJSON encodes a nil list as an empty one.
func (l items[T]) MarshalJSON() ([]byte, error) {
	if l.Items == nil {
		return []byte(`{"items":[]}`), nil
	}
	return json.Marshal(map[string][]T{"items": l.Items})
}

type message struct {
	Allowed      bool                    `json:"allowed"`
	ExplicitDeny bool                    `json:"explicitDeny"`
	Matched      items[messageStatement] `json:"matchedStatements"`
	Failures     items[messageStatement] `json:"failures"`
	Context      struct {
		Principal  messagePrincipal        `json:"principal"`
		Action     string                  `json:"action"`
		Resource   string                  `json:"resource"`
		Conditions items[messageCondition] `json:"conditions"`
	} `json:"context"`
	Sentence string `json:"sentence"`
}

type messagePrincipal struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	ARN  string `json:"arn"`
}

type messageStatement struct {
	StatementID string `json:"statementId"`
	Effect      string `json:"effect"`
	Policy      string `json:"sourcePolicy"`
	Reason      string `json:"reason"`
}

type messageCondition struct {
	Key    string              `json:"key"`
	Values items[messageValue] `json:"values"`
}

type messageValue struct {
	Value string `json:"value"`
}
