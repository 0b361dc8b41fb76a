package trail

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

func entry(id string, allowed bool, texts ...string) *Entry {
	d := &authz.Decision{}
	d.Caller.Principal = policy.Principal{Kind: policy.User, ARN: "arn:aws:iam::111122223333:user/bob", Account: "111122223333"}
	d.Action, d.Target.ARN = "ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/p"
	for _, text := range texts {
		d.Policies.Identity = append(d.Policies.Identity, identity.Document{Name: "p", Text: text})
	}
	if allowed {
		d.Result = policy.Decision{Verdict: policy.Allow, Layer: policy.LayerIdentity}
	}
	return &Entry{ID: id, Time: time.Date(2026, time.November, 27, 8, 0, 0, 0, time.UTC), Operation: "ssm:GetParameter", Decisions: []*authz.Decision{d}}
}

func ids(list []*Entry) string {
	var b strings.Builder
	for _, e := range list {
		b.WriteString(e.ID + " ")
	}
	return b.String()
}

func TestRing(t *testing.T) {
	r := NewRing(3, DefaultBytes)
	for i := range 5 {
		r.Add(entry(fmt.Sprint(i), true))
	}
	if got := ids(r.Recent()); got != "4 3 2 " {
		t.Errorf("kept %s", got)
	}
	if _, ok := r.Get("1"); ok {
		t.Error("a dropped request is found")
	}
	if e, ok := r.Get("2"); !ok || e.ID != "2" {
		t.Error("a kept request is not found")
	}
	if count, size, since := r.Stats(); count != 3 || size != 3 || since.IsZero() {
		t.Errorf("kept %d of %d since %v", count, size, since)
	}
}

func TestNoRing(t *testing.T) {
	r := NewRing(0, DefaultBytes)
	r.Add(entry("1", true))
	if _, ok := r.Get("1"); ok || r.Recent() != nil || r.Subscribe() != nil {
		t.Error("a ring of no size keeps a request")
	}
}

// TestRingBytes: a text that several requests share counts once, and requests with large
// texts are limited by bytes.
func TestRingBytes(t *testing.T) {
	const size = 1000
	shared := NewRing(size, DefaultBytes)
	text := strings.Repeat("x", 1<<20)
	for i := range size {
		shared.Add(entry(fmt.Sprint(i), true, text))
	}
	if count, _, _ := shared.Stats(); count != size {
		t.Errorf("%d requests kept that share a text", count)
	}
	many := NewRing(size, DefaultBytes)
	for i := range size {
		many.Add(entry(fmt.Sprint(i), true, fmt.Sprint(i)+text))
	}
	if count, _, _ := many.Stats(); count < 5 || count > DefaultBytes>>20 {
		t.Errorf("%d requests kept of texts of 1 MiB each", count)
	}
	for many.count > 0 {
		many.dropOldest()
	}
	if many.bytes != 0 || many.documents.bytes != 0 || len(many.documents.numbers) != 0 {
		t.Errorf("an empty ring holds %d bytes, %d documents", many.bytes, len(many.documents.numbers))
	}
}

// TestRingKeepsNewest adds requests of random sizes: the ring always has the newest ones, unchanged, and as
// many as there is room for.
func TestRingKeepsNewest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size, most := rapid.IntRange(1, 200).Draw(t, "size"), rapid.IntRange(3000, 4*firstBytes).Draw(t, "bytes")
		r := NewRing(size, most)
		kept := 0 // the number of the oldest entry
		for i := range rapid.IntRange(0, 500).Draw(t, "requests") {
			e := entry(fmt.Sprint(i), true, rapid.SampledFrom([]string{"a", "b", strings.Repeat("c", 500)}).Draw(t, "policy"))
			e.ErrorCode = strings.Repeat("x", rapid.IntRange(0, 1000).Draw(t, "length"))
			before := r.count
			r.Add(e)
			if r.bytes+r.documents.bytes > most && r.count > 1 || r.count > before+1 || r.count > size {
				t.Fatalf("%d requests of %d bytes after %d; want at most %d of %d", r.count, r.bytes+r.documents.bytes, before, size, most)
			}
			kept = i - r.count + 1
			recent := r.Recent()
			if r.count == 0 {
				t.Fatal("a request that is smaller than the ring is not kept")
			}
			if !cmp.Equal(recent[0], e, cmpopts.IgnoreUnexported(authz.Decision{})) {
				t.Fatalf("the newest request is %v, want %v", recent[0], e)
			}
			for j, got := range recent {
				if got.ID != fmt.Sprint(i-j) || strings.Trim(got.ErrorCode, "x") != "" {
					t.Fatalf("request %d of the recent is %s %q, want %d", j, got.ID, got.ErrorCode, i-j)
				}
			}
		}
		for r.count > 0 {
			r.dropOldest()
		}
		if r.bytes != 0 || r.documents.bytes != 0 || kept < 0 {
			t.Errorf("an empty ring holds %d bytes, %d of policies", r.bytes, r.documents.bytes)
		}
	})
}

func TestFilter(t *testing.T) {
	r := NewRing(10, DefaultBytes)
	r.Add(entry("allowed", true))
	r.Add(entry("denied", false))
	for _, test := range []struct {
		filter Filter
		want   string
	}{
		{Filter{}, "denied allowed "},
		{Filter{Outcome: string(decision.Denied)}, "denied "},
		{Filter{Outcome: string(decision.Allowed), Service: "ssm"}, "allowed "},
		{Filter{Principal: "*user/b?b", Action: "SSM:get*", Resource: "*parameter/p"}, "denied allowed "},
		{Filter{Action: "ssm:Get"}, ""},
		{Filter{Service: "kms"}, ""},
		{Filter{Since: time.Date(2026, time.November, 27, 8, 0, 1, 0, time.UTC)}, ""},
	} {
		if got := ids(r.Select(test.filter, 10)); got != test.want {
			t.Errorf("%+v selects %q, want %q", test.filter, got, test.want)
		}
	}
	if got := ids(r.Select(Filter{}, 1)); got != "denied " {
		t.Errorf("one request: %s", got)
	}
}

// TestStalledSubscriber: the ring ends the subscription of a subscriber that does not
// read.
func TestStalledSubscriber(t *testing.T) {
	r := NewRing(10, DefaultBytes)
	stalled, reading := r.Subscribe(), r.Subscribe()
	for i := range backlog + 2 {
		r.Add(entry(fmt.Sprint(i), true))
		if e := <-reading.Entries; e.ID != fmt.Sprint(i) {
			t.Fatalf("received %s, want %d", e.ID, i)
		}
	}
	n := 0
	for range stalled.Entries {
		n++
	}
	if n != backlog {
		t.Errorf("received %d requests before the end, want %d", n, backlog)
	}
	reading.Close()
	reading.Close()
	if len(r.subscribers) != 0 {
		t.Errorf("%d subscribers are left", len(r.subscribers))
	}
}
