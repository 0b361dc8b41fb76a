package decision_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/decision"
)

// TestAppendBrief compares the line of a brief record with the output of encoding/json.
func TestAppendBrief(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawBrief(t)
		r.Children = rapid.SliceOfN(rapid.Custom(drawBrief), 0, 2).Draw(t, "children")
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
		got := append(decision.AppendBrief(nil, &r), '\n')
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("(-encoding/json +AppendBrief):\n%s", diff)
		}
	})
}

// drawBrief draws a record with every member that a brief record can have.
func drawBrief(t *rapid.T) decision.Record {
	text := rapid.OneOf(rapid.Just(""), rapid.Just("arn:aws:iam::111122223333:user/bob"), rapid.Just("<\"\\\u2028\x00\xff>"), rapid.String())
	texts := rapid.SliceOfN(text, 0, 3)
	tags := rapid.MapOfN(text, text, 0, 3)
	draw := func(name string) string { return text.Draw(t, name) }
	r := decision.Record{
		Version: decision.Version, ID: draw("id"), Time: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC(),
		LatencyMicros: rapid.Int64Range(0, 1e9).Draw(t, "latency"), Operation: draw("operation"), ErrorCode: draw("error"), Replaces: rapid.Bool().Draw(t, "replaces"),
		Outcome: decision.Outcome(draw("outcome")), Verdict: draw("verdict"), DecidedBy: append([]string{}, texts.Draw(t, "decided by")...), Sentence: draw("sentence"),
		Caller: decision.Caller{
			Type: draw("type"), ARN: draw("arn"), Account: draw("account"), UserID: draw("user id"), Issuer: draw("issuer"),
			SourceIdentity: draw("source identity"), SessionTags: tags.Draw(t, "tags"),
		},
		Action: draw("action"), Resource: draw("resource"), ResourceAccount: draw("owner"), Context: []decision.ContextKey{},
	}
	for range rapid.IntRange(0, 3).Draw(t, "keys") {
		r.Context = append(r.Context, decision.ContextKey{Key: draw("key"), Values: texts.Draw(t, "values"), Absent: rapid.Bool().Draw(t, "absent")})
	}
	return r
}

// TestAppendBriefEscapes has each byte at each position of a text among characters that need no escape.
func TestAppendBriefEscapes(t *testing.T) {
	for length := 1; length < 20; length++ {
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte("a"), length)
				text[at] = byte(c)
				r := decision.Record{Context: []decision.ContextKey{}, DecidedBy: []string{string(text)}}
				var want bytes.Buffer
				enc := json.NewEncoder(&want)
				enc.SetEscapeHTML(false)
				if err := enc.Encode(r); err != nil {
					t.Fatal(err)
				}
				if got := decision.AppendBrief(nil, &r); string(got) != string(bytes.TrimSpace(want.Bytes())) {
					t.Fatalf("%q: got %s, want %s", text, got, want.Bytes())
				}
			}
		}
	}
}
