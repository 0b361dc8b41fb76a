package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flushFile writes a file's content to the disk, with what is needed to read it
// back. The log is written over and over in place: without its time of change a
// flush need not touch the file system's own journal.
func flushFile(f *os.File) error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
