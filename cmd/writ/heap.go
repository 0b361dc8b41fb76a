package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// limitHeap lets the heap of the Go runtime grow to a number of bytes before the garbage collector runs, until
// the returned function is called. In proportion to what is live, which is little, the collector would run all
// the time under load. The runtime's own limit would do the same, but near it the runtime returns memory to the
// system and takes it again, which doubles the cost of small requests; so that limit is higher, for the case
// that much more becomes live within a second.
func limitHeap(bytes int64) (stop func()) {
	h := heap{most: bytes}
	h.adjust()
	ticker, done := time.NewTicker(time.Second), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				h.adjust()
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
	}
}

// heap is the heap of the Go runtime.
type heap struct {
	most    int64 // bytes that it should have at most
	percent int   // the current setting of the collector
}

// Bounds of how much the heap may grow over what is live, in percent. The lower bound is for a heap that is
// nearly full, such as with hundreds of worlds in use: a collector that runs all the time would take half of the
// processor's time.
const (
	minGrowth = 50
	maxGrowth = 2000
)

// adjust sets how much the heap may grow over what was live when the collector last ran.
func (h *heap) adjust() {
	live := max(liveHeap(), 1<<20)
	percent := min(max(minGrowth, int((h.most-live)*100/live)), maxGrowth)
	if difference := percent - h.percent; difference*difference < h.percent*h.percent/100 {
		return // setting it stops the program for a moment
	}
	h.percent = percent
	debug.SetGCPercent(percent)
	debug.SetMemoryLimit(2 * max(h.most, live))
}

// liveHeap is how much of the heap was live when the collector last ran, in bytes.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
