package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
)

// answerer answers lines of a stream. It need not be safe for concurrent use.
type answerer interface {
	answer(line []byte) []byte // with its line break; valid until the next call
}

// answerStream answers each line of in with a line of out. It takes the lines
// that are there at once, so that a client that writes one line and waits for the
// answer gets it, and divides many among the processors.
func answerStream(in io.Reader, out io.Writer, newAnswerer func() answerer) error {
	debug.SetGCPercent(400) // a stream makes much garbage and keeps little
	lines := bufio.NewReaderSize(in, 1<<20)
	answerers := make([]answerer, runtime.GOMAXPROCS(0))
	for i := range answerers {
		answerers[i] = newAnswerer()
	}
	const most = 2048
	batch := make([][]byte, 0, most)
	for {
		line, err := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			batch = append(batch, line)
		}
		if lines.Buffered() == 0 || len(batch) == most || err != nil {
			if err := answerAll(answerers, batch, out); err != nil {
				return err
			}
			batch = batch[:0]
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// answerAll answers a batch of lines in their order.
func answerAll(answerers []answerer, batch [][]byte, out io.Writer) error {
	share := max(32, (len(batch)+len(answerers)-1)/len(answerers))
	answers := make([][]byte, len(answerers))
	var wait sync.WaitGroup
	for i, s := range answerers {
		from, to := min(i*share, len(batch)), min((i+1)*share, len(batch))
		wait.Go(func() {
			for _, line := range batch[from:to] {
				answers[i] = append(answers[i], s.answer(line)...)
			}
		})
	}
	wait.Wait()
	for _, a := range answers {
		if _, err := out.Write(a); err != nil {
			return err
		}
	}
	return nil
}
