package worldfile

import (
	"encoding/json"
	"slices"
	"strings"
)

// Document is a policy document as a file gives it, in one of these forms:
//
//	read                             the name of one of the file's policies, or the
//	                                 ARN of a managed policy
//	{Version: ..., Statement: ...}   the document itself
//	{name: read, document: ...}      the document with the name that it gets
//	{allow: ..., to: ..., on: ...}   a document of one statement
type Document struct {
	Reference string          // of the first form; else ""
	Name      string          // what it is called where it has a name; "" for none
	Text      json.RawMessage // the document, in JSON; nil of a reference
	Short     *short          // of the last form; nil for the others

	path string // where it stands in the file
}

// IsZero reports whether no document was given.
func (d Document) IsZero() bool {
	return d.Reference == "" && d.Text == nil && d.Short == nil
}

// short is a document of one statement. What is left out follows from where it stands: the
// resource that it is attached to, the action sts:AssumeRole of a role trust policy.
type short struct {
	// Allow lists actions to allow.
	Allow List `json:"allow,omitempty"`
	// Deny lists actions to deny.
	Deny List `json:"deny,omitempty"`
	// To lists principals: accounts, ARNs, short names, services, or *.
	To List `json:"to,omitempty"`
	// On lists resources: ARNs, in which * and ? are wildcards, or short names.
	On List `json:"on,omitempty"`
	// If is a condition block.
	If json.RawMessage `json:"if,omitempty"`
}

// statement is a statement of a policy document.
type statement struct {
	Effect    string
	Principal any `json:",omitempty"`
	Action    any
	Resource  any             `json:",omitempty"`
	Condition json.RawMessage `json:",omitempty"`
}

// place says what a document of one statement is about where it is attached.
type place struct {
	action   string // where none is given; "" if one must be
	resource string // the ARN of a resource-based policy, "" if the statement has no resource
	identity bool   // it has no principal, and needs resources
}

// expand writes the document. fault is told what is missing or too much.
func (s *short) expand(names *names, at place, fault func(format string, args ...any)) json.RawMessage {
	st := statement{Effect: "Allow", Condition: s.If}
	actions := s.Allow
	switch {
	case len(s.Allow) > 0 && len(s.Deny) > 0:
		fault("allow and deny exclude each other: write two documents")
	case len(s.Deny) > 0:
		st.Effect, actions = "Deny", s.Deny
	case len(s.Allow) == 0 && at.action != "":
		actions = List{at.action}
	case len(s.Allow) == 0:
		fault("expected allow or deny, with actions")
	}
	st.Action = single(actions)
	switch {
	case at.identity && len(s.To) > 0:
		fault("an identity policy has no principal: leave out to")
	case at.identity && len(s.On) == 0:
		fault("expected on, with resources")
	case !at.identity && len(s.To) == 0:
		fault("expected to, with principals")
	case !at.identity:
		st.Principal = principals(names, s.To)
	}
	for _, on := range s.On {
		if full, err := names.pattern(on); err != nil {
			fault("%v", err)
		} else {
			st.Resource = appendOne(st.Resource, full)
		}
	}
	if len(s.On) == 0 && at.resource != "" {
		st.Resource = at.resource
	}
	text, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{st}})
	if err != nil {
		fault("%v", err)
	}
	return text
}

// principals is a Principal element.
func principals(names *names, to List) any {
	if slices.Contains(to, "*") {
		return "*"
	}
	entries := map[string]any{}
	for _, p := range to {
		kind := "AWS"
		if strings.HasSuffix(p, ".amazonaws.com") {
			kind = "Service"
		} else if full, err := names.principal(p); err == nil {
			p = full
		}
		entries[kind] = appendOne(entries[kind], p)
	}
	return entries
}

// single is a list as the policy language writes it: one value without its list.
func single(list List) any {
	if len(list) == 1 {
		return list[0]
	}
	return []string(list)
}

// appendOne appends to a value in that form.
func appendOne(to any, value string) any {
	switch to := to.(type) {
	case nil:
		return value
	case string:
		return []string{to, value}
	case []string:
		return append(to, value)
	}
	return to
}
