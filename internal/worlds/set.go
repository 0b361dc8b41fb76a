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

// Config is what a Set needs.
type Config struct {
	Main  *server.Server
	Store *store.Store // of the main server
	// Open makes the server of a world over its state. path comes before the paths of its
	// APIs.
	Open   func(s *store.Store, name, path string) *server.Server
	Format *worldfile.Format // of the world files that worlds are made of
	Log    *slog.Logger
	TTL    time.Duration // a world that had no request for so long is deleted; 0 is never
}

// Most is how many worlds there can be at once.
const Most = 5000

// Set is the main server with the worlds beside it. It is an http.Handler, safe for
// concurrent use.
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
		s.unknown(w, name)
		return
	}
	state, ok, err := world.enter()
	switch {
	case err != nil:
		s.cfg.Log.Error("open a world", "world", name, "error", err)
		refuse(w, http.StatusInternalServerError, "InternalFailure", "The world "+name+" cannot be opened; the log says why.")
		return
	case !ok:
		s.unknown(w, name)
		return
	}
	defer func() { s.note(name, world.leave(time.Now())) }()
	state.server.ServeHTTP(w, inside)
}

// Enter returns the state of a world, or the main one for "", and its clock, until leave is
// called.
func (s *Set) Enter(name string) (state *store.Store, now func() time.Time, leave func(), err error) {
	if name == "" {
		return s.cfg.Store, s.cfg.Main.Now, func() {}, nil
	}
	if w := s.find(name); w != nil {
		in, ok, err := w.enter()
		if err != nil {
			return nil, nil, nil, err
		}
		if ok {
			return in.store, in.server.Now, func() { s.note(name, w.leave(time.Now())) }, nil
		}
	}
	return nil, nil, nil, fmt.Errorf("there is no world %s", name)
}

func (s *Set) find(name string) *world {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.worlds[name]
}

// Errors of create.
var (
	errExists = errors.New("there is a world of this name")
	errMost   = fmt.Errorf("there are %d worlds, as many as there can be: delete some", Most)
	errClosed = errors.New("the server stops")
)

// create adds a world of an image.
func (s *Set) create(name string, image *store.Image) (*world, error) {
	now := time.Now()
	w := &world{name: name, made: now, used: now, image: image, open: func(image *store.Image) (*state, error) {
		opened, err := store.OpenImage(image)
		if err != nil {
			return nil, err
		}
		return &state{s.cfg.Open(opened, name, pathPrefix+name), opened}, nil
	}}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, errClosed
	case s.worlds[name] != nil:
		return nil, errExists
	case len(s.worlds) >= Most:
		return nil, errMost
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
	s.note(name, w.delete())
	return true
}

// expire deletes the worlds that are idle for too long, until the set is closed.
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

// End ends the streams of all worlds and of the main server.
func (s *Set) End() {
	s.cfg.Main.End()
	for _, w := range s.list() {
		w.mu.Lock()
		if w.state != nil {
			w.state.server.End()
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

func (s *Set) note(name string, err error) {
	if err != nil {
		s.cfg.Log.Error("close a world", "world", name, "error", err)
	}
}

// emptyImage is the image of a state in which nothing is.
func emptyImage() (*store.Image, error) {
	empty, err := store.OpenSQLite(":memory:")
	if err != nil {
		return nil, err
	}
	defer empty.Close()
	return empty.Image(context.Background())
}
