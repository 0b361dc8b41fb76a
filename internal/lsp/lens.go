package lsp

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// codeLenses shows above a document which access it adds and removes compared with the
// committed version.
func (s *Server) codeLenses(p *documentParams) (any, error) {
	lenses := []codeLens{}
	f, err := s.file(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	path, ok := pathOf(f.uri)
	if f.doc == nil || s.Committed == nil || !ok {
		return lenses, nil
	}
	text, ok := s.Committed(path)
	if !ok {
		return lenses, nil
	}
	old, err := policy.Parse(text)
	if err != nil || analyze.Check(old, f.kind) != nil || analyze.Check(f.doc, f.kind) != nil {
		return lenses, nil
	}
	for _, title := range comparisonTitles(analyze.Compare(old, f.doc, f.kind, analyze.Options{})) {
		lenses = append(lenses, codeLens{span{position{}, position{}}, command{Title: title}})
	}
	return lenses, nil
}

// comparisonTitles describes a comparison.
func comparisonTitles(c analyze.Comparison) (titles []string) {
	if c.Gained != nil {
		titles = append(titles, "compared with the committed version, allows in addition: "+sentence(&c.Gained.Request))
	}
	if c.Lost != nil {
		titles = append(titles, "compared with the committed version, no longer allows: "+sentence(&c.Lost.Request))
	}
	switch c.Verdict {
	case analyze.Equal:
		titles = []string{"equivalent to the committed version"}
	case analyze.Unknown:
		titles = append(titles, "not compared with the committed version: "+c.Reason)
	}
	return titles
}

// sentence describes a request: who may do what to which resource.
func sentence(r *policy.Request) string {
	who := r.Principal.ARN
	if r.Principal.Kind == policy.Anonymous {
		who = "anybody"
	}
	return fmt.Sprintf("%s may %s on %s", who, r.Action, r.Resource)
}

// pathOf returns the path of a file URI.
func pathOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return "", false
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // a Windows drive
		path = strings.ReplaceAll(path[1:], "/", `\`)
	}
	return path, path != ""
}
