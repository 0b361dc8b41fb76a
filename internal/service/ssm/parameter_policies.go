package ssm

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// The types of parameter policies.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
const (
	expiration             = "Expiration"
	expirationNotification = "ExpirationNotification"
	noChangeNotification   = "NoChangeNotification"
)

// maxPolicies is the largest number of policies of a parameter.
const maxPolicies = 10

// parameterPolicy is one policy of a version.
type parameterPolicy struct {
	Type string
	Text string
	// Distance is the time before the expiration, or after the last change, at which the parameter is due for
	// a notification.
	Distance time.Duration `json:",omitzero"`
}

// parsePolicies parses the member Policies of a request: a list in JSON, in which an empty object is ignored
// (so that the last policy can be removed). expires is the time of an Expiration policy; zero if there is
// none.
func parsePolicies(text string, now time.Time) (list []parameterPolicy, expires time.Time, err error) {
	var items []json.RawMessage
	if err := json.Unmarshal([]byte(text), &items); err != nil || items == nil { // null
		return nil, expires, notValid("Invalid policies input: %s.", text)
	}
	seen := map[string]bool{}
	for _, item := range items {
		p, at, err := parsePolicy(item)
		switch {
		case err != nil:
			return nil, expires, err
		case p.Type == "":
			continue
		case p.Type == expiration && !at.After(now):
			return nil, expires, errInvalidPolicyAttribute("%s", textAttribute)
		case p.Type == expiration && seen[expiration]:
			return nil, expires, errIncompatiblePolicy("%s", textIncompatible)
		case p.Type == expiration:
			expires = at
		}
		seen[p.Type] = true
		list = append(list, p)
	}
	switch {
	case len(list) > maxPolicies:
		return nil, expires, errPoliciesLimitExceeded("%s", textManyPolicies)
	case seen[expirationNotification] && !seen[expiration]:
		return nil, expires, errIncompatiblePolicy("%s", textIncompatible)
	}
	return list, expires, nil
}

// parsePolicy parses one policy; at is the time of an Expiration policy.
func parsePolicy(text []byte) (p parameterPolicy, at time.Time, err error) {
	var in struct {
		Type, Version string
		Attributes    struct{ Timestamp, Before, After, Unit string }
	}
	var compact bytes.Buffer
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if dec.Decode(&in) != nil || json.Compact(&compact, text) != nil {
		return p, at, errInvalidPolicyAttribute("%s", textAttribute)
	}
	if compact.String() == "{}" {
		return p, at, nil
	}
	p = parameterPolicy{Type: in.Type, Text: compact.String()}
	a, valid := in.Attributes, in.Version == "1.0"
	switch in.Type {
	case expiration:
		at, err = time.Parse(time.RFC3339, a.Timestamp)
		valid = valid && err == nil && a.Before+a.After+a.Unit == ""
	case expirationNotification:
		p.Distance, err = distance(a.Before, a.Unit)
		valid = valid && err == nil && a.After+a.Timestamp == ""
	case noChangeNotification:
		p.Distance, err = distance(a.After, a.Unit)
		valid = valid && err == nil && a.Before+a.Timestamp == ""
	default:
		return p, at, errInvalidPolicyType("%s", textPolicyType)
	}
	if !valid {
		return p, at, errInvalidPolicyAttribute("%s", textAttribute)
	}
	return p, at, nil
}

// distance parses a number of Days or Hours, up to a hundred years.
func distance(number, unit string) (time.Duration, error) {
	n, err := strconv.ParseUint(number, 10, 31)
	d := time.Hour
	if unit == "Days" {
		d *= 24
	}
	if err != nil || n == 0 || unit != "Days" && unit != "Hours" || n > uint64(century/d) {
		return 0, errInvalidPolicyAttribute("%s", textAttribute)
	}
	return time.Duration(n) * d, nil
}

const century = 100 * 365 * 24 * time.Hour

// inlinePolicies returns the policies of a version in output form: a notification that is due is finished,
// although none is sent.
func (v *version) inlinePolicies(now time.Time) []ParameterInlinePolicy {
	list := []ParameterInlinePolicy{}
	for _, p := range v.Policies {
		due := v.Expires
		switch p.Type {
		case expirationNotification:
			due = due.Add(-p.Distance)
		case noChangeNotification:
			due = v.ModifiedAt.Add(p.Distance)
		}
		status := "Pending"
		if !now.Before(due) {
			status = "Finished"
		}
		list = append(list, ParameterInlinePolicy{PolicyText: &p.Text, PolicyType: &p.Type, PolicyStatus: &status})
	}
	return list
}
