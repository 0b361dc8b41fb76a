package main

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A report collects the Markdown that is written to standard output at the end.
type report struct{ strings.Builder }

func (r *report) line(format string, a ...any) { fmt.Fprintf(r, format+"\n", a...) }

// heading writes when and on which machine the figures were measured.
func (r *report) heading(directory string) {
	r.line("# Writ, measured %s\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"))
	r.line("%s, %d cores, %s, %s; data on %s.\n", fieldOf("/proc/cpuinfo", "model name"), runtime.NumCPU(), kernel(), runtime.Version(), fileSystem(directory))
}

// contests writes a table with a row per number of connections and contender. The first
// contender is the reference for the others.
func (r *report) contests(title string, contenders []contender, connections []int, medians [][]outcome) {
	r.line("## %s\n", title)
	r.line("| connections | | per second | of %s | median | 99 %% | server CPU each | generator busy |", contenders[0].name)
	r.line("|--:|---|--:|--:|--:|--:|--:|--:|")
	for i, n := range connections {
		for j, c := range contenders {
			o := medians[i][j]
			if o.failure != nil {
				why, _, _ := strings.Cut(o.failure.Error(), "\n")
				r.line("| %d | %s | failed: %s | | | | | |", n, c.name, strings.ReplaceAll(why, "|", "¦"))
				continue
			}
			cpu, busy, of := "", "", ""
			if medians[i][0].failure == nil {
				of = ratio(o.rate / medians[i][0].rate)
			}
			if o.serverCPU > 0 {
				cpu, busy = micros(o.serverCPU), fmt.Sprintf("%.0f %%", 100*o.generatorCPU)
			}
			r.line("| %d | %s | %.0f | %s | %s | %s | %s | %s |", n, c.name, o.rate, of, micros(o.p50), micros(o.p99), cpu, busy)
		}
	}
	r.line("")
}

// ratio formats a percentage, or a multiple from 2 on.
func ratio(x float64) string {
	if x >= 2 {
		return fmt.Sprintf("%.1f×", x)
	}
	return fmt.Sprintf("%.0f %%", 100*x)
}

func micros(d time.Duration) string {
	if d >= 5*time.Millisecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.0f µs", d.Seconds()*1e6)
}

func mebibytes(bytes int) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func medianOf[T any, N cmp.Ordered](values []T, number func(T) N) N {
	numbers := make([]N, len(values))
	for i, v := range values {
		numbers[i] = number(v)
	}
	return median(numbers)
}

// fieldOf returns the first value of "name: value" in a file of /proc.
func fieldOf(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown kernel"
	}
	return "Linux " + strings.TrimSpace(string(release))
}

// fileSystem names the file system of the directory; on tmpfs fsync does nothing and
// durable figures are meaningless.
func fileSystem(directory string) string {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(directory, &stat); err != nil {
		return "an unknown file system"
	}
	names := map[int64]string{0xEF53: "ext4", 0x9123683E: "btrfs", 0x58465342: "xfs", 0x794C7630: "overlayfs", 0x2FC12FC1: "zfs",
		0x01021994: "tmpfs (fsync does nothing there: durable figures are meaningless)"}
	if name, ok := names[int64(stat.Type)]; ok {
		return name
	}
	return fmt.Sprintf("file system type %#x", stat.Type)
}
