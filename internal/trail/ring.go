package trail

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/offheap"
)

// DefaultSize is the default number of requests in a ring.
const DefaultSize = 10_000

// DefaultBytes is the default limit of the memory of the requests in a ring.
const DefaultBytes = 8 << 20

// Ring keeps recent requests in memory, limited in number and in bytes. It is safe for
// concurrent use; a nil Ring keeps nothing.
//
// Requests are stored packed, outside the heap, and the memory of the oldest is reused
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
	memory    *offheap.Memory // of the entries' data; nil before the first
	end       int             // where the data of the newest entry ends
	bytes     int             // of the entries' data
	documents documents
	packer    packer // reused for each entry

	subscribers map[*Subscription]struct{}
}

// packedEntry is where an entry is in the memory of the ring: first its references to
// policies, of four bytes each, then what packEntry packs.
type packedEntry struct {
	id         uint64 // hash of the request id
	at, length int
	references int
}

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

// Add keeps a request, unless it is larger than the whole ring, and sends it to the
// subscribers.
func (r *Ring) Add(e *Entry) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keep(e)
	for s := range r.subscribers {
		s.send(e)
	}
}

func (r *Ring) keep(e *Entry) {
	p := &r.packer
	p.data, p.references = p.data[:0], p.references[:0]
	packEntry(p, e)
	length := 4*len(p.references) + len(p.data)
	if length > r.most {
		for _, n := range p.references {
			r.documents.release(n)
		}
		return
	}
	switch {
	case r.count == r.size:
		r.dropOldest()
	case r.count == len(r.entries):
		r.grow()
	}
	at := r.reserve(length)
	data := r.memory.Bytes()[at:at]
	for _, n := range p.references {
		data = binary.LittleEndian.AppendUint32(data, n)
	}
	copy(r.memory.Bytes()[at+len(data):], p.data)
	r.entries[(r.first+r.count)%len(r.entries)] = packedEntry{maphash.String(r.seed, e.ID), at, length, len(p.references)}
	r.count, r.end, r.bytes = r.count+1, at+length, r.bytes+length
	for r.bytes+r.documents.bytes > r.most && r.count > 1 {
		r.dropOldest()
	}
}

// firstBytes is the size of the memory of a new ring.
const firstBytes = 64 << 10

// reserve returns where to store data of a length: after the newest entry, or at the
// start. The memory grows until it has the size of the ring, then the oldest entries are
// dropped.
func (r *Ring) reserve(length int) int {
	if r.memory == nil {
		r.memory = offheap.Allocate(min(r.most, max(firstBytes, length)))
	}
	for {
		size := len(r.memory.Bytes())
		at := r.end
		if at+length > size {
			at = 0
		}
		if !r.occupied(at, length) {
			return at
		}
		if size < r.most {
			r.enlarge(min(r.most, max(2*size, r.bytes+length)))
			continue
		}
		r.dropOldest()
	}
}

// occupied reports whether storing data would overwrite an entry, or leave the oldest
// entries behind the newest.
func (r *Ring) occupied(at, length int) bool {
	if r.count == 0 {
		return false
	}
	oldest := &r.entries[r.first]
	if at < r.end { // the data of entries up to the end of the memory is older
		return oldest.at >= r.end || oldest.at < at+length
	}
	return oldest.at >= at && oldest.at < at+length
}

// enlarge moves the entries to the start of larger memory.
func (r *Ring) enlarge(size int) {
	larger := offheap.Allocate(size)
	r.end = 0
	for i := range r.count {
		e := &r.entries[(r.first+i)%len(r.entries)]
		copy(larger.Bytes()[r.end:], r.data(e))
		e.at = r.end
		r.end += e.length
	}
	r.memory.Free()
	r.memory = larger
}

// data is the data of an entry.
func (r *Ring) data(e *packedEntry) []byte { return r.memory.Bytes()[e.at : e.at+e.length] }

// grow makes room for another entry in a full buffer, which begins at index 0 afterwards.
func (r *Ring) grow() {
	larger := make([]packedEntry, min(r.size, max(64, 2*len(r.entries))))
	n := copy(larger, r.entries[r.first:])
	copy(larger[n:], r.entries[:r.first])
	r.entries, r.first = larger, 0
}

func (r *Ring) unpack(place int) *Entry {
	stored := &r.entries[place]
	p := packer{data: r.data(stored)[4*stored.references:], unpacking: true, documents: &r.documents}
	e := new(Entry)
	packEntry(&p, e)
	return e
}

// dropOldest removes the oldest entry.
func (r *Ring) dropOldest() {
	oldest := &r.entries[r.first]
	references := r.data(oldest)
	for i := range oldest.references {
		r.documents.release(binary.LittleEndian.Uint32(references[4*i:]))
	}
	r.bytes -= oldest.length
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
