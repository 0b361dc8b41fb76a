package policy

import (
	"strconv"
	"strings"
)

// Path is the path from the root of a document to one of its elements.
type Path []PathElement

// PathElement is one step of a [Path].
type PathElement struct {
	Name  string // KeyPath, ValuePath
	Index int    // IndexPath
	Kind  PathKind
}

// PathKind is the kind of a [PathElement].
type PathKind uint8

const (
	ValuePath PathKind = iota // the value of the key Name
	IndexPath                 // the list item Index
	KeyPath                   // the key Name itself
)

// String formats the path as "Statement[0].Action[1]".
func (p Path) String() string {
	var b strings.Builder
	for _, e := range p {
		switch e.Kind {
		case IndexPath:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(e.Index))
			b.WriteByte(']')
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(e.Name)
		}
	}
	return b.String()
}

// step is the last element of a node's path, linked to the rest of the path.
type step struct {
	parent *step
	PathElement
}

// Path returns the node's path.
func (n Node) Path() Path {
	depth := 0
	for s := n.step; s != nil; s = s.parent {
		depth++
	}
	path := make(Path, depth)
	for s := n.step; s != nil; s = s.parent {
		depth--
		path[depth] = s.PathElement
	}
	return path
}
