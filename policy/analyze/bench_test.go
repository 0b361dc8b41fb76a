package analyze

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/writdev/writ/policy"
)

// BenchmarkCompare also reports CPU time, which is more reliable than elapsed time on a shared machine.
func BenchmarkCompare(b *testing.B) {
	for _, kind := range []policy.Kind{policy.Identity, policy.Resource} {
		for _, n := range []int{1, 5, 20, 100} {
			b.Run(fmt.Sprintf("%v-%d", kind, n), func(b *testing.B) {
				d := newShaped(1)
				var docs [64][2]*policy.Document
				for i := range docs {
					docs[i][0], docs[i][1] = d.pair(b, n, kind)
				}
				b.ReportAllocs()
				unknown := 0
				i := 0
				before := processorTime(b)
				for b.Loop() {
					c := Compare(docs[i%64][0], docs[i%64][1], kind, Options{})
					if c.Verdict == Unknown {
						unknown++
					}
					i++
				}
				b.ReportMetric(float64(processorTime(b)-before)/float64(i), "cpu-ns/op")
				b.ReportMetric(float64(unknown)/float64(i), "unknown")
			})
		}
	}
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkWildcards(b *testing.B) {
	old := doc(b, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::`+strings.Repeat("*a?", 2000)+`"}`)
	new := doc(b, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::`+strings.Repeat("*?a", 2000)+`"}`)
	for b.Loop() {
		Compare(old, new, policy.Identity, Options{})
	}
}
