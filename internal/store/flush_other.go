//go:build !linux

package store

import "os"

// flushFile writes a file to the disk; on macOS past the drive's own cache.
func flushFile(f *os.File) error { return f.Sync() }
