//go:build unix

package offheap

import "golang.org/x/sys/unix"

func allocate(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
}

func free(bytes []byte) {
	if err := unix.Munmap(bytes); err != nil {
		panic(err) // the block is not one that allocate returned
	}
}
