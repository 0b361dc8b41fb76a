package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/aws/smithy-go"
)

// crashPoints is how many points TestCrashPoints kills the server at; CRASH_POINTS sets
// another number.
const crashPoints = 20

// maxCrashCall is the last write or flush call at which the server is killed, counted in
// each of its threads. A story makes some two hundred over all threads.
const maxCrashCall = 160

// TestCrashPoints kills the server at the Nth call with which it writes or flushes, for
// random N, while a client goes through a story of mutating operations of every service.
// After a restart the data is whole, every step that was acknowledged is there, the one
// under way is there as a whole or not at all, and none after it.
func TestCrashPoints(t *testing.T) {
	needStrace(t)
	points := crashPoints
	if text := os.Getenv("CRASH_POINTS"); text != "" {
		var err error
		if points, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	told, killed, steps := 0, 0, map[int]bool{} // steps under way when the server was killed
	for ; told < points && !t.Failed(); told++ {
		call := 1 + rand.IntN(maxCrashCall)
		if at, ok := crashAt(t, call); ok {
			killed++
			steps[at] = true
		}
	}
	t.Logf("%d stories, %d ended by a kill, within %d different steps of %d", told, killed, len(steps), len(newStory("").steps))
	if killed < told/2 {
		t.Errorf("the server was killed in %d of %d stories: the test shows little", killed, told)
	}
}

// TestStory tells the story to a server that is left alone: what a step does is not there
// before it, and there as a whole after it.
func TestStory(t *testing.T) {
	s := newStory(startWrit(t, t.TempDir()).address)
	for _, step := range s.steps {
		if done, err := step.done(t.Context()); step.name != deletingStep && (done || err != nil) {
			t.Errorf("before %s: done %v, %v", step.name, done, err)
		}
		if err := step.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if done, err := step.done(t.Context()); !done || err != nil {
			t.Errorf("after %s: done %v, %v", step.name, done, err)
		}
	}
}

// crashAt tells a story to a server that is killed at a call, and checks what is left. It
// returns the step that was under way; false if the story ended before the call.
func crashAt(t *testing.T, call int) (at int, killed bool) {
	t.Helper()
	data := t.TempDir()
	p := startWrit(t, data)
	stop := p.inject(t, diskCalls+":signal=KILL:when="+strconv.Itoa(call))
	s := newStory(p.address)
	for ; at < len(s.steps); at++ {
		err := within(t, s.steps[at].do)
		if err != nil {
			if _, answered := errors.AsType[smithy.APIError](err); answered {
				t.Errorf("call %d: %s: %v", call, s.steps[at].name, err)
			}
			break
		}
	}
	p.kill()
	stop()
	wantWhole(t, data)
	p = startWrit(t, data)
	defer p.kill()
	s.connect(p.address)
	for i, step := range s.steps {
		if by, deleted := s.deletedBy[step.name]; deleted && at >= s.step(by) {
			continue
		}
		done, err := step.done(t.Context())
		switch {
		case step.name == deletingStep && at < i: // there is nothing yet, or what is not to be deleted yet
		case err != nil:
			t.Errorf("call %d, killed within step %d (%s): %s: %v", call, at, s.steps[min(at, len(s.steps)-1)].name, step.name, err)
		case i < at && !done:
			t.Errorf("call %d: %s was acknowledged and is lost", call, step.name)
		case i > at && done:
			t.Errorf("call %d: %s was never asked for and is there", call, step.name)
		}
	}
	return at, at < len(s.steps)
}

// within runs a step. It gives up after a while: of a server that is killed, a thread may
// hold the connection open until strace lets it end.
func within(t *testing.T, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return do(ctx)
}
