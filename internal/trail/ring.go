package trail

import (
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/writdev/writ/internal/identity"
)

// DefaultSize is the default number of requests in a ring.
const DefaultSize = 10_000

// DefaultBytes is the default limit of the memory of the requests in a ring.
const DefaultBytes = 20 << 20

// Ring keeps recent requests in memory, limited in number and in bytes. It is safe for
// concurrent use; a nil Ring keeps nothing.
//
// Requests are stored packed, without pointers, and the memory of the oldest is reused
// for the newest: a full ring produces no garbage, and the collector scans nothing. They
// are unpacked on demand.
type Ring struct {
	mu        sync.Mutex
	size      int           // maximum number of entries
	most      int           // maximum bytes of the entries and their policies
	entries   []packedEntry // circular buffer: the oldest is at first; it grows up to size
	first     int
	count     int
	seed      maphash.Seed
	bytes     int // of the entries
	documents documents
	packer    packer // reused for each entry

	subscribers map[*Subscription]struct{}
}

// packedEntry is an entry as packEntry packs it.
type packedEntry struct {
	id        uint64 // hash of the request id
	data      []byte
	documents []uint32 // references to policies
}

func (e *packedEntry) size() int { return cap(e.data) + 4*cap(e.documents) }

// NewRing returns a ring of a size, whose requests use at most a number of bytes; nil for
// size 0.
func NewRing(size, most int) *Ring {
	if size <= 0 {
		return nil
	}
	r := &Ring{
		size: size, most: most, seed: maphash.MakeSeed(),
		documents: documents{numbers: map[identity.Document]uint32{}}, subscribers: map[*Subscription]struct{}{},
	}
	r.packer.documents = &r.documents
	return r
}

// Add keeps a request and sends it to the subscribers.
func (r *Ring) Add(e *Entry) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.count == r.size:
		r.dropOldest()
	case r.count == len(r.entries):
		r.grow()
	}
	place := (r.first + r.count) % len(r.entries)
	r.pack(&r.entries[place], e)
	r.count++
	for r.bytes+r.documents.bytes > r.most && r.count > 1 {
		r.freeOldest()
	}
	for s := range r.subscribers {
		s.send(e)
	}
}

// grow makes room for another entry in a full buffer, which begins at index 0 afterwards.
func (r *Ring) grow() {
	larger := make([]packedEntry, min(r.size, max(64, 2*len(r.entries))))
	n := copy(larger, r.entries[r.first:])
	copy(larger[n:], r.entries[:r.first])
	r.entries, r.first = larger, 0
}

// pack packs an entry into an element of the buffer, whose memory it reuses.
func (r *Ring) pack(to *packedEntry, e *Entry) {
	r.bytes -= to.size()
	p := &r.packer
	p.data, p.references = p.data[:0], p.references[:0]
	packEntry(p, e)
	to.id = maphash.String(r.seed, e.ID)
	to.data = append(to.data[:0], p.data...)
	to.documents = append(to.documents[:0], p.references...)
	r.bytes += to.size()
}

func (r *Ring) unpack(place int) *Entry {
	p := packer{data: r.entries[place].data, unpacking: true, documents: &r.documents}
	e := new(Entry)
	packEntry(&p, e)
	return e
}

// freeOldest removes the oldest entry and frees its memory.
func (r *Ring) freeOldest() {
	oldest := &r.entries[r.first]
	r.dropOldest()
	r.bytes -= oldest.size()
	*oldest = packedEntry{}
}

// dropOldest removes the oldest entry; its memory is reused.
func (r *Ring) dropOldest() {
	e := &r.entries[r.first]
	r.documents.release(e.documents)
	r.first, r.count = (r.first+1)%len(r.entries), r.count-1
}

// Get returns the newest request with an id.
func (r *Ring) Get(id string) (*Entry, bool) {
	if r == nil {
		return nil, false
	}
	hash := maphash.String(r.seed, id)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := r.count - 1; i >= 0; i-- {
		place := (r.first + i) % len(r.entries)
		if r.entries[place].id != hash {
			continue
		}
		if e := r.unpack(place); e.ID == id {
			return e, true
		}
	}
	return nil, false
}

// Recent returns all kept requests, the newest first.
func (r *Ring) Recent() []*Entry {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]*Entry, 0, r.count)
	for i := r.count - 1; i >= 0; i-- {
		list = append(list, r.unpack((r.first+i)%len(r.entries)))
	}
	return list
}

// Select returns at most limit requests that match a filter, the newest first.
func (r *Ring) Select(f Filter, limit int) []*Entry {
	list := slices.DeleteFunc(r.Recent(), func(e *Entry) bool { return !e.Matches(f) })
	return list[:min(limit, len(list))]
}

// Stats returns the number of kept requests, the maximum, and the time of the oldest; the
// zero time if there are none.
func (r *Ring) Stats() (count, size int, since time.Time) {
	if r == nil {
		return 0, 0, time.Time{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count > 0 {
		since = r.unpack(r.first).Time
	}
	return r.count, r.size, since
}

// Subscription receives requests when they are added.
type Subscription struct {
	// Entries receives the requests. It is closed when the subscriber is too far behind,
	// because the ring does not wait.
	Entries chan *Entry
	ring    *Ring
	closed  bool // guarded by the ring's mutex
}

// backlog is the number of requests that are buffered for a subscriber.
const backlog = 1024

// Subscribe starts a subscription; nil from a nil ring.
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
