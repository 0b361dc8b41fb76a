// Command gen writes the generated part of Writ from the published API models:
// per served service an api_gen.go with its types, operations and exceptions,
// and the vectors of the codecs' conformance test.
//
// The models are read out of the Go module cache (github.com/aws/aws-sdk-go
// carries them under models/apis; this command has a go.mod of its own so that
// nothing of that module reaches Writ). Which operations are served stands in
// models/<service>.ops; reviewed corrections to a model, each with its source,
// stand in models/<service>.patch.json.
//
// Start reading at main, then model.go (what is read) and emit.go (what is
// written). Run it through `go generate` in the module's root.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// modelModule carries the API models.
const modelModule = "github.com/aws/aws-sdk-go"

// source says where a served service's model is, below models/apis.
type source struct{ service, model string }

var sources = []source{
	{"accessanalyzer", "accessanalyzer/2019-11-01/api-2.json"},
	{"iam", "iam/2010-05-08/api-2.json"},
	{"imagebuilder", "imagebuilder/2019-12-02/api-2.json"},
	{"kms", "kms/2014-11-01/api-2.json"},
	{"organizations", "organizations/2016-11-28/api-2.json"},
	{"ram", "ram/2018-01-04/api-2.json"},
	{"rekognition", "rekognition/2016-06-27/api-2.json"},
	{"ssm", "ssm/2014-11-06/api-2.json"},
	{"sts", "sts/2011-06-15/api-2.json"},
}

func main() {
	if err := run(filepath.Join("..", "..")); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run generates everything below root, the folder of Writ's go.mod.
func run(root string) error {
	dir, err := moduleDir()
	if err != nil {
		return err
	}
	for _, s := range sources {
		m, err := loadModel(filepath.Join(dir, "models", "apis", filepath.FromSlash(s.model)))
		if err != nil {
			return err
		}
		if err := m.patch(filepath.Join(root, "models", s.service+".patch.json")); err != nil {
			return err
		}
		ops, err := readOps(filepath.Join(root, "models", s.service+".ops"))
		if err != nil {
			return err
		}
		out, err := emitService(s.service, m, ops)
		if err != nil {
			return fmt.Errorf("%s: %w", s.service, err)
		}
		path := filepath.Join(root, "internal", "service", s.service, "api_gen.go")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, out, 0o644); err != nil {
			return err
		}
	}
	return emitConformance(dir, root)
}

// moduleDir finds the models' module in the module cache, fetching it if need be.
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

// readOps reads the served operations: one name a line, # starts a comment.
func readOps(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var ops []string
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if op := strings.TrimSpace(line); op != "" {
			ops = append(ops, op)
		}
	}
	return ops, nil
}
