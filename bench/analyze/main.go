// Command analyze measures the time that a comparison of two policy documents takes, and
// prints the results as a Markdown table.
//
//	cd bench && go run ./analyze
package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "analyze:", err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	fmt.Fprintln(w, "| | target | measured | met |\n|---|--:|--:|---|")
	realistic(w)
	growth(w)
	adversarial(w)
	return stream(w)
}

func row(w io.Writer, name, target, measured string, met bool) {
	fmt.Fprintf(w, "| %s | %s | %s | %s |\n", name, target, measured, map[bool]string{true: "yes", false: "no"}[met])
}

// times returns the time of each pair's comparison, sorted: the shortest of three,
// because other processes share the machine.
func times(pairs [][2]*policy.Document, kind policy.Kind) (sorted []time.Duration, unknown int) {
	for _, p := range pairs {
		best := time.Hour
		var c analyze.Comparison
		for range 3 {
			start := time.Now()
			c = analyze.Compare(p[0], p[1], kind, analyze.Options{})
			best = min(best, time.Since(start))
		}
		sorted = append(sorted, best)
		if c.Verdict == analyze.Unknown {
			unknown++
		}
	}
	slices.Sort(sorted)
	return sorted, unknown
}

func realistic(w io.Writer) {
	s := shapes{rand.New(rand.NewPCG(1, 2))}
	for _, kind := range []policy.Kind{policy.Identity, policy.Resource} {
		var changed, apart, large [][2]*policy.Document
		for range 300 {
			changed = append(changed, s.pair(kind, 20))
			apart = append(apart, s.apart(kind, 20))
		}
		for range 20 {
			large = append(large, s.large(kind))
		}
		for _, set := range []struct {
			name         string
			pairs        [][2]*policy.Document
			median, most time.Duration
		}{
			{"20 statements, up to 3 changed", changed, time.Millisecond, 10 * time.Millisecond},
			{"20 statements, all others", apart, time.Millisecond, 10 * time.Millisecond},
			{"30 KB", large, 50 * time.Millisecond, 50 * time.Millisecond},
		} {
			took, unknown := times(set.pairs, kind)
			median, p99 := took[len(took)/2], took[len(took)*99/100]
			row(w, fmt.Sprintf("%v, %s: median, p99, unknown", kind, set.name), fmt.Sprintf("≤ %v, %v", set.median, set.most),
				fmt.Sprintf("%v, %v, %d of %d", median.Round(10*time.Microsecond), p99.Round(10*time.Microsecond), unknown, len(took)),
				median <= set.median && p99 <= set.most)
		}
	}
}

// growth compares the median times for documents of 10 and of 100 statements.
func growth(w io.Writer) {
	s := shapes{rand.New(rand.NewPCG(3, 4))}
	var median [2]time.Duration
	for i, n := range []int{10, 100} {
		var pairs [][2]*policy.Document
		for range 60 {
			pairs = append(pairs, s.pair(policy.Identity, n))
		}
		took, _ := times(pairs, policy.Identity)
		median[i] = took[len(took)/2]
	}
	ratio := float64(median[1]) / float64(median[0])
	row(w, "100 statements against 10, medians", "≤ 100×", fmt.Sprintf("%.1f×", ratio), ratio <= 100)
}

func adversarial(w io.Writer) {
	debug.SetMemoryLimit(64 << 20)
	defer debug.SetMemoryLimit(-1)
	pairs := hard()
	for _, name := range slices.Sorted(keysOf(pairs)) {
		p := pairs[name]
		debug.FreeOSMemory()
		done := make(chan uint64)
		stop := make(chan struct{})
		go func() { done <- mostMemory(stop) }()
		start := time.Now()
		c := analyze.Compare(p[0], p[1], policy.Identity, analyze.Options{})
		took := time.Since(start)
		close(stop)
		memory := <-done
		row(w, name+": time, most memory, verdict", "≤ 1 s, 64 MiB", fmt.Sprintf("%v, %d MiB, %v", took.Round(time.Millisecond), memory>>20, c.Verdict),
			took <= time.Second && memory <= 64<<20)
	}
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// mostMemory returns the highest heap size, garbage included, that it observes until stop
// is closed.
func mostMemory(stop chan struct{}) (most uint64) {
	for {
		select {
		case <-stop:
			return most
		case <-time.After(2 * time.Millisecond):
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
}

// stream measures writ diff --jsonl over small pairs, from the start of the process to
// its end.
func stream(w io.Writer) error {
	const lines = 50_000
	dir, err := os.MkdirTemp("", "writ-analyze")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "writ")
	build := exec.Command("go", "build", "-o", binary, "./cmd/writ")
	build.Dir, build.Stderr = "..", os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build writ: %w", err)
	}
	s := shapes{rand.New(rand.NewPCG(5, 6))}
	var in bytes.Buffer
	for i := range lines {
		p := s.pair(policy.Identity, 1+i%2)
		fmt.Fprintf(&in, `{"id":%d,"kind":"identity","old":%s,"new":%s}`+"\n", i, p[0].Source(), p[1].Source())
	}
	diff := exec.Command(binary, "diff", "--jsonl")
	var out strings.Builder
	diff.Stdin, diff.Stdout, diff.Stderr = &in, &out, os.Stderr
	start := time.Now()
	if err := diff.Run(); err != nil {
		return fmt.Errorf("writ diff: %w", err)
	}
	rate := lines / time.Since(start).Seconds()
	if n := strings.Count(out.String(), `"verdict"`); n != lines {
		return fmt.Errorf("%d of %d lines have a verdict", n, lines)
	}
	row(w, "`writ diff --jsonl`, pairs of one or two statements", "≥ 5,000/s", fmt.Sprintf("%.0f/s", rate), rate >= 5000)
	return nil
}
