package castest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/smithy-go"
)

// History is what clients requested and received.
type History struct {
	Unknown int // requests of unknown outcome

	first      []porcupine.Operation // the creation of the objects
	operations []porcupine.Operation
	mu         sync.Mutex
}

// Requests returns the number of requests.
func (h *History) Requests() int { return len(h.operations) }

// retryDelay is how long a client waits after a failed read, such as one of a server that is being restarted.
const retryDelay = 5 * time.Millisecond

// Run has a number of clients read and replace policies, over all servers, until each has done so a number of
// times.
func (o Objects) Run(t *testing.T, clients, each int) *History {
	h := new(History)
	for i := range o.list {
		h.first = append(h.first, porcupine.Operation{ClientId: 1 << 20, Input: input{i, true, "", o.first[i]}, Output: output{}, Call: -2, Return: -1})
	}
	var wg sync.WaitGroup
	start := time.Now()
	for client := range clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(client), uint64(start.UnixNano())))
			for n := range each {
				// A client whose request has an unknown outcome continues as another one.
				o.replace(t, h, start, rng, client, clients+client*each+n)
			}
		})
	}
	wg.Wait()
	return h
}

// replace reads a policy and replaces it. other is the client of a write of unknown outcome.
func (o Objects) replace(t *testing.T, h *History, start time.Time, rng *rand.Rand, client, other int) {
	chosen := rng.IntN(len(o.list))
	object := o.list[chosen]
	called := time.Since(start)
	seen, version, err := object.read(t.Context(), rng.IntN(o.servers))
	if err != nil {
		time.Sleep(retryDelay)
		return // a read that failed says nothing
	}
	read := porcupine.Operation{
		ClientId: client, Input: input{object: chosen}, Output: output{document: seen},
		Call: int64(called), Return: int64(time.Since(start)),
	}
	write := porcupine.Operation{ClientId: client, Call: int64(time.Since(start))}
	in := input{chosen, true, seen, object.document(fmt.Sprintf("c%dn%d", client, other))}
	err = object.write(t.Context(), rng.IntN(o.servers), in.put, version)
	write.Return = int64(time.Since(start))
	out := output{}
	api, answered := errors.AsType[smithy.APIError](err)
	switch {
	case err == nil:
	case answered && (api.ErrorCode() == "ResourcePolicyConflictException" || api.ErrorCode() == "InvalidPolicyRevisionIdException"):
		out.refused = true
	case answered && api.ErrorFault() == smithy.FaultClient:
		t.Errorf("write: %v", err)
	default:
		out.unknown, write.ClientId, write.Return = true, other, int64(time.Hour) // it may still take place
	}
	write.Input, write.Output = in, out
	h.mu.Lock()
	defer h.mu.Unlock()
	if out.unknown {
		h.Unknown++
	}
	h.operations = append(h.operations, read, write)
}
