package lsp

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/template"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/lint"
)

// file is an open file.
type file struct {
	uri, text string
	utf32     bool
	lines     []string
	doc       *policy.Document // nil if the file is not a policy document
	kind      policy.Kind
	findings  []lint.Finding
}

func (s *Server) newFile(uri, text string) *file {
	f := &file{uri: uri, text: text, utf32: s.utf32, lines: strings.Split(text, "\n")}
	doc, err := policy.Parse([]byte(text))
	if err == nil {
		f.doc, f.kind = doc, policy.Identity
		if s.Kind != nil {
			f.kind = s.Kind(doc)
		}
		f.findings = lint.Check(doc, lint.Config{Kind: f.kind})
		return f
	}
	if documents, ok := template.Find([]byte(text)); ok {
		for i := range documents {
			f.findings = append(f.findings, s.templateFindings(&documents[i])...)
		}
		return f
	}
	if e, ok := errors.AsType[*policy.SyntaxError](err); ok && strings.Contains(text, `"Statement"`) {
		f.findings = []lint.Finding{{Finding: policy.Finding{
			Code: e.Code, Severity: policy.Error, Message: e.Message, Location: policy.Location{Span: policy.Span{Start: e.Position, End: e.Position}},
		}}}
	}
	return f
}

// templateFindings returns the findings about a document in a template, with positions in the file.
// Their fixes apply to the document's own text and are omitted.
func (s *Server) templateFindings(d *template.Document) (found []lint.Finding) {
	doc, err := policy.Parse(d.Text)
	if err != nil {
		return nil
	}
	config := lint.Config{Kind: d.Kind, Resource: d.Resource}
	if !d.Known && s.Kind != nil {
		config.Kind = s.Kind(doc)
	}
	for _, f := range lint.Check(doc, config) {
		if d.Unknown(f.Location.Span) {
			continue
		}
		f.Location.Span, f.Fix = d.Outer(f.Location.Span), nil
		found = append(found, f)
	}
	return found
}

// position converts a position of package policy.
func (f *file) position(p policy.Position) position {
	out := position{Line: p.Line - 1, Character: p.Column}
	if f.utf32 || out.Line >= len(f.lines) {
		return out
	}
	out.Character = utf16Length(prefix(f.lines[out.Line], p.Column))
	return out
}

func (f *file) span(s policy.Span) span { return span{f.position(s.Start), f.position(s.End)} }

// offset returns the offset in bytes of a protocol position.
func (f *file) offset(p position) int {
	offset := 0
	for i := range min(p.Line, len(f.lines)) {
		offset += len(f.lines[i]) + 1
	}
	if p.Line < 0 || p.Line >= len(f.lines) {
		return min(offset, len(f.text))
	}
	line, n := f.lines[p.Line], 0
	for i, r := range line {
		if n >= p.Character {
			return offset + i
		}
		n += width(r, f.utf32)
	}
	return offset + len(line)
}

// positionAt returns the protocol position of an offset.
func (f *file) positionAt(offset int) position {
	before := f.text[:min(offset, len(f.text))]
	line := strings.Count(before, "\n")
	rest := before[strings.LastIndexByte(before, '\n')+1:]
	if f.utf32 {
		return position{line, utf8.RuneCountInString(rest)}
	}
	return position{line, utf16Length(rest)}
}

func width(r rune, utf32 bool) int {
	if !utf32 && r > 0xffff {
		return 2
	}
	return 1
}

// utf16Length counts UTF-16 units.
func utf16Length(s string) (n int) {
	for _, r := range s {
		n += width(r, false)
	}
	return n
}

// prefix returns the first characters of a text.
func prefix(s string, characters int) string {
	for i := range s {
		if characters == 0 {
			return s[:i]
		}
		characters--
	}
	return s
}

const reference = "https://github.com/writdev/writ/blob/main/docs/reference/findings.md"

var severities = map[policy.Severity]int{policy.Error: 1, policy.SecurityWarning: 2, policy.Warning: 2, policy.Suggestion: 3}

func (f *file) diagnostic(found lint.Finding) diagnostic {
	return diagnostic{
		Range: f.span(found.Location.Span), Severity: severities[found.Severity], Code: found.Code,
		CodeDescription: map[string]string{"href": reference}, Source: "writ", Message: found.Message,
	}
}

func (f *file) diagnostics() []diagnostic {
	list := make([]diagnostic, len(f.findings))
	for i, found := range f.findings {
		list[i] = f.diagnostic(found)
	}
	return list
}

// codeActions returns the fixes of the findings that overlap a range.
func (s *Server) codeActions(p *actionParams) (any, error) {
	f, err := s.file(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	actions := []codeAction{}
	start, end := f.offset(p.Range.Start), f.offset(p.Range.End)
	for _, found := range f.findings {
		at := found.Location.Span
		if found.Fix == nil || at.End.Offset < start || end < at.Start.Offset {
			continue
		}
		var edits []textEdit
		for _, e := range found.Fix.Edits {
			edits = append(edits, textEdit{span{f.positionAt(e.Start), f.positionAt(e.End)}, e.Text})
		}
		actions = append(actions, codeAction{
			Title: found.Fix.Title, Kind: "quickfix", Diagnostics: []diagnostic{f.diagnostic(found)},
			Edit: workspaceEdit{map[string][]textEdit{f.uri: edits}},
		})
	}
	return actions, nil
}
