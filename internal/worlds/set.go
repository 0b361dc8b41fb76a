package worlds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/worldfile"
)

// Config configures a Set.
type Config struct {
	Main   *server.Server
	Store  *store.Store  // of the main server
	Images *store.Images // open the states of worlds
	// Open returns the server of a world for its state. path is the prefix of the paths
	// of its APIs.
	Open   func(s *store.Store, name, path string) *server.Server
	Format *worldfile.Format // of world files
	Log    *slog.Logger
	TTL    time.Duration // a world without requests for this time is deleted; 0 disables this
}

// MaxWorlds is the maximum number of worlds.
const MaxWorlds = 5000

// Set is the main server and the worlds. It is an http.Handler, safe for concurrent use.
type Set struct {
	cfg      Config
	controls *http.ServeMux

	mu     sync.Mutex
	worlds map[string]*world
	closed bool
	empty  func() (*store.Image, error)
	done   chan struct{} // closed by Close
}

// NewSet returns a set without worlds. Close it when done.
func NewSet(cfg Config) *Set {
	s := &Set{cfg: cfg, worlds: map[string]*world{}, empty: sync.OnceValues(emptyImage), done: make(chan struct{})}
	s.controls = s.control()
	if cfg.TTL > 0 {
		go s.expire()
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isControl(r.URL.Path) {
		s.controls.ServeHTTP(w, r)
		return
	}
	name, inside := address(r)
	if name == "" {
		s.cfg.Main.ServeHTTP(w, r)
		return
	}
	world := s.find(name)
	if world == nil {
		s.replyNotFound(w, name)
		return
	}
	state, ok := world.enter()
	if !ok {
		s.replyNotFound(w, name)
		return
	}
	defer func() { s.logError(name, world.leave(time.Now())) }()
	state.Server.ServeHTTP(w, inside)
}

// Enter returns the state of a world, or the main state for "". It stays open until leave
// is called.
func (s *Set) Enter(name string) (state State, leave func(), err error) {
	if name == "" {
		return State{s.cfg.Main, s.cfg.Store}, func() {}, nil
	}
	if w := s.find(name); w != nil {
		if in, ok := w.enter(); ok {
			return *in, func() { s.logError(name, w.leave(time.Now())) }, nil
		}
	}
	return State{}, nil, fmt.Errorf("there is no world %s", name)
}

func (s *Set) find(name string) *world {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.worlds[name]
}

// Errors of create.
var (
	errExists  = errors.New("a world with this name exists")
	errTooMany = fmt.Errorf("the maximum of %d worlds is reached: delete some", MaxWorlds)
	errClosed  = errors.New("the server is shutting down")
)

// create adds a world with the state of an image.
func (s *Set) create(name string, image *store.Image) (*world, error) {
	now := time.Now()
	w := &world{name: name, made: now, used: now, image: image, open: func(image *store.Image) *State {
		opened := s.cfg.Images.Open(image)
		return &State{s.cfg.Open(opened, name, pathPrefix+name), opened}
	}}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, errClosed
	case s.worlds[name] != nil:
		return nil, errExists
	case len(s.worlds) >= MaxWorlds:
		return nil, errTooMany
	}
	s.worlds[name] = w
	return w, nil
}

// remove deletes a world; false if there is none.
func (s *Set) remove(name string) bool {
	s.mu.Lock()
	w := s.worlds[name]
	delete(s.worlds, name)
	s.mu.Unlock()
	if w == nil {
		return false
	}
	s.logError(name, w.delete())
	return true
}

// expire deletes idle worlds until the set is closed.
func (s *Set) expire() {
	tick := time.NewTicker(max(s.cfg.TTL/8, 10*time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case now := <-tick.C:
			for _, w := range s.list() {
				if w.idleSince(now.Add(-s.cfg.TTL)) && s.remove(w.name) {
					s.cfg.Log.Info("deleted an idle world", "world", w.name)
				}
			}
		}
	}
}

// End ends the event streams of all worlds and of the main server.
func (s *Set) End() {
	s.cfg.Main.End()
	for _, w := range s.list() {
		w.mu.Lock()
		if w.state != nil {
			w.state.Server.End()
		}
		w.mu.Unlock()
	}
}

// Close deletes all worlds. Requests must have ended.
func (s *Set) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	close(s.done)
	s.mu.Unlock()
	for _, w := range s.list() {
		s.remove(w.name)
	}
}

func (s *Set) logError(name string, err error) {
	if err != nil {
		s.cfg.Log.Error("close a world", "world", name, "error", err)
	}
}

// emptyImage is the image of an empty state.
func emptyImage() (*store.Image, error) {
	empty, err := store.OpenSQLite(":memory:")
	if err != nil {
		return nil, err
	}
	defer empty.Close()
	return empty.Image(context.Background())
}
