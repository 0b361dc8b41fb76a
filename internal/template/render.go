package template

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/writdev/writ/policy"
)

// renderer writes a node as JSON and records the position of each token.
type renderer struct {
	*finder
	d    *Document
	text []byte
}

// unknownText is the placeholder for a value that depends on a deployment. It is a policy
// variable, so that it is not taken for a literal name.
const unknownText = "${unknown:value}"

// pseudoParameters are the pseudo parameters, with example values.
var pseudoParameters = map[string]string{
	"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "111122223333", "AWS::URLSuffix": "amazonaws.com",
}

func (r *renderer) value(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if text, unknown, ok := resolve(n); ok {
		r.scalar(n, text, unknown)
		return
	}
	if chosen := trueBranch(n); chosen != nil {
		r.value(chosen)
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		r.mark(n, "{")
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				r.text = append(r.text, ',')
			}
			r.scalar(n.Content[i], n.Content[i].Value, false)
			r.text = append(r.text, ':')
			r.value(n.Content[i+1])
		}
		r.text = append(r.text, '}')
	case yaml.SequenceNode:
		r.mark(n, "[")
		for i, item := range n.Content {
			if i > 0 {
				r.text = append(r.text, ',')
			}
			r.value(item)
		}
		r.text = append(r.text, ']')
	default:
		r.text = append(r.text, "null"...)
	}
}

// mark writes the start of a list or object.
func (r *renderer) mark(n *yaml.Node, text string) {
	at := r.position(n.Line, n.Column)
	r.d.tokens = append(r.d.tokens, token{start: len(r.text), end: len(r.text) + 1, outerStart: at, outerEnd: at})
	r.text = append(r.text, text...)
}

// scalar writes a text, number or boolean.
func (r *renderer) scalar(n *yaml.Node, text string, unknown bool) {
	t := token{start: len(r.text), unknown: unknown, outerStart: r.position(n.Line, n.Column)}
	switch plain := n.Style == 0 && n.Kind == yaml.ScalarNode; {
	case plain && (n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!bool" && (text == "true" || text == "false")):
		r.text = append(r.text, text...)
	default:
		quoted, err := json.Marshal(text)
		if err != nil {
			panic(err) // texts can always be written
		}
		r.text = append(r.text, quoted...)
	}
	t.end = len(r.text)
	t.outerEnd = r.endOf(n, t.outerStart)
	r.d.tokens = append(r.d.tokens, t)
}

// endOf is where a scalar on one line ends; for others it is the end of the line.
func (r *renderer) endOf(n *yaml.Node, start policy.Position) policy.Position {
	rest := r.src[min(start.Offset, len(r.src)):]
	line, _, _ := strings.Cut(rest, "\n")
	size := len(strings.TrimRight(line, " \r"))
	if n.Kind == yaml.ScalarNode {
		switch {
		case n.Style&yaml.DoubleQuotedStyle != 0:
			size = quotedLength(line, '"')
		case n.Style&yaml.SingleQuotedStyle != 0:
			size = quotedLength(line, '\'')
		case strings.HasPrefix(line, n.Value):
			size = len(n.Value)
		}
	}
	return policy.Position{Line: start.Line, Column: start.Column + len([]rune(line[:min(size, len(line))])), Offset: start.Offset + size}
}

// quotedLength is the length of a quoted text, or of the line if the text continues after it.
func quotedLength(line string, quote byte) int {
	at := strings.IndexByte(line, quote) // a tag may stand before it
	for i := at + 1; at >= 0 && i < len(line); i++ {
		switch {
		case line[i] == '\\' && quote == '"':
			i++
		case line[i] == quote:
			return i + 1
		}
	}
	return len(line)
}

// trueBranch returns the value of Fn::If for a condition that is true.
func trueBranch(n *yaml.Node) *yaml.Node {
	list := n
	if n.Tag != "!If" {
		list = member(n, "Fn::If")
	}
	if isSequence(list) && len(list.Content) == 3 {
		return list.Content[1]
	}
	return nil
}

// resolve returns the text of a scalar or of a function whose result is a text.
func resolve(n *yaml.Node) (text string, unknown, ok bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		switch n.Tag {
		case "!Ref":
			return ref(n.Value)
		case "!Sub":
			return substitute(n.Value)
		case "!GetAtt", "!ImportValue":
			return unknownText, true, true
		case "!!null":
			return "", false, false
		}
		return n.Value, false, true
	case yaml.SequenceNode:
		switch n.Tag {
		case "!Join":
			return join(n)
		case "!Sub":
			return substituteList(n)
		case "!GetAtt", "!Select", "!FindInMap", "!Split":
			return unknownText, true, true
		}
	case yaml.MappingNode:
		return function(n)
	}
	return "", false, false
}

// function resolves the long form of a function: an object with one member.
func function(n *yaml.Node) (text string, unknown, ok bool) {
	if n.Tag == "!Transform" {
		return unknownText, true, true
	}
	if len(n.Content) != 2 {
		return "", false, false
	}
	name, value := n.Content[0].Value, n.Content[1]
	switch {
	case name == "Ref":
		return ref(value.Value)
	case name == "Fn::Sub" && value.Kind == yaml.ScalarNode:
		return substitute(value.Value)
	case name == "Fn::Sub":
		return substituteList(value)
	case name == "Fn::Join":
		return join(value)
	case name == "Fn::If":
		return "", false, false
	case strings.HasPrefix(name, "Fn::"):
		return unknownText, true, true
	}
	return "", false, false
}

func ref(name string) (string, bool, bool) {
	if text, ok := pseudoParameters[name]; ok {
		return text, false, true
	}
	return unknownText, true, true
}

// substitute resolves Fn::Sub: ${Name} and ${Resource.Attribute}; ${!Name} is
// written as ${Name}.
func substitute(s string) (string, bool, bool) {
	var b strings.Builder
	unknown := false
	for {
		before, rest, more := strings.Cut(s, "${")
		b.WriteString(before)
		if !more {
			return b.String(), unknown, true
		}
		name, after, closed := strings.Cut(rest, "}")
		switch {
		case !closed:
			b.WriteString("${" + rest)
			return b.String(), unknown, true
		case strings.HasPrefix(name, "!"):
			b.WriteString("${" + name[1:] + "}")
		default:
			text, u, _ := ref(name)
			b.WriteString(text)
			unknown = unknown || u
		}
		s = after
	}
}

func substituteList(n *yaml.Node) (string, bool, bool) {
	if len(n.Content) == 0 {
		return unknownText, true, true
	}
	return substitute(n.Content[0].Value)
}

func join(n *yaml.Node) (string, bool, bool) {
	if !isSequence(n) || len(n.Content) != 2 || !isSequence(n.Content[1]) {
		return unknownText, true, true
	}
	var parts []string
	unknown := false
	for _, item := range n.Content[1].Content {
		text, u, ok := resolve(item)
		if !ok {
			return unknownText, true, true
		}
		parts = append(parts, text)
		unknown = unknown || u
	}
	return strings.Join(parts, n.Content[0].Value), unknown, true
}
