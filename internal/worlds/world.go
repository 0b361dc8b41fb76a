package worlds

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
)

// world is one world. Its state is opened by its first request: until then the world has
// only the image that it was created from, which several copies can share.
type world struct {
	name string
	made time.Time
	open func(*store.Image) *State

	mu       sync.Mutex   // guards the rest
	image    *store.Image // nil once the state is open
	state    *State       // nil until then
	requests int          // in progress
	used     time.Time    // when the last one ended
	deleted  bool         // true after delete; the state is closed when no request is in progress
}

// State is an open world, or the main state.
type State struct {
	Server *server.Server
	Store  *store.Store
}

// enter returns the state for a request, which must call leave; false if the world was
// deleted.
func (w *world) enter() (*State, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deleted {
		return nil, false
	}
	if w.state == nil {
		w.state, w.image = w.open(w.image), nil
	}
	w.requests++
	return w.state, true
}

func (w *world) leave(now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests--
	w.used = now
	return w.closeUnused()
}

// delete rejects new requests and closes the state when no request is in progress.
func (w *world) delete() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deleted = true
	if w.state != nil {
		w.state.Server.End() // ends its event streams
	}
	return w.closeUnused()
}

func (w *world) closeUnused() error {
	if !w.deleted || w.requests > 0 || w.state == nil {
		return nil
	}
	s := w.state
	w.state = nil
	return s.Store.Close()
}

// idleSince reports whether no request was in progress since a time.
func (w *world) idleSince(t time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests == 0 && w.used.Before(t)
}

// imageNow returns an image of the world; false if it was deleted.
func (w *world) imageNow(ctx context.Context, now time.Time) (*store.Image, bool, error) {
	w.mu.Lock()
	image, gone := w.image, w.deleted
	w.mu.Unlock()
	if image != nil || gone {
		return image, !gone, nil
	}
	s, ok := w.enter()
	if !ok {
		return nil, false, nil
	}
	image, err := s.Store.Image(ctx)
	return image, true, errors.Join(err, w.leave(now))
}
