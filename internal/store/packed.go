package store

import (
	"encoding/binary"
	"hash/maphash"
)

// packedPolicies is the cacheTable of policies. It stores each list encoded in a log of chunks, and drops the
// oldest chunk when they are full. Neither the chunks nor the index contain pointers, so the garbage collector
// does not read them: as slices of Policy, the policies on 100,000 ARNs cost a fifth of the processor time of
// reads.
type packedPolicies struct {
	most   int // bytes, approximately
	seed   maphash.Seed
	places map[uint64]place // of the entries, by the hash of their ARN
	chunks [][]byte         // the entries in the order in which they were put
	first  uint32           // the number of chunks that were dropped
}

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
	entry := t.chunks[at.chunk-t.first][at.offset:]
	r := packedReader(entry[entryHeader : entryHeader+binary.LittleEndian.Uint32(entry)])
	if string(r.bytes()) != arn {
		return cacheEntry[cachePolicies]{}, false
	}
	return cacheEntry[cachePolicies]{commits: r.number(), value: r.policies(arn)}, true
}

func (t *packedPolicies) put(arn string, entry cacheEntry[cachePolicies]) {
	t.drop(arn)
	size := entry.value.size() + len(arn)
	if size > min(maxEntry, t.most) {
		return
	}
	if t.places == nil {
		t.places = make(map[uint64]place)
	}
	last := len(t.chunks) - 1
	switch {
	case last < 0: // grows, since many stores have few policies
		t.chunks = append(t.chunks, nil)
		last++
	case len(t.chunks[last])+size > packedChunk:
		t.chunks = append(t.chunks, t.newChunk())
		last = len(t.chunks) - 1
	}
	chunk, hash := t.chunks[last], maphash.String(t.seed, arn)
	at := len(chunk)
	chunk = append(chunk, make([]byte, entryHeader)...)
	chunk = appendPacked(chunk, arn)
	chunk = binary.AppendUvarint(chunk, entry.commits)
	chunk = appendPolicies(chunk, entry.value)
	binary.LittleEndian.PutUint32(chunk[at:], uint32(len(chunk)-at-entryHeader))
	binary.LittleEndian.PutUint64(chunk[at+4:], hash)
	t.chunks[last] = chunk
	t.places[hash] = place{t.first + uint32(last), uint32(at)}
}

// newChunk returns an empty chunk: the memory of the oldest one, once there is no room for more.
func (t *packedPolicies) newChunk() []byte {
	if t.size()+packedChunk > t.most {
		return t.dropChunk()
	}
	return make([]byte, 0, packedChunk)
}

// dropChunk drops the oldest chunk, and returns its memory.
func (t *packedPolicies) dropChunk() []byte {
	chunk := t.chunks[0]
	for at := 0; at < len(chunk); at += entryHeader + int(binary.LittleEndian.Uint32(chunk[at:])) {
		hash := binary.LittleEndian.Uint64(chunk[at+4:])
		if t.places[hash] == (place{t.first, uint32(at)}) {
			delete(t.places, hash)
		}
	}
	t.chunks[0] = nil
	t.chunks = t.chunks[1:]
	t.first++
	return chunk[:0]
}

// drop removes an entry from the index. Its bytes stay until its chunk is dropped.
func (t *packedPolicies) drop(arn string) { delete(t.places, maphash.String(t.seed, arn)) }

func (t *packedPolicies) limit(most int) {
	t.most = most
	for len(t.chunks) > 0 && t.size() > t.most {
		t.dropChunk()
	}
}

func (t *packedPolicies) clear() { t.places, t.chunks = nil, nil }

// size is the approximate size in bytes.
func (t *packedPolicies) size() int {
	const place = 40 // in the index
	n := place * len(t.places)
	for _, chunk := range t.chunks {
		n += cap(chunk)
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
