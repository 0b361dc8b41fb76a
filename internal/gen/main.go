// Command gen writes the generated part of Writ from the published API models:
// per served service an api_gen.go with its types, operations and exceptions,
// and the vectors of the codecs' conformance test.
//
//	go -C internal/gen run .
//	go -C internal/gen run . new-service NAME
//
// The second creates the skeleton of a service from the model NAME: see newService.
//
// The models are read from the Go module cache (github.com/aws/aws-sdk-go has them under
// models/apis; this command has its own go.mod, so that nothing of that module becomes
// part of Writ). models/<service>.ops lists the served operations;
// models/<service>.patch.json contains reviewed corrections to a model, each with its
// source.
//
// Start reading at main, then model.go (input) and emit.go (output).
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// modelModule carries the API models.
const modelModule = "github.com/aws/aws-sdk-go"

func main() {
	root := filepath.Join("..", "..")
	var err error
	switch {
	case len(os.Args) == 1:
		err = run(root)
	case len(os.Args) == 3 && os.Args[1] == "new-service":
		err = newService(root, os.Args[2])
	default:
		err = errors.New("usage: gen [new-service NAME]")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run generates everything below root, the directory of Writ's go.mod.
func run(root string) error {
	dir, err := moduleDir()
	if err != nil {
		return err
	}
	lists, err := filepath.Glob(filepath.Join(root, "models", "*.ops"))
	if err != nil {
		return err
	}
	for _, list := range lists {
		if err := generate(dir, root, strings.TrimSuffix(filepath.Base(list), ".ops")); err != nil {
			return err
		}
	}
	return emitConformance(dir, root)
}

// generate writes the api_gen.go of one service.
func generate(dir, root, service string) error {
	served, err := readOps(filepath.Join(root, "models", service+".ops"))
	if err != nil {
		return err
	}
	path, err := modelPath(dir, cmp.Or(served.model, service))
	if err != nil {
		return err
	}
	m, err := loadModel(path)
	if err != nil {
		return err
	}
	if err := m.patch(filepath.Join(root, "models", service+".patch.json")); err != nil {
		return err
	}
	out, err := emitService(service, m, served.names)
	if err != nil {
		return fmt.Errorf("%s: %w", service, err)
	}
	return writeFile(filepath.Join(root, "internal", "service", service, "api_gen.go"), out)
}

// writeFile writes a file and creates its directory if necessary.
func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// modelPath returns the newest API model with a name.
func modelPath(dir, name string) (string, error) {
	versions, err := filepath.Glob(filepath.Join(dir, "models", "apis", name, "*", "api-2.json"))
	if err != nil || len(versions) == 0 {
		return "", cmp.Or(err, fmt.Errorf("there is no API model %q; the names are the directories below %s", name, filepath.Join(dir, "models", "apis")))
	}
	return slices.Max(versions), nil // they begin with their dates
}

// moduleDir finds the models' module in the module cache, and downloads it if necessary.
func moduleDir() (string, error) {
	if out, err := exec.Command("go", "mod", "download", modelModule).CombinedOutput(); err != nil {
		return "", fmt.Errorf("download %s: %w: %s", modelModule, err, out)
	}
	var stderr bytes.Buffer
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", modelModule)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("find %s: %w: %s", modelModule, err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// opsList is the content of a models/<service>.ops: the served operations, one per line.
// # starts a comment, and "# model: NAME" names the model, if it is not the service's own
// name.
type opsList struct {
	model string // "" for the service's own name
	names []string
}

func readOps(path string) (list opsList, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return opsList{}, err
	}
	for line := range strings.Lines(string(text)) {
		line, comment, _ := strings.Cut(line, "#")
		if name := strings.TrimSpace(line); name != "" {
			list.names = append(list.names, name)
		}
		if model, found := strings.CutPrefix(strings.TrimSpace(comment), "model:"); found {
			list.model = strings.TrimSpace(model)
		}
	}
	return list, nil
}
