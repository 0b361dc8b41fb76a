package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/writdev/writ"
	"github.com/writdev/writ/policy"
)

// printFindings are the formats of check.
var printFindings = map[string]func(io.Writer, []fileFinding) error{
	"text": printText, "json": printJSON, "sarif": printSARIF, "github": printGitHub,
}

// printText prints one line per finding; editors count columns from 1.
func printText(w io.Writer, findings []fileFinding) error {
	for _, f := range findings {
		at := f.Location.Span.Start
		if _, err := fmt.Fprintf(w, "%s:%d:%d: %v %s: %s\n", f.file, at.Line, at.Column+1, f.Severity, f.Code, f.Message); err != nil {
			return err
		}
	}
	return nil
}

// printGitHub prints workflow commands, which GitHub shows as annotations.
//
// Form: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func printGitHub(w io.Writer, findings []fileFinding) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, f := range findings {
		command := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[sarifLevel(f.Severity)]
		span := f.Location.Span
		if _, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,endLine=%d,endColumn=%d,title=%s::%s\n", command, property.Replace(f.file),
			span.Start.Line, span.Start.Column+1, span.End.Line, span.End.Column+1, f.Code, data.Replace(f.Message)); err != nil {
			return err
		}
	}
	return nil
}

// The shape of a finding in the API of IAM Access Analyzer, and the file.
type findingJSON struct {
	File           string         `json:"file"`
	FindingType    string         `json:"findingType"`
	IssueCode      string         `json:"issueCode"`
	FindingDetails string         `json:"findingDetails"`
	Locations      []locationJSON `json:"locations"`
}

type locationJSON struct {
	Path []map[string]any `json:"path"`
	Span spanJSON         `json:"span"`
}

type spanJSON struct {
	Start positionJSON `json:"start"`
	End   positionJSON `json:"end"`
}

type positionJSON struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Offset int `json:"offset"`
}

func printJSON(w io.Writer, findings []fileFinding) error {
	out := make([]findingJSON, len(findings))
	for i, f := range findings {
		out[i] = findingJSON{f.file, f.Severity.String(), f.Code, f.Message, []locationJSON{newLocationJSON(f.Location)}}
		for _, l := range f.others {
			out[i].Locations = append(out[i].Locations, newLocationJSON(l))
		}
	}
	return indented(w, out)
}

func newLocationJSON(l policy.Location) locationJSON {
	path := make([]map[string]any, len(l.Path))
	for j, e := range l.Path {
		switch e.Kind {
		case policy.IndexPath:
			path[j] = map[string]any{"index": e.Index}
		case policy.KeyPath:
			path[j] = map[string]any{"key": e.Name}
		default:
			path[j] = map[string]any{"value": e.Name}
		}
	}
	return locationJSON{path, spanJSON{positionJSON(l.Span.Start), positionJSON(l.Span.End)}}
}

func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// The part of SARIF 2.1.0 that a list of findings needs.
//
// Form: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string `json:"id"`
		HelpURI string `json:"helpUri"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region sarifRegion `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

func printSARIF(w io.Writer, findings []fileFinding) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "writ", Version: writ.Version, InformationURI: "https://github.com/writdev/writ", Rules: []sarifRule{}}
	for _, f := range findings {
		rule := sarifRule{f.Code, "https://github.com/writdev/writ/blob/main/docs/reference/findings.md"}
		if !slices.Contains(run.Tool.Driver.Rules, rule) {
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
		}
		var at sarifLocation
		at.Physical.Artifact.URI = (&url.URL{Path: filepath.ToSlash(f.file)}).String()
		span := f.Location.Span
		at.Physical.Region = sarifRegion{span.Start.Line, span.Start.Column + 1, span.End.Line, span.End.Column + 1}
		run.Results = append(run.Results, sarifResult{f.Code, sarifLevel(f.Severity), sarifMessage{f.Message}, []sarifLocation{at}})
	}
	return indented(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifLevel(s policy.Severity) string {
	switch s {
	case policy.Error:
		return "error"
	case policy.SecurityWarning, policy.Warning:
		return "warning"
	}
	return "note"
}
