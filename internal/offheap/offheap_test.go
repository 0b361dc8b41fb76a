package offheap_test

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/internal/offheap"
)

func TestMemory(t *testing.T) {
	const size = 1 << 20
	m := offheap.Allocate(size)
	if len(m.Bytes()) != size || !bytes.Equal(m.Bytes(), make([]byte, size)) {
		t.Fatalf("%d bytes, want %d zeros", len(m.Bytes()), size)
	}
	copy(m.Bytes()[size-4:], "last")
	if got := string(m.Bytes()[size-4:]); got != "last" {
		t.Errorf("read %q", got)
	}
	m.Free()
	m.Free()
	if m.Bytes() != nil {
		t.Error("freed memory can be read")
	}
}

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
		t.Skip("the size of the address space is read from /proc, which this system does not have")
	}
	pages := 0
	for _, c := range strings.Fields(string(text))[0] {
		pages = 10*pages + int(c-'0')
	}
	return pages * os.Getpagesize()
}
