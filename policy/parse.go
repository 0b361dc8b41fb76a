package policy

import (
	"fmt"
	"slices"
	"strings"
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
	p := parser{scanner: scanner{src: string(src), line: 1}}
	doc := &Document{source: p.src}
	p.checkEncoding()
	p.document(doc)
	if p.err != nil {
		return nil, p.err
	}
	doc.compile()
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
type parser struct {
	scanner
	steps []step  // steps allocated in advance
	items []Value // of the list being read
	keys  []token // the keys of the objects being read, innermost last
}

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

func (p *parser) document(doc *Document) {
	p.next(nil)
	p.object(nil, "a policy document", func(key token, at *step) {
		switch key.text {
		case "Version":
			doc.Version = p.text(at)
		case "Id":
			doc.ID = p.text(at)
		case "Statement":
			p.statements(doc, at)
		default:
			p.unknown(key, at, "Version, Id or Statement")
		}
	})
	if p.err == nil && p.token.kind != tokenEnd {
		p.fail(codeJSON, p.token.span.Start, nil, "expected nothing after the document, found %v", p.token.kind)
	}
}

func (p *parser) statements(doc *Document, at *step) {
	if p.token.kind == tokenBeginObject {
		doc.single = true
		doc.Statements = []Statement{p.statement(at)}
		return
	}
	doc.Statements = make([]Statement, 0, strings.Count(p.src, `"Effect"`))
	p.list(at, "a statement or a list of statements", func(at *step) {
		doc.Statements = append(doc.Statements, p.statement(at))
	})
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
			st.Action = p.values(key, at, false)
		case "NotAction":
			st.NotAction = p.values(key, at, false)
		case "Resource":
			st.Resource = p.values(key, at, false)
		case "NotResource":
			st.NotResource = p.values(key, at, false)
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
	span := p.object(at, `"*" or an object of principals`, func(key token, at *step) {
		switch key.text {
		case "AWS", "Federated", "Service", "CanonicalUser":
			ps.Entries = append(ps.Entries, PrincipalEntry{Type: key.text, Values: p.values(key, at, false)})
		default:
			p.fail(codePrincipalKey, key.span.Start, at, "expected AWS, Federated, Service or CanonicalUser, found %q", key.text)
		}
	})
	ps.Node = Node{span, at}
	return ps
}

func (p *parser) condition(key token, at *step) Condition {
	c := Condition{Key: p.keyNode(key, at)}
	span := p.object(at, "an object of condition operators", func(key token, at *step) {
		op := Operator{Key: p.keyNode(key, at), Name: key.text}
		span := p.object(at, "an object of condition keys", func(key token, at *step) {
			op.Keys = append(op.Keys, ConditionKey{Name: key.text, Values: p.values(key, at, true)})
		})
		op.Node = Node{span, at}
		c.Operators = append(c.Operators, op)
	})
	c.Node = Node{span, at}
	return c
}

// values reads a string or a list of strings; if scalars, also numbers and
// booleans.
func (p *parser) values(key token, at *step, scalars bool) List {
	l := List{Key: p.keyNode(key, at)}
	expected := "a string or a list of strings"
	if scalars {
		expected = "a string, number or boolean, or a list of them"
	}
	if p.token.kind != tokenBeginList {
		v := p.scalar(at, scalars, expected)
		l.Node, l.Bare, l.Values = v.Node, true, []Value{v}
		return l
	}
	p.items = p.items[:0]
	span := p.list(at, expected, func(at *step) {
		p.items = append(p.items, p.scalar(at, scalars, expected))
	})
	l.Node, l.Values = Node{span, at}, slices.Clone(p.items)
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
		p.steps = make([]step, 24)
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
