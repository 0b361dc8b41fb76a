package main

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
)

// A template of CloudFormation has functions where a policy has texts: their values
// are not known before it is deployed. In their place stand names, the same for the
// same function, so that two policies are compared as if every function had a value
// of its own. In the place of an account stands a number made of the name.

// resolve puts texts in the place of the functions in a policy.
func (n *node) resolve() {
	for i, k := range n.keys {
		v := n.values[i]
		v.resolveAs(k.text)
		v.resolve()
	}
	if n.kind == listNode {
		for _, v := range n.values {
			v.resolve()
		}
	}
}

// resolveAs puts texts in the place of the functions in the value of a key.
func (n *node) resolveAs(key string) {
	if n.kind == listNode {
		for _, v := range n.values {
			v.resolveAs(key)
		}
		return
	}
	text, ok := n.functionText()
	if !ok {
		return
	}
	*n = node{kind: textNode, text: inPlaceOf(key, text), line: n.line, column: n.column}
}

// functionText is the text of a function; ok is false if the node is none.
func (n *node) functionText() (text string, ok bool) {
	if n.kind != objectNode || len(n.keys) != 1 {
		return "", false
	}
	name, arg := n.keys[0].text, n.values[0]
	switch {
	case name == "Ref":
		return "(" + standIn(arg.text) + ")", true
	case name == "Fn::GetAtt" && arg.kind == listNode:
		var parts []string
		for _, p := range arg.values {
			parts = append(parts, p.text)
		}
		return "(" + standIn(strings.Join(parts, ".")) + ")", true
	case name == "Fn::GetAtt":
		return "(" + standIn(arg.text) + ")", true
	case name == "Fn::Sub" && arg.kind == textNode:
		return subText(arg.text), true
	case name == "Fn::Join" && len(arg.values) == 2 && arg.values[1].kind == listNode:
		var parts []string
		for _, p := range arg.values[1].values {
			t, isFunction := p.functionText()
			if !isFunction {
				t = p.text
			}
			parts = append(parts, t)
		}
		return strings.Join(parts, arg.values[0].text), true
	case strings.HasPrefix(name, "Fn::"):
		return fmt.Sprintf("(%s-%x)", standIn(name), hashOf(n.plain())), true
	}
	return "", false
}

// plain is the node with its texts only.
func (n *node) plain() string {
	c := *n
	return string((&c).at(0).render())
}

// at is a copy of the node without places.
func (n *node) at(line int) *node {
	c := &node{kind: n.kind, text: n.text, line: line}
	for _, k := range n.keys {
		c.keys = append(c.keys, k.at(line))
	}
	for _, v := range n.values {
		c.values = append(c.values, v.at(line))
	}
	return c
}

var substitution = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

// subText is the text of Fn::Sub: "${!key}" is the policy variable "${key}".
func subText(text string) string {
	return substitution.ReplaceAllStringFunc(text, func(s string) string {
		m := substitution.FindStringSubmatch(s)
		if m[1] == "!" {
			return "${" + m[2] + "}"
		}
		return "(" + standIn(strings.TrimSpace(m[2])) + ")"
	})
}

// standIn is a name without the letters that mean something in an ARN.
func standIn(name string) string {
	return strings.NewReplacer(":", ".", "*", ".", "?", ".", "/", ".").Replace(strings.ReplaceAll(name, "::", "."))
}

// inPlaceOf makes a text with stand-ins one that the element of the key can hold.
func inPlaceOf(key, text string) string {
	fields := strings.SplitN(text, ":", 6)
	if len(fields) == 6 && strings.HasPrefix(fields[1], "(") {
		fields[1] = "aws" // the partition
	}
	if len(fields) == 6 && strings.HasPrefix(fields[4], "(") {
		fields[4] = accountFor(fields[4])
	}
	text = strings.Join(fields, ":")
	switch {
	case !strings.HasPrefix(text, "("):
		return text
	case key == "Resource", key == "NotResource":
		return "arn:aws:cloudformation:::" + text
	case key == "AWS" && strings.Contains(text, "AccountId"):
		return accountFor(text)
	case key == "AWS":
		return "arn:aws:iam::" + accountFor("(AWS.AccountId)") + ":role/" + text
	}
	return text
}

func accountFor(name string) string {
	return fmt.Sprintf("%012d", uint64(hashOf(name))%1_000_000_000_000)
}

func hashOf(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}
