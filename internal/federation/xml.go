package federation

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/beevik/etree"
)

const (
	maxDepth = 64 // of nested elements
	idAttr   = "ID"
)

// readXML parses a document of a provider. It rejects document type declarations, which
// could define or load entities, elements that are nested too deeply, and duplicate IDs,
// with which a signature could be made to refer to another element.
func readXML(text []byte) (*etree.Element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	ids := map[string]bool{}
	for depth := 0; ; {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("XML: %w", err)
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, errors.New("XML: document type declarations are not accepted")
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return nil, errors.New("XML: elements are nested too deeply")
			}
			for _, a := range token.Attr {
				if !strings.EqualFold(a.Name.Local, idAttr) || a.Name.Space != "" {
					continue
				}
				if ids[a.Value] {
					return nil, fmt.Errorf("XML: two elements have the ID %q", a.Value)
				}
				ids[a.Value] = true
			}
		case xml.EndElement:
			depth--
		}
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(text); err != nil {
		return nil, fmt.Errorf("XML: %w", err)
	}
	if doc.Root() == nil {
		return nil, errors.New("XML: no element")
	}
	return doc.Root(), nil
}

// is reports whether an element has a name in a namespace.
func is(el *etree.Element, namespace, name string) bool {
	return el.Tag == name && el.NamespaceURI() == namespace
}

// children are the children of an element with a name in a namespace.
func children(el *etree.Element, namespace, name string) (list []*etree.Element) {
	for _, child := range el.ChildElements() {
		if is(child, namespace, name) {
			list = append(list, child)
		}
	}
	return list
}

// child is the only child with a name; nil if there is none, or more than one.
func child(el *etree.Element, namespace, name string) *etree.Element {
	if list := children(el, namespace, name); len(list) == 1 {
		return list[0]
	}
	return nil
}

// content is the whole text of an element, also around comments.
func content(el *etree.Element) string {
	if el == nil {
		return ""
	}
	var b strings.Builder
	for _, token := range el.Child {
		if data, ok := token.(*etree.CharData); ok {
			b.WriteString(data.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
