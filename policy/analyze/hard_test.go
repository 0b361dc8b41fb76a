package analyze

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/policy"
)

// hardPairs returns pairs of documents that are expensive to compare.
func hardPairs(t testing.TB) map[string][2]*policy.Document {
	one := func(resource, condition string) *policy.Document {
		return doc(t, `{"Effect":"Allow","Action":"s3:*","Resource":`+resource+condition+`}`)
	}
	var many, values, globs []string
	for i := range 10_000 {
		values = append(values, fmt.Sprintf(`"value-%d"`, i*7919%10_000))
	}
	for i := range 600 {
		many = append(many, fmt.Sprintf(`"arn:aws:s3:::*%d*%d*%d*"`, i, i*31%97, i*17%89))
		globs = append(globs, fmt.Sprintf(`"*%c?*%c*"`, 'a'+i%26, 'a'+i*7%26))
	}
	return map[string][2]*policy.Document{
		"wildcards": {one(`"arn:aws:s3:::`+strings.Repeat("*a?", 3000)+`"`, ""), one(`"arn:aws:s3:::`+strings.Repeat("*?a", 3000)+`"`, "")},
		"overlaps":  {one("["+strings.Join(many, ",")+"]", ""), one("["+strings.Join(many[1:], ",")+`,"arn:aws:s3:::*x*y*z*"]`, "")},
		"values": {
			one(`"*"`, `,"Condition":{"StringEquals":{"k:v":[`+strings.Join(values, ",")+`]}}`),
			one(`"*"`, `,"Condition":{"StringEquals":{"k:v":[`+strings.Join(values[1:], ",")+`]}}`),
		},
		"globs": {
			one(`"*"`, `,"Condition":{"StringNotLike":{"k:v":[`+strings.Join(globs[:100], ",")+`]}}`),
			one(`"*"`, `,"Condition":{"StringNotLike":{"k:v":[`+strings.Join(globs[50:150], ",")+`]}}`),
		},
		"variables": {
			one(`"arn:aws:s3:::`+strings.Repeat("${aws:PrincipalTag/a}*${aws:PrincipalTag/b}?", 40)+`"`, ""),
			one(`"arn:aws:s3:::`+strings.Repeat("${aws:PrincipalTag/b}*${aws:PrincipalTag/a}?", 40)+`"`, ""),
		},
	}
}

// TestHardPairsEnd logs the cost of hard pairs. It tests that their comparison terminates.
func TestHardPairsEnd(t *testing.T) {
	for name, pair := range hardPairs(t) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		c := Compare(pair[0], pair[1], policy.Identity, Options{})
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		t.Logf("%s: %v (%s) in %v, %d MiB allocated", name, c.Verdict, c.Reason, took, (after.TotalAlloc-before.TotalAlloc)>>20)
		if c.Verdict == Unknown && !strings.Contains(c.Reason, "statement 0") && !strings.Contains(c.Reason, "${") {
			t.Errorf("%s: the reason %q names no statement", name, c.Reason)
		}
		if name == "values" && c.Verdict != Less {
			t.Errorf("%s: %v, want less", name, c.Verdict)
		}
	}
}
