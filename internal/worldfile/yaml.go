package worldfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of a world file.
const (
	MaxBytes = 8 << 20
	maxDepth = 64
)

// yamlError is how the parser tells where it stopped.
var yamlError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// parse reads YAML, of which JSON is a part, into a tree. It is nil after a fault.
func (s *source) parse(text []byte) *yaml.Node {
	if len(text) > MaxBytes {
		s.fault("", "the file is too large: a world file has at most %d bytes", MaxBytes)
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var root, second yaml.Node
	if err := d.Decode(&root); err != nil {
		s.syntax(err)
		return nil
	}
	if d.Decode(&second) == nil {
		s.places[""] = position{second.Line, second.Column}
		s.fault("", "there is a second document; a file is one world")
		return nil
	}
	node := root.Content[0]
	s.places[""] = position{node.Line, node.Column}
	return node
}

func (s *source) syntax(err error) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		s.fault("", "the file is empty, or no YAML: %v", err)
		return
	}
	line, _ := strconv.Atoi(m[1])
	if line > 0 {
		s.places[""] = position{line, 1}
	}
	s.fault("", "this is no YAML: %s", m[2])
}

// see remembers where the value of a path stands, and refuses what no value may be.
func (s *source) see(path string, n *yaml.Node, depth int) bool {
	s.places[path] = position{n.Line, n.Column}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		s.fault(path, "anchors and aliases are not allowed: name a document under policies, and use it by its name")
	case depth > maxDepth:
		s.fault(path, "nested deeper than %d levels", maxDepth)
	default:
		return true
	}
	return false
}

// members yields the members of a mapping, none of them twice.
func (s *source) members(path string, n *yaml.Node, quoted bool, each func(name, path string, value *yaml.Node)) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		member := memberPath(path, key.Value, quoted)
		s.places[member] = position{key.Line, key.Column}
		switch {
		case key.Kind != yaml.ScalarNode || key.Tag == "!!merge":
			s.fault(member, "expected the name of a member")
		case seen[key.Value]:
			s.fault(member, "the member is there twice")
		default:
			seen[key.Value] = true
			each(key.Value, member, n.Content[i+1])
		}
	}
}

func memberPath(path, name string, quoted bool) string {
	switch {
	case quoted:
		return fmt.Sprintf("%s[%q]", path, name)
	case path == "":
		return name
	}
	return path + "." + name
}

// json writes a value as JSON, its members in the order of the file. A policy document in
// YAML means what it says there: a date is the text of the date, a number of twelve digits
// an account.
func (s *source) json(path string, n *yaml.Node, depth int) []byte {
	if !s.see(path, n, depth) {
		return []byte("null")
	}
	var b bytes.Buffer
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		s.members(path, n, false, func(name, member string, value *yaml.Node) {
			if b.Len() > 1 {
				b.WriteByte(',')
			}
			b.Write(quote(name))
			b.WriteByte(':')
			b.Write(s.json(member, value, depth+1))
		})
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(s.json(fmt.Sprintf("%s[%d]", path, i), item, depth+1))
		}
		b.WriteByte(']')
	default:
		return scalar(n)
	}
	return b.Bytes()
}

// wholeNumber is a number as JSON writes it.
var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

func scalar(n *yaml.Node) []byte {
	switch text := n.Value; n.ShortTag() {
	case "!!null":
		return []byte("null")
	case "!!bool":
		return []byte(strings.ToLower(text))
	case "!!int":
		if wholeNumber.MatchString(text) && len(text) != 12 {
			return []byte(text)
		}
	case "!!float":
		if json.Valid([]byte(text)) {
			return []byte(text)
		}
	}
	return quote(n.Value)
}

func quote(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string can always be encoded
	return bytes.TrimSpace(b.Bytes())
}
