package policy

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Parse parses a policy document. It accepts what the grammar of the language allows
// and keeps the position of every element; [Validate] checks whether the document is
// valid for its kind.
//
// The text is UTF-8 JSON with nothing after it. Element names are case-sensitive. An
// unknown element, an element of the wrong type and a duplicate key, also one that
// differs in case, are errors. The error is a *[SyntaxError].
//
// Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func Parse(src []byte) (*Document, error) {
	doc, e := &Document{source: string(src)}, new(elements)
	if err := new(parser).parse(doc.source, e); err != nil {
		return nil, err
	}
	doc.compile(e)
	doc.elements = e
	return doc, nil
}

// Compile is Parse for a document that decides requests and is rarely explained. A policy of one statement takes
// a third of the time and a tenth of the memory, because the elements are parsed again when they are needed.
func Compile(src string) (*Document, error) {
	p := parsers.Get().(*parser)
	defer parsers.Put(p)
	defer p.reset()
	doc, e := &Document{source: src}, new(elements)
	if err := p.parse(src, e); err != nil {
		return nil, err
	}
	doc.compile(e)
	return doc, nil
}

// SyntaxError describes where a document is malformed and what was expected there.
type SyntaxError struct {
	// Code is JSON_SYNTAX_ERROR, DATA_TYPE_MISMATCH, INVALID_POLICY_ELEMENT,
	// INVALID_PRINCIPAL_KEY or DUPLICATE_KEYS_WITH_DIFFERENT_CASE. A duplicate
	// key in the same case is a JSON_SYNTAX_ERROR.
	Code     string
	Position Position
	First    Position // position of the first key, if Message is about a duplicate key
	Path     Path
	Message  string
}

const (
	codeJSON          = "JSON_SYNTAX_ERROR"
	codeType          = "DATA_TYPE_MISMATCH"
	codeElement       = "INVALID_POLICY_ELEMENT"
	codePrincipalKey  = "INVALID_PRINCIPAL_KEY"
	codeDuplicateCase = "DUPLICATE_KEYS_WITH_DIFFERENT_CASE"
)

func (e *SyntaxError) Error() string {
	at := fmt.Sprintf("line %d, column %d", e.Position.Line, e.Position.Column)
	if len(e.Path) > 0 {
		at += ", " + e.Path.String()
	}
	return at + ": " + e.Message
}

// parser parses the tokens according to the grammar. It does not recurse: the grammar
// is seven levels deep, and anything nested deeper has the wrong type.
//
// The elements of one type that it has read, in all lists of the document, are in one slice: a list is the end
// of that slice when it has been read.
type parser struct {
	scanner
	block []step  // the steps allocated last
	steps []step  // the rest of block
	keys  []token // the keys of the objects being read, innermost last

	statements []Statement
	entries    []PrincipalEntry
	operators  []Operator
	pairs      []ConditionKey
	values     []Value
}

// parsers are used again by Compile, which keeps nothing that they allocate.
var parsers = sync.Pool{New: func() any { return new(parser) }}

// reset prepares the parser for another document. The elements of the last one become invalid.
func (p *parser) reset() {
	clear(p.block)
	clear(p.keys[:cap(p.keys)])
	clear(p.statements)
	clear(p.entries)
	clear(p.operators)
	clear(p.pairs)
	clear(p.values)
	*p = parser{
		block: p.block, steps: p.block, keys: p.keys[:0], statements: p.statements[:0], entries: p.entries[:0],
		operators: p.operators[:0], pairs: p.pairs[:0], values: p.values[:0],
	}
}

// parse reads the elements of a document.
func (p *parser) parse(src string, e *elements) error {
	p.scanner = scanner{src: src, line: 1}
	p.checkEncoding()
	p.document(e)
	if p.err != nil {
		return p.err
	}
	return nil
}

// since returns the elements of a list that were added at its end since it had a length.
func since[T any](list []T, length int) []T { return list[length:len(list):len(list)] }

func (p *parser) checkEncoding() {
	if utf8.ValidString(p.src) {
		return
	}
	var at Position
	at.Line = 1
	for i, r := range p.src {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(p.src[i:]); n == 1 {
				at.Offset = i
				break
			}
		}
		at.Column++
		if r == '\n' {
			at.Line, at.Column = at.Line+1, 0
		}
	}
	p.fail(codeJSON, at, nil, "the text is not UTF-8 here")
}

func (p *parser) document(e *elements) {
	p.next(nil)
	p.object(nil, "a policy document", func(key token, at *step) {
		switch key.text {
		case "Version":
			e.version = p.text(at)
		case "Id":
			e.id = p.text(at)
		case "Statement":
			p.statementList(e, at)
		default:
			p.unknown(key, at, "Version, Id or Statement")
		}
	})
	if p.err == nil && p.token.kind != tokenEnd {
		p.fail(codeJSON, p.token.span.Start, nil, "expected nothing after the document, found %v", p.token.kind)
	}
}

func (p *parser) statementList(e *elements, at *step) {
	p.statements = slices.Grow(p.statements, strings.Count(p.src, `"Effect"`))
	if p.token.kind == tokenBeginObject {
		e.single = true
		p.statements = append(p.statements, p.statement(at))
	} else {
		p.list(at, "a statement or a list of statements", func(at *step) {
			p.statements = append(p.statements, p.statement(at))
		})
	}
	e.statements = p.statements
}

func (p *parser) statement(at *step) (st Statement) {
	span := p.object(at, "a statement", func(key token, at *step) {
		switch key.text {
		case "Sid":
			st.Sid = p.text(at)
		case "Effect":
			st.Effect = p.text(at)
		case "Principal":
			st.Principal = p.principals(key, at)
		case "NotPrincipal":
			st.NotPrincipal = p.principals(key, at)
		case "Action":
			st.Action = p.valueList(key, at, false)
		case "NotAction":
			st.NotAction = p.valueList(key, at, false)
		case "Resource":
			st.Resource = p.valueList(key, at, false)
		case "NotResource":
			st.NotResource = p.valueList(key, at, false)
		case "Condition":
			st.Condition = p.condition(key, at)
		default:
			p.unknown(key, at, "an element of a statement")
		}
	})
	st.Node = Node{span, at}
	return st
}

func (p *parser) principals(key token, at *step) Principals {
	ps := Principals{Key: p.keyNode(key, at)}
	if p.token.kind == tokenString {
		ps.Any = p.text(at)
		ps.Node = ps.Any.Node
		return ps
	}
	length := len(p.entries)
	span := p.object(at, `"*" or an object of principals`, func(key token, at *step) {
		switch key.text {
		case "AWS", "Federated", "Service", "CanonicalUser":
			p.entries = append(p.entries, PrincipalEntry{Type: key.text, Values: p.valueList(key, at, false)})
		default:
			p.fail(codePrincipalKey, key.span.Start, at, "expected AWS, Federated, Service or CanonicalUser, found %q", key.text)
		}
	})
	ps.Node, ps.Entries = Node{span, at}, since(p.entries, length)
	return ps
}

func (p *parser) condition(key token, at *step) Condition {
	c := Condition{Key: p.keyNode(key, at)}
	length := len(p.operators)
	span := p.object(at, "an object of condition operators", func(key token, at *step) {
		op := Operator{Key: p.keyNode(key, at), Name: key.text}
		length := len(p.pairs)
		span := p.object(at, "an object of condition keys", func(key token, at *step) {
			p.pairs = append(p.pairs, ConditionKey{Name: key.text, Values: p.valueList(key, at, true)})
		})
		op.Node, op.Keys = Node{span, at}, since(p.pairs, length)
		p.operators = append(p.operators, op)
	})
	c.Node, c.Operators = Node{span, at}, since(p.operators, length)
	return c
}

// valueList reads a string or a list of strings; if scalars, also numbers and
// booleans.
func (p *parser) valueList(key token, at *step, scalars bool) List {
	l := List{Key: p.keyNode(key, at)}
	expected := "a string or a list of strings"
	if scalars {
		expected = "a string, number or boolean, or a list of them"
	}
	length := len(p.values)
	if p.token.kind != tokenBeginList {
		v := p.scalar(at, scalars, expected)
		p.values = append(p.values, v)
		l.Node, l.Bare, l.Values = v.Node, true, since(p.values, length)
		return l
	}
	span := p.list(at, expected, func(at *step) {
		p.values = append(p.values, p.scalar(at, scalars, expected))
	})
	l.Node, l.Values = Node{span, at}, since(p.values, length)
	return l
}

// text reads a string.
func (p *parser) text(at *step) Value { return p.scalar(at, false, "a string") }

func (p *parser) scalar(at *step, scalars bool, expected string) Value {
	v := Value{Node: Node{p.token.span, at}, Text: p.token.text}
	switch p.token.kind {
	case tokenString:
	case tokenNumber:
		v.Type = Number
	case tokenTrue, tokenFalse:
		v.Type = Bool
	default:
		p.mismatch(at, expected)
		return v
	}
	if v.Type != String && !scalars {
		p.mismatch(at, expected)
		return v
	}
	p.next(at)
	return v
}

// object reads an object whose opening brace is the current token, calling
// member with each key when the current token is the first of its value.
func (p *parser) object(at *step, expected string, member func(key token, at *step)) Span {
	span := p.token.span
	if p.token.kind != tokenBeginObject {
		p.mismatch(at, expected)
		return span
	}
	seen := keySet{keys: &p.keys, base: len(p.keys)}
	p.next(at)
	for p.err == nil && p.token.kind != tokenEndObject {
		key := p.token
		if key.kind != tokenString {
			p.fail(codeJSON, key.span.Start, at, "expected a key in quotes or %q, found %v", "}", key.kind)
			break
		}
		child := p.step(at, PathElement{Kind: ValuePath, Name: key.text})
		if first, ok := seen.add(key); ok {
			p.duplicate(key, first, child)
			break
		}
		p.next(child)
		p.expect(tokenColon, child)
		member(key, child)
		p.separator(tokenEndObject, at)
	}
	p.keys = p.keys[:seen.base]
	span.End = p.token.span.End
	p.next(at)
	return span
}

// list reads a list whose opening bracket is the current token.
func (p *parser) list(at *step, expected string, item func(at *step)) Span {
	span := p.token.span
	if p.token.kind != tokenBeginList {
		p.mismatch(at, expected)
		return span
	}
	p.next(at)
	for i := 0; p.err == nil && p.token.kind != tokenEndList; i++ {
		item(p.step(at, PathElement{Kind: IndexPath, Index: i}))
		p.separator(tokenEndList, at)
	}
	span.End = p.token.span.End
	p.next(at)
	return span
}

// separator reads the comma between two members; the end remains the current token.
func (p *parser) separator(end tokenKind, at *step) {
	switch p.token.kind {
	case end:
	case tokenComma:
		comma := p.token
		p.next(at)
		if p.token.kind == end {
			p.fail(codeJSON, comma.span.Start, at, "expected another member after \",\", found %v", end)
		}
	default:
		p.fail(codeJSON, p.token.span.Start, at, "expected \",\" or %v, found %v", end, p.token.kind)
	}
}

func (p *parser) expect(kind tokenKind, at *step) {
	if p.token.kind != kind {
		p.fail(codeJSON, p.token.span.Start, at, "expected %v, found %v", kind, p.token.kind)
	}
	p.next(at)
}

func (p *parser) mismatch(at *step, expected string) {
	code := codeType
	switch p.token.kind {
	case tokenEnd, tokenEndObject, tokenEndList, tokenColon, tokenComma:
		code = codeJSON
	}
	p.fail(code, p.token.span.Start, at, "expected %s, found %v", expected, p.token.kind)
}

func (p *parser) unknown(key token, at *step, expected string) {
	p.fail(codeElement, key.span.Start, at, "expected %s, found %q", expected, key.text)
}

func (p *parser) duplicate(key, first token, at *step) {
	if p.err != nil {
		return
	}
	code, difference := codeJSON, ""
	if key.text != first.text {
		code, difference = codeDuplicateCase, " in a different case"
	}
	p.fail(code, key.span.Start, at, "duplicate key %q%s; the first is at line %d, column %d",
		key.text, difference, first.span.Start.Line, first.span.Start.Column)
	p.err.First = first.span.Start
}

// step returns the path step below at.
func (p *parser) step(at *step, e PathElement) *step {
	if len(p.steps) == 0 {
		p.block = make([]step, max(24, min(2*len(p.block), 1024)))
		p.steps = p.block
	}
	s := &p.steps[0]
	p.steps = p.steps[1:]
	*s = step{at, e}
	return s
}

// keyNode returns the node of the key itself, where at is the step to its value.
func (p *parser) keyNode(key token, at *step) Node {
	return Node{key.span, p.step(at.parent, PathElement{Kind: KeyPath, Name: at.Name})}
}

// keySet finds duplicate keys of an object, ignoring case.
type keySet struct {
	keys   *[]token // the object's keys begin at base
	base   int
	byName map[string]token // the same by lower-case name, if there are many
}

// keyMapThreshold is the number of keys from which a map is faster than a list.
const keyMapThreshold = 16

func (s *keySet) add(key token) (first token, ok bool) {
	keys := (*s.keys)[s.base:]
	if len(keys) < keyMapThreshold {
		for _, k := range keys {
			if equalFold(k.text, key.text) {
				return k, true
			}
		}
		*s.keys = append(*s.keys, key)
		return token{}, false
	}
	if s.byName == nil {
		s.byName = make(map[string]token)
		for _, k := range keys {
			s.byName[lowerString(k.text)] = k
		}
	}
	name := lowerString(key.text)
	if first, ok = s.byName[name]; !ok {
		s.byName[name] = key
	}
	return first, ok
}
