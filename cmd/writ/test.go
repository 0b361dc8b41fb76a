package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/writdev/writ"
)

// testCmd runs the tests of world files without a server. It exits with 0 if all pass, with
// 1 if one fails, with 2 if a file is faulty or there are no tests.
type testCmd struct {
	Files  []string `arg:"" name:"file" help:"World files in YAML or JSON."`
	Format string   `default:"text" enum:"text,junit,github" help:"Output format: ${enum}."`
	Quiet  bool     `short:"q" help:"Print failures only."`
}

// fileTests are the results of a file.
type fileTests struct {
	file    string
	results []writ.TestResult
}

// Run runs the tests of each file in a world of its own.
func (c *testCmd) Run(s streams) error {
	var files []fileTests
	faulty, failed, total := false, 0, 0
	for _, file := range c.Files {
		results, err := testFile(file)
		if err != nil {
			printFaults(s, "test", err)
			faulty = true
			continue
		}
		for _, r := range results {
			total++
			if r.Failure != "" {
				failed++
			}
		}
		files = append(files, fileTests{file, results})
	}
	print := map[string]func(io.Writer, []fileTests) error{"text": c.printText, "junit": printJUnit, "github": printTestsGitHub}[c.Format]
	if err := print(s.out, files); err != nil {
		return fmt.Errorf("test: %w", err)
	}
	switch {
	case faulty:
		return exitCode(2)
	case total == 0:
		fmt.Fprintln(s.err, "writ: test: there are no tests")
		return exitCode(2)
	case failed > 0:
		return exitCode(1)
	}
	return nil
}

// testFile loads a file into a server of its own and runs its tests.
func testFile(file string) (results []writ.TestResult, err error) {
	world, err := writ.ReadWorld(file)
	if err != nil {
		return nil, err
	}
	server, err := writ.New(writ.Config{Decisions: -1})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if err := server.Load(context.Background(), world); err != nil {
		return nil, err
	}
	return server.Test(context.Background(), world)
}

// printText prints a question a line, and the explanation of each failure.
func (c *testCmd) printText(w io.Writer, files []fileTests) error {
	passed, failed := 0, 0
	for _, f := range files {
		for _, r := range f.results {
			if r.Failure == "" {
				passed++
				if !c.Quiet {
					fmt.Fprintf(w, "ok    %s\n", r.Name)
				}
				continue
			}
			failed++
			fmt.Fprintf(w, "FAIL  %s: %s\n      %s:%d: %s, %s on %s\n\n", r.Name, r.Failure, r.File, r.Line, r.Principal, r.Action, r.Resource)
			for line := range strings.Lines(r.Explanation) {
				fmt.Fprint(w, "      "+line)
			}
			fmt.Fprintln(w)
		}
	}
	_, err := fmt.Fprintf(w, "%d passed, %d failed\n", passed, failed)
	return err
}

// The form of JUnit's reports, which CI systems read.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func printJUnit(w io.Writer, files []fileTests) error {
	var report junitSuites
	for _, f := range files {
		suite := junitSuite{Name: f.file, Tests: len(f.results)}
		for _, r := range f.results {
			one := junitCase{Name: r.Name + ": " + r.Action + " on " + r.Resource, Class: f.file, File: r.File, Line: r.Line}
			if r.Failure != "" {
				suite.Failures++
				one.Failure = &junitFailure{Message: r.Failure, Text: r.Explanation}
			}
			suite.Cases = append(suite.Cases, one)
		}
		report.Suites = append(report.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(report); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// printTestsGitHub prints a workflow command for each failure.
func printTestsGitHub(w io.Writer, files []fileTests) error {
	for _, f := range files {
		for _, r := range f.results {
			if r.Failure == "" {
				continue
			}
			if err := annotate(w, "error", r.File, r.Line, r.Name+": "+r.Failure, r.Explanation); err != nil {
				return err
			}
		}
	}
	return nil
}

// annotate prints a workflow command of GitHub. Line 0 is none.
//
// Form: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func annotate(w io.Writer, command, file string, line int, title, text string) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	at := property.Replace(file)
	if line > 0 {
		at += fmt.Sprintf(",line=%d", line)
	}
	_, err := fmt.Fprintf(w, "::%s file=%s,title=%s::%s\n", command, at, property.Replace(title), data.Replace(text))
	return err
}
