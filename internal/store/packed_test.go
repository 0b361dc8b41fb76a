package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestPackedPolicies puts, drops and reads entries at random beside a map. A table that never drops a chunk
// has exactly the entries of the map, one of little memory a part of them, and never another value.
func TestPackedPolicies(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.Just(SourceUser), rapid.Map(rapid.IntRange(0, maxEntry/3), func(n int) string {
		return strings.Repeat("x", n)
	}))
	moment := rapid.Map(rapid.Int64Range(-1<<50, 1<<50), fromMicros)
	rapid.Check(t, func(t *rapid.T) {
		large, small := newPackedPolicies(1<<30), newPackedPolicies(2*packedChunk)
		want := map[string]cacheEntry[cachePolicies]{}
		arns := rapid.SampledFrom([]string{"", "a", "b", "c", "d", "e", "f"})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				arn, entry := arns.Draw(t, "ARN"), cacheEntry[cachePolicies]{commits: rapid.Uint64().Draw(t, "commits")}
				for range rapid.IntRange(0, 2).Draw(t, "policies") {
					entry.value = append(entry.value, Policy{
						ARN: arn, Source: text.Draw(t, "source"), Name: text.Draw(t, "name"), Document: text.Draw(t, "document"),
						Revision: text.Draw(t, "revision"), CreatedAt: moment.Draw(t, "created"), UpdatedAt: moment.Draw(t, "updated"),
					})
				}
				large.put(arn, entry)
				small.put(arn, entry)
				delete(want, arn)
				if maxEntrySize(arn, entry.value) <= maxEntry {
					want[arn] = entry
				}
			},
			"drop": func(t *rapid.T) {
				arn := arns.Draw(t, "ARN")
				large.drop(arn)
				small.drop(arn)
				delete(want, arn)
			},
			"": func(t *rapid.T) {
				for _, arn := range []string{"", "a", "b", "c", "d", "e", "f"} {
					entry, exists := want[arn]
					if got, ok := large.get(arn); ok != exists || !cmp.Equal(got, entry, cmp.AllowUnexported(cacheEntry[cachePolicies]{})) {
						t.Fatalf("%q: got %v, %v; want %v, %v", arn, got, ok, entry, exists)
					}
					if got, ok := small.get(arn); ok && !cmp.Equal(got, entry, cmp.AllowUnexported(cacheEntry[cachePolicies]{})) {
						t.Fatalf("%q in little memory: got %v, want %v", arn, got, entry)
					}
				}
			},
		})
	})
}

// TestPackedPoliciesAreBounded puts more than there is room for: the newest entries stay, and a lower limit
// drops more of the others.
func TestPackedPoliciesAreBounded(t *testing.T) {
	const most = 16 * packedChunk
	table := newPackedPolicies(most)
	put := func(i int) {
		arn := fmt.Sprint("arn:", i)
		table.put(arn, cacheEntry[cachePolicies]{value: cachePolicies{{
			ARN: arn, Document: strings.Repeat("x", rand.IntN(4000)), CreatedAt: time.UnixMicro(1), UpdatedAt: time.UnixMicro(2)}}})
	}
	newest := 0
	for ; newest < 5000; newest++ {
		put(newest)
		if size := table.size(); size > most+packedChunk {
			t.Fatalf("%d bytes after %d entries, want at most %d", size, newest, most)
		}
	}
	count := len(table.places)
	if count < 1000 {
		t.Errorf("%d entries are cached, want 1,000 at least", count)
	}
	for i := range 5000 {
		if _, ok := table.get(fmt.Sprint("arn:", i)); ok != (i >= newest-count) {
			t.Fatalf("entry %d is cached: %v, of %d of the newest", i, ok, count)
		}
	}
	table.limit(most / 4)
	if size := table.size(); size > most/4 || len(table.places) == 0 {
		t.Errorf("%d bytes and %d entries after the limit was lowered to %d", size, len(table.places), most/4)
	}
}
