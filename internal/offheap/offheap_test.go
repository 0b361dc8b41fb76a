package offheap_test

import (
	"bytes"
	"testing"

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
