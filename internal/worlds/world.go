package worlds

import (
	"context"
	"sync"
	"time"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
)

// world is one world. Its state is opened with its first request: until then it is the
// image that it was made of, which the copies of one world share.
type world struct {
	name string
	made time.Time
	open func(*store.Image) (*state, error)

	mu       sync.Mutex   // guards the rest
	image    *store.Image // nil once it is opened
	state    *state       // nil until then
	requests int          // under way
	used     time.Time    // when the last one ended
	gone     bool         // deleted; the state is closed when no request is under way
}

// state is an open world.
type state struct {
	server *server.Server
	store  *store.Store
}

// enter returns the state for a request, which must leave it; false if the world is gone.
func (w *world) enter() (*state, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return nil, false, nil
	}
	if w.state == nil {
		s, err := w.open(w.image)
		if err != nil {
			return nil, true, err
		}
		w.state, w.image = s, nil
	}
	w.requests++
	return w.state, true, nil
}

func (w *world) leave(now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests--
	w.used = now
	return w.closeUnused()
}

// delete closes the world, for new requests at once.
func (w *world) delete() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = true
	if w.state != nil {
		w.state.server.End() // its streams
	}
	return w.closeUnused()
}

func (w *world) closeUnused() error {
	if !w.gone || w.requests > 0 || w.state == nil {
		return nil
	}
	s := w.state
	w.state = nil
	return s.store.Close()
}

// idleSince reports whether no request was under way since a time.
func (w *world) idleSince(t time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests == 0 && w.used.Before(t)
}

// imageNow makes an image of the world; false if it is gone.
func (w *world) imageNow(ctx context.Context, now time.Time) (*store.Image, bool, error) {
	w.mu.Lock()
	image, gone := w.image, w.gone
	w.mu.Unlock()
	if image != nil || gone {
		return image, !gone, nil
	}
	s, ok, err := w.enter()
	if !ok || err != nil {
		return nil, ok, err
	}
	defer w.leave(now)
	image, err = s.store.Image(ctx)
	return image, true, err
}
