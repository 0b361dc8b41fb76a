package policy

import (
	"sync/atomic"
	"weak"
)

// Document is a parsed policy, immutable and safe for concurrent use. All its elements have a position in the
// source text.
type Document struct {
	source   string
	rules    []rule // one per statement
	index    index
	elements *elements // nil in a document from Compile
	again    atomic.Pointer[weak.Pointer[elements]]
}

// elements are the elements of a document, as they are written.
type elements struct {
	version, id Value
	statements  []Statement
	single      bool // Statement is an object, not a list
}

// Version returns the element Version, such as "2012-10-17"; not Present if it is absent.
func (d *Document) Version() Value { return d.parsed().version }

// ID returns the element Id; not Present if it is absent.
func (d *Document) ID() Value { return d.parsed().id }

// Statements returns the statements in the order of the source. They must not be changed.
func (d *Document) Statements() []Statement { return d.parsed().statements }

// parsed returns the elements. Those of a document from Compile are parsed again, and kept as long as they are
// in use.
func (d *Document) parsed() *elements {
	if d.elements != nil {
		return d.elements
	}
	if again := d.again.Load(); again != nil {
		if e := again.Value(); e != nil {
			return e
		}
	}
	e := new(elements)
	if d.source != "" { // the zero Document has no elements
		new(parser).parse(d.source, e)
	}
	again := weak.Make(e)
	d.again.Store(&again)
	return e
}

// Position is a position in the source text: Line from 1, Column from 0 counted in
// code points, Offset from 0 counted in bytes.
type Position struct {
	Line, Column, Offset int
}

// Span is the text from Start up to, not including, End. The span of a string
// includes its quotes.
type Span struct {
	Start, End Position
}

// Node is common to all elements of a document: the position in the text and the path in the JSON tree.
type Node struct {
	Span Span
	step *step
}

// Present reports whether the document has the element.
func (n Node) Present() bool { return n.Span.End.Offset > 0 }

// Value is one scalar of a document.
type Value struct {
	Node
	Text string // the string unescaped; a number or boolean as written
	Type Type
}

// Type is the JSON type of a [Value].
type Type uint8

const (
	String Type = iota
	Number
	Bool
)

// List is a one-or-many element such as Action.
type List struct {
	Node
	Key    Node    // the name of the element
	Bare   bool    // written without brackets
	Values []Value // in the order of the source
}

// Statement is one statement of a document. An element that is absent is not
// Present.
type Statement struct {
	Node
	Sid                     Value
	Effect                  Value
	Principal, NotPrincipal Principals
	Action, NotAction       List
	Resource, NotResource   List
	Condition               Condition
}

// Principals is the content of Principal or NotPrincipal.
type Principals struct {
	Node
	Key     Node
	Any     Value            // Principal: "*"
	Entries []PrincipalEntry // Principal: {"AWS": ...}
}

// PrincipalEntry is one member of a principal block.
type PrincipalEntry struct {
	Type   string // AWS, Federated, Service or CanonicalUser
	Values List
}

// Condition is the condition block of a statement.
type Condition struct {
	Node
	Key       Node
	Operators []Operator
}

// Operator is one member of a condition block.
type Operator struct {
	Node
	Key  Node
	Name string // as written: "ForAllValues:StringLike"
	Keys []ConditionKey
}

// ConditionKey is one member of an operator: a condition key and the values it
// is compared with.
type ConditionKey struct {
	Name   string // as written
	Values List
}
