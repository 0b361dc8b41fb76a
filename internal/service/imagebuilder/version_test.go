package imagebuilder

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]version{
		"1.2.3": {1, 2, 3}, "0.0.0": {}, "2019.12.02": {2019, 12, 2}, "1073741823.0.0": {maxNode, 0, 0},
		"x.x.x": {wildcard, wildcard, wildcard}, "1.x.x": {1, wildcard, wildcard}, "1.2.x": {1, 2, wildcard},
	} {
		if got, err := parseVersion(text); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1", "1.2", "1.2.3.4", "1.2.y", "1.2.-1", "x.2.x", "1.x.3", "x.x.0", "1.2.1073741824", "1.2.99999999999999999999"} {
		if got, err := parseVersion(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

var anyVersion = rapid.Custom(func(t *rapid.T) version {
	node := rapid.IntRange(0, 3)
	return version{node.Draw(t, "major"), node.Draw(t, "minor"), node.Draw(t, "patch")}
})

// TestVersionNext has laws: the new version is one that was asked for, it is
// new, and it is newer than all that were asked for and there.
func TestVersionNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		used := rapid.SliceOfN(anyVersion, 0, 20).Draw(t, "used")
		ask := anyVersion.Draw(t, "ask")
		for i := rapid.IntRange(0, 2).Draw(t, "first wildcard"); i < len(ask); i++ {
			ask[i] = wildcard
		}
		got, err := ask.next(used)
		if err != nil {
			t.Fatal(err)
		}
		if !ask.covers(got) || got.hasWildcard() || slices.Contains(used, got) {
			t.Fatalf("%v became %v, with %v in use", ask, got, used)
		}
		for _, u := range used {
			if ask.covers(u) && u.compare(got) >= 0 {
				t.Fatalf("%v became %v, which is not newer than %v", ask, got, u)
			}
		}
	})
	if _, err := (version{1, 2, wildcard}).next([]version{{1, 2, maxNode}}); err == nil {
		t.Error("a number above the greatest was given")
	}
}

func TestVersionRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyVersion.Draw(t, "version")
		if got, err := parseVersion(v.String()); err != nil || got != v {
			t.Fatalf("%v, printed and read: %v, %v", v, got, err)
		}
	})
}

func TestName(t *testing.T) {
	for text, want := range map[string]name{
		"arn:aws:imagebuilder:us-east-1:111122223333:image/my-web/1.0.0/12":                       {"aws", "us-east-1", "111122223333", "image", "my-web", "1.0.0", 12},
		"arn:aws-cn:imagebuilder:cn-north-1:aws:component/update-linux/x.x.x":                     {"aws-cn", "cn-north-1", "aws", "component", "update-linux", "x.x.x", 0},
		"arn:aws:imagebuilder:us-east-1:111122223333:infrastructure-configuration/my_basic-setup": {"aws", "us-east-1", "111122223333", "infrastructure-configuration", "my_basic-setup", "", 0},
	} {
		got, err := parseName(text)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		if got.String() != text {
			t.Errorf("printed %s, want %s", got, text)
		}
	}
	for _, text := range []string{
		"", "web", "arn:aws:ec2:us-east-1::image/ami-1", "arn:aws:imagebuilder:us-east-1:111122223333:image",
		"arn:aws:imagebuilder:us-east-1:111122223333:image/web/1.0.0/0", "arn:aws:imagebuilder:us-east-1:111122223333:image/web/1.0.0/01",
		"arn:aws:imagebuilder:us-east-1:111122223333:image/web/1.0.0/1/1", "arn:aws:imagebuilder:us-east-1:111122223333:image/web/1.0.0/99999999999999999999",
	} {
		if got, err := parseName(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
	if got := slug("My Web_App 2"); got != "my-web_app-2" {
		t.Errorf("slug %q", got)
	}
}
