package trail

import "testing"

// BenchmarkLine makes the line of an audit file.
func BenchmarkLine(b *testing.B) {
	e := entry("1", true)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := lineOf(e); err != nil {
			b.Fatal(err)
		}
	}
}
