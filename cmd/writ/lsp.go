package main

import (
	"os"
	"os/exec"
	"path/filepath"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/lsp"
	"github.com/writdev/writ/policy"
)

// lspCmd is the language server for editors, over the standard input and output.
type lspCmd struct{}

// Run serves one editor until it says exit.
func (lspCmd) Run(s streams) error {
	server := lsp.Server{
		Version:   writ.Version,
		Kind:      func(d *policy.Document) policy.Kind { return kindOf("auto", d) },
		Committed: committed,
	}
	return server.Run(os.Stdin, s.out)
}

// committed is the version of a file in the last commit of its repository; false
// without git, outside a repository and for a file that is not committed.
func committed(path string) ([]byte, bool) {
	cmd := exec.Command("git", "show", "HEAD:./"+filepath.Base(path))
	cmd.Dir = filepath.Dir(path)
	text, err := cmd.Output()
	return text, err == nil
}
