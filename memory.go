package writ

import (
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
)

// Bounds of Config.Memory, in bytes.
const (
	DefaultMemory = 256 << 20
	MinMemory     = 48 << 20
)

// GoMemory is the memory limit of the Go runtime for a server that may take up a number of
// bytes: SQLite has its pages and its statements beside it.
func GoMemory(memory int64) int64 { return clampMemory(memory)*7/8 - statementMemory }

// statementMemory is what the prepared statements of all connections take up, about.
const statementMemory = 8 << 20

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
	share := func(most int64) int { return int(most * clampMemory(memory) / DefaultMemory) }
	return memoryShares{cache: share(store.DefaultCacheBytes), documentText: share(1 << 20), decisions: share(trail.DefaultBytes), worlds: share(64 << 20)}
}

func clampMemory(memory int64) int64 {
	if memory == 0 {
		return DefaultMemory
	}
	return max(memory, MinMemory)
}
