package trail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// File is an audit file: one JSON line per request, appended. Other programs
// rotate it: they rename it and have it opened again.
type File struct {
	path string

	mu      sync.Mutex
	file    *os.File
	buffer  bytes.Buffer // lines to be written by flush
	failed  error        // the last write
	pending *sync.Cond   // buffer is not empty, has room again, or the file is closed
	closed  bool
	done    chan struct{}
}

// maxBuffered bounds the lines that wait to be written, in bytes: whoever adds
// one more waits.
const maxBuffered = 4 << 20

// OpenFile opens an audit file, or makes it, for its owner alone to read.
func OpenFile(path string) (*File, error) {
	f := &File{path: path, done: make(chan struct{})}
	f.pending = sync.NewCond(&f.mu)
	if err := f.open(); err != nil {
		return nil, err
	}
	go f.flush()
	return f, nil
}

func (f *File) open() error {
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("audit file: %w", err)
	}
	if info, err := file.Stat(); err != nil || info.IsDir() {
		return errors.Join(fmt.Errorf("audit file: %s is a folder", f.path), err, file.Close())
	}
	f.file = file
	return nil
}

// Reopen opens the file anew by its path, after another program has renamed it.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.file
	if err := f.open(); err != nil {
		return err // and the old one stays open
	}
	return old.Close()
}

// Write appends the line of a request and returns when the operating system has
// it.
func (f *File) Write(e *Entry) error {
	line, err := lineOf(e)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.write(line)
}

// Add appends the line of a request soon. It waits only while too much is to be
// written.
func (f *File) Add(e *Entry) error {
	line, err := lineOf(e)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.buffer.Len() > maxBuffered && !f.closed {
		f.pending.Wait()
	}
	f.buffer.Write(line)
	f.pending.Broadcast()
	failed := f.failed
	f.failed = nil
	return failed
}

// flush writes what Add has buffered, until the file is closed.
func (f *File) flush() {
	defer close(f.done)
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		for f.buffer.Len() == 0 && !f.closed {
			f.pending.Wait()
		}
		if f.buffer.Len() == 0 {
			return
		}
		lines := bytes.Clone(f.buffer.Bytes())
		f.buffer.Reset()
		f.pending.Broadcast()
		file := f.file
		f.mu.Unlock()
		_, err := file.Write(lines)
		f.mu.Lock()
		if errors.Is(err, os.ErrClosed) { // it was opened anew meanwhile
			err = f.write(lines)
		}
		if err != nil {
			f.failed = fmt.Errorf("audit file: %w", err)
		}
	}
}

// write is called with the mutex held. One write call makes a line whole in the
// file even if the process is killed.
func (f *File) write(lines []byte) error {
	n, err := f.file.Write(lines)
	if err == nil && n < len(lines) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("audit file: %w", err)
	}
	return nil
}

// Close writes what is left and closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	f.closed = true
	f.pending.Broadcast()
	f.mu.Unlock()
	<-f.done
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.failed, f.file.Close())
}

func lineOf(e *Entry) ([]byte, error) {
	r, err := e.Brief()
	if err != nil {
		return nil, fmt.Errorf("audit file: %w", err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("audit file: %w", err)
	}
	return b.Bytes(), nil
}
