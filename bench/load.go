package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A round is one measurement: one generator process that sends requests to one server.
type round struct {
	Requests int // answered within the measured time
	Answered int // including the warm-up and the last request of each connection
	Seconds  float64
	P50, P99 time.Duration
	OwnCPU   time.Duration // used by the generator itself, warm-up included
}

func (r round) rate() float64 { return float64(r.Requests) / r.Seconds }

// workloads are the requests that a generator can send, by name: each signs as many
// requests as the round chooses from at random, for as many images or parameters as the
// server has.
var workloads = map[string]func(s *signer, items int) [][]byte{
	"get": func(s *signer, items int) [][]byte { return each(items, s.getPolicy) },
	"put": func(s *signer, items int) [][]byte {
		return each(4096, func(i int) []byte { return s.putPolicy(i%items, rand.IntN(1e9)) })
	},
	"get-parameter": func(s *signer, items int) [][]byte { return each(items, s.getParameter) },
	"get-secure":    func(s *signer, items int) [][]byte { return each(items, s.getSecure) },
	"put-parameter": func(s *signer, items int) [][]byte {
		return each(4096, func(i int) []byte { return s.putParameter(i%items, rand.IntN(1e9)) })
	},
	"validate-policy":     func(s *signer, _ int) [][]byte { return each(4096, s.validatePolicy) },
	"check-no-new-access": func(s *signer, _ int) [][]byte { return each(4096, s.checkNoNewAccess) },
	"list-findings":       func(s *signer, _ int) [][]byte { return each(1, s.listFindings) },
	"sign":                func(s *signer, _ int) [][]byte { return each(1, s.sign) },
	"web-identity":        func(s *signer, _ int) [][]byte { return each(1, s.webIdentity) },
	"create-image":        func(s *signer, _ int) [][]byte { return each(1<<15, s.createImage) },
	"identity":            func(s *signer, _ int) [][]byte { return [][]byte{s.callerIdentity()} },
}

// each returns n requests.
func each(n int, request func(i int) []byte) [][]byte {
	requests := make([][]byte, n)
	for i := range requests {
		requests[i] = request(i)
	}
	return requests
}

// loadMain is the generator process: every connection sends a request, waits for the
// response and sends the next. It signs all requests before the measurement starts, runs
// on one thread to leave the machine to the server, and prints a round as JSON.
func loadMain(arguments []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	address := flags.String("address", "", "server to load")
	var as credentials
	flags.StringVar(&as.id, "key", "", "id of the access key to sign with")
	flags.StringVar(&as.secret, "secret", "", "secret of the access key")
	flags.StringVar(&as.token, "token", "", "token of the session, if the access key is a session's")
	name := flags.String("workload", "", "what to send: "+strings.Join(slices.Sorted(maps.Keys(workloads)), ", "))
	items := flags.Int("items", 1, "images or parameters that the server has")
	connections := flags.Int("connections", 1, "connections that send at the same time")
	duration := flags.Duration("duration", time.Second, "measured time; a warm-up of a fifth of it precedes it")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	workload, ok := workloads[*name]
	if !ok {
		return fmt.Errorf("no workload %q", *name)
	}
	runtime.GOMAXPROCS(1)
	requests := workload(newSigner(*address, as), *items)
	runtime.GC()

	before := ownCPU()
	r, err := load(*address, requests, *connections, *duration/5, *duration)
	if err != nil {
		return err
	}
	r.OwnCPU = ownCPU() - before
	return json.NewEncoder(os.Stdout).Encode(r)
}

// answerWait limits the time after the end of a round in which a server may answer
// requests that were sent before.
const answerWait = 30 * time.Second

func load(address string, requests [][]byte, connections int, warmUp, duration time.Duration) (round, error) {
	start := time.Now().Add(warmUp)
	end := start.Add(duration)
	latencies := make([][]time.Duration, connections)
	answered := make([]int, connections)
	failures := make([]error, connections)
	var running sync.WaitGroup
	for i := range connections {
		running.Go(func() {
			c := &conn{address: address, deadline: end.Add(answerWait)}
			defer c.close()
			for sent := time.Now(); sent.Before(end); {
				if _, failures[i] = c.exchange(requests[rand.IntN(len(requests))]); failures[i] != nil {
					return
				}
				answered[i]++
				now := time.Now()
				if sent.After(start) && now.Before(end) {
					latencies[i] = append(latencies[i], now.Sub(sent))
				}
				sent = now
			}
		})
	}
	running.Wait()
	if err := errors.Join(failures...); err != nil {
		return round{}, err
	}
	all := slices.Concat(latencies...)
	if len(all) == 0 {
		return round{}, fmt.Errorf("no answer within %v", duration)
	}
	slices.Sort(all)
	r := round{Requests: len(all), Seconds: duration.Seconds(), P50: all[len(all)/2], P99: all[len(all)*99/100]}
	for _, n := range answered {
		r.Answered += n
	}
	return r, nil
}

// ownCPU is the processor time of this process.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
