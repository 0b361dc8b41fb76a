package trail

import (
	"testing"

	"github.com/writdev/writ/internal/authz"
)

// BenchmarkLine makes the line of an audit file.
func BenchmarkLine(b *testing.B) {
	e := entry("1", true)
	e.Decisions[0].Keys = &authz.RequestKeys{Time: e.Time, Region: "us-east-1", UserAgent: "aws-cli/2.31.0 md/awscrt#0.28.1 ua/2.1 os/linux#6.13", RemoteAddr: "127.0.0.1:4711"}
	b.ReportAllocs()
	l := new(line)
	for b.Loop() {
		l.set(e)
	}
}

// BenchmarkAdd adds a request to a full ring.
func BenchmarkAdd(b *testing.B) {
	r := NewRing(100, DefaultBytes)
	e := entry("1", true, "policy 1", "policy 2")
	b.ReportAllocs()
	for b.Loop() {
		r.Add(e)
	}
}
