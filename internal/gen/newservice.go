package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

// newService begins the service of a model: the list of its operations, its directory,
// and its line in the server. What it writes compiles, and its tests fail with what
// is to be written. Nothing that exists is written over.
//
// In the directory, the table has a row for every operation, with the access and the
// target that its name and its input suggest. Policies of a resource are put, read
// and deleted by policy.go, if the model has operations for that; the handlers of
// all other operations are in unwritten.go, until there are none left.
func newService(root, model string) error {
	dir, err := moduleDir()
	if err != nil {
		return err
	}
	path, err := modelPath(dir, model)
	if err != nil {
		return err
	}
	m, err := loadModel(path)
	if err != nil {
		return err
	}
	if protocols[m.Metadata.Protocol] == "" {
		return fmt.Errorf("%s has the protocol %s, which Writ does not speak", model, m.Metadata.Protocol)
	}
	s := newSkeleton(m)
	list := filepath.Join(root, "models", s.Package+".ops")
	if _, err := os.Stat(list); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists: the service has begun", list)
	}
	if err := writeFile(list, s.opsText(model)); err != nil {
		return err
	}
	if err := generate(dir, root, s.Package); err != nil {
		return err
	}
	directory := filepath.Join(root, "internal", "service", s.Package)
	reference, err := authorization(root, s)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(directory, "authorization.json"), reference); err != nil {
		return err
	}
	if err := s.readExample(reference); err != nil {
		return err
	}
	samples, err := s.samples()
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(directory, "testdata", "samples.json"), samples); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(directory, "testdata", "markers.txt"), s.markers()); err != nil {
		return err
	}
	if err := s.writeFiles(directory); err != nil {
		return err
	}
	return addToServer(filepath.Join(root, "internal", "server", "services.go"), s.Package)
}

// opsText is the list of all operations of the model.
func (s *skeleton) opsText(model string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The operations of %s that Writ serves, one a line.\n", s.Title)
	if model != s.Package {
		fmt.Fprintf(&b, "# model: %s\n", model)
	}
	b.WriteByte('\n')
	for _, row := range s.Rows {
		fmt.Fprintln(&b, row.Operation)
	}
	return b.Bytes()
}

// authorization asks the catalog, which is of Writ's own module, about the actions.
func authorization(root string, s *skeleton) ([]byte, error) {
	args := []string{"run", "./catalog/internal/authorization", s.Prefix}
	for _, row := range s.Rows {
		args = append(args, row.Operation)
	}
	var stderr bytes.Buffer
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = root, &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("authorization reference of %s: %w: %s", s.Prefix, err, stderr.String())
	}
	return out, nil
}

// readExample takes from the reference the ARN that samples name.
func (s *skeleton) readExample(reference []byte) error {
	var known struct{ Resources map[string]string }
	if err := json.Unmarshal(reference, &known); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(known.Resources)) {
		s.example = exampleARN(known.Resources[name])
		return nil
	}
	return nil
}

//go:embed skeleton
var skeletonFiles embed.FS

// writeFiles executes the templates of the directory skeleton.
func (s *skeleton) writeFiles(directory string) error {
	all, err := template.ParseFS(skeletonFiles, "skeleton/*.tmpl")
	if err != nil {
		return err
	}
	for _, t := range all.Templates() {
		name := strings.TrimSuffix(t.Name(), ".tmpl")
		if name == "policy.go" && s.Policy == nil {
			continue
		}
		var b bytes.Buffer
		if err := t.Execute(&b, s); err != nil {
			return err
		}
		text, err := format.Source(b.Bytes())
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, b.Bytes())
		}
		if err := writeFile(filepath.Join(directory, name), text); err != nil {
			return err
		}
	}
	return nil
}

// addToServer adds the service to the list of the server, in order.
func addToServer(path, service string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	const imported, listed = "\t\"github.com/writdev/writ/internal/service/", "\t\t"
	var lines []string
	inList, added := false, 0
	for line := range strings.Lines(string(text)) {
		isImport := strings.HasPrefix(line, imported)
		name, _, isEntry := strings.Cut(strings.TrimPrefix(line, listed), ".New(")
		if added == 0 && (isImport && line > imported+service || !isImport && strings.HasPrefix(line, ")")) {
			lines, added = append(lines, imported+service+"\"\n"), 1
		}
		inList = inList || isEntry
		if added == 1 && inList && (isEntry && name > service || !isEntry) {
			lines, added = append(lines, listed+service+".New(),\n"), 2
		}
		lines = append(lines, line)
	}
	if added != 2 {
		return fmt.Errorf("%s has no list of services", path)
	}
	return writeFile(path, []byte(strings.Join(lines, "")))
}
