package writ

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/replay"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/worldfile"
	"github.com/writdev/writ/policy/prove"
)

// World is a parsed world file: accounts, principals, policies, resources, and tests of
// decisions. docs/reference/world-file.md describes its format.
type World struct{ world *worldfile.World }

// ReadWorld reads a world file, YAML or JSON; "-" is the standard input. Paths in the file are relative
// to its directory. The error joins all errors in the file, each with file, line and column.
func ReadWorld(path string) (*World, error) {
	file := os.Stdin
	if path != "-" {
		var err error
		if file, err = os.Open(path); err != nil {
			return nil, err
		}
		defer file.Close()
	}
	text, err := io.ReadAll(io.LimitReader(file, worldfile.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	return parseWorld(path, text, func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(path), filepath.FromSlash(name)))
	})
}

// ParseWorld parses a world file without references to other files. name is its name in
// errors.
func ParseWorld(name string, text []byte) (*World, error) {
	return parseWorld(name, text, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
}

func parseWorld(path string, text []byte, open func(string) ([]byte, error)) (*World, error) {
	format, err := worldfile.NewFormat(server.Services(operation.Lifecycle(LifecycleInstant)))
	if err != nil {
		return nil, err
	}
	w, err := format.Read(path, text, open)
	if err != nil {
		return nil, err
	}
	return &World{w}, nil
}

// ErrNotEmpty is returned by Load if the state is not empty.
var ErrNotEmpty = worldfile.ErrNotEmpty

// Load creates the worlds in the server's main state, which must be empty: all of them, or
// nothing. The error joins the errors of the services, each with its position in the
// file.
func (s *Server) Load(ctx context.Context, worlds ...*World) error {
	return s.LoadInto(ctx, "", worlds...)
}

// LoadInto is Load for the world of a name, as PUT /_writ/worlds/NAME makes it; "" is the
// main state.
func (s *Server) LoadInto(ctx context.Context, name string, worlds ...*World) error {
	state, leave, err := s.worlds.Enter(name)
	if err != nil {
		return err
	}
	defer leave()
	list := make([]*worldfile.World, len(worlds))
	for i, w := range worlds {
		list[i] = w.world
	}
	return worldfile.Load(ctx, state.Server, list...)
}

// Model is the world as its invariants are decided about it.
func (w *World) Model(ctx context.Context) (*prove.Model, error) {
	if len(w.world.Shares) == 0 {
		return w.world.Model(nil)
	}
	s, err := New(Config{Decisions: -1}) // what shares grant, RAM says
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Load(ctx, w); err != nil {
		return nil, err
	}
	granted, err := w.world.Granted(ctx, s.handler)
	if err != nil {
		return nil, err
	}
	return w.world.Model(granted)
}

// Replay is what became of recorded decisions.
type Replay = replay.Report

// Replay makes recorded decisions again, by the policies of the server's state: those of
// audit files, or of CloudTrail event files, also compressed with gzip.
func (s *Server) Replay(ctx context.Context, files ...io.Reader) (*Replay, error) {
	return replay.Run(ctx, s.handler, files...)
}

// TestResult is the result of one question of a test in a world file.
type TestResult struct {
	Name        string // of the test
	File        string
	Line        int // where the test is defined
	Principal   string
	Action      string
	Resource    string
	Failure     string // why the test failed; "" if it passed
	Explanation string // of the decision, for a test that failed: each layer, and the smallest change
}

// Test runs the tests of a loaded world.
func (s *Server) Test(ctx context.Context, w *World) ([]TestResult, error) {
	results, err := w.world.Test(ctx, s.handler)
	if err != nil {
		return nil, err
	}
	list := make([]TestResult, len(results))
	for i, r := range results {
		list[i] = TestResult{Name: r.Name, File: r.File, Line: r.Line, Principal: r.Principal, Action: r.Action, Resource: r.Resource, Failure: r.Failure}
		if r.Failure != "" && r.Record.Version != 0 {
			var text strings.Builder
			if err := r.Record.WriteText(&text, false); err != nil {
				return nil, err
			}
			list[i].Explanation = text.String()
		}
	}
	return list, nil
}
