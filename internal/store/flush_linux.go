package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flushFile writes a file's content to the disk, with the metadata that reading it
// requires. The log is overwritten in place: without its modification time a flush need
// not write the file system's journal.
func flushFile(f *os.File) error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
