// Package offheap allocates memory outside the heap of the Go runtime: for large data without pointers, whose
// size would otherwise let the heap grow, or, near the memory limit, make the garbage collector run all the
// time.
package offheap

import "runtime"

// Memory is a block of memory. Pages of it that were never written take up no memory. It is freed when it
// becomes unreachable, so its owner must refer to it while it uses Bytes.
type Memory struct {
	bytes   []byte
	cleanup runtime.Cleanup
}

// Allocate returns a block of zeros. If the system refuses it, the block is part of the heap.
func Allocate(size int) *Memory {
	bytes, err := allocate(size)
	if err != nil {
		return &Memory{bytes: make([]byte, size)}
	}
	m := &Memory{bytes: bytes}
	m.cleanup = runtime.AddCleanup(m, free, bytes)
	return m
}

// Bytes returns the block, which is valid until m is freed or unreachable.
func (m *Memory) Bytes() []byte { return m.bytes }

// Free frees the block at once.
func (m *Memory) Free() {
	if m.cleanup != (runtime.Cleanup{}) {
		m.cleanup.Stop()
		free(m.bytes)
	}
	*m = Memory{}
}
