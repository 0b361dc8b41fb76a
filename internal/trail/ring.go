package trail

import (
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
)

// DefaultSize is how many requests a ring keeps unless told otherwise.
const DefaultSize = 10_000

// maxBytes bounds what the requests of a ring take up, about.
const maxBytes = 20 << 20

// Ring keeps the last requests in memory: at most a number of them, and at most
// maxBytes. It is safe for concurrent use; a nil Ring keeps nothing.
type Ring struct {
	mu      sync.Mutex
	entries []*Entry // a circle: the oldest is at first
	first   int
	count   int
	byID    map[string]*Entry
	bytes   int
	texts   map[string]int // how many decisions refer to the text of a policy

	subscribers map[*Subscription]struct{}
}

// NewRing makes a ring of a size; nil for a size of 0.
func NewRing(size int) *Ring {
	if size <= 0 {
		return nil
	}
	return &Ring{entries: make([]*Entry, size), byID: map[string]*Entry{}, texts: map[string]int{}, subscribers: map[*Subscription]struct{}{}}
}

// Add keeps a request and tells the subscribers.
func (r *Ring) Add(e *Entry) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == len(r.entries) {
		r.dropOldest()
	}
	r.entries[(r.first+r.count)%len(r.entries)] = e
	r.count++
	r.byID[e.ID] = e
	r.bytes += r.hold(e, +1)
	for r.bytes > maxBytes && r.count > 1 {
		r.dropOldest()
	}
	for s := range r.subscribers {
		s.send(e)
	}
}

func (r *Ring) dropOldest() {
	e := r.entries[r.first]
	r.entries[r.first] = nil
	r.first, r.count = (r.first+1)%len(r.entries), r.count-1
	if r.byID[e.ID] == e {
		delete(r.byID, e.ID)
	}
	r.bytes -= r.hold(e, -1)
}

// About what an entry and a decision take up beside the texts of policies, in
// bytes.
const (
	entryBytes    = 300
	decisionBytes = 900
)

// hold adds to, or with -1 takes from, the references to the texts of policies,
// and returns what the entry takes up: a text counts where it is held first or
// released last.
func (r *Ring) hold(e *Entry, by int) int {
	n := entryBytes
	for _, d := range e.Decisions {
		n += decisionBytes
		for text := range textsOf(d) {
			before := r.texts[text]
			if r.texts[text] = before + by; before+by == 0 {
				delete(r.texts, text)
			}
			if before == 0 || before+by == 0 {
				n += len(text)
			}
		}
	}
	return n
}

// textsOf yields the texts of the policies of a decision.
func textsOf(d *authz.Decision) iter.Seq[string] {
	return func(yield func(string) bool) {
		p := &d.Policies
		for _, layer := range [...][]identity.Document{p.Identity, p.Boundary, p.Session, p.Resource} {
			for i := range layer {
				if !yield(layer[i].Text) {
					return
				}
			}
		}
		for _, levels := range [...][][]identity.Document{p.ServiceControl, p.ResourceControl} {
			for _, level := range levels {
				for i := range level {
					if !yield(level[i].Text) {
						return
					}
				}
			}
		}
	}
}

// Get finds a request by its id.
func (r *Ring) Get(id string) (*Entry, bool) {
	if r == nil {
		return nil, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.byID[id]
	return e, ok
}

// Recent lists the requests that are kept, the newest first.
func (r *Ring) Recent() []*Entry {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]*Entry, 0, r.count)
	for i := r.count - 1; i >= 0; i-- {
		list = append(list, r.entries[(r.first+i)%len(r.entries)])
	}
	return list
}

// Select lists at most limit requests that pass a filter, the newest first.
func (r *Ring) Select(f Filter, limit int) []*Entry {
	list := slices.DeleteFunc(r.Recent(), func(e *Entry) bool { return !e.Matches(f) })
	return list[:min(limit, len(list))]
}

// Kept says how many requests are kept, of how many at most, and since when; the
// zero time if there are none.
func (r *Ring) Kept() (count, size int, since time.Time) {
	if r == nil {
		return 0, 0, time.Time{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count > 0 {
		since = r.entries[r.first].Time
	}
	return r.count, len(r.entries), since
}

// Subscription receives the requests as they are added.
type Subscription struct {
	// Entries receives them. It is closed when the subscriber falls too far
	// behind: the ring does not wait.
	Entries chan *Entry
	ring    *Ring
	closed  bool // guarded by the ring's mutex
}

// backlog is how many requests a subscriber may fall behind.
const backlog = 1024

// Subscribe begins to send requests; nil from a ring that keeps nothing.
func (r *Ring) Subscribe() *Subscription {
	if r == nil {
		return nil
	}
	s := &Subscription{Entries: make(chan *Entry, backlog), ring: r}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subscribers[s] = struct{}{}
	return s
}

// send is called with the ring's mutex held.
func (s *Subscription) send(e *Entry) {
	select {
	case s.Entries <- e:
	default:
		s.end()
	}
}

// end is called with the ring's mutex held.
func (s *Subscription) end() {
	if !s.closed {
		s.closed = true
		delete(s.ring.subscribers, s)
		close(s.Entries)
	}
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	s.end()
}
