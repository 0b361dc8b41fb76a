package trail

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// File is an audit file: one JSON line per request, appended. For rotation, another
// program renames the file and Reopen opens a new one.
type File struct {
	path string

	writing sync.Mutex // guards file and torn
	file    *os.File
	partial bool // the file ends with a partial line

	mu      sync.Mutex   // guards the rest; never held together with writing
	buffer  bytes.Buffer // lines to be written by flush
	failed  error        // the last write
	pending *sync.Cond   // signals that buffer is not empty, has room again, or the file is closed
	closed  bool

	closing chan struct{} // closed by Close
	done    chan struct{} // closed when all is written

	lines sync.Pool // of *line
}

// maxBuffered limits the size of the buffered lines in bytes: Add waits when it is
// reached.
const maxBuffered = 4 << 20

// flushDelay is how long a line is buffered to be written together with others: on a busy
// server one write call per line would cost more than the rest of the audit file.
const flushDelay = 5 * time.Millisecond

// OpenFile opens or creates an audit file; a new one has mode 0600.
func OpenFile(path string) (*File, error) {
	f := &File{path: path, closing: make(chan struct{}), done: make(chan struct{})}
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
	torn, err := endsWithPartialLine(file)
	if err != nil {
		return errors.Join(fmt.Errorf("audit file: %w", err), file.Close())
	}
	f.file, f.partial = file, torn
	return nil
}

// endsWithPartialLine reports whether a file ends with a partial line, which is possible
// after a power failure or a full disk. For other than regular files it is false.
func endsWithPartialLine(file *os.File) (bool, error) {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false, err
	}
	reader, err := os.Open(file.Name())
	if err != nil {
		return false, err
	}
	defer reader.Close()
	var last [1]byte
	_, err = reader.ReadAt(last[:], info.Size()-1)
	return last[0] != '\n', err
}

// Reopen opens the file again by its path, after another program has renamed it.
func (f *File) Reopen() error {
	f.writing.Lock()
	defer f.writing.Unlock()
	old := f.file
	if err := f.open(); err != nil {
		return err // the old file stays open
	}
	return old.Close()
}

// Write appends the line of a request and returns after the write call.
func (f *File) Write(e *Entry) error {
	l := f.line(e)
	defer f.lines.Put(l)
	return f.append(l.text)
}

// Add buffers the line of a request. It blocks while the buffer is full.
func (f *File) Add(e *Entry) error {
	l := f.line(e)
	defer f.lines.Put(l)
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.buffer.Len() > maxBuffered && !f.closed {
		f.pending.Wait()
	}
	if f.buffer.Len() == 0 {
		f.pending.Broadcast()
	}
	f.buffer.Write(l.text)
	failed := f.failed
	f.failed = nil
	return failed
}

// line encodes the line of a request.
func (f *File) line(e *Entry) *line {
	l, ok := f.lines.Get().(*line)
	if !ok {
		l = new(line)
	}
	l.set(e)
	return l
}

// flush writes buffered lines until the file is closed.
func (f *File) flush() {
	defer close(f.done)
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines bytes.Buffer
	for {
		for f.buffer.Len() == 0 && !f.closed {
			f.pending.Wait()
		}
		if f.buffer.Len() == 0 {
			return
		}
		f.mu.Unlock()
		select {
		case <-time.After(flushDelay):
		case <-f.closing:
		}
		f.mu.Lock()
		lines, f.buffer = f.buffer, lines
		f.pending.Broadcast()
		f.mu.Unlock()
		err := f.append(lines.Bytes())
		lines.Reset()
		f.mu.Lock()
		if err != nil {
			f.failed = err
		}
	}
}

// append writes lines; if the file ends with a partial line, it first ends that line. A
// single write call keeps lines whole even if the process is killed, unless the kernel
// had copied only a part by then.
func (f *File) append(lines []byte) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	if f.partial {
		lines = append([]byte{'\n'}, lines...)
	}
	n, err := f.file.Write(lines)
	if n > 0 {
		f.partial = lines[n-1] != '\n'
	}
	if err != nil {
		return fmt.Errorf("audit file: %w", err)
	}
	return nil
}

// Close writes the buffered lines and closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	if !f.closed {
		f.closed = true
		close(f.closing)
	}
	f.pending.Broadcast()
	f.mu.Unlock()
	<-f.done
	f.mu.Lock()
	failed := f.failed
	f.mu.Unlock()
	f.writing.Lock()
	defer f.writing.Unlock()
	return errors.Join(failed, f.file.Close())
}
