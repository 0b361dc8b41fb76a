package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// suppression is an entry of .writ.yaml: findings that are meant to be. Code and
// reason are needed.
type suppression struct {
	Code   string `yaml:"code"`
	Reason string `yaml:"reason"`
	File   string `yaml:"file"` // a pattern of paths from the directory of .writ.yaml; empty: every file
	Sid    string `yaml:"sid"`  // of the statement; empty: every statement

	directory string
	used      *bool
}

// suppressions reads each .writ.yaml once.
type suppressions struct {
	file  string // of --config
	files map[string][]suppression
}

const suppressionFile = ".writ.yaml"

// of returns the suppressions for a file: of --config, or of the nearest
// .writ.yaml in its directory or above it.
func (s *suppressions) of(name string) ([]suppression, error) {
	if s.file != "" {
		return s.read(s.file)
	}
	if name == "-" {
		name = "."
	}
	directory, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	for {
		known, err := s.read(filepath.Join(directory, suppressionFile))
		if !errors.Is(err, fs.ErrNotExist) {
			return known, err
		}
		if filepath.Dir(directory) == directory {
			return nil, nil
		}
		directory = filepath.Dir(directory)
	}
}

func (s *suppressions) read(path string) ([]suppression, error) {
	if known, ok := s.files[path]; ok {
		return known, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var content struct {
		Suppress []suppression `yaml:"suppress"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&content); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	directory, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	for i := range content.Suppress {
		e := &content.Suppress[i]
		if e.Code == "" || e.Reason == "" {
			return nil, fmt.Errorf("%s: entry %d of suppress needs a code and a reason", path, i+1)
		}
		if _, err := filepath.Match(e.File, ""); err != nil {
			return nil, fmt.Errorf("%s: entry %d of suppress: %w", path, i+1, err)
		}
		e.directory, e.used = directory, new(bool)
	}
	if s.files == nil {
		s.files = map[string][]suppression{}
	}
	s.files[path] = content.Suppress
	return content.Suppress, nil
}

// complain names the suppressions that suppressed nothing.
func (s *suppressions) complain(w io.Writer) {
	for path, known := range s.files {
		for _, e := range known {
			if !*e.used {
				fmt.Fprintf(w, "writ: check: %s: nothing to suppress: %s\n", path, e.Code)
			}
		}
	}
}

// ignoredLines returns the codes of the comments "# writ:ignore CODE reason" by line,
// counted from 1. A comment without a reason does not count.
func ignoredLines(src []byte) map[int]string {
	const marker = "# writ:ignore "
	if !bytes.Contains(src, []byte(marker)) {
		return nil
	}
	codes, line := map[int]string{}, 0
	for text := range bytes.Lines(src) {
		line++
		_, comment, ok := strings.Cut(string(text), marker)
		code, reason, _ := strings.Cut(comment, " ")
		if ok && strings.TrimSpace(reason) != "" {
			codes[line] = code
		}
	}
	return codes
}

// suppressed reports whether an entry, or a comment on the line of the finding or
// the line before it, suppresses it.
func suppressed(known []suppression, ignored map[int]string, f *fileFinding) bool {
	for _, e := range known {
		if e.Code == f.Code && (e.Sid == "" || e.Sid == f.sid) && e.matches(f.file) {
			*e.used = true
			return true
		}
	}
	line := f.Location.Span.Start.Line
	return ignored[line] == f.Code || ignored[line-1] == f.Code
}

func (e *suppression) matches(file string) bool {
	if e.File == "" {
		return true
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	if path, err = filepath.Rel(e.directory, path); err != nil {
		return false
	}
	ok, err := filepath.Match(e.File, filepath.ToSlash(path))
	return err == nil && ok
}
