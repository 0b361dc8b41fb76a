package lsp

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// codeLenses says above a document what it gives and takes against the committed
// version.
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
	for _, title := range gains(analyze.Compare(old, f.doc, f.kind, analyze.Options{})) {
		lenses = append(lenses, codeLens{span{position{}, position{}}, command{Title: title}})
	}
	return lenses, nil
}

// gains words a comparison.
func gains(c analyze.Comparison) (titles []string) {
	if c.Gained != nil {
		titles = append(titles, "gives, against the committed version: "+sentence(&c.Gained.Request))
	}
	if c.Lost != nil {
		titles = append(titles, "takes, against the committed version: "+sentence(&c.Lost.Request))
	}
	switch c.Verdict {
	case analyze.Equal:
		titles = []string{"allows the same as the committed version"}
	case analyze.Unknown:
		titles = append(titles, "not compared with the committed version: "+c.Reason)
	}
	return titles
}

// sentence says who may do what to which resource in a request.
func sentence(r *policy.Request) string {
	who := r.Principal.ARN
	if r.Principal.Kind == policy.Anonymous {
		who = "anybody"
	}
	return fmt.Sprintf("%s may %s on %s", who, r.Action, r.Resource)
}

// pathOf is the path of a file URI.
func pathOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return "", false
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // a drive of Windows
		path = strings.ReplaceAll(path[1:], "/", `\`)
	}
	return path, path != ""
}
