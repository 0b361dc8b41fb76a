package lint

import (
	"bufio"
	"compress/gzip"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

// managed returns AWS's managed policies by name: testdata/managed.gz, which catalog/internal/build writes.
func managed(t testing.TB) map[string]string {
	f, err := os.Open("testdata/managed.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, document, _ := strings.Cut(lines.Text(), "\t")
		all[name] = document
	}
	if len(all) < 1500 {
		t.Fatalf("%d policies, %v", len(all), lines.Err())
	}
	return all
}

// knownErrors holds the errors in AWS's managed policies, with their number. They are true findings, and Access
// Analyzer reports errors with these codes in managed policies too: the detail type of events is a list,
// which requires a qualifier; AWS documents no key of that name; and the ARN of a KMS key has an account.
var knownErrors = map[string]int{
	"AWSAuditManagerAdministratorAccess MISSING_QUALIFIER":           1,
	"CloudTrailEventContext MISSING_QUALIFIER":                       1,
	"SageMakerStudioProjectProvisioningRolePolicy MISSING_QUALIFIER": 1,
	"AWSSSOServiceRolePolicy INVALID_GLOBAL_CONDITION_KEY":           2,
	"AWSRefactoringToolkitFullAccess MISSING_ARN_ACCOUNT":            2,
}

// TestManagedPolicies checks for false positives: policies that AWS publishes have no errors.
func TestManagedPolicies(t *testing.T) {
	counts, errors := map[string]int{}, map[string]int{}
	all := managed(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		doc, err := policy.Parse([]byte(all[name]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range Check(doc, Config{}) {
			counts[f.Severity.String()+" "+f.Code]++
			if f.Severity != policy.Error {
				continue
			}
			errors[name+" "+f.Code]++
			if knownErrors[name+" "+f.Code] == 0 {
				t.Errorf("%s: %v", name, f)
			}
		}
	}
	if !maps.Equal(errors, knownErrors) {
		t.Errorf("errors: %v", errors)
	}
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%5d %s", counts[code], code)
	}
}

func BenchmarkCheck(b *testing.B) {
	all := managed(b)
	names := slices.Sorted(maps.Keys(all))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		doc, err := policy.Parse([]byte(all[names[n%len(names)]]))
		if err != nil {
			b.Fatal(err)
		}
		Check(doc, Config{})
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "documents/s")
}
