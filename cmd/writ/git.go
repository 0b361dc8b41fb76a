package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// repository runs git, in the current directory.
type repository struct{ base, head string }

// openRange finds the two commits of a range: "A..B", "A...B" from where B left A, or
// "A" for "A..HEAD".
func openRange(r string) (repository, error) {
	base, head, fromFork := strings.Cut(r, "...")
	if !fromFork {
		base, head, _ = strings.Cut(r, "..")
	}
	if head == "" {
		head = "HEAD"
	}
	if base == "" {
		base = "HEAD"
	}
	if _, err := exec.LookPath("git"); err != nil {
		return repository{}, errors.New("--git needs the program git, which is not there")
	}
	if _, err := git("rev-parse", "--git-dir"); err != nil {
		return repository{}, errors.New("--git: this is not a git repository")
	}
	for _, rev := range []string{base, head} {
		if _, err := git("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}"); err != nil {
			return repository{}, fmt.Errorf("--git: there is no commit %q here%s", rev, ifShallow())
		}
	}
	if fromFork {
		out, err := git("merge-base", "--end-of-options", base, head)
		if err != nil {
			return repository{}, fmt.Errorf("--git: %s and %s have no common commit here%s", base, head, ifShallow())
		}
		base = strings.TrimSpace(string(out))
	}
	return repository{base, head}, nil
}

// ifShallow is what to do where commits are missing because the clone is shallow.
func ifShallow() string {
	out, err := git("rev-parse", "--is-shallow-repository")
	if err != nil || strings.TrimSpace(string(out)) != "true" {
		return ""
	}
	return "; the clone is shallow: git fetch --unshallow brings the rest (actions/checkout: fetch-depth: 0)"
}

// changedFile is a file that differs between the commits. One of the names is empty
// if the file is not in that commit.
type changedFile struct{ old, new string }

// changed lists the files that differ, those below the paths if there are some.
func (r repository) changed(paths []string) ([]changedFile, error) {
	args := append([]string{"diff", "--name-status", "-z", "-M", "--no-ext-diff", "--end-of-options", r.base, r.head, "--"}, paths...)
	out, err := git(args...)
	if err != nil {
		return nil, err
	}
	fields := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	var files []changedFile
	for len(fields) >= 2 {
		status, name := fields[0], fields[1]
		fields = fields[2:]
		switch status[:1] {
		case "A":
			files = append(files, changedFile{"", name})
		case "D":
			files = append(files, changedFile{name, ""})
		case "R", "C":
			if len(fields) == 0 {
				return nil, errors.New("git diff printed what is not understood")
			}
			f := changedFile{name, fields[0]}
			if status[0] == 'C' {
				f.old = ""
			}
			files, fields = append(files, f), fields[1:]
		default:
			files = append(files, changedFile{name, name})
		}
	}
	return files, nil
}

// mostBytes bounds the files that are searched for policies.
const mostBytes = 16 << 20

// read reads a file of a commit.
func (r repository) read(rev, name string) ([]byte, error) {
	object := rev + ":" + name
	out, err := git("cat-file", "-s", object)
	if err != nil {
		return nil, err
	}
	if size, err := strconv.Atoi(strings.TrimSpace(string(out))); err != nil || size > mostBytes {
		return nil, fmt.Errorf("not read: more than %d MiB", mostBytes>>20)
	}
	return git("cat-file", "blob", object)
}

func git(args ...string) ([]byte, error) {
	var errText bytes.Buffer
	c := exec.Command("git", args...)
	c.Stderr = &errText
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(errText.String()))
	}
	return out, nil
}
