package writ

import (
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
)

// Bounds of Config.Memory, in bytes.
const (
	DefaultMemory = 160 << 20
	MinMemory     = 72 << 20
)

// What a server takes up in any case: a heap without caches; and outside it pages of the binary that are in use,
// the runtime's own structures, and SQLite's prepared statements.
const (
	fixedHeap   = 16 << 20
	fixedMemory = 44<<20 + fixedHeap
)

// GoMemory is the size of the heap of the Go runtime for a server that may take up a number of bytes. Cached
// policies, decisions and SQLite's pages are outside the heap.
func GoMemory(memory int64) int64 { return fixedHeap + scale(memory, 32<<20) }

// memoryShares are what parts of a server may take up, in bytes.
type memoryShares struct {
	cache        int // of rows, policies and tags
	documentText int // of compiled documents, which take about four times as much
	decisions    int // of each world
	worlds       int // databases of the worlds in use; see store.Images
}

// shareMemory divides the memory of a server. What is left is for requests under way, and
// for the garbage collector to work in.
func shareMemory(memory int64) memoryShares {
	return memoryShares{
		cache:        int(scale(memory, store.DefaultCacheBytes)),
		documentText: int(scale(memory, 512<<10)),
		decisions:    int(scale(memory, trail.DefaultBytes)),
		worlds:       int(scale(memory, 32<<20)),
	}
}

// scale returns a part of what a server takes up besides, which has a number of bytes by default.
func scale(memory, byDefault int64) int64 {
	return byDefault * (clampMemory(memory) - fixedMemory) / (DefaultMemory - fixedMemory)
}

func clampMemory(memory int64) int64 {
	if memory == 0 {
		return DefaultMemory
	}
	return max(memory, MinMemory)
}
