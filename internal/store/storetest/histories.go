package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/writdev/writ/internal/store"
)

// A history has clients that work on a few counters, all at the same time.
const (
	clients  = 6
	eachDoes = 40
	counters = 3
)

// counts is the state of the counters.
type counts [counters]int

// step is what one client asks for: to look at all counters, or to move an
// amount from one to another and learn what it saw.
type step struct {
	look     bool
	from, to int
	amount   int
	refused  bool // it changes its mind after writing
}

// newSteps draws the steps of one client.
func newSteps(rng *rand.Rand) []step {
	steps := make([]step, eachDoes)
	for i := range steps {
		steps[i] = step{
			look: rng.IntN(3) == 0, from: rng.IntN(counters), to: rng.IntN(counters),
			amount: 1 + rng.IntN(9), refused: rng.IntN(4) == 0,
		}
	}
	return steps
}

// apply is the whole meaning of a step, for the model.
func (st step) apply(c counts) counts {
	if !st.look && !st.refused {
		c[st.from] -= st.amount
		c[st.to] += st.amount
	}
	return c
}

// run does the step for real and returns what it saw before it wrote.
func (st step) run(t *testing.T, s *store.Store) (saw counts, err error) {
	name := func(i int) counter { return counter{fmt.Sprint("counter/", i)} }
	read := func(tx *store.Tx) error {
		for i := range saw {
			if saw[i], err = name(i).read(tx); err != nil {
				return err
			}
		}
		return nil
	}
	if st.look {
		return saw, s.View(t.Context(), read)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		moved := step{from: st.from, to: st.to, amount: st.amount}.apply(saw)
		for _, i := range []int{st.from, st.to} {
			if err := name(i).write(tx, moved[i]); err != nil {
				return err
			}
		}
		if st.refused {
			return errRefused
		}
		return nil
	})
	if st.refused && errors.Is(err, errRefused) {
		err = nil
	}
	return saw, err
}

// testLinearizable records what concurrent clients saw and when, and has
// porcupine search an order of single steps that explains all of it and agrees
// with the clock: then each answer was true at one moment between its call and
// its return, also that of a View and of an Update that failed.
func testLinearizable(t *testing.T, s *store.Store) {
	update(t, s, func(tx *store.Tx) error {
		for i := range counters {
			if err := (counter{fmt.Sprint("counter/", i)}).write(tx, 0); err != nil {
				return err
			}
		}
		return nil
	})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		history []porcupine.Operation
		start   = time.Now()
	)
	for client := range clients {
		wg.Go(func() {
			for _, st := range newSteps(rand.New(rand.NewPCG(seed, uint64(client)))) {
				called := time.Since(start)
				saw, err := st.run(t, s)
				returned := time.Since(start)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				history = append(history, porcupine.Operation{
					ClientId: client, Input: st, Output: saw, Call: int64(called), Return: int64(returned),
				})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	model := porcupine.Model{
		Init: func() any { return counts{} },
		Step: func(state, input, output any) (bool, any) {
			now := state.(counts)
			return output.(counts) == now, input.(step).apply(now)
		},
	}
	if !porcupine.CheckOperations(model, history) {
		t.Errorf("no order of the %d steps explains what the clients saw", len(history))
	}
}
