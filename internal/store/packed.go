package store

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/writdev/writ/internal/offheap"
)

// packedPolicies is the cacheTable of policies. It stores each list encoded in a log of chunks, and drops the
// oldest chunk when they are full. The chunks are outside the heap and the index has no pointers, so they cost
// the garbage collector nothing: as slices of Policy, the policies on 100,000 ARNs cost a fifth of the processor
// time of reads.
type packedPolicies struct {
	most   int // bytes, approximately
	seed   maphash.Seed
	places map[uint64]place // of the entries, by the hash of their ARN
	chunks []chunk          // the entries in the order in which they were put
	first  uint32           // the number of chunks that were dropped
}

// chunk is a block of memory with entries.
type chunk struct {
	memory *offheap.Memory
	used   int
}

func (c chunk) bytes() []byte { return c.memory.Bytes()[:c.used] }

// place is the position of an entry: the number of its chunk, counted from the first that was ever filled, and
// its offset there.
type place struct{ chunk, offset uint32 }

// An entry is its length without this header and the hash of its ARN, as fixed numbers, and then, as variable
// numbers and strings with their lengths: the ARN, the number of commits, and the policies.
const (
	packedChunk = 256 << 10
	entryHeader = 4 + 8
	maxEntry    = packedChunk / 4 // a larger entry is not cached
)

func newPackedPolicies(most int) packedPolicies {
	return packedPolicies{most: most, seed: maphash.MakeSeed()}
}

func (t *packedPolicies) get(arn string) (cacheEntry[cachePolicies], bool) {
	at, ok := t.places[maphash.String(t.seed, arn)]
	if !ok {
		return cacheEntry[cachePolicies]{}, false
	}
	entry := t.chunks[at.chunk-t.first].bytes()[at.offset:]
	r := packedReader(entry[entryHeader : entryHeader+binary.LittleEndian.Uint32(entry)])
	if string(r.bytes()) != arn {
		return cacheEntry[cachePolicies]{}, false
	}
	return cacheEntry[cachePolicies]{commits: r.number(), value: r.policies(arn)}, true
}

func (t *packedPolicies) put(arn string, entry cacheEntry[cachePolicies]) {
	t.drop(arn)
	size := maxEntrySize(arn, entry.value)
	if size > min(maxEntry, t.most) {
		return
	}
	if t.places == nil {
		t.places = make(map[uint64]place)
	}
	last := len(t.chunks) - 1
	if last < 0 || t.chunks[last].used+size > packedChunk {
		t.chunks = append(t.chunks, chunk{memory: t.newMemory()})
		last = len(t.chunks) - 1
	}
	c, hash := &t.chunks[last], maphash.String(t.seed, arn)
	at := c.used
	b := c.memory.Bytes()[:at+entryHeader] // what is appended fits, so it stays there
	b = appendPacked(b, arn)
	b = binary.AppendUvarint(b, entry.commits)
	b = appendPolicies(b, entry.value)
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-entryHeader))
	binary.LittleEndian.PutUint64(b[at+4:], hash)
	c.used = len(b)
	t.places[hash] = place{t.first + uint32(last), uint32(at)}
}

// newMemory returns memory for a chunk: that of the oldest one, once there is no room for more.
func (t *packedPolicies) newMemory() *offheap.Memory {
	if len(t.chunks) > 0 && t.size()+packedChunk > t.most {
		return t.dropChunk()
	}
	return offheap.Allocate(packedChunk)
}

// dropChunk drops the oldest chunk, and returns its memory.
func (t *packedPolicies) dropChunk() *offheap.Memory {
	memory, entries := t.chunks[0].memory, t.chunks[0].bytes()
	for at := 0; at < len(entries); at += entryHeader + int(binary.LittleEndian.Uint32(entries[at:])) {
		hash := binary.LittleEndian.Uint64(entries[at+4:])
		if t.places[hash] == (place{t.first, uint32(at)}) {
			delete(t.places, hash)
		}
	}
	t.chunks[0] = chunk{}
	t.chunks = t.chunks[1:]
	t.first++
	return memory
}

// drop removes an entry from the index. Its bytes stay until its chunk is dropped.
func (t *packedPolicies) drop(arn string) { delete(t.places, maphash.String(t.seed, arn)) }

func (t *packedPolicies) limit(most int) {
	t.most = most
	for len(t.chunks) > 0 && t.size() > t.most {
		t.dropChunk().Free()
	}
}

// clear removes all entries and frees their memory.
func (t *packedPolicies) clear() {
	for _, c := range t.chunks {
		c.memory.Free()
	}
	t.places, t.chunks = nil, nil
}

// size is the approximate size in bytes.
func (t *packedPolicies) size() int {
	const place = 40 // in the index
	n := place * len(t.places)
	for _, c := range t.chunks {
		n += c.used
	}
	return n
}

// maxEntrySize returns how many bytes an entry has at most.
func maxEntrySize(arn string, list cachePolicies) int {
	const number = binary.MaxVarintLen64
	n := entryHeader + number + len(arn) + 2*number
	for _, p := range list {
		n += 6*number + len(p.Source) + len(p.Name) + len(p.Document) + len(p.Revision)
	}
	return n
}

func appendPolicies(b []byte, list cachePolicies) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, p := range list {
		b = appendPacked(b, p.Source)
		b = appendPacked(b, p.Name)
		b = appendPacked(b, p.Document)
		b = appendPacked(b, p.Revision)
		b = binary.AppendVarint(b, toMicros(p.CreatedAt))
		b = binary.AppendVarint(b, toMicros(p.UpdatedAt))
	}
	return b
}

func appendPacked(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// packedReader is the rest of an entry.
type packedReader []byte

func (r *packedReader) policies(arn string) cachePolicies {
	n := r.number()
	if n == 0 {
		return nil
	}
	list := make(cachePolicies, n)
	for i := range list {
		list[i] = Policy{
			ARN: arn, Source: r.text(), Name: r.text(), Document: r.text(), Revision: r.text(),
			CreatedAt: fromMicros(r.signed()), UpdatedAt: fromMicros(r.signed()),
		}
	}
	return list
}

func (r *packedReader) number() uint64 {
	n, length := binary.Uvarint(*r)
	*r = (*r)[length:]
	return n
}

func (r *packedReader) signed() int64 {
	n, length := binary.Varint(*r)
	*r = (*r)[length:]
	return n
}

func (r *packedReader) bytes() []byte {
	n := r.number()
	b := (*r)[:n]
	*r = (*r)[n:]
	return b
}

// text copies a string; that of SourceUser, which nearly all policies have, need not be copied.
func (r *packedReader) text() string {
	b := r.bytes()
	if string(b) == SourceUser {
		return SourceUser
	}
	return string(b)
}
