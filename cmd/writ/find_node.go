package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// node is a value in a file of JSON or YAML, with its place.
type node struct {
	kind   nodeKind
	text   string  // of textNode; of plainNode as JSON writes it
	keys   []*node // of objectNode
	values []*node
	line   int // from 1
	column int // from 0
}

type nodeKind uint8

const (
	plainNode nodeKind = iota // a number, a boolean or null
	textNode
	listNode
	objectNode
)

// get is the value of a key; nil if there is none.
func (n *node) get(key string) *node {
	for i, k := range n.keys {
		if k.text == key {
			return n.values[i]
		}
	}
	return nil
}

// textOf is the text of a key.
func (n *node) textOf(key string) string {
	if v := n.get(key); v != nil {
		return v.text
	}
	return ""
}

// moveTo gives a node, and all below it, one place.
func (n *node) moveTo(line, column int) {
	n.line, n.column = line, column
	for _, k := range n.keys {
		k.moveTo(line, column)
	}
	for _, v := range n.values {
		v.moveTo(line, column)
	}
}

// readNodes reads a file: JSON, or YAML of one or more documents.
func readNodes(name string, src []byte) ([]*node, error) {
	if strings.HasSuffix(name, ".json") || bytes.HasPrefix(bytes.TrimSpace(src), []byte("{")) {
		n, err := readJSON(src)
		return []*node{n}, err
	}
	return readYAML(src)
}

func readJSON(src []byte) (*node, error) {
	r := jsonReader{src: src, line: 1, decoder: jsontext.NewDecoder(bytes.NewReader(src))}
	n, err := r.value()
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := r.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: there is something behind the first value")
	}
	return n, nil
}

// jsonReader reads nodes, and counts lines as it goes.
type jsonReader struct {
	src     []byte
	at      int // up to where lines are counted
	line    int
	start   int // of the line
	decoder *jsontext.Decoder
}

func (r *jsonReader) value() (*node, error) {
	kind := r.decoder.PeekKind()
	from := int(r.decoder.InputOffset())
	from += len(r.src[from:]) - len(bytes.TrimLeft(r.src[from:], " \t\r\n,:"))
	for ; r.at < from; r.at++ {
		if r.src[r.at] == '\n' {
			r.line, r.start = r.line+1, r.at+1
		}
	}
	n := &node{line: r.line, column: len([]rune(string(r.src[r.start:from])))}
	token, err := r.decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	n.text = token.String()
	switch kind {
	case '"':
		n.kind = textNode
	case '{':
		n.kind, n.text = objectNode, ""
		err = r.members(n)
	case '[':
		n.kind, n.text = listNode, ""
		err = r.elements(n)
	}
	return n, err
}

func (r *jsonReader) members(n *node) error {
	for r.decoder.PeekKind() != '}' {
		key, err := r.value()
		if err != nil {
			return err
		}
		value, err := r.value()
		if err != nil {
			return err
		}
		n.keys, n.values = append(n.keys, key), append(n.values, value)
	}
	_, err := r.decoder.ReadToken()
	return err
}

func (r *jsonReader) elements(n *node) error {
	for r.decoder.PeekKind() != ']' {
		value, err := r.value()
		if err != nil {
			return err
		}
		n.values = append(n.values, value)
	}
	_, err := r.decoder.ReadToken()
	return err
}

func readYAML(src []byte) ([]*node, error) {
	var nodes []*node
	d := yaml.NewDecoder(bytes.NewReader(src))
	for {
		var y yaml.Node
		err := d.Decode(&y)
		if errors.Is(err, io.EOF) {
			return nodes, nil
		}
		if err != nil {
			return nil, fmt.Errorf("not YAML: %w", err)
		}
		left := mostNodes
		n, err := fromYAML(&y, &left)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
}

// mostNodes bounds a document of YAML with its aliases written out.
const mostNodes = 1_000_000

// fromYAML makes a node. A tag such as !Sub becomes an object with the function's
// long name.
func fromYAML(y *yaml.Node, left *int) (*node, error) {
	if *left--; *left < 0 {
		return nil, fmt.Errorf("not read: more than %d values", mostNodes)
	}
	n := &node{line: y.Line, column: max(y.Column-1, 0)}
	switch y.Kind {
	case yaml.DocumentNode:
		return fromYAML(y.Content[0], left)
	case yaml.AliasNode:
		a, err := fromYAML(y.Alias, left)
		if err == nil {
			a.moveTo(y.Line, max(y.Column-1, 0))
		}
		return a, err
	case yaml.ScalarNode:
		n.kind, n.text = textNode, y.Value
		if y.ShortTag() == "!!null" {
			n.kind, n.text = plainNode, "null"
		}
	case yaml.SequenceNode, yaml.MappingNode:
		n.kind = listNode
		if y.Kind == yaml.MappingNode {
			n.kind = objectNode
		}
		for i, c := range y.Content {
			v, err := fromYAML(c, left)
			switch {
			case err != nil:
				return nil, err
			case y.Kind == yaml.MappingNode && i%2 == 0:
				n.keys = append(n.keys, v)
			default:
				n.values = append(n.values, v)
			}
		}
	}
	function, tagged := strings.CutPrefix(y.Tag, "!")
	if !tagged || strings.HasPrefix(function, "!") || function == "" {
		return n, nil
	}
	if function != "Ref" && function != "Condition" {
		function = "Fn::" + function
	}
	key := &node{kind: textNode, text: function, line: n.line, column: n.column}
	return &node{kind: objectNode, keys: []*node{key}, values: []*node{n}, line: n.line, column: n.column}, nil
}

// render writes a node as JSON in which every value stands on its line and, where
// there is room, in its column of the file.
func (n *node) render() []byte {
	w := renderer{line: 1}
	w.write(n)
	return w.out.Bytes()
}

type renderer struct {
	out    bytes.Buffer
	line   int
	column int
}

func (w *renderer) print(s string) {
	w.out.WriteString(s)
	w.column += len([]rune(s))
}

func (w *renderer) goTo(n *node) {
	if w.line < n.line {
		w.out.WriteString(strings.Repeat("\n", n.line-w.line))
		w.line, w.column = n.line, 0
	}
	if w.line == n.line && w.column < n.column {
		w.print(strings.Repeat(" ", n.column-w.column))
	}
}

func (w *renderer) write(n *node) {
	w.goTo(n)
	switch n.kind {
	case plainNode:
		w.print(n.text)
	case textNode:
		quoted, _ := json.Marshal(n.text) // a text can always be written
		w.print(string(quoted))
	case listNode:
		w.print("[")
		for i, v := range n.values {
			if i > 0 {
				w.print(",")
			}
			w.write(v)
		}
		w.print("]")
	case objectNode:
		w.print("{")
		for i, k := range n.keys {
			if i > 0 {
				w.print(",")
			}
			w.write(k)
			w.print(":")
			w.write(n.values[i])
		}
		w.print("}")
	}
}
