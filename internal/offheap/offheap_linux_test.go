package offheap_test

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/internal/offheap"
)

// TestUnreachable drops memory without freeing it: the collector frees it.
func TestUnreachable(t *testing.T) {
	const size, blocks = 64 << 20, 20
	before := mapped(t)
	for range blocks {
		offheap.Allocate(size)
	}
	for range 100 {
		runtime.GC()
		if mapped(t) < before+size*blocks/2 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d bytes are mapped, %d before", mapped(t), before)
}

// mapped returns the size of the process's address space in bytes.
func mapped(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, c := range strings.Fields(string(text))[0] {
		pages = 10*pages + int(c-'0')
	}
	return pages * os.Getpagesize()
}
